//! cell: a variable shared between a function and the functions inside it.

use crate::core::{PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&crate::native::TypeDef] = &[Cell::DEF];

/// The payload of cell.
#[derive(taipan_macros::Trace)]
pub struct Cell {
    /// The contents, if there are any.
    pub value: PyCell<Option<Value>>,
}

impl Cell {
    /// A payload.
    pub const fn holding(value: Option<Value>) -> Self {
        Self { value: PyCell::new(value) }
    }
}

/// Create a new cell object.
#[taipan_macros::class(name = "cell", module = "builtins", flags(GC), sig = "([contents])")]
impl Cell {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("cell() takes no keyword arguments"));
        }
        match args.all {
            [] => Ok(Ref::new(Cell::holding(None)).into_value()),
            [v] => Ok(Ref::new(Cell::holding(Some(v.clone()))).into_value()),
            more => Err(vm.type_error(format!("cell expected at most 1 argument, got {}", more.len()))),
        }
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Cell>) -> R {
        let id = Ref::value(this).id();
        Ok(crate::types::str::from_str(&match this.value.get() {
            Some(v) => format!("<cell at {id:#x}: {} object at {:#x}>", v.ty().name(), v.id()),
            None => format!("<cell at {id:#x}: empty>"),
        }))
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Cell>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<Cell>() else { return Ok(Value::NOT_IMPLEMENTED) };
        match (this.value.get(), o.value.get()) {
            (Some(a), Some(b)) => vm.compare(&a, &b, op),
            (a, b) => Ok(Value::bool(op.matches(a.is_some().cmp(&b.is_some())))),
        }
    }

    #[getter]
    fn cell_contents(vm: &Vm, this: &Ref<Cell>) -> R {
        this.value.get().ok_or_else(|| vm.value_error("Cell is empty"))
    }

    #[setter]
    fn set_cell_contents(_vm: &Vm, this: &Ref<Cell>, value: Option<&Value>) -> R<()> {
        this.value.set(value.cloned());
        Ok(())
    }
}

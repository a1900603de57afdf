//! The class Row.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::types::{int, list};
use taipan_runtime::vm::Vm;

use super::cursor::Cursor;

/// The payload of Row.
#[derive(Trace)]
pub struct Row {
    data: Value,
    description: Value,
}

/// A row of a cursor.
pub fn of_cursor(_vm: &Vm, cursor: &Ref<Cursor>, data: Value) -> R {
    Ok(Ref::new(Row {
        data,
        description: cursor.description.get(),
    })
    .into_value())
}

impl Row {
    fn items(&self) -> &[Value] {
        self.data.downcast::<Tuple>().map_or(&[], |t| t.as_slice())
    }

    fn names(&self) -> impl Iterator<Item = Value> + '_ {
        let columns = self
            .description
            .downcast::<Tuple>()
            .map_or(&[][..], |t| t.as_slice());
        columns
            .iter()
            .filter_map(|c| c.downcast::<Tuple>()?.as_slice().first().cloned())
    }
}

/// Whether names of columns are the same: case does not count in ASCII.
fn same_name(a: &Str, b: &Str) -> bool {
    let lower = |c: u32| if (65..=90).contains(&c) { c + 32 } else { c };
    a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| lower(a) == lower(b))
}

#[class(
    name = "Row",
    module = "sqlite3",
    flags(BASETYPE, GC),
    sig = "(cursor, data, /)"
)]
impl Row {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, cursor: &Ref<Cursor>, data: &Ref<Tuple>) -> R {
        let row = Self {
            data: data.to_value(),
            description: cursor.description.get(),
        };
        Ok(Ref::new_of(cls, row).into_value())
    }

    #[slot]
    fn len(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.items().len()
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<Self>) -> R {
        vm.iter(&this.data)
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<Self>, index: isize) -> R {
        vm.getitem(&this.data, &Value::from(index))
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        if let Some(name) = key.downcast::<Str>() {
            for (i, n) in this.names().enumerate() {
                if n.downcast::<Str>().is_some_and(|n| same_name(n, name)) {
                    return vm.getitem(&this.data, &Value::from(i));
                }
            }
            return Err(vm.index_error("No item with that key"));
        }
        if let Some(n) = int::get(key) {
            if n.to_i64().is_none() {
                return Err(vm.index_error("cannot fit 'int' into an index-sized integer"));
            }
            return vm.getitem(&this.data, key);
        }
        if taipan_runtime::types::slice::is_slice(key) {
            return vm.getitem(&this.data, key);
        }
        Err(vm.index_error("Index must be int or string"))
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        Ok(vm.hash(&this.description)? ^ vm.hash(&this.data)?)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let (Some(other), true) = (other.downcast::<Row>(), matches!(op, CmpOp::Eq | CmpOp::Ne))
        else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        let same =
            vm.eq(&this.description, &other.description)? && vm.eq(&this.data, &other.data)?;
        Ok(Value::bool(same == matches!(op, CmpOp::Eq)))
    }

    /// Returns the keys of the row.
    #[method(sig = "()")]
    fn keys(_vm: &Vm, this: &Ref<Self>) -> Value {
        list::from_vec(this.names().collect()).into_value()
    }
}

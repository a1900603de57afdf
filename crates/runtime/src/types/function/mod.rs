//! function: code with its globals, defaults and closure.

mod methods;
pub mod bind;

use std::cell::Cell;

pub use self::methods::TYPES;

use crate::core::{PyCell, R, Ref, Value};
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::vm::{Vm, names};

/// The payload of function.
#[derive(taipan_macros::Trace)]
pub struct Function {
    /// `__code__`
    pub code: PyCell<Ref<Code>>,
    /// `__globals__`
    pub globals: Ref<Dict>,
    /// `__builtins__`, looked up when the function was made.
    pub builtins: Ref<Dict>,
    /// The argument count of a call that needs no binding (see [`Code::simple_argc`]).
    pub simple_argc: Cell<u32>,
    /// Changes when code or defaults change.
    pub version: Cell<u32>,
    /// `__closure__`, a tuple of cells or None.
    pub closure: PyCell<Value>,
    /// `__defaults__`, a tuple or None.
    pub defaults: PyCell<Value>,
    /// `__kwdefaults__`, a dict or None.
    pub kwdefaults: PyCell<Value>,
    /// `__name__`
    pub name: PyCell<Value>,
    /// `__qualname__`
    pub qualname: PyCell<Value>,
    /// `__module__`
    pub module: PyCell<Value>,
    /// `__doc__`, once it was asked for or set: until then the code has it.
    pub doc: PyCell<Option<Value>>,
    /// `__annotations__` once made.
    pub annotations: PyCell<Option<Value>>,
    /// `__annotate__`, a function or None.
    pub annotate: PyCell<Value>,
    /// `__type_params__`, a tuple or empty.
    pub type_params: PyCell<Option<Value>>,
    /// `__dict__` once made.
    pub dict: PyCell<Option<Ref<Dict>>>,
    /// Code objects that `__code__` was before, a chain of pairs: calls of them may still run.
    pub(super) retired: PyCell<Option<Value>>,
}

/// A function of `code` in a namespace.
pub fn new(vm: &Vm, code: Ref<Code>, globals: Ref<Dict>) -> R<Ref<Function>> {
    let builtins = vm.builtins_of(&globals)?;
    let module = globals.get_name(&names().__name__).unwrap_or(Value::NONE);
    Ok(Ref::new(Function {
        simple_argc: Cell::new(code.simple_argc),
        version: Cell::new(0),
        closure: PyCell::new(Value::NONE),
        defaults: PyCell::new(Value::NONE),
        kwdefaults: PyCell::new(Value::NONE),
        name: PyCell::new(code.name.clone()),
        qualname: PyCell::new(code.qualname.clone()),
        module: PyCell::new(module),
        doc: PyCell::new(None),
        annotations: PyCell::new(None),
        annotate: PyCell::new(Value::NONE),
        type_params: PyCell::new(None),
        dict: PyCell::new(None),
        retired: PyCell::new(None),
        code: PyCell::new(code),
        globals,
        builtins,
    }))
}

impl Function {
    /// `__doc__`
    pub fn doc(&self) -> Value {
        self.doc.get().unwrap_or_else(|| self.code.get().doc())
    }
}

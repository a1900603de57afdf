//! ImportError, NameError and AttributeError: they know the name that was not found.

use super::base::{BaseException, ExceptionPayload};
use super::declare::{exception, simple};
use super::simple::EXCEPTION;
use crate::core::{PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::str::{self, Str};
use crate::types::tuple;
use crate::vm::Vm;

exception! {
    /// A module, or a name in it, can't be imported.
    class "ImportError", IMPORT_ERROR, ImportError: EXCEPTION;
    members {
        msg set_msg "exception message"
        name set_name "module name"
        path set_path "module path"
        name_from set_name_from "name imported from module"
    }
    fields {}

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.set_positional(args.positional());
        take_named(vm, "ImportError", args, [("name", &this.name), ("path", &this.path), ("name_from", &this.name_from)])?;
        this.msg.set(match args.positional() {
            [msg] => Some(msg.clone()),
            _ => None,
        });
        Ok(())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        match this.msg.get() {
            Some(msg) if msg.downcast_exact::<Str>().is_some() => Ok(msg),
            _ => this.base.text(vm),
        }
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let (cls, args) = (this.ty().to_value(), this.base.args().into_value());
        Ok(match state(&this.base, [("name", &this.name), ("path", &this.path), ("name_from", &this.name_from)]) {
            Some(state) => tuple::from_array([cls, args, state.into_value()]).into_value(),
            None => tuple::from_array([cls, args]).into_value(),
        })
    }
}

exception! {
    /// A name is not defined.
    class "NameError", NAME_ERROR, NameError: EXCEPTION;
    members {
        name set_name "name"
    }
    fields {}

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.set_positional(args.positional());
        take_named(vm, "NameError", args, [("name", &this.name)])
    }
}

exception! {
    /// An attribute is not there.
    class "AttributeError", ATTRIBUTE_ERROR, AttributeError: EXCEPTION;
    members {
        obj set_obj "object"
        name set_name "name"
    }
    fields {}

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.set_positional(args.positional());
        take_named(vm, "AttributeError", args, [("name", &this.name), ("obj", &this.obj)])
    }

    #[method(sig = "()")]
    fn __getstate__(_vm: &Vm, this: &Ref<Self>) -> Ref<Dict> {
        getstate(this)
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let (cls, args) = (this.ty().to_value(), this.base.args().into_value());
        Ok(tuple::from_array([cls, args, getstate(this).into_value()]).into_value())
    }
}

impl ImportError {
    /// A new exception about a module.
    pub fn with(msg: &str, name: Value, path: Value) -> Ref<Self> {
        let msg = str::from_str(msg);
        let e = Self::around(BaseException::with_args(std::slice::from_ref(&msg)));
        e.msg.set(Some(msg));
        e.name.set(Some(name));
        e.path.set(Some(path));
        Ref::new(e)
    }
}

impl NameError {
    /// A new exception about a name.
    pub fn with(msg: &str, name: Value) -> Ref<Self> {
        let e = Self::around(BaseException::with_args(&[str::from_str(msg)]));
        e.name.set(Some(name));
        Ref::new(e)
    }
}

impl AttributeError {
    /// A new exception about an attribute of an object.
    pub fn with(msg: &str, obj: Value, name: Value) -> Ref<Self> {
        let e = Self::around(BaseException::with_args(&[str::from_str(msg)]));
        e.obj.set(Some(obj));
        e.name.set(Some(name));
        Ref::new(e)
    }
}

/// The object is left out: it may be impossible to pickle.
fn getstate(e: &AttributeError) -> Ref<Dict> {
    let state = state(&e.base, [("name", &e.name)]).unwrap_or_else(|| Ref::new(Dict::new()));
    state.set_str("args", e.base.args().into_value());
    state
}

/// A copy of the instance's dictionary with the members that are set; `None` if there is nothing.
fn state<const N: usize>(base: &BaseException, members: [(&str, &PyCell<Option<Value>>); N]) -> Option<Ref<Dict>> {
    let mut state = base.dict_opt().map(|d| d.copy());
    for (name, member) in members {
        if let Some(v) = member.get() {
            state.get_or_insert_with(|| Ref::new(Dict::new())).set_str(name, v);
        }
    }
    state
}

/// Sets the members that are given by name, and unsets the others.
///
/// Raises TypeError for other names.
fn take_named<const N: usize>(
    vm: &Vm,
    function: &str,
    args: Args<'_>,
    members: [(&str, &PyCell<Option<Value>>); N],
) -> R<()> {
    let mut values = [const { None }; N];
    for (key, value) in args.named() {
        let key = vm.str_lossy(key);
        match members.iter().position(|(name, _)| *name == key) {
            Some(i) => values[i] = Some(value.clone()),
            None if args.names.len() > N => {
                let s = if N == 1 { "" } else { "s" };
                let given = args.names.len();
                return Err(vm.type_error(format!("{function}() takes at most {N} keyword argument{s} ({given} given)")));
            }
            None => return Err(vm.type_error(format!("{function}() got an unexpected keyword argument '{key}'"))),
        }
    }
    for ((_, member), value) in members.into_iter().zip(values) {
        member.set(value);
    }
    Ok(())
}

/// `ModuleNotFoundError`.
mod module_not_found {
    use super::{IMPORT_ERROR, ImportError, simple};

    simple! {
        ImportError;
        "ModuleNotFoundError" MODULE_NOT_FOUND_ERROR: IMPORT_ERROR, "There is no such module.";
    }
}

/// `UnboundLocalError`.
mod unbound_local {
    use super::{NAME_ERROR, NameError, simple};

    simple! {
        NameError;
        "UnboundLocalError" UNBOUND_LOCAL_ERROR: NAME_ERROR, "A local variable has no value yet.";
    }
}

pub use module_not_found::MODULE_NOT_FOUND_ERROR;
pub use unbound_local::UNBOUND_LOCAL_ERROR;

pub(super) const SUBCLASSES: [&[&crate::native::TypeDef]; 2] = [module_not_found::TYPES, unbound_local::TYPES];

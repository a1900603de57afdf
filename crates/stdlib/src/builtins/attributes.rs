//! Attributes, identity, classes.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list;
use taipan_runtime::types::object;
use taipan_runtime::vm::{Vm, names};

/// Return whether the object can be called.
#[function(sig = "(obj, /)")]
pub fn callable(_vm: &Vm, obj: &Value) -> bool {
    obj.ty().slots().call.is_some()
}

/// Delete the named attribute from the given object.
#[function(sig = "(obj, name, /)")]
pub fn delattr(vm: &Vm, obj: &Value, name: &Value) -> R<()> {
    vm.del_attr(obj, &vm.attr_name(name)?)
}

/// Set the named attribute on the given object to the specified value.
#[function(sig = "(obj, name, value, /)")]
pub fn setattr(vm: &Vm, obj: &Value, name: &Value, value: &Value) -> R<()> {
    vm.set_attr(obj, &vm.attr_name(name)?, value)
}

/// Get a named attribute from an object; a default can be given for what is not there.
#[function]
pub fn getattr(vm: &Vm, args: Args<'_>) -> R {
    if !args.names.is_empty() {
        return Err(vm.type_error("getattr() takes no keyword arguments"));
    }
    match args.all {
        [obj, name] => vm.get_attr(obj, &vm.attr_name(name)?),
        [obj, name, default] => Ok(vm.get_attr_opt(obj, &vm.attr_name(name)?)?.unwrap_or_else(|| default.clone())),
        more if more.len() < 2 => Err(vm.type_error(format!("getattr expected at least 2 arguments, got {}", more.len()))),
        more => Err(vm.type_error(format!("getattr expected at most 3 arguments, got {}", more.len()))),
    }
}

/// Return whether the object has an attribute with the given name.
#[function(sig = "(obj, name, /)")]
pub fn hasattr(vm: &Vm, obj: &Value, name: &Value) -> R<bool> {
    Ok(vm.get_attr_opt(obj, &vm.attr_name(name)?)?.is_some())
}

/// Return the hash value for the given object.
#[function(sig = "(obj, /)")]
pub fn hash(vm: &Vm, obj: &Value) -> R<i64> {
    vm.hash(obj)
}

/// Return the identity of an object.
#[function(sig = "(obj, /)")]
pub fn id(_vm: &Vm, obj: &Value) -> Value {
    Value::from(obj.id())
}

/// Return whether an object is an instance of a class or of a subclass thereof.
#[function(sig = "(obj, class_or_tuple, /)")]
pub fn isinstance(vm: &Vm, obj: &Value, class_or_tuple: &Value) -> R<bool> {
    object::isinstance(vm, obj, class_or_tuple)
}

/// Return whether 'cls' is derived from another class or is the same class.
#[function(sig = "(cls, class_or_tuple, /)")]
pub fn issubclass(vm: &Vm, cls: &Value, class_or_tuple: &Value) -> R<bool> {
    object::issubclass(vm, cls, class_or_tuple)
}

/// Return the canonical string representation of the object.
#[function(sig = "(obj, /)")]
pub fn repr(vm: &Vm, obj: &Value) -> R {
    vm.repr(obj)
}

/// Return an ASCII-only representation of an object.
#[function(sig = "(obj, /)")]
pub fn ascii(vm: &Vm, obj: &Value) -> R {
    vm.ascii(obj)
}

/// Return type(value).__format__(value, format_spec).
#[function(sig = "(value, format_spec='', /)")]
pub fn format(vm: &Vm, value: &Value, format_spec: Option<&Value>) -> R {
    match format_spec {
        None => vm.format(value, &taipan_runtime::types::str::from_str("")),
        Some(s) if s.downcast::<taipan_runtime::types::str::Str>().is_some() => vm.format(value, s),
        Some(s) => Err(vm.type_error(format!("format() argument 2 must be str, not {}", s.ty().tp_name()))),
    }
}

/// Show attributes of an object; without one, the names in the current scope.
#[function]
pub fn dir(vm: &Vm, object: Option<&Value>) -> R {
    let names_list = match object {
        None => {
            let locals = super::code::current_locals(vm)?;
            vm.call_method(&locals, "keys", &[])?
        }
        Some(o) => match vm.call_special(o, &names().__dir__, &[])? {
            Some(l) => l,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
    };
    let mut items = vm.collect(&names_list)?;
    list::sort_values(vm, &mut items, None, false)?;
    Ok(list::from_vec(items).into_value())
}

/// Return the __dict__ of an object; without one, the local variables.
#[function]
pub fn vars(vm: &Vm, object: Option<&Value>) -> R {
    match object {
        None => super::code::current_locals(vm),
        Some(o) => {
            let r = vm.get_attr(o, &names().__dict__);
            match vm.ignore(r, &exc::ATTRIBUTE_ERROR)? {
                Some(d) => Ok(d),
                None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
            }
        }
    }
}

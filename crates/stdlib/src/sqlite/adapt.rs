//! Adapters, which make SQL values of objects, and converters, which make objects of SQL values.

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{Payload, R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, exceptions as exc, float, int, str, tuple};
use taipan_runtime::vm::Vm;

use super::errors::Kind;

/// The payload of PrepareProtocol.
#[derive(Trace)]
pub struct PrepareProtocol {
    none: (),
}

/// PEP 246 style object adaption protocol type.
#[class(name = "PrepareProtocol", module = "sqlite3", flags(BASETYPE))]
impl PrepareProtocol {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject) -> R {
        Ok(Ref::new_of(cls, Self { none: () }).into_value())
    }
}

fn dict(vm: &Vm, key: &'static str) -> R<Ref<Dict>> {
    let d = vm.interp_static(key, |_| Ok(Ref::new(Dict::new()).into_value()))?;
    d.into_ref()
        .map_err(|_| vm.system_error("a table of the module is no dict"))
}

/// The adapters, by class and protocol.
pub fn adapters(vm: &Vm) -> R<Ref<Dict>> {
    dict(vm, "_sqlite3.adapters")
}

/// The converters, by the name of a type in upper case.
pub fn converters(vm: &Vm) -> R<Ref<Dict>> {
    dict(vm, "_sqlite3.converters")
}

const BASE_ADAPTED: &str = "_sqlite3.base_adapted";

/// Whether even the types that SQL knows may have adapters.
pub fn base_adapted(vm: &Vm) -> bool {
    vm.interp().statics.borrow().contains_key(BASE_ADAPTED)
}

/// Whether values of this very type need no adapter, unless one was registered.
#[inline]
pub fn is_plain(v: &Value) -> bool {
    v.as_small().is_some()
        || v.is_none()
        || v.downcast_exact::<Str>().is_some()
        || (float::get(v).is_some() && v.ty().is(float::FLOAT.get()))
        || v.downcast_exact::<bytes::Bytes>().is_some()
        || (int::get(v).is_some() && v.ty().is(int::INT.get()))
}

/// Register a function to adapt Python objects to SQLite values.
#[function(sig = "(type, adapter, /)")]
pub fn register_adapter(vm: &Vm, ty: &Value, adapter: &Value) -> R<()> {
    let base = [
        int::INT.value(),
        float::FLOAT.value(),
        Str::TYPE.value(),
        bytes::Bytes::TYPE.value(),
        taipan_runtime::types::bytearray::ByteArray::TYPE.value(),
        Value::NONE.ty().to_value(),
    ];
    if base.iter().any(|b| b.is(ty)) {
        let old = vm
            .interp()
            .statics
            .borrow_mut()
            .insert(BASE_ADAPTED, Value::TRUE);
        drop(old);
    }
    let key = tuple::from_array([ty.clone(), PrepareProtocol::TYPE.value()]).into_value();
    adapters(vm)?.set(vm, key, adapter.clone())
}

/// Register a function to convert SQLite values to Python objects.
#[function(sig = "(typename, converter, /)")]
pub fn register_converter(vm: &Vm, typename: &Ref<Str>, converter: &Value) -> R<()> {
    let key = vm.call_method(typename.value(), "upper", &[])?;
    converters(vm)?.set(vm, key, converter.clone())
}

/// What an object offers through a method for a protocol; `None` if nothing.
fn offered(vm: &Vm, from: &Value, method: &str, to: &Value) -> R<Option<Value>> {
    let Some(f) = vm.get_attr_str_opt(from, method)? else {
        return Ok(None);
    };
    let r = vm.call(&f, std::slice::from_ref(to));
    Ok(vm.ignore(r, &exc::TYPE_ERROR)?.filter(|v| !v.is_none()))
}

/// An object adapted to a protocol; `None` if there is no way.
///
/// Raises what adapters raise.
pub fn adapted(vm: &Vm, obj: &Value, proto: &Value) -> R<Option<Value>> {
    let key = tuple::from_array([obj.ty().to_value(), proto.clone()]).into_value();
    if let Some(f) = adapters(vm)?.get(vm, &key)? {
        return vm.call(&f, std::slice::from_ref(obj)).map(Some);
    }
    if let Some(v) = offered(vm, proto, "__adapt__", obj)? {
        return Ok(Some(v));
    }
    offered(vm, obj, "__conform__", proto)
}

/// An object as a parameter of a statement.
///
/// Raises what adapters raise.
pub fn prepared(vm: &Vm, obj: &Value) -> R {
    Ok(adapted(vm, obj, &PrepareProtocol::TYPE.value())?.unwrap_or_else(|| obj.clone()))
}

/// Adapt given object to given protocol.
#[function(sig = "(obj, proto=PrepareProtocolType, alt=<unrepresentable>, /)")]
pub fn adapt(vm: &Vm, obj: &Value, proto: Option<&Value>, alt: Option<&Value>) -> R {
    let default = PrepareProtocol::TYPE.value();
    match adapted(vm, obj, proto.unwrap_or(&default))? {
        Some(v) => Ok(v),
        None => alt
            .cloned()
            .ok_or_else(|| Kind::Programming.raise(vm, "can't adapt")),
    }
}

/// The converter for the name of a type, in whatever case.
pub fn converter(vm: &Vm, name: &str) -> R<Option<Value>> {
    let key = vm.call_method(&str::from_str(name), "upper", &[])?;
    converters(vm)?.get(vm, &key)
}

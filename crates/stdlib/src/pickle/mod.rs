//! `_pickle`: writing objects as byte streams and reading them back, as `pickle.py` describes it.

mod buffer;
mod containers;
mod load;
mod memo;
mod names;
mod opcodes;
mod ops;
mod pickler;
mod reduce;
mod save;
mod source;
mod unpickler;

use taipan_macros::{function, module};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{int, str, tuple, type_};
use taipan_runtime::vm::Vm;

use self::load::{Loader, Options};
use self::memo::Memo;
use self::save::Saver;
use self::source::Source;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[
    buffer::PickleBuffer::DEF,
    pickler::Pickler::DEF,
    pickler::PicklerMemoProxy::DEF,
    unpickler::Unpickler::DEF,
    unpickler::UnpicklerMemoProxy::DEF,
];

module! {
    /// Optimized C implementation for the Python pickle module.
    name = "_pickle",
    functions(dump, dumps, load_, loads),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("PickleError", error_class(vm, Kind::Any)?);
    m.set("PicklingError", error_class(vm, Kind::Pickling)?);
    m.set("UnpicklingError", error_class(vm, Kind::Unpickling)?);
    m.set("PickleBuffer", buffer::PICKLE_BUFFER());
    m.set("Pickler", pickler::class_value());
    m.set("Unpickler", unpickler::class_value());
    Ok(())
}

/// The newest protocol.
const HIGHEST: i64 = 5;

/// Which of the module's exception classes.
#[derive(Clone, Copy)]
enum Kind {
    Any,
    Pickling,
    Unpickling,
}

/// An exception class of this module.
fn error_class(vm: &Vm, kind: Kind) -> R {
    let make = |vm: &Vm, name: &str, base: Value| {
        let dict = Ref::new(Dict::new());
        dict.set_str("__module__", str::from_str("_pickle"));
        let bases = tuple::from_array([base]).into_value();
        vm.call(&type_::TYPE_PLACE().value(), &[str::from_str(name), bases, dict.into_value()])
    };
    match kind {
        Kind::Any => vm.interp_static("_pickle.PickleError", |vm| make(vm, "PickleError", exc::EXCEPTION.value())),
        Kind::Pickling => {
            let base = error_class(vm, Kind::Any)?;
            vm.interp_static("_pickle.PicklingError", |vm| make(vm, "PicklingError", base))
        }
        Kind::Unpickling => {
            let base = error_class(vm, Kind::Any)?;
            vm.interp_static("_pickle.UnpicklingError", |vm| make(vm, "UnpicklingError", base))
        }
    }
}

#[cold]
fn raise(vm: &Vm, kind: Kind, message: &str) -> Raised {
    match error_class(vm, kind) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(message)]),
            None => vm.value_error(message),
        },
        Err(r) => r,
    }
}

/// Raises PicklingError.
#[cold]
fn pickling_error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    raise(vm, Kind::Pickling, message.as_ref())
}

/// Raises UnpicklingError.
#[cold]
fn unpickling_error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    raise(vm, Kind::Unpickling, message.as_ref())
}

/// The protocol that an argument asks for.
///
/// Raises ValueError for one that does not exist, TypeError for what is no int.
fn protocol(vm: &Vm, v: &Value) -> R<u8> {
    if v.is_none() {
        return Ok(HIGHEST as u8);
    }
    let n = int::to_i64(vm, v)?;
    match n {
        _ if n < 0 => Ok(HIGHEST as u8),
        0..=HIGHEST => Ok(n as u8),
        _ => Err(vm.value_error(format!("pickle protocol must be <= {HIGHEST}"))),
    }
}

/// What `buffer_callback` may be with a protocol.
fn check_callback(vm: &Vm, protocol: u8, callback: &Value) -> R<Option<Value>> {
    if callback.is_none() {
        return Ok(None);
    }
    if protocol < 5 {
        return Err(vm.value_error("buffer_callback needs protocol >= 5"));
    }
    Ok(Some(callback.clone()))
}

/// The method `write` of a file.
fn write_method(vm: &Vm, file: &Value) -> R {
    match vm.get_attr_str_opt(file, "write")? {
        Some(f) => Ok(f),
        None => Err(vm.type_error("file must have a 'write' attribute")),
    }
}

/// Write a pickled representation of obj to the open file object file.
#[function(sig = "(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)")]
fn dump(vm: &Vm, obj: &Value, file: &Value, protocol: &Value, fix_imports: bool, buffer_callback: &Value) -> R<()> {
    let proto = self::protocol(vm, protocol)?;
    let write = write_method(vm, file)?;
    let memo = PyCell::new(Memo::default());
    let mut s = Saver::new(vm, &memo, proto, fix_imports);
    s.buffer_callback = check_callback(vm, proto, buffer_callback)?;
    s.write = Some(write);
    s.dump(obj)?;
    s.flush()
}

/// Return the pickled representation of the object as a bytes object.
#[function(sig = "(obj, protocol=None, *, fix_imports=True, buffer_callback=None)")]
fn dumps(vm: &Vm, obj: &Value, protocol: &Value, fix_imports: bool, buffer_callback: &Value) -> R {
    let proto = self::protocol(vm, protocol)?;
    let memo = PyCell::new(Memo::default());
    let mut s = Saver::new(vm, &memo, proto, fix_imports);
    s.buffer_callback = check_callback(vm, proto, buffer_callback)?;
    s.dump(obj)?;
    let out = std::mem::take(&mut s.out);
    Ok(bytes::from_vec(out).into_value())
}

/// Read and return an object from the pickle data stored in a file.
#[function(name = "load", sig = "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")]
fn load_(vm: &Vm, file: &Value, fix_imports: bool, encoding: &str, errors: &str, buffers: Option<&Value>) -> R {
    let options = Options::new(vm, fix_imports, encoding, errors, buffers)?;
    let memo = PyCell::new(memo::LoadMemo::default());
    let mut source = Source::of_file(vm, file)?;
    source.start(vm)?;
    let r = Loader::new(vm, &mut source, &memo, &options).load();
    source.finish(vm, r)
}

/// Read and return an object from the given pickle data.
#[function(sig = "(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")]
fn loads(vm: &Vm, data: &Value, fix_imports: bool, encoding: &str, errors: &str, buffers: Option<&Value>) -> R {
    let options = Options::new(vm, fix_imports, encoding, errors, buffers)?;
    let memo = PyCell::new(memo::LoadMemo::default());
    let mut source = match data.downcast_exact::<bytes::Bytes>() {
        Some(b) => Source::of_bytes(b.clone()),
        None => Source::of_bytes(bytes::from_slice(&BytesLike::new(vm, data)?)),
    };
    Loader::new(vm, &mut source, &memo, &options).load()
}

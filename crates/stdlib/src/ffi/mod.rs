//! `_taipan_ffi`: foreign memory and C functions, for the Python part of `_ctypes` (`frozen/lib/_ctypes`).
//!
//! Whoever uses this can read and write any memory of the process and call any address, as with ctypes everywhere:
//! nothing here can tell a good address from a bad one.

mod call;
mod callback;
mod memory;

use std::ffi::CString;

use taipan_host::dl;
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::{Nullable, TypeDef};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use self::callback::Callback;
use self::memory::Memory;

module! {
    /// Foreign memory and C functions: what _ctypes is made of.
    name = "_taipan_ffi",
    functions(
        memory::address, memory::memory, memory::formatted, memory::strlen, memory::wcslen, dlopen, dlsym, dlclose,
        call::call, call::errno, call::set_errno, callback::callback, to_word, from_word, keep,
    ),
    types(Memory, Callback),
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[Memory::DEF, Callback::DEF];

fn c_name(vm: &Vm, name: &str) -> R<CString> {
    CString::new(name).map_err(|_| vm.value_error("embedded null character"))
}

#[cold]
fn failed(vm: &Vm, text: &str) -> Raised {
    vm.raise_msg(&taipan_runtime::types::exceptions::OS_ERROR, text)
}

/// An int as the word that C code sees.
///
/// Raises TypeError, and OverflowError for one of more than 64 bits.
fn as_word(vm: &Vm, v: &Value) -> R<u64> {
    let n = int::index(vm, v)?;
    let Some(n) = int::get(&n) else { return Ok(0) };
    match n.to_i64() {
        Some(n) => Ok(n as u64),
        None => u64::try_from(n.to_big()).map_err(|_| vm.overflow_error("int too long to convert")),
    }
}

/// Loads a shared library, or opens the program itself (None); gives a handle.
#[function(sig = "(name, mode=0, /)")]
fn dlopen(vm: &Vm, name: Nullable<&str>, mode: Option<i32>) -> R<usize> {
    let name = name.0.map(|n| c_name(vm, n)).transpose()?;
    let mode = mode.unwrap_or(0) | libc::RTLD_NOW;
    vm.allow_threads(|| dl::open(name.as_deref(), mode)).map_err(|e| failed(vm, &e))
}

/// Gives a handle back.
#[function(sig = "(handle, /)")]
fn dlclose(vm: &Vm, handle: usize) -> R<()> {
    // SAFETY: see the module: the handle is as good as the program that has it.
    unsafe { dl::close(handle) }.map_err(|e| failed(vm, &e))
}

/// The address of a symbol; handle 0 stands for all that is loaded.
#[function(sig = "(handle, name, /)")]
fn dlsym(vm: &Vm, handle: usize, name: &str) -> R<usize> {
    let name = c_name(vm, name)?;
    // SAFETY: as for `dlclose`.
    unsafe { dl::symbol(handle, &name) }.map_err(|e| failed(vm, &e))
}

/// The word that stands for an object in memory, which does not keep it alive.
#[function(sig = "(object, /)")]
fn to_word(_vm: &Vm, object: &Value) -> u64 {
    object.raw()
}

/// The object that a word stands for.
#[function(sig = "(word, /)")]
fn from_word(vm: &Vm, word: u64) -> R {
    if word == 0 {
        return Err(vm.value_error("PyObject is NULL"));
    }
    // SAFETY: see the module: the word is that of a living object if the program is right.
    let v = std::mem::ManuallyDrop::new(unsafe { Value::from_raw(word) });
    Ok(Value::clone(&v))
}

/// Lets an object live for ever.
#[function(sig = "(object, /)")]
fn keep(_vm: &Vm, object: &Value) {
    std::mem::forget(object.clone());
}

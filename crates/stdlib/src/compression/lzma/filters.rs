//! Filters as Python describes them: dicts.

use liblzma_sys as l;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::Vm;

use super::stream::{Delta, Filter, Options, preset_options};
use super::{PRESET_DEFAULT, error};

/// An unsigned number of 64 bits.
///
/// Raises TypeError, OverflowError.
pub fn unsigned(vm: &Vm, v: &Value) -> R<u64> {
    let Some(n) = int::get(v) else {
        return Err(vm.type_error("an integer is required"));
    };
    if n.is_negative() {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    u64::try_from(n.to_big()).map_err(|_| vm.overflow_error("int too big to convert"))
}

/// An unsigned number of 32 bits.
///
/// Raises TypeError, OverflowError.
pub fn unsigned32(vm: &Vm, v: &Value) -> R<u32> {
    u32::try_from(unsigned(vm, v)?)
        .map_err(|_| vm.overflow_error("Value too large for uint32_t type"))
}

#[cold]
fn invalid(vm: &Vm, kind: &str) -> Raised {
    vm.value_error(format!("Invalid filter specifier for {kind} filter"))
}

/// The numbers that a filter may have, by name; others and what is no number are refused.
fn numbers<const N: usize>(
    vm: &Vm,
    kind: &str,
    spec: &Value,
    names: [&str; N],
) -> R<[Option<u32>; N]> {
    let Some(dict) = spec.downcast::<Dict>() else {
        return Err(invalid(vm, kind));
    };
    let mut found = [None; N];
    for (key, v) in dict.items() {
        let Some(key) = key.downcast::<Str>().and_then(|s| s.to_utf8_opt()) else {
            return Err(invalid(vm, kind));
        };
        if matches!(&*key, "id") || (kind == "LZMA" && &*key == "preset") {
            continue;
        }
        let Some(i) = names.iter().position(|n| *n == &*key) else {
            return Err(invalid(vm, kind));
        };
        match unsigned32(vm, &v) {
            Ok(n) => found[i] = Some(n),
            Err(raised) => {
                drop(vm.catch(raised));
                return Err(invalid(vm, kind));
            }
        }
    }
    Ok(found)
}

fn lzma(vm: &Vm, spec: &Value) -> R<Options> {
    let preset = match spec.downcast::<Dict>().and_then(|d| d.get_str("preset")) {
        Some(v) => unsigned32(vm, &v)?,
        None => PRESET_DEFAULT,
    };
    let Some(mut o) = preset_options(preset) else {
        return Err(error(vm, &format!("Invalid compression preset: {preset}")));
    };
    let names = [
        "dict_size",
        "lc",
        "lp",
        "pb",
        "mode",
        "nice_len",
        "mf",
        "depth",
    ];
    let [dict_size, lc, lp, pb, mode, nice_len, mf, depth] = numbers(vm, "LZMA", spec, names)?;
    o.dict_size = dict_size.unwrap_or(o.dict_size);
    o.lc = lc.unwrap_or(o.lc);
    o.lp = lp.unwrap_or(o.lp);
    o.pb = pb.unwrap_or(o.pb);
    o.mode = mode.unwrap_or(o.mode);
    o.nice_len = nice_len.unwrap_or(o.nice_len);
    o.mf = mf.unwrap_or(o.mf);
    o.depth = depth.unwrap_or(o.depth);
    Ok(Options::Lzma(o))
}

/// The filter that a dict describes.
///
/// Raises TypeError, ValueError, OverflowError, LZMAError.
pub fn filter(vm: &Vm, spec: &Value) -> R<Filter> {
    if spec.ty().slots().getitem.is_none() {
        return Err(vm.type_error("Filter specifier must be a dict or dict-like object"));
    }
    let id = match vm.getitem(spec, &str::from_str("id")) {
        Ok(id) => id,
        Err(raised) => {
            let e = vm.catch(raised);
            return Err(if vm.is_instance(&e, &exc::KEY_ERROR.value())? {
                vm.value_error("Filter specifier must have an \"id\" entry")
            } else {
                vm.raise(e)
            });
        }
    };
    let id = unsigned(vm, &id)?;
    let options = match id {
        l::LZMA_FILTER_LZMA1 | l::LZMA_FILTER_LZMA2 => lzma(vm, spec)?,
        l::LZMA_FILTER_DELTA => {
            let [dist] = numbers(vm, "delta", spec, ["dist"])?;
            Options::Delta(Box::new(Delta::new(dist.unwrap_or(1))))
        }
        l::LZMA_FILTER_X86..=l::LZMA_FILTER_SPARC => {
            let [start] = numbers(vm, "BCJ", spec, ["start_offset"])?;
            Options::Bcj(Box::new(l::lzma_options_bcj {
                start_offset: start.unwrap_or(0),
            }))
        }
        _ => return Err(vm.value_error(format!("Invalid filter ID: {id}"))),
    };
    Ok(Filter { id, options })
}

/// The filters of a sequence.
///
/// Raises as [`filter`] does, and ValueError for more than 4.
pub fn filters(vm: &Vm, specs: &Value) -> R<Vec<Filter>> {
    if specs.downcast::<Dict>().is_some() {
        return Err(vm.type_error("dict is not a sequence"));
    }
    let n = vm.len(specs)?;
    if n > 4 {
        return Err(vm.value_error("Too many filters - liblzma supports a maximum of 4"));
    }
    (0..n)
        .map(|i| filter(vm, &vm.getitem(specs, &Value::from(i))?))
        .collect()
}

/// A dict with an id and other numbers.
pub fn describe(id: u64, numbers: &[(&str, u32)]) -> Ref<Dict> {
    let dict = Ref::new(Dict::new());
    dict.set_str("id", Value::from(id));
    for (name, n) in numbers {
        dict.set_str(name, Value::from(*n));
    }
    dict
}

//! Arrays from pickles, perhaps of another machine.

use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::memoryview::Format;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, int, list};
use taipan_runtime::vm::Vm;

use super::class::ARRAY;
use super::code::{CODES, Code};

/// What a machine format says: the item as a format of the module struct, or text.
enum Machine {
    Items { size: usize, signed: bool, float: bool, big: bool },
    Text { size: usize, big: bool },
}

fn machine(n: i64) -> Option<Machine> {
    let big = n & 1 != 0;
    Some(match n {
        0 | 1 => Machine::Items { size: 1, signed: n == 1, float: false, big: false },
        2..=13 => Machine::Items { size: 2 << ((n - 2) / 4), signed: (n - 2) / 2 & 1 != 0, float: false, big },
        14..=17 => Machine::Items { size: if n < 16 { 4 } else { 8 }, signed: true, float: true, big },
        18..=21 => Machine::Text { size: if n < 20 { 2 } else { 4 }, big },
        _ => return None,
    })
}

fn make(vm: &Vm, class: &TypeObject, code: Code, items: Value) -> R {
    vm.call(&class.to_value(), &[str::from_str(&code.char().to_string()), items])
}

fn odd_length(vm: &Vm) -> Raised {
    vm.value_error("string length not a multiple of item size")
}

/// Internal. Used for pickling support.
#[function(sig = "(arraytype, typecode, mformat_code, items, /)")]
pub fn _array_reconstructor(vm: &Vm, arraytype: &Value, typecode: &Value, mformat_code: i32, items: &Value) -> R {
    let Some(class) = arraytype.as_type() else {
        let given = arraytype.ty().tp_name();
        return Err(vm.type_error(format!("first argument must be a type object, not {given}")));
    };
    let text = match typecode.downcast::<Str>() {
        Some(s) if s.len() == 1 => s,
        other => {
            let given = match other {
                Some(s) => format!("a string of length {}", s.len()),
                None => typecode.ty().tp_name(),
            };
            let text = format!("_array_reconstructor(): argument 2 must be a unicode character, not {given}");
            return Err(vm.type_error(text));
        }
    };
    if !class.is_subtype_of(ARRAY.get()) {
        return Err(vm.type_error(format!("{} is not a subtype of array.array", class.name())));
    }
    let Some(code) = Code::new(text.char_at(0)) else {
        return Err(vm.value_error("second argument must be a valid type code"));
    };
    let format = i64::from(mformat_code);
    let Some(machine) = machine(format) else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    let Some(data) = bytes::get(items) else {
        return Err(vm.type_error(format!("fourth argument should be bytes, not {}", items.ty().tp_name())));
    };
    if format == code.machine_format() {
        return make(vm, class, code, items.clone());
    }
    match machine {
        Machine::Text { size, big } => {
            if data.len() % size != 0 {
                return Err(odd_length(vm));
            }
            let name = match (size, big) {
                (2, false) => "utf-16-le",
                (2, true) => "utf-16-be",
                (_, false) => "utf-32-le",
                (_, true) => "utf-32-be",
            };
            let text = vm.call_method(items, "decode", &[str::from_str(name)])?;
            make(vm, class, code, text)
        }
        Machine::Items { size, signed, float, big } => {
            if data.len() % size != 0 {
                return Err(odd_length(vm));
            }
            let letter = match (float, size, signed) {
                (true, 4, _) => b'f',
                (true, ..) => b'd',
                (false, 1, true) => b'b',
                (false, 1, false) => b'B',
                (false, 2, true) => b'h',
                (false, 2, false) => b'H',
                (false, 4, true) => b'i',
                (false, 4, false) => b'I',
                (false, _, true) => b'q',
                (false, _, false) => b'Q',
            };
            let item = Format { code: letter, size, big };
            let values = data.chunks_exact(size).map(|c| {
                let mut raw = [0; 8];
                raw[..size].copy_from_slice(c);
                item.unpack(raw)
            });
            // The machine that has written the pickle may have had another size for the type code.
            let fitting = |c: &Code| c.is_int() && c.size() == size && c.is_signed() == signed;
            let code = match float {
                true => code,
                false => CODES.bytes().filter_map(|c| Code::new(c.into())).filter(fitting).last().unwrap_or(code),
            };
            make(vm, class, code, list::from_vec(values.collect()).into_value())
        }
    }
}

/// The argument of `__reduce_ex__`.
///
/// Raises TypeError if it is no int.
pub fn protocol(vm: &Vm, args: Args<'_>) -> R<i64> {
    match args.all {
        [v] if int::get(v).is_some() => int::to_i64(vm, v),
        _ => Err(vm.type_error("__reduce_ex__ argument should be an integer")),
    }
}

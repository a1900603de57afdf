//! translate and maketrans.

use super::{Str, StrBuilder, exact, units};
use crate::core::{R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::exceptions as exc;
use crate::types::int;
use crate::vm::Vm;

/// What a table says of a character.
enum Mapped {
    Same,
    Gone,
    Char(u32),
    Text(Ref<Str>),
}

/// Asks the table.
///
/// Raises what the table's look-up raises besides LookupError, TypeError and ValueError for a wrong answer.
fn look_up(vm: &Vm, table: &Value, ch: u32) -> R<Mapped> {
    let r = vm.getitem(table, &Value::from(ch));
    let Some(v) = vm.ignore(r, &exc::LOOKUP_ERROR)? else { return Ok(Mapped::Same) };
    if v.is_none() {
        return Ok(Mapped::Gone);
    }
    if let Some(n) = int::get(&v) {
        return match n.to_i64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 0x10_ffff) {
            Some(n) => Ok(Mapped::Char(n)),
            None => Err(vm.value_error("character mapping must be in range(0x110000)")),
        };
    }
    match v.into_ref::<Str>() {
        Ok(s) => Ok(Mapped::Text(s)),
        Err(_) => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

/// Marks in the table of answers for ASCII characters, which are asked for once, as in CPython.
const UNKNOWN: u8 = 0xff;
const GONE: u8 = 0xfe;
/// The answer is no ASCII character.
const OTHER: u8 = 0xfd;

/// `str.translate`
pub(super) fn translate(vm: &Vm, s: &Ref<Str>, table: &Value) -> R {
    let Some(text) = s.as_ascii() else { return translate_from(vm, s, table, 0, StrBuilder::with_capacity(s.len())) };
    let mut answers = [UNKNOWN; 128];
    let mut out = Vec::with_capacity(text.len());
    for (i, &b) in text.as_bytes().iter().enumerate() {
        let answer = &mut answers[usize::from(b & 0x7f)];
        if *answer == UNKNOWN {
            *answer = match look_up(vm, table, u32::from(b))? {
                Mapped::Same => b,
                Mapped::Gone => GONE,
                Mapped::Char(c @ 0..0x80) => c as u8,
                _ => OTHER,
            };
        }
        match *answer {
            GONE => {}
            OTHER => {
                let mut done = StrBuilder::with_capacity(text.len());
                done.push_latin1(&out);
                return translate_from(vm, s, table, i, done);
            }
            c => out.push(c),
        }
    }
    if out == text.as_bytes() { Ok(exact(s)) } else { Ok(super::from_latin1(&out).into_value()) }
}

/// The translation from a character on, behind that of those before it.
fn translate_from(vm: &Vm, s: &Ref<Str>, table: &Value, from: usize, mut out: StrBuilder) -> R {
    let mut known: [Option<Mapped>; 128] = [const { None }; 128];
    let cache = s.as_ascii().is_some();
    let mut changed = from > 0;
    for i in from..s.len() {
        let ch = s.char_at(i);
        let asked;
        let mapped = match known.get_mut(ch as usize).filter(|_| cache) {
            Some(slot) => {
                if slot.is_none() {
                    *slot = Some(look_up(vm, table, ch)?);
                }
                slot.as_ref().unwrap_or(&Mapped::Same)
            }
            None => {
                asked = look_up(vm, table, ch)?;
                &asked
            }
        };
        match mapped {
            Mapped::Same => out.push(ch),
            Mapped::Gone => changed = true,
            Mapped::Char(c) => {
                changed |= *c != ch;
                out.push(*c);
            }
            Mapped::Text(t) => {
                changed = true;
                if t.len() > 1 {
                    out.check_room(vm, t.len())?;
                }
                out.push_obj(t);
            }
        }
    }
    if changed { Ok(out.finish()) } else { Ok(exact(s)) }
}

/// `str.maketrans`
///
/// Raises TypeError and ValueError for arguments that make no table.
pub(super) fn make_table(vm: &Vm, x: &Value, y: Option<&Value>, z: Option<&Value>) -> R {
    let table = Ref::new(Dict::new());
    let Some(y) = y else {
        let Some(from) = x.downcast_exact::<Dict>() else {
            return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
        };
        for (k, v) in from.items() {
            if let Some(s) = k.downcast::<Str>() {
                if s.len() != 1 {
                    return Err(vm.value_error("string keys in translate table must be of length 1"));
                }
                table.set(vm, Value::from(s.char_at(0)), v)?;
            } else if int::get(&k).is_some() {
                table.set(vm, k, v)?;
            } else {
                return Err(vm.type_error("keys in translate table must be strings or integers"));
            }
        }
        return Ok(table.into_value());
    };
    let Some(from) = x.downcast::<Str>() else {
        return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    let text = |v: &Value, n: usize| match v.downcast::<Str>() {
        Some(s) => Ok(s.clone()),
        None => Err(vm.type_error(format!("maketrans() argument {n} must be str, not {}", v.ty().tp_name()))),
    };
    let to = text(y, 2)?;
    let gone = z.map(|z| text(z, 3)).transpose()?;
    if from.len() != to.len() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (a, b) in from.iter().zip(to.iter()) {
        table.set(vm, Value::from(a), Value::from(b))?;
    }
    if let Some(gone) = gone {
        units!(gone.chars(), t => for &c in t {
            table.set(vm, Value::from(u32::from(c)), Value::NONE)?;
        });
    }
    Ok(table.into_value())
}

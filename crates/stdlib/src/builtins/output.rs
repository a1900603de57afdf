//! print and input.

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::{Vm, names};

use crate::io::std::native_writer;
use crate::io::text::TextIoWrapper;

/// What stands between the values, or behind them: `None` for the default.
fn separator<'a>(vm: &Vm, v: Option<&'a Value>, what: &str) -> R<Option<&'a Value>> {
    match v.filter(|v| !v.is_none()) {
        Some(v) if v.downcast::<Str>().is_none() => {
            Err(vm.type_error(format!("{what} must be None or a string, not {}", v.ty().tp_name())))
        }
        v => Ok(v),
    }
}

/// The named arguments of `print`.
#[derive(Default)]
struct Options<'a> {
    sep: Option<&'a Value>,
    end: Option<&'a Value>,
    file: Option<&'a Value>,
    flush: Option<&'a Value>,
}

impl<'a> Options<'a> {
    fn read(vm: &Vm, args: Args<'a>) -> R<Self> {
        let mut o = Self::default();
        let n = names();
        for (k, v) in args.named() {
            // Nearly always the very objects.
            let k = &vm.attr_name(k)?;
            let is = |name: &Value| k.is(name);
            let place = if is(&n.end) {
                &mut o.end
            } else if is(&n.sep) {
                &mut o.sep
            } else if is(&n.file) {
                &mut o.file
            } else if is(&n.flush) {
                &mut o.flush
            } else {
                let other = vm.str_lossy(k);
                return Err(vm.type_error(format!("print() got an unexpected keyword argument '{other}'")));
            };
            *place = Some(v);
        }
        Ok(o)
    }
}

/// Where the values go.
enum Target<'a> {
    /// A native text stream, written to without calls.
    Native(&'a Ref<TextIoWrapper>),
    /// Anything with a method `write`.
    Any(&'a Value),
}

impl Target<'_> {
    fn write(&self, vm: &Vm, text: &Value) -> R<()> {
        match (self, text.downcast::<Str>()) {
            (Self::Native(t), Some(s)) => t.write_text(vm, t.value(), s),
            (Self::Native(t), None) => vm.call_method_name(t.value(), &names().write, std::slice::from_ref(text)).map(drop),
            (Self::Any(file), _) => vm.call_method_name(file, &names().write, std::slice::from_ref(text)).map(drop),
        }
    }

    fn write_ascii(&self, vm: &Vm, text: &str) -> R<()> {
        match self {
            Self::Native(t) => t.write_ascii(vm, t.value(), text),
            Self::Any(_) => self.write(vm, &str::from_str(text)),
        }
    }

    fn write_value(&self, vm: &Vm, v: &Value) -> R<()> {
        if let (Self::Native(t), Some(n)) = (self, v.as_small()) {
            let mut buffer = [0; 20];
            return t.write_ascii(vm, t.value(), decimal(n, &mut buffer));
        }
        self.write(vm, &vm.str(v)?)
    }
}

/// The digits of a number of at most 63 bits.
fn decimal(n: i64, buffer: &mut [u8; 20]) -> &str {
    let mut at = buffer.len();
    let mut left = n.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if n < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or_default()
}

/// Prints the values to a stream, or to sys.stdout by default.
///
///   sep
///     string inserted between values, default a space.
///   end
///     string appended after the last value, default a newline.
///   file
///     a file-like object (stream); defaults to the current sys.stdout.
///   flush
///     whether to forcibly flush the stream.
#[function(sig = "(*args, sep=' ', end='\\n', file=None, flush=False)")]
pub fn print(vm: &Vm, args: Args<'_>) -> R<()> {
    let o = if args.names.is_empty() { Options::default() } else { Options::read(vm, args)? };
    let stdout;
    let file = match o.file.filter(|f| !f.is_none()) {
        Some(f) => f,
        None => match vm.interp().sys().get_name(&names().stdout) {
            Some(f) if f.is_none() => return Ok(()),
            Some(f) => {
                stdout = f;
                &stdout
            }
            None => return Err(vm.runtime_error("lost sys.stdout")),
        },
    };
    let (sep, end) = (separator(vm, o.sep, "sep")?, separator(vm, o.end, "end")?);
    for (i, v) in args.positional().iter().enumerate() {
        // Making text of a value may exchange the stream's methods.
        let target = match native_writer(file) {
            Some(t) => Target::Native(t),
            None => Target::Any(file),
        };
        if i > 0 {
            match sep {
                Some(sep) => target.write(vm, sep)?,
                None => target.write_ascii(vm, " ")?,
            }
        }
        target.write_value(vm, v)?;
    }
    let target = native_writer(file).map_or(Target::Any(file), Target::Native);
    match end {
        Some(end) => target.write(vm, end)?,
        None => target.write_ascii(vm, "\n")?,
    }
    if let Some(f) = o.flush
        && vm.truth(f)?
    {
        vm.call_method_name(file, &names().flush, &[])?;
    }
    Ok(())
}

/// Read a string from standard input, without its newline; the prompt is shown first.
#[function(sig = "(prompt='', /)")]
pub fn input(vm: &Vm, prompt: Nullable<&Value>) -> R {
    let sys = vm.interp().sys();
    let get = |name: &Value, what: &str| sys.get_name(name).filter(|v| !v.is_none()).ok_or_else(|| vm.runtime_error(format!("input(): lost sys.{what}")));
    let n = names();
    let stdin = get(&n.stdin, "stdin")?;
    let stdout = get(&n.stdout, "stdout")?;
    let stderr = get(&n.stderr, "stderr")?;
    let r = vm.call_method_name(&stderr, &n.flush, &[]);
    drop(vm.ignore(r, &taipan_runtime::types::exceptions::EXCEPTION)?);
    if let Some(p) = prompt.0 {
        let text = vm.str(p)?;
        vm.call_method_name(&stdout, &n.write, &[text])?;
    }
    let r = vm.call_method_name(&stdout, &n.flush, &[]);
    drop(vm.ignore(r, &taipan_runtime::types::exceptions::EXCEPTION)?);
    let line = vm.call_method_name(&stdin, &n.readline, &[])?;
    let Some(s) = line.downcast::<Str>() else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    if s.is_empty() {
        return Err(vm.eof_error("EOF when reading a line"));
    }
    let end = s.len() - usize::from(s.char_at(s.len() - 1) == u32::from('\n'));
    Ok(s.substring(0, end).into_value())
}

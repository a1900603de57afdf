//! The standard streams.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::types::str::codec::{Codec, lookup_codec};
use taipan_runtime::vm::{Vm, names};

use super::open::open_descriptor;
use super::support::ask;
use super::text::{Settings, TextIoWrapper, on_buffer};
use super::{base, buffered};

/// The locale's name for characters, from the environment.
fn locale_name() -> Vec<u8> {
    [b"LC_ALL".as_slice(), b"LC_CTYPE", b"LANG"]
        .iter()
        .find_map(|name| taipan_host::env::get(name).filter(|v| !v.is_empty()))
        .unwrap_or_else(|| b"C".to_vec())
}

/// Encoding and error handler of standard input and output.
fn stdio_coding(vm: &Vm) -> (String, String) {
    let (mut encoding, mut errors) = (None, None);
    if vm.interp().config.use_environment
        && let Some(v) = taipan_host::env::get(b"PYTHONIOENCODING").filter(|v| !v.is_empty())
    {
        let text = String::from_utf8_lossy(&v).into_owned();
        let (e, h) = text.split_once(':').unwrap_or((&text, ""));
        encoding = Some(e.to_owned()).filter(|e| !e.is_empty());
        errors = Some(h.to_owned()).filter(|h| !h.is_empty());
        if encoding.is_some() && errors.is_none() {
            errors = Some("strict".to_owned());
        }
    }
    let errors = errors.unwrap_or_else(|| {
        // A locale without an encoding of its own says nothing about what bytes mean.
        let plain = matches!(locale_name().as_slice(), b"C" | b"POSIX" | b"C.UTF-8" | b"C.utf8" | b"UTF-8");
        if plain { "surrogateescape" } else { "strict" }.to_owned()
    });
    (encoding.unwrap_or_else(|| "utf-8".to_owned()), errors)
}

/// The name that a codec gives to itself.
fn codec_name(vm: &Vm, encoding: &str) -> R<String> {
    Ok(match Codec::find(encoding) {
        Some(Codec::Utf8) => "utf-8".to_owned(),
        Some(Codec::Ascii) => "ascii".to_owned(),
        Some(Codec::Latin1) => "iso8859-1".to_owned(),
        _ => {
            let info = lookup_codec(vm, encoding)?;
            vm.str_string(&vm.get_attr(&info, &names().name)?)?
        }
    })
}

/// One of the three; None if its descriptor is closed.
fn stream(vm: &Vm, fd: i32, name: &str, encoding: &str, errors: &str) -> R {
    if taipan_host::fd::was_closed_at_start(fd) || taipan_host::fs::stat_descriptor(fd).is_err() {
        return Ok(Value::NONE);
    }
    let writes = fd != 0;
    let buffered = vm.interp().config.buffered_stdio;
    let buffering = if writes && !buffered { 0 } else { -1 };
    let bytes = match open_descriptor(vm, fd, if writes { "wb" } else { "rb" }, buffering) {
        Ok(b) => b,
        // A directory, for instance, can't be read.
        Err(r) if vm.raised_is(&taipan_runtime::types::exceptions::OS_ERROR) => {
            drop(vm.catch(r));
            return Ok(Value::NONE);
        }
        Err(r) => return Err(r),
    };
    let raw = match buffered::get(&bytes) {
        Some(b) => b.below(vm)?,
        None => bytes.clone(),
    };
    vm.set_attr(&raw, &names().name, &str::from_str(name))?;
    let terminal = ask(vm, &raw, &names().isatty)?;
    let settings = Settings {
        encoding: Some(str::from_ref(encoding)),
        errors: Some(str::from_ref(errors)),
        newline: Some("\n"),
        line_buffering: buffered && writes && (terminal || fd == 2 || vm.interp().config.interactive),
        write_through: !buffered,
    };
    let mode = str::from_str(if writes { "w" } else { "r" });
    Ok(on_buffer(vm, &bytes, settings, &mode)?.into_value())
}

/// Makes `sys.stdin`, `sys.stdout`, `sys.stderr` and their originals, and the builtin `open`.
///
/// Raises what opening them raises, LookupError for an unknown encoding.
pub fn init_std_streams(vm: &Vm) -> R<()> {
    let io = crate::import::native(vm, "_io")?;
    if let Some(m) = io.downcast::<Module>()
        && let Some(open) = m.dict.get_str("open")
    {
        vm.interp().builtins().set_str("open", open);
    }
    let (encoding, errors) = stdio_coding(vm);
    let encoding = codec_name(vm, &encoding)?;
    let sys = vm.interp().sys();
    let n = names();
    let all = [
        (0, "<stdin>", errors.as_str(), &n.stdin, &n.__stdin__),
        (1, "<stdout>", errors.as_str(), &n.stdout, &n.__stdout__),
        (2, "<stderr>", "backslashreplace", &n.stderr, &n.__stderr__),
    ];
    for (fd, shown, errors, name, original) in all {
        let s = stream(vm, fd, shown, &encoding, errors)?;
        sys.set_name(original, s.clone());
        sys.set_name(name, s);
    }
    Ok(())
}

/// Flushes `sys.stdout` and `sys.stderr` at the end of the program. True if that failed.
pub fn flush_std_files(vm: &Vm) -> bool {
    let sys = vm.interp().sys();
    let n = names();
    let mut failed = false;
    for (name, report) in [(&n.stdout, true), (&n.stderr, false)] {
        let Some(file) = sys.get_name(name).filter(|f| !f.is_none()) else { continue };
        match base::is_closed(vm, &file) {
            Ok(true) => continue,
            Ok(false) => {}
            // Something else that has no such attribute is flushed.
            Err(r) => drop(vm.catch(r)),
        }
        let Err(r) = vm.call_method_name(&file, &n.flush, &[]) else { continue };
        failed = true;
        if report {
            vm.unraisable(r, Some("Exception ignored while flushing sys.stdout"), &Value::NONE);
        } else {
            drop(vm.catch(r));
        }
    }
    failed
}

/// The stream, if it is a native text stream whose `write` nobody has replaced: `print` writes to it without a call.
#[inline]
pub fn native_writer(file: &Value) -> Option<&Ref<TextIoWrapper>> {
    use super::base::Stream as _;
    file.downcast_exact::<TextIoWrapper>().filter(|t| !t.base().hides(&names().write))
}

//! `open` and what belongs to it.

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::exceptions::RUNTIME_WARNING;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::{Vm, names};

use super::buffered;
use super::fileio;
use super::path::fspath;
use super::support;
use super::text::{self, Settings};

/// What a mode says.
#[derive(Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
    /// As `FileIO` takes it.
    raw: String,
}

impl Mode {
    fn parse(vm: &Vm, mode: &str) -> R<Self> {
        let invalid = || vm.value_error(format!("invalid mode: '{mode}'"));
        let mut m = Self::default();
        for c in mode.chars() {
            let flag = match c {
                'x' => &mut m.creating,
                'r' => &mut m.reading,
                'w' => &mut m.writing,
                'a' => &mut m.appending,
                '+' => &mut m.updating,
                't' => &mut m.text,
                'b' => &mut m.binary,
                _ => return Err(invalid()),
            };
            if std::mem::replace(flag, true) {
                return Err(invalid());
            }
        }
        for (on, c) in [(m.creating, 'x'), (m.reading, 'r'), (m.writing, 'w'), (m.appending, 'a'), (m.updating, '+')] {
            if on {
                m.raw.push(c);
            }
        }
        if m.text && m.binary {
            return Err(vm.value_error("can't have text and binary mode at once"));
        }
        if [m.creating, m.reading, m.writing, m.appending].iter().filter(|on| **on).count() > 1 {
            return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
        }
        Ok(m)
    }
}

/// Closes what was opened in vain; the error that led here is raised all the same.
fn give_up<T>(vm: &Vm, stream: &Value, r: R<T>) -> R<T> {
    match r {
        Ok(v) => Ok(v),
        Err(raised) => {
            let e = vm.catch(raised);
            let closed = vm.call_method_name(stream, &names().close, &[]);
            match support::chain(vm, Some(e), closed) {
                Err(r) => Err(r),
                Ok(_) => Err(vm.system_error("open() failed")),
            }
        }
    }
}

fn is_number(v: &Value) -> bool {
    let slots = v.ty().slots();
    v.as_small().is_some() || slots.index.is_some() || slots.int.is_some() || slots.float.is_some()
}

/// Open file and return a stream. Raise OSError upon failure.
///
/// file is either a text or byte string giving the name (and the path if the file isn't in the current working
/// directory) of the file to be opened or an integer file descriptor of the file to be wrapped. (If a file descriptor is
/// given, it is closed when the returned I/O object is closed, unless closefd is set to False.)
///
/// mode says how the file is opened: 'r' for reading (the default), 'w' for writing, truncating the file first, 'x' to
/// create a new file and write to it, 'a' for appending to what is there; with '+' for updating (reading and writing);
/// 't' for text (the default), 'b' for binary.
///
/// buffering is 0 for none (only in binary mode), 1 for line buffering (only in text mode), or the size of a buffer.
/// Without it, files are buffered in pieces that fit the device, of at least io.DEFAULT_BUFFER_SIZE bytes; text files that
/// are terminals are line buffered.
///
/// encoding, errors and newline are for text mode: the encoding of the file, what happens where coding fails (see
/// codecs.register_error), and how line endings are treated (None, '', '\n', '\r', or '\r\n'; see io.TextIOWrapper).
///
/// With closefd False, a file descriptor that was given is kept open. opener is called with (file, flags) to open the
/// file, and must return a file descriptor.
///
/// The result depends on the mode: a TextIOWrapper for text, else a BufferedReader, BufferedWriter or BufferedRandom, or
/// a FileIO without buffering.
#[function(sig = "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)")]
pub fn open(
    vm: &Vm,
    file: &Value,
    mode: Option<Ref<Str>>,
    buffering: i32,
    encoding: Nullable<Ref<Str>>,
    errors: Nullable<Ref<Str>>,
    newline: Nullable<&str>,
    closefd: bool,
    opener: &Value,
) -> R {
    let mode_value = mode.unwrap_or_else(|| str::from_ref("r"));
    let settings = (encoding.0, errors.0, newline.0);
    open_file(vm, file, &mode_value, buffering, settings, closefd, opener)
}

fn open_file(
    vm: &Vm,
    file: &Value,
    mode_value: &Ref<Str>,
    mut buffering: i32,
    (encoding, errors, newline): (Option<Ref<Str>>, Option<Ref<Str>>, Option<&str>),
    closefd: bool,
    opener: &Value,
) -> R {
    let file = if is_number(file) { file.clone() } else { fspath(vm, file)? };
    let mode = Mode::parse(vm, &mode_value.to_utf8(vm)?)?;
    if mode.binary {
        for (given, what) in
            [(encoding.is_some(), "encoding"), (errors.is_some(), "errors"), (newline.is_some(), "newline")]
        {
            if given {
                let article = if what == "newline" { "a" } else { "an" };
                return Err(vm.value_error(format!("binary mode doesn't take {article} {what} argument")));
            }
        }
        if buffering == 1 {
            let text = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
            vm.warn(&RUNTIME_WARNING, text, 1)?;
        }
    }
    let raw = fileio::open_exact(vm, &file, &mode.raw, closefd, opener)?;
    let line_buffering = buffering == 1 || buffering < 0 && raw.is_terminal_if_device();
    if line_buffering {
        buffering = -1;
    }
    if buffering == 0 {
        if mode.binary {
            return Ok(raw.into_value());
        }
        let r = Err(vm.value_error("can't have unbuffered text I/O"));
        return give_up(vm, raw.value(), r);
    }
    let size = if buffering < 0 { raw.buffer_size() as isize } else { buffering as isize };
    let kind = (mode.updating || mode.reading, mode.updating || !mode.reading);
    let buffer = buffered::on_file(vm, &raw, size, kind);
    let buffer = give_up(vm, raw.value(), buffer)?;
    if mode.binary {
        return Ok(buffer);
    }
    let settings = Settings { encoding, errors, newline, line_buffering, write_through: false };
    let stream = text::on_buffer(vm, &buffer, settings, mode_value.value());
    Ok(give_up(vm, &buffer, stream)?.into_value())
}

/// `open(fd, mode, buffering, closefd=False)` for the standard streams.
pub fn open_descriptor(vm: &Vm, fd: i32, mode: &str, buffering: i32) -> R {
    open_file(vm, &Value::from(fd), &str::from_ref(mode), buffering, (None, None, None), false, &Value::NONE)
}

/// Opens the provided file with the intent to import the contents.
///
/// This may perform extra validation beyond open(), but is otherwise interchangeable with calling open(path, 'rb').
#[function(sig = "(path)")]
pub fn open_code(vm: &Vm, path: &Ref<Str>) -> R {
    let mode = str::from_ref("rb");
    open_file(vm, path.value(), &mode, -1, (None, None, None), true, &Value::NONE)
}

/// A helper function to choose the text encoding.
///
/// When encoding is not None, this function returns it. Otherwise, this function returns the default text encoding
/// (i.e. "locale" or "utf-8" depends on UTF-8 mode).
///
/// This function emits an EncodingWarning if encoding is None and sys.flags.warn_default_encoding is true.
///
/// This can be used in APIs with an encoding=None parameter that pass it to TextIOWrapper or open. However, please
/// consider using encoding="utf-8" for new APIs.
#[function(sig = "(encoding, stacklevel=2, /)")]
pub fn text_encoding(vm: &Vm, encoding: &Value, stacklevel: i32) -> R {
    if !encoding.is_none() {
        return Ok(encoding.clone());
    }
    text::warn_default_encoding(vm, stacklevel)?;
    Ok(str::from_str(if vm.interp().config.utf8_mode { "utf-8" } else { "locale" }))
}

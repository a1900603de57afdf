//! The class.

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{ATTRIBUTE_ERROR, VALUE_ERROR};
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::vm::{Vm, intern, names};

use super::coder::Side;
use super::{Settings, State, TextIoWrapper, parse_newline};
use crate::io::base::{self, allocate, plain, warn_below};
use crate::io::kinds::TextIoBase;
use crate::io::support::{self, Size, os_error_text, unsupported};

/// Calls a method of the stream of bytes.
fn forward(vm: &Vm, t: &TextIoWrapper, name: &Value, args: &[Value]) -> R {
    let buffer = t.below(vm)?;
    vm.call_method_name(&buffer, name, args)
}

/// A setting that None leaves as it is.
fn optional_bool(vm: &Vm, v: &Value, now: bool) -> R<bool> {
    if v.is_none() { Ok(now) } else { int::to_i64(vm, v).map(|n| n != 0) }
}

/// Character and line based layer over a BufferedIOBase object, buffer.
///
/// encoding gives the name of the encoding that the stream will be decoded or encoded with. It defaults to
/// locale.getencoding().
///
/// errors determines the strictness of encoding and decoding (see help(codecs.Codec) or the documentation for
/// codecs.register) and defaults to "strict".
///
/// newline controls how line endings are handled. It can be None, '', '\n', '\r', and '\r\n'. On input, None enables
/// universal newlines mode, and all line endings are read as '\n'; '' does the same but leaves them untranslated; with
/// any of the others, lines are only terminated by the given string. On output, '\n' characters are written as the given
/// string, or the system's own if it is None.
///
/// If line_buffering is True, a call to flush is implied when a call to write contains a newline character.
#[class(name = "TextIOWrapper", module = "_io", base = TextIoBase, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)")]
impl TextIoWrapper {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        allocate(vm, cls, Self::default())
    }

    #[slot]
    fn init(
        vm: &Vm,
        this: &Ref<Self>,
        buffer: &Value,
        encoding: Nullable<Ref<Str>>,
        errors: Nullable<Ref<Str>>,
        newline: Nullable<&str>,
        line_buffering: bool,
        write_through: bool,
    ) -> R<()> {
        let settings = Settings {
            encoding: encoding.0,
            errors: errors.0,
            newline: newline.0,
            line_buffering,
            write_through,
        };
        this.start(vm, buffer, settings)
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        this.base.dict_op(op, &names().mode)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        this.check_ready(vm)?;
        let class = this.ty().tp_name();
        let shown = vm.repr_guard(this.value(), || {
            let mut shown = format!("<{class}");
            for name in [&names().name, &names().mode] {
                let v = vm.get_attr(this.value(), name);
                let v = match v {
                    Ok(v) => v,
                    Err(_) if vm.raised_is(&ATTRIBUTE_ERROR) || vm.raised_is(&VALUE_ERROR) => {
                        if let Err(r) = v {
                            drop(vm.catch(r));
                        }
                        continue;
                    }
                    Err(r) => return Err(r),
                };
                shown.push_str(&format!(" {}={}", vm.str_lossy(name), vm.repr_string(&v)?));
            }
            let encoding = vm.repr_string(&this.encoding_value().unwrap_or(Value::NONE))?;
            Ok(format!("{shown} encoding={encoding}>"))
        })?;
        shown.ok_or_else(|| vm.runtime_error(format!("reentrant call inside {class}.__repr__")))
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        if this.is_exact() {
            this.check_open(vm, this.value())?;
            return Ok(this.next_line(vm)?.map(Ref::into_value));
        }
        this.below(vm)?;
        this.telling.set(false);
        let line = vm.call_method_name(this.value(), &names().readline, &[])?;
        let Some(s) = line.downcast::<Str>() else {
            let given = line.ty().tp_name();
            return Err(os_error_text(vm, format!("readline() should have returned a str object, not '{given}'")));
        };
        if s.is_empty() {
            this.end_iteration();
            return Ok(None);
        }
        Ok(Some(line))
    }

    /// Reconfigure the text stream with new parameters.
    ///
    /// This also does an implicit stream flush.
    #[method(sig = "(*, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)")]
    fn reconfigure(
        vm: &Vm,
        this: &Ref<Self>,
        encoding: Nullable<Ref<Str>>,
        errors: Nullable<Ref<Str>>,
        newline: Option<&Value>,
        line_buffering: &Value,
        write_through: &Value,
    ) -> R<()> {
        let buffer = this.below(vm)?;
        let changed = encoding.0.is_some() || errors.0.is_some() || newline.is_some();
        if changed && this.decoded.borrow().is_some() {
            let text = "It is not possible to set the encoding or newline of stream after the first read";
            return Err(unsupported(vm, text));
        }
        let new_newline = match newline {
            None => this.newline.get(),
            Some(v) if v.is_none() => parse_newline(vm, None)?,
            Some(v) => match v.downcast::<Str>() {
                Some(s) => parse_newline(vm, Some(&s.to_string_lossy()))?,
                None => {
                    let given = v.ty().tp_name();
                    let text = format!("reconfigure() argument 'newline' must be str or None, not {given}");
                    return Err(vm.type_error(text));
                }
            },
        };
        let line_buffering = optional_bool(vm, line_buffering, this.line_buffering.get())?;
        let write_through = optional_bool(vm, write_through, this.write_through.get())?;
        vm.call_method_name(this.value(), &names().flush, &[])?;
        this.ratio.set(0.0);
        if changed {
            let (encoding, errors) = match (encoding.0, errors.0) {
                (Some(e), errors) => {
                    let e = if e.is("locale") { super::locale_encoding() } else { e };
                    (Some(e), Some(errors.unwrap_or_else(|| str::from_ref("strict"))))
                }
                (None, errors) => (this.encoding.get(), errors.or_else(|| this.errors.get())),
            };
            if let (Some(encoding), Some(errors)) = (encoding, errors) {
                // The error handler's name is looked at by the coders.
                this.choose_coders(vm, &buffer, &encoding, &errors, new_newline)?;
                this.encoding.set(Some(encoding));
                this.errors.set(Some(errors));
            }
            this.newline.set(new_newline);
            this.fix_encoder(vm, &buffer)?;
        }
        this.line_buffering.set(line_buffering);
        this.write_through.set(write_through);
        Ok(())
    }

    #[method(sig = "()")]
    fn detach(vm: &Vm, this: &Ref<Self>) -> R {
        this.below(vm)?;
        vm.call_method_name(this.value(), &names().flush, &[])?;
        let buffer = this.below(vm)?;
        this.buffer.set(None);
        this.state.set(State::Detached);
        Ok(buffer)
    }

    #[method(sig = "(text, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, text: &Value) -> R<usize> {
        let Some(s) = text.downcast::<Str>() else {
            this.below(vm)?;
            let given = text.ty().tp_name();
            return Err(vm.type_error(format!("write() argument must be str, not {given}")));
        };
        this.write_text(vm, this.value(), s)?;
        Ok(s.len())
    }

    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R<Ref<Str>> {
        this.read_text(vm, this.value(), size.0)
    }

    #[method(sig = "(size=-1, /)")]
    fn readline(vm: &Vm, this: &Ref<Self>, size: isize) -> R<Ref<Str>> {
        this.check_open(vm, this.value())?;
        this.read_line(vm, size)
    }

    #[method(sig = "()")]
    fn flush(vm: &Vm, this: &Ref<Self>) -> R<()> {
        this.flush_all(vm, this.value())
    }

    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        let buffer = this.below(vm)?;
        if base::is_closed(vm, this.value())? {
            return Ok(());
        }
        if this.base.finalizing.get() {
            warn_below(vm, &buffer, this.value());
        }
        let flushed = if plain::<Self>(this.value()).is_some() {
            this.flush_all(vm, this.value())
        } else {
            vm.call_method_name(this.value(), &names().flush, &[]).map(drop)
        };
        let first = support::caught(vm, flushed);
        let closed = vm.call_method_name(&buffer, &names().close, &[]);
        support::chain(vm, first, closed).map(drop)
    }

    /// Return the stream position as an opaque number.
    ///
    /// The return value of tell() can be given as input to seek(), to restore a previous stream position.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Ref<Self>) -> R {
        this.position(vm, this.value())
    }

    /// Set the stream position, and return the new stream position.
    ///
    ///   cookie
    ///     Zero or an opaque number returned by tell().
    ///   whence
    ///     The relative position to seek from: os.SEEK_SET or 0 (cookie as above), os.SEEK_CUR or 1 (cookie must be
    ///     zero), or os.SEEK_END or 2 (cookie must be zero).
    #[method(sig = "(cookie, whence=0, /)")]
    fn seek(vm: &Vm, this: &Ref<Self>, cookie: &Value, whence: i32) -> R {
        this.go_to(vm, this.value(), cookie, whence)
    }

    #[method(sig = "(pos=None, /)")]
    fn truncate(vm: &Vm, this: &Ref<Self>, pos: &Value) -> R {
        this.below(vm)?;
        vm.call_method_name(this.value(), &names().flush, &[])?;
        forward(vm, this, &names().truncate, std::slice::from_ref(pos))
    }

    #[method(sig = "()")]
    fn fileno(vm: &Vm, this: &Ref<Self>) -> R {
        forward(vm, this, &names().fileno, &[])
    }

    #[method(sig = "()")]
    fn seekable(vm: &Vm, this: &Ref<Self>) -> R {
        forward(vm, this, &names().seekable, &[])
    }

    #[method(sig = "()")]
    fn readable(vm: &Vm, this: &Ref<Self>) -> R {
        forward(vm, this, &names().readable, &[])
    }

    #[method(sig = "()")]
    fn writable(vm: &Vm, this: &Ref<Self>) -> R {
        forward(vm, this, &names().writable, &[])
    }

    #[method(sig = "()")]
    fn isatty(vm: &Vm, this: &Ref<Self>) -> R {
        forward(vm, this, &names().isatty, &[])
    }

    /// The encoding.
    #[getter]
    fn encoding(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.encoding_value()
    }

    #[getter]
    fn errors(vm: &Vm, this: &Ref<Self>) -> R<Option<Ref<Str>>> {
        this.check_ready(vm)?;
        Ok(this.errors.get())
    }

    /// The stream of bytes below.
    #[getter]
    fn buffer(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.buffer.get()
    }

    #[getter]
    fn line_buffering(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.line_buffering.get()
    }

    #[getter]
    fn write_through(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.write_through.get()
    }

    #[getter]
    fn newlines(vm: &Vm, this: &Ref<Self>) -> R {
        this.below(vm)?;
        match this.decoding_side.get() {
            Side::Native(_) if this.newline.get().is_universal() => Ok(this.endings.shown()),
            Side::Object => match this.decoder.get() {
                Some(d) => Ok(vm.get_attr_opt(&d, &names().newlines)?.unwrap_or(Value::NONE)),
                None => Ok(Value::NONE),
            },
            _ => Ok(Value::NONE),
        }
    }

    #[getter]
    fn closed(vm: &Vm, this: &Ref<Self>) -> R {
        let buffer = this.below(vm)?;
        match crate::io::quick::closed(vm, &buffer) {
            Some(r) => r.map(Value::bool),
            None => vm.get_attr(&buffer, &names().closed),
        }
    }

    #[getter]
    fn name(vm: &Vm, this: &Ref<Self>) -> R {
        let buffer = this.below(vm)?;
        vm.get_attr(&buffer, &names().name)
    }

    /// How the file was opened, if `open` has made this stream.
    #[getter]
    fn mode(vm: &Vm, this: &Ref<Self>) -> R {
        match this.base.own(&names().mode) {
            Some(v) => Ok(v),
            None => base::missing(vm, this.value(), &names().mode),
        }
    }

    #[setter]
    fn set_mode(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        if this.base.set_own(&names().mode, value) {
            return Ok(());
        }
        base::missing(vm, this.value(), &names().mode).map(drop)
    }

    #[getter(name = "_CHUNK_SIZE")]
    fn chunk_size(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        this.below(vm)?;
        Ok(this.chunk.get())
    }

    #[setter(name = "_CHUNK_SIZE")]
    fn set_chunk_size(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.below(vm)?;
        let Some(v) = value else {
            let name = intern("_CHUNK_SIZE").into_value();
            return Err(vm.attribute_error(this.value(), &name, "cannot delete attribute"));
        };
        let n = int::index(vm, v)?;
        let n = match int::get(&n).and_then(int::IntRef::to_i64) {
            Some(n) => n,
            None => {
                let given = v.ty().tp_name();
                return Err(vm.value_error(format!("cannot fit '{given}' into an index-sized integer")));
            }
        };
        match usize::try_from(n).ok().filter(|n| *n > 0) {
            Some(n) => this.chunk.set(n),
            None => return Err(vm.value_error("a strictly positive integer is required")),
        }
        Ok(())
    }

    #[getter]
    fn _finalizing(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.base.finalizing.get()
    }

    #[setter]
    fn set__finalizing(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.base.finalizing.set(value.map_or(Ok(false), |v| vm.truth(v))?);
        Ok(())
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Value) -> R {
        base::cannot_pickle(vm, this)
    }

    #[method(sig = "(protocol, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Value, _protocol: &Value) -> R {
        base::cannot_pickle(vm, this)
    }
}

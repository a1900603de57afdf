//! `StringIO`: text in memory as a file.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, names};

use super::base::{IoBase, Stream, allocate};
use super::bytesio::{attributes, restore_attributes, state_position};
use super::chars::Text;
use super::kinds::TextIoBase;
use super::newline::{Endings, Newline, has, replace_newlines};
use super::support::{Size, os_error_text};

/// The payload of `StringIO`.
#[derive(Trace)]
#[repr(C)]
pub struct StringIo {
    base: IoBase,
    #[no_trace]
    text: PyCell<Text>,
    pos: Cell<usize>,
    ready: Cell<bool>,
    closed: Cell<bool>,
    #[no_trace]
    newline: Cell<Newline>,
    #[no_trace]
    endings: Endings,
}

impl Stream for StringIo {
    fn base(&self) -> &IoBase {
        &self.base
    }
}

impl Default for StringIo {
    fn default() -> Self {
        Self {
            base: IoBase::default(),
            text: PyCell::new(Text::default()),
            pos: Cell::new(0),
            ready: Cell::new(false),
            closed: Cell::new(false),
            newline: Cell::new(Newline::Lf),
            endings: Endings::default(),
        }
    }
}

impl StringIo {
    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    #[inline]
    fn check(&self, vm: &Vm) -> R<()> {
        if self.ready.get() && !self.closed.get() { Ok(()) } else { Err(self.unusable(vm)) }
    }

    #[cold]
    fn unusable(&self, vm: &Vm) -> taipan_runtime::core::Raised {
        if self.ready.get() {
            vm.value_error("I/O operation on closed file")
        } else {
            vm.value_error("I/O operation on uninitialized object")
        }
    }

    /// Writes text as it is at the current position.
    fn put(&self, vm: &Vm, s: &Str) -> R<()> {
        if s.is_empty() {
            return Ok(());
        }
        let (pos, memory) = {
            let text = self.text.borrow();
            (self.pos.get(), text.width().max(s.kind().width()))
        };
        let end = pos.checked_add(s.len()).filter(|n| *n <= isize::MAX as usize);
        let Some(end) = end else { return Err(vm.overflow_error("new position too large")) };
        vm.check_room(end.saturating_mul(memory))?;
        self.text.borrow_mut().put(pos, s.chars());
        self.pos.set(end);
        Ok(())
    }

    /// `write(s)`: with line endings as the stream wants them.
    pub fn write_text(&self, vm: &Vm, s: &Ref<Str>) -> R<()> {
        match self.newline.get() {
            Newline::Lf => self.put(vm, s),
            n @ (Newline::Translate | Newline::Universal) => {
                let s = self.endings.feed(s.clone(), n == Newline::Translate, true);
                self.put(vm, &s)
            }
            n => {
                let Some(with) = n.written().filter(|_| has(s.chars(), b'\n')) else { return self.put(vm, s) };
                let mut b = StrBuilder::with_capacity(s.len() + 16);
                replace_newlines(s.chars(), with, &mut b);
                self.put(vm, &b.finish_ref())
            }
        }
    }

    /// Takes the characters up to `end` from the current position on.
    fn take(&self, vm: &Vm, end: usize) -> R<Ref<Str>> {
        let start = self.pos.get();
        let text = self.text.borrow();
        let end = end.min(text.len()).max(start);
        vm.check_room((end - start).saturating_mul(text.width()))?;
        let s = text.slice(start, end);
        drop(text);
        self.pos.set(end);
        Ok(s)
    }

    fn line(&self, vm: &Vm, limit: isize) -> R<Ref<Str>> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let end = self.text.borrow().line_end(self.pos.get(), most, self.newline.get());
        self.take(vm, end)
    }

    fn reset(&self, newline: Newline) {
        self.text.set(Text::default());
        self.pos.set(0);
        self.newline.set(newline);
        self.endings.reset();
        self.closed.set(false);
        self.ready.set(true);
    }
}

/// The parameter `newline`.
fn newline_of(vm: &Vm, v: Option<&Value>) -> R<Newline> {
    let text = match v {
        None => Some("\n".to_owned()),
        Some(v) if v.is_none() => None,
        Some(v) => match v.downcast::<Str>() {
            Some(s) => Some(s.to_string_lossy()),
            None => {
                let given = v.ty().tp_name();
                return Err(vm.type_error(format!("newline must be str or None, not {given}")));
            }
        },
    };
    match Newline::parse(text.as_deref()) {
        Some(n) => Ok(n),
        None => {
            let shown = vm.repr_string(v.unwrap_or(&Value::NONE))?;
            Err(vm.value_error(format!("illegal newline value: {shown}")))
        }
    }
}

/// The text that the stream starts with.
fn initial(vm: &Vm, v: &Value) -> R<Option<Ref<Str>>> {
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(s) => Ok(Some(s.clone())),
        None => {
            let given = v.ty().tp_name();
            Err(vm.type_error(format!("initial_value must be str or None, not {given}")))
        }
    }
}

/// Text I/O implementation using an in-memory buffer.
///
/// The initial_value argument sets the value of object. The newline argument is like the one of TextIOWrapper's
/// constructor.
#[class(name = "StringIO", module = "_io", base = TextIoBase, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(initial_value='', newline='\\n')")]
impl StringIo {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        allocate(vm, cls, Self::default())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, initial_value: Option<&Value>, newline: Option<&Value>) -> R<()> {
        this.ready.set(false);
        let newline = newline_of(vm, newline)?;
        let first = match initial_value {
            Some(v) => initial(vm, v)?,
            None => None,
        };
        this.reset(newline);
        if let Some(s) = first {
            this.write_text(vm, &s)?;
        }
        this.pos.set(0);
        Ok(())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.check(vm)?;
        let line = if this.is_exact() {
            this.line(vm, -1)?
        } else {
            let v = vm.call_method_name(this.value(), &names().readline, &[])?;
            v.into_ref::<Str>().map_err(|v| {
                let given = v.ty().tp_name();
                os_error_text(vm, format!("readline() should have returned a str object, not '{given}'"))
            })?
        };
        Ok(if line.is_empty() { None } else { Some(line.into_value()) })
    }

    /// Retrieve the entire contents of the object.
    #[method(sig = "()")]
    fn getvalue(vm: &Vm, this: &Ref<Self>) -> R<Ref<Str>> {
        this.check(vm)?;
        let text = this.text.borrow();
        vm.check_room(text.memory())?;
        Ok(text.slice(0, text.len()))
    }

    /// Tell the current file position.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        this.check(vm).map(|()| this.pos.get())
    }

    /// Read at most size characters, returned as a string.
    ///
    /// If the argument is negative or omitted, read until EOF is reached. Return an empty string at EOF.
    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R<Ref<Str>> {
        this.check(vm)?;
        let end = usize::try_from(size.0).map_or(usize::MAX, |n| this.pos.get().saturating_add(n));
        this.take(vm, end)
    }

    /// Read until newline or EOF.
    ///
    /// Returns an empty string if EOF is hit immediately.
    #[method(sig = "(size=-1, /)")]
    fn readline(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R<Ref<Str>> {
        this.check(vm)?;
        this.line(vm, size.0)
    }

    /// Truncate size to pos.
    ///
    /// The pos argument defaults to the current file position, as returned by tell(). The current file position is
    /// unchanged. Returns the new absolute position.
    #[method(sig = "(pos=None, /)")]
    fn truncate(vm: &Vm, this: &Ref<Self>, pos: &Value) -> R<isize> {
        this.check(vm)?;
        let size = if pos.is_none() { this.pos.get() as isize } else { super::support::size(vm, pos)? };
        let Ok(n) = usize::try_from(size) else { return Err(vm.value_error(format!("Negative size value {size}"))) };
        if n < this.text.borrow().len() {
            this.text.borrow_mut().truncate(n);
        }
        Ok(size)
    }

    /// Change stream position.
    ///
    /// Seek to character offset pos relative to position indicated by whence: 0, the start of stream (the default; pos
    /// should be >= 0), 1, the current position (pos must be 0), 2, the end of stream (pos must be 0). Returns the new
    /// absolute position.
    #[method(sig = "(pos, whence=0, /)")]
    fn seek(vm: &Vm, this: &Ref<Self>, pos: isize, whence: i32) -> R<usize> {
        this.check(vm)?;
        let at = match whence {
            0 if pos < 0 => return Err(vm.value_error(format!("Negative seek position {pos}"))),
            0 => pos as usize,
            1 | 2 if pos != 0 => return Err(os_error_text(vm, "Can't do nonzero cur-relative seeks")),
            1 => this.pos.get(),
            2 => this.text.borrow().len(),
            _ => return Err(vm.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)"))),
        };
        this.pos.set(at);
        Ok(at)
    }

    /// Write string to file.
    ///
    /// Returns the number of characters written, which is always equal to the length of the string.
    #[method(sig = "(s, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, s: &Value) -> R<usize> {
        this.check_ready(vm)?;
        let Some(s) = s.downcast::<Str>() else {
            let given = s.ty().tp_name();
            return Err(vm.type_error(format!("string argument expected, got '{given}'")));
        };
        this.check(vm)?;
        this.write_text(vm, s)?;
        Ok(s.len())
    }

    /// Close the IO object.
    ///
    /// Attempting any further operation after the object is closed will raise a ValueError. This method has no effect
    /// if the file is already closed.
    #[method(sig = "()")]
    fn close(_vm: &Vm, this: &Ref<Self>) {
        this.closed.set(true);
        this.text.set(Text::default());
    }

    /// Returns True if the IO object can be read.
    #[method(sig = "()")]
    fn readable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check(vm).map(|()| true)
    }

    /// Returns True if the IO object can be written.
    #[method(sig = "()")]
    fn writable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check(vm).map(|()| true)
    }

    /// Returns True if the IO object can be seeked.
    #[method(sig = "()")]
    fn seekable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check(vm).map(|()| true)
    }

    #[getter]
    fn closed(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check_ready(vm).map(|()| this.closed.get())
    }

    #[getter]
    fn line_buffering(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check(vm).map(|()| false)
    }

    #[getter]
    fn newlines(vm: &Vm, this: &Ref<Self>) -> R {
        this.check(vm)?;
        Ok(if this.newline.get().is_universal() { this.endings.shown() } else { Value::NONE })
    }

    #[method(sig = "()")]
    fn __getstate__(vm: &Vm, this: &Ref<Self>) -> R {
        this.check(vm)?;
        let text = this.text.borrow();
        let value = text.slice(0, text.len()).into_value();
        drop(text);
        let newline = this.newline.get().text().map_or(Value::NONE, str::from_str);
        let items = [value, newline, Value::from(this.pos.get()), attributes(this.value())];
        Ok(tuple::from_array(items).into_value())
    }

    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        if this.closed.get() {
            return Err(this.unusable(vm));
        }
        let Some([value, newline, pos, attributes]) = state.downcast::<Tuple>().map(|t| t.as_slice()) else {
            let (class, given) = (this.ty().tp_name(), state.ty().tp_name());
            return Err(vm.type_error(format!("{class}.__setstate__ argument should be 4-tuple, got {given}")));
        };
        let first = initial(vm, value)?;
        this.reset(newline_of(vm, Some(newline))?);
        // The text is as it was: its line endings are not touched again.
        if let Some(s) = first {
            this.put(vm, &s)?;
        }
        this.pos.set(0);
        this.pos.set(state_position(vm, pos, "third", "got ")?);
        restore_attributes(vm, this.value(), attributes, "fourth")
    }
}

impl StringIo {
    fn check_ready(&self, vm: &Vm) -> R<()> {
        if self.ready.get() { Ok(()) } else { Err(self.unusable(vm)) }
    }
}

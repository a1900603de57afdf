//! BaseException: what every exception has, and the layout that all exceptions start with.

use std::cell::Cell;

use super::traceback::Traceback;
use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::str::{self, Str, StrBuilder};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{DictOp, TypeObject};
use crate::vm::{Vm, names};

/// The payload of BaseException, and the first part of the payloads of all that derive from it.
#[derive(taipan_macros::Trace, Default)]
#[repr(C)]
pub struct BaseException {
    args: PyCell<Option<Ref<Tuple>>>,
    /// `__traceback__`
    pub traceback: PyCell<Option<Ref<Traceback>>>,
    /// `__context__`
    pub context: PyCell<Option<Value>>,
    /// `__cause__`
    pub cause: PyCell<Option<Value>>,
    /// `__suppress_context__`
    pub suppress_context: Cell<bool>,
    dict: PyCell<Option<Ref<Dict>>>,
}

/// A payload that starts with [`BaseException`].
pub(super) trait ExceptionPayload: Payload {
    /// The payload around its first part, with nothing else set.
    fn around(base: BaseException) -> Self;
}

impl ExceptionPayload for BaseException {
    fn around(base: BaseException) -> Self {
        base
    }
}

/// `__new__` of all exceptions: `args` are set here, so that they are there even when a subclass's
/// `__init__` calls no other.
pub(super) fn make<T: ExceptionPayload>(cls: &TypeObject, args: &[Value]) -> Ref<T> {
    Ref::new_of(cls, T::around(BaseException::with_args(args)))
}

impl BaseException {
    /// A payload with `args`.
    pub fn with_args(args: &[Value]) -> Self {
        Self { args: PyCell::new((!args.is_empty()).then(|| tuple::from_slice(args))), ..Self::default() }
    }

    /// `args`
    pub fn args(&self) -> Ref<Tuple> {
        self.args.get().unwrap_or_else(crate::vm::empty_tuple)
    }

    /// Sets `args`.
    pub fn set_args(&self, args: Ref<Tuple>) {
        self.args.set(Some(args));
    }

    /// `__dict__`, made if there is none yet.
    pub fn dict(&self) -> Ref<Dict> {
        if let Some(d) = self.dict.get() {
            return d;
        }
        let d = Ref::new(Dict::new());
        self.dict.set(Some(d.clone()));
        d
    }

    /// `__dict__` if it was made.
    pub fn dict_opt(&self) -> Option<Ref<Dict>> {
        self.dict.get()
    }

    /// Sets `__cause__` as `raise ... from` does.
    pub fn set_cause(&self, cause: Option<Value>) {
        self.suppress_context.set(true);
        self.cause.set(cause);
    }

    /// Sets `args` to what the constructor got by position.
    ///
    /// Raises TypeError for named arguments.
    pub(super) fn init(&self, vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R<()> {
        if !args.names.is_empty() {
            return Err(vm.type_error(format!("{}() takes no keyword arguments", cls.name())));
        }
        self.set_positional(args.positional());
        Ok(())
    }

    /// Sets `args` unless they are these already.
    pub(super) fn set_positional(&self, given: &[Value]) {
        let now = self.args.get();
        let same = match &now {
            Some(t) => t.len() == given.len() && t.as_slice().iter().zip(given).all(|(a, b)| a.is(b)),
            None => given.is_empty(),
        };
        if !same {
            self.set_args(tuple::from_slice(given));
        }
    }

    /// `str(e)` of classes without a form of their own.
    pub(super) fn text(&self, vm: &Vm) -> R {
        let args = self.args();
        match args.as_slice() {
            [] => Ok(str::from_str("")),
            [one] => vm.str(one),
            _ => vm.repr(args.value()),
        }
    }
}

/// Appends a str object's text; other values are left out.
pub(super) fn push(b: &mut StrBuilder, v: &Value) {
    if let Some(s) = v.downcast::<Str>() {
        b.push_obj(s);
    }
}

/// `value` as an exception for `__context__` and `__cause__`; `None` for None.
fn linked(vm: &Vm, what: &str, value: Option<&Value>) -> R<Option<Value>> {
    match value {
        None => Err(vm.type_error(format!("__{what}__ may not be deleted"))),
        Some(v) if v.is_none() => Ok(None),
        Some(v) if v.downcast::<BaseException>().is_some() => Ok(Some(v.clone())),
        Some(_) => Err(vm.type_error(format!("exception {what} must be None or derive from BaseException"))),
    }
}

/// Common base class for all exceptions.
#[taipan_macros::class(
    name = "BaseException",
    place = BASE_EXCEPTION,
    flags(BASETYPE, GC, HAS_DICT, EXC_SUB)
)]
impl BaseException {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        Ok(make::<Self>(cls, args.positional()).into_value())
    }

    #[slot(init)]
    fn init_slot(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.init(vm, this.ty(), args)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let args = this.args();
        let mut b = StrBuilder::new();
        b.push_obj(&this.ty().name.get());
        if let [one] = args.as_slice() {
            let shown = vm.repr(one)?;
            b.push_str("(");
            push(&mut b, &shown);
            b.push_str(")");
        } else {
            push(&mut b, &vm.repr(args.value())?);
        }
        Ok(b.finish())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        this.text(vm)
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let (cls, args) = (this.ty().to_value(), this.args().into_value());
        Ok(match this.dict_opt() {
            Some(d) => tuple::from_array([cls, args, d.into_value()]).into_value(),
            None => tuple::from_array([cls, args]).into_value(),
        })
    }

    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        if state.is_none() {
            return Ok(());
        }
        let Some(d) = state.downcast::<Dict>() else { return Err(vm.type_error("state is not a dictionary")) };
        for (k, v) in d.items() {
            let name = vm.attr_name(&k)?;
            vm.set_attr(this.value(), &name, &v)?;
        }
        Ok(())
    }

    /// Set self.__traceback__ to tb and return self.
    #[method(sig = "(object, /)")]
    fn with_traceback(vm: &Vm, this: &Ref<Self>, tb: &Value) -> R {
        Self::set___traceback__(vm, this, Some(tb))?;
        Ok(this.value().clone())
    }

    /// Add a note to the exception.
    #[method(sig = "(object, /)")]
    fn add_note(vm: &Vm, this: &Ref<Self>, note: &Value) -> R<()> {
        if note.downcast::<Str>().is_none() {
            return Err(vm.type_error(format!("note must be a str, not '{}'", note.ty().tp_name())));
        }
        let name = &names().__notes__;
        let notes = match vm.get_attr_opt(this.value(), name)? {
            Some(n) => n,
            None => {
                let n = crate::types::list::from_vec(Vec::new()).into_value();
                vm.set_attr(this.value(), name, &n)?;
                n
            }
        };
        match notes.downcast::<crate::types::list::List>() {
            Some(l) => {
                l.push(note.clone());
                Ok(())
            }
            None => Err(vm.type_error("Cannot add note: __notes__ is not a list")),
        }
    }

    #[slot(dict)]
    fn dict_slot(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[getter(name = "args")]
    fn args_getter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.args().into_value())
    }

    #[setter(name = "args")]
    fn args_setter(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("args may not be deleted")) };
        let args = match v.downcast_exact::<Tuple>() {
            Some(t) => t.clone(),
            None => tuple::from_vec(vm.collect(v)?),
        };
        this.set_args(args);
        Ok(())
    }

    #[getter]
    fn __traceback__(_vm: &Vm, this: &Ref<Self>) -> Option<Ref<Traceback>> {
        this.traceback.get()
    }

    #[setter]
    fn set___traceback__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let tb = match value {
            None => return Err(vm.type_error("__traceback__ may not be deleted")),
            Some(v) if v.is_none() => None,
            Some(v) => match v.downcast::<Traceback>() {
                Some(tb) => Some(tb.clone()),
                None => return Err(vm.type_error("__traceback__ must be a traceback or None")),
            },
        };
        this.traceback.set(tb);
        Ok(())
    }

    #[getter]
    fn __context__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.context.get()
    }

    #[setter]
    fn set___context__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.context.set(linked(vm, "context", value)?);
        Ok(())
    }

    #[getter]
    fn __cause__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.cause.get()
    }

    #[setter]
    fn set___cause__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.set_cause(linked(vm, "cause", value)?);
        Ok(())
    }

    #[getter]
    fn __suppress_context__(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.suppress_context.get()
    }

    #[setter]
    fn set___suppress_context__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("can't delete numeric/char attribute")) };
        match v.as_bool() {
            Some(b) => {
                this.suppress_context.set(b);
                Ok(())
            }
            None => Err(vm.type_error("attribute value type must be bool")),
        }
    }
}

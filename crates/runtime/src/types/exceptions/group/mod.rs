//! BaseExceptionGroup and ExceptionGroup.

mod split;
pub(super) mod star;

use super::base::{BASE_EXCEPTION, BaseException, ExceptionPayload, push};
use super::declare::FLAGS;
use super::simple::EXCEPTION;
use crate::core::{Layout, PyCell, R, Raised, Ref, StaticType, Value};
use crate::native::{Args, TypeDef};
use crate::types::str::{Str, StrBuilder};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{Slots, TypeObject, tflag};
use crate::vm::Vm;

/// The payload of BaseExceptionGroup.
#[derive(taipan_macros::Trace)]
#[repr(C)]
pub struct BaseExceptionGroup {
    /// What all exceptions have.
    pub base: BaseException,
    message: PyCell<Option<Value>>,
    exceptions: PyCell<Option<Ref<Tuple>>>,
}

impl ExceptionPayload for BaseExceptionGroup {
    fn around(base: BaseException) -> Self {
        Self { base, message: PyCell::new(None), exceptions: PyCell::new(None) }
    }
}

impl BaseExceptionGroup {
    /// The exceptions in the group.
    pub fn members(&self) -> Ref<Tuple> {
        self.exceptions.get().unwrap_or_else(crate::vm::empty_tuple)
    }

    /// The message.
    pub fn message(&self) -> Value {
        self.message.get().unwrap_or(Value::NONE)
    }
}

/// A group of exceptions, made as `BaseExceptionGroup(message, exceptions)` makes it.
pub fn new_group(vm: &Vm, message: Value, exceptions: Vec<Value>) -> R {
    let args = [message, crate::types::list::from_vec(exceptions).into_value()];
    create(vm, BASE_EXCEPTION_GROUP.get(), &args)
}

/// `__new__`: the arguments are checked, and the plain class becomes ExceptionGroup if it can.
fn create(vm: &Vm, cls: &TypeObject, args: &[Value]) -> R {
    let [message, given] = args else {
        let n = args.len();
        let text = format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({n} given)");
        return Err(vm.type_error(text));
    };
    if message.downcast::<Str>().is_none() {
        let given = if message.is_none() { "None".to_owned() } else { message.ty().tp_name() };
        return Err(vm.type_error(format!("BaseExceptionGroup.__new__() argument 1 must be str, not {given}")));
    }
    if given.ty().slots().item.is_none() && (given.ty().slots().getitem.is_none() || given.ty().has(tflag::DICT_SUB)) {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let exceptions = match given.downcast_exact::<Tuple>() {
        Some(t) => t.clone(),
        None => tuple::from_vec(vm.collect(given)?),
    };
    if exceptions.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut all_plain = true;
    for (i, e) in exceptions.as_slice().iter().enumerate() {
        if e.downcast::<BaseException>().is_none() {
            return Err(vm.value_error(format!("Item {i} of second argument (exceptions) is not an exception")));
        }
        all_plain &= e.ty().is_subtype_of(EXCEPTION.get());
    }
    let mut cls = cls;
    if cls.is(BASE_EXCEPTION_GROUP.get()) {
        if all_plain {
            cls = EXCEPTION_GROUP.get();
        }
    } else if !all_plain && cls.is(EXCEPTION_GROUP.get()) {
        return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    } else if !all_plain && cls.is_subtype_of(EXCEPTION.get()) {
        return Err(vm.type_error(format!("Cannot nest BaseExceptions in '{}'", cls.name())));
    }
    let mut e = BaseExceptionGroup::around(BaseException::with_args(args));
    e.message = PyCell::new(Some(message.clone()));
    e.exceptions = PyCell::new(Some(exceptions));
    Ok(Ref::new_of(cls, e).into_value())
}

/// A combination of multiple unrelated exceptions.
#[taipan_macros::class(
    name = "BaseExceptionGroup",
    place = BASE_EXCEPTION_GROUP,
    base_place = BASE_EXCEPTION,
    flags(BASETYPE, GC, HAS_DICT, EXC_SUB)
)]
impl BaseExceptionGroup {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        create(vm, cls, args.positional())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        let n = this.members().len();
        let message = vm.str(&this.message())?;
        let mut b = StrBuilder::new();
        push(&mut b, &message);
        b.push_str(&format!(" ({n} sub-exception{})", if n > 1 { "s" } else { "" }));
        Ok(b.finish())
    }

    /// exception message
    #[getter(name = "message")]
    fn message_getter(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.message()
    }

    /// nested exceptions
    #[getter]
    fn exceptions(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        this.members()
    }

    #[setter(name = "message")]
    fn message_setter(vm: &Vm, this: &Ref<Self>, _value: Option<&Value>) -> R<()> {
        Err(readonly(vm, this, "message"))
    }

    #[setter]
    fn set_exceptions(vm: &Vm, this: &Ref<Self>, _value: Option<&Value>) -> R<()> {
        Err(readonly(vm, this, "exceptions"))
    }

    /// Returns a group with the same message around other exceptions.
    #[method]
    fn derive(vm: &Vm, this: &Ref<Self>, excs: &Value) -> R {
        vm.call(&BASE_EXCEPTION_GROUP.value(), &[this.message(), excs.clone()])
    }

    /// Returns (match, rest): the parts of the group that match the condition and that don't.
    #[method]
    fn split(vm: &Vm, this: &Ref<Self>, matcher: &Value) -> R {
        let matcher = split::Matcher::from_argument(vm, matcher)?;
        let (matched, rest) = split::split(vm, this.value(), &matcher, true)?;
        Ok(tuple::from_array([matched.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE)]).into_value())
    }

    /// Returns the part of the group that matches the condition, or None.
    #[method]
    fn subgroup(vm: &Vm, this: &Ref<Self>, matcher: &Value) -> R<Option<Value>> {
        let matcher = split::Matcher::from_argument(vm, matcher)?;
        Ok(split::split(vm, this.value(), &matcher, false)?.0)
    }

    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(vm: &Vm, cls: &Value, item: &Value) -> R {
        crate::types::generic_alias::new(vm, cls.clone(), item.clone())
    }
}

#[cold]
fn readonly(vm: &Vm, this: &Ref<BaseExceptionGroup>, name: &str) -> Raised {
    vm.attribute_error(this.value(), crate::vm::intern(name).value(), "readonly attribute")
}

/// The place of ExceptionGroup.
pub static EXCEPTION_GROUP: StaticType = StaticType::new();

/// ExceptionGroup is the one builtin class with two bases.
pub(super) static EXCEPTION_GROUP_DEF: TypeDef = TypeDef {
    name: "ExceptionGroup",
    module: "builtins",
    doc: "",
    text_signature: "",
    place: &EXCEPTION_GROUP,
    base: Some(&BASE_EXCEPTION_GROUP),
    layout: Layout::of::<BaseExceptionGroup>(),
    flags: FLAGS | tflag::HAS_WEAKREF,
    slots: Slots::EMPTY,
    methods: &[],
    getsets: &[],
    shape: Some(add_second_base),
    setup: None,
};

fn add_second_base(ty: &TypeObject) {
    let (group, exception) = (BASE_EXCEPTION_GROUP.value(), EXCEPTION.value());
    ty.bases.set(tuple::from_array([group.clone(), exception.clone()]).into_value());
    let object = <crate::types::object::Object as crate::core::Payload>::TYPE.value();
    let order = [ty.to_value(), group, exception, BASE_EXCEPTION.value(), object];
    ty.mro.set(tuple::from_array(order).into_value());
}

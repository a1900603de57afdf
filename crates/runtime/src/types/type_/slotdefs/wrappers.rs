//! Special methods of native types, made from their slots.

use super::TypeObject;
use crate::core::{R, Value};
use crate::native::Args;
use crate::types::int;
use crate::types::native_fn;
use crate::types::type_::{BinOp, CmpOp, Slots, UnaryFn};
use crate::vm::{Vm, intern};

/// One special method over a slot.
pub struct SlotWrapperDef {
    /// `__name__`
    pub name: &'static str,
    /// `__text_signature__`
    pub signature: &'static str,
    /// `__doc__`
    pub doc: &'static str,
    has: fn(&Slots) -> bool,
    /// Calls the slot of the type that owns the wrapper.
    pub call: fn(&Vm, &TypeObject, &Value, Args<'_>) -> R,
}

fn positional<'a, const N: usize>(vm: &Vm, args: Args<'a>) -> R<&'a [Value; N]> {
    match args.all.try_into() {
        Ok(a) => Ok(a),
        Err(_) => Err(vm.type_error(format!(
            "expected {N} argument{}, got {}",
            if N == 1 { "" } else { "s" },
            args.all.len()
        ))),
    }
}

/// The slot is there, since the wrapper was made from it.
fn slot<T>(vm: &Vm, f: Option<T>) -> R<T> {
    f.ok_or_else(|| vm.type_error("the slot behind this method is gone"))
}

macro_rules! unary_defs {
    ($($field:ident $name:literal $doc:literal;)*) => {
        [$(SlotWrapperDef {
            name: $name, signature: "($self, /)", doc: $doc,
            has: |s| s.$field.is_some(),
            call: |vm, t, v, args| {
                let [] = positional::<0>(vm, args)?;
                let f: UnaryFn = slot(vm, t.slots().$field)?;
                f(vm, v)
            },
        },)*]
    };
}

static UNARY: &[SlotWrapperDef] = &unary_defs! {
    repr "__repr__" "Return repr(self).";
    str "__str__" "Return str(self).";
    iter "__iter__" "Implement iter(self).";
    neg "__neg__" "-self";
    pos "__pos__" "+self";
    abs "__abs__" "abs(self)";
    invert "__invert__" "~self";
    int "__int__" "int(self)";
    float "__float__" "float(self)";
    index "__index__" "Return self converted to an integer, if self is suitable for use as an index into a list.";
    await_ "__await__" "Return an iterator to be used in await expression.";
    aiter "__aiter__" "Return an awaitable, that resolves in asynchronous iterator.";
    anext "__anext__" "Return a value or raise StopAsyncIteration.";
};

fn call_binary(vm: &Vm, t: &TypeObject, v: &Value, args: Args<'_>, op: BinOp, reflected: bool, inplace: bool) -> R {
    let [other] = positional::<1>(vm, args)?;
    let s = t.slots();
    let f = if inplace { s.inplace[op as usize] } else { s.binary[op as usize] };
    match f {
        Some(f) if reflected => f(vm, other, v),
        Some(f) => f(vm, v, other),
        None => sequence_op(vm, s, v, other, op, inplace),
    }
}

fn sequence_op(vm: &Vm, s: &Slots, v: &Value, other: &Value, op: BinOp, inplace: bool) -> R {
    match op {
        BinOp::Add => slot(vm, if inplace { s.inplace_concat } else { s.concat })?(vm, v, other),
        _ => {
            let f = slot(vm, if inplace { s.inplace_repeat } else { s.repeat })?;
            let i = int::index(vm, other)?;
            match int::get(&i).and_then(int::IntRef::to_i64) {
                Some(n) => f(vm, v, n as isize),
                None => Err(vm.overflow_error("cannot fit 'int' into an index-sized integer")),
            }
        }
    }
}

macro_rules! binary_defs {
    ($($op:ident $name:literal $rname:literal $iname:literal $doc:literal $rdoc:literal $idoc:literal;)*) => {
        [$(
            SlotWrapperDef {
                name: $name, signature: "($self, value, /)", doc: $doc,
                has: |s| s.binary[BinOp::$op as usize].is_some() || sequence_has(s, BinOp::$op, false),
                call: |vm, t, v, args| call_binary(vm, t, v, args, BinOp::$op, false, false),
            },
            SlotWrapperDef {
                name: $rname, signature: "($self, value, /)", doc: $rdoc,
                has: |s| s.binary[BinOp::$op as usize].is_some() || (matches!(BinOp::$op, BinOp::Mul) && s.repeat.is_some()),
                call: |vm, t, v, args| call_binary(vm, t, v, args, BinOp::$op, true, false),
            },
            SlotWrapperDef {
                name: $iname, signature: "($self, value, /)", doc: $idoc,
                has: |s| s.inplace[BinOp::$op as usize].is_some() || sequence_has(s, BinOp::$op, true),
                call: |vm, t, v, args| call_binary(vm, t, v, args, BinOp::$op, false, true),
            },
        )*]
    };
}

fn sequence_has(s: &Slots, op: BinOp, inplace: bool) -> bool {
    match (op, inplace) {
        (BinOp::Add, false) => s.concat.is_some(),
        (BinOp::Add, true) => s.inplace_concat.is_some(),
        (BinOp::Mul, false) => s.repeat.is_some(),
        (BinOp::Mul, true) => s.inplace_repeat.is_some(),
        _ => false,
    }
}

static BINARY: &[SlotWrapperDef] = &binary_defs! {
    Add "__add__" "__radd__" "__iadd__" "Return self+value." "Return value+self." "Implement self+=value.";
    Sub "__sub__" "__rsub__" "__isub__" "Return self-value." "Return value-self." "Return self-=value.";
    Mul "__mul__" "__rmul__" "__imul__" "Return self*value." "Return value*self." "Implement self*=value.";
    TrueDiv "__truediv__" "__rtruediv__" "__itruediv__" "Return self/value." "Return value/self." "Return self/=value.";
    FloorDiv "__floordiv__" "__rfloordiv__" "__ifloordiv__" "Return self//value." "Return value//self." "Return self//=value.";
    Mod "__mod__" "__rmod__" "__imod__" "Return self%value." "Return value%self." "Return self%=value.";
    MatMul "__matmul__" "__rmatmul__" "__imatmul__" "Return self@value." "Return value@self." "Return self@=value.";
    LShift "__lshift__" "__rlshift__" "__ilshift__" "Return self<<value." "Return value<<self." "Return self<<=value.";
    RShift "__rshift__" "__rrshift__" "__irshift__" "Return self>>value." "Return value>>self." "Return self>>=value.";
    And "__and__" "__rand__" "__iand__" "Return self&value." "Return value&self." "Return self&=value.";
    Or "__or__" "__ror__" "__ior__" "Return self|value." "Return value|self." "Return self|=value.";
    Xor "__xor__" "__rxor__" "__ixor__" "Return self^value." "Return value^self." "Return self^=value.";
    DivMod "__divmod__" "__rdivmod__" "" "Return divmod(self, value)." "Return divmod(value, self)." "";
};

fn compare(vm: &Vm, t: &TypeObject, v: &Value, args: Args<'_>, op: CmpOp) -> R {
    let [other] = positional::<1>(vm, args)?;
    slot(vm, t.slots().richcompare)?(vm, v, other, op)
}

fn power(vm: &Vm, t: &TypeObject, v: &Value, args: Args<'_>, reflected: bool) -> R {
    let (other, modulo) = match args.positional() {
        [a] => (a, Value::NONE),
        [a, m] => (a, m.clone()),
        more => return Err(vm.type_error(format!("expected at most 2 arguments, got {}", more.len()))),
    };
    let (a, b) = if reflected { (other, v) } else { (v, other) };
    if !modulo.is_none()
        && let Some(f) = t.slots().pow3
    {
        return f(vm, a, b, &modulo);
    }
    slot(vm, t.slots().binary[BinOp::Pow as usize])?(vm, a, b)
}

macro_rules! def {
    ($name:literal $sig:literal $doc:literal, $has:expr, $call:expr) => {
        SlotWrapperDef { name: $name, signature: $sig, doc: $doc, has: $has, call: $call }
    };
}

static OTHER: &[SlotWrapperDef] = &[
    def!("__init__" "($self, /, *args, **kwargs)" "Initialize self.  See help(type(self)) for accurate signature.",
        |s| s.init.is_some(), |vm, t, v, args| slot(vm, t.slots().init)?(vm, v, args).map(|()| Value::NONE)),
    def!("__hash__" "($self, /)" "Return hash(self).", |s| s.hash.is_some(), |vm, t, v, args| {
        let [] = positional::<0>(vm, args)?;
        slot(vm, t.slots().hash)?(vm, v).map(Value::from)
    }),
    def!("__call__" "($self, /, *args, **kwargs)" "Call self as a function.",
        |s| s.call.is_some(), |vm, t, v, args| slot(vm, t.slots().call)?(vm, v, args)),
    def!("__getattribute__" "($self, name, /)" "Return getattr(self, name).", |s| s.getattro.is_some(), |vm, t, v, args| {
        let [name] = positional::<1>(vm, args)?;
        let name = vm.attr_name(name)?;
        slot(vm, t.slots().getattro)?(vm, v, &name)
    }),
    def!("__setattr__" "($self, name, value, /)" "Implement setattr(self, name, value).", |s| s.setattro.is_some(), |vm, t, v, args| {
        let [name, value] = positional::<2>(vm, args)?;
        setattr_guard(vm, t, v, "__setattr__")?;
        let name = vm.attr_name(name)?;
        slot(vm, t.slots().setattro)?(vm, v, &name, Some(value)).map(|()| Value::NONE)
    }),
    def!("__delattr__" "($self, name, /)" "Implement delattr(self, name).", |s| s.setattro.is_some(), |vm, t, v, args| {
        let [name] = positional::<1>(vm, args)?;
        setattr_guard(vm, t, v, "__delattr__")?;
        let name = vm.attr_name(name)?;
        slot(vm, t.slots().setattro)?(vm, v, &name, None).map(|()| Value::NONE)
    }),
    def!("__lt__" "($self, value, /)" "Return self<value.", |s| s.richcompare.is_some(), |vm, t, v, a| compare(vm, t, v, a, CmpOp::Lt)),
    def!("__le__" "($self, value, /)" "Return self<=value.", |s| s.richcompare.is_some(), |vm, t, v, a| compare(vm, t, v, a, CmpOp::Le)),
    def!("__eq__" "($self, value, /)" "Return self==value.", |s| s.richcompare.is_some(), |vm, t, v, a| compare(vm, t, v, a, CmpOp::Eq)),
    def!("__ne__" "($self, value, /)" "Return self!=value.", |s| s.richcompare.is_some(), |vm, t, v, a| compare(vm, t, v, a, CmpOp::Ne)),
    def!("__gt__" "($self, value, /)" "Return self>value.", |s| s.richcompare.is_some(), |vm, t, v, a| compare(vm, t, v, a, CmpOp::Gt)),
    def!("__ge__" "($self, value, /)" "Return self>=value.", |s| s.richcompare.is_some(), |vm, t, v, a| compare(vm, t, v, a, CmpOp::Ge)),
    def!("__next__" "($self, /)" "Implement next(self).", |s| s.next.is_some(), |vm, t, v, args| {
        let [] = positional::<0>(vm, args)?;
        vm.forget_stop_value();
        match slot(vm, t.slots().next)?(vm, v)? {
            Some(x) => Ok(x),
            None => Err(vm.stop_iteration(Some(vm.take_stop_value()))),
        }
    }),
    def!("__get__" "($self, instance, owner=None, /)" "Return an attribute of instance, which is of type owner.", |s| s.descr_get.is_some(), |vm, t, v, args| {
        let (obj, cls) = match args.positional() {
            [o] => (o, None),
            [o, c] => (o, Some(c)),
            more => return Err(vm.type_error(format!("expected 1 or 2 arguments, got {}", more.len()))),
        };
        let (obj, cls) = (Some(obj).filter(|o| !o.is_none()), cls.filter(|c| !c.is_none()));
        if obj.is_none() && cls.is_none() {
            return Err(vm.type_error("__get__(None, None) is invalid"));
        }
        slot(vm, t.slots().descr_get)?(vm, v, obj, cls)
    }),
    def!("__set__" "($self, instance, value, /)" "Set an attribute of instance to value.", |s| s.descr_set.is_some(), |vm, t, v, args| {
        let [obj, value] = positional::<2>(vm, args)?;
        slot(vm, t.slots().descr_set)?(vm, v, obj, Some(value)).map(|()| Value::NONE)
    }),
    def!("__delete__" "($self, instance, /)" "Delete an attribute of instance.", |s| s.descr_set.is_some(), |vm, t, v, args| {
        let [obj] = positional::<1>(vm, args)?;
        slot(vm, t.slots().descr_set)?(vm, v, obj, None).map(|()| Value::NONE)
    }),
    def!("__del__" "($self, /)" "Called when the instance is about to be destroyed.", |s| s.finalize.is_some(), |vm, t, v, args| {
        let [] = positional::<0>(vm, args)?;
        slot(vm, t.slots().finalize)?(vm, v);
        Ok(Value::NONE)
    }),
    def!("__bool__" "($self, /)" "True if self else False", |s| s.bool.is_some(), |vm, t, v, args| {
        let [] = positional::<0>(vm, args)?;
        slot(vm, t.slots().bool)?(vm, v).map(Value::bool)
    }),
    def!("__len__" "($self, /)" "Return len(self).", |s| s.len.is_some(), |vm, t, v, args| {
        let [] = positional::<0>(vm, args)?;
        slot(vm, t.slots().len)?(vm, v).map(Value::from)
    }),
    def!("__getitem__" "($self, key, /)" "Return self[key].", |s| s.getitem.is_some(), |vm, t, v, args| {
        let [key] = positional::<1>(vm, args)?;
        slot(vm, t.slots().getitem)?(vm, v, key)
    }),
    def!("__setitem__" "($self, key, value, /)" "Set self[key] to value.", |s| s.setitem.is_some(), |vm, t, v, args| {
        let [key, value] = positional::<2>(vm, args)?;
        slot(vm, t.slots().setitem)?(vm, v, key, Some(value)).map(|()| Value::NONE)
    }),
    def!("__delitem__" "($self, key, /)" "Delete self[key].", |s| s.setitem.is_some(), |vm, t, v, args| {
        let [key] = positional::<1>(vm, args)?;
        slot(vm, t.slots().setitem)?(vm, v, key, None).map(|()| Value::NONE)
    }),
    def!("__contains__" "($self, key, /)" "Return bool(key in self).", |s| s.contains.is_some(), |vm, t, v, args| {
        let [key] = positional::<1>(vm, args)?;
        slot(vm, t.slots().contains)?(vm, v, key).map(Value::bool)
    }),
    def!("__pow__" "($self, value, mod=None, /)" "Return pow(self, value, mod).",
        |s| s.binary[BinOp::Pow as usize].is_some(), |vm, t, v, a| power(vm, t, v, a, false)),
    def!("__rpow__" "($self, value, mod=None, /)" "Return pow(value, self, mod).",
        |s| s.binary[BinOp::Pow as usize].is_some(), |vm, t, v, a| power(vm, t, v, a, true)),
    def!("__ipow__" "($self, value, /)" "Return self**=value.",
        |s| s.inplace[BinOp::Pow as usize].is_some(), |vm, t, v, a| call_binary(vm, t, v, a, BinOp::Pow, false, true)),
    def!("__buffer__" "($self, flags, /)" "Return a buffer object that exposes the underlying memory of the object.", |s| s.buffer.is_some(), |vm, t, v, args| {
        let [flags] = positional::<1>(vm, args)?;
        let flags = int::to_i64(vm, flags)?;
        let buffer = slot(vm, t.slots().buffer)?(vm, v, flags as u32)?;
        Ok(crate::types::memoryview::from_buffer(buffer))
    }),
    def!("__release_buffer__" "($self, buffer, /)" "Release the buffer object that exposes the underlying memory of the object.", |s| s.buffer.is_some(), |vm, _t, v, args| {
        let [view] = positional::<1>(vm, args)?;
        crate::types::memoryview::release_for(vm, v, view)
    }),
];

/// `object.__setattr__(some_type, ...)` must not go around the checks of a more special native type.
fn setattr_guard(vm: &Vm, owner: &TypeObject, v: &Value, what: &str) -> R<()> {
    let mut t = Some(v.ty().to_value());
    while let Some(tv) = t {
        let Some(ty) = tv.as_type() else { break };
        if !ty.has(super::tflag::HEAP) {
            let same = match (ty.slots().setattro, owner.slots().setattro) {
                (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
                (None, None) => true,
                _ => false,
            };
            if !same {
                return Err(vm.type_error(format!("can't apply this {what} to {} object", v.ty().tp_name())));
            }
            break;
        }
        t = ty.base.get();
    }
    Ok(())
}

/// Puts the wrappers for a native type's own slots into its dictionary.
pub fn add_wrappers(ty: &TypeObject, own: &Slots) {
    for def in UNARY.iter().chain(BINARY).chain(OTHER) {
        if !def.name.is_empty() && (def.has)(own) {
            ty.dict.set_name(intern(def.name).value(), native_fn::slot_wrapper(def, ty));
        }
    }
    if own.new.is_some() {
        ty.dict.set_str("__new__", native_fn::native_new(ty));
    }
}

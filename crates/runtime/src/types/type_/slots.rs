//! The table of what instances of a type can do.

use crate::core::{PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::memoryview::Buffer;
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// A binary operator, in the order of the slot table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum BinOp {
    Add, Sub, Mul, TrueDiv, FloorDiv, Mod, Pow, MatMul, LShift, RShift, And, Or, Xor, DivMod,
}

/// How many binary operators there are.
pub const BINOPS: usize = 14;

impl BinOp {
    /// All, in order.
    pub const ALL: [BinOp; BINOPS] = [
        Self::Add, Self::Sub, Self::Mul, Self::TrueDiv, Self::FloorDiv, Self::Mod, Self::Pow,
        Self::MatMul, Self::LShift, Self::RShift, Self::And, Self::Or, Self::Xor, Self::DivMod,
    ];

    /// `("__add__", "__radd__", "__iadd__", "+")` and so on; there is no in-place divmod.
    pub const fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Add => ("__add__", "__radd__", "__iadd__", "+"),
            Self::Sub => ("__sub__", "__rsub__", "__isub__", "-"),
            Self::Mul => ("__mul__", "__rmul__", "__imul__", "*"),
            Self::TrueDiv => ("__truediv__", "__rtruediv__", "__itruediv__", "/"),
            Self::FloorDiv => ("__floordiv__", "__rfloordiv__", "__ifloordiv__", "//"),
            Self::Mod => ("__mod__", "__rmod__", "__imod__", "%"),
            Self::Pow => ("__pow__", "__rpow__", "__ipow__", "** or pow()"),
            Self::MatMul => ("__matmul__", "__rmatmul__", "__imatmul__", "@"),
            Self::LShift => ("__lshift__", "__rlshift__", "__ilshift__", "<<"),
            Self::RShift => ("__rshift__", "__rrshift__", "__irshift__", ">>"),
            Self::And => ("__and__", "__rand__", "__iand__", "&"),
            Self::Or => ("__or__", "__ror__", "__ior__", "|"),
            Self::Xor => ("__xor__", "__rxor__", "__ixor__", "^"),
            Self::DivMod => ("__divmod__", "__rdivmod__", "", "divmod()"),
        }
    }
}

/// A rich comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum CmpOp {
    Lt, Le, Eq, Ne, Gt, Ge,
}

impl CmpOp {
    /// All, in order.
    pub const ALL: [CmpOp; 6] = [Self::Lt, Self::Le, Self::Eq, Self::Ne, Self::Gt, Self::Ge];

    /// The method's name.
    pub const fn name(self) -> &'static str {
        ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"][self as usize]
    }

    /// The operator's text.
    pub const fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// The comparison with its sides exchanged.
    pub const fn swapped(self) -> CmpOp {
        [Self::Gt, Self::Ge, Self::Eq, Self::Ne, Self::Lt, Self::Le][self as usize]
    }

    /// What the comparison says of an ordering.
    #[inline(always)]
    pub fn matches(self, o: std::cmp::Ordering) -> bool {
        match self {
            Self::Lt => o.is_lt(),
            Self::Le => o.is_le(),
            Self::Eq => o.is_eq(),
            Self::Ne => o.is_ne(),
            Self::Gt => o.is_gt(),
            Self::Ge => o.is_ge(),
        }
    }
}

/// What the slot `dict` is asked to do with an object's namespace.
#[derive(Clone)]
pub enum DictOp {
    /// Give it if it was made.
    Get,
    /// Give it, made now if need be.
    Make,
    /// Take this one instead; gives the old one.
    Set(Ref<Dict>),
    /// Forget it; gives the old one.
    Delete,
}

impl DictOp {
    /// The whole slot, for an object that keeps its namespace in a cell.
    pub fn on(self, cell: &PyCell<Option<Ref<Dict>>>) -> Option<Ref<Dict>> {
        match self {
            Self::Get => cell.get(),
            Self::Make => {
                if let Some(d) = cell.get() {
                    return Some(d);
                }
                let d = Ref::new(Dict::new());
                cell.set(Some(d.clone()));
                Some(d)
            }
            Self::Set(d) => cell.replace(Some(d)),
            Self::Delete => cell.take(),
        }
    }
}

/// One argument to an object.
pub type UnaryFn = fn(&Vm, &Value) -> R;
/// A binary operator: either side may be of the slot's type; `NotImplemented` passes the question on.
pub type BinaryFn = fn(&Vm, &Value, &Value) -> R;

/// What instances of a type can do; CPython's `tp_*`, `nb_*`, `sq_*`, `mp_*` and `am_*` slots.
/// The object is always the first value.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "named as in CPython")]
pub struct Slots {
    pub new: Option<fn(&Vm, &TypeObject, Args<'_>) -> R>,
    pub init: Option<fn(&Vm, &Value, Args<'_>) -> R<()>>,
    pub repr: Option<UnaryFn>,
    pub str: Option<UnaryFn>,
    pub hash: Option<fn(&Vm, &Value) -> R<i64>>,
    pub call: Option<fn(&Vm, &Value, Args<'_>) -> R>,
    pub getattro: Option<fn(&Vm, &Value, &Value) -> R>,
    /// `None` deletes.
    pub setattro: Option<fn(&Vm, &Value, &Value, Option<&Value>) -> R<()>>,
    pub richcompare: Option<fn(&Vm, &Value, &Value, CmpOp) -> R>,
    pub iter: Option<UnaryFn>,
    /// `Ok(None)` when exhausted.
    pub next: Option<fn(&Vm, &Value) -> R<Option<Value>>>,
    /// The object (or `None` for the class) and the class.
    pub descr_get: Option<fn(&Vm, &Value, Option<&Value>, Option<&Value>) -> R>,
    /// `None` deletes.
    pub descr_set: Option<fn(&Vm, &Value, &Value, Option<&Value>) -> R<()>>,
    /// `__del__`; errors are reported as unraisable.
    pub finalize: Option<fn(&Vm, &Value)>,

    pub binary: [Option<BinaryFn>; BINOPS],
    pub inplace: [Option<BinaryFn>; BINOPS],
    /// Three-argument `pow`; two-argument `pow` is in `binary`.
    pub pow3: Option<fn(&Vm, &Value, &Value, &Value) -> R>,
    pub neg: Option<UnaryFn>,
    pub pos: Option<UnaryFn>,
    pub abs: Option<UnaryFn>,
    pub invert: Option<UnaryFn>,
    pub bool: Option<fn(&Vm, &Value) -> R<bool>>,
    pub int: Option<UnaryFn>,
    pub float: Option<UnaryFn>,
    pub index: Option<UnaryFn>,

    pub len: Option<fn(&Vm, &Value) -> R<usize>>,
    pub getitem: Option<BinaryFn>,
    /// `None` deletes.
    pub setitem: Option<fn(&Vm, &Value, &Value, Option<&Value>) -> R<()>>,
    pub contains: Option<fn(&Vm, &Value, &Value) -> R<bool>>,
    /// `sq_item`: the index is not negative-adjusted. Present on sequences; drives the default iterator and `PySequence_Check`.
    pub item: Option<fn(&Vm, &Value, isize) -> R>,
    pub concat: Option<BinaryFn>,
    pub repeat: Option<fn(&Vm, &Value, isize) -> R>,
    pub inplace_concat: Option<BinaryFn>,
    pub inplace_repeat: Option<fn(&Vm, &Value, isize) -> R>,

    pub await_: Option<UnaryFn>,
    pub aiter: Option<UnaryFn>,
    pub anext: Option<UnaryFn>,
    /// The namespace of native objects that have one in their payload.
    pub dict: Option<fn(&Vm, &Value, DictOp) -> Option<Ref<Dict>>>,
    /// The buffer protocol.
    pub buffer: Option<fn(&Vm, &Value, u32) -> R<Buffer>>,
}

impl Slots {
    /// No slot at all.
    pub const EMPTY: Slots = Slots {
        new: None, init: None, repr: None, str: None, hash: None, call: None, getattro: None, setattro: None,
        richcompare: None, iter: None, next: None, descr_get: None, descr_set: None, finalize: None,
        binary: [None; BINOPS], inplace: [None; BINOPS], pow3: None, neg: None, pos: None, abs: None,
        invert: None, bool: None, int: None, float: None, index: None, len: None, getitem: None,
        setitem: None, contains: None, item: None, concat: None, repeat: None, inplace_concat: None,
        inplace_repeat: None, await_: None, aiter: None, anext: None, dict: None, buffer: None,
    };
}

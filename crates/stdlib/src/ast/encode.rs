//! From a tree to objects.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use super::classes::{Classes, classes};
use super::grammar::{Id, SINGLETONS, grammar};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::{bytes, complex, frozenset, int, list, str, tuple};
use taipan_runtime::vm::{Vm, intern, new_with_values};
use taipan_syntax::ast::{self, Constant, Made, PyString, Span};

/// A module, expression, ... as an object.
///
/// Raises RecursionError for trees that are too deep.
pub fn tree(vm: &Vm, tree: &ast::Mod) -> R {
    let e = Encoder { vm, classes: classes(vm)?, names: RefCell::default() };
    tree.encode(&e, "mod")
}

/// Hashes addresses.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_usize(&mut self, n: usize) {
        self.0 = (n as u64 >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

struct Encoder<'a> {
    vm: &'a Vm,
    classes: Ref<Classes>,
    /// Names by their address: equal names of a parse are the same.
    names: RefCell<HashMap<usize, Value, BuildHasherDefault<AddressHasher>>>,
}

impl Encoder<'_> {
    /// A node from its fields, in order.
    #[inline]
    fn node<const N: usize>(&self, id: Id, values: [Value; N]) -> R {
        match self.classes.nodes.get(id as usize).and_then(Value::as_type) {
            Some(cls) => Ok(new_with_values(cls, values)),
            None => Err(self.vm.system_error("the classes of _ast are gone")),
        }
    }

    #[inline]
    fn singleton(&self, id: Id) -> Value {
        self.classes.singletons.get((id as usize).wrapping_sub(SINGLETONS.0)).cloned().unwrap_or(Value::NONE)
    }
}

/// What can stand in a field.
trait Encode {
    /// As an object; `ty` is the field's type in the grammar.
    fn encode(&self, e: &Encoder<'_>, ty: &'static str) -> R;
}

impl<T: Encode> Encode for Box<T> {
    #[inline]
    fn encode(&self, e: &Encoder<'_>, ty: &'static str) -> R {
        (**self).encode(e, ty)
    }
}

impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode(&self, e: &Encoder<'_>, ty: &'static str) -> R {
        match self {
            Some(t) => t.encode(e, ty),
            None => Ok(Value::NONE),
        }
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, e: &Encoder<'_>, ty: &'static str) -> R {
        let mut items = Vec::with_capacity(self.len());
        for t in self {
            items.push(t.encode(e, ty)?);
        }
        Ok(list::from_vec(items).into_value())
    }
}

impl Encode for Rc<str> {
    fn encode(&self, e: &Encoder<'_>, ty: &'static str) -> R {
        if ty.starts_with("string") {
            return Ok(str::from_str(self));
        }
        let address = self.as_ptr().addr();
        if let Some(v) = e.names.borrow().get(&address) {
            return Ok(v.clone());
        }
        let v = intern(self).into_value();
        e.names.borrow_mut().insert(address, v.clone());
        Ok(v)
    }
}

impl Encode for PyString {
    fn encode(&self, _: &Encoder<'_>, _: &'static str) -> R {
        Ok(str::from_wtf8(self.as_bytes()).into_value())
    }
}

impl Encode for char {
    fn encode(&self, _: &Encoder<'_>, _: &'static str) -> R {
        Ok(str::from_char(u32::from(*self)).into_value())
    }
}

impl Encode for bool {
    fn encode(&self, _: &Encoder<'_>, _: &'static str) -> R {
        Ok(Value::small(i32::from(*self)))
    }
}

impl Encode for u32 {
    fn encode(&self, _: &Encoder<'_>, _: &'static str) -> R {
        Ok(Value::from(*self))
    }
}

impl Encode for i32 {
    fn encode(&self, _: &Encoder<'_>, _: &'static str) -> R {
        Ok(Value::small(*self))
    }
}

impl Encode for Constant {
    fn encode(&self, e: &Encoder<'_>, ty: &'static str) -> R {
        Ok(match self {
            Constant::None => Value::NONE,
            Constant::True => Value::TRUE,
            Constant::False => Value::FALSE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::Int(n) => Value::from(*n),
            Constant::BigInt(n) => int::from_big(n.clone().into()),
            Constant::Float(x) => Value::from(*x),
            Constant::Complex(x) => complex::from_parts(0.0, *x),
            Constant::Str(s) => return s.encode(e, ty),
            Constant::Bytes(b) => bytes::from_slice(b).into_value(),
            Constant::Made(made) => match &**made {
                Made::Int(n) => int::from_big(n.clone()),
                Made::Complex(re, im) => complex::from_parts(*re, *im),
                Made::Tuple(items) => {
                    let items = items.iter().map(|c| c.encode(e, ty)).collect::<R<Vec<_>>>()?;
                    tuple::from_vec(items).into_value()
                }
                Made::FrozenSet(items) => {
                    let items = items.iter().map(|c| c.encode(e, ty)).collect::<R<Vec<_>>>()?;
                    frozenset::from_vec(e.vm, items)?
                }
            },
        })
    }
}

fn place(span: &Span) -> [Value; 4] {
    [span.line.into(), span.col.into(), span.end_line.into(), span.end_col.into()]
}

/// Matches a variant: by its fields, or by the box of them.
macro_rules! pattern {
    ($K:ident $C:ident $b:ident [] $($f:ident)*) => { ast::$K::$C { $($f),* } };
    ($K:ident $C:ident $b:ident [boxed $S:ident] $($f:ident)*) => { ast::$K::$C($b) };
}

/// Opens the box.
macro_rules! open {
    ($b:ident [] $($f:ident)*) => {};
    ($b:ident [boxed $S:ident] $($f:ident)*) => { let ast::$S { $($f),* } = &**$b; };
}

/// A struct's node, with or without a place.
macro_rules! product {
    ($e:ident $this:ident $R:ident [] $($t:literal $f:ident)*) => {{
        let ast::$R { $($f),* } = $this;
        $e.node(Id::$R, [$($f.encode($e, $t)?),*])
    }};
    ($e:ident $this:ident $R:ident [span] $($t:literal $f:ident)*) => {{
        let ast::$R { $($f,)* span } = $this;
        let [line, col, end_line, end_col] = place(span);
        $e.node(Id::$R, [$($f.encode($e, $t)?,)* line, col, end_line, end_col])
    }};
}

macro_rules! encoders {
    (
        sums { $($m:literal $M:ident { $($mc:ident [] { $($mt:literal $mf:ident),* })* })* }
        placed { $($p:literal $P:ident $K:ident { $($pc:ident $b:tt { $($pt:literal $pf:ident),* })* })* }
        single { $($s:literal $S:ident $span:tt { $($st:literal $sf:ident),* })* }
        simple { $($n:literal $E:ident { $($v:ident)* })* }
        products { $($r:literal $R:ident $rspan:tt { $($rt:literal $rf:ident),* })* }
    ) => {
        $(impl Encode for ast::$M {
            fn encode(&self, e: &Encoder<'_>, _: &'static str) -> R {
                match self {
                    $(ast::$M::$mc { $($mf),* } => e.node(Id::$mc, [$($mf.encode(e, $mt)?),*]),)*
                }
            }
        })*
        $(impl Encode for ast::$P {
            fn encode(&self, e: &Encoder<'_>, _: &'static str) -> R {
                e.vm.check_native_stack()?;
                let [line, col, end_line, end_col] = place(&self.span);
                match &self.kind {
                    $(pattern!($K $pc boxed $b $($pf)*) => {
                        open!(boxed $b $($pf)*);
                        e.node(Id::$pc, [$($pf.encode(e, $pt)?,)* line, col, end_line, end_col])
                    })*
                }
            }
        })*
        $(impl Encode for ast::$S {
            fn encode(&self, e: &Encoder<'_>, _: &'static str) -> R {
                product!(e self $S $span $($st $sf)*)
            }
        })*
        $(impl Encode for ast::$E {
            fn encode(&self, e: &Encoder<'_>, _: &'static str) -> R {
                Ok(match self {
                    $(ast::$E::$v => e.singleton(Id::$v),)*
                })
            }
        })*
        $(impl Encode for ast::$R {
            fn encode(&self, e: &Encoder<'_>, _: &'static str) -> R {
                product!(e self $R $rspan $($rt $rf)*)
            }
        })*
    };
}
grammar!(encoders);

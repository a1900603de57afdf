//! From objects to a tree, with CPython's messages for what is no tree.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::classes::{Classes, PLACE, classes};
use super::grammar::{Id, NODES, grammar};
use super::validate;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, complex, float, frozenset, int};
use taipan_runtime::vm::{Vm, value_of_key};
use taipan_syntax::Mode;
use taipan_syntax::ast::{self, Constant, Made, PyString, Span};

/// The tree in an object; `None` if it is none of `ast`.
///
/// Raises TypeError, ValueError and RecursionError for what is no tree of this mode.
pub fn tree(vm: &Vm, source: &Value, mode: Mode) -> R<Option<ast::Mod>> {
    let classes = classes(vm)?;
    if !classes.ast.as_type().is_some_and(|t| source.ty().is_subtype_of(t)) {
        return Ok(None);
    }
    let d = Decoder { vm, classes, names: RefCell::default() };
    let wanted = match mode {
        Mode::Exec => Id::Module,
        Mode::Eval => Id::Expression,
        Mode::Single => Id::Interactive,
        Mode::FuncType => Id::FunctionType,
    };
    if d.id(source) != Some(wanted as usize) {
        let (wanted, given) = (NODES[wanted as usize].name, source.ty().name());
        return Err(vm.type_error(format!("expected {wanted} node, got {given}")));
    }
    let tree = ast::Mod::decode(&d, source, "mod")?;
    validate::tree(vm, &tree)?;
    Ok(Some(tree))
}

struct Decoder<'a> {
    vm: &'a Vm,
    classes: Ref<Classes>,
    /// Names by their object, each made once.
    names: RefCell<HashMap<u64, (Value, Rc<str>)>>,
}

/// A field that is being read.
#[derive(Clone, Copy)]
struct At {
    /// The class that has it.
    owner: &'static str,
    name: &'static str,
    ty: &'static str,
}

impl Decoder<'_> {
    /// Which node an object is.
    fn id(&self, v: &Value) -> Option<usize> {
        let index = &self.classes.index;
        if let Some(i) = index.get(&v.ty().to_value().raw()) {
            return Some(*i);
        }
        // SAFETY: no Python code runs here.
        unsafe { v.ty().mro_slice() }.iter().find_map(|c| index.get(&c.raw()).copied())
    }

    fn reader<'v>(&'v self, v: &'v Value, id: Option<usize>, owner: &'static str) -> Reader<'v> {
        let class = id.and_then(|i| self.classes.nodes.get(i)).and_then(Value::as_type);
        Reader { d: self, v, owner, id: id.unwrap_or(0), exact: class.filter(|c| c.is(v.ty())), next: Cell::new(0) }
    }

    #[cold]
    fn unexpected(&self, sum: &str, v: &Value) -> Raised {
        match self.vm.repr_string(v) {
            Ok(shown) => self.vm.type_error(format!("expected some sort of {sum}, but got {shown}")),
            Err(raised) => raised,
        }
    }

    #[cold]
    fn required(&self, at: At) -> Raised {
        self.vm.value_error(format!("field '{}' is required for {}", at.name, at.owner))
    }

    fn int(&self, v: &Value) -> R<i32> {
        let n = match (v.as_small(), v.as_bool()) {
            (Some(n), _) => Some(n),
            (_, Some(b)) => Some(i64::from(b)),
            _ => match int::get(v) {
                Some(n) => n.to_i64(),
                None => {
                    let shown = self.vm.repr_string(v)?;
                    return Err(self.vm.value_error(format!("invalid integer value: {shown}")));
                }
            },
        };
        match n.and_then(|n| i32::try_from(n).ok()) {
            Some(n) => Ok(n),
            None => Err(self.vm.overflow_error("Python int too large to convert to C int")),
        }
    }

    /// A str or bytes that may be no instance of a subclass.
    fn text<'v>(&self, v: &'v Value) -> R<std::borrow::Cow<'v, str>> {
        if let Some(s) = v.downcast_exact::<Str>() {
            return s.to_utf8(self.vm);
        }
        match v.downcast_exact::<bytes::Bytes>() {
            Some(b) => Ok(String::from_utf8_lossy(b.as_slice())),
            None => Err(self.vm.type_error("AST string must be of type str")),
        }
    }
}

/// Reads the fields of an object, in their order.
struct Reader<'a> {
    d: &'a Decoder<'a>,
    v: &'a Value,
    owner: &'static str,
    id: usize,
    /// The class, if the object is of one of the grammar's own: its values stand in a known order.
    exact: Option<&'a TypeObject>,
    next: Cell<usize>,
}

impl Reader<'_> {
    fn get(&self, name: &'static str) -> R<Option<Value>> {
        let i = self.next.replace(self.next.get() + 1);
        if let Some(t) = self.exact
            && let Some(v) = value_of_key(self.v, t, i)
        {
            return Ok(Some(v));
        }
        self.d.vm.get_attr_str_opt(self.v, name)
    }

    fn field<T: Decode>(&self, name: &'static str, ty: &'static str) -> R<T> {
        let name = name.strip_suffix('_').unwrap_or(name);
        let at = At { owner: self.owner, name, ty };
        match self.get(name)? {
            None => T::absent(self.d, at),
            Some(v) if v.is_none() => T::none(self.d, &v, at),
            Some(v) => T::decode_at(self.d, &v, at),
        }
    }

    fn place(&self, of: &'static str) -> R<Span> {
        let first = NODES.get(self.id).map_or(0, |s| s.fields.len());
        self.next.set(first);
        let [line, col, end_line, end_col] = PLACE;
        let needed = |name| match self.get(name)? {
            Some(v) => self.d.int(&v),
            None => Err(self.d.vm.type_error(format!("required field \"{name}\" missing from {of}"))),
        };
        let optional = |name, or| match self.get(name)? {
            Some(v) if !v.is_none() => self.d.int(&v),
            _ => Ok(or),
        };
        let (line, col) = (needed(line)?, needed(col)?);
        let (end_line, end_col) = (optional(end_line, line)?, optional(end_col, col)?);
        self.next.set(0);
        if line > end_line {
            return Err(self.d.vm.value_error(format!("AST node line range ({line}, {end_line}) is not valid")));
        }
        if line < 0 && end_line != line || col < 0 && col != end_col {
            return Err(self.d.vm.value_error(format!(
                "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid"
            )));
        }
        if line == end_line && col > end_col {
            return Err(self.d.vm.value_error(format!("line {line}, column {col}-{end_col} is not a valid range")));
        }
        // Without a place.
        let n = |n: i32| u32::try_from(n).unwrap_or(0);
        Ok(Span { line: n(line), col: n(col), end_line: n(end_line), end_col: n(end_col) })
    }
}

/// What can stand in a field.
trait Decode: Sized {
    /// From an object; `ty` is the field's type in the grammar.
    fn decode(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self>;

    /// As [`Decode::decode`], for messages that name the field.
    fn decode_at(d: &Decoder<'_>, v: &Value, at: At) -> R<Self> {
        Self::decode(d, v, at.ty)
    }

    /// From an object that lacks the field.
    fn absent(d: &Decoder<'_>, at: At) -> R<Self> {
        Err(d.vm.type_error(format!("required field \"{}\" missing from {}", at.name, at.owner)))
    }

    /// From `None`.
    fn none(d: &Decoder<'_>, v: &Value, at: At) -> R<Self> {
        Self::decode_at(d, v, at)
    }

    /// From `None` in a list.
    fn none_item(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self> {
        Self::decode(d, v, ty)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self> {
        T::decode(d, v, ty).map(Box::new)
    }

    fn none(d: &Decoder<'_>, v: &Value, at: At) -> R<Self> {
        T::none(d, v, at).map(Box::new)
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self> {
        T::decode(d, v, ty).map(Some)
    }

    fn absent(_: &Decoder<'_>, _: At) -> R<Self> {
        Ok(None)
    }

    fn none(_: &Decoder<'_>, _: &Value, _: At) -> R<Self> {
        Ok(None)
    }

    fn none_item(_: &Decoder<'_>, _: &Value, _: &'static str) -> R<Self> {
        Ok(None)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self> {
        Self::decode_at(d, v, At { owner: "", name: "", ty })
    }

    fn decode_at(d: &Decoder<'_>, v: &Value, at: At) -> R<Self> {
        let At { owner, name, ty } = at;
        let Some(list) = v.downcast::<List>() else {
            let given = v.ty().tp_name();
            return Err(d.vm.type_error(format!("{owner} field \"{name}\" must be a list, not a {given}")));
        };
        let len = list.len();
        let mut out = Vec::with_capacity(len);
        for i in 0..len {
            let Some(v) = list.get(i) else { break };
            out.push(if v.is_none() { T::none_item(d, &v, ty)? } else { T::decode(d, &v, ty)? });
            if list.len() != len {
                return Err(d.vm.runtime_error(format!("{owner} field \"{name}\" changed size during iteration")));
            }
        }
        Ok(out)
    }

    fn absent(_: &Decoder<'_>, _: At) -> R<Self> {
        Ok(Vec::new())
    }
}

impl Decode for Rc<str> {
    fn decode(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self> {
        if ty.starts_with("string") {
            return Ok(Rc::from(&*d.text(v)?));
        }
        let Some(s) = v.downcast_exact::<Str>() else {
            return Err(d.vm.type_error("AST identifier must be of type str"));
        };
        if let Some((_, name)) = d.names.borrow().get(&v.raw()) {
            return Ok(name.clone());
        }
        let name: Rc<str> = Rc::from(&*s.to_utf8(d.vm)?);
        d.names.borrow_mut().insert(v.raw(), (v.clone(), name.clone()));
        Ok(name)
    }

    fn none(d: &Decoder<'_>, _: &Value, at: At) -> R<Self> {
        Err(d.required(at))
    }
}

impl Decode for PyString {
    fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
        match v.downcast_exact::<Str>() {
            Some(s) => Ok(PyString::from_wtf8(&s.to_wtf8())),
            None => Err(invalid(d, v)),
        }
    }
}

impl Decode for char {
    fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
        // Only ever `u`.
        d.text(v).map(|s| s.chars().next().unwrap_or('u'))
    }
}

impl Decode for bool {
    fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
        d.int(v).map(|n| n != 0)
    }
}

impl Decode for u32 {
    fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
        u32::try_from(d.int(v)?).map_err(|_| d.vm.value_error("Negative ImportFrom level"))
    }

    fn absent(_: &Decoder<'_>, _: At) -> R<Self> {
        Ok(0)
    }

    fn none(_: &Decoder<'_>, _: &Value, _: At) -> R<Self> {
        Ok(0)
    }
}

impl Decode for i32 {
    fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
        d.int(v)
    }
}

#[cold]
fn invalid(d: &Decoder<'_>, v: &Value) -> Raised {
    d.vm.type_error(format!("got an invalid type in Constant: {}", v.ty().name()))
}

impl Decode for Constant {
    fn decode(d: &Decoder<'_>, v: &Value, ty: &'static str) -> R<Self> {
        if v.is_none() {
            return Ok(Constant::None);
        }
        if let Some(b) = v.as_bool() {
            return Ok(if b { Constant::True } else { Constant::False });
        }
        if let Some(n) = v.as_small() {
            return Ok(Constant::Int(n));
        }
        if v.is(&Value::ELLIPSIS) {
            return Ok(Constant::Ellipsis);
        }
        if let Some(s) = v.downcast_exact::<Str>() {
            return Ok(Constant::Str(PyString::from_wtf8(&s.to_wtf8())));
        }
        if let Some(b) = v.downcast_exact::<bytes::Bytes>() {
            return Ok(Constant::Bytes(b.as_slice().into()));
        }
        if v.ty().is(float::FLOAT.get())
            && let Some(x) = float::get(v)
        {
            return Ok(Constant::Float(x));
        }
        if v.ty().is(int::INT.get())
            && let Some(n) = int::get(v)
        {
            if let Some(n) = n.to_i64() {
                return Ok(Constant::Int(n));
            }
            let n = n.to_big();
            return Ok(match ast::UBig::try_from(n.clone()) {
                Ok(n) => Constant::BigInt(n),
                Err(_) => Constant::Made(Box::new(Made::Int(n))),
            });
        }
        if let Some((re, im)) = complex::get_exact(v) {
            let plain = re == 0.0 && re.is_sign_positive();
            return Ok(if plain { Constant::Complex(im) } else { Constant::Made(Box::new(Made::Complex(re, im))) });
        }
        d.vm.check_native_stack()?;
        let all = |items: &[Value]| items.iter().map(|v| Constant::decode(d, v, ty)).collect::<R<Vec<_>>>();
        if let Some(t) = v.downcast_exact::<Tuple>() {
            return Ok(Constant::Made(Box::new(Made::Tuple(all(t.as_slice())?))));
        }
        match frozenset::items_exact(v) {
            Some(items) => Ok(Constant::Made(Box::new(Made::FrozenSet(all(&items)?)))),
            None => Err(invalid(d, v)),
        }
    }
}

/// Makes a variant: of its fields, or of a box of them.
macro_rules! make {
    ($K:ident $C:ident [] $($f:ident)*) => { ast::$K::$C { $($f),* } };
    ($K:ident $C:ident [boxed $S:ident] $($f:ident)*) => { ast::$K::$C(Box::new(ast::$S { $($f),* })) };
}

/// Makes a struct, with or without a place, which is looked at first or last.
macro_rules! product {
    ($r:ident $name:literal $S:ident [] $last:literal $($t:literal $f:ident)*) => {
        Ok(ast::$S { $($f: $r.field(stringify!($f), $t)?),* })
    };
    ($r:ident $name:literal $S:ident [span] "first" $($t:literal $f:ident)*) => {{
        let span = $r.place($name)?;
        Ok(ast::$S { $($f: $r.field(stringify!($f), $t)?,)* span })
    }};
    ($r:ident $name:literal $S:ident [span] "last" $($t:literal $f:ident)*) => {
        Ok(ast::$S { $($f: $r.field(stringify!($f), $t)?,)* span: $r.place($name)? })
    };
}

/// What `None` is where a node is needed.
macro_rules! needs_node {
    () => {
        fn none(d: &Decoder<'_>, _: &Value, at: At) -> R<Self> {
            Err(d.required(at))
        }

        fn none_item(d: &Decoder<'_>, _: &Value, ty: &'static str) -> R<Self> {
            let what = match ty.trim_end_matches(['?', '*']) {
                "stmt" => "statement",
                "expr" => "expression",
                other => other,
            };
            Err(d.vm.value_error(format!("None disallowed in {what} list")))
        }
    };
}

/// What is no node at all has no place either, which is noticed first.
macro_rules! check_place {
    ($r:ident $name:literal []) => {};
    ($r:ident $name:literal [span]) => {
        $r.place($name)?;
    };
}
macro_rules! decoders {
    (
        sums { $($m:literal $M:ident { $($mc:ident [] { $($mt:literal $mf:ident),* })* })* }
        placed { $($p:literal $P:ident $K:ident { $($pc:ident $b:tt { $($pt:literal $pf:ident),* })* })* }
        single { $($s:literal $S:ident $span:tt { $($st:literal $sf:ident),* })* }
        simple { $($n:literal $E:ident { $($v:ident)* })* }
        products { $($r:literal $R:ident $rspan:tt { $($rt:literal $rf:ident),* })* }
    ) => {
        $(impl Decode for ast::$M {
            fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
                let id = d.id(v);
                $(if id == Some(Id::$mc as usize) {
                    let r = d.reader(v, id, stringify!($mc));
                    return Ok(ast::$M::$mc { $($mf: r.field(stringify!($mf), $mt)?),* });
                })*
                Err(d.unexpected($m, v))
            }
        })*
        $(impl Decode for ast::$P {
            fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
                d.vm.check_native_stack()?;
                let id = d.id(v);
                let mut r = d.reader(v, id, $p);
                let span = r.place($p)?;
                $(if id == Some(Id::$pc as usize) {
                    r.owner = stringify!($pc);
                    $(let $pf = r.field(stringify!($pf), $pt)?;)*
                    return Ok(ast::$P { kind: make!($K $pc $b $($pf)*), span });
                })*
                Err(d.unexpected($p, v))
            }
            needs_node!();
        })*
        $(impl Decode for ast::$S {
            fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
                let id = d.id(v);
                let r = d.reader(v, id, stringify!($S));
                if id != Some(Id::$S as usize) {
                    check_place!(r $s $span);
                    return Err(d.unexpected($s, v));
                }
                product!(r $s $S $span "first" $($st $sf)*)
            }
        })*
        $(impl Decode for ast::$E {
            fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
                match d.id(v) {
                    $(Some(i) if i == Id::$v as usize => Ok(ast::$E::$v),)*
                    _ => Err(d.unexpected($n, v)),
                }
            }
        })*
        $(impl Decode for ast::$R {
            fn decode(d: &Decoder<'_>, v: &Value, _: &'static str) -> R<Self> {
                let id = d.id(v).filter(|i| *i == Id::$R as usize);
                let r = d.reader(v, id, $r);
                product!(r $r $R $rspan "last" $($rt $rf)*)
            }
        })*
    };
}

grammar!(decoders);

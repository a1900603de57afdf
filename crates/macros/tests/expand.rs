//! What the macros emit, run against a stub of the runtime around its real `native` folder.
//! The messages are those of CPython 3.13 for the functions that have these signatures there.
#![allow(dead_code, clippy::unnecessary_fallible_conversions)]

extern crate self as taipan_runtime;

mod stub;
pub use stub::{core, native, types, vm};

use std::cell::Cell;

use core::{Drain, Payload, R, Ref, Trace, Tracer, Value};
use native::bind::{Kwargs, Nullable};
use native::{Args, FnKind, FunctionDef};
use taipan_macros::{Drain, Trace, class, function, inline_module, module};
use types::module::Module;
use types::type_::{BinOp, CmpOp, TypeObject};
use vm::Vm;

module! {
    /// The docs.
    name = "m",
    functions(globals, sqrt, pop, insert, divmod, split, replace, prod, isclose, sort, print_, max, from_bytes,
        sub::nested, with_kwargs, infer, raw, #[cfg(any())] absent, encode, center),
    types(List),
    exec = exec,
}

fn exec(_vm: &Vm, _module: &Ref<Module>) -> R<()> {
    Ok(())
}

#[function]
fn globals(_vm: &Vm) {}

/// Return the square root of x.
///
/// Second paragraph.
#[function(sig = "(x, /)")]
fn sqrt(_vm: &Vm, x: f64) -> R<f64> {
    Ok(x.sqrt())
}

#[function(sig = "(index=-1, /)")]
fn pop(_vm: &Vm, index: isize) -> isize {
    index
}

#[function(sig = "(index, object, /)")]
fn insert(_vm: &Vm, index: i32, _object: &Value) -> i32 {
    index
}

#[function]
fn divmod<'a>(_vm: &Vm, a: &'a Value, _b: &'a Value) -> Value {
    a.clone()
}

#[function(sig = "(sep=None, maxsplit=-1)")]
fn split(_vm: &Vm, sep: &Value, maxsplit: isize) -> String {
    format!("{} {maxsplit}", sep.is_none())
}

#[function(sig = "(old, new, /, count=-1)")]
fn replace(_vm: &Vm, old: &str, new: &str, #[default(-1)] count: i64) -> String {
    format!("{old} {new} {count}")
}

#[function(sig = "(iterable, /, *, start=1)")]
fn prod(_vm: &Vm, iterable: &Value, start: Option<&Value>) -> Value {
    start.unwrap_or(iterable).clone()
}

#[function(sig = "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
fn isclose(_vm: &Vm, a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> bool {
    a + b + abs_tol > rel_tol
}

#[function(sig = "(*, key=None, reverse=False)")]
fn sort(_vm: &Vm, _key: Option<Value>, reverse: bool) -> bool {
    reverse
}

#[function(sig = "(*args, sep=' ', end='\\n', file=None, flush=False)")]
fn print_(_vm: &Vm, args: &[Value], sep: &str, end: Option<&str>, file: Nullable<&str>, flush: bool) -> String {
    format!("{} {sep:?} {end:?} {:?} {flush}", args.len(), file.0)
}

#[function(sig = "(first, /, *rest)")]
fn max(_vm: &Vm, _first: &Value, rest: &[Value]) -> usize {
    rest.len()
}

#[function(sig = "(bytes, byteorder='big', *, signed=False)")]
fn from_bytes(_vm: &Vm, _bytes: &Value, byteorder: &str, signed: bool) -> String {
    format!("{byteorder} {signed}")
}

mod sub {
    #[taipan_macros::function(name = "renamed")]
    pub fn nested(_vm: &crate::vm::Vm, _x_: u8) {}
}

#[function(sig = "(a=None, **kwargs)")]
fn with_kwargs(vm: &Vm, a: &Value, kwargs: Kwargs<'_>) -> R<String> {
    let dict = kwargs.to_dict(vm)?;
    let names: Vec<_> = dict.0.borrow().iter().map(|(k, _)| k.downcast::<types::str::Str>().unwrap().0.clone()).collect();
    Ok(format!("{:?} {}", a.as_small(), names.join(",")))
}

#[function]
fn infer(_vm: &Vm, r#type: &Value, _x: Option<i64>, #[default(true)] y: bool, rest: &[Value]) -> Option<usize> {
    (y && !r#type.is_none()).then_some(rest.len())
}

#[function]
fn raw(_vm: &Vm, args: Args<'_>) -> usize {
    args.all.len()
}

#[function(sig = "(encoding='utf-8', errors=None)")]
fn encode(_vm: &Vm, encoding: std::borrow::Cow<'_, str>, errors: Nullable<&str>) -> String {
    format!("{encoding} {:?}", errors.0)
}

#[function(sig = "(width, fillchar=' ', /)")]
fn center(_vm: &Vm, width: usize, fillchar: Option<char>) -> String {
    format!("{width} {fillchar:?}")
}

#[derive(Trace)]
pub struct List {
    items: Vec<Value>,
    count: Cell<i64>,
    #[no_trace]
    _other: std::time::Duration,
}

/// Built-in mutable sequence.
#[class(name = "list", flags(BASETYPE, GC), sig = "(iterable=(), /)")]
impl List {
    fn make() -> Ref<List> {
        List::TYPE.init(TypeObject { name: "list", slots: List::DEF.slots });
        Ref::new(List { items: vec![], count: Cell::new(3), _other: Default::default() })
    }

    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, iterable: Option<&Value>) -> Value {
        iterable.cloned().unwrap_or(Value::NONE)
    }
    #[slot]
    fn init(_vm: &Vm, this: &Ref<Self>, #[default(7)] n: i64) {
        this.count.set(n);
    }
    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        format!("list({})", this.count.get())
    }
    #[slot(len)]
    fn slot_len(_vm: &Vm, this: &Ref<List>) -> usize {
        this.count.get() as usize
    }
    #[slot]
    fn hash(vm: &Vm, _this: &Value) -> R<i64> {
        Err(vm.type_error("unhashable"))
    }
    #[slot]
    fn next(_vm: &Vm, _this: &Ref<List>) -> Option<Value> {
        None
    }
    #[slot(binary = Add)]
    #[slot(inplace = Mul)]
    fn add(_vm: &Vm, a: &Value, _b: &Value) -> R {
        Ok(a.clone())
    }
    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<List>, _other: &Value, op: CmpOp) -> bool {
        this.count.get() == 3 && op == CmpOp::Eq
    }
    #[slot]
    fn setitem(_vm: &Vm, _this: &Ref<List>, _key: &Value, value: Option<&Value>) -> R<()> {
        value.map(|_| ()).ok_or(core::Raised)
    }
    #[slot]
    fn finalize(_vm: &Vm, this: &Ref<List>) {
        this.count.set(-1);
    }

    /// Append object to the end of the list.
    #[method(sig = "(object, /)")]
    #[method(name = "add", sig = "(object, /)")]
    fn append(_vm: &Vm, this: &Ref<List>, object: i64) {
        this.count.set(this.count.get() + object);
    }
    #[method]
    fn clear(_vm: &Vm, _this: &Value) {}
    #[method]
    fn __reduce__(_vm: &Vm, _this: &Ref<Self>, args: Args<'_>) -> usize {
        args.all.len()
    }
    #[classmethod(sig = "(iterable, value=None, /)")]
    fn fromkeys(_vm: &Vm, cls: &TypeObject, _iterable: &Value, _value: Option<&Value>) -> String {
        cls.name.to_owned()
    }
    #[staticmethod]
    fn maketrans(_vm: &Vm, x: i64, _y: Option<&Value>) -> i64 {
        x
    }

    /// The count.
    #[getter]
    fn count(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.count.get()
    }
    #[setter]
    fn set_count(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("no")) };
        this.count.set(v.as_small().unwrap());
        Ok(())
    }
    #[setup]
    fn setup(_ty: &TypeObject) {}
}

#[derive(Trace, Drain)]
enum Shape<T> {
    Unit,
    Tuple(Value, #[no_trace] i32),
    Named { a: T, b: Value },
}

/// Inline docs.
#[inline_module(types(crate::List))]
mod inline {
    use super::*;
    #[function]
    fn f(_vm: &Vm, x: i64) -> i64 {
        helper(x)
    }
    fn helper(x: i64) -> i64 {
        x + 1
    }
    #[exec]
    fn exec(_vm: &Vm, _module: &Ref<Module>) -> R<()> {
        Ok(())
    }
}

/// A readable result of a call.
fn run(f: &FunctionDef, all: &[Value], names: &[&str]) -> String {
    let vm = Vm::default();
    let names: Vec<Value> = names.iter().map(|n| types::str::from_str(n)).collect();
    show(&vm, (f.call)(&vm, Args { all, names: &names }))
}

fn show(vm: &Vm, r: R) -> String {
    match r {
        Err(_) => vm.0.borrow().clone(),
        Ok(Value::None) => "None".into(),
        Ok(Value::Bool(b)) => b.to_string(),
        Ok(Value::Int(n)) => n.to_string(),
        Ok(Value::Float(x)) => x.to_string(),
        Ok(v) => v.downcast::<types::str::Str>().map_or("?".into(), |s| s.0.clone()),
    }
}

fn find<'a>(defs: &'a [FunctionDef], name: &str) -> &'a FunctionDef {
    defs.iter().find(|d| d.name == name).unwrap()
}

fn call(name: &str, all: &[Value], names: &[&str]) -> String {
    run(find(MODULE.functions, name), all, names)
}

fn i(n: i64) -> Value {
    Value::Int(n)
}

fn t(s: &str) -> Value {
    types::str::from_str(s)
}

#[test]
fn positional() {
    let te = |s: &str| format!("TypeError: {s}");
    assert_eq!(call("globals", &[], &[]), "None");
    assert_eq!(call("globals", &[i(1)], &[]), te("m.globals() takes no arguments (1 given)"));
    assert_eq!(call("globals", &[i(1)], &["x"]), te("m.globals() takes no keyword arguments"));
    assert_eq!(call("sqrt", &[i(4)], &[]), "2");
    assert_eq!(call("sqrt", &[], &[]), te("m.sqrt() takes exactly one argument (0 given)"));
    assert_eq!(call("sqrt", &[i(1), i(2)], &[]), te("m.sqrt() takes exactly one argument (2 given)"));
    assert_eq!(call("sqrt", &[i(1)], &["x"]), te("m.sqrt() takes no keyword arguments"));
    assert_eq!(call("sqrt", &[t("a")], &[]), te("must be real number, not str"));
    assert_eq!(call("pop", &[], &[]), "-1");
    assert_eq!(call("pop", &[i(5)], &[]), "5");
    assert_eq!(call("pop", &[i(5), i(5)], &[]), te("pop expected at most 1 argument, got 2"));
    assert_eq!(call("insert", &[i(5)], &[]), te("insert expected 2 arguments, got 1"));
    assert_eq!(call("insert", &[i(1 << 40), i(1)], &[]), "OverflowError: Python int too large to convert to C int");
    assert_eq!(call("divmod", &[i(5), i(1)], &[]), "5");
    assert_eq!(call("max", &[], &[]), te("max expected at least 1 argument, got 0"));
    assert_eq!(call("max", &[i(1), i(2), i(3)], &[]), "2");
    assert_eq!(call("renamed", &[i(300)], &[]), "OverflowError: unsigned byte integer is greater than maximum");
    assert_eq!(call("infer", &[i(1)], &[]), "0");
    assert_eq!(call("infer", &[i(1), i(2), Value::NONE, i(3)], &[]), "None");
    assert_eq!(call("raw", &[i(1), i(2)], &["x"]), "2");
    assert_eq!(call("center", &[i(3)], &[]), "3 None");
    assert_eq!(call("center", &[i(3), t("x")], &[]), "3 Some('x')");
    assert_eq!(call("center", &[i(3), t("xx")], &[]), te("center(): argument 2 must be a unicode character, not a string of length 2"));
    assert_eq!(call("center", &[i(-3)], &[]), "ValueError: Cannot convert negative int");
}

#[test]
fn keywords() {
    let te = |s: &str| format!("TypeError: {s}");
    assert_eq!(call("split", &[], &[]), "true -1");
    assert_eq!(call("split", &[i(3)], &["maxsplit"]), "true 3");
    assert_eq!(call("split", &[i(1), i(2), i(3)], &[]), te("split() takes at most 2 arguments (3 given)"));
    assert_eq!(call("split", &[i(1), i(2)], &["sep", "foo"]), te("split() got an unexpected keyword argument 'foo'"));
    assert_eq!(
        call("split", &[i(1), i(2)], &["sep"]),
        te("argument for split() given by name ('sep') and position (1)")
    );
    assert_eq!(call("replace", &[t("a"), t("b")], &[]), "a b -1");
    assert_eq!(call("replace", &[t("a"), t("b"), i(2)], &["count"]), "a b 2");
    assert_eq!(call("replace", &[t("a")], &[]), te("replace() takes at least 2 positional arguments (1 given)"));
    assert_eq!(call("replace", &[t("a"), i(1)], &[]), te("replace() argument 2 must be str, not int"));
    assert_eq!(
        call("replace", &[t("a"), t("b")], &["new"]),
        te("replace() takes at least 2 positional arguments (1 given)")
    );
    assert_eq!(call("prod", &[], &[]), te("prod() takes exactly 1 positional argument (0 given)"));
    assert_eq!(call("prod", &[i(1), i(2)], &[]), te("prod() takes exactly 1 positional argument (2 given)"));
    assert_eq!(call("prod", &[i(1), i(2), i(3)], &[]), te("prod() takes at most 2 arguments (3 given)"));
    assert_eq!(call("prod", &[i(1), i(9)], &["start"]), "9");
    assert_eq!(call("isclose", &[i(1)], &[]), te("isclose() missing required argument 'b' (pos 2)"));
    assert_eq!(call("isclose", &[i(1)], &["a"]), te("isclose() missing required argument 'b' (pos 2)"));
    assert_eq!(
        call("isclose", &[i(1), i(2), i(3)], &[]),
        te("isclose() takes exactly 2 positional arguments (3 given)")
    );
    assert_eq!(call("isclose", &[i(1), i(2)], &["b", "a"]), "true");
    assert_eq!(call("sort", &[i(1)], &[]), te("sort() takes no positional arguments"));
    assert_eq!(call("sort", &[Value::Bool(true)], &["reverse"]), "true");
    assert_eq!(call("print", &[i(1), i(2)], &[]), r#"2 " " None None false"#);
    assert_eq!(call("print", &[i(1), t("-"), t("x")], &["sep", "file"]), r#"1 "-" None Some("x") false"#);
    assert_eq!(call("print", &[i(1)], &["foo"]), te("print() got an unexpected keyword argument 'foo'"));
    assert_eq!(call("from_bytes", &[], &[]), te("from_bytes() missing required argument 'bytes' (pos 1)"));
    assert_eq!(
        call("from_bytes", &[i(1), i(1)], &["byteorder"]),
        te("from_bytes() argument 'byteorder' must be str, not int")
    );
    assert_eq!(
        call("from_bytes", &[i(1), t("big"), i(1)], &[]),
        te("from_bytes() takes at most 2 positional arguments (3 given)")
    );
    assert_eq!(call("with_kwargs", &[i(1), i(2), i(3)], &["x", "a", "y"]), "Some(2) x,y");
    assert_eq!(
        call("with_kwargs", &[i(1), i(2)], &[]),
        te("with_kwargs() takes at most 1 positional argument (2 given)")
    );
    assert_eq!(call("encode", &[], &[]), "utf-8 None");
    assert_eq!(call("encode", &[t("x"), i(1)], &[]), te("encode() argument 'errors' must be str or None, not int"));
    assert_eq!(call("encode", &[Value::NONE], &[]), te("encode() argument 'encoding' must be str, not None"));
}

#[test]
fn tables() {
    let sig = |n: &str| find(MODULE.functions, n).text_signature;
    assert_eq!(sig("sqrt"), "($module, x, /)");
    assert_eq!(sig("globals"), "($module, /)");
    assert_eq!(sig("print"), "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)");
    assert_eq!(sig("infer"), "($module, type, x=<unrepresentable>, y=True, /, *rest)");
    assert_eq!(sig("raw"), "");
    assert_eq!(find(MODULE.functions, "sqrt").doc, "Return the square root of x.\n\nSecond paragraph.");
    assert_eq!((MODULE.name, MODULE.doc, MODULE.types.len()), ("m", "The docs.", 1));
    assert!(MODULE.exec.is_some() && inline::MODULE.exec.is_some());
    assert_eq!((inline::MODULE.name, inline::MODULE.doc), ("inline", "Inline docs."));
    assert_eq!(run(&inline::MODULE.functions[0], &[i(1)], &[]), "2");
    let d = List::DEF;
    assert_eq!((d.name, d.module, d.flags, d.text_signature), ("list", "builtins", 3, "(iterable=(), /)"));
    assert_eq!(d.doc, "Built-in mutable sequence.");
    assert!(std::ptr::eq(d.place, List::TYPE) && d.base.is_some() && d.setup.is_some());
    assert_eq!(find(d.methods, "append").text_signature, "($self, object, /)");
    assert_eq!(find(d.methods, "fromkeys").text_signature, "($type, iterable, value=None, /)");
    assert_eq!(find(d.methods, "maketrans").text_signature, "(x, y=<unrepresentable>, /)");
    assert_eq!(find(d.methods, "maketrans").kind, FnKind::Static);
    assert!(d.methods.iter().any(|m| m.name == "__reduce__"));
    assert_eq!((d.getsets[0].name, d.getsets[0].doc), ("count", "The count."));
}

#[test]
fn methods() {
    let te = |s: &str| format!("TypeError: {s}");
    let list = List::make();
    let this = list.clone().into_value();
    let m = |name: &str, all: &[Value], names: &[&str]| run(find(List::DEF.methods, name), all, names);
    assert_eq!(m("append", &[this.clone(), i(2)], &[]), "None");
    assert_eq!(m("add", &[this.clone(), i(2)], &[]), "None");
    assert_eq!(list.count.get(), 7);
    assert_eq!(m("append", std::slice::from_ref(&this), &[]), te("list.append() takes exactly one argument (0 given)"));
    assert_eq!(m("append", &[], &[]), te("unbound method list.append() needs an argument"));
    assert_eq!(m("append", &[i(1)], &["x"]), te("unbound method list.append() needs an argument"));
    assert_eq!(
        m("append", &[i(1), i(2)], &[]),
        te("descriptor 'append' for 'list' objects doesn't apply to a 'int' object")
    );
    assert_eq!(m("clear", &[this.clone(), i(1)], &[]), te("list.clear() takes no arguments (1 given)"));
    assert_eq!(m("__reduce__", &[this.clone(), i(1)], &[]), "1");
    let class = Value::of_type(List::TYPE.get());
    assert_eq!(m("fromkeys", &[class.clone(), i(1)], &[]), "list");
    assert_eq!(m("fromkeys", &[class], &[]), te("fromkeys expected at least 1 argument, got 0"));
    assert_eq!(m("maketrans", &[i(4)], &[]), "4");

    let vm = Vm::default();
    let g = &List::DEF.getsets[0];
    assert!((g.set.unwrap())(&vm, &this, Some(&i(9))).is_ok());
    assert_eq!(show(&vm, (g.get)(&vm, &this)), "9");
    assert_eq!(
        show(&vm, (g.get)(&vm, &i(1))),
        te("descriptor 'count' for 'list' objects doesn't apply to a 'int' object")
    );
}

#[test]
fn slots() {
    let list = List::make();
    let this = list.clone().into_value();
    let (vm, s) = (Vm::default(), &List::DEF.slots);
    let ty = List::TYPE.get();
    assert_eq!(show(&vm, s.repr.unwrap()(&vm, &this)), "list(3)");
    assert_eq!(s.len.unwrap()(&vm, &this).unwrap(), 3);
    assert!(s.hash.unwrap()(&vm, &this).is_err());
    assert!(s.next.unwrap()(&vm, &this).unwrap().is_none());
    assert!(s.binary[BinOp::Add as usize].is_some() && s.binary[BinOp::Sub as usize].is_none());
    assert!(s.inplace[BinOp::Mul as usize].is_some());
    assert_eq!(show(&vm, s.richcompare.unwrap()(&vm, &this, &i(1), CmpOp::Eq)), "true");
    assert!(s.setitem.unwrap()(&vm, &this, &i(1), None).is_err());
    let new = |cls: &TypeObject, all: &[Value], names: &[Value]| {
        show(&vm, s.new.unwrap()(&vm, cls, Args { all, names }))
    };
    assert_eq!(new(ty, &[i(4)], &[]), "4");
    assert_eq!(new(ty, &[i(1), i(2)], &[]), "TypeError: list expected at most 1 argument, got 2");
    assert_eq!(new(ty, &[i(1)], &[t("x")]), "TypeError: list() takes no keyword arguments");
    // A subclass with its own `__init__` may take names.
    let sub = TypeObject::new("Sub");
    assert_eq!(new(&sub, &[i(1)], &[t("x")]), "None");
    s.init.unwrap()(&vm, &this, Args::pos(&[])).unwrap();
    assert_eq!(list.count.get(), 7);
    s.finalize.unwrap()(&vm, &this);
    assert_eq!(list.count.get(), -1);
}

#[test]
fn traces() {
    let trace = |t: &dyn Trace| {
        let mut seen = Vec::new();
        t.trace(&mut Tracer(&mut seen));
        seen
    };
    let list = List { items: vec![i(1), i(2)], count: Cell::new(0), _other: Default::default() };
    assert_eq!(trace(&list), [1, 2]);
    assert_eq!(trace(&Shape::<Value>::Unit), []);
    assert_eq!(trace(&Shape::<Value>::Tuple(i(1), 2)), [1]);
    let mut named = Shape::Named { a: i(1), b: i(2) };
    assert_eq!(trace(&named), [1, 2]);
    let mut out = Vec::new();
    named.clear(&mut out);
    named.drain(&mut out);
    assert_eq!(out.len(), 4);
    assert_eq!(trace(&named), [-1, -1]);
}

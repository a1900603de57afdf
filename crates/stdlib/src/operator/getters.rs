//! itemgetter, attrgetter, methodcaller: look-ups as objects that can be called.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, intern_value};

/// The one object that a getter is called with.
#[inline(always)]
fn only<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<&'a Value> {
    match args.all {
        [v] if args.names.is_empty() => Ok(v),
        _ => Err(wrong(vm, name, args)),
    }
}

#[cold]
fn wrong(vm: &Vm, name: &str, args: Args<'_>) -> taipan_runtime::core::Raised {
    if !args.names.is_empty() {
        return vm.type_error(format!("{name}() takes no keyword arguments"));
    }
    vm.type_error(format!("{name} expected 1 argument, got {}", args.all.len()))
}

/// The arguments of a constructor that takes no names and at least one value.
fn some_args<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<&'a [Value]> {
    if !args.names.is_empty() {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    if args.all.is_empty() {
        return Err(vm.type_error(format!("{name} expected 1 argument, got 0")));
    }
    Ok(args.all)
}

/// `name(...)` with the representations of the arguments, or dots inside itself.
fn show(vm: &Vm, this: &Value, f: impl FnOnce() -> R<String>) -> R<String> {
    let name = this.ty().tp_name();
    Ok(match vm.repr_guard(this, f)? {
        Some(args) => format!("{name}({args})"),
        None => format!("{name}(...)"),
    })
}

fn reprs(vm: &Vm, items: &[Value]) -> R<String> {
    let mut out = String::new();
    for (i, v) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&vm.repr_string(v)?);
    }
    Ok(out)
}

/// `(type(this), args)`
fn reduced(this: &Value, args: Value) -> Value {
    tuple::from_array([this.ty().to_value(), args]).into_value()
}

/// What `f` gives for every item, as a tuple; without memory of its own while they are few.
fn each<T>(vm: &Vm, items: &[T], f: impl Fn(&T) -> R) -> R {
    if let [a, b] = items {
        return Ok(tuple::from_array([f(a)?, f(b)?]).into_value());
    }
    if let [a, b, c] = items {
        return Ok(tuple::from_array([f(a)?, f(b)?, f(c)?]).into_value());
    }
    vm.check_room(items.len() * size_of::<Value>())?;
    let mut out = Vec::with_capacity(items.len());
    for x in items {
        out.push(f(x)?);
    }
    Ok(tuple::from_vec(out).into_value())
}

/// The payload of itemgetter.
#[derive(Trace)]
pub struct ItemGetter {
    items: Ref<Tuple>,
}

/// Return a callable object that fetches the given item(s) from its operand.
///
/// After f = itemgetter(2), the call f(r) returns r[2].
/// After g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3]).
#[class(name = "itemgetter", module = "operator", flags(GC), sig = "(item, /, *items)")]
impl ItemGetter {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let items = tuple::from_slice(some_args(vm, "itemgetter", args)?);
        Ok(Ref::new_of(cls, ItemGetter { items }).into_value())
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let v = only(vm, "itemgetter", args)?;
        match this.items.as_slice() {
            [item] => vm.getitem(v, item),
            items => each(vm, items, |item| vm.getitem(v, item)),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        show(vm, this.value(), || reprs(vm, this.items.as_slice()))
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "(obj, /)"
    }

    /// Return state information for pickling
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(reduced(this.value(), this.items.clone().into_value()))
    }
}

/// The payload of attrgetter.
#[derive(Trace)]
pub struct AttrGetter {
    /// The names as they were given.
    names: Ref<Tuple>,
    /// The names between the dots of each, interned.
    paths: Vec<Vec<Value>>,
}

fn walk(vm: &Vm, v: &Value, path: &[Value]) -> R {
    let Some((first, rest)) = path.split_first() else { return Ok(v.clone()) };
    let mut v = vm.get_attr(v, first)?;
    for name in rest {
        v = vm.get_attr(&v, name)?;
    }
    Ok(v)
}

/// Return a callable object that fetches the given attribute(s) from its operand.
///
/// After f = attrgetter('name'), the call f(r) returns r.name.
/// After g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).
/// After h = attrgetter('name.first', 'name.last'), the call h(r) returns (r.name.first, r.name.last).
#[class(name = "attrgetter", module = "operator", flags(GC), sig = "(attr, /, *attrs)")]
impl AttrGetter {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let given = some_args(vm, "attrgetter", args)?;
        let mut paths = Vec::with_capacity(given.len());
        for v in given {
            let Some(s) = v.downcast::<Str>() else { return Err(vm.type_error("attribute name must be a string")) };
            if !s.iter().any(|c| c == u32::from(b'.')) {
                paths.push(vec![vm.attr_name(v)?]);
                continue;
            }
            let (mut path, mut start) = (Vec::new(), 0);
            for (i, c) in s.iter().enumerate() {
                if c == u32::from(b'.') {
                    path.push(intern_value(s.substring(start, i).value()));
                    start = i + 1;
                }
            }
            path.push(intern_value(s.substring(start, s.len()).value()));
            paths.push(path);
        }
        Ok(Ref::new_of(cls, AttrGetter { names: tuple::from_slice(given), paths }).into_value())
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let v = only(vm, "attrgetter", args)?;
        match this.paths.as_slice() {
            [path] => walk(vm, v, path),
            paths => each(vm, paths, |path| walk(vm, v, path)),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        show(vm, this.value(), || reprs(vm, this.names.as_slice()))
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "(obj, /)"
    }

    /// Return state information for pickling
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(reduced(this.value(), this.names.clone().into_value()))
    }
}

/// The payload of methodcaller.
#[derive(Trace)]
pub struct MethodCaller {
    name: Value,
    /// All arguments; the last ones are named.
    all: Vec<Value>,
    names: Vec<Value>,
}

impl MethodCaller {
    fn args(&self) -> Args<'_> {
        Args { all: &self.all, names: &self.names }
    }
}

/// Return a callable object that calls the given method on its operand.
///
/// After f = methodcaller('name'), the call f(r) returns r.name().
/// After g = methodcaller('name', 'date', foo=1), the call g(r) returns r.name('date', foo=1).
#[class(name = "methodcaller", module = "operator", flags(GC), sig = "(name, /, *args, **kwargs)")]
impl MethodCaller {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let Some(name) = args.positional().first() else {
            return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
        };
        if name.downcast::<Str>().is_none() {
            return Err(vm.type_error("method name must be a string"));
        }
        let rest = args.rest();
        let new = MethodCaller { name: vm.attr_name(name)?, all: rest.all.to_vec(), names: rest.names.to_vec() };
        Ok(Ref::new_of(cls, new).into_value())
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let v = only(vm, "methodcaller", args)?;
        vm.call_method_args(v, &this.name, this.args())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        show(vm, this.value(), || {
            let mut out = vm.repr_string(&this.name)?;
            for v in this.args().positional() {
                out.push_str(", ");
                out.push_str(&vm.repr_string(v)?);
            }
            for (k, v) in this.args().named() {
                out.push_str(&format!(", {}={}", vm.str_lossy(k), vm.repr_string(v)?));
            }
            Ok(out)
        })
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "(obj, /)"
    }

    /// Return state information for pickling
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let args = this.args();
        if args.names.is_empty() {
            let all: Vec<Value> = std::iter::once(&this.name).chain(args.all).cloned().collect();
            return Ok(reduced(this.value(), tuple::from_vec(all).into_value()));
        }
        let partial = vm.import_attr("functools", "partial")?;
        let mut all = vec![this.ty().to_value(), this.name.clone()];
        all.extend(args.named().map(|(_, v)| v.clone()));
        let maker = vm.call_args(&partial, Args { all: &all, names: args.names })?;
        Ok(tuple::from_array([maker, tuple::from_slice(args.positional()).into_value()]).into_value())
    }
}

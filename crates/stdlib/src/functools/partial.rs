//! partial: a function with some of its arguments.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::{Args, Kwargs};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::native_fn::bind_method;
use taipan_runtime::types::str;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::types::generic_alias;
use taipan_runtime::vm::{Vm, empty_tuple, gather};

/// The payload of the placeholder's class.
#[derive(Trace)]
pub struct Placeholder {
    /// Makes it a payload of its own.
    _mark: u8,
}

/// The one placeholder.
pub fn placeholder(vm: &Vm) -> R {
    vm.interp_static("functools.Placeholder", |_| Ok(Ref::new(Placeholder { _mark: 0 }).into_value()))
}

fn is_placeholder(v: &Value) -> bool {
    v.downcast_exact::<Placeholder>().is_some()
}

/// The type of the Placeholder singleton.
///
/// Used as a placeholder for partial arguments.
#[class(name = "_PlaceholderType", module = "functools")]
impl Placeholder {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.all.is_empty() {
            return Err(vm.type_error("PlaceholderType takes no arguments"));
        }
        placeholder(vm)
    }

    #[slot]
    fn repr(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "Placeholder"
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "Placeholder"
    }
}

/// The payload of partial.
#[derive(Trace)]
pub struct Partial {
    func: PyCell<Value>,
    args: PyCell<Value>,
    keywords: PyCell<Ref<Dict>>,
    /// How many of the arguments are placeholders.
    holes: Cell<usize>,
    dict: PyCell<Option<Ref<Dict>>>,
}

fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], |t| t.as_slice())
}

fn holes(args: &[Value]) -> usize {
    args.iter().filter(|v| is_placeholder(v)).count()
}

/// `front` with the placeholders replaced by the first of `args` (as far as there are enough), then the others.
fn merged<'a>(front: &'a [Value], holes: usize, args: &'a [Value]) -> impl Iterator<Item = &'a Value> {
    let (fill, rest) = args.split_at(holes.min(args.len()));
    let mut fill = fill.iter();
    let front = front.iter().map(move |v| if is_placeholder(v) { fill.next().unwrap_or(v) } else { v });
    front.chain(rest)
}

/// Create a new function with partial application of the given arguments and keywords.
#[class(
    name = "partial",
    module = "functools",
    flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(func, /, *args, **keywords)"
)]
impl Partial {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let Some(func) = args.positional().first() else {
            return Err(vm.type_error("type 'partial' takes at least one argument"));
        };
        if func.ty().slots().call.is_none() {
            return Err(vm.type_error("the first argument must be callable"));
        }
        let given = &args.positional()[1..];
        if given.last().is_some_and(is_placeholder) {
            return Err(vm.type_error("trailing Placeholders are not allowed"));
        }
        if args.named().any(|(_, v)| is_placeholder(v)) {
            return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
        }
        let named = Kwargs::all(args);
        let inner = func.downcast::<Partial>().filter(|p| p.dict.borrow().is_none());
        let new = match inner {
            None => Partial {
                func: PyCell::new(func.clone()),
                args: PyCell::new(tuple::from_slice(given).into_value()),
                keywords: PyCell::new(named.to_dict(vm)?),
                holes: Cell::new(holes(given)),
                dict: PyCell::new(None),
            },
            Some(p) => {
                let front = p.args.get();
                let all: Vec<Value> = merged(items(&front), p.holes.get(), given).cloned().collect();
                let keywords = p.keywords.get().copy();
                for (k, v) in named {
                    keywords.set(vm, k.clone(), v.clone())?;
                }
                Partial {
                    func: PyCell::new(p.func.get()),
                    holes: Cell::new(holes(&all)),
                    args: PyCell::new(tuple::from_vec(all).into_value()),
                    keywords: PyCell::new(keywords),
                    dict: PyCell::new(None),
                }
            }
        };
        Ok(Ref::new_of(cls, new).into_value())
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let (func, front, holes) = (this.func.get(), this.args.get(), this.holes.get());
        let given = args.positional();
        if given.len() < holes {
            let n = given.len();
            return Err(vm.type_error(format!(
                "missing positional arguments in 'partial' call; expected at least {holes}, got {n}"
            )));
        }
        let front = items(&front);
        if this.keywords.borrow().is_empty() {
            let named = &args.all[given.len()..];
            return match holes {
                0 => gather(front.iter().chain(args.all), args.names, |args| vm.call_args(&func, args)),
                _ => gather(merged(front, holes, given).chain(named), args.names, |args| vm.call_args(&func, args)),
            };
        }
        let mut keywords = this.keywords.get().items();
        if args.names.is_empty() {
            let (names, values): (Vec<Value>, Vec<Value>) = keywords.into_iter().unzip();
            let all = merged(front, holes, given).chain(&values);
            return gather(all, &names, |args| vm.call_args(&func, args));
        }
        for (k, v) in args.named() {
            let mut old = None;
            for (i, (name, _)) in keywords.iter().enumerate() {
                if vm.eq(name, k)? {
                    old = Some(i);
                    break;
                }
            }
            match old {
                Some(i) => keywords[i].1 = v.clone(),
                None => keywords.push((k.clone(), v.clone())),
            }
        }
        let (names, values): (Vec<Value>, Vec<Value>) = keywords.into_iter().unzip();
        gather(merged(front, holes, given).chain(&values), &names, |args| vm.call_args(&func, args))
    }

    #[slot]
    fn descr_get(_vm: &Vm, this: &Ref<Self>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        match obj {
            Some(obj) if !obj.is_none() => Ok(bind_method(this.value().clone(), obj.clone())),
            _ => Ok(this.value().clone()),
        }
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let shown = vm.repr_guard(this.value(), || {
            let mut out = str::StrBuilder::new();
            let ty = this.ty().to_value();
            let module = vm.get_attr(&ty, &vm.n().__module__)?;
            out.push_str(&vm.str_string(&module)?);
            out.push_str(".");
            let name = vm.get_attr(&ty, &vm.n().__qualname__)?;
            out.push_str(&vm.str_string(&name)?);
            out.push_str("(");
            push_repr(vm, &mut out, &this.func.get())?;
            for v in items(&this.args.get()) {
                out.push_str(", ");
                push_repr(vm, &mut out, v)?;
            }
            for (k, v) in this.keywords.get().items() {
                out.push_str(", ");
                // A key that is no str can be there only if somebody has put it there.
                if let Some(k) = vm.str(&k)?.downcast::<str::Str>() {
                    out.push_obj(k);
                }
                out.push_str("=");
                push_repr(vm, &mut out, &v)?;
            }
            out.push_str(")");
            Ok(out.finish())
        })?;
        Ok(shown.unwrap_or_else(|| str::from_str("...")))
    }

    /// function object to use in future partial calls
    #[getter(member)]
    fn func(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.func.get()
    }

    /// tuple of arguments to future partial calls
    #[getter(member)]
    fn args(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.args.get()
    }

    /// dictionary of keyword arguments to future partial calls
    #[getter(member)]
    fn keywords(_vm: &Vm, this: &Ref<Self>) -> Ref<Dict> {
        this.keywords.get()
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let func = this.func.get();
        let dict = this.dict.get().map_or(Value::NONE, Ref::into_value);
        let state = [func.clone(), this.args.get(), this.keywords.get().into_value(), dict];
        let args = tuple::from_array([func]).into_value();
        let ty = this.ty().to_value();
        Ok(tuple::from_array([ty, args, tuple::from_array(state).into_value()]).into_value())
    }

    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let wrong = || vm.type_error("invalid partial state");
        let Some([func, args, keywords, dict]) = state.downcast::<Tuple>().map(|t| t.as_slice()) else {
            return Err(wrong());
        };
        let Some(given) = args.downcast::<Tuple>() else { return Err(wrong()) };
        if func.ty().slots().call.is_none() {
            return Err(wrong());
        }
        let keywords = match keywords.downcast::<Dict>() {
            Some(d) if d.is_exact() => d.clone(),
            Some(d) => d.copy(),
            None if keywords.is_none() => Ref::new(Dict::new()),
            None => return Err(wrong()),
        };
        let dict = match dict.downcast::<Dict>() {
            Some(d) => Some(d.clone()),
            None if dict.is_none() => None,
            None => return Err(wrong()),
        };
        let given = given.as_slice();
        if given.last().is_some_and(is_placeholder) {
            return Err(vm.type_error("trailing Placeholders are not allowed"));
        }
        let args = if args.downcast_exact::<Tuple>().is_some() {
            args.clone()
        } else if given.is_empty() {
            empty_tuple().into_value()
        } else {
            tuple::from_slice(given).into_value()
        };
        this.holes.set(holes(given));
        this.func.set(func.clone());
        this.args.set(args);
        this.keywords.set(keywords);
        this.dict.set(dict);
        Ok(())
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }
}

fn push_repr(vm: &Vm, out: &mut str::StrBuilder, v: &Value) -> R<()> {
    if let Some(s) = vm.repr(v)?.downcast::<str::Str>() {
        out.push_obj(s);
    }
    Ok(())
}

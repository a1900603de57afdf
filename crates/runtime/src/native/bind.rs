//! Binds the arguments of a call to the parameters of a native function, with CPython's messages.
//!
//! The wrappers that `#[function]` and `#[class]` write handle the common case (only positional arguments, in
//! the right number) themselves and come here for all others.

use super::{Args, Param, ParamKind, Signature, TypeDef};
use crate::core::{Payload, R, Raised, Ref, Value};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::type_::TypeObject;
use crate::vm::Vm;

pub use super::convert::{At, Nullable};

/// The name of a module, for the wrappers of its functions.
pub trait ModuleName {
    /// `__name__`
    const NAME: &'static str;
}

/// The function that is called, for messages and binding.
pub struct Callee {
    /// The module or class that shows it; empty for a constructor.
    pub owner: &'static str,
    /// `__name__`
    pub name: &'static str,
    /// Its parameters, without `self`.
    pub sig: Signature,
    /// Whether it makes objects of a class: messages differ a little.
    pub constructor: bool,
}

impl Callee {
    /// `math.sqrt`, but `len`.
    pub fn full_name(&self) -> String {
        match self.owner {
            "" | "builtins" => self.name.to_owned(),
            owner => format!("{owner}.{}", self.name),
        }
    }

    /// Whether any argument may be given by name.
    pub fn takes_names(&self) -> bool {
        self.sig.params.iter().any(|p| matches!(p.kind, ParamKind::Any | ParamKind::KwOnly | ParamKind::VarKw))
    }

    fn count(&self, f: impl Fn(&Param) -> bool) -> usize {
        self.sig.params.iter().filter(|p| f(p)).count()
    }

    fn has(&self, kind: ParamKind) -> bool {
        self.sig.params.iter().any(|p| p.kind == kind)
    }

    /// The parameter that an argument of this name belongs to.
    fn named(&self, name: &Value) -> Option<usize> {
        find(self.sig.params, name)
    }
}

fn find(params: &[Param], name: &Value) -> Option<usize> {
    let name = name.downcast::<Str>()?.as_ascii()?;
    params.iter().position(|p| matches!(p.kind, ParamKind::Any | ParamKind::KwOnly) && p.name == name)
}

fn positional(p: &Param) -> bool {
    matches!(p.kind, ParamKind::PosOnly | ParamKind::Any)
}

fn s(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// What a look at all parameters tells about them.
#[derive(Default)]
struct Shape {
    /// How many may be given by position.
    max: usize,
    /// How many of these must be given.
    min: usize,
    /// How many are given by position only.
    posonly: usize,
    /// How many are given by name only.
    kwonly: usize,
    /// Whether any may be given by name.
    names: bool,
    varargs: bool,
    kwargs: bool,
}

impl Shape {
    #[inline]
    fn of(params: &[Param]) -> Self {
        let mut s = Self::default();
        for p in params {
            match p.kind {
                ParamKind::PosOnly | ParamKind::Any => {
                    s.max += 1;
                    s.min += usize::from(!p.optional);
                    s.posonly += usize::from(p.kind == ParamKind::PosOnly);
                    s.names |= p.kind == ParamKind::Any;
                }
                ParamKind::KwOnly => {
                    s.kwonly += 1;
                    s.names = true;
                }
                ParamKind::VarPos => s.varargs = true,
                ParamKind::VarKw => {
                    s.kwargs = true;
                    s.names = true;
                }
            }
        }
        s
    }
}

/// Binds all arguments: `out[i]` belongs to parameter `i`, and stays `None` for one that is not given, for
/// `*args` and for `**kwargs`.
#[inline(never)]
pub fn bind<'a>(vm: &Vm, callee: &Callee, args: Args<'a>, out: &mut [Option<&'a Value>]) -> R<()> {
    let shape = Shape::of(callee.sig.params);
    if !shape.names && !args.names.is_empty() {
        return Err(arity_error(vm, callee, args));
    }
    let given = args.positional();
    let nargs = if shape.varargs { given.len().min(shape.max) } else { given.len() };
    if let Some(text) = wrong_count(callee.name, &shape, nargs, args.names.len()) {
        return Err(vm.type_error(text));
    }
    // Parameters that take positions stand before all others, so positions are indices.
    for (slot, v) in out.iter_mut().zip(&given[..nargs]) {
        *slot = Some(v);
    }
    let mut problem = None;
    for (name, v) in args.named() {
        match callee.named(name) {
            Some(i) if i < nargs => problem = problem.or(Some((name, Some(i)))),
            Some(i) => out[i] = Some(v),
            None if shape.kwargs => {}
            None => problem = problem.or(Some((name, None))),
        }
    }
    for (i, p) in callee.sig.params.iter().enumerate() {
        if out[i].is_none() && !p.optional && !matches!(p.kind, ParamKind::VarPos | ParamKind::VarKw) {
            let text = format!("{}() missing required argument '{}' (pos {})", callee.name, p.name, i + 1);
            return Err(vm.type_error(text));
        }
    }
    match problem {
        None => Ok(()),
        Some((name, place)) => Err(name_error(vm, callee, name, place)),
    }
}

/// [`bind`] into an array.
#[inline(always)]
pub fn bind_array<'a, const N: usize>(vm: &Vm, callee: &Callee, args: Args<'a>) -> R<[Option<&'a Value>; N]> {
    // `Args` is passed on in pieces here and below: as a whole it would be copied to memory by every wrapper,
    // also by the calls that never come here, and wait for the stores of the caller.
    bind_slices(vm, callee, args.all, args.names)
}

#[inline(never)]
fn bind_slices<'a, const N: usize>(
    vm: &Vm,
    callee: &Callee,
    all: &'a [Value],
    names: &'a [Value],
) -> R<[Option<&'a Value>; N]> {
    let mut out = [None; N];
    bind(vm, callee, Args { all, names }, &mut out)?;
    Ok(out)
}

/// What is wrong with the number of arguments. Not a clean rule, but CPython's (`_PyArg_UnpackKeywords`).
#[inline]
fn wrong_count(name: &str, shape: &Shape, nargs: usize, names: usize) -> Option<String> {
    let len = shape.max + shape.kwonly;
    let least = shape.min.min(shape.posonly);
    let right = (nargs + names <= len || shape.kwargs) && nargs <= shape.max && nargs >= least;
    if right { None } else { Some(count_text(name, shape, nargs, names)) }
}

#[cold]
fn count_text(name: &str, shape: &Shape, nargs: usize, names: usize) -> String {
    let (max, min) = (shape.max, shape.min);
    let len = max + shape.kwonly;
    if nargs + names > len && !shape.kwargs {
        let kind = if nargs == 0 { "keyword " } else { "" };
        return format!("{name}() takes at most {len} {kind}argument{} ({} given)", s(len), nargs + names);
    }
    if nargs > max {
        if max == 0 {
            return format!("{name}() takes no positional arguments");
        }
        let how = if min < max { "at most" } else { "exactly" };
        return format!("{name}() takes {how} {max} positional argument{} ({nargs} given)", s(max));
    }
    let least = min.min(shape.posonly);
    let how = if least < max { "at least" } else { "exactly" };
    format!("{name}() takes {how} {least} positional argument{} ({nargs} given)", s(least))
}

/// An argument whose name is unknown, or whose parameter has its value by position already.
#[cold]
fn name_error(vm: &Vm, callee: &Callee, name: &Value, place: Option<usize>) -> Raised {
    let shown = match name.downcast::<Str>() {
        Some(name) => name.to_string_lossy(),
        None => return vm.type_error("keywords must be strings"),
    };
    vm.type_error(match place {
        Some(i) => format!("argument for {}() given by name ('{shown}') and position ({})", callee.name, i + 1),
        None => {
            let named = callee.sig.params.iter().filter(|p| matches!(p.kind, ParamKind::Any | ParamKind::KwOnly));
            let names: Vec<&str> = named.map(|p| p.name).collect();
            let hint = crate::types::exceptions::suggest::closest(&shown, &names);
            let hint = hint.map_or_else(String::new, |n| format!(". Did you mean '{n}'?"));
            format!("{}() got an unexpected keyword argument '{shown}'{hint}", callee.name)
        }
    })
}

/// The error for a call with names or a wrong number of arguments of a function that only takes positions.
#[inline(always)]
pub fn arity_error(vm: &Vm, callee: &Callee, args: Args<'_>) -> Raised {
    wrong_arity(vm, callee, args.all.len(), !args.names.is_empty())
}

#[cold]
#[inline(never)]
fn wrong_arity(vm: &Vm, callee: &Callee, n: usize, named: bool) -> Raised {
    if named {
        return vm.type_error(format!("{}() takes no keyword arguments", callee.full_name()));
    }
    let max = callee.count(positional);
    let min = callee.count(|p| positional(p) && !p.optional);
    let open = callee.has(ParamKind::VarPos);
    let name = callee.name;
    vm.type_error(match (min, max) {
        (0, 0) if callee.constructor => format!("{name}() takes no arguments"),
        (0, 0) => format!("{}() takes no arguments ({n} given)", callee.full_name()),
        (1, 1) if !open && !callee.constructor => {
            format!("{}() takes exactly one argument ({n} given)", callee.full_name())
        }
        _ => {
            let limit = if n < min { min } else { max };
            let how = match () {
                () if min == max && !open => "",
                () if n < min => "at least ",
                () => "at most ",
            };
            format!("{name} expected {how}{limit} argument{}, got {n}", s(limit))
        }
    })
}

/// A required argument, which [`bind`] has found.
#[inline(always)]
pub fn given(v: Option<&Value>) -> &Value {
    match v {
        Some(v) => v,
        None => unreachable!("bind() lets no required argument be missing"),
    }
}

/// The arguments for `*args` behind `n` parameters that take positions.
#[inline(always)]
pub fn var_pos(args: Args<'_>, n: usize) -> &[Value] {
    args.positional().get(n..).unwrap_or(&[])
}

/// The arguments of `**kwargs`: those whose names no other parameter has. Iterates over (name, value).
#[derive(Clone)]
pub struct Kwargs<'a> {
    names: &'a [Value],
    values: &'a [Value],
    params: &'static [Param],
}

impl<'a> Kwargs<'a> {
    /// Those of a call.
    #[inline]
    pub fn new(args: Args<'a>, callee: &'static Callee) -> Self {
        let values = &args.all[args.all.len() - args.names.len()..];
        Self { names: args.names, values, params: callee.sig.params }
    }

    /// All named arguments of a call, for functions that take `Args`.
    pub fn all(args: Args<'a>) -> Self {
        Self { names: args.names, values: &args.all[args.all.len() - args.names.len()..], params: &[] }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() || self.clone().next().is_none()
    }

    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let is = |n: &Value| n.downcast::<Str>().is_some_and(|n| n.to_string_lossy() == name);
        self.clone().find(|(n, _)| is(n)).map(|(_, v)| v)
    }

    /// As a new dict.
    pub fn to_dict(&self, vm: &Vm) -> R<Ref<Dict>> {
        let dict = Ref::new(Dict::new());
        for (name, value) in self.clone() {
            dict.set(vm, name.clone(), value.clone())?;
        }
        Ok(dict)
    }

    /// As a new dict, if there is any.
    pub fn to_opt_dict(&self, vm: &Vm) -> R<Option<Ref<Dict>>> {
        if self.is_empty() { Ok(None) } else { self.to_dict(vm).map(Some) }
    }
}

impl<'a> Iterator for Kwargs<'a> {
    type Item = (&'a Value, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (name, names) = self.names.split_first()?;
            let (value, values) = self.values.split_first()?;
            (self.names, self.values) = (names, values);
            if find(self.params, name).is_none() {
                return Some((name, value));
            }
        }
    }
}

/// The first positional argument.
#[inline(always)]
fn first(args: Args<'_>) -> Option<&Value> {
    if args.all.len() > args.names.len() { args.all.first() } else { None }
}

/// The object of a method call as its payload.
#[inline(always)]
pub fn self_ref<'a, T: Payload>(
    vm: &Vm,
    args: Args<'a>,
    callee: &Callee,
    def: &'static TypeDef,
) -> R<&'a Ref<T>> {
    if args.all.len() > args.names.len()
        && let Some(this) = args.all[0].downcast::<T>()
    {
        return Ok(this);
    }
    Err(self_error(vm, first(args), callee, def))
}

/// The object of a method call.
#[inline(always)]
pub fn self_value<'a>(vm: &Vm, args: Args<'a>, callee: &Callee, def: &'static TypeDef) -> R<&'a Value> {
    if args.all.len() > args.names.len() && args.all[0].ty().is_subtype_of(def.place.get()) {
        return Ok(&args.all[0]);
    }
    Err(self_error(vm, first(args), callee, def))
}

/// The object of a method call of a metaclass.
#[inline(always)]
pub fn self_type<'a>(vm: &Vm, args: Args<'a>, callee: &Callee, def: &'static TypeDef) -> R<&'a TypeObject> {
    let this = self_value(vm, args, callee, def)?;
    this.as_type().ok_or_else(|| self_error(vm, first(args), callee, def))
}

/// The class of a class method's call.
#[inline(always)]
pub fn class_type<'a>(vm: &Vm, args: Args<'a>, callee: &Callee, def: &'static TypeDef) -> R<&'a TypeObject> {
    if args.all.len() > args.names.len()
        && let Some(class) = args.all[0].as_type()
        && class.is_subtype_of(def.place.get())
    {
        return Ok(class);
    }
    Err(class_error(vm, first(args), callee, def))
}

#[cold]
#[inline(never)]
fn self_error(vm: &Vm, first: Option<&Value>, callee: &Callee, def: &TypeDef) -> Raised {
    match first {
        None => vm.type_error(format!("unbound method {}.{}() needs an argument", callee.owner, callee.name)),
        Some(v) => owner_error(vm, v, callee.name, def),
    }
}

#[cold]
#[inline(never)]
fn class_error(vm: &Vm, first: Option<&Value>, callee: &Callee, def: &TypeDef) -> Raised {
    let (name, class) = (callee.name, def.place.get().tp_name());
    vm.type_error(match first {
        None => format!("descriptor '{name}' of type '{class}' needs an argument"),
        Some(v) => match v.as_type() {
            None => format!(
                "descriptor '{name}' for type '{class}' needs a type, not a '{}' as arg 2",
                v.ty().tp_name()
            ),
            Some(t) => format!("descriptor '{name}' requires a subtype of '{class}' but received '{}'", t.tp_name()),
        },
    })
}

#[cold]
#[inline(never)]
fn owner_error(vm: &Vm, v: &Value, name: &str, def: &TypeDef) -> Raised {
    let (class, ty) = (def.place.get().tp_name(), v.ty().tp_name());
    vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{ty}' object"))
}

/// The object of a computed attribute as its payload.
#[inline(always)]
pub fn owner_ref<'a, T: Payload>(vm: &Vm, v: &'a Value, name: &str, def: &'static TypeDef) -> R<&'a Ref<T>> {
    v.downcast::<T>().ok_or_else(|| owner_error(vm, v, name, def))
}

/// The object of a computed attribute.
#[inline(always)]
pub fn owner_value<'a>(vm: &Vm, v: &'a Value, name: &str, def: &'static TypeDef) -> R<&'a Value> {
    if v.ty().is_subtype_of(def.place.get()) { Ok(v) } else { Err(owner_error(vm, v, name, def)) }
}

/// The object of a computed attribute of a metaclass.
#[inline(always)]
pub fn owner_type<'a>(vm: &Vm, v: &'a Value, name: &str, def: &'static TypeDef) -> R<&'a TypeObject> {
    v.as_type().ok_or_else(|| owner_error(vm, v, name, def))
}

/// The arguments for `new`: names that it does not take are left to a subclass's own `__init__`.
#[inline(always)]
pub fn new_args<'a>(cls: &TypeObject, def: &'static TypeDef, callee: &Callee, args: Args<'a>) -> Args<'a> {
    if args.names.is_empty() || callee.takes_names() {
        return args;
    }
    let (mine, theirs) = (def.place.get().slots().init, cls.slots().init);
    let same = match (mine, theirs) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    if same { args } else { Args::pos(args.positional()) }
}

/// The arguments for `init`: names that it does not take are left to a subclass's own `__new__`.
#[inline(always)]
pub fn init_args<'a>(cls: &TypeObject, def: &'static TypeDef, callee: &Callee, args: Args<'a>) -> Args<'a> {
    if args.names.is_empty() || callee.takes_names() {
        return args;
    }
    let (mine, theirs) = (def.place.get().slots().new, cls.slots().new);
    let same = match (mine, theirs) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    if same { args } else { Args::pos(args.positional()) }
}

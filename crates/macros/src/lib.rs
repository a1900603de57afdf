//! The attributes by which a Rust function, type or file becomes a Python one.
//!
//! Everything ends up in static tables ([`FunctionDef`], [`TypeDef`], [`ModuleDef`] of the runtime): there is no
//! work at start-up.
//!
//! # A module
//! One file, one module. The file ends (or starts) with [`module!`], which lists what the module shows.
//!
//! ```ignore
//! use taipan_runtime::core::{R, Ref, Value};
//! use taipan_runtime::native::bind::{Kwargs, Nullable};
//! use taipan_runtime::types::module::Module;
//! use taipan_runtime::vm::Vm;
//! use taipan_macros::{function, module};
//!
//! module! {
//!     /// Functions for the example.
//!     name = "example",
//!     functions(sqrt, prod, show, print_),
//!     types(Counter),
//!     exec = exec,
//! }
//!
//! /// Return the square root of x.
//! #[function(sig = "(x, /)")]
//! fn sqrt(vm: &Vm, x: f64) -> R<f64> {
//!     if x < 0.0 { Err(vm.value_error("math domain error")) } else { Ok(x.sqrt()) }
//! }
//!
//! /// Calculate the product of all the elements in the input iterable.
//! #[function(sig = "(iterable, /, *, start=1)")]
//! fn prod(vm: &Vm, iterable: &Value, start: Option<&Value>) -> R { todo!() }
//!
//! /// Without `sig`: every parameter by position only; `Option`s may be left out.
//! #[function]
//! fn show(_vm: &Vm, object: &Value, #[default(2)] indent: usize) -> String {
//!     format!("{object:?} {indent}")
//! }
//!
//! /// The trailing underscore is not part of the Python name.
//! #[function(sig = "(*args, sep=' ', end='\\n', **kwargs)")]
//! fn print_(vm: &Vm, args: &[Value], sep: &str, end: Option<&str>, kwargs: Kwargs<'_>) -> R<()> { Ok(()) }
//!
//! fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> { module.set("pi", 3.14); Ok(()) }
//! ```
//!
//! # A class
//! ```ignore
//! /// The payload: what stands behind the header of every instance.
//! #[derive(Trace)]
//! pub struct Counter {
//!     count: Cell<i64>,
//!     callback: PyCell<Value>,
//!     #[no_trace]
//!     regex: Regex,          // holds no Python reference and has no `Trace`
//! }
//!
//! /// Counts. (This is `Counter.__doc__`.)
//! #[class(name = "Counter", module = "example", flags(BASETYPE, GC), sig = "(start=0, /)")]
//! impl Counter {
//!     /// With Python parameters instead of `args: Args<'_>`, the class's `sig` binds them.
//!     #[slot]
//!     fn new(vm: &Vm, cls: &TypeObject, start: i64) -> R { todo!() }
//!     #[slot]
//!     fn repr(vm: &Vm, this: &Ref<Self>) -> String { format!("Counter({})", this.count.get()) }
//!     #[slot]
//!     fn len(_vm: &Vm, this: &Ref<Self>) -> usize { this.count.get() as usize }
//!     #[slot(binary = Add)]
//!     fn add(vm: &Vm, a: &Value, b: &Value) -> R { Ok(Value::NOT_IMPLEMENTED) }
//!     #[slot]
//!     fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R { todo!() }
//!
//!     /// Adds to the count.
//!     #[method(sig = "(by=1)")]
//!     fn advance(_vm: &Vm, this: &Ref<Self>, by: i64) { this.count.set(this.count.get() + by); }
//!     #[classmethod(sig = "(text, /)")]
//!     fn parse(vm: &Vm, cls: &TypeObject, text: &str) -> R { todo!() }
//!     #[staticmethod]
//!     fn limit(_vm: &Vm) -> i64 { i64::MAX }
//!
//!     /// The count.
//!     #[getter]
//!     fn count(_vm: &Vm, this: &Ref<Self>) -> i64 { this.count.get() }
//!     #[setter]
//!     fn set_count(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> { todo!() }
//!
//!     #[setup]
//!     fn setup(ty: &TypeObject) {}
//! }
//! ```
//! It gives `impl Payload for Counter` and `Counter::DEF`.
//!
//! # Parameters
//! First `vm: &Vm`, then (in classes) `this` or `cls`, then one per Python parameter:
//!
//! | Rust type | takes |
//! |---|---|
//! | `&Value`, `Value` | anything |
//! | `bool` | the truth of anything |
//! | `i32`, `isize`, `u8`, ... | what has `__index__`, in range |
//! | `f64` | what has `__float__` or `__index__` |
//! | `&Ref<T>`, `Ref<T>` | an instance of `T` (not for types whose values may sit in the word: int, float, bool) |
//! | `&str`, `Cow<str>`, `String`, `char` | a str without surrogates |
//! | `&TypeObject` | a class |
//! | `Nullable<T>` | `None` or a `T`; with a default, `None` when not given too |
//! | `&[Value]` | `*args` |
//! | `Kwargs<'_>`, `Option<Ref<Dict>>` | `**kwargs` |
//! | `Args<'_>`, alone | the arguments as they came; `sig` is only shown |
//!
//! A parameter with a default in `sig` is an `Option<T>` (`None` when not given), or has `#[default(expr)]` before
//! it, or has a default that Rust understands (`-1`, `1.5`, `True`, `'x'`, and `None` for `&Value`): then the type
//! is plain `T`.
//!
//! # Results
//! Whatever implements `IntoResult`: `Value`, `Ref<T>`, `()`, `bool`, numbers, `String`, `&str`, `Option` of these
//! (`None` is Python's), and `R` of all of them. Slots with a typed result (`len`, `hash`, `bool`, `contains`,
//! `next`, `init`, `setitem`, ...) return `T` or `R<T>`.
//!
//! [`FunctionDef`]: https://docs.rs/taipan-runtime
//! [`TypeDef`]: https://docs.rs/taipan-runtime
//! [`ModuleDef`]: https://docs.rs/taipan-runtime

mod attrs;
mod class;
mod function;
mod members;
mod module;
mod params;
mod sig;
mod slots;
mod trace;
mod wrapper;

use proc_macro::TokenStream;
use syn::parse_macro_input;

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Shows every field to the collector.
///
/// ```ignore
/// #[derive(Trace)]
/// struct Partial { function: Value, args: Vec<Value>, #[no_trace] started: Instant }
/// ```
/// `#[no_trace]` leaves out a field that owns no Python reference and whose type has no `Trace`.
#[proc_macro_derive(Trace, attributes(no_trace))]
pub fn derive_trace(input: TokenStream) -> TokenStream {
    finish(trace::derive(parse_macro_input!(input), trace::Which::Trace))
}

/// Lets data in a `PyCell` give up its references: a struct or enum of one's own needs it to stand in a cell.
///
/// ```ignore
/// #[derive(Trace, Drain)]
/// struct Entry { key: Value, value: Value }
/// struct Payload { entries: PyCell<Vec<Entry>> }
/// ```
#[proc_macro_derive(Drain, attributes(no_trace))]
pub fn derive_drain(input: TokenStream) -> TokenStream {
    finish(trace::derive(parse_macro_input!(input), trace::Which::Drain))
}

/// A free Rust function as a Python function; [`module!`] lists it.
///
/// ```ignore
/// /// Locate the insertion point for x.
/// #[function(name = "bisect_right", sig = "(a, x, lo=0, hi=None, *, key=None)")]
/// fn bisect(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: Nullable<isize>, key: &Value) -> R<isize> { todo!() }
/// ```
/// Arguments: `name` (default: the Rust name without `r#` or a trailing `_`) and `sig` (default: all by position,
/// `Option`s optional). See the crate's documentation for the types.
#[proc_macro_attribute]
pub fn function(args: TokenStream, item: TokenStream) -> TokenStream {
    let opts = parse_macro_input!(args as attrs::Opts);
    finish(function::expand(opts, parse_macro_input!(item)))
}

/// `pub static MODULE: ModuleDef` for the module that this file is.
///
/// ```ignore
/// module! {
///     /// The module's docs (or `doc = "..."`).
///     name = "math",
///     functions(sqrt, trig::sin, #[cfg(unix)] only_here),
///     types(Counter),
///     exec = exec,
/// }
/// ```
#[proc_macro]
pub fn module(input: TokenStream) -> TokenStream {
    finish(module::file_level(input.into()))
}

/// An inline Rust module as a Python module: `#[function]`s and `#[exec]` in it are found by themselves.
/// (Not named `module`, because a macro and an attribute can't share a name.)
///
/// ```ignore
/// /// The module's docs.
/// #[inline_module(name = "math", types(Counter))]
/// pub mod math {
///     #[function] fn sqrt(_vm: &Vm, x: f64) -> f64 { x.sqrt() }
///     #[exec] fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> { Ok(()) }
/// }
/// ```
#[proc_macro_attribute]
pub fn inline_module(args: TokenStream, item: TokenStream) -> TokenStream {
    let opts = parse_macro_input!(args as attrs::Opts);
    finish(module::inline(opts, parse_macro_input!(item)))
}

/// An impl block as a native type: `impl Payload for T`, and `T::DEF`.
///
/// ```ignore
/// /// Built-in mutable sequence.
/// #[class(name = "list", flags(BASETYPE, GC, SEQUENCE, LIST_SUB), sig = "(iterable=(), /)")]
/// impl List {
///     #[slot] fn len(_vm: &Vm, this: &Ref<List>) -> usize { this.items.borrow().len() }
///     /// Append object to the end of the list.
///     #[method(sig = "(object, /)")]
///     fn append(_vm: &Vm, this: &Ref<List>, object: &Value) { this.items.borrow_mut().push(object.clone()) }
/// }
/// ```
/// Arguments: `name` (default: the Rust name), `module` (default `"builtins"`), `base = Payload` (default `object`;
/// `None` for none) or `base_place = PLACE` of a base that has no payload of its own, `flags(..)` of `tflag`, `sig` of the constructor, `place = LIST` for a `pub static` type place
/// with a name, `layout = EXPR` for what
/// is not a plain payload, `slots = EXPR` for slots that are there before those of the block,
/// `callee = ".."` for the name of the constructor in messages where CPython has another than the class's.
///
/// Marks on its functions: `#[slot]` (`#[slot(len)]`, `#[slot(binary = Add)]`, `#[slot(inplace = Add)]`,
/// `#[slot(new, sig = "..")]`), `#[method]`, `#[classmethod]`, `#[staticmethod]` (with `name` and `sig`),
/// `#[getter]` (`#[getter(member)]` for what CPython shows as a member), `#[setter]` (with `name`), `#[setup]` (adds to the namespace when it is filled, at
/// its first use), `#[shape]` (changes the type itself, when the image is built). A function may have several.
#[proc_macro_attribute]
pub fn class(args: TokenStream, item: TokenStream) -> TokenStream {
    let opts = parse_macro_input!(args as attrs::Opts);
    finish(class::expand(opts, parse_macro_input!(item)))
}

//! `_contextvars`: context variables, contexts, tokens.
//!
//! A context keeps its variables in a dict that copies share until one of them changes it.

use std::cell::Cell;

use taipan_macros::{class, function, module};
use taipan_runtime::core::{Payload, PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::generic_alias;
use taipan_runtime::types::list;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::vm::Vm;

module! {
    /// Context Variables
    name = "_contextvars",
    functions(copy_context),
    types(Context, ContextVar, Token),
}

/// The types of this module.
pub const TYPES: &[&taipan_runtime::native::TypeDef] = &[Context::DEF, ContextVar::DEF, Missing::DEF, Token::DEF];

/// The payload of Context.
#[derive(taipan_macros::Trace)]
pub struct Context {
    vars: PyCell<Ref<Dict>>,
    entered: Cell<bool>,
    /// The context that was current before this one was entered.
    previous: PyCell<Option<Value>>,
}

fn new_context(vars: Ref<Dict>) -> Ref<Context> {
    Ref::new(Context { vars: PyCell::new(vars), entered: Cell::new(false), previous: PyCell::new(None) })
}

/// The current context of the thread, made on first use.
pub fn current(vm: &Vm) -> Ref<Context> {
    if let Some(c) = vm.context.borrow().as_ref()
        && let Some(c) = c.downcast::<Context>()
    {
        return c.clone();
    }
    let c = new_context(Ref::new(Dict::new()));
    c.entered.set(true);
    vm.context.set(Some(c.value().clone()));
    c
}

/// A copy of the current context.
pub fn copy_current(vm: &Vm) -> Ref<Context> {
    new_context(current(vm).vars.get())
}

/// Return a shallow copy of the current Context object.
#[function]
fn copy_context(vm: &Vm) -> Ref<Context> {
    copy_current(vm)
}

fn expect_var(vm: &Vm, key: &Value) -> R<()> {
    if key.downcast_exact::<ContextVar>().is_some() {
        return Ok(());
    }
    Err(vm.type_error(format!("a ContextVar key was expected, got {}", vm.repr_string(key)?)))
}

impl Context {
    /// The dict to change: one that no other context shares.
    fn own_vars(&self) -> Ref<Dict> {
        let vars = self.vars.get();
        // One count is the cell's, one ours.
        if vars.header().count() <= 2 {
            return vars;
        }
        let copy = vars.copy();
        self.vars.set(copy.clone());
        copy
    }
}

/// Forgets what was remembered of the current values of variables.
#[inline]
fn changed(vm: &Vm) {
    if vm.decimal.borrow().is_some() {
        drop(vm.decimal.take());
    }
}

/// Makes a context the current one.
///
/// Raises RuntimeError if it is entered already.
pub fn enter(vm: &Vm, c: &Ref<Context>) -> R<()> {
    if c.entered.get() {
        let shown = vm.repr_string(c.value())?;
        return Err(vm.runtime_error(format!("cannot enter context: {shown} is already entered")));
    }
    c.entered.set(true);
    changed(vm);
    c.previous.set(vm.context.replace(Some(c.value().clone())));
    Ok(())
}

/// Makes the context before this one the current one again.
///
/// Raises RuntimeError if this one is not the current one.
pub fn exit(vm: &Vm, c: &Ref<Context>) -> R<()> {
    if !c.entered.get() {
        let shown = vm.repr_string(c.value())?;
        return Err(vm.runtime_error(format!("cannot exit context: {shown} has not been entered")));
    }
    if !vm.context.get().is_some_and(|v| v.is(c.value())) {
        return Err(vm.runtime_error("cannot exit context: thread state references a different context object"));
    }
    changed(vm);
    vm.context.set(c.previous.take());
    c.entered.set(false);
    Ok(())
}

/// A mapping of context variables to their values.
#[class(name = "Context", module = "_contextvars", flags(GC, HAS_WEAKREF, MAPPING))]
impl Context {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.all.is_empty() {
            return Err(vm.type_error("Context() does not accept any arguments"));
        }
        Ok(new_context(Ref::new(Dict::new())).into_value())
    }

    #[slot]
    fn len(_vm: &Vm, this: &Ref<Context>) -> usize {
        this.vars.borrow().len()
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<Context>) -> R {
        // Contexts share dicts, so that iteration goes over a copy of the keys: other code may change them.
        vm.iter(list::from_vec(this.vars.get().keys()).value())
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<Context>, key: &Value) -> R<bool> {
        expect_var(vm, key)?;
        this.vars.get().contains(vm, key)
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Context>, key: &Value) -> R {
        expect_var(vm, key)?;
        match this.vars.get().get(vm, key)? {
            Some(v) => Ok(v),
            None => Err(vm.key_error(key)),
        }
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Context>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast_exact::<Context>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let (a, b) = (this.vars.get(), o.vars.get());
        let equal = vm.eq(a.value(), b.value())?;
        Ok(Value::bool(equal == (op == CmpOp::Eq)))
    }

    /// Return the value for `key` if `key` has the value in the context object.
    #[method(sig = "(key, default=None, /)")]
    fn get(vm: &Vm, this: &Ref<Context>, key: &Value, default: &Value) -> R {
        expect_var(vm, key)?;
        Ok(this.vars.get().get(vm, key)?.unwrap_or_else(|| default.clone()))
    }

    /// Return all variables in the context object.
    #[method(sig = "()")]
    fn keys(_vm: &Vm, this: &Ref<Context>) -> R {
        Ok(list::from_vec(this.vars.get().keys()).into_value())
    }

    /// Return a list of all variables' values in the context object.
    #[method(sig = "()")]
    fn values(_vm: &Vm, this: &Ref<Context>) -> R {
        Ok(list::from_vec(this.vars.get().items().into_iter().map(|(_, v)| v).collect()).into_value())
    }

    /// Return all variables and their values in the context object, as pairs.
    #[method(sig = "()")]
    fn items(_vm: &Vm, this: &Ref<Context>) -> R {
        let pairs = this.vars.get().items().into_iter().map(|(k, v)| tuple::from_array([k, v]).into_value());
        Ok(list::from_vec(pairs.collect()).into_value())
    }

    /// Return a shallow copy of the context object.
    #[method(sig = "()")]
    fn copy(_vm: &Vm, this: &Ref<Context>) -> Ref<Context> {
        new_context(this.vars.get())
    }

    /// Call a function in the context object.
    #[method]
    fn run(vm: &Vm, this: &Ref<Context>, args: Args<'_>) -> R {
        let Some(f) = args.positional().first() else {
            return Err(vm.type_error("run() missing 1 required positional argument"));
        };
        enter(vm, this)?;
        let r = vm.call_args(f, args.rest());
        match r {
            Ok(v) => exit(vm, this).map(|()| v),
            Err(raised) => {
                let e = vm.catch(raised);
                if let Err(second) = exit(vm, this) {
                    drop(vm.catch(second));
                }
                Err(vm.raise_as_is(e))
            }
        }
    }
}

/// The payload of ContextVar.
#[derive(taipan_macros::Trace)]
pub struct ContextVar {
    name: Value,
    default: Option<Value>,
}

/// A new context variable.
pub fn new_var(name: Value, default: Option<Value>) -> Ref<ContextVar> {
    Ref::new(ContextVar { name, default })
}

/// The value of a variable in the current context.
pub fn get_var(vm: &Vm, var: &Ref<ContextVar>) -> R<Option<Value>> {
    if vm.context.borrow().is_none() {
        return Ok(None);
    }
    let vars = current(vm).vars.get();
    vars.get(vm, var.value())
}

/// Sets a variable in the current context; gives its old value.
pub fn set_var(vm: &Vm, var: &Ref<ContextVar>, value: Value) -> R<Option<Value>> {
    changed(vm);
    let vars = current(vm).own_vars();
    let old = vars.get(vm, var.value())?;
    vars.set(vm, var.value().clone(), value)?;
    Ok(old)
}

#[cold]
fn lookup_error(vm: &Vm, var: &Ref<ContextVar>) -> Raised {
    vm.raise_new(exc::LOOKUP_ERROR.get(), vec![var.value().clone()])
}

/// A variable whose value depends on the context in which it is asked for.
#[class(name = "ContextVar", module = "_contextvars", flags(GC), sig = "(name, /, *, default=<unrepresentable>)")]
impl ContextVar {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, name: &Value, default: Option<&Value>) -> R {
        if name.downcast::<Str>().is_none() {
            return Err(vm.type_error("context variable name must be a str"));
        }
        Ok(new_var(name.clone(), default.cloned()).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<ContextVar>) -> R<String> {
        let mut out = format!("<ContextVar name={}", vm.repr_string(&this.name)?);
        if let Some(d) = &this.default {
            out.push_str(&format!(" default={}", vm.repr_string(d)?));
        }
        out.push_str(&format!(" at {:#x}>", this.value().id()));
        Ok(out)
    }

    #[getter]
    fn name(_vm: &Vm, this: &Ref<ContextVar>) -> Value {
        this.name.clone()
    }

    /// Return a value for the context variable for the current context.
    #[method(sig = "(default=<unrepresentable>, /)")]
    fn get(vm: &Vm, this: &Ref<ContextVar>, default: Option<&Value>) -> R {
        if let Some(v) = get_var(vm, this)? {
            return Ok(v);
        }
        match default.or(this.default.as_ref()) {
            Some(d) => Ok(d.clone()),
            None => Err(lookup_error(vm, this)),
        }
    }

    /// Call to set a new value for the context variable in the current context.
    #[method(sig = "(value, /)")]
    fn set(vm: &Vm, this: &Ref<ContextVar>, value: &Value) -> R<Ref<Token>> {
        let context = current(vm);
        let old = set_var(vm, this, value.clone())?;
        Ok(Ref::new(Token { context, var: this.clone(), old, used: Cell::new(false) }))
    }

    /// Reset the context variable to the value it had before it was set.
    #[method(sig = "(token, /)")]
    fn reset(vm: &Vm, this: &Ref<ContextVar>, token: &Value) -> R<()> {
        let Some(token) = token.downcast_exact::<Token>() else {
            return Err(vm.type_error(format!("expected an instance of Token, got {}", vm.repr_string(token)?)));
        };
        reset(vm, this, token)
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}

fn reset(vm: &Vm, var: &Ref<ContextVar>, token: &Ref<Token>) -> R<()> {
    let shown = || vm.repr_string(token.value());
    if token.used.get() {
        return Err(vm.runtime_error(format!("{} has already been used once", shown()?)));
    }
    if !token.var.value().is(var.value()) {
        return Err(vm.value_error(format!("{} was created by a different ContextVar", shown()?)));
    }
    let context = current(vm);
    if !context.value().is(token.context.value()) {
        return Err(vm.value_error(format!("{} was created in a different Context", shown()?)));
    }
    token.used.set(true);
    changed(vm);
    let vars = context.own_vars();
    match &token.old {
        Some(v) => vars.set(vm, var.value().clone(), v.clone()),
        None => match vars.remove(vm, var.value())? {
            Some(_) => Ok(()),
            None => Err(lookup_error(vm, var)),
        },
    }
}

/// The payload of Token.
#[derive(taipan_macros::Trace)]
pub struct Token {
    context: Ref<Context>,
    var: Ref<ContextVar>,
    old: Option<Value>,
    used: Cell<bool>,
}

/// Remembers what a context variable was before it was set.
#[class(name = "Token", module = "_contextvars", flags(GC))]
impl Token {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, _args: Args<'_>) -> R {
        Err(vm.runtime_error("Tokens can only be created by ContextVars"))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Token>) -> R<String> {
        let used = if this.used.get() { " used" } else { "" };
        Ok(format!("<Token{used} var={} at {:#x}>", vm.repr_string(this.var.value())?, this.value().id()))
    }

    #[getter]
    fn var(_vm: &Vm, this: &Ref<Token>) -> Ref<ContextVar> {
        this.var.clone()
    }

    #[getter]
    fn old_value(_vm: &Vm, this: &Ref<Token>) -> Value {
        match &this.old {
            Some(v) => v.clone(),
            None => Token::TYPE.get().dict.get_str("MISSING").unwrap_or(Value::NONE),
        }
    }

    /// Enter into Token context manager.
    #[method(sig = "()")]
    fn __enter__(_vm: &Vm, this: &Value) -> Value {
        this.clone()
    }

    /// Exit from Token context manager, restore the linked ContextVar.
    #[method(sig = "(type, value, traceback, /)")]
    fn __exit__(vm: &Vm, this: &Ref<Token>, _type: &Value, _value: &Value, _traceback: &Value) -> R<()> {
        reset(vm, &this.var, this)
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        ty.dict.set_str("MISSING", Ref::new(Missing {}).into_value());
    }
}

/// The payload of Token.MISSING.
#[derive(taipan_macros::Trace)]
pub struct Missing {}

#[class(name = "Token.MISSING", module = "builtins", flags(NO_NEW))]
impl Missing {
    #[slot]
    fn repr(_vm: &Vm, _this: &Value) -> &'static str {
        "<Token.MISSING>"
    }
}

//! `_decimal`: decimal floating-point arithmetic as the General Decimal Arithmetic specification has it.
//!
//! The algorithms (`number`, `limbs`, `ntt`, `wide`, `round`, `arith`, `more`, `transcend`) know no objects.

mod arith;
mod compare;
mod context;
mod context_class;
mod decimal_class;
mod format;
mod limbs;
mod manager;
mod more;
mod ntt;
mod number;
mod object;
mod round;
mod signals;
mod transcend;
mod wide;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use self::context::Context;
use self::manager::ContextManager;
use self::number::{MAX_EMAX, MAX_PREC, MIN_EMIN, MIN_ETINY};
use self::object::Decimal;
use self::round::{Ctx, Rounding};
use self::signals::{CONDITIONS, SIGNALS, SignalDict};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Decimal::DEF, SignalDict::DEF, Context::DEF, ContextManager::DEF];

module! {
    /// Decimal arithmetic.
    name = "_decimal",
    functions(getcontext, setcontext, localcontext, IEEEContext),
    types(Decimal, Context),
    exec = exec,
}

/// The class DecimalTuple.
fn decimal_tuple(vm: &Vm) -> R {
    vm.interp_static("decimal.DecimalTuple", |vm| {
        let make = vm.import_attr("collections", "namedtuple")?;
        let class = vm.call(&make, &[str::from_str("DecimalTuple"), str::from_str("sign digits exponent")])?;
        vm.set_attr_str(&class, "__module__", &str::from_str("decimal"))?;
        Ok(class)
    })
}

/// The widest interchange format.
const IEEE_CONTEXT_MAX_BITS: i64 = 512;

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let number = vm.import_attr("numbers", "Number")?;
    vm.call_method(&number, "register", &[Decimal::DEF.place.value()])?;
    m.set("DecimalTuple", decimal_tuple(vm)?);
    let classes = signals::classes(vm)?;
    let names = ["DecimalException"].into_iter().chain(SIGNALS.iter().map(|s| s.0)).chain(CONDITIONS[1..].iter().map(|s| s.0));
    for (name, class) in names.zip(classes.as_slice()) {
        m.set(name, class.clone());
    }
    m.set("DefaultContext", context::default_context(vm)?);
    m.set("BasicContext", context::basic_context(vm)?);
    m.set("ExtendedContext", context::extended_context(vm)?);
    for (r, name) in Rounding::ALL {
        m.set(name, context::rounding_name(r));
    }
    m.set("MAX_PREC", MAX_PREC);
    m.set("MAX_EMAX", MAX_EMAX);
    m.set("MIN_EMIN", MIN_EMIN);
    m.set("MIN_ETINY", MIN_ETINY);
    m.set("IEEE_CONTEXT_MAX_BITS", IEEE_CONTEXT_MAX_BITS);
    m.set("HAVE_THREADS", true);
    m.set("HAVE_CONTEXTVAR", true);
    m.set("__version__", str::from_str("1.70"));
    m.set("__libmpdec_version__", str::from_str("2.5.1"));
    Ok(())
}

/// Get the current default context.
#[function]
fn getcontext(vm: &Vm) -> R<Ref<Context>> {
    context::current(vm)
}

/// Set a new default context.
#[function(sig = "(context, /)")]
fn setcontext(vm: &Vm, context: &Value) -> R<()> {
    context::set_context(vm, context)
}

/// Return a context manager that will set the default context to a copy of ctx on entry to the with-statement and
/// restore the previous default context when exiting the with-statement. If no context is supplied, a copy of the
/// current default context is used.
#[function(sig = "(ctx=None, **kwargs)")]
fn localcontext(vm: &Vm, args: Args<'_>) -> R<Ref<ContextManager>> {
    manager::new(vm, args)
}

/// Return a context object initialized to the proper values for one of the IEEE interchange formats. The argument must
/// be a multiple of 32 and less than IEEE_CONTEXT_MAX_BITS.
#[function(sig = "(bits, /)")]
#[expect(non_snake_case, reason = "Python's name")]
fn IEEEContext(vm: &Vm, bits: &Value) -> R<Ref<Context>> {
    let bits = context::ssize(vm, bits)?;
    if bits <= 0 || bits > IEEE_CONTEXT_MAX_BITS || bits % 32 != 0 {
        let text = format!("argument must be a multiple of 32, with a maximum of {IEEE_CONTEXT_MAX_BITS}");
        return Err(vm.value_error(text));
    }
    let emax = 3 * (1 << (bits / 16 + 3));
    let ctx = Ctx { prec: 9 * (bits / 32) - 2, emax, emin: 1 - emax, rounding: Rounding::HalfEven, clamp: true };
    context::new(vm, Context::DEF.place.get(), ctx, true, 0, 0)
}

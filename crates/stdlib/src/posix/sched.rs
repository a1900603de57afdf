//! Scheduling.

use taipan_host::{Errno, sched as host, system};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::native::Args;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{int, set};
use taipan_runtime::vm::Vm;

static PARAM: Spec = Spec {
    name: "posix.sched_param",
    doc: "Currently has only one field: sched_priority\n\n  sched_priority\n    A scheduling parameter.",
    fields: &[("sched_priority", "the scheduling priority")],
    visible: 1,
    instantiable: true,
};

fn class(vm: &Vm) -> R {
    vm.interp_static("posix.sched_param", |vm| {
        let class = structseq::new_type(vm, &PARAM)?;
        structseq::set_new(&class, new);
        Ok(class)
    })
}

/// `sched_param(sched_priority)`; also what `__reduce__` gives, a tuple and a dict.
fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
    let mut priority = args.positional().first().cloned();
    if args.positional().len() > 1 && args.positional()[0].downcast::<Tuple>().is_none() {
        let n = args.positional().len();
        return Err(vm.type_error(format!("sched_param() takes at most 1 argument ({n} given)")));
    }
    for (name, v) in args.named() {
        match vm.str_lossy(name).as_str() {
            "sched_priority" if priority.is_none() => priority = Some(v.clone()),
            other => return Err(vm.type_error(format!("sched_param() got an unexpected keyword argument '{other}'"))),
        }
    }
    let Some(priority) = priority else {
        return Err(vm.type_error("sched_param() missing required argument 'sched_priority' (pos 1)"));
    };
    let packed = priority.downcast::<Tuple>().filter(|_| args.all.len() == 2).and_then(|t| t.as_slice().first().cloned());
    structseq::new_instance(vm, &cls.to_value(), vec![packed.unwrap_or(priority)])
}

pub(super) fn add_types(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("sched_param", class(vm)?);
    Ok(())
}

fn plain<T>(vm: &Vm, r: Result<T, Errno>) -> R<T> {
    r.map_err(|e| vm.os_error(e.0, None))
}

/// The priority in a `sched_param`.
///
/// Raises TypeError for anything else.
pub(super) fn priority(vm: &Vm, v: &Value) -> R<i32> {
    let right = class(vm)?.as_type().is_some_and(|t| v.ty().is_subtype_of(t));
    let first = v.downcast::<Tuple>().and_then(|t| t.as_slice().first().cloned());
    let Some(n) = first.filter(|_| right) else { return Err(vm.type_error("must have a sched_param object")) };
    let n = int::to_i64(vm, &n)?;
    i32::try_from(n).map_err(|_| vm.overflow_error("sched_priority out of range"))
}

/// Get the maximum scheduling priority for policy.
#[function(sig = "(policy)")]
pub fn sched_get_priority_max(vm: &Vm, policy: i32) -> R<i32> {
    plain(vm, host::priority_max(policy))
}

/// Get the minimum scheduling priority for policy.
#[function(sig = "(policy)")]
pub fn sched_get_priority_min(vm: &Vm, policy: i32) -> R<i32> {
    plain(vm, host::priority_min(policy))
}

/// Get the scheduling policy for the process identified by pid.
#[function(sig = "(pid, /)")]
pub fn sched_getscheduler(vm: &Vm, pid: i32) -> R<i32> {
    plain(vm, host::scheduler(pid))
}

/// Set the scheduling policy for the process identified by pid.
#[function(sig = "(pid, policy, param, /)")]
pub fn sched_setscheduler(vm: &Vm, pid: i32, policy: i32, param: &Value) -> R<()> {
    plain(vm, host::set_scheduler(pid, policy, priority(vm, param)?))
}

/// Returns scheduling parameters for the process identified by pid.
#[function(sig = "(pid, /)")]
pub fn sched_getparam(vm: &Vm, pid: i32) -> R {
    let n = plain(vm, host::priority(pid))?;
    structseq::new_instance(vm, &class(vm)?, vec![Value::from(n)])
}

/// Set scheduling parameters for the process identified by pid.
#[function(sig = "(pid, param, /)")]
pub fn sched_setparam(vm: &Vm, pid: i32, param: &Value) -> R<()> {
    plain(vm, host::set_priority(pid, priority(vm, param)?))
}

/// Return the round-robin quantum for the process identified by pid, in seconds.
#[function(sig = "(pid, /)")]
pub fn sched_rr_get_interval(vm: &Vm, pid: i32) -> R<f64> {
    plain(vm, host::interval(pid))
}

/// Voluntarily relinquish the CPU.
#[function]
pub fn sched_yield(vm: &Vm) {
    vm.allow_threads(system::yield_processor);
}

/// Return the affinity of the process identified by pid (or the current process if zero).
#[function(sig = "(pid, /)")]
pub fn sched_getaffinity(vm: &Vm, pid: i32) -> R {
    let processors = plain(vm, system::affinity(pid))?;
    Ok(set::from_vec(vm, processors.into_iter().map(Value::from).collect())?.into_value())
}

/// Set the CPU affinity of the process identified by pid to mask.
#[function(sig = "(pid, mask, /)")]
pub fn sched_setaffinity(vm: &Vm, pid: i32, mask: &Value) -> R<()> {
    let mut processors = Vec::new();
    for item in vm.collect(mask)? {
        if int::get(&item).is_none() {
            let got = item.ty().tp_name();
            return Err(vm.type_error(format!("expected an iterator of ints, but iterator yielded {got}")));
        }
        match int::get(&item).and_then(int::IntRef::to_i64) {
            Some(n) if n < 0 => return Err(vm.value_error("negative CPU number")),
            Some(n) if n < i64::from(i32::MAX) => processors.push(n as usize),
            _ => return Err(vm.overflow_error("CPU number too large")),
        }
    }
    plain(vm, system::set_affinity(pid, &processors))
}

/// Return the number of logical CPUs in the system, or None.
#[function]
pub fn cpu_count(vm: &Vm) -> Option<usize> {
    let asked = vm.interp().config.cpu_count.and_then(|n| usize::try_from(n).ok());
    asked.or_else(system::cpu_count)
}

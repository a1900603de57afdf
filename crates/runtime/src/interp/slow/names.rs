//! Moving data, names, cells.

use taipan_bytecode::{CodeFlags, Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Ref, Value};
use crate::types::cell::Cell;
use crate::types::dict::{self, Dict};
use crate::types::tuple::Tuple;
use crate::types::exceptions as exc;
use crate::vm::names;

/// In the second cache word of a global that was found in the module, not among the builtins.
pub(in crate::interp) const IN_GLOBALS: u64 = u64::MAX;

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    match op {
        Op::LoadConst => {
            // SAFETY: the frame's code lives while it runs; the operand is a constant's index.
            let k = unsafe { (&(*(*cx.frame).code).consts)[w.bc() as usize].clone() };
            cx.put(w.a(), k);
        }
        Op::LoadInt => cx.put(w.a(), Value::from(w.bc_signed())),
        Op::Move => {
            let v = cx.take_or_clone(w.b(), flag::KILL_B)?;
            cx.put(w.a(), v);
        }
        Op::Clear => drop(cx.take_opt(w.a())),
        Op::DeleteFast => drop(cx.take(w.a())?),
        Op::LoadFastAndClear | Op::StoreFastMaybeNull => {
            let v = cx.take_opt(w.b());
            drop(cx.take_opt(w.a()));
            if let Some(v) = v {
                cx.put(w.a(), v);
            }
        }
        Op::Swap => {
            // SAFETY: both are registers of the window.
            unsafe { std::ptr::swap(cx.base.add(w.a()), cx.base.add(w.b())) };
        }
        Op::MakeCell => {
            let v = cx.take_opt(w.a());
            cx.put(w.a(), Ref::new(Cell::holding(v)).into_value());
        }
        Op::CopyFreeVars => {
            // SAFETY: only frames of functions have free variables.
            let closure = unsafe { (*(*cx.frame).func).closure.get() };
            if let Some(cells) = closure.downcast_exact::<Tuple>() {
                for (i, c) in cells.as_slice().iter().enumerate().take(w.b()) {
                    cx.put(w.a() + i, c.clone());
                }
            }
        }
        Op::LoadDeref => {
            let v = cell(cx, w.b())?.value.get();
            match v {
                Some(v) => cx.put(w.a(), v),
                None => return Err(unbound_cell(cx, w.b())),
            }
        }
        Op::StoreDeref => {
            let v = cx.take_or_clone(w.a(), flag::KILL_A)?;
            cell(cx, w.b())?.value.set(Some(v));
        }
        Op::DeleteDeref => {
            let old = cell(cx, w.b())?.value.take();
            if old.is_none() {
                return Err(unbound_cell(cx, w.b()));
            }
        }
        Op::LoadFromDictOrDeref => {
            let mapping = cx.read(w.b())?;
            // SAFETY: the extra word is a name index.
            let name = cx.name(unsafe { *cx.extra() } as usize);
            let v = match lookup_mapping(cx, mapping, name)? {
                Some(v) => v,
                None => match cell(cx, w.c())?.value.get() {
                    Some(v) => v,
                    None => return Err(unbound_cell(cx, w.c())),
                },
            };
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), v);
        }
        Op::LoadFromDictOrGlobals => {
            let mapping = cx.read(w.b())?;
            let name = cx.name(w.c());
            let v = match lookup_mapping(cx, mapping, name)? {
                Some(v) => v,
                None => global(cx, name)?,
            };
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), v);
        }
        Op::LoadBuildClass => {
            // SAFETY: the frame is running.
            let b = unsafe { (*(*cx.frame).builtins).to_ref() };
            match dict::foreign::get(cx.vm, &b, &names().__build_class__)? {
                Some(v) => cx.put(w.a(), v),
                None => return Err(cx.vm.name_error(&names().__build_class__, "__build_class__ not found")),
            }
        }
        Op::LoadCommon => {
            let v = match w.b() {
                0 => exc::ASSERTION_ERROR.value(),
                1 => exc::NOT_IMPLEMENTED_ERROR.value(),
                2 => <Tuple as crate::core::Payload>::TYPE.value(),
                5 => <crate::types::list::List as crate::core::Payload>::TYPE.value(),
                6 => <crate::types::set::Set as crate::core::Payload>::TYPE.value(),
                n => cx.vm.interp().builtins().get_str(if n == 3 { "all" } else { "any" }).unwrap_or(Value::NONE),
            };
            cx.put(w.a(), v);
        }
        Op::LoadGlobal | Op::LoadGlobalModule | Op::LoadGlobalBuiltin => {
            let v = load_global(cx, cx.name(w.b()), cx.extra(), [Op::LoadGlobal, Op::LoadGlobalModule, Op::LoadGlobalBuiltin])?;
            cx.put(w.a(), v);
        }
        Op::StoreGlobal => {
            let v = cx.take_or_clone(w.a(), flag::KILL_A)?;
            // SAFETY: the frame is running.
            store_global(cx, unsafe { (*cx.frame).globals() }, v);
        }
        Op::DeleteGlobal => {
            let name = cx.name(w.b());
            // SAFETY: as above.
            if unsafe { (*cx.frame).globals().remove_name(name) }.is_none() {
                return Err(not_defined(cx, name));
            }
        }
        Op::LoadName => load_name(cx)?,
        Op::StoreName => {
            let v = cx.take_or_clone(w.a(), flag::KILL_A)?;
            let name = cx.name(w.b());
            let locals = frame_locals(cx)?;
            match locals.downcast_exact::<Dict>() {
                // SAFETY: the frame is running.
                Some(d) if locals.raw() == unsafe { (*cx.frame).globals.addr() as u64 } => store_global(cx, d, v),
                Some(d) => d.set_name(name, v),
                None => cx.vm.setitem(&locals, name, &v)?,
            }
        }
        Op::DeleteName => {
            let name = cx.name(w.b());
            let locals = frame_locals(cx)?;
            match locals.downcast_exact::<Dict>() {
                Some(d) => {
                    if d.remove_name(name).is_none() {
                        return Err(not_defined(cx, name));
                    }
                }
                None => {
                    let r = cx.vm.delitem(&locals, name);
                    if cx.vm.ignore(r, &exc::KEY_ERROR)?.is_none() {
                        return Err(not_defined(cx, name));
                    }
                }
            }
        }
        _ => {
            let v = locals_mapping(cx)?;
            cx.put(w.a(), v);
        }
    }
    Ok(Flow::Next)
}

fn cell<'a>(cx: &Cx<'a>, r: usize) -> R<&'a Ref<Cell>> {
    match cx.read(r)?.downcast::<Cell>() {
        Some(c) => Ok(c),
        None => Err(cx.vm.system_error("register holds no cell")),
    }
}

#[cold]
fn unbound_cell(cx: &Cx<'_>, r: usize) -> crate::core::Raised {
    // SAFETY: the frame is running.
    let code = unsafe { (*cx.frame).code() };
    let Some(name) = code.register_name(r) else { return cx.vm.system_error("empty cell") };
    let text = cx.vm.str_lossy(&name);
    let free = code.nfree > 0 && r >= code.body().free_base as usize;
    if free {
        cx.vm.name_error(&name, format!("cannot access free variable '{text}' where it is not associated with a value in enclosing scope"))
    } else {
        cx.vm.unbound_local_error(format!("cannot access local variable '{text}' where it is not associated with a value"))
    }
}

#[cold]
pub(super) fn not_defined(cx: &Cx<'_>, name: &Value) -> crate::core::Raised {
    cx.vm.name_error(name, format!("name '{}' is not defined", cx.vm.str_lossy(name)))
}

fn lookup_mapping(cx: &Cx<'_>, mapping: &Value, name: &Value) -> R<Option<Value>> {
    if let Some(d) = mapping.downcast_exact::<Dict>() {
        return Ok(d.get_name(name));
    }
    let r = cx.vm.getitem(mapping, name);
    cx.vm.ignore(r, &exc::KEY_ERROR)
}

/// The value of a global or builtin name, without caches.
fn global(cx: &Cx<'_>, name: &Value) -> R {
    // SAFETY: the frame is running.
    let (globals, builtins) = unsafe { (&*(*cx.frame).globals, &*(*cx.frame).builtins) };
    if !globals.is_exact() || !builtins.is_exact() {
        return load_global_mapping(cx, name);
    }
    if let Some(v) = globals.get_name(name) {
        return Ok(v);
    }
    if let Some(v) = builtins.get_name(name) {
        return Ok(v);
    }
    global_by_equality(cx, name)
}

/// Not found by its text: only now are keys asked that are no str but may equal one.
#[cold]
fn global_by_equality(cx: &Cx<'_>, name: &Value) -> R {
    // SAFETY: the frame is running.
    let (globals, builtins) = unsafe { (&*(*cx.frame).globals, &*(*cx.frame).builtins) };
    for namespace in [globals, builtins] {
        if let Some(v) = namespace.get(cx.vm, name)? {
            return Ok(v);
        }
    }
    Err(not_defined(cx, name))
}

/// Looks a global up and fills the cache at `cache` (two words), choosing the opcode among
/// [general, module, builtin].
pub(super) fn load_global(cx: &Cx<'_>, name: &Value, cache: *mut u64, ops: [Op; 3]) -> R {
    // SAFETY: the frame is running; the cache words belong to this instruction.
    unsafe {
        let (globals, builtins) = (&*(*cx.frame).globals, &*(*cx.frame).builtins);
        if !globals.is_exact() || !builtins.is_exact() {
            return load_global_mapping(cx, name);
        }
        if let Some(n) = globals.find_name(name) {
            *cache = u64::from(globals.version()) | (n as u64) << 32;
            *cache.add(1) = IN_GLOBALS;
            cx.specialise(ops[1]);
            return globals.value_at(n).ok_or_else(|| not_defined(cx, name));
        }
        if let Some(n) = builtins.find_name(name) {
            *cache = u64::from(globals.version()) | u64::from(builtins.version()) << 32;
            *cache.add(1) = n as u64;
            cx.specialise(ops[2]);
            return builtins.value_at(n).ok_or_else(|| not_defined(cx, name));
        }
        cx.specialise(ops[0]);
        global_by_equality(cx, name)
    }
}

/// Sets a global and remembers its place, once the name is there.
fn store_global(cx: &Cx<'_>, globals: &Dict, v: Value) {
    if let Some(n) = globals.put_name(cx.name(cx.w.b()), v) {
        // SAFETY: the cache word belongs to this instruction.
        unsafe { *cx.extra() = u64::from(globals.version()) | (n as u64) << 32 };
    }
}

/// Namespaces of a class that derives from dict may have a `__getitem__` or `__missing__` of their own.
#[cold]
fn load_global_mapping(cx: &Cx<'_>, name: &Value) -> R {
    // SAFETY: the frame is running.
    let (globals, builtins) = unsafe { ((*cx.frame).globals().to_value(), (*(*cx.frame).builtins).to_value()) };
    for namespace in [globals, builtins] {
        if let Some(v) = lookup_mapping(cx, &namespace, name)? {
            return Ok(v);
        }
    }
    Err(not_defined(cx, name))
}

/// The namespace of a module's or class's body.
pub(super) fn frame_locals(cx: &Cx<'_>) -> R {
    // SAFETY: the frame is running; `extra` is zero or owned.
    unsafe {
        if (*cx.frame).extra == 0 {
            let f = &*cx.frame;
            return match f.code().has(CodeFlags::OPTIMIZED) {
                true => Err(cx.vm.system_error("no locals")),
                false => Ok(crate::types::frame::own_namespace(f)),
            };
        }
        Ok((*(&raw const (*cx.frame).extra).cast::<Value>()).clone())
    }
}

fn load_name(cx: &Cx<'_>) -> R<()> {
    let w = cx.w;
    let name = cx.name(w.b());
    let locals = frame_locals(cx)?;
    // SAFETY: the frame is running.
    let same = unsafe { locals.raw() == (*cx.frame).globals.addr() as u64 };
    if same {
        // At module level the locals are the globals: the caches of LOAD_GLOBAL serve.
        // Another run of this code may have other locals, so the instruction itself stays.
        let v = load_global(cx, name, cx.extra(), [Op::LoadName; 3])?;
        cx.put(w.a(), v);
        return Ok(());
    }
    let v = match lookup_mapping(cx, &locals, name)? {
        Some(v) => v,
        None => global(cx, name)?,
    };
    cx.put(w.a(), v);
    Ok(())
}

fn locals_mapping(cx: &Cx<'_>) -> R {
    // SAFETY: the frame is running.
    if unsafe { (*cx.frame).extra != 0 || !(*cx.frame).code().has(CodeFlags::OPTIMIZED) } {
        return frame_locals(cx);
    }
    crate::types::frame::locals_of_current(cx.vm)
}

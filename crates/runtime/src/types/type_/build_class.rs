//! `__build_class__`: what a class statement calls.

use super::new::calculate_metaclass;
use super::TYPE_PLACE;
use crate::core::{R, Ref, Value};
use crate::interp;
use crate::native::Args;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::{self, Tuple};
use crate::vm::{Vm, intern, names};

/// `__build_class__(body, name, *bases, metaclass=..., **kwargs)`
///
/// Raises TypeError for arguments of the wrong kind, and all that the body and the metaclass raise.
pub fn build_class(vm: &Vm, args: Args<'_>) -> R {
    let (func, name, orig_bases) = match args.positional() {
        [func, name, bases @ ..] => (func, name, bases),
        _ => return Err(vm.type_error("__build_class__: not enough arguments")),
    };
    let Some(func) = func.downcast::<Function>() else {
        return Err(vm.type_error("__build_class__: func must be a function"));
    };
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let bases = resolve_bases(vm, orig_bases)?;
    let bases_tuple = match &bases {
        Some(b) => tuple::from_slice(b),
        None => tuple::from_slice(orig_bases),
    }
    .into_value();
    let given = bases.as_deref().unwrap_or(orig_bases);

    let metaclass = intern("metaclass").into_value();
    let (mut meta, mut kw_names, mut kw_values) = (None, Vec::new(), Vec::new());
    for (k, v) in args.named() {
        if k.is(&metaclass) || k.downcast::<Str>().is_some_and(|s| s.as_ascii() == Some("metaclass")) {
            meta = Some(v.clone());
        } else {
            kw_names.push(k.clone());
            kw_values.push(v.clone());
        }
    }
    let mut meta = meta.unwrap_or_else(|| match given.first() {
        None => TYPE_PLACE().value(),
        Some(b) => b.ty().to_value(),
    });
    let is_class = match meta.as_type() {
        Some(m) => {
            meta = calculate_metaclass(vm, m, given)?;
            true
        }
        None => false,
    };
    let call = |f: &Value, first: &[Value]| {
        let all: Vec<Value> = first.iter().chain(&kw_values).cloned().collect();
        vm.call_args(f, Args { all: &all, names: &kw_names })
    };
    let ns = match vm.get_attr_opt(&meta, &names().__prepare__)? {
        None => Ref::new(Dict::new()).into_value(),
        Some(f) => call(&f, &[name.clone(), bases_tuple.clone()])?,
    };
    if ns.ty().slots().getitem.is_none() {
        let of = match meta.as_type() {
            Some(m) if is_class => m.name(),
            _ => "<metaclass>".to_owned(),
        };
        return Err(vm.type_error(format!("{of}.__prepare__() must return a mapping, not {}", ns.ty().tp_name())));
    }
    let (code, closure) = (func.code.get(), func.closure.get());
    let closure = Some(&closure).filter(|c| !c.is_none());
    let cell = interp::eval_code(vm, &code, &func.globals, Some(&ns), closure)?;
    if bases.is_some() {
        let orig = tuple::from_slice(orig_bases).into_value();
        vm.setitem(&ns, &names().__orig_bases__, &orig)?;
    }
    let cls = call(&meta, &[name.clone(), bases_tuple, ns])?;
    if cls.as_type().is_some()
        && let Some(cell) = cell.downcast_exact::<Cell>()
    {
        check_cell(vm, name, &cls, cell.value.get())?;
    }
    Ok(cls)
}

/// The metaclass must have handed the `__class__` cell on to `type.__new__`.
fn check_cell(vm: &Vm, name: &Value, cls: &Value, held: Option<Value>) -> R<()> {
    match held {
        Some(c) if c.is(cls) => Ok(()),
        Some(c) => {
            let (name, held, cls) = (vm.repr_string(name)?, vm.repr_string(&c)?, vm.repr_string(cls)?);
            Err(vm.type_error(format!("__class__ set to {held} defining {name} as {cls}")))
        }
        None => {
            let (name, cls) = (vm.repr_string(name)?, vm.repr_string(cls)?);
            Err(vm.runtime_error(format!(
                "__class__ not set defining {name} as {cls}. Was __classcell__ propagated to type.__new__?"
            )))
        }
    }
}

/// What `__mro_entries__` makes of the bases; `None` if no base has it.
fn resolve_bases(vm: &Vm, bases: &[Value]) -> R<Option<Vec<Value>>> {
    let mut out: Option<Vec<Value>> = None;
    for (i, b) in bases.iter().enumerate() {
        let entries = match b.as_type() {
            Some(_) => None,
            None => vm.get_attr_opt(b, &names().__mro_entries__)?,
        };
        let Some(f) = entries else {
            if let Some(out) = &mut out {
                out.push(b.clone());
            }
            continue;
        };
        let r = vm.call(&f, &[tuple::from_slice(bases).into_value()])?;
        let Some(r) = r.downcast::<Tuple>() else {
            return Err(vm.type_error("__mro_entries__ must return a tuple"));
        };
        out.get_or_insert_with(|| bases[..i].to_vec()).extend_from_slice(r.as_slice());
    }
    Ok(out)
}

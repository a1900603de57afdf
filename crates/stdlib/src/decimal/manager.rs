//! What `localcontext` returns.

use taipan_macros::class;
use taipan_runtime::core::{PyCell, R, Ref};
use taipan_runtime::native::Args;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use super::context::{self, Context};

/// The payload of ContextManager.
#[derive(taipan_macros::Trace)]
pub struct ContextManager {
    local: Ref<Context>,
    outer: PyCell<Option<Ref<Context>>>,
}

/// `localcontext(ctx=None, **kwargs)`
pub fn new(vm: &Vm, args: Args<'_>) -> R<Ref<ContextManager>> {
    let mut given = args.positional().first().cloned();
    if args.positional().len() > 1 {
        let n = args.all.len();
        return Err(vm.type_error(format!("function takes at most 9 arguments ({n} given)")));
    }
    let mut names = Vec::new();
    for (name, v) in args.named() {
        if name.downcast::<Str>().is_some_and(|s| s.is("ctx")) {
            if given.is_some() {
                return Err(vm.type_error("argument for function given by name ('ctx') and position (1)"));
            }
            given = Some(v.clone());
        } else {
            names.push((name.clone(), v.clone()));
        }
    }
    let outer = context::current(vm)?;
    let base = context::given(vm, given.as_ref())?;
    let local = context::copy(vm, &base)?;
    context::apply_names(vm, &local, &names)?;
    Ok(Ref::new(ContextManager { local, outer: PyCell::new(Some(outer)) }))
}

/// Makes a context the current one for a while.
#[class(name = "ContextManager", module = "decimal", flags(GC, IMMUTABLE, NO_NEW))]
impl ContextManager {
    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Context>> {
        context::set_current(vm, &this.local)?;
        Ok(this.local.clone())
    }

    #[method]
    fn __exit__(vm: &Vm, this: &Ref<Self>, _args: Args<'_>) -> R<bool> {
        if let Some(outer) = this.outer.get() {
            context::set_current(vm, &outer)?;
        }
        Ok(false)
    }
}

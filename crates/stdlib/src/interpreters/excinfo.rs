//! What is told of an exception that ended code in another interpreter.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::{namespace, str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// See the module's head.
pub struct ExcInfo {
    name: String,
    qualname: String,
    module: Option<String>,
    msg: Option<String>,
    errdisplay: Option<String>,
}

fn text(vm: &Vm, r: R) -> Option<String> {
    match r.and_then(|v| vm.str(&v)) {
        Ok(v) => Some(vm.str_lossy(&v)),
        Err(r) => {
            drop(vm.catch(r));
            None
        }
    }
}

/// The text that would be shown, without the newline at its end.
fn display(vm: &Vm, e: &Value) -> R {
    let traceback = crate::import::import_module(vm, "traceback")?;
    let class = vm.get_attr_str(&traceback, "TracebackException")?;
    let shown = vm.call_method(&class, "from_exception", std::slice::from_ref(e))?;
    let lines = vm.call_method(&shown, "format", &[])?;
    let text = vm.call_method(&str::from_str(""), "join", &[lines])?;
    let text = vm.str_lossy(&text);
    Ok(str::from_str(text.strip_suffix('\n').unwrap_or(&text)))
}

/// Takes down what there is to say about an exception.
pub fn capture(vm: &Vm, e: &Value) -> ExcInfo {
    let ty: &TypeObject = e.ty();
    let module = text(vm, vm.get_attr_str(&ty.to_value(), "__module__"));
    let qualname = ty.qualname.borrow().to_string_lossy();
    ExcInfo { name: ty.name(), qualname, module, msg: text(vm, Ok(e.clone())), errdisplay: text(vm, display(vm, e)) }
}

impl ExcInfo {
    fn formatted(&self) -> String {
        let module = self.module.as_deref().filter(|m| *m != "builtins" && *m != "__main__");
        let name = match module {
            Some(m) => format!("{m}.{}", self.qualname),
            None => self.qualname.clone(),
        };
        match &self.msg {
            Some(m) => format!("{name}: {m}"),
            None => name,
        }
    }

    /// As a types.SimpleNamespace.
    pub fn show(&self) -> Value {
        let text = |s: &Option<String>| s.as_deref().map_or(Value::NONE, str::from_str);
        let ty = namespace::new(&[
            ("__name__", str::from_str(&self.name)),
            ("__qualname__", str::from_str(&self.qualname)),
            ("__module__", text(&self.module)),
        ]);
        let mut items =
            vec![("type", ty), ("msg", text(&self.msg)), ("formatted", str::from_str(&self.formatted()))];
        if self.errdisplay.is_some() {
            items.push(("errdisplay", text(&self.errdisplay)));
        }
        namespace::new(&items)
    }
}

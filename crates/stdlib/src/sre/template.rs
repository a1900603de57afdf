//! Replacement templates: text pieces with group numbers between them.

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::vm::Vm;

use super::matching::Match;
use super::output::Output;
use super::pattern::Pattern;
use super::subject::Text;

/// The payload of _sre.SRE_Template.
#[derive(Trace)]
pub struct Template {
    /// literal, group, literal, group, ..., literal
    literals: Vec<Value>,
    groups: Vec<usize>,
}

/// A parsed replacement template.
#[class(name = "SRE_Template", module = "_sre", flags(GC, NO_NEW))]
impl Template {}

/// template(pattern, template): the list is literal, group, literal, group, ..., literal.
#[function(sig = "(pattern, template, /)")]
pub fn template(vm: &Vm, pattern: &Value, template: &Value) -> R {
    let p = pattern.downcast::<Pattern>();
    let items = vm.collect(template)?;
    let (mut literals, mut groups) = (Vec::new(), Vec::new());
    for (i, v) in items.into_iter().enumerate() {
        if i % 2 == 0 {
            literals.push(v);
        } else {
            let g = int::to_i64(vm, &v)?;
            if g < 0 || p.is_some_and(|p| g as usize > p.groups) {
                return Err(vm.index_error(format!("invalid group reference {g}")));
            }
            groups.push(g as usize);
        }
    }
    Ok(Ref::new(Template { literals, groups }).into_value())
}

/// The template of a replacement string: through the cache of the module `re`.
pub(super) fn of(vm: &Vm, pattern: &Ref<Pattern>, text: &Value) -> R<Ref<Template>> {
    let re = crate::import::import_module(vm, "re")?;
    let t = vm.call_method(&re, "_compile_template", &[pattern.value().clone(), text.clone()])?;
    t.into_ref::<Template>().map_err(|_| vm.type_error("not a template"))
}

impl Template {
    /// Writes what the template gives for a match whose groups stand at the spans.
    pub(super) fn write(&self, vm: &Vm, out: &mut Output, text: &Text, span: impl Fn(usize) -> Option<(usize, usize)>) -> R<()> {
        for (i, l) in self.literals.iter().enumerate() {
            out.push(vm, l)?;
            if let Some(&g) = self.groups.get(i)
                && let Some((start, end)) = span(g)
            {
                out.copy(vm, text, start, end)?;
            }
        }
        Ok(())
    }
}

/// The text that a template gives for a match.
pub(super) fn expand(vm: &Vm, t: &Template, m: &Match) -> R {
    let empty_bytes = t.literals.first().is_some_and(|l| l.downcast::<Str>().is_none());
    if empty_bytes {
        let mut out = Vec::new();
        for (i, l) in t.literals.iter().enumerate() {
            out.extend_from_slice(&bytes::buffer_bytes(vm, l)?);
            if let Some(&g) = t.groups.get(i) {
                let text = m.group_text(vm, g, &Value::NONE)?;
                if !text.is_none() {
                    out.extend_from_slice(&bytes::buffer_bytes(vm, &text)?);
                }
            }
        }
        return Ok(bytes::from_slice(&out).into_value());
    }
    let mut out = StrBuilder::new();
    for (i, l) in t.literals.iter().enumerate() {
        if let Some(s) = l.downcast::<Str>() {
            out.push_obj(s);
        }
        if let Some(&g) = t.groups.get(i)
            && let Some(s) = m.group_text(vm, g, &Value::NONE)?.downcast::<Str>()
        {
            out.push_obj(s);
        }
    }
    Ok(out.finish())
}

impl Template {
    /// The literal text, if there are no groups.
    pub(super) fn literal(&self) -> Option<&Value> {
        match (&self.literals[..], &self.groups[..]) {
            ([one], []) => Some(one),
            _ => None,
        }
    }
}

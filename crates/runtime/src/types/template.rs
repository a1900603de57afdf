//! Template strings (PEP 750): `string.templatelib.Template`, `Interpolation` and the iterator over a template.

use std::cell::Cell;

use crate::core::{R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::generic_alias;
use crate::types::str::{self, Str, StrBuilder};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Interpolation::DEF, Template::DEF, TemplateIter::DEF];

/// The payload of an interpolation.
#[derive(taipan_macros::Trace)]
pub struct Interpolation {
    value: Value,
    expression: Value,
    /// `'r'`, `'s'`, `'a'` or None.
    conversion: Value,
    format_spec: Value,
}

/// The interpolation of a value in a template.
///
/// `expression` and `format_spec` are str, `conversion` is None or one of the letters `r`, `s`, `a` as a str.
pub fn new_interpolation(value: Value, expression: Value, conversion: Value, format_spec: Value) -> Value {
    Ref::new(Interpolation { value, expression, conversion, format_spec }).into_value()
}

/// Interpolation in a template string.
#[taipan_macros::class(
    name = "Interpolation",
    module = "string.templatelib",
    flags(GC),
    sig = "(value, expression='', conversion=None, format_spec='')"
)]
impl Interpolation {
    #[slot]
    fn new(
        vm: &Vm,
        cls: &TypeObject,
        value: &Value,
        expression: Option<&Ref<Str>>,
        conversion: Option<&Value>,
        format_spec: Option<&Ref<Str>>,
    ) -> R {
        let conversion = match conversion.filter(|c| !c.is_none()) {
            None => Value::NONE,
            Some(c) => {
                let Some(s) = c.downcast::<Str>() else {
                    let ty = c.ty().tp_name();
                    return Err(vm.type_error(format!("Interpolation() argument 'conversion' must be str, not {ty}")));
                };
                if !matches!(s.as_ascii(), Some("s" | "a" | "r")) {
                    let text = "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'";
                    return Err(vm.value_error(text));
                }
                c.clone()
            }
        };
        let text = |s: Option<&Ref<Str>>| s.map_or_else(|| str::from_str(""), |s| s.value().clone());
        let payload =
            Interpolation { value: value.clone(), expression: text(expression), conversion, format_spec: text(format_spec) };
        Ok(Ref::new_of(cls, payload).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Interpolation>) -> R {
        let mut out = StrBuilder::new();
        out.push_str("Interpolation(");
        for (i, v) in [&this.value, &this.expression, &this.conversion, &this.format_spec].into_iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            if let Some(s) = vm.repr(v)?.downcast::<Str>() {
                out.push_obj(s);
            }
        }
        out.push_str(")");
        Ok(out.finish())
    }

    /// Value
    #[getter]
    fn value(_vm: &Vm, this: &Ref<Interpolation>) -> Value {
        this.value.clone()
    }

    /// Expression
    #[getter]
    fn expression(_vm: &Vm, this: &Ref<Interpolation>) -> Value {
        this.expression.clone()
    }

    /// Conversion
    #[getter]
    fn conversion(_vm: &Vm, this: &Ref<Interpolation>) -> Value {
        this.conversion.clone()
    }

    /// Format specifier
    #[getter]
    fn format_spec(_vm: &Vm, this: &Ref<Interpolation>) -> Value {
        this.format_spec.clone()
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Interpolation>) -> Value {
        let fields = [&this.value, &this.expression, &this.conversion, &this.format_spec].map(Value::clone);
        tuple::from_array([this.ty().to_value(), tuple::from_array(fields).into_value()]).into_value()
    }

    /// Interpolations are generic over the types of their values.
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        let names = ["value", "expression", "conversion", "format_spec"].map(|n| crate::vm::intern(n).into_value());
        ty.dict.set_str("__match_args__", tuple::from_array(names).into_value());
    }
}

/// The payload of a template: one more string than interpolations.
#[derive(taipan_macros::Trace)]
pub struct Template {
    strings: Ref<Tuple>,
    interpolations: Ref<Tuple>,
}

/// A template of strings and the interpolations between them.
///
/// There is one more string than there are interpolations; all are of these types.
pub fn new_template(strings: Ref<Tuple>, interpolations: Ref<Tuple>) -> Value {
    Ref::new(Template { strings, interpolations }).into_value()
}

/// Collects strings and interpolations in turn.
#[derive(Default)]
struct Parts {
    strings: Vec<Value>,
    interpolations: Vec<Value>,
    /// The string that is not finished yet.
    open: Option<Value>,
}

impl Parts {
    /// Raises MemoryError.
    fn text(&mut self, vm: &Vm, v: &Value) -> R<()> {
        self.open = Some(match self.open.take() {
            None => v.clone(),
            Some(before) => match (before.downcast::<Str>(), v.downcast::<Str>()) {
                (Some(a), Some(b)) => str::concat(a, b).ok_or_else(|| vm.memory_error())?.into_value(),
                _ => before,
            },
        });
        Ok(())
    }

    fn interpolation(&mut self, v: &Value) {
        self.strings.push(self.open.take().unwrap_or_else(|| str::from_str("")));
        self.interpolations.push(v.clone());
    }

    fn finish(mut self) -> Template {
        self.strings.push(self.open.take().unwrap_or_else(|| str::from_str("")));
        Template { strings: tuple::from_vec(self.strings), interpolations: tuple::from_vec(self.interpolations) }
    }
}

/// Template object.
#[taipan_macros::class(name = "Template", module = "string.templatelib", flags(GC), sig = "(*args)")]
impl Template {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("Template.__new__ only accepts *args arguments"));
        }
        let mut parts = Parts::default();
        for v in args.all {
            if v.downcast::<Str>().is_some() {
                parts.text(vm, v)?;
            } else if v.downcast::<Interpolation>().is_some() {
                parts.interpolation(v);
            } else {
                let ty = v.ty().tp_name();
                return Err(vm.type_error(format!(
                    "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {ty}"
                )));
            }
        }
        Ok(Ref::new_of(cls, parts.finish()).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Template>) -> R {
        let mut out = StrBuilder::new();
        for (before, t) in [("Template(strings=", &this.strings), (", interpolations=", &this.interpolations)] {
            out.push_str(before);
            if let Some(s) = vm.repr(t.value())?.downcast::<Str>() {
                out.push_obj(s);
            }
        }
        out.push_str(")");
        Ok(out.finish())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Template>) -> Ref<TemplateIter> {
        Ref::new(TemplateIter { template: this.clone(), at: Cell::new(0) })
    }

    #[slot]
    fn concat(vm: &Vm, this: &Ref<Template>, other: &Value) -> R {
        let Some(other) = other.downcast::<Template>() else {
            let ty = other.ty().tp_name();
            return Err(vm.type_error(format!(
                "can only concatenate string.templatelib.Template (not \"{ty}\") to string.templatelib.Template"
            )));
        };
        let mut parts = Parts::default();
        for t in [this, other] {
            for (i, s) in t.strings.as_slice().iter().enumerate() {
                parts.text(vm, s)?;
                if let Some(v) = t.interpolations.as_slice().get(i) {
                    parts.interpolation(v);
                }
            }
        }
        Ok(Ref::new(parts.finish()).into_value())
    }

    /// Strings
    #[getter]
    fn strings(_vm: &Vm, this: &Ref<Template>) -> Value {
        this.strings.value().clone()
    }

    /// Interpolations
    #[getter]
    fn interpolations(_vm: &Vm, this: &Ref<Template>) -> Value {
        this.interpolations.value().clone()
    }

    /// Values of interpolations
    #[getter]
    fn values(_vm: &Vm, this: &Ref<Template>) -> Value {
        let values = this.interpolations.as_slice().iter().filter_map(|v| v.downcast::<Interpolation>());
        tuple::from_vec(values.map(|v| v.value.clone()).collect()).into_value()
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Template>) -> R {
        let f = vm.import_attr("string.templatelib", "_template_unpickle")?;
        let args = tuple::from_array([this.strings.value().clone(), this.interpolations.value().clone()]);
        Ok(tuple::from_array([f, args.into_value()]).into_value())
    }

    /// Templates are generic over the types of their values.
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }
}

/// Iterates over a template: strings that are not empty, and interpolations, in order.
#[derive(taipan_macros::Trace)]
pub struct TemplateIter {
    template: Ref<Template>,
    /// Strings have even places, interpolations odd ones.
    at: Cell<usize>,
}

/// Template iterator object
#[taipan_macros::class(name = "TemplateIter", module = "string.templatelib", flags(GC, NO_NEW))]
impl TemplateIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<TemplateIter>) -> Value {
        this.value().clone()
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<TemplateIter>) -> Option<Value> {
        loop {
            let at = this.at.get();
            let t = &this.template;
            let v = if at % 2 == 0 { t.strings.as_slice().get(at / 2) } else { t.interpolations.as_slice().get(at / 2) };
            let v = v?;
            this.at.set(at + 1);
            if at % 2 == 1 || v.downcast::<Str>().is_none_or(|s| !s.is_empty()) {
                return Some(v.clone());
            }
        }
    }
}

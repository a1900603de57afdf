//! Match objects.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::vm::Vm;

use super::pattern::Pattern;
use super::subject::Text;

/// The payload of Match.
#[derive(Trace)]
pub struct Match {
    /// `re`
    pub pattern: Ref<Pattern>,
    /// `string`
    pub string: Value,
    pos: usize,
    endpos: usize,
    /// Spans of all groups, 0 first.
    pub spans: NoTrace<Box<[Option<(usize, usize)>]>>,
    lastindex: Option<usize>,
}

impl Match {
    /// A match from what the matcher found.
    pub fn make(pattern: &Ref<Pattern>, text: &Text, m: &taipan_sre::Matcher, pos: usize, endpos: usize) -> Value {
        let spans: Vec<_> = m.spans().collect();
        Ref::new(Match {
            pattern: pattern.clone(),
            string: text.object.clone(),
            pos,
            endpos: endpos.min(text.len),
            spans: NoTrace(spans.into()),
            lastindex: m.lastindex(),
        })
        .into_value()
    }

    /// The number of a group given by number or name.
    fn index(&self, vm: &Vm, v: &Value) -> R<usize> {
        let n = if int::get(v).is_some() || v.ty().slots().index.is_some() {
            let n = int::to_isize_clamped(vm, v)?;
            usize::try_from(n).ok()
        } else {
            match self.pattern.groupindex.get(vm, v) {
                Ok(Some(i)) => int::to_i64(vm, &i).ok().map(|n| n as usize),
                Ok(None) => None,
                Err(e) => {
                    drop(vm.catch(e));
                    None
                }
            }
        };
        match n {
            Some(n) if n < self.spans.len() => Ok(n),
            _ => Err(vm.index_error("no such group")),
        }
    }

    /// The text of a group.
    pub fn group_text(&self, vm: &Vm, i: usize, default: &Value) -> R {
        match self.spans.get(i).copied().flatten() {
            Some((s, e)) => Ok(Text::new(vm, &self.string, None)?.slice(s, e)),
            None => Ok(default.clone()),
        }
    }
}

/// The result of a successful match.
#[class(name = "Match", module = "re", flags(GC, NO_NEW))]
impl Match {
    #[method]
    fn group(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        match args.all {
            [] => this.group_text(vm, 0, &Value::NONE),
            [one] => this.group_text(vm, this.index(vm, one)?, &Value::NONE),
            many => {
                let items = many.iter().map(|g| this.group_text(vm, this.index(vm, g)?, &Value::NONE)).collect::<R<Vec<_>>>()?;
                Ok(tuple::from_vec(items).into_value())
            }
        }
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        this.group_text(vm, this.index(vm, key)?, &Value::NONE)
    }

    /// Return a tuple containing all the subgroups of the match, from 1.
    #[method(sig = "(default=None)")]
    fn groups(vm: &Vm, this: &Ref<Self>, default: &Value) -> R {
        let items = (1..this.spans.len()).map(|i| this.group_text(vm, i, default)).collect::<R<Vec<_>>>()?;
        Ok(tuple::from_vec(items).into_value())
    }

    /// Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.
    #[method(sig = "(default=None)")]
    fn groupdict(vm: &Vm, this: &Ref<Self>, default: &Value) -> R {
        let d = Ref::new(Dict::new());
        for (k, i) in this.pattern.groupindex.items() {
            let v = this.group_text(vm, int::to_i64(vm, &i)? as usize, default)?;
            d.set(vm, k, v)?;
        }
        Ok(d.into_value())
    }

    #[method(sig = "(group=0, /)")]
    fn start(vm: &Vm, this: &Ref<Self>, group: Option<&Value>) -> R<i64> {
        let i = group.map_or(Ok(0), |g| this.index(vm, g))?;
        Ok(this.spans[i].map_or(-1, |s| s.0 as i64))
    }

    #[method(sig = "(group=0, /)")]
    fn end(vm: &Vm, this: &Ref<Self>, group: Option<&Value>) -> R<i64> {
        let i = group.map_or(Ok(0), |g| this.index(vm, g))?;
        Ok(this.spans[i].map_or(-1, |s| s.1 as i64))
    }

    #[method(sig = "(group=0, /)")]
    fn span(vm: &Vm, this: &Ref<Self>, group: Option<&Value>) -> R {
        let i = group.map_or(Ok(0), |g| this.index(vm, g))?;
        let (a, b) = this.spans[i].map_or((-1, -1), |(a, b)| (a as i64, b as i64));
        Ok(tuple::from_array([Value::from(a), Value::from(b)]).into_value())
    }

    /// Return the string obtained by doing backslash substitution on the string template, as done by the sub() method.
    #[method(sig = "(template)")]
    fn expand(vm: &Vm, this: &Ref<Self>, template: &Value) -> R {
        let t = super::template::of(vm, &this.pattern, template)?;
        super::template::expand(vm, &t, this)
    }

    #[getter]
    fn string(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.string.clone())
    }

    #[getter]
    fn re(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.pattern.value().clone())
    }

    #[getter]
    fn pos(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.pos
    }

    #[getter]
    fn endpos(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.endpos
    }

    #[getter]
    fn lastindex(_vm: &Vm, this: &Ref<Self>) -> Option<usize> {
        this.lastindex
    }

    #[getter]
    fn lastgroup(vm: &Vm, this: &Ref<Self>) -> R {
        match this.lastindex {
            Some(i) => vm.getitem(&this.pattern.indexgroup, &Value::from(i)),
            None => Ok(Value::NONE),
        }
    }

    #[getter]
    fn regs(_vm: &Vm, this: &Ref<Self>) -> R {
        let items = this.spans.iter().map(|s| {
            let (a, b) = s.map_or((-1, -1), |(a, b)| (a as i64, b as i64));
            tuple::from_array([Value::from(a), Value::from(b)]).into_value()
        });
        Ok(tuple::from_vec(items.collect()).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let (a, b) = this.spans[0].unwrap_or((0, 0));
        let text = this.group_text(vm, 0, &Value::NONE)?;
        Ok(format!("<{} object; span=({a}, {b}), match={}>", this.ty().tp_name(), vm.repr_string(&text)?))
    }

    #[slot]
    fn bool(_vm: &Vm, _this: &Ref<Self>) -> bool {
        true
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        match op {
            CmpOp::Eq | CmpOp::Ne => Ok(Value::bool(this.value().is(other) == (op == CmpOp::Eq))),
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.value().id() as i64 >> 4
    }

    #[method(sig = "()")]
    fn __copy__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[method(sig = "(memo, /)")]
    fn __deepcopy__(_vm: &Vm, this: &Ref<Self>, memo: &Value) -> R {
        let _ = memo;
        Ok(this.value().clone())
    }

    #[classmethod(sig = "(item, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, item: &Value) -> R {
        taipan_runtime::types::generic_alias::new(vm, cls.clone(), item.clone())
    }
}

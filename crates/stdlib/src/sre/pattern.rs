//! Compiled patterns and scanners.

use std::cell::RefCell;

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int;
use taipan_runtime::types::list;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::vm::Vm;
use taipan_sre::{Limits, Matcher, Mode, Program, Request, Stop};

use super::UNICODE;
use super::matching::Match;
use super::output::Output;
use super::subject::Text;
use super::template;

/// Most bytes that one match may take for its backtracking.
const STACK: usize = 1 << 30;

/// The payload of Pattern.
#[derive(Trace)]
pub struct Pattern {
    source: Value,
    flags: i64,
    program: NoTrace<Program>,
    code: NoTrace<Vec<u32>>,
    /// Number of groups, without group 0.
    pub groups: usize,
    /// Numbers of the named groups.
    pub groupindex: Ref<Dict>,
    /// Names by number, a tuple.
    pub indexgroup: Value,
    is_bytes: Option<bool>,
    /// A matcher that no search uses at the moment.
    spare: NoTrace<RefCell<Option<Box<Matcher>>>>,
}

/// Makes a pattern of code words.
#[function(sig = "(pattern, flags, code, groups, groupindex, indexgroup)")]
pub fn compile(vm: &Vm, pattern: &Value, flags: i64, code: &Value, groups: usize, groupindex: &Ref<Dict>, indexgroup: &Value) -> R {
    let words = vm
        .collect(code)?
        .iter()
        .map(|w| {
            let n = int::to_i64(vm, w)?;
            u32::try_from(n).map_err(|_| vm.overflow_error("regular expression code size limit exceeded"))
        })
        .collect::<R<Vec<u32>>>()?;
    let program = Program::compile(&words, groups, &UNICODE).map_err(|_| vm.runtime_error("invalid SRE code"))?;
    let is_bytes = if pattern.is_none() { None } else { Some(pattern.downcast::<Str>().is_none()) };
    Ok(Ref::new(Pattern {
        source: pattern.clone(),
        flags,
        program: NoTrace(program),
        code: NoTrace(words),
        groups,
        groupindex: groupindex.clone(),
        indexgroup: indexgroup.clone(),
        is_bytes,
        spare: NoTrace(RefCell::new(None)),
    })
    .into_value())
}

impl Pattern {
    /// Runs the matcher; signals get their turn meanwhile.
    fn run(&self, vm: &Vm, m: &mut Matcher, text: &Text, request: Request) -> R<bool> {
        let mut raised = None;
        let mut check = || match vm.poll() {
            Ok(()) => Ok(()),
            Err(r) => {
                raised = Some(r);
                Err(taipan_sre::Interrupted)
            }
        };
        let r = m.run(&self.program, text.subject(), request, &mut Limits::new(STACK, &mut check));
        match r {
            Ok(found) => Ok(found),
            Err(Stop::MemoryLimit) => Err(vm.memory_error()),
            Err(Stop::Interrupted) => Err(raised.unwrap_or_else(|| vm.runtime_error("interrupted"))),
        }
    }

    fn matcher(&self) -> Box<Matcher> {
        self.spare.borrow_mut().take().unwrap_or_else(|| Box::new(Matcher::new()))
    }

    fn give_back(&self, m: Box<Matcher>) {
        *self.spare.borrow_mut() = Some(m);
    }

    fn once(this: &Ref<Pattern>, vm: &Vm, string: &Value, mode: Mode, pos: isize, endpos: isize) -> R<Option<Value>> {
        let text = Text::new(vm, string, this.is_bytes)?;
        let (pos, endpos) = bounds(&text, pos, endpos);
        let mut m = this.matcher();
        let request = Request { mode, pos, endpos, must_advance: false };
        let found = this.run(vm, &mut m, &text, request);
        let out = match found {
            Ok(true) => Ok(Some(Match::make(this, &text, &m, pos, endpos))),
            Ok(false) => Ok(None),
            Err(e) => Err(e),
        };
        this.give_back(m);
        out
    }

    /// Calls `f` with each match from left to right; `f` says whether to go on.
    fn each(this: &Ref<Pattern>, vm: &Vm, text: &Text, pos: usize, endpos: usize, mut f: impl FnMut(&Matcher) -> R<bool>) -> R<()> {
        let mut m = this.matcher();
        let mut request = Request { mode: Mode::Search, pos, endpos, must_advance: false };
        loop {
            if !this.run(vm, &mut m, text, request.clone())? {
                break;
            }
            if !f(&m)? {
                break;
            }
            match m.next_request(request) {
                Some(r) => request = r,
                None => break,
            }
        }
        this.give_back(m);
        Ok(())
    }
}

fn bounds(text: &Text, pos: isize, endpos: isize) -> (usize, usize) {
    (usize::try_from(pos).unwrap_or(0).min(text.len), usize::try_from(endpos).unwrap_or(0).min(text.len))
}

fn substitute(vm: &Vm, this: &Ref<Pattern>, repl: &Value, string: &Value, count: isize) -> R<(Value, usize)> {
    let text = Text::new(vm, string, this.is_bytes)?;
    enum With {
        Call,
        Literal(Value),
        Template(Ref<template::Template>),
    }
    let with = if repl.ty().slots().call.is_some() {
        With::Call
    } else {
        let literal = match repl.downcast_exact::<Str>() {
            Some(s) => s.as_ascii().is_some_and(|s| !s.contains('\\')),
            None => bytes::is_bytes_like(repl) && !bytes::buffer_bytes(vm, repl)?.contains(&b'\\'),
        };
        if literal {
            With::Literal(repl.clone())
        } else {
            let t = template::of(vm, this, repl)?;
            match t.literal() {
                Some(l) => With::Literal(l.clone()),
                None => With::Template(t),
            }
        }
    };
    let mut out = Output::new(&text);
    let (mut last, mut n) = (0, 0usize);
    Pattern::each(this, vm, &text, 0, text.len, |m| {
        let (s, e) = m.span(0).unwrap_or((0, 0));
        if last < s {
            out.copy(vm, &text, last, s)?;
        }
        match &with {
            With::Literal(l) => {
                if !l.is_none() {
                    out.push(vm, l)?;
                }
            }
            With::Call => {
                let piece = vm.call(repl, &[Match::make(this, &text, m, 0, text.len)])?;
                if !piece.is_none() {
                    out.push(vm, &piece)?;
                }
            }
            With::Template(t) => t.write(vm, &mut out, &text, |g| m.span(g))?,
        }
        last = e;
        n += 1;
        Ok(count <= 0 || n < count as usize)
    })?;
    if n == 0 {
        return Ok((text.slice(0, text.len), 0));
    }
    if last < text.len {
        out.copy(vm, &text, last, text.len)?;
    }
    Ok((out.finish(vm)?, n))
}

/// Compiled regular expression object.
#[class(name = "Pattern", module = "re", flags(GC, HAS_WEAKREF, NO_NEW))]
impl Pattern {
    /// Matches zero or more characters at the beginning of the string.
    #[method(sig = "(string, pos=0, endpos=9223372036854775807)")]
    fn r#match(vm: &Vm, this: &Ref<Self>, string: &Value, pos: isize, endpos: isize) -> R<Option<Value>> {
        Pattern::once(this, vm, string, Mode::Match, pos, endpos)
    }

    /// Matches against all of the string.
    #[method(sig = "(string, pos=0, endpos=9223372036854775807)")]
    fn fullmatch(vm: &Vm, this: &Ref<Self>, string: &Value, pos: isize, endpos: isize) -> R<Option<Value>> {
        Pattern::once(this, vm, string, Mode::FullMatch, pos, endpos)
    }

    /// Scan through string looking for a match, and return a corresponding match object instance.
    #[method(sig = "(string, pos=0, endpos=9223372036854775807)")]
    fn search(vm: &Vm, this: &Ref<Self>, string: &Value, pos: isize, endpos: isize) -> R<Option<Value>> {
        Pattern::once(this, vm, string, Mode::Search, pos, endpos)
    }

    /// Return a list of all non-overlapping matches of pattern in string.
    #[method(sig = "(string, pos=0, endpos=9223372036854775807)")]
    fn findall(vm: &Vm, this: &Ref<Self>, string: &Value, pos: isize, endpos: isize) -> R {
        let text = Text::new(vm, string, this.is_bytes)?;
        let (pos, endpos) = bounds(&text, pos, endpos);
        let mut out = Vec::new();
        let group = |m: &Matcher, i: usize| m.span(i).map_or_else(|| text.empty(), |(s, e)| text.slice(s, e));
        Pattern::each(this, vm, &text, pos, endpos, |m| {
            out.push(match this.groups {
                0 => group(m, 0),
                1 => group(m, 1),
                n => tuple::from_vec((1..=n).map(|i| group(m, i)).collect()).into_value(),
            });
            Ok(true)
        })?;
        Ok(list::from_vec(out).into_value())
    }

    /// Return an iterator over all non-overlapping matches for the RE pattern in string.
    #[method(sig = "(string, pos=0, endpos=9223372036854775807)")]
    fn finditer(vm: &Vm, this: &Ref<Self>, string: &Value, pos: isize, endpos: isize) -> R {
        let s = scanner(vm, this, string, pos, endpos)?;
        let search = vm.get_attr_str(&s, "search")?;
        Ok(taipan_runtime::types::iterators::callable(search, Value::NONE))
    }

    #[method(sig = "(string, pos=0, endpos=9223372036854775807)")]
    fn scanner(vm: &Vm, this: &Ref<Self>, string: &Value, pos: isize, endpos: isize) -> R {
        scanner(vm, this, string, pos, endpos)
    }

    /// Split string by the occurrences of pattern.
    #[method(sig = "(string, maxsplit=0)")]
    fn split(vm: &Vm, this: &Ref<Self>, string: &Value, maxsplit: isize) -> R {
        let text = Text::new(vm, string, this.is_bytes)?;
        let mut out = Vec::new();
        let (mut last, mut n) = (0, 0isize);
        Pattern::each(this, vm, &text, 0, text.len, |m| {
            if maxsplit < 0 {
                return Ok(false);
            }
            let (s, e) = m.span(0).unwrap_or((0, 0));
            out.push(text.slice(last, s));
            for i in 1..=this.groups {
                out.push(m.span(i).map_or(Value::NONE, |(s, e)| text.slice(s, e)));
            }
            last = e;
            n += 1;
            Ok(maxsplit == 0 || n < maxsplit)
        })?;
        out.push(text.slice(last, text.len));
        Ok(list::from_vec(out).into_value())
    }

    /// Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by repl.
    #[method(sig = "(repl, string, count=0)")]
    fn sub(vm: &Vm, this: &Ref<Self>, repl: &Value, string: &Value, count: isize) -> R {
        Ok(substitute(vm, this, repl, string, count)?.0)
    }

    /// Return the tuple (new_string, number_of_subs_made).
    #[method(sig = "(repl, string, count=0)")]
    fn subn(vm: &Vm, this: &Ref<Self>, repl: &Value, string: &Value, count: isize) -> R {
        let (s, n) = substitute(vm, this, repl, string, count)?;
        Ok(tuple::from_array([s, Value::from(n)]).into_value())
    }

    #[getter]
    fn pattern(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.source.clone())
    }

    #[getter]
    fn flags(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.flags
    }

    #[getter]
    fn groups(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.groups
    }

    #[getter]
    fn groupindex(vm: &Vm, this: &Ref<Self>) -> R {
        let types = crate::import::import_module(vm, "types")?;
        vm.call_method(&types, "MappingProxyType", &[this.groupindex.value().clone()])
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        const NAMES: [(i64, &str); 8] = [
            (2, "re.IGNORECASE"), (4, "re.LOCALE"), (8, "re.MULTILINE"), (16, "re.DOTALL"), (64, "re.VERBOSE"), (128, "re.DEBUG"),
            (256, "re.ASCII"), (1 << 30, ""),
        ];
        let mut flags = this.flags;
        if this.is_bytes == Some(false) && flags & (4 | 256 | 32) == 32 {
            flags &= !32;
        }
        let mut parts = Vec::new();
        for (bit, name) in NAMES {
            if flags & bit != 0 && !name.is_empty() {
                parts.push(name.to_owned());
                flags &= !bit;
            }
        }
        if flags & 32 != 0 {
            parts.push("re.UNICODE".to_owned());
            flags &= !32;
        }
        if flags != 0 {
            parts.push(format!("{flags:#x}"));
        }
        let shown: String = vm.repr_string(&this.source)?.chars().take(200).collect();
        Ok(if parts.is_empty() { format!("re.compile({shown})") } else { format!("re.compile({shown}, {})", parts.join("|")) })
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        let mut h = vm.hash(&this.source)? ^ this.flags;
        for w in this.code.iter() {
            h = h.wrapping_mul(31).wrapping_add(i64::from(*w));
        }
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<Pattern>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let same = this.flags == o.flags && this.is_bytes == o.is_bytes && this.code.0 == o.code.0 && vm.eq(&this.source, &o.source)?;
        Ok(Value::bool(same == (op == CmpOp::Eq)))
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

/// The payload of a scanner.
#[derive(Trace)]
pub struct Scanner {
    pattern: Ref<Pattern>,
    #[no_trace]
    text: Text,
    held: Value,
    pos: usize,
    endpos: usize,
    next: PyCell<NoTrace<Option<Request>>>,
}

fn scanner(vm: &Vm, pattern: &Ref<Pattern>, string: &Value, pos: isize, endpos: isize) -> R {
    let text = Text::new(vm, string, pattern.is_bytes)?;
    let (pos, endpos) = bounds(&text, pos, endpos);
    let first = Request { mode: Mode::Search, pos, endpos, must_advance: false };
    Ok(Ref::new(Scanner { pattern: pattern.clone(), text, held: string.clone(), pos, endpos, next: PyCell::new(NoTrace(Some(first))) }).into_value())
}

fn scan(vm: &Vm, this: &Ref<Scanner>, mode: Mode) -> R<Option<Value>> {
    let Some(mut request) = this.next.replace(NoTrace(None)).0 else { return Ok(None) };
    request.mode = mode;
    let mut m = this.pattern.matcher();
    let found = this.pattern.run(vm, &mut m, &this.text, request.clone())?;
    if !found {
        this.pattern.give_back(m);
        return Ok(None);
    }
    let out = Match::make(&this.pattern, &this.text, &m, this.pos, this.endpos);
    this.next.set(NoTrace(m.next_request(request)));
    this.pattern.give_back(m);
    let _ = &this.held;
    Ok(Some(out))
}

/// A scanner goes from match to match.
#[class(name = "SRE_Scanner", module = "_sre", flags(GC, NO_NEW))]
impl Scanner {
    #[method(sig = "()")]
    fn r#match(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        scan(vm, this, Mode::Match)
    }

    #[method(sig = "()")]
    fn search(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        scan(vm, this, Mode::Search)
    }

    #[getter]
    fn pattern(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.pattern.value().clone())
    }
}

//! Showing exceptions without the help of `traceback.py`: early, at the end, or when nothing else works.
//!
//! Nothing here raises: what can't be shown is replaced by a remark.

use std::collections::HashSet;
use std::ffi::CString;
use std::fmt::Write as _;

use super::base::BaseException;
use super::group::BaseExceptionGroup;
use super::syntax::SyntaxError;
use super::traceback::Traceback;
use crate::core::{R, Ref, Value};
use crate::types::str::Str;
use crate::types::type_::{TypeObject, lookup, tflag};
use crate::vm::{Vm, names};

/// The same entry more often than this is only counted.
const REPEATED: usize = 3;
/// Entries of one traceback that are shown, the last ones (as `sys.tracebacklimit` has it).
const ENTRIES: usize = 1000;
/// Members of groups, and groups in groups.
const MEMBERS: usize = 15;
const DEPTH: usize = 10;
/// Source files beyond this size are not read.
const SOURCE: usize = 32 << 20;

/// The whole text for an exception: its chain of causes and contexts, tracebacks, notes and members.
pub fn exception(vm: &Vm, e: &Value) -> String {
    let mut out = String::new();
    chain(vm, e, &mut HashSet::new(), 0, &mut out);
    out
}

fn chain(vm: &Vm, e: &Value, seen: &mut HashSet<u64>, depth: usize, out: &mut String) {
    // The chain is followed to its end first: the oldest exception is shown first.
    let mut links = vec![(e.clone(), "")];
    while let Some(b) = links.last().and_then(|(e, _)| e.downcast::<BaseException>()) {
        seen.insert(b.to_value().id());
        let (cause, context) = (b.cause.get(), b.context.get());
        let next = match cause {
            Some(c) => Some((c, "\nThe above exception was the direct cause of the following exception:\n\n")),
            None if b.suppress_context.get() => None,
            None => context
                .map(|c| (c, "\nDuring handling of the above exception, another exception occurred:\n\n")),
        };
        match next {
            Some((next, remark)) if !seen.contains(&next.id()) => links.push((next, remark)),
            _ => break,
        }
    }
    while let Some((e, remark)) = links.pop() {
        one(vm, &e, seen, depth, out);
        out.push_str(remark);
    }
}

fn one(vm: &Vm, e: &Value, seen: &mut HashSet<u64>, depth: usize, out: &mut String) {
    let Some(b) = e.downcast::<BaseException>() else {
        let given = e.ty().name();
        let _ = writeln!(out, "TypeError: print_exception(): Exception expected for value, {given} found");
        return;
    };
    if let Some(tb) = b.traceback.get() {
        traceback(vm, &tb, out);
    }
    if let Some(syntax) = e.downcast::<SyntaxError>() {
        source_of_syntax_error(vm, syntax, out);
    }
    last_line(vm, e, out);
    notes(vm, b, out);
    if let Some(group) = e.downcast::<BaseExceptionGroup>() {
        members(vm, group, seen, depth, out);
    }
}

fn members(vm: &Vm, group: &BaseExceptionGroup, seen: &mut HashSet<u64>, depth: usize, out: &mut String) {
    if depth >= DEPTH || vm.check_native_stack().map_err(|r| drop(vm.catch(r))).is_err() {
        out.push_str("  ... (nested too deeply)\n");
        return;
    }
    let pad = if depth == 0 { "  " } else { "" };
    let members = group.members();
    for (i, e) in members.as_slice().iter().enumerate() {
        let head = if i == 0 { "+-+" } else { "  +" };
        if i == MEMBERS {
            let (more, s) = (members.len() - MEMBERS, plural(members.len() - MEMBERS));
            let _ = writeln!(out, "{pad}{head}---------------- ... ----------------");
            let _ = writeln!(out, "{pad}  | and {more} more exception{s}");
            break;
        }
        let _ = writeln!(out, "{pad}{head}---------------- {} ----------------", i + 1);
        if seen.contains(&e.id()) {
            continue;
        }
        let mut text = String::new();
        chain(vm, e, seen, depth + 1, &mut text);
        for line in text.lines() {
            let _ = writeln!(out, "{pad}  | {line}");
        }
    }
    let _ = writeln!(out, "{pad}  +------------------------------------");
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// `Traceback (most recent call last):` and the entries.
pub fn traceback(vm: &Vm, tb: &Ref<Traceback>, out: &mut String) {
    out.push_str("Traceback (most recent call last):\n");
    let mut length = 0;
    let mut at = Some(tb.clone());
    while let Some(tb) = at {
        length += 1;
        at = tb.next.get();
    }
    let mut at = Some(tb.clone());
    let mut skip = length.max(ENTRIES) - ENTRIES;
    let mut last: Option<(String, i64, String)> = None;
    let mut count = 0;
    let repeated = |count: usize, out: &mut String| {
        if count > REPEATED {
            let more = count - REPEATED;
            let _ = writeln!(out, "  [Previous line repeated {more} more time{}]", plural(more));
        }
    };
    while let Some(tb) = at {
        at = tb.next.get();
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let this = place(vm, &tb);
        if last.as_ref() == Some(&this) {
            count += 1;
        } else {
            repeated(count, out);
            count = 1;
        }
        if count <= REPEATED {
            let (file, line, name) = &this;
            let _ = writeln!(out, "  File \"{file}\", line {line}, in {name}");
            if let Some(text) = source_line(file, *line) {
                let _ = writeln!(out, "    {text}");
            }
        }
        last = Some(this);
    }
    repeated(count, out);
}

/// File, line and function of an entry.
fn place(vm: &Vm, tb: &Traceback) -> (String, i64, String) {
    let line = tb.line(vm).unwrap_or(-1);
    match tb.code(vm) {
        Some(code) => (vm.str_lossy(&code.filename.get()), line, vm.str_lossy(&code.name)),
        None => ("?".to_owned(), line, "?".to_owned()),
    }
}

/// A line of a source file, without white space around it.
fn source_line(file: &str, line: i64) -> Option<String> {
    if file.starts_with('<') {
        return None;
    }
    let path = CString::new(file).ok()?;
    let text = taipan_host::fd::read_file(&path, SOURCE).ok()?;
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let line = text.split(|&b| b == b'\n').nth(index)?;
    let line = String::from_utf8_lossy(line);
    Some(line.trim().to_owned()).filter(|l| !l.is_empty())
}

/// File, line, text and caret of a syntax error.
fn source_of_syntax_error(vm: &Vm, e: &SyntaxError, out: &mut String) {
    let number = |v: Option<Value>| v.as_ref().and_then(Value::as_small);
    let file = e.filename.get().filter(|f| f.downcast::<Str>().is_some()).map(|f| vm.str_lossy(&f));
    let (line, offset) = (number(e.lineno.get()), number(e.offset.get()));
    let Some(line) = line else { return };
    let _ = writeln!(out, "  File \"{}\", line {line}", file.as_deref().unwrap_or("<string>"));
    let Some(text) = e.text.get().filter(|t| t.downcast::<Str>().is_some()) else { return };
    let text = vm.str_lossy(&text);
    let text = text.trim_end();
    let shown = text.trim_start();
    if shown.is_empty() {
        return;
    }
    let _ = writeln!(out, "    {shown}");
    let indent = text.chars().count() - shown.chars().count();
    if let Some(column) = offset.and_then(|n| usize::try_from(n).ok()).filter(|&n| n > indent) {
        let last = number(e.end_offset.get()).filter(|_| number(e.end_lineno.get()) == Some(line));
        let last = last.and_then(|n| usize::try_from(n).ok()).unwrap_or(0).max(column + 1).min(text.chars().count() + 1);
        let width = last.saturating_sub(column).max(1);
        let _ = writeln!(out, "    {:1$}{2}", "", column - indent - 1, "^".repeat(width));
    }
}

/// `Class: text`
fn last_line(vm: &Vm, e: &Value, out: &mut String) {
    out.push_str(&class_name(vm, e.ty()));
    let shown = match e.downcast::<SyntaxError>() {
        Some(syntax) => syntax.msg.get().map_or_else(|| Ok("<no detail available>".to_owned()), |m| vm.str_string(&m)),
        None => vm.str_string(e),
    };
    match shown {
        Ok(text) if text.is_empty() => {}
        Ok(text) => {
            let _ = write!(out, ": {text}");
        }
        Err(r) => {
            drop(vm.catch(r));
            out.push_str(": <exception str() failed>");
        }
    }
    out.push('\n');
}

/// The class's qualified name, with its module unless that is `builtins` or `__main__`.
pub fn class_name(vm: &Vm, ty: &TypeObject) -> String {
    let name = ty.qualname.get().to_string_lossy();
    let module = match ty.def {
        Some(d) if !ty.has(tflag::HEAP) => Some(d.module.to_owned()),
        _ => lookup(ty, &names().__module__).filter(|m| m.downcast::<Str>().is_some()).map(|m| vm.str_lossy(&m)),
    };
    match module.as_deref() {
        Some("builtins" | "__main__") => name,
        Some(module) => format!("{module}.{name}"),
        None => format!("<unknown>.{name}"),
    }
}

fn notes(vm: &Vm, e: &BaseException, out: &mut String) {
    let Some(notes) = e.dict_opt().and_then(|d| d.get_name(&names().__notes__)) else { return };
    let texts = || -> R<Vec<String>> { vm.collect(&notes)?.iter().map(|n| vm.str_string(n)).collect() };
    match texts() {
        Ok(texts) => texts.iter().for_each(|t| {
            let _ = writeln!(out, "{t}");
        }),
        Err(r) => drop(vm.catch(r)),
    }
}

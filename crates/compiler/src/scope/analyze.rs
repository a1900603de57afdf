//! The second walk: where each name lives.

use std::rc::Rc;

use super::{Binding, CompKind, FastMap, ScopeId, ScopeKind, Symbol, SymbolTable, def};
use crate::deep;
use crate::errors::{CompileError, Result};

/// Decides every symbol's binding, which comprehensions are inlined, and who needs which cells.
pub(super) fn analyze(table: &mut SymbolTable) -> Result<()> {
    scope(table, 0)?;
    Ok(())
}

/// Names that must come from outside. True: an inner function captures the name, so that its owner
/// needs a cell; false: only inlined comprehensions use it, which share the owner's registers.
type Free = FastMap<Rc<str>, bool>;

fn scope(table: &mut SymbolTable, id: ScopeId) -> Result<Free> {
    own_names(table, id)?;
    let mut free = Free::default();
    for i in 0..table.scopes[id].children.len() {
        let child = table.scopes[id].children[i];
        decide_inlining(table, id, child);
        let inner = deep(|| scope(table, child))?;
        let parent = &table.scopes[id];
        if parent.kind == ScopeKind::Function && parent.annotation_scope == Some(child) {
            // Annotations of local variables are never executed and capture nothing.
            continue;
        }
        let inlined = table.scopes[child].inlined;
        for (name, captured) in inner {
            *free.entry(name).or_insert(false) |= captured || !inlined;
        }
    }
    let this = &mut table.scopes[id];
    if this.kind == ScopeKind::Class {
        if take_special(this, &mut free, "__class__") {
            this.needs_class_closure = true;
        }
        if take_special(this, &mut free, "__classdict__") {
            this.needs_classdict = true;
        }
        if this.conditional_annotations {
            this.needs_conditional = take_special(this, &mut free, "__conditional_annotations__");
        }
        // What the body itself reads under these names is not its own cell.
        add_own(this, &mut free);
        for name in free.keys() {
            if let Some(&i) = this.index.get(name) {
                let symbol = &mut this.symbols[i as usize];
                if symbol.flags & def::BOUND != 0 && symbol.binding != Binding::Free {
                    symbol.flags |= def::FREE_CLASS;
                }
            }
        }
    } else if id != 0 {
        add_own(this, &mut free);
        for symbol in &mut this.symbols {
            if symbol.binding == Binding::Local
                && let Some(captured) = free.remove(&symbol.name)
                && captured
            {
                symbol.binding = Binding::Cell;
            }
        }
    } else {
        free.clear();
    }
    let mut names: Vec<Rc<str>> = free.keys().cloned().collect();
    names.sort_unstable();
    for name in &names {
        if !this.index.contains_key(name) {
            this.index.insert(name.clone(), this.symbols.len() as u32);
            this.symbols.push(Symbol {
                name: name.clone(),
                flags: 0,
                binding: Binding::Free,
                span: this.span,
            });
        }
    }
    this.free = names;
    Ok(free)
}

/// The free names that the scope uses itself.
fn add_own(this: &super::Scope, free: &mut Free) {
    for symbol in &this.symbols {
        if symbol.binding == Binding::Free {
            free.entry(symbol.name.clone()).or_insert(false);
        }
    }
}

/// A cell that only class bodies make for their inner scopes.
fn take_special(this: &mut super::Scope, free: &mut Free, name: &str) -> bool {
    if free.remove(name).is_none() {
        return false;
    }
    let name: Rc<str> = name.into();
    if !this.index.contains_key(&name) {
        this.index.insert(name.clone(), this.symbols.len() as u32);
        this.symbols.push(Symbol {
            name,
            flags: 0,
            binding: Binding::Cell,
            span: this.span,
        });
    }
    true
}

fn decide_inlining(table: &mut SymbolTable, parent: ScopeId, child: ScopeId) {
    let sees_class = table.scopes[parent].sees_class;
    let in_class = table.scopes[parent].kind == ScopeKind::Class;
    let c = &mut table.scopes[child];
    let kind = matches!(
        c.comp,
        Some(CompKind::List | CompKind::Set | CompKind::Dict)
    );
    // In a class body its cell is not the comprehension's to see.
    let sees_class = sees_class || in_class && c.index.contains_key("__class__");
    // The name of what is not bound must be known for the error, which only a function's local has.
    c.inlined = kind && !sees_class && !c.late_bound;
    if table.scopes[child].inlined && table.scopes[child].frame_visible {
        table.scopes[child].inlined = can_be_visible(table, parent, child);
    }
}

/// Whether the variables can be locals of the function around: under names that it does not use, or that are its
/// locals too, whose values then wait elsewhere.
fn can_be_visible(table: &SymbolTable, parent: ScopeId, child: ScopeId) -> bool {
    let mut owner = parent;
    while table.scopes[owner].inlined {
        match table.scopes[owner].parent {
            Some(p) => owner = p,
            None => break,
        }
    }
    let owner = &table.scopes[owner];
    owner.is_function_like()
        && table.scopes[child].symbols.iter().all(|s| {
            &*s.name == ".0"
                || s.flags & def::LOCAL == 0
                || s.flags & (def::NONLOCAL | def::GLOBAL) != 0
                || owner.index.get(&s.name).is_none_or(|&i| {
                    let outer = &owner.symbols[i as usize];
                    outer.binding == Binding::Local && outer.flags & def::BOUND != 0
                })
        })
}

fn own_names(table: &mut SymbolTable, id: ScopeId) -> Result<()> {
    for i in 0..table.scopes[id].symbols.len() {
        let symbol = &table.scopes[id].symbols[i];
        let flags = symbol.flags;
        let binding = if flags & def::GLOBAL != 0 {
            if flags & def::NONLOCAL != 0 {
                return Err(directive_error(table, id, i, |n| {
                    format!("name '{n}' is nonlocal and global")
                }));
            }
            Binding::GlobalExplicit
        } else if flags & def::NONLOCAL != 0 {
            if id == 0 {
                return Err(directive_error(table, id, i, |_| {
                    "nonlocal declaration not allowed at module level".to_owned()
                }));
            }
            match outer_binding(table, id, &symbol.name) {
                Outer::TypeParam => {
                    return Err(directive_error(table, id, i, |n| {
                        format!("nonlocal binding not allowed for type parameter '{n}'")
                    }));
                }
                Outer::Function => Binding::Free,
                Outer::Global => {
                    return Err(directive_error(table, id, i, |n| {
                        format!("no binding for nonlocal '{n}' found")
                    }));
                }
            }
        } else if flags & def::BOUND != 0 {
            Binding::Local
        } else if let Some(b) = class_first(table, id, &symbol.name) {
            b
        } else {
            match outer_binding(table, id, &symbol.name) {
                Outer::Global => Binding::GlobalImplicit,
                Outer::Function | Outer::TypeParam => Binding::Free,
            }
        };
        table.scopes[id].symbols[i].binding = binding;
    }
    Ok(())
}

/// In an annotation scope of a class, a name that the class binds bypasses enclosing functions.
fn class_first(table: &SymbolTable, id: ScopeId, name: &str) -> Option<Binding> {
    let mut at = id;
    while table.scopes[at].sees_class {
        at = table.scopes[at].parent?;
        if table.scopes[at].kind == ScopeKind::Class {
            let flags = table.scopes[at].get(name)?.flags;
            return if name == "__conditional_annotations__" {
                None
            } else if flags & def::GLOBAL != 0 {
                Some(Binding::GlobalExplicit)
            } else if flags & def::BOUND != 0 && flags & def::NONLOCAL == 0 {
                Some(Binding::GlobalImplicit)
            } else {
                None
            };
        }
    }
    None
}

enum Outer {
    Function,
    TypeParam,
    Global,
}

fn outer_binding(table: &SymbolTable, id: ScopeId, name: &str) -> Outer {
    let mut at = table.scopes[id].parent;
    while let Some(p) = at {
        if p == 0 {
            break;
        }
        let s = &table.scopes[p];
        at = s.parent;
        if s.kind == ScopeKind::Class {
            if name == "__class__"
                || name == "__classdict__"
                || name == "__conditional_annotations__" && s.conditional_annotations
            {
                return Outer::Function;
            }
            continue;
        }
        let Some(symbol) = s.get(name) else { continue };
        if symbol.flags & def::GLOBAL != 0 {
            return Outer::Global;
        }
        if symbol.flags & def::NONLOCAL != 0 {
            continue;
        }
        if symbol.flags & def::TYPE_PARAM != 0 {
            return Outer::TypeParam;
        }
        if symbol.flags & def::BOUND != 0 {
            return Outer::Function;
        }
    }
    Outer::Global
}

#[cold]
fn directive_error(
    table: &SymbolTable,
    id: ScopeId,
    symbol: usize,
    msg: impl FnOnce(&str) -> String,
) -> CompileError {
    let scope = &table.scopes[id];
    let symbol = &scope.symbols[symbol];
    let span = scope
        .directives
        .iter()
        .find(|(n, _)| *n == symbol.name)
        .map_or(symbol.span, |(_, span)| *span);
    CompileError::syntax(msg(&symbol.name), span)
}

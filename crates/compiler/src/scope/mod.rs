//! Symbol tables: which name lives where.
//!
//! [`build_symtable`] walks the tree twice: `build` collects what each block does with its names,
//! `analyze` decides where each of them lives. The table is plain data, so that the `symtable`
//! module can be written on it.

mod analyze;
mod blocks;
mod build;
mod future;
mod mangle;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use taipan_syntax::ast::{Mod, Span};

use crate::Options;
use crate::errors::Result;

pub use future::FutureFeatures;
pub(crate) use future::prefix_len as future_prefix;
pub use mangle::mangle;

/// A fast hash for short keys that an attacker gains nothing by colliding beyond slowing his own compile.
#[derive(Default, Clone, Copy)]
pub struct FastHasher(u64);

impl Hasher for FastHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// A hash map with the fast hash.
pub type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<FastHasher>>;

/// Index of a scope in its table.
pub type ScopeId = usize;

/// What a scope belongs to; CPython's block types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// A module, an expression, an interactive input.
    Module,
    /// A class body.
    Class,
    /// `def`, `lambda`, comprehension or generator expression.
    Function,
    /// An `__annotate__` function.
    Annotation,
    /// The value of a `type` statement.
    TypeAlias,
    /// The scope that holds the type parameters of a `def`, `class` or `type`.
    TypeParameters,
    /// The bound or default of one type parameter.
    TypeVariable,
}

/// Which comprehension a function scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompKind {
    /// `[...]`
    List,
    /// `{...}`
    Set,
    /// `{k: v ...}`
    Dict,
    /// `(...)`
    Generator,
}

/// Bits of [`Symbol::flags`], numbered as in CPython's `_symtable`.
pub mod def {
    /// `global` statement.
    pub const GLOBAL: u32 = 1;
    /// Bound here.
    pub const LOCAL: u32 = 2;
    /// A parameter.
    pub const PARAM: u32 = 4;
    /// `nonlocal` statement.
    pub const NONLOCAL: u32 = 8;
    /// Read here.
    pub const USE: u32 = 16;
    /// Free, and bound in the class block too.
    pub const FREE_CLASS: u32 = 64;
    /// Bound by an import.
    pub const IMPORT: u32 = 128;
    /// Annotated.
    pub const ANNOT: u32 = 256;
    /// The target of a comprehension's loop.
    pub const COMP_ITER: u32 = 512;
    /// A type parameter.
    pub const TYPE_PARAM: u32 = 1024;
    /// A cell of an inlined comprehension.
    pub const COMP_CELL: u32 = 2048;
    /// Every way to be bound.
    pub const BOUND: u32 = LOCAL | PARAM | IMPORT | TYPE_PARAM;
    /// By how much the binding is shifted in CPython's packed symbols.
    pub const SCOPE_OFFSET: u32 = 12;
}

/// Where a name lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Binding {
    /// Not decided yet.
    Unset = 0,
    /// In this block.
    Local = 1,
    /// Global by declaration.
    GlobalExplicit = 2,
    /// Global for want of a binding.
    GlobalImplicit = 3,
    /// In a cell of an enclosing function.
    Free = 4,
    /// In this block, in a cell that inner functions share.
    Cell = 5,
}

/// A name in a scope.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The mangled name.
    pub name: Rc<str>,
    /// What the block does with it: bits of [`def`].
    pub flags: u32,
    /// Where it lives.
    pub binding: Binding,
    /// The first place that mentions it.
    pub span: Span,
}

/// One block.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// Its name: `top`, a function's or class's name, `lambda`, `genexpr`, ...
    pub name: Rc<str>,
    /// The enclosing scope.
    pub parent: Option<ScopeId>,
    /// Inner scopes in the order of the source.
    pub children: Vec<ScopeId>,
    /// Its names in order of first mention.
    pub symbols: Vec<Symbol>,
    /// Parameters in order of declaration, as registers need them.
    pub params: Vec<Rc<str>>,
    /// Whether it is, or is inside, a function.
    pub nested: bool,
    /// Which comprehension it is.
    pub comp: Option<CompKind>,
    /// Whether the comprehension's code is part of the enclosing code object (PEP 709).
    pub inlined: bool,
    /// Has `yield`.
    pub generator: bool,
    /// Is asynchronous: `async def`, or a comprehension with `async for` or `await`.
    pub coroutine: bool,
    /// Has `*args`.
    pub varargs: bool,
    /// Has `**kwargs`.
    pub varkeywords: bool,
    /// Is a method: a function directly in a class body.
    pub method: bool,
    /// Some `return` has a value.
    pub returns_value: bool,
    /// A class whose methods need `__class__`.
    pub needs_class_closure: bool,
    /// A class whose annotation or type-parameter scopes need `__classdict__`.
    pub needs_classdict: bool,
    /// A class whose annotations need `__conditional_annotations__`.
    pub needs_conditional: bool,
    /// An annotation-like scope directly within a class: names are looked for in the class first.
    pub sees_class: bool,
    /// A class or module with annotations that may not be executed.
    pub conditional_annotations: bool,
    /// Has annotations.
    pub annotations_used: bool,
    /// The scope of the lazily evaluated annotations of a class, module or function.
    pub annotation_scope: Option<ScopeId>,
    /// The class whose name mangles private names here.
    pub private: Option<Rc<str>>,
    /// Where it starts.
    pub span: Span,
    /// Free variables in order: own ones and those that inner functions hand through.
    pub free: Vec<Rc<str>>,
    pub(crate) index: FastMap<Rc<str>, u32>,
    pub(crate) directives: Vec<(Rc<str>, Span)>,
    pub(crate) in_conditional: u32,
    pub(crate) unevaluated_annotation: bool,
    pub(crate) mangle_only: Option<Vec<Rc<str>>>,
    /// A comprehension that reads one of its variables before it is bound.
    pub(crate) late_bound: bool,
    /// A comprehension in which something may look at variables by name.
    pub(crate) frame_visible: bool,
    /// For the annotations of a signature: the function's name.
    pub(crate) function_name: Option<Rc<str>>,
    pub(crate) comp_iter_target: bool,
    pub(crate) comp_iter_expr: u32,
    pub(crate) what: &'static str,
    /// Locals that `:=` binds; an operand that names one must be copied before it is rebound.
    pub(crate) walrus: Vec<Rc<str>>,
    /// Locals that `del` or the end of an `except ... as` unbinds.
    pub(crate) unbound: Vec<Rc<str>>,
    /// Attributes that methods assign on `self`, for a class.
    pub(crate) static_attributes: Vec<Rc<str>>,
}

impl Scope {
    /// The symbol with this mangled name.
    pub fn get(&self, name: &str) -> Option<&Symbol> {
        self.index.get(name).map(|&i| &self.symbols[i as usize])
    }

    /// Where the name lives.
    pub fn binding(&self, name: &str) -> Binding {
        self.get(name).map_or(Binding::Unset, |s| s.binding)
    }

    /// For the annotations of a signature: where the function is.
    pub fn function_span(&self) -> Option<Span> {
        self.function_name.as_ref().map(|_| self.span)
    }

    /// Whether names live in registers: everything but modules and classes.
    pub fn is_function_like(&self) -> bool {
        !matches!(self.kind, ScopeKind::Module | ScopeKind::Class)
    }
}

/// What part of a node a scope belongs to; a key together with the node's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Part {
    Body,
    TypeParams,
    Annotations,
    AliasValue,
    Bound,
    Default,
}

/// All scopes of one tree. Scope 0 is the module.
#[derive(Clone, Debug)]
pub struct SymbolTable {
    /// The scopes, in the order in which they were entered.
    pub scopes: Vec<Scope>,
    /// What the future statements and options ask for.
    pub future: FutureFeatures,
    pub(crate) keys: FastMap<(usize, Part), ScopeId>,
}

/// The address that names a node while its tree is borrowed.
pub(crate) fn key<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

impl SymbolTable {
    /// The outermost scope.
    pub fn top(&self) -> &Scope {
        &self.scopes[0]
    }

    /// The names of inlined comprehensions' variables that have to be locals of the function around.
    pub(crate) fn visible_comp_names(&self, id: ScopeId, out: &mut Vec<Rc<str>>) {
        for &c in &self.scopes[id].children {
            let child = &self.scopes[c];
            if !child.inlined {
                continue;
            }
            if child.frame_visible {
                for s in &child.symbols {
                    if s.binding == Binding::Local && &*s.name != ".0" && !out.contains(&s.name) {
                        out.push(s.name.clone());
                    }
                }
            }
            self.visible_comp_names(c, out);
        }
    }

    pub(crate) fn lookup(&self, at: usize, part: Part) -> Option<ScopeId> {
        self.keys.get(&(at, part)).copied()
    }
}

/// Builds the symbol table of a tree.
pub fn build_symtable(tree: &Mod, options: &Options) -> Result<SymbolTable> {
    let future = future::scan(tree, options)?;
    let mut table = build::build(tree, future)?;
    analyze::analyze(&mut table)?;
    Ok(table)
}

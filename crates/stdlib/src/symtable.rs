//! `_symtable`: the compiler's symbol tables, for the module `symtable`.
//!
//! They are shown as CPython makes them: comprehensions that it runs in their function have no table of their own, and
//! every `def` has one for its annotations.

use std::rc::Rc;

use taipan_compiler::SymbolTable;
use taipan_compiler::scope::{Binding, CompKind, Scope, ScopeId, ScopeKind, def};
use taipan_macros::{Trace, class, function, module};
use taipan_runtime::compile::{self, Request};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{list, str};
use taipan_runtime::vm::{Vm, intern};
use taipan_syntax::Mode;

use crate::builtins::code::{file_name, source_text};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Entry::DEF];

module! {
    name = "_symtable",
    functions(symtable),
    exec = exec,
}

const SCOPE_MASK: u32 = 15;

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    let numbers = [
        ("USE", def::USE),
        ("DEF_GLOBAL", def::GLOBAL),
        ("DEF_NONLOCAL", def::NONLOCAL),
        ("DEF_LOCAL", def::LOCAL),
        ("DEF_PARAM", def::PARAM),
        ("DEF_TYPE_PARAM", def::TYPE_PARAM),
        ("DEF_FREE_CLASS", def::FREE_CLASS),
        ("DEF_IMPORT", def::IMPORT),
        ("DEF_BOUND", def::LOCAL | def::PARAM | def::IMPORT),
        ("DEF_ANNOT", def::ANNOT),
        ("DEF_COMP_ITER", def::COMP_ITER),
        ("DEF_COMP_CELL", def::COMP_CELL),
        ("TYPE_FUNCTION", kind_number(ScopeKind::Function)),
        ("TYPE_CLASS", kind_number(ScopeKind::Class)),
        ("TYPE_MODULE", kind_number(ScopeKind::Module)),
        ("TYPE_ANNOTATION", kind_number(ScopeKind::Annotation)),
        ("TYPE_TYPE_ALIAS", kind_number(ScopeKind::TypeAlias)),
        ("TYPE_TYPE_PARAMETERS", kind_number(ScopeKind::TypeParameters)),
        ("TYPE_TYPE_VARIABLE", kind_number(ScopeKind::TypeVariable)),
        ("LOCAL", Binding::Local as u32),
        ("GLOBAL_EXPLICIT", Binding::GlobalExplicit as u32),
        ("GLOBAL_IMPLICIT", Binding::GlobalImplicit as u32),
        ("FREE", Binding::Free as u32),
        ("CELL", Binding::Cell as u32),
        ("SCOPE_OFF", def::SCOPE_OFFSET),
        ("SCOPE_MASK", SCOPE_MASK),
    ];
    for (name, n) in numbers {
        m.set(name, n);
    }
    Ok(())
}

const fn kind_number(kind: ScopeKind) -> u32 {
    match kind {
        ScopeKind::Function => 0,
        ScopeKind::Class => 1,
        ScopeKind::Module => 2,
        ScopeKind::Annotation => 3,
        ScopeKind::TypeAlias => 4,
        ScopeKind::TypeParameters => 5,
        ScopeKind::TypeVariable => 6,
    }
}

/// A block, as Python sees it.
#[derive(Trace)]
pub struct Entry {
    name: Value,
    symbols: Value,
    varnames: Value,
    children: Value,
    nested: bool,
    kind: u32,
    lineno: u32,
}

#[class(name = "symtable entry", module = "builtins", flags(GC, NO_NEW))]
impl Entry {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> String {
        format!("<symtable entry {}({}), line {}>", vm.str_lossy(&this.name), this.value().id(), this.lineno)
    }

    #[getter(member)]
    fn id(_vm: &Vm, this: &Ref<Self>) -> u64 {
        this.value().id()
    }

    #[getter(member)]
    fn name(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[getter(member)]
    fn symbols(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.symbols.clone()
    }

    #[getter(member)]
    fn varnames(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.varnames.clone()
    }

    #[getter(member)]
    fn children(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.children.clone()
    }

    #[getter(member)]
    fn nested(_vm: &Vm, this: &Ref<Self>) -> i32 {
        i32::from(this.nested)
    }

    #[getter(member, name = "type")]
    fn kind(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.kind
    }

    #[getter(member)]
    fn lineno(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.lineno
    }
}

/// Return symbol and scope dictionaries used internally by compiler.
#[function(sig = "(source, filename, startstr, /)")]
fn symtable(vm: &Vm, source: &Value, filename: &Value, startstr: &str) -> R {
    let filename = file_name(vm, filename)?;
    let text = source_text(vm, source, "symtable() arg 1", &filename)?;
    let mode = match startstr {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(vm.value_error("symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
    };
    let table = compile::symtable(vm, &text, &Request::new(vm, mode, &filename))?;
    let block = Maker { table: &table }.block(0);
    Ok(block.into_object(vm))
}

/// A name of a block.
struct Symbol {
    name: Rc<str>,
    flags: u32,
    binding: u32,
}

/// A block, as CPython has it.
struct Block {
    name: Rc<str>,
    kind: ScopeKind,
    symbols: Vec<Symbol>,
    varnames: Vec<Rc<str>>,
    children: Vec<Block>,
    nested: bool,
    lineno: u32,
}

impl Block {
    fn into_object(self, vm: &Vm) -> Value {
        let name = |n: &str| intern(n).into_value();
        let symbols = Ref::new(Dict::new());
        for s in &self.symbols {
            symbols.set_name(&name(&s.name), Value::from(s.flags | s.binding << def::SCOPE_OFFSET));
        }
        let children = self.children.into_iter().map(|c| c.into_object(vm)).collect();
        let entry = Entry {
            name: str::from_str(&self.name),
            symbols: symbols.into_value(),
            varnames: list::from_vec(self.varnames.iter().map(|n| name(n)).collect()).into_value(),
            children: list::from_vec(children).into_value(),
            nested: self.nested,
            kind: kind_number(self.kind),
            lineno: self.lineno,
        };
        Ref::new(entry).into_value()
    }

    fn find(&mut self, name: &str) -> Option<&mut Symbol> {
        self.symbols.iter_mut().find(|s| &*s.name == name)
    }
}

struct Maker<'a> {
    table: &'a SymbolTable,
}

/// Names whose binding CPython's table does not show, or shows otherwise.
const CONDITIONAL: &str = "__conditional_annotations__";

impl Maker<'_> {
    fn block(&self, id: ScopeId) -> Block {
        let scope = &self.table.scopes[id];
        let mut block = Block {
            name: scope.name.clone(),
            kind: scope.kind,
            symbols: Vec::new(),
            varnames: scope.params.clone(),
            children: Vec::new(),
            nested: scope.nested,
            lineno: scope.span.line,
        };
        let hidden_default = scope.kind == ScopeKind::TypeParameters && self.is_function(scope);
        if hidden_default && !block.varnames.iter().any(|n| &**n == ".defaults") {
            // CPython's own has room for defaults whether there are any or not.
            block.varnames.insert(0, ".defaults".into());
            let (flags, binding) = (def::PARAM, Binding::Local as u32);
            block.symbols.push(Symbol { name: ".defaults".into(), flags, binding });
        }
        for s in &scope.symbols {
            let (mut flags, mut binding) = (s.flags, s.binding);
            match &*s.name {
                ".0" | ".defaults" | ".kwdefaults" => flags &= !def::USE,
                CONDITIONAL => {
                    if scope.kind == ScopeKind::Class || scope.kind == ScopeKind::Module {
                        (flags, binding) = (def::USE, Binding::GlobalImplicit);
                    } else {
                        continue;
                    }
                }
                // A class's own cells are no names of its body.
                "__class__" | "__classdict__" if flags == 0 && scope.kind == ScopeKind::Class => continue,
                _ => {}
            }
            block.symbols.push(Symbol { name: s.name.clone(), flags, binding: binding as u32 });
        }
        if scope.kind == ScopeKind::Module && scope.annotations_used && block.find(CONDITIONAL).is_none() {
            let (flags, binding) = (def::USE, Binding::GlobalImplicit as u32);
            block.symbols.push(Symbol { name: CONDITIONAL.into(), flags, binding });
        }
        self.children(id, &mut block);
        block
    }

    /// Whether the type parameters are those of a function.
    fn is_function(&self, scope: &Scope) -> bool {
        scope.children.iter().any(|&c| {
            let c = &self.table.scopes[c];
            c.kind == ScopeKind::Function && c.name == scope.name && c.span == scope.span
        })
    }

    fn children(&self, id: ScopeId, block: &mut Block) {
        let scope = &self.table.scopes[id];
        let future = self.table.future.annotations;
        let mut annotated = None;
        for &c in &scope.children {
            let child = &self.table.scopes[c];
            if child.kind == ScopeKind::Annotation {
                if future {
                    continue;
                }
                annotated = child.function_span();
                if annotated.is_none() && scope.kind == ScopeKind::Function {
                    // Those of local variables are not looked at.
                    block.children.push(self.no_annotations(scope, child));
                    continue;
                }
            }
            let is_def = child.kind == ScopeKind::Function && child.comp.is_none() && &*child.name != "lambda";
            if is_def && !future && annotated != Some(child.span) {
                block.children.push(self.no_annotations(scope, child));
            }
            let inner = self.block(c);
            let inlined = child.comp.is_some_and(|k| k != CompKind::Generator) && !scope.sees_class;
            if inlined {
                merge(block, inner);
            } else {
                block.children.push(inner);
            }
        }
    }

    /// The annotations of what has none that are evaluated.
    fn no_annotations(&self, parent: &Scope, of: &Scope) -> Block {
        let mut symbols =
            vec![Symbol { name: ".format".into(), flags: def::PARAM | def::USE, binding: Binding::Local as u32 }];
        if parent.kind == ScopeKind::Class || parent.sees_class {
            let binding = Binding::Free as u32;
            symbols.push(Symbol { name: "__classdict__".into(), flags: def::USE, binding });
        }
        Block {
            name: "__annotate__".into(),
            kind: ScopeKind::Annotation,
            symbols,
            varnames: vec![".format".into()],
            children: Vec::new(),
            nested: of.nested,
            lineno: of.span.line,
        }
    }
}

/// Makes a comprehension's names those of the block around it (PEP 709).
fn merge(block: &mut Block, comp: Block) {
    let in_function = !matches!(block.kind, ScopeKind::Class | ScopeKind::Module);
    for s in comp.symbols {
        if s.flags & def::PARAM != 0 {
            continue;
        }
        let cell = s.binding == Binding::Cell as u32 || s.flags & def::COMP_CELL != 0;
        let flag = if cell { def::COMP_CELL } else { 0 };
        match block.find(&s.name) {
            Some(old) => {
                old.flags |= flag;
                if cell && in_function && old.binding == Binding::Local as u32 {
                    old.binding = Binding::Cell as u32;
                }
            }
            None => block.symbols.push(Symbol { flags: s.flags | flag, ..s }),
        }
    }
    block.children.extend(comp.children);
}

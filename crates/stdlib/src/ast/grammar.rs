//! The abstract grammar of Python 3.14: the one table that the classes and both conversions are made from.
//!
//! An entry is a class with its fields, each with its type in ASDL's notation. What stands in brackets says how
//! `taipan_syntax` keeps the node: `boxed S` is a variant that holds a boxed struct `S`; a sum's own name is followed
//! by its Rust type and, where nodes are a kind and a place, the kind's type.

/// Calls a macro with the table.
macro_rules! grammar {
    ($go:ident) => {
        $go! {
            sums {
                "mod" Mod {
                    Module [] { "stmt*" body, "type_ignore*" type_ignores }
                    Interactive [] { "stmt*" body }
                    Expression [] { "expr" body }
                    FunctionType [] { "expr*" argtypes, "expr" returns }
                }
            }
            placed {
                "stmt" Stmt StmtKind {
                    FunctionDef [boxed FunctionDef] {
                        "identifier" name, "arguments" args, "stmt*" body, "expr*" decorator_list, "expr?" returns,
                        "string?" type_comment, "type_param*" type_params
                    }
                    AsyncFunctionDef [boxed FunctionDef] {
                        "identifier" name, "arguments" args, "stmt*" body, "expr*" decorator_list, "expr?" returns,
                        "string?" type_comment, "type_param*" type_params
                    }
                    ClassDef [boxed ClassDef] {
                        "identifier" name, "expr*" bases, "keyword*" keywords, "stmt*" body, "expr*" decorator_list,
                        "type_param*" type_params
                    }
                    Return [] { "expr?" value }
                    Delete [] { "expr*" targets }
                    Assign [] { "expr*" targets, "expr" value, "string?" type_comment }
                    TypeAlias [] { "expr" name, "type_param*" type_params, "expr" value }
                    AugAssign [] { "expr" target, "operator" op, "expr" value }
                    AnnAssign [] { "expr" target, "expr" annotation, "expr?" value, "int" simple }
                    For [boxed For] {
                        "expr" target, "expr" iter, "stmt*" body, "stmt*" orelse, "string?" type_comment
                    }
                    AsyncFor [boxed For] {
                        "expr" target, "expr" iter, "stmt*" body, "stmt*" orelse, "string?" type_comment
                    }
                    While [] { "expr" test, "stmt*" body, "stmt*" orelse }
                    If [] { "expr" test, "stmt*" body, "stmt*" orelse }
                    With [boxed With] { "withitem*" items, "stmt*" body, "string?" type_comment }
                    AsyncWith [boxed With] { "withitem*" items, "stmt*" body, "string?" type_comment }
                    Match [] { "expr" subject, "match_case*" cases }
                    Raise [] { "expr?" exc, "expr?" cause }
                    Try [boxed Try] {
                        "stmt*" body, "excepthandler*" handlers, "stmt*" orelse, "stmt*" finalbody
                    }
                    TryStar [boxed Try] {
                        "stmt*" body, "excepthandler*" handlers, "stmt*" orelse, "stmt*" finalbody
                    }
                    Assert [] { "expr" test, "expr?" msg }
                    Import [] { "alias*" names }
                    ImportFrom [] { "identifier?" module, "alias*" names, "int?" level }
                    Global [] { "identifier*" names }
                    Nonlocal [] { "identifier*" names }
                    Expr [] { "expr" value }
                    Pass [] {}
                    Break [] {}
                    Continue [] {}
                }
                "expr" Expr ExprKind {
                    BoolOp [] { "boolop" op, "expr*" values }
                    NamedExpr [] { "expr" target, "expr" value }
                    BinOp [] { "expr" left, "operator" op, "expr" right }
                    UnaryOp [] { "unaryop" op, "expr" operand }
                    Lambda [] { "arguments" args, "expr" body }
                    IfExp [] { "expr" test, "expr" body, "expr" orelse }
                    Dict [] { "expr?*" keys, "expr*" values }
                    Set [] { "expr*" elts }
                    ListComp [] { "expr" elt, "comprehension*" generators }
                    SetComp [] { "expr" elt, "comprehension*" generators }
                    DictComp [] { "expr" key, "expr" value, "comprehension*" generators }
                    GeneratorExp [] { "expr" elt, "comprehension*" generators }
                    Await [] { "expr" value }
                    Yield [] { "expr?" value }
                    YieldFrom [] { "expr" value }
                    Compare [] { "expr" left, "cmpop*" ops, "expr*" comparators }
                    Call [] { "expr" func, "expr*" args, "keyword*" keywords }
                    FormattedValue [] { "expr" value, "int" conversion, "expr?" format_spec }
                    Interpolation [] { "expr" value, "constant" str, "int" conversion, "expr?" format_spec }
                    JoinedStr [] { "expr*" values }
                    TemplateStr [] { "expr*" values }
                    Constant [] { "constant" value, "string?" kind }
                    Attribute [] { "expr" value, "identifier" attr, "expr_context" ctx }
                    Subscript [] { "expr" value, "expr" slice, "expr_context" ctx }
                    Starred [] { "expr" value, "expr_context" ctx }
                    Name [] { "identifier" id, "expr_context" ctx }
                    List [] { "expr*" elts, "expr_context" ctx }
                    Tuple [] { "expr*" elts, "expr_context" ctx }
                    Slice [] { "expr?" lower, "expr?" upper, "expr?" step }
                }
                "pattern" Pattern PatternKind {
                    MatchValue [] { "expr" value }
                    MatchSingleton [] { "constant" value }
                    MatchSequence [] { "pattern*" patterns }
                    MatchMapping [] { "expr*" keys, "pattern*" patterns, "identifier?" rest }
                    MatchClass [] {
                        "expr" cls, "pattern*" patterns, "identifier*" kwd_attrs, "pattern*" kwd_patterns
                    }
                    MatchStar [] { "identifier?" name }
                    MatchAs [] { "pattern?" pattern, "identifier?" name }
                    MatchOr [] { "pattern*" patterns }
                }
                "type_param" TypeParam TypeParamKind {
                    TypeVar [] { "identifier" name, "expr?" bound, "expr?" default_value }
                    ParamSpec [] { "identifier" name, "expr?" default_value }
                    TypeVarTuple [] { "identifier" name, "expr?" default_value }
                }
            }
            single {
                "excepthandler" ExceptHandler [span] { "expr?" type_, "identifier?" name, "stmt*" body }
                "type_ignore" TypeIgnore [] { "int" lineno, "string" tag }
            }
            simple {
                "expr_context" ExprContext { Load Store Del }
                "boolop" BoolOp { And Or }
                "operator" Operator {
                    Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv
                }
                "unaryop" UnaryOp { Invert Not UAdd USub }
                "cmpop" CmpOp { Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn }
            }
            products {
                "comprehension" Comprehension [] { "expr" target, "expr" iter, "expr*" ifs, "int" is_async }
                "arguments" Arguments [] {
                    "arg*" posonlyargs, "arg*" args, "arg?" vararg, "arg*" kwonlyargs, "expr*" kw_defaults,
                    "arg?" kwarg, "expr*" defaults
                }
                "arg" Arg [span] { "identifier" arg, "expr?" annotation, "string?" type_comment }
                "keyword" Keyword [span] { "identifier?" arg, "expr" value }
                "alias" Alias [span] { "identifier" name, "identifier?" asname }
                "withitem" WithItem [] { "expr" context_expr, "expr?" optional_vars }
                "match_case" MatchCase [] { "pattern" pattern, "expr?" guard, "stmt*" body }
            }
        }
    };
}
pub(super) use grammar;

/// A field: its name and its type.
pub struct Field {
    /// As an attribute.
    pub name: &'static str,
    /// ASDL's notation: the name of the type, `?` if it may be missing, `*` for lists.
    pub ty: &'static str,
}

/// What a class stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A sum: the base of the classes of its nodes.
    Sum,
    /// A node of a sum.
    Node,
    /// A product: a class of its own.
    Product,
}

/// A class of the module.
pub struct Spec {
    /// `__name__`
    pub name: &'static str,
    /// The sum's name; `AST` for sums and products.
    pub base: &'static str,
    /// What it is.
    pub form: Form,
    /// Its fields.
    pub fields: &'static [Field],
    /// Whether nodes have a place in the source.
    pub placed: bool,
}

/// A field's name, without the underscore by which Rust's keywords are avoided.
const fn plain(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [.., b'_'] => name.split_at(name.len() - 1).0,
        _ => name,
    }
}

macro_rules! placed {
    (span) => {
        true
    };
    () => {
        false
    };
}

macro_rules! spec {
    ($name:expr, $base:expr, $form:ident, $placed:expr $(, $ty:literal $f:ident)*) => {
        Spec {
            name: $name,
            base: $base,
            form: Form::$form,
            placed: $placed,
            fields: const { &[$(Field { name: plain(stringify!($f)), ty: $ty }),*] },
        }
    };
}

macro_rules! specs {
    (
        sums { $($m:literal $M:ident { $($mc:ident [] { $($mt:literal $mf:ident),* })* })* }
        placed { $($p:literal $P:ident $K:ident { $($pc:ident [$($b:tt)*] { $($pt:literal $pf:ident),* })* })* }
        single { $($s:literal $S:ident [$($span:ident)?] { $($st:literal $sf:ident),* })* }
        simple { $($e:literal $E:ident { $($v:ident)* })* }
        products { $($r:literal $R:ident [$($rspan:ident)?] { $($rt:literal $rf:ident),* })* }
    ) => {
        /// The nodes that have a class, in the order of [`NODES`].
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(usize)]
        pub enum Id {
            $($($mc,)*)* $($($pc,)*)* $($S,)* $($($v,)*)* $($R,)*
        }

        /// The classes that nodes are made of.
        pub static NODES: &[Spec] = &[
            $($(spec!(stringify!($mc), $m, Node, false $(, $mt $mf)*),)*)*
            $($(spec!(stringify!($pc), $p, Node, true $(, $pt $pf)*),)*)*
            $(spec!(stringify!($S), $s, Node, placed!($($span)?) $(, $st $sf)*),)*
            $($(spec!(stringify!($v), $e, Node, false),)*)*
            $(spec!($r, "AST", Product, placed!($($rspan)?) $(, $rt $rf)*),)*
        ];

        /// The sums.
        pub static SUMS: &[Spec] = &[
            $(spec!($m, "AST", Sum, false),)*
            $(spec!($p, "AST", Sum, true),)*
            $(spec!($s, "AST", Sum, placed!($($span)?)),)*
            $(spec!($e, "AST", Sum, false),)*
        ];

        /// The first node that is there only once, and how many there are.
        pub const SINGLETONS: (usize, usize) = {
            let all = [$($(Id::$v as usize,)*)*];
            (all[0], all.len())
        };
    };
}
grammar!(specs);

/// The order of the bases in `AST.__subclasses__()`, which is that of the grammar.
pub static ORDER: &[&str] = &[
    "mod",
    "stmt",
    "expr",
    "expr_context",
    "boolop",
    "operator",
    "unaryop",
    "cmpop",
    "comprehension",
    "excepthandler",
    "arguments",
    "arg",
    "keyword",
    "alias",
    "withitem",
    "match_case",
    "pattern",
    "type_ignore",
    "type_param",
];

impl Spec {
    /// The node's line of the grammar.
    pub fn line(&self) -> String {
        if self.fields.is_empty() {
            return self.name.to_owned();
        }
        let fields: Vec<String> = self.fields.iter().map(|f| format!("{} {}", f.ty, f.name)).collect();
        format!("{}({})", self.name, fields.join(", "))
    }

    /// `__doc__`: the rule of the grammar.
    pub fn doc(&self) -> String {
        if self.form != Form::Sum {
            return self.line();
        }
        let nodes: Vec<&Spec> = NODES.iter().filter(|n| n.base == self.name && n.form == Form::Node).collect();
        let short = nodes.iter().all(|n| n.fields.is_empty());
        let lines: Vec<String> = nodes.iter().map(|n| n.line()).collect();
        let between = if short { " | ".to_owned() } else { format!("\n{}| ", " ".repeat(self.name.len() + 1)) };
        format!("{} = {}", self.name, lines.join(&between))
    }
}

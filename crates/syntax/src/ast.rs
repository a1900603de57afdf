//! The syntax tree, node for node that of Python 3.14's `Python.asdl`.
//!
//! Field names are CPython's own, so that whoever knows the `ast` module knows
//! this one. Two things differ, both for the sake of Rust: `FunctionDef` and
//! `AsyncFunctionDef` (and `For`, `With` and `Try` with their twins) share one
//! struct for both variants, and positions sit beside the node's kind in
//! [`Expr`], [`Stmt`] and [`Pattern`].

use std::fmt;
use std::rc::Rc;

pub use dashu_int::{IBig, UBig};

/// An identifier. Equal names of one parse share one allocation.
pub type Name = Rc<str>;

/// Where a node stands: 1-based lines, 0-based columns counted in UTF-8 bytes,
/// as in CPython's `lineno`, `col_offset`, `end_lineno`, `end_col_offset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First line, from 1.
    pub line: u32,
    /// Byte column of the first byte, from 0.
    pub col: u32,
    /// Line of the byte behind the last.
    pub end_line: u32,
    /// Byte column behind the last byte.
    pub end_col: u32,
}

impl Span {
    /// The span from the start of `self` to the end of `end`.
    pub fn to(self, end: Span) -> Span {
        Span {
            line: self.line,
            col: self.col,
            end_line: end.end_line,
            end_col: end.end_col,
        }
    }
}

/// A Python string as source can spell it: WTF-8 bytes, which is UTF-8 in
/// which lone surrogates (`'\ud800'`) are allowed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PyString(Rc<[u8]>);

impl PyString {
    /// A string from bytes that are UTF-8, or generalized UTF-8 with surrogates.
    pub fn from_wtf8(bytes: &[u8]) -> PyString {
        PyString(Rc::from(bytes))
    }

    /// The text, unless it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The WTF-8 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for PyString {
    fn from(text: &str) -> PyString {
        PyString(Rc::from(text.as_bytes()))
    }
}

impl fmt::Debug for PyString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(&self.0), f)
    }
}

/// The value of a literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `None`
    None,
    /// `True`
    True,
    /// `False`
    False,
    /// `...`
    Ellipsis,
    /// An integer that fits; only made trees have negative ones.
    Int(i64),
    /// A positive integer beyond `i64`.
    BigInt(UBig),
    /// A float.
    Float(f64),
    /// An imaginary number; literals have no real part.
    Complex(f64),
    /// A string.
    Str(PyString),
    /// A bytes object.
    Bytes(Box<[u8]>),
    /// What no literal spells, but a tree that a program has made may hold.
    Made(Box<Made>),
}

/// A constant that no literal spells.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// A negative integer below `i64`.
    Int(IBig),
    /// A complex number with a real part.
    Complex(f64, f64),
    /// A tuple.
    Tuple(Vec<Constant>),
    /// A frozenset.
    FrozenSet(Vec<Constant>),
}

/// A whole parse, by mode. Dropped with room on the stack for the deepest
/// tree the parser lets through.
#[derive(Debug)]
pub enum Mod {
    /// `exec` mode.
    Module {
        /// The statements.
        body: Vec<Stmt>,
        /// `# type: ignore` comments, when type comments were asked for.
        type_ignores: Vec<TypeIgnore>,
    },
    /// `single` mode.
    Interactive {
        /// The statements of one input.
        body: Vec<Stmt>,
    },
    /// `eval` mode.
    Expression {
        /// The expression.
        body: Box<Expr>,
    },
    /// `func_type` mode: `(int, str) -> bool`.
    FunctionType {
        /// The parameter types.
        argtypes: Vec<Expr>,
        /// The return type.
        returns: Box<Expr>,
    },
}

/// A `# type: ignore` comment.
#[derive(Clone, Debug)]
pub struct TypeIgnore {
    /// Its line.
    pub lineno: u32,
    /// What follows `ignore`.
    pub tag: Rc<str>,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it is.
    pub span: Span,
}

/// What a statement is.
#[derive(Debug)]
pub enum StmtKind {
    /// `def`
    FunctionDef(Box<FunctionDef>),
    /// `async def`
    AsyncFunctionDef(Box<FunctionDef>),
    /// `class`
    ClassDef(Box<ClassDef>),
    /// `return`
    Return { value: Option<Box<Expr>> },
    /// `del`
    Delete { targets: Vec<Expr> },
    /// `a = b = value`
    Assign {
        targets: Vec<Expr>,
        value: Box<Expr>,
        type_comment: Option<Rc<str>>,
    },
    /// `type X[T] = value`
    TypeAlias {
        name: Box<Expr>,
        type_params: Vec<TypeParam>,
        value: Box<Expr>,
    },
    /// `target += value`
    AugAssign {
        target: Box<Expr>,
        op: Operator,
        value: Box<Expr>,
    },
    /// `target: annotation = value`; `simple` when the target is a bare name.
    AnnAssign {
        target: Box<Expr>,
        annotation: Box<Expr>,
        value: Option<Box<Expr>>,
        simple: bool,
    },
    /// `for`
    For(Box<For>),
    /// `async for`
    AsyncFor(Box<For>),
    /// `while`
    While {
        test: Box<Expr>,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    /// `if`; an `elif` is an `If` alone in `orelse`.
    If {
        test: Box<Expr>,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    /// `with`
    With(Box<With>),
    /// `async with`
    AsyncWith(Box<With>),
    /// `match`
    Match {
        subject: Box<Expr>,
        cases: Vec<MatchCase>,
    },
    /// `raise exc from cause`
    Raise {
        exc: Option<Box<Expr>>,
        cause: Option<Box<Expr>>,
    },
    /// `try` with `except`
    Try(Box<Try>),
    /// `try` with `except*`
    TryStar(Box<Try>),
    /// `assert`
    Assert {
        test: Box<Expr>,
        msg: Option<Box<Expr>>,
    },
    /// `import`
    Import { names: Vec<Alias> },
    /// `from module import names`; `level` counts the leading dots.
    ImportFrom {
        module: Option<Name>,
        names: Vec<Alias>,
        level: u32,
    },
    /// `global`
    Global { names: Vec<Name> },
    /// `nonlocal`
    Nonlocal { names: Vec<Name> },
    /// An expression for its effect.
    Expr { value: Box<Expr> },
    /// `pass`
    Pass,
    /// `break`
    Break,
    /// `continue`
    Continue,
}

/// The fields of `FunctionDef` and `AsyncFunctionDef`.
#[derive(Debug)]
pub struct FunctionDef {
    pub name: Name,
    pub args: Arguments,
    pub body: Vec<Stmt>,
    pub decorator_list: Vec<Expr>,
    pub returns: Option<Box<Expr>>,
    pub type_comment: Option<Rc<str>>,
    pub type_params: Vec<TypeParam>,
}

/// The fields of `ClassDef`.
#[derive(Debug)]
pub struct ClassDef {
    pub name: Name,
    pub bases: Vec<Expr>,
    pub keywords: Vec<Keyword>,
    pub body: Vec<Stmt>,
    pub decorator_list: Vec<Expr>,
    pub type_params: Vec<TypeParam>,
}

/// The fields of `For` and `AsyncFor`.
#[derive(Debug)]
pub struct For {
    pub target: Expr,
    pub iter: Expr,
    pub body: Vec<Stmt>,
    pub orelse: Vec<Stmt>,
    pub type_comment: Option<Rc<str>>,
}

/// The fields of `With` and `AsyncWith`.
#[derive(Debug)]
pub struct With {
    pub items: Vec<WithItem>,
    pub body: Vec<Stmt>,
    pub type_comment: Option<Rc<str>>,
}

/// The fields of `Try` and `TryStar`.
#[derive(Debug)]
pub struct Try {
    pub body: Vec<Stmt>,
    pub handlers: Vec<ExceptHandler>,
    pub orelse: Vec<Stmt>,
    pub finalbody: Vec<Stmt>,
}

/// An `except` clause.
#[derive(Debug)]
pub struct ExceptHandler {
    pub type_: Option<Box<Expr>>,
    pub name: Option<Name>,
    pub body: Vec<Stmt>,
    pub span: Span,
}

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExprKind {
    /// `a and b and c`
    BoolOp { op: BoolOp, values: Vec<Expr> },
    /// `target := value`
    NamedExpr { target: Box<Expr>, value: Box<Expr> },
    /// `left + right`
    BinOp {
        left: Box<Expr>,
        op: Operator,
        right: Box<Expr>,
    },
    /// `-operand`
    UnaryOp { op: UnaryOp, operand: Box<Expr> },
    /// `lambda args: body`
    Lambda {
        args: Box<Arguments>,
        body: Box<Expr>,
    },
    /// `body if test else orelse`
    IfExp {
        test: Box<Expr>,
        body: Box<Expr>,
        orelse: Box<Expr>,
    },
    /// `{k: v, **v}`; a key is `None` for `**v`.
    Dict {
        keys: Vec<Option<Expr>>,
        values: Vec<Expr>,
    },
    /// `{a, b}`
    Set { elts: Vec<Expr> },
    /// `[elt for ...]`
    ListComp {
        elt: Box<Expr>,
        generators: Vec<Comprehension>,
    },
    /// `{elt for ...}`
    SetComp {
        elt: Box<Expr>,
        generators: Vec<Comprehension>,
    },
    /// `{key: value for ...}`
    DictComp {
        key: Box<Expr>,
        value: Box<Expr>,
        generators: Vec<Comprehension>,
    },
    /// `(elt for ...)`
    GeneratorExp {
        elt: Box<Expr>,
        generators: Vec<Comprehension>,
    },
    /// `await value`
    Await { value: Box<Expr> },
    /// `yield value`
    Yield { value: Option<Box<Expr>> },
    /// `yield from value`
    YieldFrom { value: Box<Expr> },
    /// `left < a < b`: as many `ops` as `comparators`.
    Compare {
        left: Box<Expr>,
        ops: Vec<CmpOp>,
        comparators: Vec<Expr>,
    },
    /// `func(args, keywords)`
    Call {
        func: Box<Expr>,
        args: Vec<Expr>,
        keywords: Vec<Keyword>,
    },
    /// `{value!r:spec}` of an f-string. `conversion` is -1 or the character's
    /// code; `format_spec` is a `JoinedStr`.
    FormattedValue {
        value: Box<Expr>,
        conversion: i32,
        format_spec: Option<Box<Expr>>,
    },
    /// `{value!r:spec}` of a t-string; `str` is the source of `value`.
    Interpolation {
        value: Box<Expr>,
        str: PyString,
        conversion: i32,
        format_spec: Option<Box<Expr>>,
    },
    /// An f-string.
    JoinedStr { values: Vec<Expr> },
    /// A t-string.
    TemplateStr { values: Vec<Expr> },
    /// A literal. `kind` is `Some('u')` for `u'...'`.
    Constant { value: Constant, kind: Option<char> },
    /// `value.attr`
    Attribute {
        value: Box<Expr>,
        attr: Name,
        ctx: ExprContext,
    },
    /// `value[slice]`
    Subscript {
        value: Box<Expr>,
        slice: Box<Expr>,
        ctx: ExprContext,
    },
    /// `*value`
    Starred { value: Box<Expr>, ctx: ExprContext },
    /// A name.
    Name { id: Name, ctx: ExprContext },
    /// `[a, b]`
    List { elts: Vec<Expr>, ctx: ExprContext },
    /// `a, b`
    Tuple { elts: Vec<Expr>, ctx: ExprContext },
    /// `lower:upper:step`, only within a subscript.
    Slice {
        lower: Option<Box<Expr>>,
        upper: Option<Box<Expr>>,
        step: Option<Box<Expr>>,
    },
}

/// Whether a name, attribute, subscript, star, list or tuple is read, bound
/// or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExprContext {
    Load,
    Store,
    Del,
}

/// `and`, `or`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BoolOp {
    And,
    Or,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Invert,
    Not,
    UAdd,
    USub,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// One `for ... in ... if ...` of a comprehension.
#[derive(Debug)]
pub struct Comprehension {
    pub target: Expr,
    pub iter: Expr,
    pub ifs: Vec<Expr>,
    pub is_async: bool,
}

/// The parameters of a function or lambda. `defaults` belong to the last of
/// `posonlyargs` and `args`; `kw_defaults` has an entry for each of
/// `kwonlyargs`.
#[derive(Debug, Default)]
pub struct Arguments {
    pub posonlyargs: Vec<Arg>,
    pub args: Vec<Arg>,
    pub vararg: Option<Box<Arg>>,
    pub kwonlyargs: Vec<Arg>,
    pub kw_defaults: Vec<Option<Expr>>,
    pub kwarg: Option<Box<Arg>>,
    pub defaults: Vec<Expr>,
}

/// A parameter.
#[derive(Debug)]
pub struct Arg {
    pub arg: Name,
    pub annotation: Option<Box<Expr>>,
    pub type_comment: Option<Rc<str>>,
    pub span: Span,
}

/// A keyword argument, or `**value` when `arg` is `None`.
#[derive(Debug)]
pub struct Keyword {
    pub arg: Option<Name>,
    pub value: Expr,
    pub span: Span,
}

/// One name of an import; `name` may be dotted, or `*`.
#[derive(Debug)]
pub struct Alias {
    pub name: Name,
    pub asname: Option<Name>,
    pub span: Span,
}

/// One item of a `with` statement.
#[derive(Debug)]
pub struct WithItem {
    pub context_expr: Expr,
    pub optional_vars: Option<Box<Expr>>,
}

/// One `case` of a `match` statement.
#[derive(Debug)]
pub struct MatchCase {
    pub pattern: Pattern,
    pub guard: Option<Box<Expr>>,
    pub body: Vec<Stmt>,
}

/// A pattern.
#[derive(Debug)]
pub struct Pattern {
    /// What it is.
    pub kind: PatternKind,
    /// Where it is.
    pub span: Span,
}

/// What a pattern is.
#[derive(Debug)]
pub enum PatternKind {
    /// A literal or dotted name, compared by `==`.
    MatchValue { value: Box<Expr> },
    /// `None`, `True` or `False`, compared by `is`.
    MatchSingleton { value: Constant },
    /// `[a, b]`
    MatchSequence { patterns: Vec<Pattern> },
    /// `{k: p, **rest}`
    MatchMapping {
        keys: Vec<Expr>,
        patterns: Vec<Pattern>,
        rest: Option<Name>,
    },
    /// `cls(p, attr=p)`
    MatchClass {
        cls: Box<Expr>,
        patterns: Vec<Pattern>,
        kwd_attrs: Vec<Name>,
        kwd_patterns: Vec<Pattern>,
    },
    /// `*name`, `*_`
    MatchStar { name: Option<Name> },
    /// `pattern as name`, a capture, or `_`
    MatchAs {
        pattern: Option<Box<Pattern>>,
        name: Option<Name>,
    },
    /// `a | b`
    MatchOr { patterns: Vec<Pattern> },
}

/// A type parameter.
#[derive(Debug)]
pub struct TypeParam {
    /// What it is.
    pub kind: TypeParamKind,
    /// Where it is.
    pub span: Span,
}

/// What a type parameter is.
#[derive(Debug)]
pub enum TypeParamKind {
    /// `T: bound = default`
    TypeVar {
        name: Name,
        bound: Option<Box<Expr>>,
        default_value: Option<Box<Expr>>,
    },
    /// `**P = default`
    ParamSpec {
        name: Name,
        default_value: Option<Box<Expr>>,
    },
    /// `*Ts = default`
    TypeVarTuple {
        name: Name,
        default_value: Option<Box<Expr>>,
    },
}

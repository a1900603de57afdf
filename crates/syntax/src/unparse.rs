//! Expressions back to source, for annotations that are kept as strings. The
//! same as CPython's `ast_unparse.c` prints, which is not always what `ast.unparse`
//! does.

use crate::ast::*;
use crate::repr::{repr, str_repr};

/// How tightly what is around an expression binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Level(u8);

const NAMED: Level = Level(0);
const TUPLE: Level = Level(1);
const TEST: Level = Level(2);
const OR: Level = Level(3);
const AND: Level = Level(4);
const NOT: Level = Level(5);
const CMP: Level = Level(6);
const BOR: Level = Level(7);
const BXOR: Level = Level(8);
const BAND: Level = Level(9);
const SHIFT: Level = Level(10);
const ARITH: Level = Level(11);
const TERM: Level = Level(12);
const FACTOR: Level = Level(13);
const POWER: Level = Level(14);
const AWAIT: Level = Level(15);
const ATOM: Level = Level(16);

impl Level {
    fn next(self) -> Level {
        Level(self.0 + 1)
    }
}

/// The source of an expression as `from __future__ import annotations` keeps
/// it.
pub fn unparse_expr(expr: &Expr) -> String {
    let mut writer = Writer { out: String::new() };
    writer.expr(expr, TEST);
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn parenthesized(&mut self, yes: bool, write: impl FnOnce(&mut Self)) {
        if yes {
            self.put("(");
        }
        write(self);
        if yes {
            self.put(")");
        }
    }

    fn comma_list(&mut self, exprs: &[Expr]) {
        for (at, expr) in exprs.iter().enumerate() {
            if at > 0 {
                self.put(", ");
            }
            self.expr(expr, TEST);
        }
    }

    fn expr(&mut self, expr: &Expr, level: Level) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expr_within(expr, level));
    }

    fn expr_within(&mut self, expr: &Expr, level: Level) {
        match &expr.kind {
            ExprKind::BoolOp { op, values } => {
                let (own, word) = match op {
                    BoolOp::And => (AND, " and "),
                    BoolOp::Or => (OR, " or "),
                };
                self.parenthesized(level > own, |w| {
                    for (at, value) in values.iter().enumerate() {
                        if at > 0 {
                            w.put(word);
                        }
                        w.expr(value, own.next());
                    }
                });
            }
            ExprKind::BinOp { left, op, right } => self.binary(left, *op, right, level),
            ExprKind::UnaryOp { op, operand } => {
                let (own, sign) = match op {
                    UnaryOp::Invert => (FACTOR, "~"),
                    UnaryOp::Not => (NOT, "not "),
                    UnaryOp::UAdd => (FACTOR, "+"),
                    UnaryOp::USub => (FACTOR, "-"),
                };
                self.parenthesized(level > own, |w| {
                    w.put(sign);
                    w.expr(operand, own);
                });
            }
            ExprKind::Lambda { args, body } => self.parenthesized(level > TEST, |w| {
                w.put("lambda");
                if args.posonlyargs.len() + args.args.len() > 0 {
                    w.put(" ");
                }
                w.arguments(args);
                w.put(": ");
                w.expr(body, TEST);
            }),
            ExprKind::IfExp { test, body, orelse } => self.parenthesized(level > TEST, |w| {
                w.expr(body, TEST.next());
                w.put(" if ");
                w.expr(test, TEST.next());
                w.put(" else ");
                w.expr(orelse, TEST);
            }),
            ExprKind::Dict { keys, values } => {
                self.put("{");
                for (at, (key, value)) in keys.iter().zip(values).enumerate() {
                    if at > 0 {
                        self.put(", ");
                    }
                    match key {
                        Some(key) => {
                            self.expr(key, TEST);
                            self.put(": ");
                            self.expr(value, TEST);
                        }
                        None => {
                            self.put("**");
                            self.expr(value, BOR);
                        }
                    }
                }
                self.put("}");
            }
            ExprKind::Set { elts } => {
                self.put("{");
                self.comma_list(elts);
                self.put("}");
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension("(", elt, generators, ")")
            }
            ExprKind::ListComp { elt, generators } => self.comprehension("[", elt, generators, "]"),
            ExprKind::SetComp { elt, generators } => self.comprehension("{", elt, generators, "}"),
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => {
                self.put("{");
                self.expr(key, TEST);
                self.put(": ");
                self.expr(value, TEST);
                self.generators(generators);
                self.put("}");
            }
            ExprKind::Yield { value: None } => self.put("(yield)"),
            ExprKind::Yield { value: Some(value) } => {
                self.put("(yield ");
                self.expr(value, TEST);
                self.put(")");
            }
            ExprKind::YieldFrom { value } => {
                self.put("(yield from ");
                self.expr(value, TEST);
                self.put(")");
            }
            ExprKind::Await { value } => self.parenthesized(level > AWAIT, |w| {
                w.put("await ");
                w.expr(value, ATOM);
            }),
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.parenthesized(level > CMP, |w| {
                w.expr(left, CMP.next());
                for (op, right) in ops.iter().zip(comparators) {
                    w.put(comparison(*op));
                    w.expr(right, CMP.next());
                }
            }),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(func, args, keywords),
            ExprKind::Constant { value, kind } => {
                if kind.is_some() {
                    self.put("u");
                }
                self.constant(value);
            }
            ExprKind::JoinedStr { .. } | ExprKind::TemplateStr { .. } => {
                let mut body = String::new();
                fstring_body(expr, &mut body);
                let letter = match expr.kind {
                    ExprKind::JoinedStr { .. } => "f",
                    _ => "t",
                };
                self.put(letter);
                self.put(&str_repr(&PyString::from(body.as_str())));
            }
            ExprKind::FormattedValue { .. } | ExprKind::Interpolation { .. } => {
                let mut body = String::new();
                fstring_body(expr, &mut body);
                self.put(&body);
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, ATOM);
                // `1.x` would be a float.
                let int = matches!(
                    value.kind,
                    ExprKind::Constant {
                        value: Constant::Int(_) | Constant::BigInt(_),
                        ..
                    }
                );
                self.put(if int { " ." } else { "." });
                self.put(attr);
            }
            ExprKind::Starred { value, .. } => {
                self.put("*");
                self.expr(value, BOR);
            }
            ExprKind::Name { id, .. } => self.put(id),
            ExprKind::List { elts, .. } => {
                self.put("[");
                self.comma_list(elts);
                self.put("]");
            }
            ExprKind::Tuple { elts, .. } if elts.is_empty() => self.put("()"),
            ExprKind::Tuple { elts, .. } => self.parenthesized(level > TUPLE, |w| {
                w.comma_list(elts);
                if elts.len() == 1 {
                    w.put(",");
                }
            }),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, ATOM);
                self.put("[");
                self.expr(slice, TUPLE);
                self.put("]");
            }
            ExprKind::Slice { lower, upper, step } => {
                if let Some(lower) = lower {
                    self.expr(lower, TEST);
                }
                self.put(":");
                if let Some(upper) = upper {
                    self.expr(upper, TEST);
                }
                if let Some(step) = step {
                    self.put(":");
                    self.expr(step, TEST);
                }
            }
            ExprKind::NamedExpr { target, value } => self.parenthesized(level > NAMED, |w| {
                w.expr(target, ATOM);
                w.put(" := ");
                w.expr(value, ATOM);
            }),
        }
    }

    fn binary(&mut self, left: &Expr, op: Operator, right: &Expr, level: Level) {
        let (own, sign) = match op {
            Operator::Add => (ARITH, " + "),
            Operator::Sub => (ARITH, " - "),
            Operator::Mult => (TERM, " * "),
            Operator::MatMult => (TERM, " @ "),
            Operator::Div => (TERM, " / "),
            Operator::Mod => (TERM, " % "),
            Operator::LShift => (SHIFT, " << "),
            Operator::RShift => (SHIFT, " >> "),
            Operator::BitOr => (BOR, " | "),
            Operator::BitXor => (BXOR, " ^ "),
            Operator::BitAnd => (BAND, " & "),
            Operator::FloorDiv => (TERM, " // "),
            Operator::Pow => (POWER, " ** "),
        };
        let (left_level, right_level) = if op == Operator::Pow {
            (own.next(), own)
        } else {
            (own, own.next())
        };
        self.parenthesized(level > own, |w| {
            w.expr(left, left_level);
            w.put(sign);
            w.expr(right, right_level);
        });
    }

    fn comprehension(&mut self, open: &str, elt: &Expr, generators: &[Comprehension], close: &str) {
        self.put(open);
        self.expr(elt, TEST);
        self.generators(generators);
        self.put(close);
    }

    fn generators(&mut self, generators: &[Comprehension]) {
        for generator in generators {
            self.put(if generator.is_async {
                " async for "
            } else {
                " for "
            });
            self.expr(&generator.target, TUPLE);
            self.put(" in ");
            self.expr(&generator.iter, TEST.next());
            for condition in &generator.ifs {
                self.put(" if ");
                self.expr(condition, TEST.next());
            }
        }
    }

    fn call(&mut self, func: &Expr, args: &[Expr], keywords: &[Keyword]) {
        self.expr(func, ATOM);
        if let ([arg], []) = (args, keywords)
            && matches!(arg.kind, ExprKind::GeneratorExp { .. })
        {
            return self.expr(arg, TEST);
        }
        self.put("(");
        self.comma_list(args);
        for (at, keyword) in keywords.iter().enumerate() {
            if at > 0 || !args.is_empty() {
                self.put(", ");
            }
            match &keyword.arg {
                Some(arg) => {
                    self.put(arg);
                    self.put("=");
                }
                None => self.put("**"),
            }
            self.expr(&keyword.value, TEST);
        }
        self.put(")");
    }

    fn constant(&mut self, value: &Constant) {
        match value {
            Constant::Ellipsis => self.put("..."),
            // There is no literal for infinity, but one for what overflows.
            Constant::Float(_) | Constant::Complex(_) | Constant::Made(_) => {
                let text = repr(value).replace("inf", "1e309");
                self.put(&text);
            }
            _ => self.put(&repr(value)),
        }
    }

    fn arg(&mut self, arg: &Arg) {
        self.put(&arg.arg);
        if let Some(annotation) = &arg.annotation {
            self.put(": ");
            self.expr(annotation, TEST);
        }
    }

    fn arguments(&mut self, args: &Arguments) {
        let mut first = true;
        let mut comma = |w: &mut Self| {
            if !std::mem::take(&mut first) {
                w.put(", ");
            }
        };
        let positional = args.posonlyargs.len() + args.args.len();
        let no_default = positional - args.defaults.len();
        for (at, arg) in args.posonlyargs.iter().chain(&args.args).enumerate() {
            comma(self);
            self.arg(arg);
            if at >= no_default {
                self.put("=");
                self.expr(&args.defaults[at - no_default], TEST);
            }
            if at + 1 == args.posonlyargs.len() {
                self.put(", /");
            }
        }
        if args.vararg.is_some() || !args.kwonlyargs.is_empty() {
            comma(self);
            self.put("*");
            if let Some(arg) = &args.vararg {
                self.arg(arg);
            }
        }
        for (arg, default) in args.kwonlyargs.iter().zip(&args.kw_defaults) {
            comma(self);
            self.arg(arg);
            if let Some(default) = default {
                self.put("=");
                self.expr(default, TEST);
            }
        }
        if let Some(arg) = &args.kwarg {
            comma(self);
            self.put("**");
            self.arg(arg);
        }
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}

/// What stands between the quotes of an f-string, before `repr` quotes it.
fn fstring_body(expr: &Expr, out: &mut String) {
    match &expr.kind {
        ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => {
            for value in values {
                fstring_body(value, out);
            }
        }
        ExprKind::Constant {
            value: Constant::Str(text),
            ..
        } => {
            let text = String::from_utf8_lossy(text.as_bytes());
            out.push_str(&text.replace('{', "{{").replace('}', "}}"));
        }
        ExprKind::FormattedValue {
            value,
            conversion,
            format_spec,
        } => field(None, value, *conversion, format_spec, out),
        ExprKind::Interpolation {
            value,
            str,
            conversion,
            format_spec,
        } => field(Some(str), value, *conversion, format_spec, out),
        _ => {}
    }
}

fn field(
    source: Option<&PyString>,
    value: &Expr,
    conversion: i32,
    format_spec: &Option<Box<Expr>>,
    out: &mut String,
) {
    let text = match source {
        Some(source) => String::from_utf8_lossy(source.as_bytes()).into_owned(),
        None => {
            let mut writer = Writer { out: String::new() };
            writer.expr(value, TEST.next());
            writer.out
        }
    };
    // `{{` would be a brace.
    out.push_str(if text.starts_with('{') { "{ " } else { "{" });
    out.push_str(&text);
    if let Some(letter) = u32::try_from(conversion).ok().and_then(char::from_u32) {
        out.push('!');
        out.push(letter);
    }
    if let Some(spec) = format_spec {
        out.push(':');
        fstring_body(spec, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, ParseOptions, parse};

    /// What goes in, and what comes out if that is something else.
    #[test]
    fn expressions() {
        let cases = [
            ("a + b * (c + d) ** -e", "a + b * (c + d) ** (-e)"),
            ("(a ** b) ** c", ""),
            ("a ** (b ** c)", "a ** b ** c"),
            ("(-1) ** 2", ""),
            ("not (a and b) or c", ""),
            ("a < b == c not in d", ""),
            ("a if b else c if d else e", ""),
            ("(a if b else c) if d else e", ""),
            ("lambda: 0", ""),
            ("lambda a, b=1, /, *c, d, e=2, **f: (yield)", ""),
            ("lambda *a: 1", "lambda*a: 1"),
            ("{**a, 'b': 1}", ""),
            ("{a, b}", ""),
            ("[x async for x, y in z if a if b]", ""),
            ("f((x for x in y))", "f(x for x in y)"),
            ("f(*a, b=1, **c)", ""),
            ("a, b", "(a, b)"),
            ("a[b, c]", ""),
            ("a[(b,)]", "a[b,]"),
            ("a[1:2, ::3, *b]", ""),
            ("1 .real", ""),
            ("1.5.real", ""),
            ("1e400", "1e309"),
            ("u'a' 'b'", "u'ab'"),
            ("f'a{b!r:>{w}}{{}}'", "f'a{b!r:>{w}}{{}}'"),
            ("f'{ {1: 2}[1] }'", "f'{ {1: 2}[1]}'"),
            ("t'{ a  + b }'", "t'{ a  + b}'"),
            ("(a := b)", ""),
            ("...", ""),
        ];
        let options = ParseOptions {
            mode: Mode::Eval,
            ..ParseOptions::default()
        };
        for (source, expected) in cases {
            let parsed = parse(source, &options).expect(source);
            let Mod::Expression { body } = &parsed.module else {
                panic!("{source}");
            };
            let expected = if expected.is_empty() {
                source
            } else {
                expected
            };
            assert_eq!(unparse_expr(body), expected);
        }
    }
}

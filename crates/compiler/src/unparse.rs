//! Expressions as text, as CPython's compiler writes annotations that are kept as strings.

use dashu_int::UBig;
use taipan_bytecode::Const;
use taipan_syntax::ast::*;
use taipan_syntax::{bytes_repr, float_repr, repr, str_repr};

use crate::deep;

/// How tightly an expression binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Cmp,
    Expr,
    Xor,
    BitAnd,
    Shift,
    Arith,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Level {
    /// The next tighter level.
    fn next(self) -> Level {
        use Level::*;
        match self {
            Tuple => Test,
            Test => Or,
            Or => And,
            And => Not,
            Not => Cmp,
            Cmp => Expr,
            Expr => Xor,
            Xor => BitAnd,
            BitAnd => Shift,
            Shift => Arith,
            Arith => Term,
            Term => Factor,
            Factor => Power,
            Power => Await,
            Await | Atom => Atom,
        }
    }
}

/// The text of an expression.
pub fn unparse(e: &Expr) -> String {
    let mut out = String::new();
    write(&mut out, e, Level::Test);
    out
}

/// Python's `repr()` of a constant of the code.
pub(crate) fn const_repr(c: &Const) -> String {
    match c {
        Const::None => "None".to_owned(),
        Const::Bool(true) => "True".to_owned(),
        Const::Bool(false) => "False".to_owned(),
        Const::Ellipsis => "Ellipsis".to_owned(),
        Const::Int(n) => n.to_string(),
        Const::BigInt(negative, bytes) => {
            let sign = if *negative { "-" } else { "" };
            format!("{sign}{}", UBig::from_le_bytes(bytes))
        }
        Const::Float(x) => float_repr(*x),
        Const::Complex(re, im) => {
            let short = |x: f64| {
                let s = float_repr(x);
                s.strip_suffix(".0").map(str::to_owned).unwrap_or(s)
            };
            if *re == 0.0 && re.is_sign_positive() {
                format!("{}j", short(*im))
            } else {
                let sign = if im.is_sign_negative() { "" } else { "+" };
                format!("({}{sign}{}j)", short(*re), short(*im))
            }
        }
        Const::Str(s) => str_repr(&PyString::from_wtf8(s)),
        Const::Bytes(b) => bytes_repr(b),
        Const::Tuple(items) => {
            let inner: Vec<String> = items.iter().map(const_repr).collect();
            match &inner[..] {
                [one] => format!("({one},)"),
                _ => format!("({})", inner.join(", ")),
            }
        }
        Const::FrozenSet(_) | Const::Slice(_) | Const::Code(_) => "...".to_owned(),
    }
}

fn parens(out: &mut String, wanted: bool, f: impl FnOnce(&mut String)) {
    if wanted {
        out.push('(');
        f(out);
        out.push(')');
    } else {
        f(out);
    }
}

fn list(out: &mut String, items: &[Expr], level: Level) {
    for (i, e) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, e, level);
    }
}

fn operator(op: Operator) -> (&'static str, Level, bool) {
    match op {
        Operator::Add => (" + ", Level::Arith, false),
        Operator::Sub => (" - ", Level::Arith, false),
        Operator::Mult => (" * ", Level::Term, false),
        Operator::MatMult => (" @ ", Level::Term, false),
        Operator::Div => (" / ", Level::Term, false),
        Operator::Mod => (" % ", Level::Term, false),
        Operator::LShift => (" << ", Level::Shift, false),
        Operator::RShift => (" >> ", Level::Shift, false),
        Operator::BitOr => (" | ", Level::Expr, false),
        Operator::BitXor => (" ^ ", Level::Xor, false),
        Operator::BitAnd => (" & ", Level::BitAnd, false),
        Operator::FloorDiv => (" // ", Level::Term, false),
        Operator::Pow => (" ** ", Level::Power, true),
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

fn write(out: &mut String, e: &Expr, level: Level) {
    deep(|| write_inner(out, e, level));
}

fn write_inner(out: &mut String, e: &Expr, level: Level) {
    match &e.kind {
        ExprKind::BoolOp { op, values } => {
            let (word, own) = match op {
                BoolOp::And => (" and ", Level::And),
                BoolOp::Or => (" or ", Level::Or),
            };
            parens(out, level > own, |out| {
                for (i, v) in values.iter().enumerate() {
                    if i > 0 {
                        out.push_str(word);
                    }
                    write(out, v, own.next());
                }
            });
        }
        ExprKind::BinOp { left, op, right } => {
            let (word, own, to_the_right) = operator(*op);
            let (l, r) = if to_the_right {
                (own.next(), own)
            } else {
                (own, own.next())
            };
            parens(out, level > own, |out| {
                write(out, left, l);
                out.push_str(word);
                write(out, right, r);
            });
        }
        ExprKind::UnaryOp { op, operand } => {
            let (word, own) = match op {
                UnaryOp::Invert => ("~", Level::Factor),
                UnaryOp::Not => ("not ", Level::Not),
                UnaryOp::UAdd => ("+", Level::Factor),
                UnaryOp::USub => ("-", Level::Factor),
            };
            parens(out, level > own, |out| {
                out.push_str(word);
                write(out, operand, own);
            });
        }
        ExprKind::Lambda { args, body } => parens(out, level > Level::Test, |out| {
            let params = parameters(args);
            out.push_str("lambda");
            if !params.is_empty() {
                out.push(' ');
            }
            out.push_str(&params);
            out.push_str(": ");
            write(out, body, Level::Test);
        }),
        ExprKind::IfExp { test, body, orelse } => parens(out, level > Level::Test, |out| {
            write(out, body, Level::Test.next());
            out.push_str(" if ");
            write(out, test, Level::Test.next());
            out.push_str(" else ");
            write(out, orelse, Level::Test);
        }),
        ExprKind::Dict { keys, values } => {
            out.push('{');
            for (i, (k, v)) in keys.iter().zip(values).enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                match k {
                    Some(k) => {
                        write(out, k, Level::Test);
                        out.push_str(": ");
                        write(out, v, Level::Test);
                    }
                    None => {
                        out.push_str("**");
                        write(out, v, Level::Expr);
                    }
                }
            }
            out.push('}');
        }
        ExprKind::Set { elts } => {
            out.push('{');
            list(out, elts, Level::Test);
            out.push('}');
        }
        ExprKind::GeneratorExp { elt, generators } => {
            comprehension(out, '(', elt, None, generators, ')');
        }
        ExprKind::ListComp { elt, generators } => {
            comprehension(out, '[', elt, None, generators, ']');
        }
        ExprKind::SetComp { elt, generators } => {
            comprehension(out, '{', elt, None, generators, '}');
        }
        ExprKind::DictComp {
            key,
            value,
            generators,
        } => comprehension(out, '{', key, Some(value), generators, '}'),
        ExprKind::Compare {
            left,
            ops,
            comparators,
        } => parens(out, level > Level::Cmp, |out| {
            write(out, left, Level::Cmp.next());
            for (op, right) in ops.iter().zip(comparators) {
                out.push_str(comparison(*op));
                write(out, right, Level::Cmp.next());
            }
        }),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => call(out, func, args, keywords),
        ExprKind::Constant { value, kind } => {
            if *kind == Some('u') {
                out.push('u');
            }
            constant(out, value);
        }
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => {
            interpolated(out, 'f', e);
        }
        ExprKind::TemplateStr { .. } | ExprKind::Interpolation { .. } => {
            interpolated(out, 't', e);
        }
        ExprKind::Attribute { value, attr, .. } => {
            write(out, value, Level::Atom);
            // `1.real` would be a float.
            let is_int = matches!(
                value.kind,
                ExprKind::Constant {
                    value: Constant::Int(_) | Constant::BigInt(_),
                    ..
                }
            );
            out.push_str(if is_int { " ." } else { "." });
            out.push_str(attr);
        }
        ExprKind::Starred { value, .. } => {
            out.push('*');
            write(out, value, Level::Expr);
        }
        ExprKind::Name { id, .. } => out.push_str(id),
        ExprKind::List { elts, .. } => {
            out.push('[');
            list(out, elts, Level::Test);
            out.push(']');
        }
        ExprKind::Tuple { elts, .. } => {
            if elts.is_empty() {
                out.push_str("()");
                return;
            }
            parens(out, level > Level::Tuple, |out| {
                list(out, elts, Level::Test);
                if elts.len() == 1 {
                    out.push(',');
                }
            });
        }
        ExprKind::Slice { lower, upper, step } => {
            if let Some(e) = lower {
                write(out, e, Level::Test);
            }
            out.push(':');
            if let Some(e) = upper {
                write(out, e, Level::Test);
            }
            if let Some(e) = step {
                out.push(':');
                write(out, e, Level::Test);
            }
        }
        ExprKind::Subscript { value, slice, .. } => {
            write(out, value, Level::Atom);
            out.push('[');
            write(out, slice, Level::Tuple);
            out.push(']');
        }
        ExprKind::NamedExpr { target, value } => parens(out, level > Level::Tuple, |out| {
            write(out, target, Level::Atom);
            out.push_str(" := ");
            write(out, value, Level::Atom);
        }),
        ExprKind::Await { value } => parens(out, level > Level::Await, |out| {
            out.push_str("await ");
            write(out, value, Level::Atom);
        }),
        ExprKind::Yield { value: None } => out.push_str("(yield)"),
        ExprKind::Yield { value: Some(value) } => {
            out.push_str("(yield ");
            write(out, value, Level::Test);
            out.push(')');
        }
        ExprKind::YieldFrom { value } => {
            out.push_str("(yield from ");
            write(out, value, Level::Test);
            out.push(')');
        }
    }
}

fn call(out: &mut String, func: &Expr, args: &[Expr], keywords: &[Keyword]) {
    write(out, func, Level::Atom);
    if let ([only], []) = (args, keywords)
        && matches!(only.kind, ExprKind::GeneratorExp { .. })
    {
        // It brings its own parentheses.
        write(out, only, Level::Test);
        return;
    }
    out.push('(');
    list(out, args, Level::Test);
    for (i, k) in keywords.iter().enumerate() {
        if i > 0 || !args.is_empty() {
            out.push_str(", ");
        }
        match &k.arg {
            Some(name) => {
                out.push_str(name);
                out.push('=');
            }
            None => out.push_str("**"),
        }
        write(out, &k.value, Level::Test);
    }
    out.push(')');
}

fn constant(out: &mut String, value: &Constant) {
    match value {
        Constant::Ellipsis => out.push_str("..."),
        // Infinity has no literal but one that overflows.
        Constant::Float(x) if x.is_infinite() => out.push_str("1e309"),
        Constant::Complex(x) if x.is_infinite() => out.push_str("1e309j"),
        value => out.push_str(&repr(value)),
    }
}

fn comprehension(
    out: &mut String,
    open: char,
    elt: &Expr,
    value: Option<&Expr>,
    generators: &[Comprehension],
    close: char,
) {
    out.push(open);
    write(out, elt, Level::Test);
    if let Some(value) = value {
        out.push_str(": ");
        write(out, value, Level::Test);
    }
    for g in generators {
        out.push_str(if g.is_async { " async for " } else { " for " });
        write(out, &g.target, Level::Tuple);
        out.push_str(" in ");
        write(out, &g.iter, Level::Test.next());
        for test in &g.ifs {
            out.push_str(" if ");
            write(out, test, Level::Test.next());
        }
    }
    out.push(close);
}

fn parameters(a: &Arguments) -> String {
    let mut out = String::new();
    let mut first = true;
    let comma = |out: &mut String, first: &mut bool| {
        if !std::mem::replace(first, false) {
            out.push_str(", ");
        }
    };
    let one = |out: &mut String, a: &Arg| {
        out.push_str(&a.arg);
        if let Some(annotation) = &a.annotation {
            out.push_str(": ");
            write(out, annotation, Level::Test);
        }
    };
    let positional = a.posonlyargs.len() + a.args.len();
    for (i, arg) in a.posonlyargs.iter().chain(&a.args).enumerate() {
        comma(&mut out, &mut first);
        one(&mut out, arg);
        if let Some(d) = (i + a.defaults.len())
            .checked_sub(positional)
            .and_then(|d| a.defaults.get(d))
        {
            out.push('=');
            write(&mut out, d, Level::Test);
        }
        if i + 1 == a.posonlyargs.len() {
            out.push_str(", /");
        }
    }
    if a.vararg.is_some() || !a.kwonlyargs.is_empty() {
        comma(&mut out, &mut first);
        out.push('*');
        if let Some(arg) = &a.vararg {
            one(&mut out, arg);
        }
    }
    for (i, arg) in a.kwonlyargs.iter().enumerate() {
        comma(&mut out, &mut first);
        one(&mut out, arg);
        if let Some(Some(d)) = a.kw_defaults.get(i) {
            out.push('=');
            write(&mut out, d, Level::Test);
        }
    }
    if let Some(arg) = &a.kwarg {
        comma(&mut out, &mut first);
        out.push_str("**");
        one(&mut out, arg);
    }
    out
}

/// An f-string or t-string: its text as a string literal behind the prefix.
fn interpolated(out: &mut String, prefix: char, e: &Expr) {
    let mut body = Vec::new();
    interpolated_body(&mut body, e);
    out.push(prefix);
    out.push_str(&str_repr(&PyString::from_wtf8(&body)));
}

fn interpolated_body(body: &mut Vec<u8>, e: &Expr) {
    match &e.kind {
        ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => {
            for v in values {
                interpolated_body(body, v);
            }
        }
        ExprKind::Constant {
            value: Constant::Str(s),
            ..
        } => {
            for &b in s.as_bytes() {
                if b == b'{' || b == b'}' {
                    body.push(b);
                }
                body.push(b);
            }
        }
        ExprKind::FormattedValue {
            value,
            conversion,
            format_spec,
        } => {
            let mut text = String::new();
            write(&mut text, value, Level::Test.next());
            field(body, text.as_bytes(), *conversion, format_spec.as_deref());
        }
        ExprKind::Interpolation {
            str,
            conversion,
            format_spec,
            ..
        } => field(body, str.as_bytes(), *conversion, format_spec.as_deref()),
        _ => {
            let mut text = String::new();
            write(&mut text, e, Level::Test.next());
            field(body, text.as_bytes(), -1, None);
        }
    }
}

fn field(body: &mut Vec<u8>, text: &[u8], conversion: i32, spec: Option<&Expr>) {
    body.push(b'{');
    if text.first() == Some(&b'{') {
        // `{{` would be a brace.
        body.push(b' ');
    }
    body.extend_from_slice(text);
    if let Some(c) = u8::try_from(conversion).ok().filter(|&c| c > 0) {
        body.push(b'!');
        body.push(c);
    }
    if let Some(spec) = spec {
        body.push(b':');
        interpolated_body(body, spec);
    }
    body.push(b'}');
}

//! Python signatures as text: `(x, /, *, start=0)`.

/// How a parameter may be given; the names are those of the runtime's `ParamKind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    PosOnly,
    Any,
    KwOnly,
    VarPos,
    VarKw,
}

impl Kind {
    /// Whether it takes positions.
    pub fn positional(self) -> bool {
        matches!(self, Self::PosOnly | Self::Any)
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct PyParam {
    pub name: String,
    pub kind: Kind,
    /// The default, as Python text.
    pub default: Option<String>,
}

/// Reads a signature with its parentheses; a return annotation behind it is ignored.
pub fn parse(text: &str) -> Result<Vec<PyParam>, String> {
    let inner = text.trim().strip_prefix('(').ok_or("a signature starts with `(`")?;
    let mut out: Vec<PyParam> = Vec::new();
    let mut star = false;
    for part in split(inner)? {
        let (name, default) = match part.split_once('=') {
            Some((n, d)) => (n.trim(), Some(d.trim().to_owned())),
            None => (part, None),
        };
        let (name, kind) = if let Some(n) = name.strip_prefix("**") {
            (n, Kind::VarKw)
        } else if name == "*" {
            star = true;
            continue;
        } else if let Some(n) = name.strip_prefix('*') {
            star = true;
            (n, Kind::VarPos)
        } else if name == "/" {
            if star || out.is_empty() {
                return Err("`/` is misplaced".into());
            }
            out.iter_mut().for_each(|p| p.kind = Kind::PosOnly);
            continue;
        } else {
            (name, if star { Kind::KwOnly } else { Kind::Any })
        };
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(format!("`{name}` is no parameter name"));
        }
        out.push(PyParam { name: name.to_owned(), kind, default });
    }
    Ok(out)
}

/// The text up to the closing parenthesis, split at the commas that are in no bracket or string.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let (mut depth, mut quote, mut start, mut escaped) = (0, None, 0, false);
    let mut parts = Vec::new();
    for (i, c) in text.char_indices() {
        if let Some(q) = quote {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == q {
                quote = None;
            }
            continue;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                let last = text[start..i].trim();
                if !last.is_empty() {
                    parts.push(last);
                }
                return Ok(parts);
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    Err("the signature's `)` is missing".into())
}

/// The text of a signature behind a first parameter such as `$self`; `first` may be empty.
pub fn text(first: &str, params: &[PyParam]) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !first.is_empty() {
        parts.push(first.to_owned());
    }
    // `$self` can't be given by name, so there is a slash behind it even without parameters.
    let mut slash = !first.is_empty() || params.first().is_some_and(|p| p.kind == Kind::PosOnly);
    let mut star = false;
    for p in params {
        if slash && p.kind != Kind::PosOnly {
            parts.push("/".into());
            slash = false;
        }
        if p.kind == Kind::KwOnly && !star {
            parts.push("*".into());
        }
        star |= matches!(p.kind, Kind::KwOnly | Kind::VarPos);
        let stars = match p.kind {
            Kind::VarPos => "*",
            Kind::VarKw => "**",
            _ => "",
        };
        let default = p.default.as_ref().map(|d| format!("={d}")).unwrap_or_default();
        parts.push(format!("{stars}{}{default}", p.name));
    }
    if slash {
        parts.push("/".into());
    }
    format!("({})", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(s: &str) -> String {
        text("", &parse(s).unwrap())
    }

    #[test]
    fn signatures_survive() {
        for s in [
            "()", "(x, /)", "(x, y)", "(x, /, y=1, *, start=0)", "(*args, sep=', ', end='\\n', **kw)",
            "(a, *, b)", "(a=(1, 2), /, *args)", "(s='\\',)', /)",
        ] {
            assert_eq!(round(s), s);
        }
    }

    #[test]
    fn first_parameter() {
        assert_eq!(text("$self", &[]), "($self, /)");
        assert_eq!(text("$self", &parse("(x, /)").unwrap()), "($self, x, /)");
        assert_eq!(text("$self", &parse("(x=1)").unwrap()), "($self, /, x=1)");
        assert_eq!(text("$module", &parse("(*, x) -> int").unwrap()), "($module, /, *, x)");
    }

    #[test]
    fn nonsense_is_refused() {
        for s in ["x", "(x", "(/)", "(*, /)", "(x:int)", "(,)"] {
            assert!(parse(s).is_err(), "{s}");
        }
    }
}

//! Tokens, numbered as in Python 3.14's `token` module.

macro_rules! token_kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        /// What a token is. Below [`TokenKind::KwFalse`] the numbers are those of
        /// the `token` module; keywords, which are `NAME` there, come behind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum TokenKind { $($(#[$doc])* $name = $number,)* }

        impl TokenKind {
            /// The fixed spelling of an operator or keyword, else the kind's name.
            pub fn text(self) -> &'static str {
                match self { $(TokenKind::$name => $text,)* }
            }

            /// The kind of an operator or keyword by its spelling.
            pub(crate) fn from_text(text: &str) -> Option<TokenKind> {
                match text { $($text => Some(TokenKind::$name),)* _ => None }
            }
        }
    };
}

token_kinds! {
    EndMarker = 0, "ENDMARKER";
    Name = 1, "NAME";
    Number = 2, "NUMBER";
    String = 3, "STRING";
    Newline = 4, "NEWLINE";
    Indent = 5, "INDENT";
    Dedent = 6, "DEDENT";
    LPar = 7, "(";
    RPar = 8, ")";
    LSqb = 9, "[";
    RSqb = 10, "]";
    Colon = 11, ":";
    Comma = 12, ",";
    Semi = 13, ";";
    Plus = 14, "+";
    Minus = 15, "-";
    Star = 16, "*";
    Slash = 17, "/";
    VBar = 18, "|";
    Amper = 19, "&";
    Less = 20, "<";
    Greater = 21, ">";
    Equal = 22, "=";
    Dot = 23, ".";
    Percent = 24, "%";
    LBrace = 25, "{";
    RBrace = 26, "}";
    EqEqual = 27, "==";
    NotEqual = 28, "!=";
    LessEqual = 29, "<=";
    GreaterEqual = 30, ">=";
    Tilde = 31, "~";
    Circumflex = 32, "^";
    LeftShift = 33, "<<";
    RightShift = 34, ">>";
    DoubleStar = 35, "**";
    PlusEqual = 36, "+=";
    MinEqual = 37, "-=";
    StarEqual = 38, "*=";
    SlashEqual = 39, "/=";
    PercentEqual = 40, "%=";
    AmperEqual = 41, "&=";
    VBarEqual = 42, "|=";
    CircumflexEqual = 43, "^=";
    LeftShiftEqual = 44, "<<=";
    RightShiftEqual = 45, ">>=";
    DoubleStarEqual = 46, "**=";
    DoubleSlash = 47, "//";
    DoubleSlashEqual = 48, "//=";
    At = 49, "@";
    AtEqual = 50, "@=";
    RArrow = 51, "->";
    Ellipsis = 52, "...";
    ColonEqual = 53, ":=";
    Exclamation = 54, "!";
    /// A character that is no token of Python: `$`, `?`, a backquote.
    Op = 55, "OP";
    TypeIgnore = 56, "TYPE_IGNORE";
    TypeComment = 57, "TYPE_COMMENT";
    SoftKeyword = 58, "SOFT_KEYWORD";
    FStringStart = 59, "FSTRING_START";
    FStringMiddle = 60, "FSTRING_MIDDLE";
    FStringEnd = 61, "FSTRING_END";
    TStringStart = 62, "TSTRING_START";
    TStringMiddle = 63, "TSTRING_MIDDLE";
    TStringEnd = 64, "TSTRING_END";
    /// Only among the extra tokens, as is `Nl`.
    Comment = 65, "COMMENT";
    Nl = 66, "NL";
    ErrorToken = 67, "ERRORTOKEN";
    Encoding = 68, "ENCODING";
    KwFalse = 100, "False";
    KwNone = 101, "None";
    KwTrue = 102, "True";
    KwAnd = 103, "and";
    KwAs = 104, "as";
    KwAssert = 105, "assert";
    KwAsync = 106, "async";
    KwAwait = 107, "await";
    KwBreak = 108, "break";
    KwClass = 109, "class";
    KwContinue = 110, "continue";
    KwDef = 111, "def";
    KwDel = 112, "del";
    KwElif = 113, "elif";
    KwElse = 114, "else";
    KwExcept = 115, "except";
    KwFinally = 116, "finally";
    KwFor = 117, "for";
    KwFrom = 118, "from";
    KwGlobal = 119, "global";
    KwIf = 120, "if";
    KwImport = 121, "import";
    KwIn = 122, "in";
    KwIs = 123, "is";
    KwLambda = 124, "lambda";
    KwNonlocal = 125, "nonlocal";
    KwNot = 126, "not";
    KwOr = 127, "or";
    KwPass = 128, "pass";
    KwRaise = 129, "raise";
    KwReturn = 130, "return";
    KwTry = 131, "try";
    KwWhile = 132, "while";
    KwWith = 133, "with";
    KwYield = 134, "yield";
}

impl TokenKind {
    /// The number of this kind in Python's `token` module.
    pub fn number(self) -> u8 {
        if self.is_keyword() {
            TokenKind::Name as u8
        } else {
            self as u8
        }
    }

    /// Whether this is a reserved word.
    pub fn is_keyword(self) -> bool {
        self as u8 >= TokenKind::KwFalse as u8
    }

    /// The keyword spelt `text`, if it is one.
    pub(crate) fn keyword(text: &[u8]) -> Option<TokenKind> {
        if text.len() < 2 || text.len() > 8 {
            return None;
        }
        use TokenKind::*;
        Some(match text {
            b"False" => KwFalse,
            b"None" => KwNone,
            b"True" => KwTrue,
            b"and" => KwAnd,
            b"as" => KwAs,
            b"assert" => KwAssert,
            b"async" => KwAsync,
            b"await" => KwAwait,
            b"break" => KwBreak,
            b"class" => KwClass,
            b"continue" => KwContinue,
            b"def" => KwDef,
            b"del" => KwDel,
            b"elif" => KwElif,
            b"else" => KwElse,
            b"except" => KwExcept,
            b"finally" => KwFinally,
            b"for" => KwFor,
            b"from" => KwFrom,
            b"global" => KwGlobal,
            b"if" => KwIf,
            b"import" => KwImport,
            b"in" => KwIn,
            b"is" => KwIs,
            b"lambda" => KwLambda,
            b"nonlocal" => KwNonlocal,
            b"not" => KwNot,
            b"or" => KwOr,
            b"pass" => KwPass,
            b"raise" => KwRaise,
            b"return" => KwReturn,
            b"try" => KwTry,
            b"while" => KwWhile,
            b"with" => KwWith,
            b"yield" => KwYield,
            _ => return None,
        })
    }
}

/// The column of tokens that CPython leaves without one (`INDENT`, `DEDENT`
/// and `ENDMARKER` while parsing).
pub const NO_COLUMN: u32 = u32::MAX;

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// How many brackets are open behind it.
    pub level: u16,
    /// Byte offset of its text in the source.
    pub start: u32,
    /// Byte offset behind its text.
    pub end: u32,
    /// Line of its start, from 1.
    pub line: u32,
    /// Byte column of its start, or [`NO_COLUMN`].
    pub col: u32,
    /// Line of its end.
    pub end_line: u32,
    /// Byte column of its end. For a token without column: how far the
    /// tokenizer had come in the line.
    pub end_col: u32,
}

//! Errors and warnings: CPython's words at CPython's places.

use taipan_compiler::{Options, compile_module};
use taipan_syntax::{ParseOptions, parse_module};

/// Source, message, and first line, first column, last line, column behind the last; columns from 1.
const ERRORS: &[(&str, &str, [u32; 4])] = &[
    ("return 1", "'return' outside function", [1, 1, 1, 9]),
    (
        "class A:\n  yield 1",
        "'yield' outside function",
        [2, 3, 2, 10],
    ),
    (
        "yield from x",
        "'yield from' outside function",
        [1, 1, 1, 13],
    ),
    (
        "def f():\n  await x",
        "'await' outside async function",
        [2, 3, 2, 10],
    ),
    ("await x", "'await' outside function", [1, 1, 1, 8]),
    ("break", "'break' outside loop", [1, 1, 1, 6]),
    ("continue", "'continue' not properly in loop", [1, 1, 1, 9]),
    (
        "def f(x, x): pass",
        "duplicate argument 'x' in function definition",
        [1, 10, 1, 11],
    ),
    (
        "def f(x):\n  global x",
        "name 'x' is parameter and global",
        [2, 3, 2, 11],
    ),
    (
        "def f():\n  x = 1\n  global x",
        "name 'x' is assigned to before global declaration",
        [3, 3, 3, 11],
    ),
    (
        "def f():\n  print(x)\n  global x",
        "name 'x' is used prior to global declaration",
        [3, 3, 3, 11],
    ),
    (
        "def f():\n  nonlocal x",
        "no binding for nonlocal 'x' found",
        [2, 3, 2, 13],
    ),
    (
        "nonlocal x",
        "nonlocal declaration not allowed at module level",
        [1, 1, 1, 11],
    ),
    (
        "def f():\n  global x\n  nonlocal x",
        "name 'x' is nonlocal and global",
        [2, 3, 2, 11],
    ),
    (
        "a, *b, *c = x",
        "multiple starred expressions in assignment",
        [1, 1, 1, 10],
    ),
    (
        "*a = x",
        "starred assignment target must be in a list or tuple",
        [1, 1, 1, 3],
    ),
    (
        "x = 1\nfrom __future__ import division",
        "from __future__ imports must occur at the beginning of the file",
        [2, 1, 2, 32],
    ),
    (
        "from __future__ import nope",
        "future feature nope is not defined",
        [1, 24, 1, 28],
    ),
    (
        "[i for i in (j := z)]",
        "assignment expression cannot be used in a comprehension iterable expression",
        [1, 14, 1, 20],
    ),
    (
        "[x := 1 for x in y]",
        "assignment expression cannot rebind comprehension iteration variable 'x'",
        [1, 2, 1, 3],
    ),
    (
        "class A:\n  [(y := 1) for x in z]",
        "assignment expression within a comprehension cannot be used in a class body",
        [2, 5, 2, 6],
    ),
    ("f(a=1, a=2)", "keyword argument repeated: a", [1, 8, 1, 11]),
    (
        "try:\n  pass\nexcept:\n  pass\nexcept E:\n  pass",
        "default 'except:' must be last",
        [3, 1, 4, 7],
    ),
    (
        "def f():\n  [(yield) for x in y]",
        "'yield' inside list comprehension",
        [2, 5, 2, 10],
    ),
    (
        "async def f():\n  yield 1\n  return 2",
        "'return' with value in async generator",
        [3, 3, 3, 11],
    ),
    (
        "def f():\n  async with x: pass",
        "'async with' outside async function",
        [2, 3, 2, 21],
    ),
    (
        "def f():\n  [x async for x in y]",
        "asynchronous comprehension outside of an asynchronous function",
        [2, 3, 2, 23],
    ),
    (
        "match x:\n  case a:\n    pass\n  case b:\n    pass",
        "name capture 'a' makes remaining patterns unreachable",
        [2, 8, 2, 9],
    ),
    (
        "match x:\n  case [a, a]:\n    pass",
        "multiple assignments to name 'a' in pattern",
        [2, 12, 2, 13],
    ),
    (
        "match x:\n  case [a] | [b]:\n    pass",
        "alternative patterns bind different names",
        [2, 8, 2, 17],
    ),
    (
        "match x:\n  case {'a': 1, 'a': 2}:\n    pass",
        "mapping pattern checks duplicate key ('a')",
        [2, 8, 2, 24],
    ),
    (
        "def f[T, T](): pass",
        "duplicate type parameter 'T'",
        [1, 10, 1, 11],
    ),
    (
        "type X = (yield)",
        "yield expression cannot be used within a type alias",
        [1, 11, 1, 16],
    ),
    (
        "x: (y := 1)",
        "named expression cannot be used within an annotation",
        [1, 5, 1, 11],
    ),
    (
        "def f():\n  from x import *",
        "import * only allowed at module level",
        [2, 17, 2, 18],
    ),
    (
        "for x in y:\n  try: pass\n  except* E: break",
        "'break', 'continue' and 'return' cannot appear in an except* block",
        [3, 14, 3, 19],
    ),
];

const WARNINGS: &[(&str, &str)] = &[
    ("x is 1", "\"is\" with 'int' literal. Did you mean \"==\"?"),
    (
        "x is not 'a'",
        "\"is not\" with 'str' literal. Did you mean \"!=\"?",
    ),
    (
        "(1, 2)(3)",
        "'tuple' object is not callable; perhaps you missed a comma?",
    ),
    (
        "assert (x, 'y')",
        "assertion is always true, perhaps remove parentheses?",
    ),
    (
        "[1, 2]['a']",
        "list indices must be integers or slices, not str; perhaps you missed a comma?",
    ),
    (
        "1[2]",
        "'int' object is not subscriptable; perhaps you missed a comma?",
    ),
    (
        "def f():\n  try: pass\n  finally: return 1",
        "'return' in a 'finally' block",
    ),
    (
        "for x in y:\n  try: pass\n  finally: break",
        "'break' in a 'finally' block",
    ),
];

#[test]
fn errors() {
    let mut wrong = Vec::new();
    for (source, msg, place) in ERRORS {
        let tree = match parse_module(source, &ParseOptions::default()) {
            Ok(tree) => tree,
            Err(e) => {
                wrong.push(format!("{source:?}: does not parse: {}", e.msg));
                continue;
            }
        };
        match compile_module(&tree.module, &Options::default()) {
            Ok(_) => wrong.push(format!("{source:?}: no error")),
            Err(e) => {
                let s = e.span;
                let at = [s.line, s.col + 1, s.end_line, s.end_col + 1];
                if e.msg != *msg || at != *place {
                    wrong.push(format!("{source:?}: {} at {at:?}", e.msg));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn top_level_await() {
    let source =
        "await x\nasync for a in b:\n  async with c as d: [e async for e in f if await g]\n";
    let tree = parse_module(source, &ParseOptions::default()).unwrap();
    let mut options = Options::default();
    assert!(compile_module(&tree.module, &options).is_err());
    options.future.top_level_await = true;
    let (code, _) = compile_module(&tree.module, &options).unwrap();
    taipan_compiler::check::check_all(&code).unwrap();
    assert_ne!(code.flags & taipan_bytecode::CodeFlags::COROUTINE, 0);
}

#[test]
fn warnings() {
    for (source, msg) in WARNINGS {
        let tree = parse_module(source, &ParseOptions::default()).unwrap();
        let (_, warnings) = compile_module(&tree.module, &Options::default()).unwrap();
        let texts: Vec<&str> = warnings.iter().map(|w| &*w.msg).collect();
        assert_eq!(texts, [*msg], "{source}");
    }
}

//! Sizes that no everyday program has.

use std::fmt::Write;

use taipan_bytecode::{Code, Const, Instr, Op};
use taipan_compiler::{CompileError, Options, check, compile_module};
use taipan_syntax::{ParseOptions, parse_module};

fn try_compile(source: &str) -> Result<Code, CompileError> {
    let tree = parse_module(source, &ParseOptions::default()).expect("parses");
    let (code, _) = compile_module(&tree.module, &Options::default())?;
    check::check_all(&code).unwrap_or_else(|e| panic!("{e}"));
    Ok(code)
}

fn compile(source: &str) -> Code {
    try_compile(source).unwrap_or_else(|e| panic!("{e}"))
}

fn inner(code: &Code) -> &Code {
    code.consts
        .iter()
        .find_map(|c| match c {
            Const::Code(c) => Some(&**c),
            _ => None,
        })
        .expect("a function")
}

#[test]
fn jumps_that_do_not_reach() {
    let mut source = String::from("def f(a, b):\n  while a < b:\n    if a > 5:\n");
    for i in 0..20_000 {
        let _ = writeln!(source, "      g({i}, a)");
    }
    source.push_str("  return a\n");
    let code = compile(&source);
    let f = inner(&code);
    let far = f
        .instrs
        .iter()
        .filter(|w| Instr(**w).op() == Some(Op::JumpBack))
        .count();
    assert!(f.instrs.len() > 0x8000 && far > 0);
}

#[test]
fn long_displays_and_calls() {
    let items: Vec<String> = (0..5000).map(|i| format!("x{i}")).collect();
    let items = items.join(", ");
    let code = compile(&format!(
        "def f():\n  a = [{items}]\n  b = ({items})\n  c = {{{items}}}\n  return g({items})\n"
    ));
    assert!(inner(&code).nregs < 300);
    let pairs: Vec<String> = (0..3000).map(|i| format!("{i}: x{i}")).collect();
    let code = compile(&format!("def f():\n  return {{{}}}\n", pairs.join(", ")));
    assert!(inner(&code).nregs < 100);
    let fields: Vec<String> = (0..3000).map(|i| format!("{{x{i}}}-")).collect();
    compile(&format!("def f():\n  return f'{}'\n", fields.concat()));
}

#[test]
fn long_chains() {
    let sum = vec!["a"; 2000].join(" + ");
    compile(&format!("def f(a):\n  return {sum}\n"));
    let ands = vec!["a"; 5000].join(" and ");
    compile(&format!("def f(a):\n  if {ands}: return {ands}\n"));
    let compares = vec!["a()"; 500].join(" < ");
    compile(&format!("def f(a):\n  if {compares}: return {compares}\n"));
    let strings = vec!["'x' + y"; 1000].join(" + ");
    compile(&format!("def f(y):\n  return {strings}\n"));
    let mut elifs = String::from("def f(a):\n  if a == 0: pass\n");
    for i in 1..3000 {
        let _ = writeln!(elifs, "  elif a == {i}: return {i}");
    }
    compile(&elifs);
}

#[test]
fn many_locals() {
    let mut source = String::from("def f():\n");
    for i in 0..2000 {
        let _ = writeln!(source, "  v{i} = {i}");
    }
    source.push_str("  return locals()\n");
    assert!(inner(&compile(&source)).nregs >= 2000);
    let mut source = String::from("def f():\n");
    for i in 0..70_000 {
        let _ = writeln!(source, "  v{i} = 0");
    }
    assert!(try_compile(&source).is_err());
    let targets: Vec<String> = (0..40_000).map(|i| format!("a.x{i}")).collect();
    assert!(try_compile(&format!("{} = x\n", targets.join(", "))).is_err());
}

#[test]
fn many_parameters_and_type_parameters() {
    let params: Vec<String> = (0..500).map(|i| format!("p{i}: int = {i}, ")).collect();
    compile(&format!(
        "def f({}*, {}): pass\n",
        params.concat(),
        params.concat().replace('p', "q")
    ));
    let types: Vec<String> = (0..300).map(|i| format!("T{i}")).collect();
    compile(&format!("def f[{}](): pass\n", types.join(", ")));
    let keywords: Vec<String> = (0..400).map(|i| format!("k{i}={i}")).collect();
    compile(&format!(
        "f({0})\nclass C(m, {0}): pass\n",
        keywords.join(", ")
    ));
}

#[test]
fn nested_functions() {
    let mut source = String::new();
    for i in 0..90 {
        let _ = writeln!(source, "{}def f{i}(a{i}):", " ".repeat(i));
    }
    let _ = writeln!(source, "{}return a0, a50", " ".repeat(90));
    compile(&source);
}

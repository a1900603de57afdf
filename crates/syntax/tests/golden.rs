//! Trees and errors, compared with CPython's own (recorded in the `.tsv` files).

#[path = "../examples/dump_ast/dump.rs"]
mod dump;

use taipan_syntax::{ParseOptions, parse_module};

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                other => other.unwrap_or('\\'),
            },
            c => c,
        });
    }
    out
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .skip_while(|line| line.starts_with('#') && !line.contains('\t'))
        .map(|line| line.split('\t').collect())
}

#[test]
fn trees() {
    let mut count = 0;
    for row in rows(include_str!("trees.tsv")) {
        let source = unescape(row[0]);
        let parsed = parse_module(&source, &ParseOptions::default());
        let dump = parsed.map(|parsed| escape(&dump::dump(&parsed.module)));
        assert_eq!(dump.as_deref(), Ok(row[1]), "{source}");
        count += 1;
    }
    assert!(count > 100);
}

#[test]
fn errors() {
    let mut count = 0;
    for row in rows(include_str!("errors.tsv")) {
        let source = unescape(row[0]);
        let error = match parse_module(&source, &ParseOptions::default()) {
            Ok(_) => panic!("accepted: {source}"),
            Err(error) => error,
        };
        let found = [
            format!("{:?}", error.kind),
            escape(&error.msg),
            format!(
                "{},{},{},{}",
                error.line, error.col, error.end_line, error.end_col
            ),
            error.text.map_or("-".to_owned(), |text| escape(&text)),
        ];
        assert_eq!(found[..], row[1..], "{source}");
        count += 1;
    }
    assert!(count > 350);
}

//! Compiles the Python standard library into one image: code ready to decode, source compressed.
//!
//! Layout, all numbers little-endian u32: count, then per module, sorted by name:
//! name offset, name length, flags (1: package, 2: a file that is no module), code offset, code length, source offset, source length,
//! length of the source before compression. Offsets count from the start of the image. Then the names, then
//! all code, then all sources: a program touches only the pages of what it imports.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{env, fs};

struct Entry {
    name: String,
    package: bool,
    data: bool,
    code: Vec<u8>,
    source: Vec<u8>,
    raw: usize,
}

fn main() {
    let lib = PathBuf::from(rustpython_pylib::LIB_PATH);
    let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("lib");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=lib");
    let mut files = Vec::new();
    walk(&lib, "", &mut files);
    walk(&own, "", &mut files);
    files.sort();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let chunks: Vec<Vec<(String, bool, PathBuf)>> = (0..threads).map(|i| files.iter().skip(i).step_by(threads).cloned().collect()).collect();
    let mut entries: Vec<Entry> = std::thread::scope(|s| {
        let jobs: Vec<_> = chunks.into_iter().map(|c| s.spawn(move || c.into_iter().filter_map(freeze).collect::<Vec<_>>())).collect();
        jobs.into_iter().flat_map(|j| j.join().expect("freezing a module does not panic")).collect()
    });
    for top in DATA {
        data_files(&lib.join(top), top, &mut entries);
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries.dedup_by(|a, b| a.name == b.name);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("lib.image");
    fs::write(out, image(&entries)).expect("the image can be written");
}

/// Collects (module name, is a package, path) below a folder.
fn walk(dir: &Path, prefix: &str, out: &mut Vec<(String, bool, PathBuf)>) {
    let Ok(list) = fs::read_dir(dir) else { return };
    for e in list.flatten() {
        let path = e.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).map(str::to_owned) else { continue };
        if path.is_dir() {
            if matches!(name.as_str(), "__pycache__" | "test" | "tests" | "idlelib" | "turtledemo" | "tkinter") {
                continue;
            }
            if path.join("__init__.py").exists() {
                walk(&path, &format!("{prefix}{name}."), out);
            }
        } else if let Some(stem) = name.strip_suffix(".py") {
            if stem == "__init__" {
                out.push((prefix.trim_end_matches('.').to_owned(), true, path));
            } else {
                out.push((format!("{prefix}{stem}"), false, path));
            }
        }
    }
}

/// Files of the library that are no modules, but that its modules read.
const DATA: &[&str] = &["ensurepip/_bundled", "pydoc_data/_pydoc.css", "venv/scripts"];

/// Adds a file, or all files below a folder, under their paths in the library.
fn data_files(path: &Path, name: &str, out: &mut Vec<Entry>) {
    if let Ok(list) = fs::read_dir(path) {
        for e in list.flatten() {
            if let Some(child) = e.file_name().to_str() {
                data_files(&e.path(), &format!("{name}/{child}"), out);
            }
        }
        return;
    }
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{name}: {e}"));
    out.push(Entry { name: name.to_owned(), package: false, data: true, code: Vec::new(), source: compressed(&bytes), raw: bytes.len() });
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    z.write_all(bytes).expect("memory takes all");
    z.finish().expect("memory takes all")
}

/// What the library's publisher has changed for an interpreter of its own, changed back: the folders where packages
/// are installed are CPython's. And what the library takes from its folder in the file system, it takes from the image.
const CORRECTIONS: &[(&str, &str, &str)] = &[
    ("site", "return 'RustPython' # XXX: RUSTPYTHON; for site-packages", "return 'Python'"),
    ("site", "    # XXX: RUSTPYTHON\n    return f'{userbase}/lib/rustpython{", "    return f'{userbase}/lib/python{"),
    ("venv", "self.install_scripts(context, path)\n", "from _taipan_resources import copied\n        with copied('venv/scripts') as path:\n            self.install_scripts(context, str(path))\n"),
    (
        "ensurepip",
        "return resources.as_file(\n        resources.files('ensurepip')\n        / '_bundled'\n        / f'pip-{_PIP_VERSION}-py3-none-any.whl'\n    )",
        "from _taipan_resources import copied\n    return copied(f'ensurepip/_bundled/pip-{_PIP_VERSION}-py3-none-any.whl')",
    ),
    (
        "linecache",
        "            lazy_entry = _make_lazycache_entry(filename, module_globals)\n",
        "            lazy_entry = _make_lazycache_entry(filename, module_globals)\n        if lazy_entry is None:\n            from _taipan_library import lazy_source\n            lazy_entry = lazy_source(filename)\n",
    ),
    ("sysconfig", "return 'RustPython'  # XXX: RUSTPYTHON; For site-packages", "return 'Python'"),
];

fn corrected(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut bytes = bytes;
    for (_, from, to) in CORRECTIONS.iter().filter(|(module, ..)| *module == name) {
        let text = String::from_utf8(bytes).expect("the library is UTF-8");
        assert!(text.contains(from), "{name}: the library is another one than the corrections are for");
        bytes = text.replace(from, to).into_bytes();
    }
    bytes
}

fn freeze((name, package, path): (String, bool, PathBuf)) -> Option<Entry> {
    let bytes = corrected(&name, fs::read(&path).ok()?);
    let text = match taipan_syntax::decode_source(&bytes) {
        Ok(d) => d.text,
        Err(e) => {
            println!("cargo:warning={name}: {e:?}");
            return None;
        }
    };
    let parsed = match taipan_syntax::parse_module(&text, &taipan_syntax::ParseOptions::default()) {
        Ok(p) => p,
        Err(e) => {
            println!("cargo:warning={name}:{}: {}", e.line, e.msg);
            return None;
        }
    };
    let options = taipan_compiler::Options { filename: Rc::from(""), ..Default::default() };
    let code = match taipan_compiler::compile_module(&parsed.module, &options) {
        Ok((code, _)) => code,
        Err(e) => {
            println!("cargo:warning={name}: {e}");
            return None;
        }
    };
    let encoded = taipan_bytecode::packed::pack_module(&code);
    check(&encoded, &code);
    Some(Entry { name, package, data: false, code: encoded, source: compressed(&bytes), raw: bytes.len() })
}

/// The packed form says the same as the code.
fn check(packed: &[u8], code: &taipan_bytecode::Code) {
    let module = taipan_bytecode::packed::PackedModule::new(packed);
    let back = module.root().and_then(|head| module.unpack(head)).expect("what was packed can be read");
    assert!(back == *code, "packing changes {}", code.qualname);
}

/// What every program loads: their code stands together, so that few pages of the image are touched.
const FIRST: &[&str] = &[
    "importlib._bootstrap", "importlib._bootstrap_external", "_taipan_library", "encodings", "codecs", "encodings.aliases",
    "encodings.utf_8", "io", "abc", "site", "os", "stat", "_collections_abc", "posixpath", "genericpath", "_sitebuiltins",
    "collections", "keyword", "operator", "reprlib", "functools", "types", "enum", "re", "re._parser", "re._constants",
    "re._casefix", "re._compiler", "copyreg", "contextlib", "warnings", "_py_warnings", "typing", "json", "json.decoder",
    "json.scanner", "json.encoder", "dataclasses", "copy", "weakref", "_weakrefset", "traceback", "linecache",
];

fn image(entries: &[Entry]) -> Vec<u8> {
    let first = |e: &&Entry| FIRST.iter().position(|n| *n == e.name).unwrap_or(FIRST.len());
    let mut by_code: Vec<&Entry> = entries.iter().collect();
    by_code.sort_by_key(first);
    let mut body = Vec::new();
    let start = 4 + entries.len() * 32;
    let mut names = std::collections::HashMap::new();
    for e in entries {
        names.insert(&e.name, start + body.len());
        body.extend_from_slice(e.name.as_bytes());
    }
    let mut codes = std::collections::HashMap::new();
    for e in by_code {
        codes.insert(&e.name, start + body.len());
        body.extend_from_slice(&e.code);
    }
    let mut head = Vec::new();
    let mut put = |n: usize| head.extend(u32::try_from(n).expect("the image is below 4 GiB").to_le_bytes());
    put(entries.len());
    for e in entries {
        let source = start + body.len();
        body.extend_from_slice(&e.source);
        for n in [names[&e.name], e.name.len(), usize::from(e.package) | usize::from(e.data) << 1, codes[&e.name], e.code.len(), source, e.source.len(), e.raw] {
            put(n);
        }
    }
    head.extend(body);
    head
}

//! Plain attributes.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{frozenset, str, tuple};
use taipan_runtime::vm::Vm;

/// Where the frozen library seems to be: below the binary, which no file system shows.
pub const STDLIB_DIR: &str = "lib/python3.14";

/// `sys.version`
pub fn version_text() -> String {
    format!("{} (taipan {}) [Rust]", taipan_runtime::VERSION, env!("CARGO_PKG_VERSION"))
}

fn strings(items: &[String]) -> Value {
    list::from_vec(items.iter().map(|s| str::from_str(s)).collect()).into_value()
}

fn from_system(items: &[Vec<u8>]) -> Value {
    list::from_vec(items.iter().map(|s| crate::posix::fs_decode(s)).collect()).into_value()
}

pub(super) fn add(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let c = &vm.interp().config;
    m.set("version", str::from_str(&version_text()));
    m.set("copyright", str::from_str("Taipan: MIT or Apache-2.0.\nThe Python library inside: Copyright (c) Python Software Foundation; PSF licence."));
    m.set("hexversion", 0x030e_00f0);
    m.set("api_version", 1013);
    m.set("_git", tuple::from_array([str::from_str("Taipan"), str::from_str(""), str::from_str("")]));
    m.set("_framework", str::from_str(""));
    m.set("byteorder", str::from_str(if cfg!(target_endian = "little") { "little" } else { "big" }));
    m.set("maxsize", isize::MAX);
    m.set("maxunicode", 0x10_ffff);
    m.set("platform", str::from_str("linux"));
    m.set("platlibdir", str::from_str("lib"));
    m.set("abiflags", str::from_str(""));
    m.set("float_repr_style", str::from_str("short"));
    m.set("executable", str::from_str(&c.executable));
    m.set("orig_argv", from_system(&c.orig_argv));
    m.set("argv", from_system(&c.argv));
    m.set("warnoptions", strings(&c.warn_options));
    m.set("dont_write_bytecode", !c.write_bytecode);
    m.set("pycache_prefix", c.pycache_prefix.as_deref().map_or(Value::NONE, str::from_str));
    m.set("stderr", Ref::new(super::printer::StdPrinter));
    let places = super::getpath::places(c);
    m.set("_base_executable", str::from_str(&places.base_executable));
    m.set("prefix", str::from_str(&places.prefix));
    m.set("exec_prefix", str::from_str(&places.exec_prefix));
    m.set("base_prefix", str::from_str(&places.base_prefix));
    m.set("base_exec_prefix", str::from_str(&places.base_exec_prefix));
    let stdlib = format!("{}/{STDLIB_DIR}", places.base_prefix);
    m.set("_stdlib_dir", str::from_str(&stdlib));
    let mut path = c.module_search_paths.clone();
    path.push(stdlib);
    m.set("path", strings(&path));
    m.set("path_hooks", list::from_vec(Vec::new()));
    m.set("meta_path", list::from_vec(Vec::new()));
    m.set("path_importer_cache", Ref::new(Dict::new()));
    let mut names: Vec<&str> = c.native_modules.iter().map(|d| d.name).collect();
    names.sort_unstable();
    m.set("builtin_module_names", tuple::from_vec(names.iter().map(|n| str::from_str(n)).collect()));
    let mut all: Vec<String> = c.frozen_names.map(|f| f()).unwrap_or_default();
    all.retain(|n| !n.contains('.'));
    all.extend(names.iter().map(|n| (*n).to_owned()));
    m.set("stdlib_module_names", frozenset::from_vec(vm, all.iter().map(|n| str::from_str(n)).collect())?);
    let x = Ref::new(Dict::new());
    for (k, v) in &c.x_options {
        x.set_str(k, v.as_deref().map_or(Value::TRUE, str::from_str));
    }
    m.set("_xoptions", x);
    Ok(())
}

//! The beginning and the end of a program: standard streams, running files, leaving.

use taipan_runtime::compile::{self, Request};
use taipan_runtime::core::{Payload, R, Ref, Value};
use taipan_runtime::interp;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::weakref;
use taipan_runtime::vm::{Vm, names, read_file};
use taipan_syntax::Mode;

use crate::import;

/// Prepares a started interpreter for programs: standard streams, codecs, warnings.
///
/// Raises what the library raises while it is imported.
pub fn init(vm: &Vm) -> R<()> {
    crate::signal::install(vm)?;
    crate::faulthandler::enable_if_asked(vm);
    crate::tracemalloc::start_if_asked(vm)?;
    prepare(vm)?;
    crate::memory::apply(vm)
}

/// The part of [`init`] that has nothing to do with the process: for interpreters beside the main one.
///
/// Raises what the library raises while it is imported.
pub fn prepare(vm: &Vm) -> R<()> {
    import::import_module(vm, "encodings")?;
    crate::io::std::init_std_streams(vm)?;
    if !vm.interp().config.warn_options.is_empty() {
        import::import_module(vm, "warnings")?;
    }
    Ok(())
}

/// The text of `-c` without common leading white space (3.14).
pub fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let margin = lines
        .iter()
        .filter(|l| !l.trim().is_empty())
        .map(|l| &l[..l.len() - l.trim_start_matches([' ', '\t']).len()])
        .reduce(|a, b| {
            let n = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
            &a[..n]
        })
        .unwrap_or("");
    if margin.is_empty() {
        return text.to_owned();
    }
    lines.iter().map(|l| l.strip_prefix(margin).unwrap_or_else(|| l.trim_start_matches([' ', '\t']))).collect::<Vec<_>>().join("\n")
}

/// What [`remember_source`] keeps: the code of the program and its text.
pub const PROGRAM: &str = "program";

/// Lets tracebacks show lines of a program that is in no file.
///
/// Few programs ever want them, so that the text waits here: linecache gets it when it is loaded.
pub fn remember_source(vm: &Vm, code: &Value, text: &str) -> R<()> {
    if let Some(linecache) = vm.interp().modules().get_str("linecache") {
        vm.call_method(&linecache, "_register_code", &[code.clone(), str::from_str(text), str::from_str("<string>")])?;
    }
    let pair = tuple::from_array([code.clone(), str::from_str(text)]);
    vm.interp().statics.borrow_mut().insert(PROGRAM, pair.into_value());
    Ok(())
}

/// Where the program is: other interpreters look for modules there, too.
#[derive(Default)]
struct Path0(std::sync::Mutex<Option<String>>);

fn path0(vm: &Vm) -> std::sync::Arc<Path0> {
    vm.interp().world.shared("sys.path[0]")
}

fn insert_into_path(vm: &Vm, entry: &str) {
    if let Some(path) = vm.interp().sys().get_str("path")
        && let Some(l) = path.downcast::<List>()
    {
        l.items().borrow_mut().insert(0, str::from_str(entry));
    }
}

/// Puts the place of the program before all others in `sys.path`.
pub fn insert_path0(vm: &Vm, entry: &str) {
    insert_into_path(vm, entry);
    *path0(vm).0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(entry.to_owned());
}

/// As [`insert_path0`] has done in the main interpreter.
pub fn apply_path0(vm: &Vm) {
    let entry = path0(vm).0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    if let Some(entry) = entry {
        insert_into_path(vm, &entry);
    }
}

/// Runs a file, or the `__main__` of a folder or zip archive.
pub fn run_path(vm: &Vm, main: &Ref<Module>, path: &str, skip_first_line: bool) -> R<()> {
    let is_dir = std::ffi::CString::new(path).ok().and_then(|p| taipan_host::fs::stat(taipan_host::AT_CURRENT, &p, true).ok()).is_some_and(|s| s.mode & 0o170_000 == 0o040_000);
    let bytes = if is_dir { Ok(Vec::new()) } else { read_file(path) };
    let zip = matches!(&bytes, Ok(b) if b.starts_with(b"PK\x03\x04")) && !path.ends_with(".py");
    if is_dir || zip {
        insert_path0(vm, path);
        let runpy = import::import_module(vm, "runpy")?;
        vm.call_method(&runpy, "_run_module_as_main", &[str::from_str("__main__"), Value::FALSE])?;
        return Ok(());
    }
    let mut bytes = match bytes.or_else(|errno| library_file(vm, &absolute(path)).ok_or(errno)) {
        Ok(b) => b,
        Err(errno) => {
            let text = format!(
                "{}: can't open file '{}': [Errno {errno}] {}\n",
                vm.interp().config.program_name,
                absolute(path),
                taipan_host::errno::Errno(errno).message()
            );
            exc::display::write_stderr(vm, &text);
            return Err(vm.raise_new(exc::SYSTEM_EXIT.get(), vec![Value::small(2)]));
        }
    };
    if !vm.interp().config.safe_path {
        let full = absolute(path);
        let real = std::ffi::CString::new(full.clone()).ok().and_then(|c| taipan_host::fs::real_path(&c).ok());
        let full = real.map_or(full, |b| String::from_utf8_lossy(b.as_bytes()).into_owned());
        let dir = full.rsplit_once('/').map_or("", |(d, _)| d).to_owned();
        insert_path0(vm, &dir);
    }
    if skip_first_line {
        let end = bytes.iter().position(|&b| b == b'\n').unwrap_or(bytes.len());
        bytes.drain(..end);
    }
    main.set("__file__", str::from_str(&absolute(path)));
    main.set("__cached__", Value::NONE);
    let file = absolute(path);
    if let Ok(external) = import::import_module(vm, "_frozen_importlib_external") {
        let loader = vm.get_attr_str(&external, "SourceFileLoader")?;
        main.dict.set_name(&names().__loader__, vm.call(&loader, &[str::from_str("__main__"), str::from_str(&file)])?);
    }
    if path.ends_with(".pyc") {
        let marshal = import::import_module(vm, "marshal")?;
        let data = taipan_runtime::types::bytes::from_slice(bytes.get(16..).unwrap_or(&[])).into_value();
        let code = vm.call_method(&marshal, "loads", &[data])?;
        if let Some(code) = code.downcast::<taipan_runtime::types::code::Code>() {
            interp::eval_code(vm, code, &main.dict, None, None)?;
        }
        return Ok(());
    }
    let text = compile::decode(vm, &bytes, &file, true)?;
    let code = compile::compile(vm, &text, &Request::new(vm, Mode::Exec, &file))?;
    drop(text);
    interp::eval_code(vm, &code, &main.dict, None, None)?;
    Ok(())
}

/// The source of a module of the library by the path that it shows, as programs give it that start themselves anew.
fn library_file(vm: &Vm, path: &str) -> Option<Vec<u8>> {
    let folder = vm.interp().sys().get_str("_stdlib_dir")?;
    let rest = path.strip_prefix(&vm.str_lossy(&folder))?.strip_prefix('/')?;
    let name = rest.strip_suffix(".py")?.replace('/', ".");
    let name = name.strip_suffix(".__init__").unwrap_or(&name);
    vm.interp().config.frozen_source.and_then(|f| f(name))
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    match taipan_host::fs::current_directory() {
        Ok(d) => format!("{}/{path}", String::from_utf8_lossy(d.as_bytes())),
        Err(_) => path.to_owned(),
    }
}

/// All of standard input.
///
/// Raises OSError.
pub fn read_stdin(vm: &Vm) -> R<Vec<u8>> {
    let mut out = Vec::new();
    let mut buf = vec![0u8; 1 << 16];
    loop {
        match taipan_host::fd::read(0, &mut buf) {
            Ok(0) => return Ok(out),
            Ok(n) => out.extend_from_slice(&buf[..n]),
            Err(e) if e.0 == 4 => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, None)),
        }
    }
}

/// Ends the program: waits for threads, runs atexit functions, flushes the streams, takes the modules down.
/// True if standard output could not be flushed.
pub fn finalize(vm: &Vm) -> bool {
    finish_threads(vm);
    run_atexit(vm);
    crate::interpreters::end_others(vm, true);
    crate::faulthandler::end(vm);
    let failed = crate::io::std::flush_std_files(vm);
    vm.interp().finalizing.set(true);
    // Daemon threads wait for ever from now on.
    vm.interp().gil.close(vm);
    crate::signal::end(vm);
    if vm.end_is_visible() {
        teardown(vm);
    }
    crate::io::std::flush_std_files(vm) || failed
}

/// Ends an interpreter whose process goes on: as [`finalize`], without what concerns the process.
pub fn finalize_member(vm: &Vm) {
    finish_threads(vm);
    run_atexit(vm);
    crate::interpreters::end_others(vm, false);
    crate::faulthandler::end(vm);
    crate::io::std::flush_std_files(vm);
    vm.interp().finalizing.set(true);
    if vm.end_is_visible() {
        teardown(vm);
    }
    crate::io::std::flush_std_files(vm);
    drop(vm.interp().atexit.take());
}

fn finish_threads(vm: &Vm) {
    if let Some(threading) = vm.interp().modules().get_str("threading") {
        let r = vm.call_method(&threading, "_shutdown", &[]);
        if let Err(e) = r {
            vm.unraisable(e, Some("Exception ignored on threading shutdown"), &threading);
        }
    }
}

/// Runs the functions registered with `atexit`, last first.
pub fn run_atexit(vm: &Vm) {
    loop {
        let Some(entry) = vm.interp().atexit.borrow_mut().pop() else { return };
        let Some((f, args, kwargs)) = entry else { continue };
        let args = vm.collect(&args).unwrap_or_default();
        let kwargs = kwargs.downcast::<taipan_runtime::types::dict::Dict>().cloned();
        if let Err(e) = vm.call_dict(&f, &args, kwargs.as_deref().map(|d| &**d)) {
            vm.unraisable(e, Some("Exception ignored in atexit callback"), &f);
        }
    }
}

/// Module teardown in CPython's order: the modules that nothing else holds die whole, then the namespaces of the
/// others are emptied, newest import first.
fn teardown(vm: &Vm) {
    let sys = vm.interp().sys();
    for name in ["path", "argv", "ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback", "path_hooks", "path_importer_cache", "meta_path", "__interactivehook__"] {
        if sys.get_str(name).is_some() {
            sys.set_str(name, Value::NONE);
        }
    }
    for (name, original) in [("stdin", "__stdin__"), ("stdout", "__stdout__"), ("stderr", "__stderr__")] {
        if let Some(file) = sys.get_str(original) {
            sys.set_str(name, file);
        }
    }
    drop(vm.interp().builtins().remove_name(taipan_runtime::vm::intern("_").value()));
    let modules = vm.interp().modules();
    let mut list: Vec<(String, Value)> = Vec::new();
    for (key, m) in modules.items() {
        let name = vm.str_lossy(&key);
        if m.downcast::<Module>().is_some()
            && let Ok(weak) = weakref::new_ref(vm, weakref::WeakRef::TYPE.get(), &m, None)
        {
            vm.untrack(&weak);
            list.push((name.clone(), weak));
        }
        if name != "sys" && name != "builtins" {
            let forgotten = modules.set(vm, key, Value::NONE);
            if let Err(r) = forgotten {
                drop(vm.catch(r));
            }
        }
    }
    vm.collect_garbage(2);
    for (name, weak) in list.into_iter().rev() {
        let Some(m) = weakref::core(&weak).and_then(weakref::WeakCore::get) else { continue };
        let Some(module) = m.downcast::<Module>() else { continue };
        // What the streams and the import system need to the end.
        let needed = matches!(name.as_str(), "sys" | "builtins" | "codecs" | "io") || name.starts_with("encodings") || name.starts_with("_frozen_importlib");
        if !needed && module.def.get().is_none() {
            clear_namespace(vm, module);
        }
    }
    // What was made during the start may hold something of the program's.
    vm.interp().gc.settled_too.set(true);
    vm.collect_garbage(2);
}

fn clear_namespace(vm: &Vm, m: &Module) {
    for private in [true, false] {
        for k in m.dict.keys() {
            let text = vm.str_lossy(&k);
            let is_private = text.starts_with('_') && !text.starts_with("__");
            if text != "__builtins__" && is_private == private {
                m.dict.set_name(&taipan_runtime::vm::intern_value(&k), Value::NONE);
            }
        }
    }
}

/// Asks for an end by SIGINT: the program ended by KeyboardInterrupt.
pub fn exit_by_signal(vm: &Vm) {
    vm.interp().statics.borrow_mut().insert("exit by SIGINT", Value::TRUE);
}

/// Ends the process by SIGINT if the program ended by KeyboardInterrupt, so that shells notice.
pub fn exit_by_signal_if_asked(vm: &Vm) {
    if vm.interp().statics.borrow().contains_key("exit by SIGINT") {
        let _ = taipan_host::signal::install(2, taipan_host::signal::Disposition::Default);
        let _ = taipan_host::signal::raise(2);
    }
}

//! From settings to a running program to an exit status.

use std::process::ExitCode;

use taipan::Interpreter;
use taipan::runtime::compile::{self, Request};
use taipan::runtime::core::{R, Value};
use taipan::runtime::interp;
use taipan::runtime::types::exceptions::display;
use taipan::runtime::types::module::{self, Module};
use taipan::runtime::types::str;
use taipan::runtime::vm::{Config, Vm};
use taipan::stdlib::import;
use taipan_syntax::Mode;

use crate::options::{HELP, Options, Show, Source};

fn env(o: &Options, name: &str) -> Option<String> {
    if o.ignore_environment {
        return None;
    }
    taipan_host::env::get(name.as_bytes()).map(|v| String::from_utf8_lossy(&v).into_owned()).filter(|v| !v.is_empty())
}

fn config(o: &Options, native_stack: usize) -> Result<Config, String> {
    let number = |name: &str| env(o, name).map_or(0, |v| v.parse::<i32>().unwrap_or(1));
    let x = |name: &str| o.xopts.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let mut warn: Vec<String> = env(o, "PYTHONWARNINGS").map(|v| v.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let dev_mode = x("dev").is_some() || env(o, "PYTHONDEVMODE").is_some();
    if dev_mode {
        warn.insert(0, "default".to_owned());
    }
    warn.extend(o.warn.iter().cloned());
    match o.bytes_warning {
        0 => {}
        1 => warn.push("default::BytesWarning".to_owned()),
        _ => warn.push("error::BytesWarning".to_owned()),
    }
    let seed = env(o, "PYTHONHASHSEED").filter(|s| s != "random" && !o.random_hash);
    let (hash_secret, hash_randomization) = match seed {
        Some(s) => match s.parse::<u32>() {
            Ok(n) => (hash_key(n), n != 0),
            Err(_) => {
                return Err("Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\n".to_owned());
            }
        },
        None => {
            let mut bytes = [0u8; 16];
            taipan_host::random::fill(&mut bytes).map_err(|e| format!("Fatal Python error: no random bytes: {}\n", e.message()))?;
            let half = |i: usize| u64::from_le_bytes(bytes[i..i + 8].try_into().unwrap_or([0; 8]));
            ((half(0), half(8)), true)
        }
    };
    let int_max_str_digits = match (x("int_max_str_digits"), env(o, "PYTHONINTMAXSTRDIGITS")) {
        (Some(n), _) => digits(n.as_deref(), "-X int_max_str_digits")?,
        (None, Some(n)) => digits(Some(&n), "PYTHONINTMAXSTRDIGITS")?,
        (None, None) => 4300,
    };
    let utf8_mode = match (x("utf8"), env(o, "PYTHONUTF8").as_deref()) {
        (Some(v), _) => v.as_deref() != Some("0"),
        (None, None | Some("1")) => true,
        (None, Some("0")) => false,
        (None, Some(_)) => {
            return Err("Fatal Python error: preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value\n".to_owned());
        }
    };
    let cpu_count = match (x("cpu_count"), env(o, "PYTHON_CPU_COUNT")) {
        (Some(n), _) => cpus(n.as_deref(), "-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0")?,
        (None, Some(n)) => cpus(Some(&n), "PYTHON_CPU_COUNT=n: n is missing or an invalid number, n must be greater than 0")?,
        (None, None) => None,
    };
    let pycache_prefix = match x("pycache_prefix") {
        Some(p) => p.filter(|p| !p.is_empty()),
        None => env(o, "PYTHONPYCACHEPREFIX"),
    };
    let executable = taipan::stdlib::sys::getpath::executable(&o.program);
    let mut search = Vec::new();
    if let Some(p) = env(o, "PYTHONPATH") {
        search.extend(p.split(':').map(str::to_owned));
    }
    Ok(Config {
        program_name: o.program.clone(),
        executable,
        orig_argv: o.orig_argv.clone(),
        argv: o.argv.clone(),
        module_search_paths: search,
        isolated: o.isolated,
        use_environment: !o.ignore_environment,
        user_site: !(o.no_user_site || env(o, "PYTHONNOUSERSITE").is_some()),
        site_import: !o.no_site,
        write_bytecode: !(o.dont_write_bytecode || env(o, "PYTHONDONTWRITEBYTECODE").is_some()),
        optimize: o.optimize.max(number("PYTHONOPTIMIZE")),
        verbose: o.verbose.max(number("PYTHONVERBOSE")),
        quiet: o.quiet,
        inspect: o.inspect || env(o, "PYTHONINSPECT").is_some(),
        interactive: o.interactive,
        bytes_warning: o.bytes_warning,
        dev_mode,
        debug: o.debug > 0 || env(o, "PYTHONDEBUG").is_some(),
        utf8_mode,
        safe_path: o.safe_path || env(o, "PYTHONSAFEPATH").is_some(),
        buffered_stdio: !(o.unbuffered || env(o, "PYTHONUNBUFFERED").is_some()),
        warn_options: warn,
        x_options: o.xopts.clone(),
        hash_secret,
        hash_randomization,
        int_max_str_digits,
        cpu_count,
        pycache_prefix,
        code_debug_ranges: x("no_debug_ranges").is_none() && env(o, "PYTHONNODEBUGRANGES").is_none(),
        native_stack,
        ..taipan::default_config()
    })
}

/// The limit of digits that somebody asks for.
fn digits(text: Option<&str>, from: &str) -> Result<usize, String> {
    let n = text.and_then(|t| t.parse::<usize>().ok()).filter(|n| *n == 0 || *n >= 640 && i32::try_from(*n).is_ok());
    n.ok_or_else(|| format!("Fatal Python error: config_init_int_max_str_digits: {from}: invalid limit; must be >= 640 or 0 for unlimited.\n"))
}

/// The number of processors that somebody asks for; `default` is what the system says.
fn cpus(text: Option<&str>, error: &str) -> Result<Option<i32>, String> {
    if text == Some("default") {
        return Ok(None);
    }
    let n = text.and_then(|t| t.parse::<i32>().ok()).filter(|n| *n > 0);
    n.map(Some).ok_or_else(|| format!("Fatal Python error: config_init_cpu_count: {error}\n"))
}

/// The key of the string hash for a seed, as CPython derives it.
fn hash_key(seed: u32) -> (u64, u64) {
    let key = taipan::runtime::vm::hash_key_from_seed(seed);
    (key.0, key.1)
}

/// Runs what the command line asks for.
pub fn run(o: Options, native_stack: usize) -> ExitCode {
    match o.show {
        Some(Show::Version) => {
            println!("Python {}", taipan::runtime::VERSION);
            return ExitCode::SUCCESS;
        }
        Some(Show::LongVersion) => {
            println!("Python {}", taipan::stdlib::sys::version_text());
            return ExitCode::SUCCESS;
        }
        Some(Show::Help | Show::HelpEnv | Show::HelpXoptions) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        None => {}
    }
    if o.undecodable {
        eprintln!("Unable to decode the command from the command line:\nUnicodeEncodeError: 'utf-8' codec can't encode characters: surrogates not allowed");
        return ExitCode::from(1);
    }
    let config = match config(&o, native_stack) {
        Ok(c) => c,
        Err(text) => {
            eprint!("{text}");
            return ExitCode::from(1);
        }
    };
    let python = match Interpreter::begin(config) {
        Ok(p) => p,
        Err(text) => {
            eprintln!("Fatal Python error: the import system could not be started\n{text}");
            return ExitCode::from(1);
        }
    };
    let vm = python.vm();
    let mut status = match start(vm, &o) {
        Ok(()) => 0,
        Err(r) => {
            let e = vm.catch(r);
            if e.ty().is_subtype_of(taipan::runtime::types::exceptions::KEYBOARD_INTERRUPT.get()) {
                taipan::stdlib::lifecycle::exit_by_signal(vm);
            }
            display::uncaught(vm, &e)
        }
    };
    if taipan::stdlib::lifecycle::finalize(vm) && status == 0 {
        status = 120;
    }
    taipan::stdlib::lifecycle::exit_by_signal_if_asked(vm);
    // The process ends here: the system takes its memory back faster than we could.
    std::mem::forget(python);
    ExitCode::from((status & 0xff) as u8)
}

/// Sets `sys.path` and the standard streams up, then runs the program.
fn start(vm: &Vm, o: &Options) -> R<()> {
    taipan::stdlib::lifecycle::init(vm)?;
    let main = module::new("__main__", Value::NONE);
    main.set("__builtins__", import::native(vm, "builtins")?);
    vm.interp().modules().set_str("__main__", main.value().clone());
    if vm.interp().config.site_import {
        import::import_module(vm, "site")?;
    }
    vm.settle(&[main.value(), main.dict.value()]);
    taipan::stdlib::memory::report_leaks_if_asked(vm)?;
    let r = program(vm, o, &main);
    let inspect = vm.interp().config.inspect || taipan_host::env::get(b"PYTHONINSPECT").is_some();
    if inspect && !matches!(o.source, Source::Stdin) {
        if let Err(r) = r {
            let e = vm.catch(r);
            display::print_exception(vm, &e);
        }
        return taipan::stdlib::repl::run(vm, &main, true);
    }
    r
}

fn insert_path(vm: &Vm, entry: &str) -> R<()> {
    if vm.interp().config.safe_path {
        return Ok(());
    }
    taipan::stdlib::lifecycle::insert_path0(vm, entry);
    Ok(())
}

fn program(vm: &Vm, o: &Options, main: &taipan::runtime::core::Ref<Module>) -> R<()> {
    match &o.source {
        Source::Command(text) => {
            insert_path(vm, "")?;
            let request = Request::new(vm, Mode::Exec, "<string>");
            let text = taipan::stdlib::lifecycle::dedent(text);
            let code = compile::compile(vm, &text, &request)?;
            taipan::stdlib::lifecycle::remember_source(vm, code.value(), &text)?;
            interp::eval_code(vm, &code, &main.dict, None, None)?;
        }
        Source::Module(name) => {
            let cwd = taipan_host::fs::current_directory().map(|p| String::from_utf8_lossy(p.as_bytes()).into_owned()).unwrap_or_default();
            insert_path(vm, &cwd)?;
            let runpy = import::import_module(vm, "runpy")?;
            vm.call_method(&runpy, "_run_module_as_main", &[str::from_str(name), Value::TRUE])?;
        }
        Source::Path(path) => taipan::stdlib::lifecycle::run_path(vm, main, path, o.skip_first_line)?,
        Source::Stdin => {
            insert_path(vm, "")?;
            if vm.interp().config.interactive || taipan_host::terminal::is_terminal(0) {
                return taipan::stdlib::repl::run(vm, main, false);
            }
            let bytes = taipan::stdlib::lifecycle::read_stdin(vm)?;
            let text = compile::decode(vm, &bytes, "<stdin>", false)?;
            let request = Request::new(vm, Mode::Exec, "<stdin>");
            let code = compile::compile(vm, &text, &request)?;
            interp::eval_code(vm, &code, &main.dict, None, None)?;
        }
    }
    Ok(())
}

//! Where Taipan is installed, and the virtual environment that it runs in, from the path of the program.

use std::ffi::CString;

use taipan_runtime::vm::Config;

/// The longest `pyvenv.cfg` that is read.
const LONGEST: usize = 1 << 20;

/// What `sys` tells about places.
#[derive(Debug, PartialEq, Eq)]
pub struct Places {
    /// `sys._base_executable`: the program that the virtual environment was made with.
    pub base_executable: String,
    /// `sys.prefix`
    pub prefix: String,
    /// `sys.exec_prefix`
    pub exec_prefix: String,
    /// `sys.base_prefix`
    pub base_prefix: String,
    /// `sys.base_exec_prefix`
    pub base_exec_prefix: String,
}

/// The places for a configuration. No error: what can't be read counts as not there.
pub fn places(c: &Config) -> Places {
    let executable = c.executable.as_str();
    let environment = environment(executable);
    let base_executable = match &environment {
        Some(e) => e.program(executable),
        None => executable.to_owned(),
    };
    let home = if c.use_environment { taipan_host::env::get(b"PYTHONHOME").filter(|h| !h.is_empty()) } else { None };
    let (base_prefix, base_exec_prefix) = match home.map(|h| String::from_utf8_lossy(&h).into_owned()) {
        Some(h) => match h.split_once(':') {
            Some((p, e)) => (p.to_owned(), e.to_owned()),
            None => (h.clone(), h),
        },
        None => {
            let p = prefix_of(&real(&base_executable).unwrap_or_else(|| base_executable.clone())).to_owned();
            (p.clone(), p)
        }
    };
    let (prefix, exec_prefix) = match environment {
        Some(e) => (e.prefix.clone(), e.prefix),
        None => (base_prefix.clone(), base_exec_prefix.clone()),
    };
    Places { base_executable, prefix, exec_prefix, base_prefix, base_exec_prefix }
}

/// The folder that an installation with this program fills: the one above `bin`.
fn prefix_of(program: &str) -> &str {
    let bin = parent(program);
    match bin.rsplit_once('/') {
        Some((p, "bin")) if !p.is_empty() => p,
        _ if bin.is_empty() => "/usr",
        _ => bin,
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(d, _)| d)
}

/// A virtual environment, by its `pyvenv.cfg`.
struct Environment {
    prefix: String,
    home: String,
    executable: Option<String>,
}

impl Environment {
    /// The program outside of the environment.
    fn program(&self, inside: &str) -> String {
        if let Some(e) = self.executable.as_ref().filter(|e| is_file(e)) {
            return e.clone();
        }
        let own = inside.rsplit_once('/').map_or(inside, |(_, n)| n);
        let names = [own, "taipan", "python3.14", "python3", "python"];
        let there = names.iter().map(|n| format!("{}/{n}", self.home)).find(|p| is_file(p));
        there.or_else(|| real(inside)).unwrap_or_else(|| inside.to_owned())
    }
}

/// The environment of a program, if `pyvenv.cfg` with a `home` stands beside it or one folder above.
fn environment(executable: &str) -> Option<Environment> {
    if parent(executable).is_empty() {
        return None;
    }
    let executable = normal(executable);
    let bin = parent(&executable);
    let text = [bin, parent(bin)].iter().find_map(|d| read(&format!("{d}/pyvenv.cfg")))?;
    let key = |wanted: &str| {
        let lines = text.lines().filter_map(|l| l.split_once('='));
        lines.filter(|(k, _)| k.trim().eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim().to_owned()).next()
    };
    Some(Environment { prefix: parent(bin).to_owned(), home: key("home")?, executable: key("executable") })
}

fn read(path: &str) -> Option<String> {
    let bytes = taipan_host::fd::read_file(&CString::new(path).ok()?, LONGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn real(path: &str) -> Option<String> {
    let real = taipan_host::fs::real_path(&CString::new(path).ok()?).ok()?;
    Some(real.to_string_lossy().into_owned())
}

fn is_file(path: &str) -> bool {
    let Ok(path) = CString::new(path) else { return false };
    taipan_host::fs::stat(taipan_host::AT_CURRENT, &path, true).is_ok_and(|s| s.mode & 0o170_000 == 0o100_000)
}

/// The path of the running program under the name that it was started with, so that a link into a virtual environment
/// stays one; without such a file, where the system says that the program is.
pub fn executable(name: &str) -> String {
    started_as(name).filter(|p| is_file(p)).unwrap_or_else(|| {
        taipan_host::env::executable().map(|p| String::from_utf8_lossy(&p).into_owned()).unwrap_or_default()
    })
}

/// An absolute path without `.`, `..` and empty parts, by its text alone: so does `site`, which looks whether it finds
/// the same folder.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            p => parts.push(p),
        }
    }
    format!("/{}", parts.join("/"))
}

fn started_as(name: &str) -> Option<String> {
    if name.starts_with('/') {
        return Some(name.to_owned());
    }
    if name.contains('/') {
        let here = taipan_host::fs::current_directory().ok()?;
        return Some(format!("{}/{}", here.to_str().ok()?.trim_end_matches('/'), name.trim_start_matches("./")));
    }
    let path = String::from_utf8(taipan_host::env::get(b"PATH")?).ok()?;
    path.split(':').filter(|d| d.starts_with('/')).map(|d| format!("{d}/{name}")).find(|p| {
        let runs = |p: &str| CString::new(p).is_ok_and(|p| taipan_host::fs::access(taipan_host::AT_CURRENT, &p, 1, false, true).is_ok());
        is_file(p) && runs(p)
    })
}

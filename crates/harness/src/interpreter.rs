//! Finds the interpreters and CPython's test suite on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// The root of the workspace, where `tests` and `benches` are.
pub fn workspace() -> PathBuf {
    // The place it was built at first; else look upwards, for a moved checkout.
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if let Ok(path) = built.canonicalize()
        && path.join("tests").is_dir()
    {
        return path;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let found = here
        .ancestors()
        .find(|dir| dir.join("crates/harness").is_dir());
    found.map_or(here.clone(), Path::to_path_buf)
}

/// The `taipan` binary: `TAIPAN`, else the one built next to this program.
pub fn taipan() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("TAIPAN") {
        return executable(Path::new(&path));
    }
    let here = std::env::current_exe()?;
    // `target/release/bench`, or `target/release/deps/scripts-0123`.
    let near = here
        .ancestors()
        .skip(1)
        .take(2)
        .map(|dir| dir.join("taipan"));
    let target = workspace().join("target");
    let usual = ["release", "debug"].map(|profile| target.join(profile).join("taipan"));
    near.chain(usual)
        .find(|path| path.is_file())
        .ok_or_else(|| {
            Error::new(
                "no taipan binary found: build it with `cargo build --release`, \
             or name one in the variable TAIPAN",
            )
        })
}

/// The folder of the profile this program was built in, as `target/release`.
pub fn profile_dir() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let dir = here.parent()?;
    let dir = if dir.ends_with("deps") {
        dir.parent()?
    } else {
        dir
    };
    Some(dir.to_path_buf())
}

/// Makes a name from a command line into an absolute path, looking in `PATH` for
/// a bare one.
pub fn executable(path: &Path) -> Result<PathBuf> {
    if path.components().count() == 1
        && let Some(found) = on_path(&path.to_string_lossy())
    {
        return Ok(found);
    }
    path.canonicalize()
        .map_err(|error| Error::new(format!("interpreter {}: {error}", path.display())))
        // A virtual environment is known by the path of the link, so keep the link.
        .and_then(|_| Ok(std::path::absolute(path)?))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// What an interpreter prints for a line of code; nothing if it does not run.
pub fn said(interpreter: &Path, code: &str) -> Option<String> {
    let output = Command::new(interpreter)
        .args(["-S", "-c", code])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()
}

/// `(major, minor)` as the interpreter itself says, or nothing if it does not run
/// (a shim of pyenv for a version that is not chosen, for example).
pub fn version(interpreter: &Path) -> Option<(u32, u32)> {
    let text = said(interpreter, "import sys; print(*sys.version_info[:2])")?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// CPython of a version that behaves as Taipan should: `TAIPAN_REFERENCE`, else
/// 3.14 or 3.13 from pyenv or `PATH`.
pub fn reference() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("TAIPAN_REFERENCE") {
        // Set but empty means: do without.
        return executable(Path::new(&path))
            .ok()
            .filter(|_| !path.is_empty());
    }
    [14, 13].into_iter().find_map(cpython)
}

/// CPython 3.`minor` on this machine.
pub fn cpython(minor: u32) -> Option<PathBuf> {
    let name = format!("python3.{minor}");
    let from_pyenv = pyenv(minor).map(|dir| dir.join("bin").join(&name));
    [from_pyenv, on_path(&name), on_path("python3")]
        .into_iter()
        .flatten()
        .find(|path| path.is_file() && version(path) == Some((3, minor)))
}

/// The newest 3.`minor` that pyenv has.
fn pyenv(minor: u32) -> Option<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")))?;
    let prefix = format!("3.{minor}.");
    let entries = std::fs::read_dir(root.join("versions")).ok()?;
    let plain = |path: &PathBuf| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let patch = name.strip_prefix(&prefix)?.parse::<u32>().ok()?;
        Some((patch, path.clone()))
    };
    let found = entries.flatten().filter_map(|entry| plain(&entry.path()));
    found.max().map(|(_, path)| path)
}

/// The folder that holds the package `test` of CPython 3.13:
/// `TAIPAN_CPYTHON_TESTS` (that folder, or the package itself), else pyenv's or
/// the system's library. Debian keeps the suite in a package of its own, so an
/// installed Python may lack it.
pub fn cpython_tests() -> Option<PathBuf> {
    let is_suite = |dir: &PathBuf| dir.join("test/test_grammar.py").is_file();
    if let Some(path) = std::env::var_os("TAIPAN_CPYTHON_TESTS") {
        let path = PathBuf::from(path);
        let outer = if path.ends_with("test") {
            path.parent()?.to_path_buf()
        } else {
            path
        };
        return std::path::absolute(outer).ok().filter(is_suite);
    }
    let from_pyenv = pyenv(13).map(|dir| dir.join("lib/python3.13"));
    let system = ["/usr/local/lib/python3.13", "/usr/lib/python3.13"].map(PathBuf::from);
    from_pyenv.into_iter().chain(system).find(is_suite)
}

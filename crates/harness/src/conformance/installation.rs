//! An installation of the interpreter under test: `bin/taipan`, and a library folder with CPython's package `test`.
//!
//! Tests start the interpreter again, often told to pay no heed to the environment (`-E`, `-I`), and import `test` there.
//! CPython has that package in its library; so has the interpreter that is installed here.

use std::path::{Path, PathBuf};

use crate::error::{Result, at};
use crate::interpreter::said;
use crate::scratch::Scratch;

/// An interpreter in a folder of its own, which goes away with this value.
pub struct Installation {
    program: PathBuf,
    _scratch: Option<Scratch>,
}

impl Installation {
    /// Installs a Taipan with the suite in the folder `suite`. Another interpreter is left where it is: it has its own
    /// library around it.
    ///
    /// Fails when the files can't be written.
    pub fn new(interpreter: &Path, suite: &Path) -> Result<Self> {
        let Some(version) = version_of_taipan(interpreter) else {
            let program = interpreter.to_owned();
            return Ok(Installation { program, _scratch: None });
        };
        let scratch = Scratch::new("installation")?;
        let (bin, library) = (scratch.join("bin"), scratch.join("lib").join(format!("python{version}")));
        for folder in [&bin, &library] {
            at(folder, std::fs::create_dir_all(folder))?;
        }
        let program = bin.join("taipan");
        // A symbolic link would not do: an interpreter looks for its library where its own file is.
        let real = at(interpreter, interpreter.canonicalize())?;
        if std::fs::hard_link(&real, &program).is_err() {
            at(&program, std::fs::copy(&real, &program))?;
        }
        let link = library.join("test");
        at(&link, std::os::unix::fs::symlink(suite.join("test"), &link))?;
        Ok(Installation { program, _scratch: Some(scratch) })
    }

    /// The path of the installed interpreter.
    pub fn program(&self) -> &Path {
        &self.program
    }
}

/// The version, as `3.14`, if this is a Taipan that runs.
fn version_of_taipan(interpreter: &Path) -> Option<String> {
    let text = said(interpreter, "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])")?;
    let (name, version) = text.trim().split_once(' ')?;
    (name == "taipan").then(|| version.to_owned())
}

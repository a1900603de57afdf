//! Temporary folders that disappear with their owner.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Result, at};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A folder under the system's temporary folder, removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new, empty folder.
    pub fn new(purpose: &str) -> Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("taipan-{purpose}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        at(&path, std::fs::create_dir_all(&path))?;
        Ok(Scratch(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A test may have taken its own permissions away; what is left is only litter.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

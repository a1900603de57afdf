//! A number for the head of `.pyc` files that changes with the compiler: files that another one has written are made
//! anew, also between two builds of one version.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let crates = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    // FNV-1a, which says the same wherever it is built.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for name in ["bytecode", "compiler", "syntax"] {
        let folder = crates.join(name).join("src");
        println!("cargo:rerun-if-changed={}", folder.display());
        add(&folder, &mut hash);
    }
    println!("cargo:rustc-env=TAIPAN_CODE_NUMBER={}", hash ^ hash >> 32);
}

fn add(folder: &Path, hash: &mut u64) {
    let Ok(list) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = list.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add(&path, hash);
        } else {
            for byte in fs::read(&path).unwrap_or_default() {
                *hash = (*hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
    }
}

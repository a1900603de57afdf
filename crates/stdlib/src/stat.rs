//! `_stat`: the bits of file modes.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::int;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

module! {
    /// S_IFMT_: file type bits
    /// S_IFDIR: directory
    /// S_IFCHR: character device
    /// S_IFBLK: block device
    /// S_IFREG: regular file
    /// S_IFIFO: fifo (named pipe)
    /// S_IFLNK: symbolic link
    /// S_IFSOCK: socket file
    name = "_stat",
    functions(
        S_ISDIR, S_ISCHR, S_ISBLK, S_ISREG, S_ISFIFO, S_ISLNK, S_ISSOCK, S_ISDOOR, S_ISPORT, S_ISWHT, S_IMODE, S_IFMT, filemode,
    ),
    exec = exec,
}

const TYPE: u32 = 0o170_000;

const NUMBERS: &[(&str, u32)] = &[
    ("S_IFDIR", 0o040_000), ("S_IFCHR", 0o020_000), ("S_IFBLK", 0o060_000), ("S_IFREG", 0o100_000), ("S_IFIFO", 0o010_000),
    ("S_IFLNK", 0o120_000), ("S_IFSOCK", 0o140_000), ("S_IFDOOR", 0), ("S_IFPORT", 0), ("S_IFWHT", 0),
    ("S_ISUID", 0o4000), ("S_ISGID", 0o2000), ("S_ISVTX", 0o1000), ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400), ("S_IWRITE", 0o200), ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700), ("S_IRUSR", 0o400), ("S_IWUSR", 0o200), ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o070), ("S_IRGRP", 0o040), ("S_IWGRP", 0o020), ("S_IXGRP", 0o010),
    ("S_IRWXO", 0o007), ("S_IROTH", 0o004), ("S_IWOTH", 0o002), ("S_IXOTH", 0o001),
    ("UF_SETTABLE", 0xffff), ("UF_NODUMP", 1), ("UF_IMMUTABLE", 2), ("UF_APPEND", 4), ("UF_OPAQUE", 8), ("UF_NOUNLINK", 0x10),
    ("UF_COMPRESSED", 0x20), ("UF_TRACKED", 0x40), ("UF_DATAVAULT", 0x80), ("UF_HIDDEN", 0x8000),
    ("SF_SETTABLE", 0xffff_0000), ("SF_ARCHIVED", 0x1_0000), ("SF_IMMUTABLE", 0x2_0000), ("SF_APPEND", 0x4_0000),
    ("SF_NOUNLINK", 0x10_0000), ("SF_SNAPSHOT", 0x20_0000), ("SF_FIRMLINK", 0x80_0000), ("SF_DATALESS", 0x4000_0000),
    ("SF_SUPPORTED", 0x9f_0000), ("SF_SYNTHETIC", 0xc000_0000), ("SF_RESTRICTED", 0x8_0000),
    ("ST_MODE", 0), ("ST_INO", 1), ("ST_DEV", 2), ("ST_NLINK", 3), ("ST_UID", 4), ("ST_GID", 5), ("ST_SIZE", 6),
    ("ST_ATIME", 7), ("ST_MTIME", 8), ("ST_CTIME", 9),
];

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    for (name, n) in NUMBERS {
        m.set(name, *n);
    }
    Ok(())
}

/// A mode as an argument.
///
/// Raises OverflowError for what is too large or negative.
fn mode(vm: &Vm, v: &Value) -> R<u32> {
    let n = int::index(vm, v)?;
    let Some(r) = int::get(&n) else { return Ok(0) };
    match r.to_i64() {
        Some(n) if n < 0 => Err(vm.overflow_error("can't convert negative value to unsigned int")),
        Some(n) => u32::try_from(n).map_err(|_| vm.overflow_error("mode out of range")),
        None if r.is_negative() => Err(vm.overflow_error("can't convert negative value to unsigned int")),
        None => Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

macro_rules! tests {
    ($($(#[$doc:meta])* $name:ident $kind:literal;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(object, /)")]
        #[allow(non_snake_case)]
        fn $name(vm: &Vm, v: &Value) -> R<bool> {
            // The last three kinds, of other systems, are none here.
            Ok(mode(vm, v)? & TYPE == $kind && $kind != 0)
        }
    )*};
}

tests! {
    /// Return True if mode is from a directory.
    S_ISDIR 0o040_000;
    /// Return True if mode is from a character special device file.
    S_ISCHR 0o020_000;
    /// Return True if mode is from a block special device file.
    S_ISBLK 0o060_000;
    /// Return True if mode is from a regular file.
    S_ISREG 0o100_000;
    /// Return True if mode is from a FIFO (named pipe).
    S_ISFIFO 0o010_000;
    /// Return True if mode is from a symbolic link.
    S_ISLNK 0o120_000;
    /// Return True if mode is from a socket.
    S_ISSOCK 0o140_000;
    /// Return True if mode is from a door.
    S_ISDOOR 0;
    /// Return True if mode is from an event port.
    S_ISPORT 0;
    /// Return True if mode is from a whiteout.
    S_ISWHT 0;
}

/// Return the portion of the file's mode that can be set by os.chmod().
#[function(sig = "(object, /)")]
#[allow(non_snake_case)]
fn S_IMODE(vm: &Vm, v: &Value) -> R<u32> {
    Ok(mode(vm, v)? & 0o7777)
}

/// Return the portion of the file's mode that describes the file type.
#[function(sig = "(object, /)")]
#[allow(non_snake_case)]
fn S_IFMT(vm: &Vm, v: &Value) -> R<u32> {
    Ok(mode(vm, v)? & TYPE)
}

/// Convert a file's mode to a string of the form '-rwxrwxrwx'.
#[function(sig = "(object, /)")]
fn filemode(vm: &Vm, v: &Value) -> R<String> {
    let mode = mode(vm, v)?;
    let kind = match mode & TYPE {
        0o100_000 => '-',
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o060_000 => 'b',
        0o020_000 => 'c',
        0o010_000 => 'p',
        0o140_000 => 's',
        _ => '?',
    };
    let mut out = String::from(kind);
    for (shift, special, set, unset) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => set,
            (false, true) => unset,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    Ok(out)
}

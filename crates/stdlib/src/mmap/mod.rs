//! `mmap`: files as memory.

mod object;
mod parts;

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

use self::object::Mmap;

module! {
    /// Memory-mapped files.
    name = "mmap",
    functions(),
    types(Mmap),
    exec = exec,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[Mmap::DEF];

/// `ACCESS_*`: the numbers that programs see.
const DEFAULT: i32 = 0;
const READ: i32 = 1;
const WRITE: i32 = 2;
const COPY: i32 = 3;

macro_rules! numbers {
    ($m:expr, $($name:ident)*) => { $($m.set(stringify!($name), libc::$name as i64);)* };
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("error", exc::OS_ERROR.value());
    let page = taipan_host::system::page_size();
    m.set("PAGESIZE", page);
    m.set("ALLOCATIONGRANULARITY", page);
    for (name, n) in [("ACCESS_DEFAULT", DEFAULT), ("ACCESS_READ", READ), ("ACCESS_WRITE", WRITE), ("ACCESS_COPY", COPY)] {
        m.set(name, n);
    }
    numbers!(m, PROT_READ PROT_WRITE PROT_EXEC MAP_SHARED MAP_PRIVATE MAP_ANON MAP_ANONYMOUS MAP_DENYWRITE
        MAP_EXECUTABLE MAP_NORESERVE MAP_POPULATE MAP_STACK MAP_LOCKED MAP_GROWSDOWN MAP_HUGETLB MAP_NONBLOCK
        MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_REMOVE MADV_DONTFORK MADV_DOFORK
        MADV_HWPOISON MADV_MERGEABLE MADV_UNMERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE MADV_DONTDUMP MADV_DODUMP MADV_FREE);
    #[cfg(target_arch = "x86_64")]
    numbers!(m, MAP_32BIT);
    Ok(())
}

//! `_sysconfigdata__linux_x86_64-linux-gnu`: what CPython's build writes down for `sysconfig`. Taipan builds nothing
//! against itself; what programs ask for has an honest answer.

use taipan_macros::module;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

module! {
    /// Variables of the build.
    name = "_sysconfigdata__linux_x86_64-linux-gnu",
    functions(),
    exec = exec,
}

const TEXTS: &[(&str, &str)] = &[
    ("VERSION", "3.14"), ("LDVERSION", "3.14"), ("ABIFLAGS", ""), ("SOABI", "taipan-314-x86_64-linux-gnu"),
    ("EXT_SUFFIX", ".taipan-314-x86_64-linux-gnu.so"), ("SHLIB_SUFFIX", ".so"), ("MULTIARCH", "x86_64-linux-gnu"),
    ("HOST_GNU_TYPE", "x86_64-pc-linux-gnu"), ("BUILD_GNU_TYPE", "x86_64-pc-linux-gnu"), ("MACHDEP", "linux"),
    ("CC", "cc"), ("CXX", "c++"), ("AR", "ar"), ("ARFLAGS", "rcs"), ("CFLAGS", ""), ("CPPFLAGS", ""), ("PY_CFLAGS", ""),
    ("PY_CFLAGS_NODIST", ""), ("PY_CORE_CFLAGS", ""), ("PY_LDFLAGS", ""), ("PY_LDFLAGS_NODIST", ""), ("OPT", ""), ("LDFLAGS", ""),
    ("CCSHARED", "-fPIC"), ("LDSHARED", "cc -shared"), ("LDCXXSHARED", "c++ -shared"), ("BLDSHARED", "cc -shared"),
    ("LIBS", ""), ("SYSLIBS", ""), ("LIBRARY", ""), ("LDLIBRARY", ""), ("INSTSONAME", ""), ("LIBPYTHON", ""), ("LINKFORSHARED", ""),
    ("CONFIG_ARGS", ""), ("PYTHONFRAMEWORK", ""), ("PYTHONFRAMEWORKDIR", "no-framework"), ("PYTHONFRAMEWORKPREFIX", ""),
    ("EXE", ""), ("BUILDEXE", ""), ("PLATLIBDIR", "lib"), ("WHEEL_PKG_DIR", ""), ("SHELL", "/bin/sh -e"), ("TEST_MODULES", "no"),
    ("TZPATH", "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"),
    ("PY_BUILTIN_HASHLIB_HASHES", "md5,sha1,sha2,sha3,blake2"), ("PGO_PROF_USE_FLAG", ""), ("HOSTRUNNER", ""),
];

const NUMBERS: &[(&str, i64)] = &[
    ("Py_DEBUG", 0), ("Py_ENABLE_SHARED", 0), ("PY_ENABLE_SHARED", 0), ("Py_GIL_DISABLED", 0), ("Py_TRACE_REFS", 0),
    ("WITH_PYMALLOC", 0), ("WITH_MIMALLOC", 0), ("WITH_DOC_STRINGS", 1), ("WITH_FREELISTS", 0), ("WITH_DTRACE", 0),
    ("WITH_VALGRIND", 0), ("WITH_NEXT_FRAMEWORK", 0), ("PY_COERCE_C_LOCALE", 1), ("PY_SSL_DEFAULT_CIPHERS", 1),
    ("PY_HAVE_PERF_TRAMPOLINE", 0), ("Py_HASH_ALGORITHM", 3), ("HAVE_GETRANDOM", 1), ("HAVE_GETRANDOM_SYSCALL", 1),
    ("HAVE_GETENTROPY", 0), ("HAVE_FORK", 1), ("HAVE_VFORK", 0), ("HAVE_LONG_DOUBLE", 1), ("SIZEOF_VOID_P", 8), ("SIZEOF_INT", 4),
    ("SIZEOF_LONG", 8), ("SIZEOF_LONG_LONG", 8), ("SIZEOF_SIZE_T", 8), ("SIZEOF_TIME_T", 8), ("SIZEOF_DOUBLE", 8),
    ("ALIGNOF_LONG", 8), ("HAVE_LARGEFILE_SUPPORT", 0),
];

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let vars = Ref::new(Dict::new());
    for (name, text) in TEXTS {
        vars.set_str(name, str::from_str(text));
    }
    for (name, n) in NUMBERS {
        vars.set_str(name, *n);
    }
    let prefix = vm.interp().sys().get_str("base_prefix").map_or_else(String::new, |p| vm.str_lossy(&p));
    let at = |path: &str| str::from_str(&format!("{prefix}{path}"));
    let folders: [(&str, Value); 12] = [
        ("prefix", at("")),
        ("exec_prefix", at("")),
        ("BINDIR", at("/bin")),
        ("LIBDIR", at("/lib")),
        ("LIBDEST", at("/lib/python3.14")),
        ("BINLIBDEST", at("/lib/python3.14")),
        ("DESTSHARED", at("/lib/python3.14/lib-dynload")),
        ("INCLUDEDIR", at("/include")),
        ("INCLUDEPY", at("/include/python3.14")),
        ("CONFINCLUDEPY", at("/include/python3.14")),
        ("srcdir", at("/lib/python3.14")),
        ("SCRIPTDIR", at("/lib")),
    ];
    for (name, folder) in folders {
        vars.set_str(name, folder);
    }
    m.set("build_time_vars", vars);
    Ok(())
}

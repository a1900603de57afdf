//! Struct sequences and namespaces that describe the interpreter.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::vm::Vm;

macro_rules! spec {
    ($id:ident $name:literal $doc:literal $($field:ident)*) => {
        static $id: Spec = Spec {
            name: $name, doc: $doc,
            fields: &[$((stringify!($field), "")),*],
            visible: [$(stringify!($field)),*].len(),
            instantiable: false,
        };
    };
}

spec!(VERSION_INFO "sys.version_info" "Version information as a named tuple." major minor micro releaselevel serial);
spec!(FLOAT_INFO "sys.float_info" "A named tuple holding information about the float type." max max_exp max_10_exp min min_exp min_10_exp dig mant_dig epsilon radix rounds);
spec!(INT_INFO "sys.int_info" "A named tuple that holds information about the representation of integers." bits_per_digit sizeof_digit default_max_str_digits str_digits_check_threshold);
spec!(HASH_INFO "sys.hash_info" "A named tuple providing parameters used for computing hashes." width modulus inf nan imag algorithm hash_bits seed_bits cutoff);
spec!(THREAD_INFO "sys.thread_info" "A named tuple holding information about the thread implementation." name lock version);

static FLAGS: Spec = Spec {
    name: "sys.flags",
    doc: "Flags provided through command line arguments or environment vars.",
    fields: &[
        ("debug", "-d"), ("inspect", "-i"), ("interactive", "-i"), ("optimize", "-O or -OO"), ("dont_write_bytecode", "-B"),
        ("no_user_site", "-s"), ("no_site", "-S"), ("ignore_environment", "-E"), ("verbose", "-v"), ("bytes_warning", "-b"),
        ("quiet", "-q"), ("hash_randomization", "-R"), ("isolated", "-I"), ("dev_mode", "-X dev"), ("utf8_mode", "-X utf8"),
        ("warn_default_encoding", "-X warn_default_encoding"), ("safe_path", "-P"), ("int_max_str_digits", "-X int_max_str_digits"),
        ("gil", "-X gil"), ("thread_inherit_context", "-X thread_inherit_context"), ("context_aware_warnings", "-X context_aware_warnings"),
    ],
    visible: 18,
    instantiable: false,
};

pub(super) fn add(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let make = |name: &str, spec: &'static Spec, fields: Vec<Value>| -> R {
        let ty = structseq::new_type(vm, spec)?;
        let v = structseq::new_instance(vm, &ty, fields)?;
        m.set(name, v.clone());
        Ok(v)
    };
    let s = |t: &str| str::from_str(t);
    let version = make("version_info", &VERSION_INFO, vec![Value::small(3), Value::small(14), Value::small(0), s("final"), Value::small(0)])?;
    make("float_info", &FLOAT_INFO, vec![
        Value::from(f64::MAX), Value::from(f64::MAX_EXP), Value::from(f64::MAX_10_EXP), Value::from(f64::MIN_POSITIVE),
        Value::from(f64::MIN_EXP), Value::from(f64::MIN_10_EXP), Value::from(f64::DIGITS), Value::from(f64::MANTISSA_DIGITS),
        Value::from(f64::EPSILON), Value::small(2), Value::small(1),
    ])?;
    make("int_info", &INT_INFO, vec![Value::small(30), Value::small(4), Value::small(4300), Value::small(640)])?;
    make("hash_info", &HASH_INFO, vec![
        Value::small(64), Value::from((1i64 << 61) - 1), Value::small(314_159), Value::small(0), Value::small(1_000_003),
        s("siphash13"), Value::small(64), Value::small(128), Value::small(0),
    ])?;
    make("thread_info", &THREAD_INFO, vec![s("pthread"), s("semaphore"), s("NPTL")])?;
    let c = &vm.interp().config;
    let b = |x: bool| Value::from(i32::from(x));
    make("flags", &FLAGS, vec![
        b(c.debug), b(c.inspect), b(c.interactive), Value::from(c.optimize), b(!c.write_bytecode), b(!c.user_site),
        b(!c.site_import), b(!c.use_environment), Value::from(c.verbose), Value::from(c.bytes_warning), b(c.quiet),
        b(c.hash_randomization), b(c.isolated), Value::bool(c.dev_mode), b(c.utf8_mode), b(crate::io::text::warns_default_encoding(vm)), Value::bool(c.safe_path),
        Value::from(c.int_max_str_digits), Value::small(1), Value::small(0), Value::small(0),
    ])?;
    let impl_ = taipan_runtime::types::namespace::new(&[
        ("name", s("taipan")),
        ("cache_tag", s("taipan-314")),
        ("version", version),
        ("hexversion", Value::small(0x030e_00f0)),
        ("supports_isolated_interpreters", Value::FALSE),
        ("_multiarch", s("x86_64-linux-gnu")),
    ]);
    m.set("implementation", impl_);
    Ok(())
}

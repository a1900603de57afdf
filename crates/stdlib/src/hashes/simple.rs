//! `_md5`, `_sha1`, `_sha2`: a function of the module makes each object.

/// A module of hash functions.
macro_rules! simple_module {
    (
        $(#[$mdoc:meta])* $module:ident, $shown:literal, exec $exec:ident;
        $($alg:ident, $ty:ident $class:literal as $attr:literal, $function:ident $fdoc:literal;)*
    ) => {
        #[doc = concat!("`", $shown, "`")]
        pub mod $module {
            use taipan_macros::{function, module};
            use taipan_runtime::core::{R, Ref, Value};
            use taipan_runtime::native::TypeDef;
            use taipan_runtime::types::module::Module;
            use taipan_runtime::vm::Vm;

            use $crate::hashes::object::{Core, MUCH, either, fixed_class};
            use $crate::hashes::state::Alg;

            /// The classes of this module.
            pub const TYPES: &[&TypeDef] = &[$($ty::DEF),*];

            module! {
                $(#[$mdoc])*
                name = $shown,
                functions($($function),*),
                exec = exec,
            }

            fn exec(_vm: &Vm, module: &Ref<Module>) -> R<()> {
                $(module.set($attr, <$ty as taipan_runtime::core::Payload>::TYPE.value());)*
                module.set("_GIL_MINSIZE", MUCH);
                Ok(())
            }

            $(
                fixed_class! { $ty, (name = $class, module = $shown, flags(NO_NEW)) {} }

                #[doc = $fdoc]
                #[function(sig = "(data=b'', *, usedforsecurity=True, string=None)")]
                fn $function(
                    vm: &Vm,
                    data: Option<&Value>,
                    usedforsecurity: Option<bool>,
                    string: Option<&Value>,
                ) -> R<Ref<$ty>> {
                    let _ = usedforsecurity;
                    Ok(Ref::new($ty(Core::of(vm, Alg::$alg, either(vm, data, string)?)?)))
                }
            )*
        }
    };
}

simple_module! {
    /// The MD5 hash function.
    md5, "_md5", exec exec;
    Md5, Md5Type "md5" as "MD5Type", md5 "Return a new MD5 hash object; optionally initialized with a string.";
}

simple_module! {
    /// The SHA-1 hash function.
    sha1, "_sha1", exec exec;
    Sha1, Sha1Type "sha1" as "SHA1Type", sha1 "Return a new SHA1 hash object; optionally initialized with a string.";
}

simple_module! {
    /// The SHA-2 hash functions.
    sha2, "_sha2", exec exec;
    Sha224, Sha224Type "SHA224Type" as "SHA224Type",
        sha224 "Return a new SHA-224 hash object; optionally initialized with a string.";
    Sha256, Sha256Type "SHA256Type" as "SHA256Type",
        sha256 "Return a new SHA-256 hash object; optionally initialized with a string.";
    Sha384, Sha384Type "SHA384Type" as "SHA384Type",
        sha384 "Return a new SHA-384 hash object; optionally initialized with a string.";
    Sha512, Sha512Type "SHA512Type" as "SHA512Type",
        sha512 "Return a new SHA-512 hash object; optionally initialized with a string.";
}

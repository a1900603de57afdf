//! How the classes of exceptions are declared.

/// A class without attributes of its own: only a type object that shares its base's layout.
///
/// `name, PLACE: BASE_PLACE, "doc", [extra slots];`
macro_rules! simple {
    ($payload:ty; $($name:literal $place:ident: $base:path, $doc:literal $(, $slot:ident = $f:expr)*;)*) => {
        $(
            #[doc = concat!("The place of `", $name, "`.")]
            pub static $place: crate::core::StaticType = crate::core::StaticType::new();
        )*

        /// The definitions, bases first.
        pub(super) const TYPES: &[&crate::native::TypeDef] = &[$({
            static DEF: crate::native::TypeDef = crate::native::TypeDef {
                name: $name,
                module: "builtins",
                doc: $doc,
                text_signature: "",
                place: &$place,
                base: Some(&$base),
                layout: crate::core::Layout::of::<$payload>(),
                flags: crate::types::exceptions::declare::FLAGS,
                slots: {
                    #[allow(unused_mut)]
                    let mut slots = crate::types::type_::Slots::EMPTY;
                    $(slots.$slot = Some($f);)*
                    slots
                },
                methods: &[],
                getsets: &[],
                shape: None,
                setup: None,
            };
            &DEF
        },)*];
    };
}

/// A class with attributes of its own: its payload, a getter and a setter for each, and what else is given.
macro_rules! exception {
    (
        $(#[$($doc:tt)*])*
        class $name:tt, $place:ident, $payload:ident: $base:path;
        members { $($member:ident $setter:ident $mdoc:tt)* }
        fields { $($(#[$($fdoc:tt)*])* $field:ident: $ty:ty,)* }
        $($body:tt)*
    ) => {
        #[doc = concat!("The payload of ", $name, ".")]
        #[derive(taipan_macros::Trace)]
        #[repr(C)]
        pub struct $payload {
            /// What all exceptions have.
            pub base: crate::types::exceptions::base::BaseException,
            $(
                #[doc = $mdoc]
                pub $member: crate::core::PyCell<Option<crate::core::Value>>,
            )*
            $($(#[$($fdoc)*])* $field: $ty,)*
        }

        impl crate::types::exceptions::base::ExceptionPayload for $payload {
            fn around(base: crate::types::exceptions::base::BaseException) -> Self {
                Self { base, $($member: crate::core::PyCell::new(None),)* $($field: <$ty>::default(),)* }
            }
        }

        $(#[$($doc)*])*
        #[taipan_macros::class(
            name = $name,
            place = $place,
            base_place = $base,
            flags(BASETYPE, GC, HAS_DICT, EXC_SUB)
        )]
        impl $payload {
            #[slot]
            fn new(
                _vm: &crate::vm::Vm,
                cls: &crate::types::type_::TypeObject,
                args: crate::native::Args<'_>,
            ) -> crate::core::R {
                Ok(crate::types::exceptions::base::make::<Self>(cls, args.positional()).into_value())
            }

            $(
                #[doc = $mdoc]
                #[getter]
                fn $member(
                    _vm: &crate::vm::Vm,
                    this: &crate::core::Ref<Self>,
                ) -> Option<crate::core::Value> {
                    this.$member.get()
                }

                #[setter]
                fn $setter(
                    _vm: &crate::vm::Vm,
                    this: &crate::core::Ref<Self>,
                    value: Option<&crate::core::Value>,
                ) {
                    this.$member.set(value.cloned());
                }
            )*

            $($body)*
        }
    };
}

pub(super) use {exception, simple};

/// What all exception classes are.
pub(super) const FLAGS: u32 = {
    use crate::types::type_::tflag;
    tflag::BASETYPE | tflag::GC | tflag::HAS_DICT | tflag::EXC_SUB
};

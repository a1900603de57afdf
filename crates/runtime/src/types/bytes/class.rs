//! The methods that bytes and bytearray share, declared once.

/// A `#[class]` impl with the shared methods and those given.
macro_rules! bytes_class {
    (
        $(#[doc = $doc:literal])*
        class $ty:ident, ($($args:tt)*) { $($own:tt)* }
    ) => {
        $(#[doc = $doc])*
        #[taipan_macros::class($($args)*)]
        impl $ty {
            $($own)*

            #[slot]
            fn contains(vm: &Vm, this: &Ref<$ty>, item: &Value) -> R<bool> {
                common::contains(vm, this, item)
            }

            #[slot]
            fn concat(vm: &Vm, this: &Ref<$ty>, other: &Value) -> R {
                common::concat(vm, this, other)
            }

            /// Return a copy with its first byte upper case and the rest lower case, as ASCII.
            #[method(sig = "()")]
            fn capitalize(_vm: &Vm, this: &Ref<$ty>) -> Value {
                common::map(this, taipan_text::search::bytes_capitalize)
            }

            /// Return the bytes centred in a given width, padded with the fill byte.
            #[method(sig = "(width, fillchar=b' ', /)")]
            fn center(vm: &Vm, this: &Ref<$ty>, width: isize, fillchar: Option<&Value>) -> R {
                common::justify(vm, this, width, fillchar, common::Place::Center)
            }

            /// Return the number of occurrences of a byte or run of bytes in B[start:end] that do not overlap.
            #[method(sig = "(sub, start=None, end=None, /)")]
            fn count(vm: &Vm, this: &Ref<$ty>, sub: &Value, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
                common::count(vm, this, sub, start, end)
            }

            /// Decode the bytes using the codec registered for encoding.
            ///
            ///   encoding
            ///     The encoding with which to decode the bytes.
            ///   errors
            ///     The error handling scheme to use for the handling of decoding errors.
            ///     The default is 'strict' meaning that decoding errors raise a
            ///     UnicodeDecodeError. Other possible values are 'ignore' and 'replace'
            ///     as well as any other name registered with codecs.register_error that
            ///     can handle UnicodeDecodeErrors.
            #[method(sig = "(encoding='utf-8', errors='strict')")]
            fn decode(vm: &Vm, this: &Ref<$ty>, encoding: Option<&str>, errors: Option<&str>) -> R {
                crate::types::bytes::construct::decode(vm, this.value(), encoding, errors)
            }

            /// Return True if the bytes end with the suffix, or one of a tuple of suffixes.
            #[method(sig = "(suffix, start=None, end=None, /)")]
            fn endswith(vm: &Vm, this: &Ref<$ty>, suffix: &Value, start: Option<&Value>, end: Option<&Value>) -> R<bool> {
                common::affix(vm, this, suffix, start, end, true)
            }

            /// Return a copy where all tab bytes are expanded to spaces.
            #[method(sig = "(tabsize=8)")]
            fn expandtabs(vm: &Vm, this: &Ref<$ty>, tabsize: i32) -> R {
                common::expand_tabs(vm, this, tabsize)
            }

            /// Return the lowest index where sub is found within B[start:end], or -1.
            #[method(sig = "(sub, start=None, end=None, /)")]
            fn find(vm: &Vm, this: &Ref<$ty>, sub: &Value, start: Option<&Value>, end: Option<&Value>) -> R<isize> {
                Ok(common::find(vm, this, sub, start, end, false)?.map_or(-1, |i| i as isize))
            }

            /// Return the bytes as hexadecimal digits, with a separator between groups of bytes if one is given.
            ///
            ///   sep
            ///     An optional single character or byte to separate hex bytes.
            ///   bytes_per_sep
            ///     How many bytes between separators: counted from the right if positive, from the left if negative.
            ///
            /// >>> bytes((1, 35, 171)).hex(':', 2)
            /// '01:23ab'
            #[method(sig = "(sep=<unrepresentable>, bytes_per_sep=1)")]
            fn hex(vm: &Vm, this: &Ref<$ty>, sep: Option<&Value>, bytes_per_sep: i32) -> R {
                common::hex(vm, &|| this.view().to_vec(), sep, bytes_per_sep as isize)
            }

            /// As find(), but raise ValueError when sub is not found.
            #[method(sig = "(sub, start=None, end=None, /)")]
            fn index(vm: &Vm, this: &Ref<$ty>, sub: &Value, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
                common::index(vm, this, sub, start, end, false)
            }

            /// Return True if all bytes are ASCII letters or digits and there is one.
            #[method(sig = "()")]
            fn isalnum(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::all(this, u8::is_ascii_alphanumeric)
            }

            /// Return True if all bytes are ASCII letters and there is one.
            #[method(sig = "()")]
            fn isalpha(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::all(this, u8::is_ascii_alphabetic)
            }

            /// Return True if all bytes are ASCII; no bytes are.
            #[method(sig = "()")]
            fn isascii(_vm: &Vm, this: &Ref<$ty>) -> bool {
                this.view().is_ascii()
            }

            /// Return True if all bytes are ASCII digits and there is one.
            #[method(sig = "()")]
            fn isdigit(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::all(this, u8::is_ascii_digit)
            }

            /// Return True if there is an ASCII letter and all are lower case.
            #[method(sig = "()")]
            fn islower(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::cased(this, u8::is_ascii_lowercase, u8::is_ascii_uppercase)
            }

            /// Return True if all bytes are ASCII whitespace and there is one.
            #[method(sig = "()")]
            fn isspace(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::all(this, |b| taipan_text::search::is_ascii_space(u32::from(*b)))
            }

            /// Return True if each word starts with an upper case ASCII letter that no other follows.
            #[method(sig = "()")]
            fn istitle(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::is_title(this)
            }

            /// Return True if there is an ASCII letter and all are upper case.
            #[method(sig = "()")]
            fn isupper(_vm: &Vm, this: &Ref<$ty>) -> bool {
                common::cased(this, u8::is_ascii_uppercase, u8::is_ascii_lowercase)
            }

            /// Concatenate any number of bytes-like objects, with these bytes between them.
            #[method(sig = "(iterable_of_bytes, /)")]
            fn join(vm: &Vm, this: &Ref<$ty>, iterable_of_bytes: &Value) -> R {
                common::join(vm, this, iterable_of_bytes)
            }

            /// Return the bytes left-justified in a given width, padded with the fill byte.
            #[method(sig = "(width, fillchar=b' ', /)")]
            fn ljust(vm: &Vm, this: &Ref<$ty>, width: isize, fillchar: Option<&Value>) -> R {
                common::justify(vm, this, width, fillchar, common::Place::Left)
            }

            /// Return a copy with all ASCII letters lower case.
            #[method(sig = "()")]
            fn lower(_vm: &Vm, this: &Ref<$ty>) -> Value {
                common::map(this, <[u8]>::to_ascii_lowercase)
            }

            /// Return a copy without ASCII whitespace, or the bytes given, at the start.
            #[method(sig = "(bytes=None, /)")]
            fn lstrip(vm: &Vm, this: &Ref<$ty>, bytes: &Value) -> R {
                common::strip(vm, this, bytes, true, false)
            }

            /// Return a table for translate(), which maps each byte of frm to the byte at the same place in to.
            #[staticmethod(sig = "(frm, to, /)")]
            fn maketrans(vm: &Vm, frm: BytesLike<'_>, to: BytesLike<'_>) -> R {
                common::make_table(vm, &frm, &to)
            }

            /// Split at the first separator: the part before it, the separator, and the part after it.
            ///
            /// If it is not found, return a copy and two empty objects.
            #[method(sig = "(sep, /)")]
            fn partition(vm: &Vm, this: &Ref<$ty>, sep: &Value) -> R {
                common::partition(vm, this, sep, false)
            }

            /// Return a copy without the given prefix, if it is there.
            #[method(sig = "(prefix, /)")]
            fn removeprefix(_vm: &Vm, this: &Ref<$ty>, prefix: BytesLike<'_>) -> Value {
                common::remove_affix(this, &prefix, false)
            }

            /// Return a copy without the given suffix, if it is there.
            #[method(sig = "(suffix, /)")]
            fn removesuffix(_vm: &Vm, this: &Ref<$ty>, suffix: BytesLike<'_>) -> Value {
                common::remove_affix(this, &suffix, true)
            }

            /// Return a copy with all occurrences of old replaced by new.
            ///
            /// A count that is not negative limits how many are replaced, from the left.
            #[method(sig = "(old, new, count=-1, /)")]
            fn replace(vm: &Vm, this: &Ref<$ty>, old: BytesLike<'_>, new: BytesLike<'_>, count: isize) -> R {
                common::replace(vm, this, &old, &new, count)
            }

            /// Return the highest index where sub is found within B[start:end], or -1.
            #[method(sig = "(sub, start=None, end=None, /)")]
            fn rfind(vm: &Vm, this: &Ref<$ty>, sub: &Value, start: Option<&Value>, end: Option<&Value>) -> R<isize> {
                Ok(common::find(vm, this, sub, start, end, true)?.map_or(-1, |i| i as isize))
            }

            /// As rfind(), but raise ValueError when sub is not found.
            #[method(sig = "(sub, start=None, end=None, /)")]
            fn rindex(vm: &Vm, this: &Ref<$ty>, sub: &Value, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
                common::index(vm, this, sub, start, end, true)
            }

            /// Return the bytes right-justified in a given width, padded with the fill byte.
            #[method(sig = "(width, fillchar=b' ', /)")]
            fn rjust(vm: &Vm, this: &Ref<$ty>, width: isize, fillchar: Option<&Value>) -> R {
                common::justify(vm, this, width, fillchar, common::Place::Right)
            }

            /// Split at the last separator: the part before it, the separator, and the part after it.
            ///
            /// If it is not found, return two empty objects and a copy.
            #[method(sig = "(sep, /)")]
            fn rpartition(vm: &Vm, this: &Ref<$ty>, sep: &Value) -> R {
                common::partition(vm, this, sep, true)
            }

            /// Return a list of the parts, split at the separator from the right.
            ///
            /// Without one, runs of ASCII whitespace separate. A maxsplit that is not negative limits the splits.
            #[method(sig = "(sep=None, maxsplit=-1)")]
            fn rsplit(vm: &Vm, this: &Ref<$ty>, sep: &Value, maxsplit: isize) -> R {
                common::split(vm, this, sep, maxsplit, true)
            }

            /// Return a copy without ASCII whitespace, or the bytes given, at the end.
            #[method(sig = "(bytes=None, /)")]
            fn rstrip(vm: &Vm, this: &Ref<$ty>, bytes: &Value) -> R {
                common::strip(vm, this, bytes, false, true)
            }

            /// Return a list of the parts, split at the separator from the left.
            ///
            /// Without one, runs of ASCII whitespace separate. A maxsplit that is not negative limits the splits.
            #[method(sig = "(sep=None, maxsplit=-1)")]
            fn split(vm: &Vm, this: &Ref<$ty>, sep: &Value, maxsplit: isize) -> R {
                common::split(vm, this, sep, maxsplit, false)
            }

            /// Return a list of the lines, with their ends if keepends is true.
            #[method(sig = "(keepends=False)")]
            fn splitlines(_vm: &Vm, this: &Ref<$ty>, keepends: bool) -> Value {
                common::split_lines(this, keepends)
            }

            /// Return True if the bytes start with the prefix, or one of a tuple of prefixes.
            #[method(sig = "(prefix, start=None, end=None, /)")]
            fn startswith(vm: &Vm, this: &Ref<$ty>, prefix: &Value, start: Option<&Value>, end: Option<&Value>) -> R<bool> {
                common::affix(vm, this, prefix, start, end, false)
            }

            /// Return a copy without ASCII whitespace, or the bytes given, at either end.
            #[method(sig = "(bytes=None, /)")]
            fn strip(vm: &Vm, this: &Ref<$ty>, bytes: &Value) -> R {
                common::strip(vm, this, bytes, true, true)
            }

            /// Return a copy with upper case ASCII letters made lower case and the other way round.
            #[method(sig = "()")]
            fn swapcase(_vm: &Vm, this: &Ref<$ty>) -> Value {
                common::map(this, taipan_text::search::bytes_swapcase)
            }

            /// Return a copy in which each word starts with an upper case ASCII letter.
            #[method(sig = "()")]
            fn title(_vm: &Vm, this: &Ref<$ty>) -> Value {
                common::map(this, taipan_text::search::bytes_title)
            }

            /// Return a copy with each byte mapped by the table of 256 bytes, without the bytes in delete.
            #[method(sig = "(table, /, delete=b'')")]
            fn translate(vm: &Vm, this: &Ref<$ty>, table: &Value, delete: Option<&Value>) -> R {
                common::translate(vm, this, table, delete)
            }

            /// Return a copy with all ASCII letters upper case.
            #[method(sig = "()")]
            fn upper(_vm: &Vm, this: &Ref<$ty>) -> Value {
                common::map(this, <[u8]>::to_ascii_uppercase)
            }

            /// Fill a numeric text with zeros on the left up to the given width; a sign stays in front.
            #[method(sig = "(width, /)")]
            fn zfill(vm: &Vm, this: &Ref<$ty>, width: isize) -> R {
                common::zfill(vm, this, width)
            }
        }
    };
}
pub(crate) use bytes_class;

//! The class str: its slots and methods, which the other files of this folder do.

use super::layout::{self, Place};
use super::{Str, case, codec, construct, exact, format, iter, printf, search, split, translate};
use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::tuple;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

/// str(object='') -> str
/// str(bytes_or_buffer[, encoding[, errors]]) -> str
///
/// The text of an object, from its `__str__` or else its `repr()`; with an encoding or an error handler, the text
/// that bytes stand for. The encoding is 'utf-8' where none is given, errors are 'strict'.
#[taipan_macros::class(name = "str", place = STR, flags(BASETYPE, STR_SUB, MATCH_SELF))]
impl Str {
    #[slot(new)]
    fn new_slot(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        construct::new(vm, cls, args)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Str>) -> R {
        construct::repr(vm, this)
    }

    #[slot]
    fn str(_vm: &Vm, this: &Ref<Str>) -> Value {
        exact(this)
    }

    #[slot(hash)]
    fn hash_slot(_vm: &Vm, this: &Ref<Str>) -> i64 {
        Str::hash(this)
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Str>, other: &Value, op: CmpOp) -> Value {
        construct::compare(this, other, op)
    }

    #[slot(iter)]
    fn iter_slot(_vm: &Vm, this: &Ref<Str>) -> Value {
        iter::new(this.clone())
    }

    #[slot(len)]
    fn len_slot(_vm: &Vm, this: &Ref<Str>) -> usize {
        Str::len(this)
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Str>, key: &Value) -> R {
        construct::get_item(vm, this, key)
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<Str>, index: isize) -> R {
        construct::item(vm, this, index)
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<Str>, item: &Value) -> R<bool> {
        match item.downcast::<Str>() {
            Some(sub) => Ok(search::contains(this, sub)),
            None => {
                let ty = item.ty().tp_name();
                Err(vm.type_error(format!("'in <string>' requires string as left operand, not {ty}")))
            }
        }
    }

    #[slot]
    fn concat(vm: &Vm, this: &Ref<Str>, other: &Value) -> R {
        construct::add(vm, this, other)
    }

    #[slot]
    fn repeat(vm: &Vm, this: &Ref<Str>, n: isize) -> R {
        layout::repeat(vm, this, n)
    }

    #[slot(binary = Mod)]
    fn rem(vm: &Vm, a: &Value, b: &Value) -> R {
        match a.downcast::<Str>() {
            Some(s) => printf::format(vm, s, b),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// Encode the string using the codec registered for encoding.
    ///
    ///   encoding
    ///     The encoding in which to encode the string.
    ///   errors
    ///     The error handling scheme to use for encoding errors.
    ///     The default is 'strict' meaning that encoding errors raise a
    ///     UnicodeEncodeError.  Other possible values are 'ignore', 'replace' and
    ///     'xmlcharrefreplace' as well as any other name registered with
    ///     codecs.register_error that can handle UnicodeEncodeErrors.
    #[method(sig = "(encoding='utf-8', errors='strict')")]
    fn encode(vm: &Vm, this: &Ref<Str>, encoding: Option<&str>, errors: Option<&str>) -> R {
        let encoding = encoding.unwrap_or("utf-8");
        construct::check_name(vm, encoding)?;
        if let Some(errors) = errors {
            construct::check_name(vm, errors)?;
        }
        codec::encode(vm, this.value(), encoding, errors)
    }

    /// Return a copy with all occurrences of substring old replaced by new.
    ///
    /// A count that is not negative limits how many are replaced, from the left.
    #[method(sig = "(old, new, /, count=-1)")]
    fn replace(vm: &Vm, this: &Ref<Str>, old: &Ref<Str>, new: &Ref<Str>, count: isize) -> R {
        search::replace(vm, this, old, new, count)
    }

    /// Return a list of the substrings, split at the separator from the left.
    ///
    /// Without a separator, runs of whitespace separate and empty strings are left out. A maxsplit that is not
    /// negative limits the number of splits.
    #[method(sig = "(sep=None, maxsplit=-1)")]
    fn split(vm: &Vm, this: &Ref<Str>, sep: &Value, maxsplit: isize) -> R {
        split::split(vm, this, sep, maxsplit, false)
    }

    /// Return a list of the substrings, split at the separator from the right.
    ///
    /// As split() but for a maxsplit that is not negative.
    #[method(sig = "(sep=None, maxsplit=-1)")]
    fn rsplit(vm: &Vm, this: &Ref<Str>, sep: &Value, maxsplit: isize) -> R {
        split::split(vm, this, sep, maxsplit, true)
    }

    /// Concatenate any number of strings, with this one between them.
    #[method(sig = "(iterable, /)")]
    fn join(vm: &Vm, this: &Ref<Str>, iterable: &Value) -> R {
        split::join(vm, this, iterable)
    }

    /// Return a version of the string with its first character upper case and the rest lower case.
    #[method(sig = "()")]
    fn capitalize(vm: &Vm, this: &Ref<Str>) -> R {
        case::capitalize(vm, this)
    }

    /// Return a version of the string suitable for caseless comparisons.
    #[method(sig = "()")]
    fn casefold(vm: &Vm, this: &Ref<Str>) -> R {
        case::casefold(vm, this)
    }

    /// Return a version of the string in which each word starts with an upper case character.
    #[method(sig = "()")]
    fn title(vm: &Vm, this: &Ref<Str>) -> R {
        case::title(vm, this)
    }

    /// Return the string centred in a given width, padded with the fill character.
    #[method(sig = "(width, fillchar=' ', /)")]
    fn center(vm: &Vm, this: &Ref<Str>, width: isize, fillchar: Option<&Value>) -> R {
        layout::justify(vm, this, width, fillchar, Place::Center)
    }

    /// Return the number of occurrences of substring sub in string S[start:end] that do not overlap.
    #[method(sig = "(sub, start=None, end=None, /)")]
    fn count(vm: &Vm, this: &Ref<Str>, sub: &Ref<Str>, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
        search::count(vm, this, sub, start, end)
    }

    /// Return a copy where all tab characters are expanded to spaces.
    #[method(sig = "(tabsize=8)")]
    fn expandtabs(vm: &Vm, this: &Ref<Str>, tabsize: i32) -> R {
        layout::expand_tabs(vm, this, tabsize as isize)
    }

    /// Return the lowest index where substring sub is found within S[start:end], or -1.
    #[method(sig = "(sub, start=None, end=None, /)")]
    fn find(vm: &Vm, this: &Ref<Str>, sub: &Ref<Str>, start: Option<&Value>, end: Option<&Value>) -> R<isize> {
        Ok(search::find_in(vm, this, sub, start, end, false)?.map_or(-1, |i| i as isize))
    }

    /// Return the highest index where substring sub is found within S[start:end], or -1.
    #[method(sig = "(sub, start=None, end=None, /)")]
    fn rfind(vm: &Vm, this: &Ref<Str>, sub: &Ref<Str>, start: Option<&Value>, end: Option<&Value>) -> R<isize> {
        Ok(search::find_in(vm, this, sub, start, end, true)?.map_or(-1, |i| i as isize))
    }

    /// As find(), but raise ValueError when the substring is not found.
    #[method(sig = "(sub, start=None, end=None, /)")]
    fn index(vm: &Vm, this: &Ref<Str>, sub: &Ref<Str>, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
        search::find_in(vm, this, sub, start, end, false)?.ok_or_else(|| vm.value_error("substring not found"))
    }

    /// As rfind(), but raise ValueError when the substring is not found.
    #[method(sig = "(sub, start=None, end=None, /)")]
    fn rindex(vm: &Vm, this: &Ref<Str>, sub: &Ref<Str>, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
        search::find_in(vm, this, sub, start, end, true)?.ok_or_else(|| vm.value_error("substring not found"))
    }

    /// Split the string at the first separator: the part before it, the separator, and the part after it.
    ///
    /// If it is not found, return the string and two empty strings.
    #[method(sig = "(sep, /)")]
    fn partition(vm: &Vm, this: &Ref<Str>, sep: &Value) -> R {
        search::partition(vm, this, separator(vm, sep)?, false)
    }

    /// Split the string at the last separator: the part before it, the separator, and the part after it.
    ///
    /// If it is not found, return two empty strings and the string.
    #[method(sig = "(sep, /)")]
    fn rpartition(vm: &Vm, this: &Ref<Str>, sep: &Value) -> R {
        search::partition(vm, this, separator(vm, sep)?, true)
    }

    /// Return the string left-justified in a given width, padded with the fill character.
    #[method(sig = "(width, fillchar=' ', /)")]
    fn ljust(vm: &Vm, this: &Ref<Str>, width: isize, fillchar: Option<&Value>) -> R {
        layout::justify(vm, this, width, fillchar, Place::Left)
    }

    /// Return the string right-justified in a given width, padded with the fill character.
    #[method(sig = "(width, fillchar=' ', /)")]
    fn rjust(vm: &Vm, this: &Ref<Str>, width: isize, fillchar: Option<&Value>) -> R {
        layout::justify(vm, this, width, fillchar, Place::Right)
    }

    /// Return a copy of the string in lower case.
    #[method(sig = "()")]
    fn lower(vm: &Vm, this: &Ref<Str>) -> R {
        case::lower(vm, this)
    }

    /// Return a copy of the string without whitespace, or characters of chars, at its start.
    #[method(sig = "(chars=None, /)")]
    fn lstrip(vm: &Vm, this: &Ref<Str>, chars: &Value) -> R {
        split::strip(vm, this, chars, true, false)
    }

    /// Return a copy of the string without whitespace, or characters of chars, at its end.
    #[method(sig = "(chars=None, /)")]
    fn rstrip(vm: &Vm, this: &Ref<Str>, chars: &Value) -> R {
        split::strip(vm, this, chars, false, true)
    }

    /// Return a copy of the string without whitespace, or characters of chars, at either end.
    #[method(sig = "(chars=None, /)")]
    fn strip(vm: &Vm, this: &Ref<Str>, chars: &Value) -> R {
        split::strip(vm, this, chars, true, true)
    }

    /// Return a list of the lines in the string, with their ends if keepends is true.
    #[method(sig = "(keepends=False)")]
    fn splitlines(_vm: &Vm, this: &Ref<Str>, keepends: bool) -> R {
        split::split_lines(this, keepends)
    }

    /// Return a copy with upper case characters made lower case and the other way round.
    #[method(sig = "()")]
    fn swapcase(vm: &Vm, this: &Ref<Str>) -> R {
        case::swapcase(vm, this)
    }

    /// Replace each character by what the table says: a character's number, a string, or None to delete it.
    ///
    /// The table is indexed with the characters' numbers; those for which it raises LookupError stay.
    #[method(sig = "(table, /)")]
    fn translate(vm: &Vm, this: &Ref<Str>, table: &Value) -> R {
        translate::translate(vm, this, table)
    }

    /// Return a translation table for str.translate().
    ///
    /// One argument is a dict of characters or their numbers to numbers, strings or None. Two are strings of equal
    /// length; a third one holds characters to delete.
    #[staticmethod(sig = "(x, y=<unrepresentable>, z=<unrepresentable>, /)")]
    fn maketrans(vm: &Vm, x: &Value, y: Option<&Value>, z: Option<&Value>) -> R {
        translate::make_table(vm, x, y, z)
    }

    /// Return a copy of the string in upper case.
    #[method(sig = "()")]
    fn upper(vm: &Vm, this: &Ref<Str>) -> R {
        case::upper(vm, this)
    }

    /// Return True if the string starts with the prefix, or one of a tuple of prefixes.
    #[method(sig = "(prefix, start=None, end=None, /)")]
    fn startswith(vm: &Vm, this: &Ref<Str>, prefix: &Value, start: Option<&Value>, end: Option<&Value>) -> R<bool> {
        search::affix(vm, this, prefix, start, end, false)
    }

    /// Return True if the string ends with the suffix, or one of a tuple of suffixes.
    #[method(sig = "(suffix, start=None, end=None, /)")]
    fn endswith(vm: &Vm, this: &Ref<Str>, suffix: &Value, start: Option<&Value>, end: Option<&Value>) -> R<bool> {
        search::affix(vm, this, suffix, start, end, true)
    }

    /// Return a str with the given prefix removed if present.
    #[method(sig = "(prefix, /)")]
    fn removeprefix(_vm: &Vm, this: &Ref<Str>, prefix: &Ref<Str>) -> Value {
        search::remove_affix(this, prefix, false)
    }

    /// Return a str with the given suffix removed if present.
    #[method(sig = "(suffix, /)")]
    fn removesuffix(_vm: &Vm, this: &Ref<Str>, suffix: &Ref<Str>) -> Value {
        search::remove_affix(this, suffix, true)
    }

    /// Return True if all characters are ASCII; the empty string is.
    #[method(sig = "()")]
    fn isascii(_vm: &Vm, this: &Ref<Str>) -> bool {
        this.as_ascii().is_some()
    }

    /// Return True if the string is lower case: no cased character is anything else, and there is one.
    #[method(sig = "()")]
    fn islower(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_lower(this)
    }

    /// Return True if the string is upper case: no cased character is anything else, and there is one.
    #[method(sig = "()")]
    fn isupper(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_upper(this)
    }

    /// Return True if each word starts with an upper or title case character that no other follows.
    #[method(sig = "()")]
    fn istitle(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_title(this)
    }

    /// Return True if all characters are whitespace and there is one.
    #[method(sig = "()")]
    fn isspace(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_space(this)
    }

    /// Return True if all characters are decimal and there is one.
    #[method(sig = "()")]
    fn isdecimal(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_decimal(this)
    }

    /// Return True if all characters are digits and there is one.
    #[method(sig = "()")]
    fn isdigit(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_digit(this)
    }

    /// Return True if all characters are numeric and there is one.
    #[method(sig = "()")]
    fn isnumeric(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_numeric(this)
    }

    /// Return True if all characters are alphabetic and there is one.
    #[method(sig = "()")]
    fn isalpha(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_alpha(this)
    }

    /// Return True if all characters are alphabetic or numeric and there is one.
    #[method(sig = "()")]
    fn isalnum(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_alnum(this)
    }

    /// Return True if the string is a valid Python identifier.
    ///
    /// keyword.iskeyword(s) tells whether it is a reserved one.
    #[method(sig = "()")]
    fn isidentifier(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_identifier(this)
    }

    /// Return True if all characters are printable; the empty string is.
    #[method(sig = "()")]
    fn isprintable(_vm: &Vm, this: &Ref<Str>) -> bool {
        case::is_printable(this)
    }

    /// Fill a numeric string with zeros on the left up to the given width; a sign stays in front.
    #[method(sig = "(width, /)")]
    fn zfill(vm: &Vm, this: &Ref<Str>, width: isize) -> R {
        layout::zfill(vm, this, width)
    }

    /// Return a formatted version of the string, using substitutions from args and kwargs.
    ///
    /// The substitutions stand between braces ('{' and '}').
    #[method(name = "format", sig = "(*args, **kwargs)")]
    fn format_method(vm: &Vm, this: &Ref<Str>, args: Args<'_>) -> R {
        format::format(vm, this, args)
    }

    /// Return a formatted version of the string, using substitutions from mapping.
    #[method(sig = "(mapping, /)")]
    fn format_map(vm: &Vm, this: &Ref<Str>, mapping: &Value) -> R {
        format::format_map(vm, this, mapping)
    }

    /// Return a formatted version of the string as described by format_spec.
    #[method(sig = "(format_spec, /)")]
    fn __format__(vm: &Vm, this: &Ref<Str>, format_spec: &Ref<Str>) -> R {
        format::format_str(vm, this, format_spec)
    }

    /// Return the size of the string in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Str>) -> usize {
        // What CPython's objects take, which programs compare.
        let (head, extra) = (if this.as_ascii().is_some() { 40 } else { 56 }, this.ty().size.get() - Str::DEF.place.get().size.get());
        head + extra as usize + this.memory() + this.kind().width()
    }

    #[method(sig = "()")]
    fn __getnewargs__(_vm: &Vm, this: &Ref<Str>) -> Value {
        tuple::from_array([this.substring(0, Str::len(this)).into_value()]).into_value()
    }
}

fn separator<'a>(vm: &Vm, sep: &'a Value) -> R<&'a Ref<Str>> {
    sep.downcast::<Str>().ok_or_else(|| vm.type_error(format!("must be str, not {}", sep.ty().tp_name())))
}

//! `_sre`: patterns, matches and scanners over the matcher of `taipan_sre`.

mod matching;
mod output;
mod pattern;
mod subject;
mod template;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;
use taipan_text::unicode;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[pattern::Pattern::DEF, matching::Match::DEF, pattern::Scanner::DEF, template::Template::DEF];

module! {
    /// The engine of regular expressions.
    name = "_sre",
    functions(pattern::compile, getcodesize, ascii_iscased, unicode_iscased, ascii_tolower, unicode_tolower, getlower, template::template),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("MAGIC", taipan_sre::MAGIC);
    m.set("CODESIZE", taipan_sre::CODESIZE);
    m.set("MAXREPEAT", taipan_sre::MAXREPEAT);
    m.set("MAXGROUPS", taipan_sre::MAXGROUPS);
    m.set("copyright", taipan_runtime::types::str::from_str("Taipan"));
    Ok(())
}

/// Unicode's properties for the matcher.
pub(super) struct Unicode;

impl taipan_sre::CharData for Unicode {
    fn is_space(&self, c: u32) -> bool {
        unicode::is_space(c)
    }
    fn is_alnum(&self, c: u32) -> bool {
        unicode::is_alnum(c)
    }
    fn is_decimal(&self, c: u32) -> bool {
        unicode::is_decimal(c)
    }
    fn is_linebreak(&self, c: u32) -> bool {
        unicode::is_line_break(c)
    }
    fn lower(&self, c: u32) -> u32 {
        unicode::simple_lower(c)
    }
    fn upper(&self, c: u32) -> u32 {
        unicode::simple_upper(c)
    }
}

/// The one instance.
pub(super) static UNICODE: Unicode = Unicode;

#[function]
fn getcodesize(_vm: &Vm) -> usize {
    taipan_sre::CODESIZE
}

#[function(sig = "(character, /)")]
fn ascii_iscased(_vm: &Vm, character: u32) -> bool {
    taipan_sre::ascii_iscased(character)
}

#[function(sig = "(character, /)")]
fn unicode_iscased(_vm: &Vm, character: u32) -> bool {
    taipan_sre::unicode_iscased(character, &UNICODE)
}

#[function(sig = "(character, /)")]
fn ascii_tolower(_vm: &Vm, character: u32) -> u32 {
    taipan_sre::ascii_tolower(character)
}

#[function(sig = "(character, /)")]
fn unicode_tolower(_vm: &Vm, character: u32) -> u32 {
    taipan_sre::unicode_tolower(character, &UNICODE)
}

#[function(sig = "(character, flags, /)")]
fn getlower(_vm: &Vm, character: u32, flags: u32) -> Value {
    // 32: the flag UNICODE.
    Value::from(if flags & 32 != 0 { taipan_sre::unicode_tolower(character, &UNICODE) } else { taipan_sre::ascii_tolower(character) })
}

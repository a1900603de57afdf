//! Where formatted text goes.

/// Receives formatted text. The runtime implements it for its string builder; here are the plain
/// ones.
pub trait Sink {
    /// Appends one code point.
    fn push(&mut self, code: u32);

    /// Appends ASCII text.
    fn push_ascii(&mut self, text: &str) {
        text.bytes().for_each(|b| self.push(u32::from(b)));
    }

    /// Appends the same code point many times.
    fn repeat(&mut self, code: u32, count: usize) {
        (0..count).for_each(|_| self.push(code));
    }
}

impl Sink for Vec<u32> {
    fn push(&mut self, code: u32) {
        Vec::push(self, code);
    }

    fn repeat(&mut self, code: u32, count: usize) {
        self.resize(self.len() + count, code);
    }
}

/// Surrogates, which a Rust string cannot hold, become U+FFFD.
impl Sink for String {
    fn push(&mut self, code: u32) {
        String::push(
            self,
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        );
    }

    fn push_ascii(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Bytes, for `bytes % args`; what exceeds a byte becomes `?`.
impl Sink for Vec<u8> {
    fn push(&mut self, code: u32) {
        Vec::push(self, u8::try_from(code).unwrap_or(b'?'));
    }

    fn push_ascii(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }

    fn repeat(&mut self, code: u32, count: usize) {
        self.resize(self.len() + count, u8::try_from(code).unwrap_or(b'?'));
    }
}

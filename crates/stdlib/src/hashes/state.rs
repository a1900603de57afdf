//! The hash functions, and hashes in progress.

use sha2::digest::{Digest, ExtendableOutput, Update, XofReader};

use super::blake2_core::{Blake2b, Blake2s, Params};

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alg {
    Md5, Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Shake128,
    Shake256, Blake2b, Blake2s,
}

impl Alg {
    /// All.
    pub const ALL: [Self; 16] = [
        Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512, Self::Sha512_224,
        Self::Sha512_256, Self::Sha3_224, Self::Sha3_256, Self::Sha3_384, Self::Sha3_512, Self::Shake128,
        Self::Shake256, Self::Blake2b, Self::Blake2s,
    ];

    /// The name, bytes of the result (0 where the user says), bytes of a block.
    const fn facts(self) -> (&'static str, usize, usize) {
        match self {
            Self::Md5 => ("md5", 16, 64),
            Self::Sha1 => ("sha1", 20, 64),
            Self::Sha224 => ("sha224", 28, 64),
            Self::Sha256 => ("sha256", 32, 64),
            Self::Sha384 => ("sha384", 48, 128),
            Self::Sha512 => ("sha512", 64, 128),
            Self::Sha512_224 => ("sha512_224", 28, 128),
            Self::Sha512_256 => ("sha512_256", 32, 128),
            Self::Sha3_224 => ("sha3_224", 28, 144),
            Self::Sha3_256 => ("sha3_256", 32, 136),
            Self::Sha3_384 => ("sha3_384", 48, 104),
            Self::Sha3_512 => ("sha3_512", 64, 72),
            Self::Shake128 => ("shake_128", 0, 168),
            Self::Shake256 => ("shake_256", 0, 136),
            Self::Blake2b => ("blake2b", 64, 128),
            Self::Blake2s => ("blake2s", 32, 64),
        }
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        self.facts().0
    }

    /// Bytes of the result; 0 where the user says how many.
    pub const fn digest_size(self) -> usize {
        self.facts().1
    }

    /// Bytes of a block.
    pub const fn block_size(self) -> usize {
        self.facts().2
    }

    /// The function of a name, in small or capital letters.
    pub fn named(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        Self::ALL.into_iter().find(|a| (lower == a.name()) && (name == lower || name == a.name().to_ascii_uppercase()))
    }

    /// As [`Alg::named`], with the other names that OpenSSL knows.
    pub fn named_loosely(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let lower = match lower.strip_prefix("sha2-") {
            Some(rest) => format!("sha{}", rest.replace('/', "_")),
            None => lower,
        };
        let plain = match lower.as_str() {
            "blake2b512" | "blake2b-512" => "blake2b",
            "blake2s256" | "blake2s-256" => "blake2s",
            "shake128" | "shake-128" => "shake_128",
            "shake256" | "shake-256" => "shake_256",
            "ssl3-md5" => "md5",
            "ssl3-sha1" | "sha-1" => "sha1",
            "sha512-224" => "sha512_224",
            "sha512-256" => "sha512_256",
            other => other,
        };
        let plain = match plain.strip_prefix("sha3-") {
            Some(rest) => format!("sha3_{rest}"),
            None => match plain.strip_prefix("sha-") {
                Some(rest) => format!("sha{rest}"),
                None => plain.to_owned(),
            },
        };
        Self::ALL.into_iter().find(|a| a.name() == plain)
    }

    /// Whether the user says how long the result is.
    pub const fn is_xof(self) -> bool {
        matches!(self, Self::Shake128 | Self::Shake256)
    }
}

/// The result of a hash.
#[derive(Clone, Copy)]
pub struct Output {
    data: [u8; 64],
    len: usize,
}

impl Output {
    fn of(bytes: &[u8]) -> Self {
        let mut data = [0; 64];
        let len = bytes.len().min(64);
        data[..len].copy_from_slice(&bytes[..len]);
        Self { data, len }
    }
}

impl std::ops::Deref for Output {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.data[..self.len]
    }
}

/// A function with a result of fixed length.
pub trait Fixed: Send + Sync {
    /// Hashes more bytes.
    fn feed(&mut self, data: &[u8]);
    /// The result.
    fn result(&self) -> Output;
    /// A copy.
    fn copy(&self) -> Box<dyn Fixed>;
    /// Bytes of the result.
    fn size(&self) -> usize;
}

impl<D: Digest + Clone + Send + Sync + 'static> Fixed for D {
    fn feed(&mut self, data: &[u8]) {
        Digest::update(self, data);
    }
    fn result(&self) -> Output {
        Output::of(&self.clone().finalize())
    }
    fn copy(&self) -> Box<dyn Fixed> {
        Box::new(self.clone())
    }
    fn size(&self) -> usize {
        <D as Digest>::output_size()
    }
}

/// A hash in progress.
pub enum State {
    /// With a result of fixed length.
    Fixed(Box<dyn Fixed>),
    /// SHAKE128
    Shake128(sha3::Shake128),
    /// SHAKE256
    Shake256(sha3::Shake256),
    /// BLAKE2b
    Blake2b(Box<Blake2b>),
    /// BLAKE2s
    Blake2s(Box<Blake2s>),
}

impl Clone for State {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(d) => Self::Fixed(d.copy()),
            Self::Shake128(s) => Self::Shake128(s.clone()),
            Self::Shake256(s) => Self::Shake256(s.clone()),
            Self::Blake2b(b) => Self::Blake2b(b.clone()),
            Self::Blake2s(b) => Self::Blake2s(b.clone()),
        }
    }
}

/// Code for every type of digest with a result of fixed length; `$other` for the rest.
macro_rules! with_digest {
    ($alg:expr, $D:ident => $body:expr, $other:expr) => {{
        use $crate::hashes::state::Alg;
        match $alg {
            Alg::Md5 => { type $D = md5::Md5; $body }
            Alg::Sha1 => { type $D = sha1::Sha1; $body }
            Alg::Sha224 => { type $D = sha2::Sha224; $body }
            Alg::Sha256 => { type $D = sha2::Sha256; $body }
            Alg::Sha384 => { type $D = sha2::Sha384; $body }
            Alg::Sha512 => { type $D = sha2::Sha512; $body }
            Alg::Sha512_224 => { type $D = sha2::Sha512_224; $body }
            Alg::Sha512_256 => { type $D = sha2::Sha512_256; $body }
            Alg::Sha3_224 => { type $D = sha3::Sha3_224; $body }
            Alg::Sha3_256 => { type $D = sha3::Sha3_256; $body }
            Alg::Sha3_384 => { type $D = sha3::Sha3_384; $body }
            Alg::Sha3_512 => { type $D = sha3::Sha3_512; $body }
            _ => $other,
        }
    }};
}
pub(super) use with_digest;

impl State {
    /// Nothing hashed yet.
    pub fn new(alg: Alg) -> Self {
        match alg {
            Alg::Shake128 => Self::Shake128(sha3::Shake128::default()),
            Alg::Shake256 => Self::Shake256(sha3::Shake256::default()),
            Alg::Blake2b => Self::Blake2b(Box::new(Blake2b::new(&Params::plain(64)))),
            Alg::Blake2s => Self::Blake2s(Box::new(Blake2s::new(&Params::plain(32)))),
            _ => with_digest!(alg, D => Self::Fixed(Box::new(<D as Digest>::new())), Self::Shake128(Default::default())),
        }
    }

    /// Hashes more bytes.
    pub fn update(&mut self, data: &[u8]) {
        match self {
            Self::Fixed(d) => d.feed(data),
            Self::Shake128(s) => Update::update(s, data),
            Self::Shake256(s) => Update::update(s, data),
            Self::Blake2b(b) => b.update(data),
            Self::Blake2s(b) => b.update(data),
        }
    }

    /// The result; nothing where the user says how long it is.
    pub fn digest(&self) -> Output {
        match self {
            Self::Fixed(d) => d.result(),
            Self::Blake2b(b) => Output::of(&b.digest()),
            Self::Blake2s(b) => Output::of(&b.digest()),
            _ => Output::of(&[]),
        }
    }

    /// Fills `out` with the result of a function that gives any number of bytes.
    pub fn read(&self, out: &mut [u8]) {
        match self {
            Self::Shake128(s) => s.clone().finalize_xof().read(out),
            Self::Shake256(s) => s.clone().finalize_xof().read(out),
            _ => {}
        }
    }

    /// Bytes of the result; 0 where the user says.
    pub fn digest_size(&self) -> usize {
        match self {
            Self::Fixed(d) => d.size(),
            Self::Blake2b(b) => b.digest_size(),
            Self::Blake2s(b) => b.digest_size(),
            _ => 0,
        }
    }
}

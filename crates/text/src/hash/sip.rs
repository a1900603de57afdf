//! SipHash-1-3, the hash of `str` and `bytes`.

/// The secret of a process's string hashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashKey {
    /// First half.
    pub k0: u64,
    /// Second half.
    pub k1: u64,
}

impl HashKey {
    /// The key for a `PYTHONHASHSEED`: zeros for 0, else the output of CPython's generator.
    pub fn from_seed(seed: u32) -> Self {
        let mut bytes = [0u8; 16];
        if seed != 0 {
            let mut x = seed;
            for b in &mut bytes {
                x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
                *b = (x >> 16) as u8;
            }
        }
        Self::from_bytes(bytes)
    }

    /// The key made of sixteen random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let whole = u128::from_le_bytes(bytes);
        Self {
            k0: whole as u64,
            k1: (whole >> 64) as u64,
        }
    }
}

struct State {
    v: [u64; 4],
}

impl State {
    #[inline(always)]
    fn round(&mut self) {
        let [a, b, c, d] = &mut self.v;
        *a = a.wrapping_add(*b);
        *c = c.wrapping_add(*d);
        *b = b.rotate_left(13) ^ *a;
        *d = d.rotate_left(16) ^ *c;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*b);
        *a = a.wrapping_add(*d);
        *b = b.rotate_left(17) ^ *c;
        *d = d.rotate_left(21) ^ *a;
        *c = c.rotate_left(32);
    }

    #[inline(always)]
    fn absorb(&mut self, word: u64) {
        self.v[3] ^= word;
        self.round();
        self.v[0] ^= word;
    }
}

/// SipHash with one compression and three finalisation rounds.
pub fn siphash13(key: &HashKey, bytes: &[u8]) -> u64 {
    let mut s = State {
        v: [
            key.k0 ^ 0x736f_6d65_7073_6575,
            key.k1 ^ 0x646f_7261_6e64_6f6d,
            key.k0 ^ 0x6c79_6765_6e65_7261,
            key.k1 ^ 0x7465_6462_7974_6573,
        ],
    };
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        s.absorb(u64::from_le_bytes(*word));
    }
    let mut last = [0u8; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = bytes.len() as u8;
    s.absorb(u64::from_le_bytes(last));
    s.v[2] ^= 0xFF;
    for _ in 0..3 {
        s.round();
    }
    s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3]
}

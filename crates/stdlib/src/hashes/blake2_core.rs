//! The BLAKE2 functions (RFC 7693), with the parameters of trees.

/// The order in which a round reads the words of a block.
const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// What a hash begins with. All parts are in their ranges.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a> {
    /// Bytes of the result.
    pub digest_size: u8,
    /// The key; none for an unkeyed hash.
    pub key: &'a [u8],
    /// At most [`Blake2b::SALT`] bytes.
    pub salt: &'a [u8],
    /// As many.
    pub person: &'a [u8],
    /// The parameters of trees.
    pub fanout: u8,
    /// See above.
    pub depth: u8,
    /// See above.
    pub leaf_size: u32,
    /// See above.
    pub node_offset: u64,
    /// See above.
    pub node_depth: u8,
    /// See above.
    pub inner_size: u8,
    /// Whether this is the last node of its level.
    pub last_node: bool,
}

impl Params<'static> {
    /// Those of a plain hash.
    pub const fn plain(digest_size: u8) -> Self {
        Self {
            digest_size,
            key: &[],
            salt: &[],
            person: &[],
            fanout: 1,
            depth: 1,
            leaf_size: 0,
            node_offset: 0,
            node_depth: 0,
            inner_size: 0,
            last_node: false,
        }
    }
}

macro_rules! blake2 {
    (
        $(#[$doc:meta])* $name:ident, $word:ty, $double:ty, rounds $rounds:literal, rotations $r:expr,
        digest $digest:literal, salt $salt:literal, offset $offset:literal, iv $iv:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            h: [$word; 8],
            /// How many bytes were hashed.
            count: $double,
            /// Bytes that wait: the last block is treated differently, so a full one waits too.
            block: [u8; Self::BLOCK],
            filled: usize,
            last_node: bool,
            digest_size: u8,
        }

        impl $name {
            /// Bytes of a block.
            pub const BLOCK: usize = 16 * size_of::<$word>();
            /// The most bytes of a result, and of a key.
            pub const DIGEST: usize = $digest;
            /// Bytes of salt and personalisation.
            pub const SALT: usize = $salt;
            /// Bits of the node offset.
            pub const OFFSET_BITS: u32 = $offset;

            const IV: [$word; 8] = $iv;

            /// A hash of nothing yet.
            pub fn new(p: &Params<'_>) -> Self {
                let mut head = [0u8; 8 * size_of::<$word>()];
                head[0] = p.digest_size;
                head[1] = p.key.len() as u8;
                head[2] = p.fanout;
                head[3] = p.depth;
                head[4..8].copy_from_slice(&p.leaf_size.to_le_bytes());
                let offset = ($offset / 8) as usize;
                head[8..8 + offset].copy_from_slice(&p.node_offset.to_le_bytes()[..offset]);
                head[8 + offset] = p.node_depth;
                head[9 + offset] = p.inner_size;
                let end = head.len();
                let (salt, person) = (end - 2 * Self::SALT, end - Self::SALT);
                head[salt..salt + p.salt.len()].copy_from_slice(p.salt);
                head[person..person + p.person.len()].copy_from_slice(p.person);
                let mut h = Self::IV;
                for (h, w) in h.iter_mut().zip(head.as_chunks().0) {
                    *h ^= <$word>::from_le_bytes(*w);
                }
                let mut new = Self {
                    h,
                    count: 0,
                    block: [0; Self::BLOCK],
                    filled: 0,
                    last_node: p.last_node,
                    digest_size: p.digest_size,
                };
                if !p.key.is_empty() {
                    new.block[..p.key.len()].copy_from_slice(p.key);
                    new.filled = Self::BLOCK;
                }
                new
            }

            /// Bytes of the result.
            pub fn digest_size(&self) -> usize {
                self.digest_size.into()
            }

            fn compress(h: &mut [$word; 8], block: &[u8; Self::BLOCK], count: $double, last: ($word, $word)) {
                let mut m = [0 as $word; 16];
                for (m, w) in m.iter_mut().zip(block.as_chunks().0) {
                    *m = <$word>::from_le_bytes(*w);
                }
                let mut v = [0 as $word; 16];
                v[..8].copy_from_slice(h);
                v[8..].copy_from_slice(&Self::IV);
                v[12] ^= count as $word;
                v[13] ^= (count >> <$word>::BITS) as $word;
                v[14] ^= last.0;
                v[15] ^= last.1;
                const R: [u32; 4] = $r;
                macro_rules! mix {
                    ($a:literal, $b:literal, $c:literal, $d:literal, $x:expr, $y:expr) => {
                        v[$a] = v[$a].wrapping_add(v[$b]).wrapping_add(m[$x]);
                        v[$d] = (v[$d] ^ v[$a]).rotate_right(R[0]);
                        v[$c] = v[$c].wrapping_add(v[$d]);
                        v[$b] = (v[$b] ^ v[$c]).rotate_right(R[1]);
                        v[$a] = v[$a].wrapping_add(v[$b]).wrapping_add(m[$y]);
                        v[$d] = (v[$d] ^ v[$a]).rotate_right(R[2]);
                        v[$c] = v[$c].wrapping_add(v[$d]);
                        v[$b] = (v[$b] ^ v[$c]).rotate_right(R[3]);
                    };
                }
                for round in 0..$rounds {
                    let s = &SIGMA[round % 10];
                    mix!(0, 4, 8, 12, s[0], s[1]);
                    mix!(1, 5, 9, 13, s[2], s[3]);
                    mix!(2, 6, 10, 14, s[4], s[5]);
                    mix!(3, 7, 11, 15, s[6], s[7]);
                    mix!(0, 5, 10, 15, s[8], s[9]);
                    mix!(1, 6, 11, 12, s[10], s[11]);
                    mix!(2, 7, 8, 13, s[12], s[13]);
                    mix!(3, 4, 9, 14, s[14], s[15]);
                }
                for (i, h) in h.iter_mut().enumerate() {
                    *h ^= v[i] ^ v[i + 8];
                }
            }

            /// Hashes more bytes.
            pub fn update(&mut self, mut data: &[u8]) {
                let room = Self::BLOCK - self.filled;
                if data.len() > room {
                    self.block[self.filled..].copy_from_slice(&data[..room]);
                    data = &data[room..];
                    self.count += Self::BLOCK as $double;
                    Self::compress(&mut self.h, &self.block, self.count, (0, 0));
                    self.filled = 0;
                    // One block at least is kept back.
                    while let Some((block, rest)) = data.split_first_chunk::<{ Self::BLOCK }>()
                        && !rest.is_empty()
                    {
                        self.count += Self::BLOCK as $double;
                        Self::compress(&mut self.h, block, self.count, (0, 0));
                        data = rest;
                    }
                }
                self.block[self.filled..self.filled + data.len()].copy_from_slice(data);
                self.filled += data.len();
            }

            /// The result.
            pub fn digest(&self) -> Vec<u8> {
                let (mut h, mut block) = (self.h, self.block);
                block[self.filled..].fill(0);
                let last = (<$word>::MAX, if self.last_node { <$word>::MAX } else { 0 });
                Self::compress(&mut h, &block, self.count + self.filled as $double, last);
                let mut out: Vec<u8> = h.iter().flat_map(|w| w.to_le_bytes()).collect();
                out.truncate(self.digest_size());
                out
            }
        }
    };
}

blake2! {
    /// BLAKE2b, for 64-bit machines.
    Blake2b, u64, u128, rounds 12, rotations [32, 24, 16, 63], digest 64, salt 16, offset 64, iv [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]
}

blake2! {
    /// BLAKE2s, for smaller ones.
    Blake2s, u32, u64, rounds 10, rotations [16, 12, 8, 7], digest 32, salt 8, offset 48, iv [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let mut b = Blake2b::new(&Params::plain(64));
        b.update(b"abc");
        assert_eq!(b.digest()[..8], [0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c, 0x4d, 0x0d]);
        let mut s = Blake2s::new(&Params::plain(32));
        s.update(b"abc");
        assert_eq!(s.digest()[..8], [0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2]);
    }

    #[test]
    fn pieces() {
        let data: Vec<u8> = (0..1000).map(|i| i as u8).collect();
        let mut whole = Blake2b::new(&Params::plain(64));
        whole.update(&data);
        for size in [1, 63, 64, 127, 128, 129, 256] {
            let mut parts = Blake2b::new(&Params::plain(64));
            data.chunks(size).for_each(|c| parts.update(c));
            assert_eq!(parts.digest(), whole.digest());
        }
    }
}

//! Keys from passwords: PBKDF2 (RFC 8018) and scrypt (RFC 7914).

use sha2::digest::{Digest, Output};

use super::state::{Alg, with_digest};

/// A keyed hash of a known type, without memory of its own.
#[derive(Clone)]
struct Hmac<D> {
    inner: D,
    outer: D,
}

impl<D: Digest + Clone> Hmac<D> {
    fn new(key: &[u8], block_size: usize) -> Self {
        let mut block = vec![0u8; block_size];
        if key.len() > block_size {
            let short = D::digest(key);
            block[..short.len()].copy_from_slice(&short);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let keyed = |mask: u8| {
            let mut d = D::new();
            d.update(block.iter().map(|b| b ^ mask).collect::<Vec<u8>>());
            d
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    fn of(&self, parts: &[&[u8]]) -> Output<D> {
        let mut inner = self.inner.clone();
        parts.iter().for_each(|p| inner.update(p));
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize()
    }
}

fn pbkdf2_of<D: Digest + Clone>(block_size: usize, password: &[u8], salt: &[u8], rounds: u64, out: &mut [u8]) {
    let hmac = Hmac::<D>::new(password, block_size);
    for (i, piece) in out.chunks_mut(<D as Digest>::output_size()).enumerate() {
        let number = (i as u32).wrapping_add(1).to_be_bytes();
        let mut u = hmac.of(&[salt, &number]);
        let mut sum = u.clone();
        for _ in 1..rounds {
            u = hmac.of(&[&u]);
            sum.iter_mut().zip(&u).for_each(|(s, u)| *s ^= u);
        }
        piece.copy_from_slice(&sum[..piece.len()]);
    }
}

/// Fills `out` with a key; false if the function can't be used for that.
pub fn pbkdf2(alg: Alg, password: &[u8], salt: &[u8], rounds: u64, out: &mut [u8]) -> bool {
    let block = alg.block_size();
    with_digest!(alg, D => { pbkdf2_of::<D>(block, password, salt, rounds, out); true }, false)
}

/// Salsa20 with 8 rounds.
fn salsa(x: &mut [u32; 16]) {
    let before = *x;
    for _ in 0..4 {
        macro_rules! quarter {
            ($a:literal, $b:literal, $c:literal, $d:literal) => {
                x[$b] ^= x[$a].wrapping_add(x[$d]).rotate_left(7);
                x[$c] ^= x[$b].wrapping_add(x[$a]).rotate_left(9);
                x[$d] ^= x[$c].wrapping_add(x[$b]).rotate_left(13);
                x[$a] ^= x[$d].wrapping_add(x[$c]).rotate_left(18);
            };
        }
        quarter!(0, 4, 8, 12);
        quarter!(5, 9, 13, 1);
        quarter!(10, 14, 2, 6);
        quarter!(15, 3, 7, 11);
        quarter!(0, 1, 2, 3);
        quarter!(5, 6, 7, 4);
        quarter!(10, 11, 8, 9);
        quarter!(15, 12, 13, 14);
    }
    x.iter_mut().zip(before).for_each(|(x, b)| *x = x.wrapping_add(b));
}

/// A block of 64 bytes.
type Block = [u32; 16];

/// Mixes 2r blocks; `out` has room for as many.
fn block_mix(blocks: &[Block], out: &mut [Block]) {
    let Some(mut x) = blocks.last().copied() else { return };
    let r = blocks.len() / 2;
    for (i, b) in blocks.iter().enumerate() {
        x.iter_mut().zip(b).for_each(|(x, b)| *x ^= b);
        salsa(&mut x);
        out[i / 2 + if i % 2 == 0 { 0 } else { r }] = x;
    }
}

fn xor(a: &mut [Block], b: &[Block]) {
    for (x, y) in a.iter_mut().zip(b) {
        x.iter_mut().zip(y).for_each(|(x, y)| *x ^= y);
    }
}

/// The bytes that `scrypt` needs; `None` for parameters that make no sense.
pub fn scrypt_memory(n: u64, r: u64, p: u64) -> Option<u64> {
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 || r.checked_mul(p)? >= 1 << 30 {
        return None;
    }
    let blocks = n.checked_add(2)?.checked_add(p)?;
    blocks.checked_mul(128)?.checked_mul(r)
}

/// Fills `out` with a key. The parameters make sense, and there is memory; false if there was none.
pub fn scrypt(password: &[u8], salt: &[u8], n: usize, r: usize, p: usize, out: &mut [u8]) -> bool {
    let mut bytes = vec![0u8; 128 * r * p];
    pbkdf2_of::<sha2::Sha256>(64, password, salt, 1, &mut bytes);
    let size = 2 * r;
    let mut table: Vec<Block> = Vec::new();
    if taipan_memory::cache::refusing(|| table.try_reserve_exact(n * size)).is_err() {
        return false;
    }
    let mut y = vec![[0u32; 16]; size];
    for lane in bytes.chunks_exact_mut(128 * r) {
        let words = lane.as_chunks::<4>().0.iter().map(|w| u32::from_le_bytes(*w)).collect::<Vec<u32>>();
        let mut x: Vec<Block> = words.as_chunks::<16>().0.to_vec();
        table.clear();
        for _ in 0..n {
            table.extend_from_slice(&x);
            block_mix(&x, &mut y);
            std::mem::swap(&mut x, &mut y);
        }
        for _ in 0..n {
            let last = x[size - 1];
            let j = (u64::from(last[0]) | u64::from(last[1]) << 32) as usize & (n - 1);
            xor(&mut x, &table[j * size..(j + 1) * size]);
            block_mix(&x, &mut y);
            std::mem::swap(&mut x, &mut y);
        }
        for (to, w) in lane.as_chunks_mut::<4>().0.iter_mut().zip(x.iter().flatten()) {
            *to = w.to_le_bytes();
        }
    }
    pbkdf2_of::<sha2::Sha256>(64, password, &bytes, 1, out);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_answers() {
        let mut out = [0u8; 20];
        assert!(pbkdf2(Alg::Sha1, b"password", b"salt", 4096, &mut out));
        assert_eq!(out[..6], [0x4b, 0x00, 0x79, 0x01, 0xb7, 0x65]);
        let mut out = [0u8; 64];
        assert!(scrypt(b"password", b"NaCl", 1024, 8, 16, &mut out));
        assert_eq!(out[..6], [0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34]);
    }
}

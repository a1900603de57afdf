//! Private keys, also those that a password protects.

use aws_lc_rs::cipher::{AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

use super::der::{Reader, tag};
use super::pem::Block;

/// Whether a block is a key, and whether a password protects it.
pub fn kind(b: &Block) -> Option<bool> {
    match b.label.as_str() {
        "ENCRYPTED PRIVATE KEY" => Some(true),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
            Some(b.headers.iter().any(|(n, v)| n == "Proc-Type" && v.contains("ENCRYPTED")))
        }
        _ => None,
    }
}

/// The key in a block; `None` if it is of an unknown form, or the password is wrong.
pub fn load(b: &Block, password: Option<&[u8]>) -> Option<PrivateKeyDer<'static>> {
    let data = match (kind(b)?, b.label.as_str()) {
        (false, _) => b.data.clone(),
        (true, "ENCRYPTED PRIVATE KEY") => return Some(PrivatePkcs8KeyDer::from(pbes2(&b.data, password?)?).into()),
        (true, _) => old_style(b, password?)?,
    };
    Some(match b.label.as_str() {
        "RSA PRIVATE KEY" => PrivatePkcs1KeyDer::from(data).into(),
        "EC PRIVATE KEY" => PrivateSec1KeyDer::from(data).into(),
        _ => PrivatePkcs8KeyDer::from(data).into(),
    })
}

fn aes_cbc(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let algorithm = match key.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return None,
    };
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
    let iv: [u8; 16] = iv.try_into().ok()?;
    let mut data = data.to_vec();
    let plain = key.decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(iv))).ok()?;
    Some(plain.to_vec())
}

/// `EncryptedPrivateKeyInfo` with PBES2: a key from the password by PBKDF2, then AES-CBC.
fn pbes2(der: &[u8], password: &[u8]) -> Option<Vec<u8>> {
    const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
    const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
    const AES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];
    const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];
    let mut outer = Reader::new(der).sequence().ok()?;
    let mut algorithm = outer.sequence().ok()?;
    let data = outer.expect(tag::OCTET_STRING).ok()?.value;
    if algorithm.expect(tag::OID).ok()?.value != PBES2 {
        return None;
    }
    let mut params = algorithm.sequence().ok()?;
    let (mut kdf, mut cipher) = (params.sequence().ok()?, params.sequence().ok()?);
    if kdf.expect(tag::OID).ok()?.value != PBKDF2 {
        return None;
    }
    let mut kdf = kdf.sequence().ok()?;
    let salt = kdf.expect(tag::OCTET_STRING).ok()?.value;
    let rounds = u32::try_from(kdf.expect(tag::INTEGER).ok()?.small().ok()?).ok()?;
    let rounds = std::num::NonZeroU32::new(rounds).filter(|n| n.get() <= 50_000_000)?;
    kdf.optional(tag::INTEGER).ok()?;
    let prf = match kdf.optional(tag::SEQUENCE).ok()? {
        None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(e) => match e.inside().expect(tag::OID).ok()?.value.strip_prefix(HMAC)? {
            [7] => pbkdf2::PBKDF2_HMAC_SHA1,
            [9] => pbkdf2::PBKDF2_HMAC_SHA256,
            [10] => pbkdf2::PBKDF2_HMAC_SHA384,
            [11] => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => return None,
        },
    };
    let len = match cipher.expect(tag::OID).ok()?.value.strip_prefix(AES)? {
        [2] => 16,
        [42] => 32,
        _ => return None,
    };
    let iv = cipher.expect(tag::OCTET_STRING).ok()?.value;
    let mut key = vec![0; len];
    pbkdf2::derive(prf, rounds, salt, password, &mut key);
    aes_cbc(&key, iv, data)
}

/// The form of old: `DEK-Info` names cipher and start, MD5 makes the key.
fn old_style(b: &Block, password: &[u8]) -> Option<Vec<u8>> {
    use md5::Digest as _;
    let (_, info) = b.headers.iter().find(|(n, _)| n == "DEK-Info")?;
    let (cipher, iv) = info.split_once(',')?;
    let len = match cipher.trim() {
        "AES-128-CBC" => 16,
        "AES-256-CBC" => 32,
        _ => return None,
    };
    let iv: Option<Vec<u8>> = iv
        .trim()
        .as_bytes()
        .chunks(2)
        .map(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok())
        .collect();
    let iv = iv?;
    let mut key: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    while key.len() < len {
        let mut h = md5::Md5::new();
        h.update(&last);
        h.update(password);
        h.update(iv.get(..8)?);
        last = h.finalize().to_vec();
        key.extend_from_slice(&last);
    }
    aes_cbc(key.get(..len)?, &iv, &b.data)
}

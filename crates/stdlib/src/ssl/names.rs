//! Names of holders of certificates, in the one form in which they are compared and hashed.

use sha1::Digest as _;

use super::der::{tag, wrap};
use super::x509::{name_parts, text_of};

/// A name in the form whose hash names the files of a certificate folder: text as UTF-8 in lower case, white space
/// once.
fn canonical(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for group in name_parts(name) {
        let mut parts: Vec<Vec<u8>> = group
            .iter()
            .map(|(oid, value)| {
                let value = match text_of(value) {
                    None => value.whole.to_vec(),
                    Some(text) => {
                        let words: Vec<&str> = text.split_ascii_whitespace().collect();
                        wrap(tag::UTF8, words.join(" ").to_ascii_lowercase().as_bytes())
                    }
                };
                let mut pair = wrap(tag::OID, oid);
                pair.extend_from_slice(&value);
                wrap(tag::SEQUENCE, &pair)
            })
            .collect();
        parts.sort();
        out.extend_from_slice(&wrap(tag::SET, &parts.concat()));
    }
    out
}

/// The number that names the file of a certificate in a folder.
pub fn name_hash(name: &[u8]) -> u32 {
    let digest = sha1::Sha1::digest(canonical(name));
    digest.iter().take(4).rev().fold(0, |n, &b| n << 8 | u32::from(b))
}

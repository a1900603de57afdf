//! Lists of certificates that are no longer valid.

use super::der::{D, Reader, Time, tag};

/// A revocation list.
#[derive(Debug)]
pub struct Crl {
    /// Who has signed it, as DER.
    pub issuer: Vec<u8>,
    tbs: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    pub this_update: Time,
    pub next_update: Option<Time>,
    revoked: Vec<Vec<u8>>,
    /// Whether it says something that is not understood.
    pub strange: bool,
}

impl Crl {
    /// Takes apart a list.
    pub fn parse(bytes: &[u8]) -> D<Self> {
        let mut outer = Reader::new(bytes).sequence()?;
        let tbs = outer.expect(tag::SEQUENCE)?;
        let algorithm = outer.expect(tag::SEQUENCE)?;
        let signature = outer.expect(tag::BIT_STRING)?.bits()?;
        let mut r = tbs.inside();
        r.optional(tag::INTEGER)?;
        r.expect(tag::SEQUENCE)?;
        let issuer = r.expect(tag::SEQUENCE)?.whole.to_vec();
        let this_update = Time::parse(&r.any()?)?;
        let next_update = match r.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(Time::parse(&r.any()?)?),
            _ => None,
        };
        let mut revoked = Vec::new();
        if let Some(list) = r.optional(tag::SEQUENCE)? {
            for e in list.inside().all() {
                revoked.push(e?.inside().expect(tag::INTEGER)?.value.to_vec());
            }
        }
        let mut strange = false;
        if let Some(list) = r.optional(tag::context(0))? {
            for e in list.inside().sequence()?.all() {
                let mut r = e?.inside();
                r.expect(tag::OID)?;
                strange |= r.optional(tag::BOOLEAN)?.is_some_and(|b| b.value != [0]);
            }
        }
        Ok(Self {
            issuer,
            tbs: tbs.whole.to_vec(),
            algorithm: algorithm.value.to_vec(),
            signature: signature.to_vec(),
            this_update,
            next_update,
            revoked,
            strange,
        })
    }

    /// Whether a serial number stands in it.
    pub fn revokes(&self, serial: &[u8]) -> bool {
        self.revoked.iter().any(|r| r == serial)
    }

    /// What is signed, how, and the signature.
    pub fn signed(&self) -> (&[u8], &[u8], &[u8]) {
        (&self.tbs, &self.algorithm, &self.signature)
    }
}

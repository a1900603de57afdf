//! Certificates, taken apart.

use super::der::{D, Element, Malformed, Reader, Time, tag};

/// A piece of a certificate's bytes.
#[derive(Clone, Copy, Default, Debug)]
pub struct Span(u32, u32);

/// The extensions that are known, by the bytes of their identifiers.
pub mod ext {
    pub const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
    pub const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
    pub const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
    pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
    pub const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
    pub const CRL_POINTS: &[u8] = &[0x55, 0x1d, 31];
    pub const POLICIES: &[u8] = &[0x55, 0x1d, 32];
    pub const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
    pub const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
    pub const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
    pub const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
    pub const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 54];
    pub const AUTHORITY_INFO: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
}

/// An extension.
#[derive(Debug)]
struct Extension {
    oid: Span,
    critical: bool,
    value: Span,
}

/// What the key may be used for (`keyUsage`), by bit.
pub const KEY_CERT_SIGN: u16 = 1 << 5;
/// For signing revocation lists.
pub const CRL_SIGN: u16 = 1 << 6;
/// For signatures.
pub const DIGITAL_SIGNATURE: u16 = 1;

/// A certificate.
pub struct Cert {
    /// All of it.
    pub der: Vec<u8>,
    tbs: Span,
    /// 1 to 3.
    pub version: u8,
    serial: Span,
    issuer: Span,
    subject: Span,
    pub not_before: Time,
    pub not_after: Time,
    spki: Span,
    key_algorithm: Span,
    key: Span,
    signature_algorithm: Span,
    signature: Span,
    extensions: Vec<Extension>,
    /// `basicConstraints`: whether it is there, whether it says CA, the length of the path.
    pub constraints: Option<(bool, Option<u64>)>,
    /// `keyUsage`
    pub key_usage: Option<u16>,
}

impl std::fmt::Debug for Cert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cert({} bytes)", self.der.len())
    }
}

impl Cert {
    /// Takes apart a certificate; bytes behind it are left out.
    pub fn parse(bytes: &[u8]) -> D<Self> {
        let whole = Reader::new(bytes).expect(tag::SEQUENCE)?;
        let der = whole.whole.to_vec();
        let base = der.as_ptr().addr();
        let span = |s: &[u8]| {
            let at = s.as_ptr().addr() - base;
            Span(at as u32, (at + s.len()) as u32)
        };
        if u32::try_from(der.len()).is_err() {
            return Err(Malformed);
        }
        let mut outer = Reader::new(&der).sequence()?;
        let tbs = outer.expect(tag::SEQUENCE)?;
        let signature_algorithm = outer.expect(tag::SEQUENCE)?;
        let signature = outer.expect(tag::BIT_STRING)?.bits()?;
        let mut r = tbs.inside();
        let version = match r.optional(tag::context(0))? {
            None => 1,
            Some(e) => match e.inside().expect(tag::INTEGER)?.small()? {
                n @ 0..=2 => n as u8 + 1,
                _ => return Err(Malformed),
            },
        };
        let serial = r.expect(tag::INTEGER)?;
        if serial.value.is_empty() {
            return Err(Malformed);
        }
        let inner_algorithm = r.expect(tag::SEQUENCE)?;
        if inner_algorithm.value != signature_algorithm.value {
            return Err(Malformed);
        }
        let issuer = r.expect(tag::SEQUENCE)?;
        let mut validity = r.sequence()?;
        let (not_before, not_after) = (Time::parse(&validity.any()?)?, Time::parse(&validity.any()?)?);
        let subject = r.expect(tag::SEQUENCE)?;
        let spki = r.expect(tag::SEQUENCE)?;
        let mut key_parts = spki.inside();
        let key_algorithm = key_parts.expect(tag::SEQUENCE)?;
        let key = key_parts.expect(tag::BIT_STRING)?.bits()?;
        r.optional(tag::context_bytes(1))?;
        r.optional(tag::context_bytes(2))?;
        let mut extensions = Vec::new();
        if let Some(list) = r.optional(tag::context(3))? {
            for e in list.inside().sequence()?.all() {
                let mut r = e?.inside();
                let oid = r.expect(tag::OID)?;
                let critical = r.optional(tag::BOOLEAN)?.is_some_and(|b| b.value != [0]);
                let value = r.expect(tag::OCTET_STRING)?;
                extensions.push(Extension { oid: span(oid.value), critical, value: span(value.value) });
            }
        }
        let spans = (span(tbs.whole), span(serial.value), span(issuer.whole), span(subject.whole));
        let keys = (span(spki.whole), span(key_algorithm.value), span(key));
        let signed = (span(signature_algorithm.value), span(signature));
        let mut cert = Self {
            tbs: spans.0,
            version,
            serial: spans.1,
            issuer: spans.2,
            subject: spans.3,
            not_before,
            not_after,
            spki: keys.0,
            key_algorithm: keys.1,
            key: keys.2,
            signature_algorithm: signed.0,
            signature: signed.1,
            extensions,
            constraints: None,
            key_usage: None,
            der,
        };
        cert.constraints = cert.read_constraints()?;
        cert.key_usage = cert.read_key_usage()?;
        Ok(cert)
    }

    fn read_constraints(&self) -> D<Option<(bool, Option<u64>)>> {
        let Some((value, _)) = self.extension(ext::BASIC_CONSTRAINTS) else { return Ok(None) };
        let mut r = Reader::new(value).sequence()?;
        let ca = r.optional(tag::BOOLEAN)?.is_some_and(|b| b.value != [0]);
        let len = r.optional(tag::INTEGER)?.map(|n| n.small()).transpose()?;
        Ok(Some((ca, len)))
    }

    fn read_key_usage(&self) -> D<Option<u16>> {
        let Some((value, _)) = self.extension(ext::KEY_USAGE) else { return Ok(None) };
        let bits = Reader::new(value).expect(tag::BIT_STRING)?.bits()?;
        let first = bits.first().copied().unwrap_or(0).reverse_bits();
        let second = bits.get(1).copied().unwrap_or(0).reverse_bits();
        Ok(Some(u16::from(first) | u16::from(second) << 8))
    }

    fn at(&self, s: Span) -> &[u8] {
        self.der.get(s.0 as usize..s.1 as usize).unwrap_or_default()
    }

    /// What is signed.
    pub fn tbs(&self) -> &[u8] {
        self.at(self.tbs)
    }

    /// The serial number's bytes.
    pub fn serial(&self) -> &[u8] {
        self.at(self.serial)
    }

    /// Who has signed it, as DER.
    pub fn issuer(&self) -> &[u8] {
        self.at(self.issuer)
    }

    /// Whose it is, as DER.
    pub fn subject(&self) -> &[u8] {
        self.at(self.subject)
    }

    /// The key with its algorithm, as DER.
    pub fn spki(&self) -> &[u8] {
        self.at(self.spki)
    }

    /// The algorithm of the key, without tag and length.
    pub fn key_algorithm(&self) -> &[u8] {
        self.at(self.key_algorithm)
    }

    /// The key's bits.
    pub fn key(&self) -> &[u8] {
        self.at(self.key)
    }

    /// The algorithm of the signature, without tag and length.
    pub fn signature_algorithm(&self) -> &[u8] {
        self.at(self.signature_algorithm)
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        self.at(self.signature)
    }

    /// The contents of an extension and whether it is critical.
    pub fn extension(&self, oid: &[u8]) -> Option<(&[u8], bool)> {
        self.extensions.iter().find(|e| self.at(e.oid) == oid).map(|e| (self.at(e.value), e.critical))
    }

    /// The identifiers of the critical extensions.
    pub fn critical(&self) -> impl Iterator<Item = &[u8]> {
        self.extensions.iter().filter(|e| e.critical).map(|e| self.at(e.oid))
    }

    /// Whether there are extensions.
    pub fn has_extensions(&self) -> bool {
        !self.extensions.is_empty()
    }

    /// Whether it names itself as the one who has signed it.
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// `subjectKeyIdentifier`
    pub fn key_id(&self) -> Option<&[u8]> {
        let (v, _) = self.extension(ext::SUBJECT_KEY_ID)?;
        Reader::new(v).expect(tag::OCTET_STRING).ok().map(|e| e.value)
    }

    /// The key identifier in `authorityKeyIdentifier`.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        let (v, _) = self.extension(ext::AUTHORITY_KEY_ID)?;
        let mut r = Reader::new(v).sequence().ok()?;
        r.optional(tag::context_bytes(0)).ok()?.map(|e| e.value)
    }

    /// Whether it may sign certificates: `Some(true)` if it says so, `None` if it is of a kind that can't say.
    pub fn is_ca(&self) -> bool {
        if self.key_usage.is_some_and(|u| u & KEY_CERT_SIGN == 0) {
            return false;
        }
        match self.constraints {
            Some((ca, _)) => ca,
            // Version 1 knows no extensions: roots of that time are taken.
            None => self.version == 1 && self.is_self_issued(),
        }
    }

    /// The length of an RSA key.
    pub fn rsa_bits(&self) -> Option<usize> {
        const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
        if Reader::new(self.key_algorithm()).any().ok()?.value != RSA {
            return None;
        }
        let n = Reader::new(self.key()).sequence().ok()?.expect(tag::INTEGER).ok()?.value;
        let digits = n.iter().skip_while(|&&b| b == 0).count();
        let first = n.iter().find(|&&b| b != 0)?;
        Some(digits * 8 - first.leading_zeros() as usize)
    }

    /// The entries of `subjectAltName`.
    pub fn alt_names(&self) -> impl Iterator<Item = Element<'_>> {
        let list = self.extension(ext::SUBJECT_ALT_NAME).and_then(|(v, _)| Reader::new(v).sequence().ok());
        list.unwrap_or(Reader::new(&[])).all().map_while(Result::ok)
    }

    /// The attributes of the subject: groups of (identifier, value).
    pub fn subject_parts(&self) -> Vec<Vec<(&[u8], Element<'_>)>> {
        name_parts(self.subject())
    }

    /// The last common name of the subject.
    pub fn common_name(&self) -> Option<String> {
        let parts = self.subject_parts();
        let all = parts.into_iter().flatten();
        all.filter(|(oid, _)| *oid == [0x55, 4, 3]).last().and_then(|(_, v)| text_of(&v))
    }
}

/// The attributes of a name: groups of (identifier, value).
pub fn name_parts(name: &[u8]) -> Vec<Vec<(&[u8], Element<'_>)>> {
    let Ok(rdns) = Reader::new(name).sequence() else { return Vec::new() };
    rdns.all()
        .map_while(Result::ok)
        .map(|set| {
            let parts = set.inside().all().map_while(Result::ok);
            parts
                .filter_map(|e| {
                    let mut r = e.inside();
                    Some((r.expect(tag::OID).ok()?.value, r.any().ok()?))
                })
                .collect()
        })
        .collect()
}

/// A string of a name as text.
pub fn text_of(e: &Element<'_>) -> Option<String> {
    let v = e.value;
    Some(match e.tag {
        tag::UTF8 => String::from_utf8_lossy(v).into_owned(),
        tag::BMP => {
            let units: Vec<u16> = v.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        tag::UNIVERSAL => {
            let code = |c: &[u8]| u32::from_be_bytes([c[0], c[1], c[2], c[3]]);
            v.chunks_exact(4).map(|c| char::from_u32(code(c)).unwrap_or('\u{fffd}')).collect()
        }
        tag::PRINTABLE | tag::IA5 | tag::T61 | tag::VISIBLE | 0x12 => v.iter().map(|&b| char::from(b)).collect(),
        _ => return None,
    })
}

//! Whether the certificates of the other side are to be trusted.
//!
//! Paths are built and checked as OpenSSL does, so that what it accepts is accepted and refusals have its numbers and
//! words; the signatures themselves are checked by the library.

use std::sync::{Arc, Mutex, MutexGuard};

use rustls::crypto::WebPkiSupportedAlgorithms;

use super::hostname::{self, Host};
use super::store::Store;
use super::x509::{self, CRL_SIGN, Cert, DIGITAL_SIGNATURE, ext};

/// What is to be found out about the other side.
#[derive(Debug)]
pub struct Check {
    pub store: Arc<Mutex<Store>>,
    /// `CERT_NONE`, `CERT_OPTIONAL`, `CERT_REQUIRED`.
    pub mode: i32,
    /// `VERIFY_*` bits.
    pub flags: i64,
    pub host: Option<Host>,
    /// Whether the other side is a server.
    pub of_server: bool,
    pub algorithms: WebPkiSupportedAlgorithms,
    pub outcome: Mutex<Outcome>,
}

/// What was found out.
#[derive(Default, Debug)]
pub struct Outcome {
    pub fault: Option<Fault>,
    /// From the other side's certificate to the trusted one.
    pub chain: Vec<Arc<Cert>>,
    /// What the other side has sent.
    pub sent: Vec<Arc<Cert>>,
}

/// Why certificates were refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// OpenSSL's number.
    pub code: i32,
    pub text: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}

fn fault(code: i32) -> Fault {
    let text = match code {
        2 => "unable to get issuer certificate",
        3 => "unable to get certificate CRL",
        7 => "certificate signature failure",
        8 => "CRL signature failure",
        9 => "certificate is not yet valid",
        10 => "certificate has expired",
        11 => "CRL is not yet valid",
        12 => "CRL has expired",
        18 => "self-signed certificate",
        19 => "self-signed certificate in certificate chain",
        20 => "unable to get local issuer certificate",
        22 => "certificate chain too long",
        23 => "certificate revoked",
        24 => "invalid CA certificate",
        25 => "path length constraint exceeded",
        26 => "unsuitable certificate purpose",
        34 => "unhandled critical extension",
        35 => "key usage does not include CRL signing",
        36 => "unhandled critical CRL extension",
        47 => "permitted subtree violation",
        48 => "excluded subtree violation",
        51 => "unsupported name constraint type",
        62 => "hostname mismatch",
        64 => "IP address mismatch",
        66 => "EE certificate key too weak",
        67 => "CA certificate key too weak",
        68 => "CA signature digest algorithm too weak",
        79 => "invalid CA certificate",
        80 => "Path length invalid for non-CA cert",
        83 => "Issuer name empty",
        84 => "Subject empty",
        85 => "Missing Authority Key Identifier",
        86 => "Missing Subject Key Identifier",
        87 => "Empty Subject Alternative Name extension",
        89 => "Basic Constraints of CA cert not marked critical",
        92 => "CA cert does not include key usage extension",
        93 => "Using cert extension requires at least X509v3",
        _ => "certificate rejected",
    };
    Fault { code, text: text.to_owned() }
}

/// More certificates than a path may have.
const MOST_DEPTH: usize = 20;
/// More signatures than the search of a path may check.
const MOST_SIGNATURES: u32 = 100;

/// `VERIFY_X509_STRICT`
const STRICT: i64 = 0x20;
/// `VERIFY_X509_PARTIAL_CHAIN`
const PARTIAL_CHAIN: i64 = 0x8_0000;
const CRL_CHECK: i64 = 4;
const CRL_CHECK_ALL: i64 = 8;

/// Takes a lock, even if somebody has panicked with it.
pub fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Search<'a> {
    check: &'a Check,
    sent: &'a [Arc<Cert>],
    budget: u32,
    /// The fault of the path that came furthest.
    fault: Option<(usize, Fault)>,
    now: i64,
}

impl Check {
    /// Checks what the other side has sent, its own certificate first; remembers what was found.
    pub fn run(&self, sent: &[&[u8]], now: i64) -> Result<(), Fault> {
        let mut certs = Vec::new();
        for der in sent {
            match Cert::parse(der) {
                Ok(c) => certs.push(Arc::new(c)),
                Err(_) if certs.is_empty() => return Err(self.refuse(Vec::new(), fault(7))),
                // What is not understood can't be part of a path.
                Err(_) => {}
            }
        }
        if self.mode == 0 {
            let mut o = lock(&self.outcome);
            o.chain = certs.clone();
            o.sent = certs;
            return Ok(());
        }
        match self.path(&certs, now) {
            Ok(chain) => {
                let mut o = lock(&self.outcome);
                o.chain = chain;
                o.sent = certs;
                Ok(())
            }
            Err(f) => Err(self.refuse(certs, f)),
        }
    }

    fn refuse(&self, sent: Vec<Arc<Cert>>, f: Fault) -> Fault {
        let mut o = lock(&self.outcome);
        o.sent = sent;
        o.fault = Some(f.clone());
        f
    }

    fn path(&self, sent: &[Arc<Cert>], now: i64) -> Result<Vec<Arc<Cert>>, Fault> {
        let Some(leaf) = sent.first() else { return Err(fault(20)) };
        let mut search = Search { check: self, sent, budget: MOST_SIGNATURES, fault: None, now };
        let mut path = vec![leaf.clone()];
        let Some(chain) = search.extend(&mut path) else {
            return Err(search.fault.map_or_else(|| fault(20), |f| f.1));
        };
        Ok(chain)
    }

    /// Whether a certificate is for the host that is wanted.
    fn names(&self, leaf: &Cert) -> Result<(), Fault> {
        match &self.host {
            Some(host) if !hostname::matches(leaf, host) => {
                let (code, what) = match host.ip {
                    Some(_) => (64, "IP address mismatch"),
                    None => (62, "Hostname mismatch"),
                };
                Err(Fault { code, text: format!("{what}, certificate is not valid for '{}'.", host.name) })
            }
            _ => Ok(()),
        }
    }

    /// Whether `signature` is by the holder of a key.
    fn signed_by(&self, key: &Cert, (tbs, algorithm, signature): (&[u8], &[u8], &[u8])) -> bool {
        let fits = |a: &&&dyn rustls::pki_types::SignatureVerificationAlgorithm| {
            a.signature_alg_id().as_ref() == algorithm && a.public_key_alg_id().as_ref() == key.key_algorithm()
        };
        let mut found = self.algorithms.all.iter().filter(fits);
        found.any(|a| a.verify_signature(key.key(), tbs, signature).is_ok())
    }
}

/// Whether `issuer` may have signed `cert`, by names and numbers.
pub fn may_have_issued(issuer: &Cert, cert: &Cert) -> bool {
    issuer.subject() == cert.issuer()
        && match (issuer.key_id(), cert.authority_key_id()) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        }
}

impl Search<'_> {
    fn note(&mut self, depth: usize, f: Fault) {
        if self.fault.as_ref().is_none_or(|(d, _)| depth >= *d) {
            self.fault = Some((depth, f));
        }
    }

    /// Makes the path complete: up to a trusted certificate that signs itself, or to any trusted one if that is enough.
    fn extend(&mut self, path: &mut Vec<Arc<Cert>>) -> Option<Vec<Arc<Cert>>> {
        let last = path.last()?.clone();
        let depth = path.len();
        if depth > MOST_DEPTH {
            self.note(depth, fault(22));
            return None;
        }
        let trusted = lock(&self.check.store).with_subject(last.subject()).iter().any(|c| c.der == last.der);
        let self_issued = last.is_self_issued() && may_have_issued(&last, &last);
        if trusted && (self_issued || self.check.flags & PARTIAL_CHAIN != 0) {
            return match self.examine(path) {
                Ok(()) => Some(path.clone()),
                Err(f) => {
                    self.note(depth + 100, f);
                    None
                }
            };
        }
        if self_issued {
            // A trusted certificate of the same name may do in its place, but it signs itself all the same.
            self.note(depth, fault(if depth == 1 { 18 } else { 19 }));
            if depth == 1 {
                return None;
            }
        }
        let mut candidates = lock(&self.check.store).with_subject(last.issuer());
        candidates.extend(self.sent.iter().filter(|c| c.subject() == last.issuer()).cloned());
        let mut any = false;
        for c in candidates {
            if !may_have_issued(&c, &last) || path.iter().any(|p| p.der == c.der) {
                continue;
            }
            any = true;
            if self.budget == 0 {
                self.note(depth, fault(22));
                return None;
            }
            self.budget -= 1;
            if !self.check.signed_by(&c, (last.tbs(), last.signature_algorithm(), last.signature())) {
                let short = c.rsa_bits().is_some_and(|n| n < 2048);
                let old = is_weak_digest(last.signature_algorithm());
                self.note(depth, fault(if short { 67 } else if old { 68 } else { 7 }));
                continue;
            }
            path.push(c);
            if let Some(found) = self.extend(path) {
                return Some(found);
            }
            path.pop();
        }
        if !any && !self_issued {
            self.note(depth, fault(if trusted && depth > 1 { 2 } else { 20 }));
        }
        None
    }

    /// Checks what the certificates of a path say about themselves and each other.
    fn examine(&self, path: &[Arc<Cert>]) -> Result<(), Fault> {
        let leaf = &path[0];
        self.purpose(leaf, true)?;
        let mut below = 0;
        for (i, c) in path.iter().enumerate() {
            unknown_critical(c)?;
            if i > 0 {
                if !c.is_ca() {
                    return Err(fault(79));
                }
                self.purpose(c, false)?;
                if let Some((_, Some(most))) = c.constraints
                    && below > most
                {
                    return Err(fault(25));
                }
                if !c.is_self_issued() {
                    below += 1;
                }
            }
            if self.check.flags & STRICT != 0 {
                strict(c)?;
            }
        }
        for (i, c) in path.iter().enumerate() {
            if c.rsa_bits().is_some_and(|n| n < 2048) {
                return Err(fault(if i == 0 { 66 } else { 67 }));
            }
        }
        self.check.names(leaf)?;
        if self.check.flags & CRL_CHECK != 0 {
            let all = self.check.flags & CRL_CHECK_ALL != 0;
            let n = if all { path.len() } else { 1 };
            for (i, c) in path.iter().enumerate().take(n) {
                self.revocation(c, path.get(i + 1).unwrap_or(c))?;
            }
        }
        for c in path.iter().rev() {
            if self.now < c.not_before.unix() {
                return Err(fault(9));
            }
            if self.now > c.not_after.unix() {
                return Err(fault(10));
            }
        }
        for (i, c) in path.iter().enumerate().skip(1) {
            if let Some((constraints, _)) = c.extension(ext::NAME_CONSTRAINTS) {
                for (j, below) in path[..i].iter().enumerate() {
                    if j == 0 || !below.is_self_issued() {
                        hostname::within(constraints, below, j == 0).map_err(fault)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a certificate may be used by a server, or by a client.
    fn purpose(&self, c: &Cert, leaf: bool) -> Result<(), Fault> {
        if let Some((usage, _)) = c.extension(ext::EXTENDED_KEY_USAGE) {
            let wanted: &[u8] = if self.check.of_server { &[0x2b, 6, 1, 5, 5, 7, 3, 1] } else { &[0x2b, 6, 1, 5, 5, 7, 3, 2] };
            let list = super::der::Reader::new(usage).sequence().map_err(|_| fault(26))?;
            let fits = list.all().map_while(Result::ok).any(|e| e.value == wanted);
            if !fits {
                return Err(fault(26));
            }
        }
        // A server signs, or has keys agreed on; who can do neither is no server.
        let most = DIGITAL_SIGNATURE | 1 << 2 | 1 << 4;
        if leaf && c.key_usage.is_some_and(|u| u & most == 0) {
            return Err(fault(26));
        }
        Ok(())
    }

    fn revocation(&self, c: &Cert, issuer: &Cert) -> Result<(), Fault> {
        let crls = lock(&self.check.store).crls.clone();
        let Some(crl) = crls.iter().rev().find(|l| l.issuer == c.issuer()) else { return Err(fault(3)) };
        if issuer.key_usage.is_some_and(|u| u & CRL_SIGN == 0) {
            return Err(fault(35));
        }
        if crl.strange {
            return Err(fault(36));
        }
        if !self.check.signed_by(issuer, crl.signed()) {
            return Err(fault(8));
        }
        if self.now < crl.this_update.unix() {
            return Err(fault(11));
        }
        if crl.next_update.is_some_and(|t| self.now > t.unix()) {
            return Err(fault(12));
        }
        if crl.revokes(c.serial()) { Err(fault(23)) } else { Ok(()) }
    }
}

/// Whether a signature is by MD5 or SHA-1.
fn is_weak_digest(algorithm: &[u8]) -> bool {
    const OLD: [&[u8]; 3] = [
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4],
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5],
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1],
    ];
    let oid = super::der::Reader::new(algorithm).any().map(|e| e.value);
    oid.is_ok_and(|oid| OLD.contains(&oid))
}

/// Nothing that is critical may be unknown.
fn unknown_critical(c: &Cert) -> Result<(), Fault> {
    const KNOWN: &[&[u8]] = &[
        ext::KEY_USAGE,
        ext::SUBJECT_ALT_NAME,
        ext::BASIC_CONSTRAINTS,
        ext::NAME_CONSTRAINTS,
        ext::CRL_POINTS,
        ext::POLICIES,
        ext::POLICY_MAPPINGS,
        ext::POLICY_CONSTRAINTS,
        ext::INHIBIT_ANY_POLICY,
        ext::EXTENDED_KEY_USAGE,
    ];
    match c.critical().any(|oid| !KNOWN.contains(&oid)) {
        true => Err(fault(34)),
        false => Ok(()),
    }
}

/// What RFC 5280 asks for and few look at.
fn strict(c: &Cert) -> Result<(), Fault> {
    let ca = c.constraints.is_some_and(|(ca, _)| ca);
    let empty = |name: &[u8]| x509::name_parts(name).is_empty();
    if c.version < 3 {
        return if c.has_extensions() { Err(fault(93)) } else { Ok(()) };
    }
    if ca {
        if c.extension(ext::BASIC_CONSTRAINTS).is_some_and(|(_, critical)| !critical) {
            return Err(fault(89));
        }
        if c.key_usage.is_none() {
            return Err(fault(92));
        }
    } else if c.constraints.is_some_and(|(_, len)| len.is_some()) {
        return Err(fault(80));
    }
    if empty(c.issuer()) {
        return Err(fault(83));
    }
    if empty(c.subject()) && (ca || c.extension(ext::SUBJECT_ALT_NAME).is_none()) {
        return Err(fault(84));
    }
    if c.extension(ext::SUBJECT_ALT_NAME).is_some() && c.alt_names().next().is_none() {
        return Err(fault(87));
    }
    if ca && c.key_id().is_none() {
        return Err(fault(86));
    }
    if c.authority_key_id().is_none() && !c.is_self_issued() {
        return Err(fault(85));
    }
    Ok(())
}

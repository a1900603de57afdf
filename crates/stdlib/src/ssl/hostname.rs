//! Whether a certificate is for a host, and which hosts an authority may speak for.

use super::der::{Element, Reader, tag};
use super::x509::Cert;

/// Never to look at the common name.
pub const NEVER_CHECK_SUBJECT: u32 = 0x20;
/// To look at the common name even if there are other names.
const ALWAYS_CHECK_SUBJECT: u32 = 1;
/// Asterisks stand for nothing but themselves.
const NO_WILDCARDS: u32 = 2;

/// The host that is wanted.
#[derive(Clone, Debug)]
pub struct Host {
    pub name: String,
    /// The bytes of its address, if it is one.
    pub ip: Option<Vec<u8>>,
    /// `HOSTFLAG_*` bits.
    pub flags: u32,
}

impl Host {
    /// A host by name or address.
    pub fn new(name: &str, flags: u32) -> Self {
        let ip = match name.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(a)) => Some(a.octets().to_vec()),
            Ok(std::net::IpAddr::V6(a)) => Some(a.octets().to_vec()),
            Err(_) => None,
        };
        Self { name: name.to_owned(), ip, flags }
    }
}

const DNS: u8 = tag::context_bytes(2);
const IP: u8 = tag::context_bytes(7);
const MAIL: u8 = tag::context_bytes(1);
const URI: u8 = tag::context_bytes(6);
const DIRECTORY: u8 = tag::context(4);

/// Whether a certificate is for this host.
pub fn matches(cert: &Cert, host: &Host) -> bool {
    if let Some(ip) = &host.ip {
        return cert.alt_names().any(|e| e.tag == IP && e.value == ip.as_slice());
    }
    let name = host.name.as_bytes();
    let mut names = false;
    for e in cert.alt_names().filter(|e| e.tag == DNS) {
        names = true;
        if is_name(e.value, name, host.flags) {
            return true;
        }
    }
    if (names && host.flags & ALWAYS_CHECK_SUBJECT == 0) || host.flags & NEVER_CHECK_SUBJECT != 0 {
        return false;
    }
    let common = cert.common_name();
    common.is_some_and(|c| is_name(c.as_bytes(), name, host.flags))
}

/// Whether a name of a certificate, perhaps with an asterisk as its first label, is that of a host.
fn is_name(pattern: &[u8], name: &[u8], flags: u32) -> bool {
    if pattern.contains(&0) {
        return false;
    }
    if let Some(rest) = pattern.strip_prefix(b"*.")
        && flags & NO_WILDCARDS == 0
    {
        // The asterisk stands for one label, in front of at least two others.
        let Some(dot) = name.iter().position(|&b| b == b'.') else { return false };
        let plain = !rest.contains(&b'*') && rest.iter().filter(|&&b| b == b'.').count() >= 1;
        let label = name[..dot].iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-');
        return plain && label && dot > 0 && name[dot + 1..].eq_ignore_ascii_case(rest);
    }
    pattern.eq_ignore_ascii_case(name)
}

/// Whether the names of a certificate are within the constraints of one above it; the error is OpenSSL's number.
pub fn within(constraints: &[u8], cert: &Cert, leaf: bool) -> Result<(), i32> {
    let broken = |_| 51;
    let mut r = Reader::new(constraints).sequence().map_err(broken)?;
    let permitted = r.optional(tag::context(0)).map_err(broken)?;
    let excluded = r.optional(tag::context(1)).map_err(broken)?;
    let bases = |list: Option<Element<'_>>| -> Result<Vec<(u8, Vec<u8>)>, i32> {
        let Some(list) = list else { return Ok(Vec::new()) };
        list.inside()
            .all()
            .map(|e| {
                let base = e.map_err(broken)?.inside().any().map_err(broken)?;
                Ok((base.tag, base.value.to_vec()))
            })
            .collect()
    };
    let (permitted, excluded) = (bases(permitted)?, bases(excluded)?);
    let mut names: Vec<(u8, Vec<u8>)> = cert.alt_names().map(|e| (e.tag, e.value.to_vec())).collect();
    if leaf && !names.iter().any(|n| n.0 == DNS) {
        names.extend(cert.common_name().filter(|c| c.contains('.')).map(|c| (DNS, c.into_bytes())));
    }
    if !super::x509::name_parts(cert.subject()).is_empty() {
        names.push((DIRECTORY, cert.subject().to_vec()));
    }
    for (kind, name) in &names {
        let same: Vec<_> = permitted.iter().filter(|p| p.0 == *kind).collect();
        let mut ok = same.is_empty();
        for (_, base) in same {
            ok |= below(*kind, name, base).ok_or(51)?;
        }
        if !ok {
            return Err(47);
        }
        for (_, base) in excluded.iter().filter(|p| p.0 == *kind) {
            if below(*kind, name, base).ok_or(51)? {
                return Err(48);
            }
        }
    }
    Ok(())
}

/// Whether a name is in the subtree of another; `None` for kinds that are not known.
fn below(kind: u8, name: &[u8], base: &[u8]) -> Option<bool> {
    let ends = |name: &[u8], base: &[u8]| {
        let Some(at) = name.len().checked_sub(base.len()) else { return false };
        name[at..].eq_ignore_ascii_case(base) && (at == 0 || base.starts_with(b".") || name[at - 1] == b'.')
    };
    Some(match kind {
        DNS => base.is_empty() || ends(name, base),
        IP => {
            if base.len() != 2 * name.len() {
                return Some(false);
            }
            let (address, mask) = base.split_at(name.len());
            name.iter().zip(address).zip(mask).all(|((n, a), m)| n & m == a & m)
        }
        MAIL => {
            let host = name.iter().position(|&b| b == b'@').map_or(name, |i| &name[i + 1..]);
            if base.contains(&b'@') {
                name == base
            } else if base.starts_with(b".") {
                ends(host, base)
            } else {
                host.eq_ignore_ascii_case(base)
            }
        }
        URI => {
            let text = String::from_utf8_lossy(name).into_owned();
            let host = text.split_once("://")?.1;
            let host = host.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
            if base.starts_with(b".") { ends(host.as_bytes(), base) } else { host.as_bytes().eq_ignore_ascii_case(base) }
        }
        DIRECTORY => {
            let (name, base) = (super::x509::name_parts(name), super::x509::name_parts(base));
            let raw = |parts: &Vec<(&[u8], Element<'_>)>| -> Vec<(Vec<u8>, Vec<u8>)> {
                parts.iter().map(|(o, e)| (o.to_vec(), e.value.to_ascii_lowercase())).collect()
            };
            name.len() >= base.len() && name.iter().zip(&base).all(|(n, b)| raw(n) == raw(b))
        }
        _ => return None,
    })
}

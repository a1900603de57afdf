//! Certificates as Python sees them: dicts, and the class `Certificate`.

use std::sync::Arc;

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::types::{bytes, str, tuple};
use taipan_runtime::vm::Vm;

use super::der::{Element, Reader, dotted, tag};
use super::x509::{Cert, ext, name_parts, text_of};
use super::{errors, objects, pem};

/// The payload of Certificate.
#[derive(Trace)]
pub struct Certificate {
    #[no_trace]
    pub cert: Arc<Cert>,
}

fn pair(name: &str, value: Value) -> Value {
    tuple::from_array([str::from_str(name), value]).into_value()
}

/// A string of a name; bytes that are no text as their hexadecimal form.
fn shown(e: &Element<'_>) -> String {
    text_of(e).unwrap_or_else(|| hex(e))
}

fn hex(e: &Element<'_>) -> String {
    let hex: String = e.whole.iter().map(|b| format!("{b:02X}")).collect();
    format!("#{hex}")
}

/// A string of a name in the form of RFC 2253.
fn escaped(e: &Element<'_>) -> String {
    let Some(text) = text_of(e) else { return hex(e) };
    let mut out = String::new();
    let last = text.len().wrapping_sub(1);
    for (i, b) in text.bytes().enumerate() {
        match b {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => {
                out.push('\\');
                out.push(char::from(b));
            }
            b'#' if i == 0 => out.push_str("\\#"),
            b' ' if i == 0 || i == last => out.push_str("\\ "),
            0x20..0x7f => out.push(char::from(b)),
            _ => out.push_str(&format!("\\{b:02X}")),
        }
    }
    out
}

/// A name as groups of (attribute, value).
fn name(der: &[u8]) -> Value {
    let groups = name_parts(der).into_iter().map(|group| {
        let parts = group.iter().map(|(oid, v)| pair(&objects::long_name(oid), str::from_str(&shown(v)))).collect();
        tuple::from_vec(parts).into_value()
    });
    tuple::from_vec(groups.collect()).into_value()
}

/// The serial number as hexadecimal digits.
fn serial(bytes: &[u8]) -> String {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let mut digits = bytes.to_vec();
    if negative {
        let mut carry = true;
        for d in digits.iter_mut().rev() {
            (*d, carry) = (!*d).overflowing_add(carry.into());
        }
        let _ = carry;
    }
    while digits.len() > 1 && digits[0] == 0 {
        digits.remove(0);
    }
    let hex: String = digits.iter().map(|b| format!("{b:02X}")).collect();
    let hex = if hex == "00" { "0".to_owned() + "0" } else { hex };
    if negative { format!("-{hex}") } else { hex }
}

fn ascii(e: &Element<'_>) -> String {
    e.value.iter().map(|&b| char::from(b)).collect()
}

fn address(v: &[u8]) -> String {
    match v {
        [a, b, c, d] => format!("{a}.{b}.{c}.{d}"),
        v if v.len() == 16 => {
            let parts: Vec<String> =
                v.chunks_exact(2).map(|c| format!("{:X}", u16::from_be_bytes([c[0], c[1]]))).collect();
            parts.join(":")
        }
        _ => "<invalid>".to_owned(),
    }
}

/// An entry of `subjectAltName`.
fn general_name(e: &Element<'_>) -> Option<Value> {
    const DIRECTORY: u8 = tag::context(4);
    Some(match e.tag & 0x1f {
        1 => pair("email", str::from_str(&ascii(e))),
        2 => pair("DNS", str::from_str(&ascii(e))),
        4 if e.tag == DIRECTORY => pair("DirName", name(e.value)),
        6 => pair("URI", str::from_str(&ascii(e))),
        7 => pair("IP Address", str::from_str(&address(e.value))),
        8 => pair("Registered ID", str::from_str(&dotted(e.value))),
        0 => pair("othername", str::from_str("<unsupported>")),
        3 => pair("X400Name", str::from_str("<unsupported>")),
        5 => pair("EdiPartyName", str::from_str("<unsupported>")),
        _ => return None,
    })
}

/// The addresses of one kind in `authorityInfoAccess`.
fn info(cert: &Cert, method: u8) -> Vec<Value> {
    let Some((v, _)) = cert.extension(ext::AUTHORITY_INFO) else { return Vec::new() };
    let wanted = [0x2b, 6, 1, 5, 5, 7, 0x30, method];
    let Ok(list) = Reader::new(v).sequence() else { return Vec::new() };
    list.all()
        .map_while(Result::ok)
        .filter_map(|e| {
            let mut r = e.inside();
            let kind = r.expect(tag::OID).ok()?;
            let place = r.any().ok()?;
            (kind.value == wanted && place.tag == tag::context_bytes(6)).then(|| str::from_str(&ascii(&place)))
        })
        .collect()
}

/// The addresses of revocation lists.
fn crl_points(cert: &Cert) -> Vec<Value> {
    let Some((v, _)) = cert.extension(ext::CRL_POINTS) else { return Vec::new() };
    let Ok(list) = Reader::new(v).sequence() else { return Vec::new() };
    let mut out = Vec::new();
    for point in list.all().map_while(Result::ok) {
        let Ok(Some(name)) = point.inside().optional(tag::context(0)) else { continue };
        let Ok(Some(full)) = name.inside().optional(tag::context(0)) else { continue };
        let uris = full.inside().all().map_while(Result::ok).filter(|e| e.tag == tag::context_bytes(6));
        out.extend(uris.map(|e| str::from_str(&ascii(&e))));
    }
    out
}

/// A certificate as `getpeercert` gives it.
pub fn decode(_vm: &Vm, cert: &Cert) -> R {
    let d = Ref::new(Dict::new());
    d.set_str("subject", name(cert.subject()));
    d.set_str("issuer", name(cert.issuer()));
    d.set_str("version", Value::from(i64::from(cert.version)));
    d.set_str("serialNumber", str::from_str(&serial(cert.serial())));
    d.set_str("notBefore", str::from_str(&cert.not_before.shown()));
    d.set_str("notAfter", str::from_str(&cert.not_after.shown()));
    let names: Vec<Value> = cert.alt_names().filter_map(|e| general_name(&e)).collect();
    if cert.extension(ext::SUBJECT_ALT_NAME).is_some() && !names.is_empty() {
        d.set_str("subjectAltName", tuple::from_vec(names).into_value());
    }
    for (key, items) in [("OCSP", info(cert, 1)), ("caIssuers", info(cert, 2)), ("crlDistributionPoints", crl_points(cert))] {
        if !items.is_empty() {
            d.set_str(key, tuple::from_vec(items).into_value());
        }
    }
    Ok(d.into_value())
}

/// Certificates of a connection as objects.
pub fn objects(certs: &[Arc<Cert>]) -> Value {
    let all = certs.iter().map(|c| Ref::new(Certificate { cert: c.clone() }).into_value()).collect();
    taipan_runtime::types::list::from_vec(all).into_value()
}

#[class(name = "Certificate", module = "_ssl", flags(NO_NEW))]
impl Certificate {
    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let parts = this.cert.subject_parts();
        let all = parts.iter().flatten().map(|(oid, v)| {
            let dotted = dotted(oid);
            let short = objects::OBJECTS.iter().find(|o| o.3 == dotted).map_or(dotted.as_str(), |o| o.1);
            let named = short != dotted;
            format!("{short}={}", if named { escaped(v) } else { hex(v) })
        });
        let mut all: Vec<String> = all.collect();
        all.reverse();
        format!("<_ssl.Certificate '{}'>", all.join(","))
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        vm.hash(bytes::from_slice(&this.cert.der).value())
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> Value {
        let Some(other) = other.downcast::<Self>() else { return Value::NOT_IMPLEMENTED };
        let same = this.cert.der == other.cert.der;
        match op {
            CmpOp::Eq => Value::from(same),
            CmpOp::Ne => Value::from(!same),
            _ => Value::NOT_IMPLEMENTED,
        }
    }

    #[method(sig = "(format=Encoding.PEM)")]
    fn public_bytes(vm: &Vm, this: &Ref<Self>, format: Option<i32>) -> R {
        match format.unwrap_or(1) {
            1 => Ok(str::from_str(&pem::armour("CERTIFICATE", &this.cert.der))),
            2 => Ok(bytes::from_slice(&this.cert.der).into_value()),
            _ => Err(vm.value_error("Unsupported format")),
        }
    }

    #[method(sig = "()")]
    fn get_info(vm: &Vm, this: &Ref<Self>) -> R {
        decode(vm, &this.cert)
    }
}

#[function(sig = "(path, /)")]
pub fn _test_decode_cert(vm: &Vm, path: &Value) -> R {
    let path = crate::posix::paths::path_arg(vm, path, "_test_decode_cert: path", false)?;
    let text = taipan_host::fd::read_file(&path.path, 16 << 20).map_err(|_| errors::plain(vm, "Can't open file"))?;
    let (blocks, _) = pem::blocks(&text);
    let cert = blocks.iter().find(|b| b.label.ends_with("CERTIFICATE")).and_then(|b| Cert::parse(&b.data).ok());
    match cert {
        Some(c) => decode(vm, &c),
        None => Err(errors::plain(vm, "Error decoding PEM-encoded file")),
    }
}

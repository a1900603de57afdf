//! Loading of certificates and keys into a context.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, BytesLike, is_bytes_like};
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use super::context::Context;
use super::errors::{self, Line};
use super::store::{LoadError, Store};
use super::verify::lock;
use super::x509::Cert;
use super::{keys, pem};
use crate::posix::paths;

/// A path argument.
fn path(vm: &Vm, v: &Value, what: &str) -> R<CString> {
    paths::fspath_value(vm, v).map_err(|r| {
        drop(vm.catch(r));
        vm.type_error(format!("{what} should be a valid filesystem path"))
    })?;
    paths::path_arg(vm, v, what, false).map(|p| p.path)
}

fn file(vm: &Vm, path: &CStr) -> R<Vec<u8>> {
    let path = path.to_owned();
    vm.allow_threads(move || taipan_host::fd::read_file(&path, 64 << 20)).map_err(|e| vm.os_error(e.0, None))
}

/// The password for a key: given, asked for, or none.
fn password(vm: &Vm, given: &Value) -> R<Option<Vec<u8>>> {
    if given.is_none() {
        return Ok(None);
    }
    let called = given.ty().slots().call.is_some();
    let v = if called { vm.call(given, &[])? } else { given.clone() };
    let text = match v.downcast::<str::Str>() {
        Some(s) => s.to_utf8(vm)?.as_bytes().to_vec(),
        None if is_bytes_like(&v) && (bytes::get(&v).is_some() || !called || is_bytes_like(&v)) => BytesLike::new(vm, &v)?.to_vec(),
        None if called => return Err(vm.type_error("password callback must return a string")),
        None => return Err(vm.type_error("password should be a string or callable")),
    };
    if text.len() > 1024 {
        return Err(vm.value_error("password cannot be longer than 1024 bytes"));
    }
    Ok(Some(text))
}

/// `load_cert_chain`
pub fn cert_chain(vm: &Vm, this: &Ref<Context>, certfile: &Value, keyfile: &Value, given: &Value) -> R<()> {
    let cert_path = path(vm, certfile, "certfile")?;
    let key_path = if keyfile.is_none() { None } else { Some(path(vm, keyfile, "keyfile")?) };
    // Whoever gives a password itself learns at once that it can't be one.
    let mut secret = None;
    if !given.is_none() && given.ty().slots().call.is_none() {
        secret = password(vm, given)?;
    }
    let text = file(vm, &cert_path)?;
    let (blocks, error) = pem::blocks(&text);
    let mut chain: Vec<Cert> = Vec::new();
    for b in blocks.iter().filter(|b| b.label.ends_with("CERTIFICATE")) {
        match Cert::parse(&b.data) {
            Ok(c) => chain.push(c),
            Err(_) => return Err(errors::pem_lib(vm, Line::CERT_CHAIN)),
        }
    }
    if chain.is_empty() || error.is_some() {
        return Err(errors::pem_lib(vm, Line::CERT_CHAIN));
    }
    if chain.first().and_then(Cert::rsa_bits).is_some_and(|n| n < 2048) {
        return Err(errors::numbered(vm, 399, "SSL", "EE_KEY_TOO_SMALL", Line::CERT_CHAIN));
    }
    let key_blocks = match &key_path {
        None => blocks,
        Some(p) => pem::blocks(&file(vm, p)?).0,
    };
    let Some(block) = key_blocks.iter().find(|b| keys::kind(b).is_some()) else {
        return Err(errors::pem_lib(vm, Line::KEY));
    };
    if keys::kind(block) == Some(true) && secret.is_none() && !given.is_none() {
        secret = password(vm, given)?;
    }
    let key = vm.allow_threads(|| {
        let der = keys::load(block, secret.as_deref())?;
        rustls::crypto::aws_lc_rs::sign::any_supported_type(&der).ok()
    });
    let Some(key) = key else { return Err(errors::pem_lib(vm, Line::KEY)) };
    let fits = match (key.public_key(), chain.first()) {
        (Some(k), Some(c)) => &*k == c.spki(),
        _ => true,
    };
    if !fits {
        return Err(errors::numbered(vm, 116, "X509", "KEY_VALUES_MISMATCH", Line::KEY));
    }
    let certs = chain.into_iter().map(|c| CertificateDer::from(c.der)).collect();
    let new = Arc::new(CertifiedKey::new(certs, key));
    let mut s = this.settings();
    // One per kind of key.
    match s.keys.iter().position(|k| k.key.algorithm() == new.key.algorithm()) {
        Some(i) => s.keys[i] = new,
        None => s.keys.push(new),
    }
    Ok(())
}

/// `load_dh_params`: the file has to be there and right, but there are no such key exchanges.
pub fn dh_params(vm: &Vm, path_: &Value) -> R<()> {
    let path = path(vm, path_, "path")?;
    let text = vm.allow_threads(|| taipan_host::fd::read_file(&path, 64 << 20)).map_err(|e| vm.os_error(e.0, Some(path_)))?;
    let (blocks, _) = pem::blocks(&text);
    if blocks.iter().any(|b| b.label.ends_with("DH PARAMETERS")) {
        // Key exchanges over elliptic curves are the only ones there are: the numbers would never be used.
        return Ok(());
    }
    Err(errors::numbered(vm, 108, "PEM", "NO_START_LINE", Line(4260)))
}

fn failed(vm: &Vm, e: LoadError, line: Line) -> Raised {
    match e {
        LoadError::System(e) => vm.os_error(e.0, None),
        LoadError::Nothing => errors::numbered(vm, 136, "X509", "NO_CERTIFICATE_OR_CRL_FOUND", line),
        LoadError::Pem(_) | LoadError::Der => errors::pem_lib(vm, line),
    }
}

/// `load_verify_locations`
pub fn verify_locations(vm: &Vm, this: &Ref<Context>, cafile: &Value, capath: &Value, cadata: &Value) -> R<()> {
    if cafile.is_none() && capath.is_none() && cadata.is_none() {
        return Err(vm.type_error("cafile, capath and cadata cannot be all omitted"));
    }
    let cafile = if cafile.is_none() { None } else { Some(path(vm, cafile, "cafile")?) };
    let capath = if capath.is_none() { None } else { Some(path(vm, capath, "capath")?) };
    let store = this.settings().store.clone();
    if !cadata.is_none() {
        add_data(vm, &store, cadata)?;
    }
    if let Some(p) = cafile {
        let shared = store.clone();
        vm.allow_threads(move || lock(&shared).add_file(&p)).map_err(|e| failed(vm, e, Line::CAFILE))?;
    }
    if let Some(p) = capath {
        lock(&store).add_folder(p);
    }
    Ok(())
}

fn add_data(vm: &Vm, store: &Arc<std::sync::Mutex<Store>>, data: &Value) -> R<()> {
    let none = |text: &str| errors::unnumbered(vm, &format!("{text}: cadata does not contain a certificate"), Line::CADATA);
    if let Some(s) = data.downcast::<str::Str>() {
        let text = match s.as_ascii() {
            Some(t) => t.to_owned(),
            None => return Err(vm.type_error("cadata should be an ASCII string or a bytes-like object")),
        };
        if text.is_empty() {
            return Err(vm.value_error("Empty certificate data"));
        }
        return match lock(store).add_pem(text.as_bytes()) {
            Ok(_) => Ok(()),
            Err(LoadError::Nothing) => Err(none("no start line")),
            Err(LoadError::Pem(pem::PemError::BadEnd)) => {
                Err(errors::numbered(vm, 102, "PEM", "BAD_END_LINE", Line::CADATA))
            }
            Err(LoadError::Pem(pem::PemError::BadBase64)) => {
                Err(errors::numbered(vm, 100, "PEM", "BAD_BASE64_DECODE", Line::CADATA))
            }
            Err(e) => Err(failed(vm, e, Line::CADATA)),
        };
    }
    if !is_bytes_like(data) {
        return Err(vm.type_error("cadata should be an ASCII string or a bytes-like object"));
    }
    let data = BytesLike::new(vm, data)?.to_vec();
    if data.is_empty() {
        return Err(vm.value_error("Empty certificate data"));
    }
    let mut copy = Store::default();
    match copy.add_der(&data) {
        Ok(_) => {
            let mut store = lock(store);
            for c in copy.certs() {
                if let Ok(c) = Cert::parse(&c.der) {
                    store.add(c);
                }
            }
            Ok(())
        }
        Err(_) => {
            // Those in front of the broken one stay.
            let found = !copy.certs().is_empty();
            let mut store = lock(store);
            for c in copy.certs() {
                if let Ok(c) = Cert::parse(&c.der) {
                    store.add(c);
                }
            }
            drop(store);
            match found {
                true => Err(errors::numbered(vm, 168, "ASN1", "WRONG_TAG", Line::CADATA)),
                false => Err(none("not enough data")),
            }
        }
    }
}

/// Where certificates are if nothing else is said.
pub const CERT_FILE: &str = "/usr/lib/ssl/cert.pem";
/// The folder.
pub const CERT_DIR: &str = "/usr/lib/ssl/certs";

/// Files with all authorities, as the systems have them.
const FILES: &[&CStr] = &[
    c"/usr/lib/ssl/cert.pem",
    c"/etc/ssl/certs/ca-certificates.crt",
    c"/etc/pki/tls/certs/ca-bundle.crt",
    c"/etc/ssl/ca-bundle.pem",
    c"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    c"/etc/ssl/cert.pem",
];
const FOLDERS: &[&CStr] = &[c"/usr/lib/ssl/certs", c"/etc/ssl/certs", c"/etc/pki/tls/certs"];

/// `set_default_verify_paths`
pub fn default_paths(vm: &Vm, this: &Ref<Context>) -> R<()> {
    let store = this.settings().store.clone();
    let variable = |name: &CStr| environment(name);
    let (file, folder) = (variable(c"SSL_CERT_FILE"), variable(c"SSL_CERT_DIR"));
    vm.allow_threads(move || {
        let mut s = lock(&store);
        // What can't be read is not an error: then nobody is trusted.
        match file {
            Some(f) => drop(s.add_file(&f)),
            None => {
                let _ = FILES.iter().find(|f| s.add_file(f).is_ok());
            }
        }
        match folder {
            Some(f) => s.add_folder(f),
            None => {
                if let Some(f) = FOLDERS.iter().find(|f| taipan_host::fs::stat(taipan_host::AT_CURRENT, f, true).is_ok()) {
                    s.add_folder((*f).to_owned());
                }
            }
        }
    });
    Ok(())
}

fn environment(name: &CStr) -> Option<CString> {
    taipan_host::env::get(name.to_bytes()).and_then(|v| CString::new(v).ok())
}

//! The certificates that are trusted.

use std::collections::HashMap;
use std::ffi::CString;
use std::sync::Arc;

use super::crl::Crl;
use super::der;
use super::pem::{self, PemError};
use super::x509::Cert;

/// More than any list of authorities has.
const MOST_BYTES: usize = 64 << 20;

/// Certificates, revocation lists, and folders with more of them.
#[derive(Clone, Default, Debug)]
pub struct Store {
    certs: Vec<Arc<Cert>>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    pub crls: Vec<Arc<Crl>>,
    folders: Vec<CString>,
}

/// Why nothing was loaded.
pub enum LoadError {
    /// The system refused.
    System(taipan_host::Errno),
    /// No certificate in it.
    Nothing,
    /// Not as PEM has to be.
    Pem(PemError),
    /// Not as a certificate has to be.
    Der,
}

impl Store {
    /// Adds a certificate, unless it is there.
    pub fn add(&mut self, cert: Cert) {
        let same = self.by_subject.entry(cert.subject().to_vec()).or_default();
        if same.iter().any(|&i| self.certs.get(i).is_some_and(|c| c.der == cert.der)) {
            return;
        }
        same.push(self.certs.len());
        self.certs.push(Arc::new(cert));
    }

    /// All certificates.
    pub fn certs(&self) -> &[Arc<Cert>] {
        &self.certs
    }

    /// Adds a folder in which certificates are looked up by the hash of their names.
    pub fn add_folder(&mut self, folder: CString) {
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
    }

    /// Adds all certificates and revocation lists of a PEM text.
    pub fn add_pem(&mut self, text: &[u8]) -> Result<usize, LoadError> {
        let (blocks, error) = pem::blocks(text);
        let mut n = 0;
        for b in &blocks {
            match b.label.as_str() {
                "CERTIFICATE" | "X509 CERTIFICATE" => {
                    self.add(Cert::parse(&b.data).map_err(|_| LoadError::Der)?);
                    n += 1;
                }
                "TRUSTED CERTIFICATE" => {
                    self.add(Cert::parse(&b.data).map_err(|_| LoadError::Der)?);
                    n += 1;
                }
                "X509 CRL" => {
                    self.crls.push(Arc::new(Crl::parse(&b.data).map_err(|_| LoadError::Der)?));
                    n += 1;
                }
                _ => {}
            }
        }
        match error {
            Some(e) => Err(LoadError::Pem(e)),
            None if n == 0 => Err(LoadError::Nothing),
            None => Ok(n),
        }
    }

    /// Adds certificates that stand one behind the other.
    pub fn add_der(&mut self, bytes: &[u8]) -> Result<usize, LoadError> {
        let mut n = 0;
        for e in der::Reader::new(bytes).all() {
            let e = e.map_err(|_| LoadError::Der)?;
            self.add(Cert::parse(e.whole).map_err(|_| LoadError::Der)?);
            n += 1;
        }
        if n == 0 { Err(LoadError::Nothing) } else { Ok(n) }
    }

    /// Adds what stands in a file.
    pub fn add_file(&mut self, path: &std::ffi::CStr) -> Result<usize, LoadError> {
        let text = taipan_host::fd::read_file(path, MOST_BYTES).map_err(LoadError::System)?;
        self.add_pem(&text)
    }

    /// The trusted certificates with this subject; those of folders stay for later.
    pub fn with_subject(&mut self, name: &[u8]) -> Vec<Arc<Cert>> {
        let known = self.known(name);
        if !known.is_empty() || self.folders.is_empty() {
            return known;
        }
        for folder in self.folders.clone() {
            self.look_up(&folder, name);
        }
        self.known(name)
    }

    /// The trusted certificates with this subject that are loaded.
    pub fn known(&self, name: &[u8]) -> Vec<Arc<Cert>> {
        let found = self.by_subject.get(name).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|&i| self.certs.get(i).cloned()).collect()
    }

    /// Loads the files of a folder that are named by the hash of a name: `0123abcd.0` and so on.
    fn look_up(&mut self, folder: &CString, name: &[u8]) {
        let hash = super::names::name_hash(name);
        for (kind, most) in [("", 16), ("r", 16)] {
            for i in 0..most {
                let mut path = folder.as_bytes().to_vec();
                path.extend_from_slice(format!("/{hash:08x}.{kind}{i}").as_bytes());
                let Ok(path) = CString::new(path) else { return };
                match self.add_file(&path) {
                    Ok(_) => {}
                    Err(_) => break,
                }
            }
        }
    }
}

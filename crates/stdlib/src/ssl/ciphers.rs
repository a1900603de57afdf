//! The cipher suites, under OpenSSL's names.

use rustls::{CipherSuite, SupportedCipherSuite};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::{str, tuple};
use taipan_runtime::vm::Vm;

/// What is known of a suite.
pub struct Suite {
    pub id: CipherSuite,
    pub name: &'static str,
    /// The newest of its protocol.
    pub tls13: bool,
    ecdsa: bool,
    cipher: &'static str,
    bits: i32,
}

const fn new(id: CipherSuite, name: &'static str, ecdsa: bool, cipher: &'static str, bits: i32) -> Suite {
    Suite { id, name, tls13: false, ecdsa, cipher, bits }
}

const fn new13(id: CipherSuite, name: &'static str, cipher: &'static str, bits: i32) -> Suite {
    Suite { id, name, tls13: true, ecdsa: false, cipher, bits }
}

/// All suites of the library, the preferred ones first.
pub const SUITES: &[Suite] = &[
    new13(CipherSuite::TLS13_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", "aes-256-gcm", 256),
    new13(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256", "chacha20-poly1305", 256),
    new13(CipherSuite::TLS13_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", "aes-128-gcm", 128),
    new(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", true, "aes-256-gcm", 256),
    new(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", false, "aes-256-gcm", 256),
    new(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", true, "aes-128-gcm", 128),
    new(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", false, "aes-128-gcm", 128),
    new(
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        true,
        "chacha20-poly1305",
        256,
    ),
    new(
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        "ECDHE-RSA-CHACHA20-POLY1305",
        false,
        "chacha20-poly1305",
        256,
    ),
];

impl Suite {
    /// Whether one word of a cipher list means it.
    fn is(&self, word: &str) -> bool {
        let aes = self.cipher.starts_with("aes");
        match word {
            "ALL" | "DEFAULT" | "COMPLEMENTOFDEFAULT" | "HIGH" | "AEAD" | "PROFILE=SYSTEM" => word != "COMPLEMENTOFDEFAULT",
            _ if self.tls13 => self.name == word,
            "ECDHE" | "EECDH" | "kECDHE" | "kEECDH" | "ECDH" | "kECDH" | "FIPS" | "TLSv1.2" => true,
            "AES" => aes,
            "AESGCM" => aes,
            "AES128" => self.cipher == "aes-128-gcm",
            "AES256" => self.cipher == "aes-256-gcm",
            "CHACHA20" => !aes,
            "ECDSA" | "aECDSA" => self.ecdsa,
            "RSA" | "aRSA" => !self.ecdsa,
            "SHA256" => self.name.ends_with("SHA256"),
            "SHA384" => self.name.ends_with("SHA384"),
            _ => self.name == word,
        }
    }

    fn protocol(&self) -> &'static str {
        if self.tls13 { "TLSv1.3" } else { "TLSv1.2" }
    }

    /// (name, protocol, bits)
    pub fn tuple(&self) -> Value {
        tuple::from_array([str::from_str(self.name), str::from_str(self.protocol()), Value::from(self.bits)]).into_value()
    }

    /// As an entry of `get_ciphers`.
    pub fn describe(&self) -> Value {
        let (kea, auth) = match (self.tls13, self.ecdsa) {
            (true, _) => ("any", "any"),
            (false, true) => ("ECDH", "ECDSA"),
            (false, false) => ("ECDH", "RSA"),
        };
        let enc = match self.cipher {
            "aes-256-gcm" => "AESGCM(256)",
            "aes-128-gcm" => "AESGCM(128)",
            _ => "CHACHA20/POLY1305(256)",
        };
        let text = format!(
            "{:<30} {} Kx={kea:<8} Au={auth:<5} Enc={enc:<22} Mac=AEAD",
            self.name,
            self.protocol()
        );
        let d = Ref::new(Dict::new());
        d.set_str("id", Value::from(0x0300_0000 | i64::from(u16::from(self.id))));
        d.set_str("name", str::from_str(self.name));
        d.set_str("protocol", str::from_str(self.protocol()));
        d.set_str("description", str::from_str(&text));
        d.set_str("strength_bits", Value::from(self.bits));
        d.set_str("alg_bits", Value::from(self.bits));
        d.set_str("aead", true);
        d.set_str("symmetric", str::from_str(self.cipher));
        d.set_str("digest", Value::NONE);
        d.set_str("kea", str::from_str(if self.tls13 { "kx-any" } else { "kx-ecdhe" }));
        let auth = match auth {
            "any" => "auth-any",
            "ECDSA" => "auth-ecdsa",
            _ => "auth-rsa",
        };
        d.set_str("auth", str::from_str(auth));
        d.into_value()
    }
}

/// The suite with this number.
pub fn by_id(id: CipherSuite) -> Option<&'static Suite> {
    SUITES.iter().find(|s| s.id == id)
}

/// The suites of TLS 1.2 that a list in OpenSSL's language selects, in order; `None` if it selects none.
pub fn select(list: &str) -> Option<Vec<CipherSuite>> {
    let mut chosen: Vec<&Suite> = Vec::new();
    let mut banned: Vec<&Suite> = Vec::new();
    for item in list.split([':', ',', ' ', ';']).filter(|i| !i.is_empty()) {
        if item.starts_with('@') {
            continue;
        }
        let (how, words) = match item.split_at_checked(1) {
            Some((how @ ("!" | "-" | "+"), words)) => (how, words),
            _ => ("", item),
        };
        let all: Vec<&str> = words.split('+').collect();
        let fits = SUITES.iter().filter(|s| !s.tls13 && all.iter().all(|w| s.is(w)));
        for s in fits {
            let place = chosen.iter().position(|c| c.id == s.id);
            match how {
                "" if place.is_none() && !banned.iter().any(|b| b.id == s.id) => chosen.push(s),
                "" => {}
                _ => {
                    if let Some(i) = place {
                        chosen.remove(i);
                        if how == "+" {
                            chosen.push(s);
                        }
                    }
                    if how == "!" {
                        banned.push(s);
                    }
                }
            }
        }
    }
    if chosen.is_empty() { None } else { Some(chosen.iter().map(|s| s.id).collect()) }
}

/// The library's own form of suites.
pub fn supported(ids: impl Iterator<Item = CipherSuite>) -> Vec<SupportedCipherSuite> {
    let all = rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;
    ids.filter_map(|id| all.iter().find(|s| s.suite() == id).copied()).collect()
}

/// A list of suites as `get_ciphers` gives them.
pub fn list(_vm: &Vm, ids: impl Iterator<Item = CipherSuite>) -> R {
    let items = ids.filter_map(by_id).map(Suite::describe).collect();
    Ok(taipan_runtime::types::list::from_vec(items).into_value())
}

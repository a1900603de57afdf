//! What a context says about its connections, and how the library is told.

use std::io::Write as _;
use std::sync::{Arc, LazyLock, Mutex};

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs as provider};
use rustls::pki_types::{CertificateDer, IpAddr, ServerName};
use rustls::server::{ProducesTickets, ServerSessionMemoryCache, StoresServerSessions};
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, ClientConfig, KeyLog, NamedGroup, ServerConfig, SupportedProtocolVersion};

use super::ciphers;
use super::constants::{self as c};
use super::hostname::Host;
use super::peer::{ASKER, OfClients, Peer, Sessions};
use super::store::Store;
use super::verify::{self, Check, Outcome, lock};
use super::x509::Cert;

/// All that can be set.
pub struct Settings {
    pub protocol: i32,
    pub options: i64,
    pub verify_mode: i32,
    pub verify_flags: i64,
    pub check_hostname: bool,
    pub host_flags: u32,
    pub minimum: i32,
    pub maximum: i32,
    pub tickets: u32,
    pub post_handshake_auth: bool,
    pub store: Arc<Mutex<Store>>,
    pub keys: Vec<Arc<CertifiedKey>>,
    pub alpn: Vec<Vec<u8>>,
    pub suites: Vec<CipherSuite>,
    pub group: Option<NamedGroup>,
    pub keylog: Option<(String, Arc<SecretLog>)>,
    storage: Option<Arc<dyn StoresServerSessions>>,
    ticketer: Option<Arc<dyn ProducesTickets>>,
    pub stats: Stats,
}

/// How often what has happened.
#[derive(Default)]
pub struct Stats {
    pub connect: u32,
    pub connect_good: u32,
    pub accept: u32,
    pub accept_good: u32,
    pub hits: u32,
}

/// The file that secrets are written to.
#[derive(Debug)]
pub struct SecretLog(pub i32);

impl Drop for SecretLog {
    fn drop(&mut self) {
        let _ = taipan_host::fd::close(self.0);
    }
}

impl KeyLog for SecretLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = Vec::new();
        let _ = write!(line, "{label} ");
        for b in client_random {
            let _ = write!(line, "{b:02x}");
        }
        line.push(b' ');
        for b in secret {
            let _ = write!(line, "{b:02x}");
        }
        line.push(b'\n');
        // There is nobody who could be told that it did not work.
        let _ = taipan_host::fd::write(self.0, &line);
    }
}

static PROVIDER: LazyLock<CryptoProvider> = LazyLock::new(provider::default_provider);

impl Settings {
    /// Those of a new context.
    pub fn new(protocol: i32) -> Self {
        let client = protocol == c::PROTOCOL_TLS_CLIENT;
        Self {
            protocol,
            options: c::OPTIONS,
            verify_mode: if client { 2 } else { 0 },
            verify_flags: 0x8000,
            check_hostname: client,
            host_flags: 4,
            minimum: c::TLS_1_2,
            maximum: c::MAXIMUM_SUPPORTED,
            tickets: 2,
            post_handshake_auth: false,
            store: Arc::default(),
            keys: Vec::new(),
            alpn: Vec::new(),
            suites: ciphers::SUITES.iter().filter(|s| !s.tls13).map(|s| s.id).collect(),
            group: None,
            keylog: None,
            storage: None,
            ticketer: None,
            stats: Stats::default(),
        }
    }

    /// Sets whether the other side is checked. Sessions that began under other terms are not taken up again.
    pub fn set_verify_mode(&mut self, mode: i32) {
        if self.verify_mode != mode {
            self.verify_mode = mode;
            (self.storage, self.ticketer) = (None, None);
        }
    }

    /// The suites that a connection may use.
    pub fn all_suites(&self) -> impl Iterator<Item = CipherSuite> {
        let new = ciphers::SUITES.iter().filter(|s| s.tls13).map(|s| s.id);
        new.chain(self.suites.iter().copied())
    }

    fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        let within = |v: i32| {
            (self.minimum == c::MINIMUM_SUPPORTED || self.minimum <= v || self.minimum == c::MAXIMUM_SUPPORTED && v == c::TLS_1_3)
                && (self.maximum == c::MAXIMUM_SUPPORTED || self.maximum >= v)
        };
        let only = self.protocol == 5;
        let mut out = Vec::new();
        if within(c::TLS_1_3) && self.options & c::OP_NO_TLSV1_3 == 0 && !only {
            out.push(&rustls::version::TLS13);
        }
        if within(c::TLS_1_2) && self.options & c::OP_NO_TLSV1_2 == 0 && !self.suites.is_empty() {
            out.push(&rustls::version::TLS12);
        }
        out
    }

    fn provider(&self) -> Arc<CryptoProvider> {
        let mut p = PROVIDER.clone();
        p.cipher_suites = ciphers::supported(self.all_suites());
        if let Some(g) = self.group {
            let all = provider::ALL_KX_GROUPS;
            p.kx_groups = all.iter().filter(|k| k.name() == g).copied().collect();
        }
        Arc::new(p)
    }

    /// What has to be known while a connection is made.
    pub fn peer(&self, host: Option<&str>, of_server: bool, session: Option<Arc<Sessions>>) -> Arc<Peer> {
        let host = host.filter(|_| self.check_hostname).map(|h| Host::new(h, self.host_flags));
        let checked = (self.verify_mode, host.as_ref().map(|h| h.name.clone()));
        Arc::new(Peer {
            check: Check {
                store: self.store.clone(),
                mode: self.verify_mode,
                flags: self.verify_flags,
                host,
                of_server,
                algorithms: PROVIDER.signature_verification_algorithms,
                outcome: Mutex::new(Outcome::default()),
            },
            keys: Mutex::new(self.keys.iter().map(|k| self.with_issuers(k)).collect()),
            sessions: Arc::new(Sessions::after(session, checked)),
        })
    }

    /// A key whose certificate stands alone is shown with those above it, if they are among the trusted ones.
    fn with_issuers(&self, key: &Arc<CertifiedKey>) -> Arc<CertifiedKey> {
        let store = lock(&self.store);
        let [alone] = key.cert.as_slice() else { return key.clone() };
        if store.certs().is_empty() {
            return key.clone();
        }
        let Ok(leaf) = Cert::parse(alone) else { return key.clone() };
        let mut chain = vec![Arc::new(leaf)];
        while chain.len() < 10
            && let Some(last) = chain.last()
            && !last.is_self_issued()
        {
            let found = store.known(last.issuer()).into_iter().find(|c| verify::may_have_issued(c, last));
            let Some(issuer) = found else { break };
            chain.push(issuer);
        }
        if chain.len() == 1 {
            return key.clone();
        }
        let mut new = CertifiedKey::clone(key);
        new.cert = chain.iter().map(|c| CertificateDer::from(c.der.clone())).collect();
        Arc::new(new)
    }

    /// For a client; the error is OpenSSL's word.
    pub fn client(&self, peer: &Peer, host: Option<&str>) -> Result<(Arc<ClientConfig>, ServerName<'static>), &'static str> {
        let versions = self.versions();
        if versions.is_empty() {
            return Err("NO_PROTOCOLS_AVAILABLE");
        }
        let builder = ClientConfig::builder_with_provider(self.provider());
        let builder = builder.with_protocol_versions(&versions).map_err(|_| "NO_PROTOCOLS_AVAILABLE")?;
        let builder = builder.dangerous().with_custom_certificate_verifier(ASKER.clone());
        let mut config = builder.with_client_cert_resolver(ASKER.clone());
        config.alpn_protocols = self.alpn.clone();
        config.check_selected_alpn = true;
        config.resumption = Resumption::store(peer.sessions.clone());
        if let Some((_, log)) = &self.keylog {
            config.key_log = log.clone();
        }
        let name = host.and_then(|h| ServerName::try_from(h.to_owned()).ok());
        config.enable_sni = name.is_some();
        // Without a name, sessions are not looked up by it and none is sent.
        let name = name.unwrap_or(ServerName::IpAddress(IpAddr::V4([0, 0, 0, 0].into())));
        Ok((Arc::new(config), name))
    }

    /// For a server whose client offers these protocols; the error is OpenSSL's word.
    pub fn server(&mut self, peer: &Arc<Peer>, offered: Option<Vec<Vec<u8>>>) -> Result<Arc<ServerConfig>, &'static str> {
        let versions = self.versions();
        if versions.is_empty() {
            return Err("NO_PROTOCOLS_AVAILABLE");
        }
        let builder = ServerConfig::builder_with_provider(self.provider());
        let builder = builder.with_protocol_versions(&versions).map_err(|_| "NO_PROTOCOLS_AVAILABLE")?;
        let builder = if self.verify_mode == 0 {
            builder.with_no_client_auth()
        } else {
            builder.with_client_cert_verifier(Arc::new(OfClients { peer: peer.clone(), hints: Vec::new() }))
        };
        let mut config = builder.with_cert_resolver(ASKER.clone());
        // Who has nothing in common with the client goes on without.
        let common = |offered: Vec<Vec<u8>>| self.alpn.iter().any(|p| offered.contains(p));
        if offered.is_some_and(common) {
            config.alpn_protocols = self.alpn.clone();
        }
        config.ignore_client_order = self.options & c::OP_CIPHER_SERVER_PREFERENCE != 0;
        config.send_tls13_tickets = self.tickets as usize;
        config.session_storage = self.storage.get_or_insert_with(|| ServerSessionMemoryCache::new(1024)).clone();
        if self.options & c::OP_NO_TICKET == 0 {
            if self.ticketer.is_none() {
                self.ticketer = provider::Ticketer::new().ok();
            }
            if let Some(t) = &self.ticketer {
                config.ticketer = t.clone();
            }
        }
        if let Some((_, log)) = &self.keylog {
            config.key_log = log.clone();
        }
        Ok(Arc::new(config))
    }
}

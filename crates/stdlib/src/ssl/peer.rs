//! What the library asks for while it looks at records: certificates to be checked, keys to sign with, sessions to be
//! taken up again.
//!
//! The library compares the objects that it asks by address when a session is taken up again, so there is one for all
//! connections; which connection is meant is known per thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientSessionStore, ResolvesClientCert, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, NamedGroup, OtherError, PeerMisbehaved, SignatureScheme,
};

use super::verify::{Check, Fault, lock};
use super::x509::Cert;

/// Both sides of a connection, as far as certificates and sessions go.
#[derive(Debug)]
pub struct Peer {
    pub check: Check,
    /// What this side can show.
    pub keys: Mutex<Vec<Arc<CertifiedKey>>>,
    pub sessions: Arc<Sessions>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Peer>>> = const { RefCell::new(None) };
}

/// Runs code of the library for a connection.
pub fn with<T>(peer: &Arc<Peer>, f: impl FnOnce() -> T) -> T {
    struct Reset(Option<Arc<Peer>>);
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _reset = Reset(CURRENT.replace(Some(peer.clone())));
    f()
}

fn current() -> Result<Arc<Peer>, Error> {
    CURRENT.with_borrow(Clone::clone).ok_or_else(|| Error::General("no connection".to_owned()))
}

/// The refusal in the library's words, chosen for the alert that they become.
fn refusal(f: &Fault) -> Error {
    Error::InvalidCertificate(match f.code {
        9 | 11 | 28 | 62..=64 | 66..=68 => CertificateError::BadEncoding,
        10 | 12 => CertificateError::Expired,
        23 => CertificateError::Revoked,
        7 | 8 => CertificateError::BadSignature,
        26 => CertificateError::InvalidPurpose,
        2 | 3 | 18..=22 | 24 | 25 | 33 | 79 => CertificateError::UnknownIssuer,
        _ => CertificateError::Other(OtherError(Arc::new(f.clone()))),
    })
}

impl Peer {
    fn verify(&self, first: &CertificateDer<'_>, others: &[CertificateDer<'_>], now: UnixTime) -> Result<(), Error> {
        let mut sent: Vec<&[u8]> = vec![first];
        sent.extend(others.iter().map(|c| &**c));
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        self.check.run(&sent, now).map_err(|f| refusal(&f))
    }

    fn signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        tls13: bool,
    ) -> Result<HandshakeSignatureValid, Error> {
        let old = [SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::RSA_PKCS1_SHA384, SignatureScheme::RSA_PKCS1_SHA512];
        let unfit = Error::PeerMisbehaved(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme);
        if tls13 && old.contains(&signed.scheme) {
            return Err(unfit);
        }
        let found = self.check.algorithms.mapping.iter().find(|(s, _)| *s == signed.scheme);
        let Some((_, algorithms)) = found else { return Err(unfit) };
        // In TLS 1.3 a scheme stands for one curve, the first of the list.
        let algorithms = if tls13 { algorithms.get(..1).unwrap_or_default() } else { algorithms };
        let cert = Cert::parse(cert).map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let mut fit = algorithms.iter().filter(|a| a.public_key_alg_id().as_ref() == cert.key_algorithm());
        match fit.any(|a| a.verify_signature(cert.key(), message, signed.signature()).is_ok()) {
            true => Ok(HandshakeSignatureValid::assertion()),
            false => Err(Error::InvalidCertificate(CertificateError::BadSignature)),
        }
    }

    /// A key that makes signatures of one of these kinds.
    pub fn key(&self, offered: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let keys = lock(&self.keys);
        keys.iter().find(|k| k.key.choose_scheme(offered).is_some()).cloned()
    }
}

/// Asks the connection that is at work in this thread.
#[derive(Debug)]
pub struct Asker;

/// The one for all clients.
pub static ASKER: LazyLock<Arc<Asker>> = LazyLock::new(|| Arc::new(Asker));

impl ServerCertVerifier for Asker {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        current()?.verify(end_entity, intermediates, now).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        current()?.signature(message, cert, dss, false)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        current()?.signature(message, cert, dss, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        current().map(|p| p.check.algorithms.supported_schemes()).unwrap_or_default()
    }
}

impl ResolvesClientCert for Asker {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        current().ok()?.key(schemes)
    }

    fn has_certs(&self) -> bool {
        current().is_ok_and(|p| !lock(&p.keys).is_empty())
    }
}

impl ResolvesServerCert for Asker {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        current().ok()?.key(hello.signature_schemes())
    }
}

/// Checks the certificates of the clients of one server connection.
#[derive(Debug)]
pub struct OfClients {
    pub peer: Arc<Peer>,
    pub hints: Vec<DistinguishedName>,
}

impl ClientCertVerifier for OfClients {
    fn offer_client_auth(&self) -> bool {
        self.peer.check.mode != 0
    }

    fn client_auth_mandatory(&self) -> bool {
        self.peer.check.mode == 2
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.peer.verify(end_entity, intermediates, now).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.peer.signature(message, cert, dss, false)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.peer.signature(message, cert, dss, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.peer.check.algorithms.supported_schemes()
    }
}

/// The sessions of one connection: those that it may take up, and those that the server has offered.
#[derive(Debug)]
pub struct Sessions {
    /// Tells sessions from each other.
    pub id: [u8; 32],
    /// When it began, in seconds since 1970.
    pub time: i64,
    /// How the other side was checked: `CERT_*`, and the host whose name was compared.
    checked: (i32, Option<String>),
    state: Mutex<State>,
}

#[derive(Default, Debug)]
struct State {
    group: Option<NamedGroup>,
    old: Option<Tls12ClientSessionValue>,
    tickets: VecDeque<Tls13ClientSessionValue>,
    /// The session that this connection was given.
    from: Option<Arc<Sessions>>,
    /// Whether the server has offered one.
    offered: bool,
}

impl Sessions {
    /// Those of a connection that may take up a session of another, and checks its other side so. Whoever has been
    /// checked less, or for another host, does not get in by an old session.
    pub fn after(from: Option<Arc<Sessions>>, checked: (i32, Option<String>)) -> Self {
        let from = from.filter(|f| f.checked.0 >= checked.0 && (checked.1.is_none() || f.checked.1 == checked.1));
        let (group, old) = match &from {
            Some(f) => {
                let s = lock(&f.state);
                (s.group, s.old.clone())
            }
            None => (None, None),
        };
        let mut id = [0; 32];
        let mut time = taipan_host::clock::real() / 1_000_000_000;
        match &from {
            Some(f) => (id, time) = (f.id, f.time),
            // Without random numbers there would be no connection at all.
            None => drop(taipan_host::random::fill(&mut id)),
        }
        Self { id, time, checked, state: Mutex::new(State { group, old, from, ..State::default() }) }
    }

    /// Whether there is something that can be taken up again.
    pub fn is_offered(&self) -> bool {
        let s = lock(&self.state);
        s.offered || s.old.is_some()
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        lock(&self.state).group = Some(group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        lock(&self.state).group
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        lock(&self.state).old = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        lock(&self.state).old.clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        lock(&self.state).old = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        let mut s = lock(&self.state);
        s.offered = true;
        s.tickets.push_back(value);
        if s.tickets.len() > 8 {
            s.tickets.pop_front();
        }
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let from = lock(&self.state).from.clone()?;
        let ticket = lock(&from.state).tickets.pop_front();
        ticket
    }
}

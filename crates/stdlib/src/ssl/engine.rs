//! One connection, without Python: records in, records out, nothing ever waits here.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use rustls::server::{Accepted, Acceptor};
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig};
use taipan_host::Errno;
use taipan_host::net;

use super::bio::Waiting;
use super::peer::{self, Peer};
use super::verify::lock;

/// Where records come from and go to.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A socket's descriptor.
    Socket(i32),
    /// Two memory buffers: incoming and outgoing.
    Memory(Arc<Mutex<Waiting>>, Arc<Mutex<Waiting>>),
}

/// Why an operation is not done.
#[derive(Debug)]
pub enum Stop {
    /// Something has to come first.
    WantRead,
    /// There is no room to write.
    WantWrite,
    /// It has to be decided how to go on: a server by [`Engine::accept`], a client by [`Engine::begin`].
    Hello,
    /// The other side has said goodbye.
    Closed,
    /// The other side is gone without a goodbye.
    Ended,
    /// The system refused.
    System(Errno),
    /// The library refused.
    Tls(rustls::Error),
    /// What was received is no record: OpenSSL's word for it.
    Strange(&'static str),
}

/// The most plaintext that a record holds.
pub const MOST_PLAIN: usize = 16_384;
/// More than any record is long.
const MOST_RECORD: usize = MOST_PLAIN + 2048;
const HEAD: usize = 5;
/// Records that are shorter may be a goodbye: nothing behind them is asked for.
const SHORT: usize = 256;

enum Phase {
    /// A client that has not begun.
    Idle,
    /// A server that waits for the first message.
    Accepting(Box<Acceptor>),
    /// The first message is there.
    Accepted(Box<Accepted>),
    Live(Box<Connection>),
    /// The first message was refused.
    Refused(rustls::Error),
}

/// A message of the protocol that went by, for who wants to see them.
pub struct Seen {
    pub sent: bool,
    pub version: u16,
    pub kind: u8,
    pub data: Vec<u8>,
}

/// The state of a connection.
pub struct Engine {
    phase: Phase,
    transport: Transport,
    /// What is known of the other side, and what is wanted of it.
    pub peer: Option<Arc<Peer>>,
    /// The bytes of the record that is being received.
    record: Vec<u8>,
    /// Bytes of an alert that a refused first message is answered with.
    alert: Vec<u8>,
    /// Plaintext that is encrypted but not sent.
    unsent: Option<usize>,
    peer_closed: bool,
    said_goodbye: bool,
    /// What is left of the plaintext of the record that was last decrypted.
    pending: usize,
    finished: bool,
    /// Messages that went by, if somebody wants them.
    pub seen: Option<VecDeque<Seen>>,
}

/// Reads from a slice.
struct Slice<'a>(&'a [u8]);

impl Read for Slice<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.0.len().min(out.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// Writes to where records go.
struct Sink<'a> {
    transport: &'a Transport,
    error: Option<Errno>,
    seen: Option<&'a mut VecDeque<Seen>>,
}

impl Write for Sink<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let n = match self.transport {
            Transport::Memory(_, out) => {
                lock(out).push(data);
                data.len()
            }
            Transport::Socket(fd) => {
                match net::send(*fd, data, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) {
                    Ok(n) => n,
                    Err(e) if e.0 == libc::EINTR => return Err(io::ErrorKind::Interrupted.into()),
                    Err(e) => {
                        self.error = Some(e);
                        return Err(io::ErrorKind::WouldBlock.into());
                    }
                }
            }
        };
        if let Some(seen) = self.seen.as_deref_mut() {
            note_records(seen, true, data);
        }
        Ok(n)
    }

    /// Messages of one flight go out together: if the first makes the other side hang up, the rest is gone already.
    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match pieces {
            [one] => self.write(one),
            many => self.write(&many.iter().flat_map(|p| p.iter()).copied().collect::<Vec<u8>>()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The messages of a handshake that stand in one record; one that is encrypted is taken as it is.
fn messages(kind: u8, body: &[u8]) -> Vec<&[u8]> {
    let (mut out, mut rest) = (Vec::new(), body);
    while kind == 22 {
        let &[_, a, b, c, ..] = rest else { break };
        let len = 4 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
        let Some((message, more)) = rest.split_at_checked(len) else { break };
        out.push(message);
        rest = more;
    }
    if kind != 22 || !rest.is_empty() { vec![body] } else { out }
}

/// Remembers the records that stand in some bytes.
fn note_records(seen: &mut VecDeque<Seen>, sent: bool, mut data: &[u8]) {
    while let [kind, v0, v1, l0, l1, rest @ ..] = data {
        let len = usize::from(u16::from_be_bytes([*l0, *l1])).min(rest.len());
        let version = u16::from_be_bytes([*v0, *v1]);
        seen.push_back(Seen { sent, version, kind: 0, data: data[..HEAD].to_vec() });
        let body = &rest[..len];
        for message in messages(*kind, body) {
            seen.push_back(Seen { sent, version, kind: *kind, data: message.to_vec() });
        }
        data = &rest[len..];
        if seen.len() > 1000 {
            seen.clear();
        }
    }
}

impl Engine {
    /// One side of a connection that has not begun.
    pub fn new(transport: Transport, server: bool) -> Self {
        Self {
            phase: if server { Phase::Accepting(Box::default()) } else { Phase::Idle },
            transport,
            peer: None,
            record: Vec::new(),
            alert: Vec::new(),
            unsent: None,
            peer_closed: false,
            said_goodbye: false,
            pending: 0,
            finished: false,
            seen: None,
        }
    }

    /// Begins as a client.
    pub fn begin(
        &mut self,
        config: Arc<ClientConfig>,
        name: rustls::pki_types::ServerName<'static>,
        peer: Arc<Peer>,
    ) -> Result<(), Stop> {
        if !matches!(self.phase, Phase::Idle) {
            return Ok(());
        }
        let conn = peer::with(&peer, || ClientConnection::new(config, name)).map_err(Stop::Tls)?;
        let mut conn = Connection::from(conn);
        conn.set_buffer_limit(None);
        self.phase = Phase::Live(Box::new(conn));
        self.peer = Some(peer);
        Ok(())
    }

    /// The connection once there is one.
    pub fn connection(&self) -> Option<&Connection> {
        match &self.phase {
            Phase::Live(c) => Some(c),
            _ => None,
        }
    }

    /// Whether the handshake is done.
    pub fn is_ready(&self) -> bool {
        self.connection().is_some_and(|c| !c.is_handshaking())
    }

    /// Whether nothing was decided yet.
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Accepting(_) | Phase::Accepted(_))
    }

    /// The first message of a client, when [`Stop::Hello`] was the answer.
    pub fn hello(&self) -> Option<rustls::server::ClientHello<'_>> {
        match &self.phase {
            Phase::Accepted(a) => Some(a.client_hello()),
            _ => None,
        }
    }

    /// Goes on as a server behind the first message.
    pub fn accept(&mut self, config: Arc<ServerConfig>, peer: Arc<Peer>) -> Result<(), Stop> {
        let Phase::Accepted(accepted) =
            std::mem::replace(&mut self.phase, Phase::Refused(rustls::Error::HandshakeNotComplete))
        else {
            return Err(Stop::Tls(rustls::Error::HandshakeNotComplete));
        };
        self.peer = Some(peer.clone());
        match peer::with(&peer, || accepted.into_connection(config)) {
            Ok(conn) => {
                let mut conn = Connection::from(conn);
                conn.set_buffer_limit(None);
                self.phase = Phase::Live(Box::new(conn));
                self.process()
            }
            Err((e, mut alert)) => {
                let _ = alert.write_all(&mut self.alert);
                Err(self.refuse(e))
            }
        }
    }

    /// Refuses a client with this alert.
    pub fn reject(&mut self, alert: u8) {
        // A fatal alert in the form that every version understands as the first record.
        self.alert = vec![21, 3, 3, 0, 2, 2, alert];
        self.refuse(rustls::Error::HandshakeNotComplete);
    }

    fn refuse(&mut self, e: rustls::Error) -> Stop {
        self.phase = Phase::Refused(e.clone());
        let mut sink = Sink { transport: &self.transport, error: None, seen: self.seen.as_mut() };
        let _ = sink.write_all(&std::mem::take(&mut self.alert));
        Stop::Tls(e)
    }

    /// Sends what waits to be sent.
    fn flush(&mut self) -> Result<(), Stop> {
        let Phase::Live(conn) = &mut self.phase else { return Ok(()) };
        while conn.wants_write() {
            let mut sink = Sink { transport: &self.transport, error: None, seen: self.seen.as_mut() };
            match conn.write_tls(&mut sink) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    return Err(match sink.error {
                        Some(e) if e.0 == libc::EAGAIN => Stop::WantWrite,
                        Some(e) => Stop::System(e),
                        None => Stop::Ended,
                    });
                }
            }
        }
        Ok(())
    }

    /// The length of the record whose first bytes are there.
    fn record_len(&self) -> Result<usize, Stop> {
        let &[kind, major, _, l0, l1, ..] = self.record.as_slice() else { return Ok(HEAD) };
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        if !(20..=24).contains(&kind) || major != 3 {
            let server = matches!(self.phase, Phase::Accepting(_));
            let start = self.record.get(..4).unwrap_or_default();
            let web = [b"GET ".as_slice(), b"POST", b"HEAD", b"PUT "].contains(&start);
            return Err(Stop::Strange(match (server, web) {
                (true, true) => "HTTP_REQUEST",
                (true, false) if start.starts_with(b"CONN") => "HTTPS_PROXY_REQUEST",
                _ => "WRONG_VERSION_NUMBER",
            }));
        }
        if len > MOST_RECORD {
            return Err(Stop::Strange("PACKET_LENGTH_TOO_LONG"));
        }
        Ok(HEAD + len)
    }

    /// Receives until the bytes of one record are there.
    ///
    /// Behind a goodbye may stand what is no longer encrypted, which belongs to others: not more is taken than is
    /// known to be part of records.
    fn fetch(&mut self) -> Result<usize, Stop> {
        loop {
            let len = self.record_len()?;
            if self.record.len() >= HEAD && self.record.len() >= len {
                return Ok(len);
            }
            let more = if len > SHORT { HEAD } else { 0 };
            let missing = len - self.record.len() + more;
            match &self.transport {
                Transport::Memory(incoming, _) => {
                    let mut w = lock(incoming);
                    let n = w.len().min(missing);
                    if n == 0 {
                        return Err(if w.ended { Stop::Ended } else { Stop::WantRead });
                    }
                    self.record.extend_from_slice(&w.rest()[..n]);
                    w.advance(n);
                }
                Transport::Socket(fd) => {
                    self.record.reserve(missing.max(MOST_RECORD / 4));
                    match net::receive_vec(*fd, &mut self.record, missing, libc::MSG_DONTWAIT) {
                        Ok(0) => return Err(Stop::Ended),
                        Ok(_) => {}
                        Err(e) if e.0 == libc::EINTR => {}
                        Err(e) if e.0 == libc::EAGAIN => return Err(Stop::WantRead),
                        Err(e) => return Err(Stop::System(e)),
                    }
                }
            }
        }
    }

    /// Receives one record and lets the library look at it.
    fn step(&mut self) -> Result<(), Stop> {
        let len = match self.fetch() {
            Ok(len) => len,
            Err(e) => return Err(e),
        };
        if let Some(seen) = &mut self.seen {
            note_records(seen, false, self.record.get(..len).unwrap_or_default());
        }
        let mut bytes = Slice(self.record.get(..len).unwrap_or_default());
        match &mut self.phase {
            Phase::Refused(e) => return Err(Stop::Tls(e.clone())),
            Phase::Accepted(_) | Phase::Idle => return Err(Stop::Hello),
            Phase::Accepting(acceptor) => {
                while !bytes.0.is_empty() {
                    if acceptor.read_tls(&mut bytes).is_err() {
                        break;
                    }
                }
                self.record.drain(..len);
                return match acceptor.accept() {
                    Ok(None) => Ok(()),
                    Ok(Some(accepted)) => {
                        self.phase = Phase::Accepted(Box::new(accepted));
                        Err(Stop::Hello)
                    }
                    Err((e, mut alert)) => {
                        let _ = alert.write_all(&mut self.alert);
                        Err(self.refuse(e))
                    }
                };
            }
            Phase::Live(conn) => {
                while !bytes.0.is_empty() {
                    match conn.read_tls(&mut bytes) {
                        Ok(0) | Err(_) => break,
                        Ok(_) => {}
                    }
                }
            }
        }
        if self.record.len() == len {
            self.record.clear();
        } else {
            self.record.drain(..len);
        }
        self.process()
    }

    fn process(&mut self) -> Result<(), Stop> {
        let Phase::Live(conn) = &mut self.phase else { return Ok(()) };
        let Some(peer) = &self.peer else { return Ok(()) };
        match peer::with(peer, || conn.process_new_packets()) {
            Ok(state) => {
                self.pending = state.plaintext_bytes_to_read();
                self.peer_closed |= state.peer_has_closed();
                if self.finished && conn.wants_write() {
                    // Answers that nobody waits for; if there is no room now, the next operation sends them.
                    match self.flush() {
                        Err(Stop::WantWrite) | Ok(()) => {}
                        Err(e) => return Err(e),
                    }
                }
                Ok(())
            }
            Err(e) => {
                // The other side is told why, if it listens.
                let _ = self.flush();
                Err(Stop::Tls(e))
            }
        }
    }

    /// Goes on with the handshake until it is done.
    pub fn handshake(&mut self) -> Result<(), Stop> {
        if self.finished {
            return Ok(());
        }
        loop {
            self.flush()?;
            match &self.phase {
                Phase::Refused(e) => return Err(Stop::Tls(e.clone())),
                Phase::Accepted(_) | Phase::Idle => return Err(Stop::Hello),
                Phase::Live(c) if !c.is_handshaking() => {
                    self.finished = true;
                    return Ok(());
                }
                _ => {}
            }
            if self.peer_closed {
                return Err(Stop::Closed);
            }
            self.step()?;
        }
    }

    /// Decrypted bytes; at least one.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        self.handshake()?;
        loop {
            if let Phase::Live(conn) = &mut self.phase {
                match conn.reader().read(out) {
                    Ok(0) => return Err(Stop::Closed),
                    Ok(n) => {
                        self.pending = self.pending.saturating_sub(n);
                        return Ok(n);
                    }
                    Err(_) => {}
                }
            }
            if self.peer_closed {
                return Err(Stop::Closed);
            }
            self.step()?;
        }
    }

    /// Decrypted bytes that are there.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Encrypts and sends; returns how many bytes were taken.
    pub fn write(&mut self, data: &[u8]) -> Result<usize, Stop> {
        self.handshake()?;
        if self.unsent.is_none() {
            if self.said_goodbye {
                return Err(Stop::Strange("PROTOCOL_IS_SHUTDOWN"));
            }
            let Phase::Live(conn) = &mut self.phase else { return Err(Stop::Ended) };
            let piece = &data[..data.len().min(MOST_PLAIN)];
            if conn.writer().write_all(piece).is_err() {
                return Err(Stop::Strange("PROTOCOL_IS_SHUTDOWN"));
            }
            self.unsent = Some(piece.len());
        }
        self.flush()?;
        let n = self.unsent.take().unwrap_or(0);
        if n > data.len() { Err(Stop::Strange("BAD_LENGTH")) } else { Ok(n) }
    }

    /// Says goodbye and waits for that of the other side.
    pub fn shutdown(&mut self) -> Result<(), Stop> {
        if !self.finished {
            return Err(Stop::Strange("SHUTDOWN_WHILE_IN_INIT"));
        }
        if let Phase::Live(conn) = &mut self.phase
            && !self.said_goodbye
        {
            conn.send_close_notify();
            self.said_goodbye = true;
        }
        self.flush()?;
        loop {
            if self.peer_closed {
                return Ok(());
            }
            if self.pending > 0 {
                return Err(Stop::Strange("APPLICATION_DATA_AFTER_CLOSE_NOTIFY"));
            }
            self.step()?;
        }
    }
}

//! The class `socket`.

use std::cell::Cell;

use taipan_host::net::{self, Address};
use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::Vm;

use super::wait::{self, Failure, For, Limit};
use super::{address, failed, messages, options, transfer};
use crate::timearg::{self, Round};
use crate::util::audit;

/// The payload of socket.
#[derive(Trace)]
pub struct Socket {
    /// The descriptor, -1 when closed.
    pub(crate) fd: Cell<i32>,
    family: Cell<i32>,
    kind: Cell<i32>,
    protocol: Cell<i32>,
    /// Nanoseconds: negative to wait for ever, 0 never to wait.
    pub(crate) timeout: Cell<i64>,
}

/// The key under which the interpreter keeps the time-out of new sockets, in nanoseconds.
const DEFAULT_TIMEOUT: &str = "socket.defaulttimeout";

fn default_timeout(vm: &Vm) -> i64 {
    vm.interp().statics.borrow().get(DEFAULT_TIMEOUT).and_then(Value::as_small).unwrap_or(-1)
}

/// A time-out in seconds, or None, as nanoseconds; negative for none.
///
/// Raises TypeError, ValueError, OverflowError.
fn timeout_arg(vm: &Vm, v: &Value) -> R<i64> {
    if v.is_none() {
        return Ok(-1);
    }
    let n = timearg::nanoseconds(vm, v, Round::Up)?;
    if n < 0 {
        return Err(vm.value_error("Timeout value out of range"));
    }
    Ok(n)
}

fn timeout_value(n: i64) -> Value {
    if n < 0 { Value::NONE } else { Value::from(n as f64 / 1e9) }
}

/// Bits that are given with the type of a socket and are not part of it.
const KIND_FLAGS: i32 = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;

impl Socket {
    fn empty() -> Self {
        Self {
            fd: Cell::new(-1),
            family: Cell::new(0),
            kind: Cell::new(0),
            protocol: Cell::new(0),
            timeout: Cell::new(-1),
        }
    }

    /// `AF_*`.
    pub(super) fn address_family(&self) -> i32 {
        self.family.get()
    }

    /// Takes over a descriptor, with the time-out that new sockets have.
    fn adopt(&self, vm: &Vm, fd: i32, family: i32, kind: i32, protocol: i32) -> R<()> {
        self.fd.set(fd);
        self.family.set(family);
        self.kind.set(kind & !KIND_FLAGS);
        self.protocol.set(protocol);
        if kind & libc::SOCK_NONBLOCK != 0 {
            self.timeout.set(0);
            return Ok(());
        }
        self.timeout.set(default_timeout(vm));
        if self.timeout.get() >= 0 {
            return taipan_host::fd::set_blocking(fd, false).map_err(|e| failed(vm, e));
        }
        Ok(())
    }

    fn set_timeout(&self, vm: &Vm, timeout: i64) -> R<()> {
        let fd = self.fd.get();
        self.timeout.set(timeout);
        taipan_host::fd::set_blocking(fd, timeout < 0).map_err(|e| failed(vm, e))
    }

    /// The address that is an argument of a method.
    pub(super) fn address(&self, vm: &Vm, v: &Value, caller: &str) -> R<Address> {
        address::from_value(vm, self.family.get(), self.protocol.get(), v, caller)
    }

    /// An address as a result.
    pub(super) fn address_value(&self, address: &Address) -> Value {
        address::to_value(address, self.protocol.get())
    }

    /// Connects; the system's refusal is a result.
    fn connect_to(&self, vm: &Vm, to: &Address) -> Result<(), Failure> {
        let (fd, timeout) = (self.fd.get(), self.timeout.get());
        let Err(e) = vm.allow_threads(|| net::connect(fd, to)) else { return Ok(()) };
        let wait = match e.0 {
            libc::EINTR => {
                vm.poll().map_err(Failure::Raised)?;
                // The attempt goes on without us.
                timeout != 0
            }
            libc::EINPROGRESS => timeout > 0,
            _ => false,
        };
        if !wait {
            return Err(Failure::System(e));
        }
        wait::ready(vm, self, For::Writing, &mut Limit::of(self))?;
        match net::option_number(self.fd.get(), libc::SOL_SOCKET, libc::SO_ERROR) {
            Ok(0 | libc::EISCONN) => Ok(()),
            Ok(n) => Err(Failure::System(taipan_host::Errno(n))),
            Err(e) => Err(Failure::System(e)),
        }
    }

    fn close_descriptor(&self, vm: &Vm) -> taipan_host::Result<()> {
        let fd = self.fd.replace(-1);
        if fd < 0 {
            return Ok(());
        }
        match vm.allow_threads(|| taipan_host::fd::close(fd)) {
            // The connection is gone, which was the aim.
            Err(e) if e.0 == libc::ECONNRESET => Ok(()),
            r => r,
        }
    }
}

/// A new socket object of the class itself around a descriptor, which is closed if that fails.
fn around(vm: &Vm, fd: i32, family: i32, kind: i32, protocol: i32) -> R<Ref<Socket>> {
    let s = Ref::new(Socket::empty());
    s.adopt(vm, fd, family, kind, protocol)?;
    Ok(s)
}

/// A descriptor given as a number.
fn descriptor(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::to_i64(vm, v)?;
    i32::try_from(n).map_err(|_| vm.overflow_error("Python int too large to convert to C int"))
}

/// The type and protocol of a descriptor that shall become a socket, where they are not given.
fn look_at(vm: &Vm, fd: i32, family: i32, kind: i32, protocol: i32) -> R<(i32, i32, i32)> {
    let err = |e| failed(vm, e);
    let own = net::own_address(fd).map_err(err)?;
    let family = if family == -1 { own.family() } else { family };
    let kind = if kind == -1 {
        net::option_number(fd, libc::SOL_SOCKET, libc::SO_TYPE).map_err(err)?
    } else {
        kind
    };
    let protocol = if protocol == -1 {
        net::option_number(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL).map_err(err)?
    } else {
        protocol
    };
    Ok((family, kind, protocol))
}

/// socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object
/// socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object
///
/// Open a socket of the given type. The family argument specifies the address family; it defaults to AF_INET. The type
/// argument specifies whether this is a stream (SOCK_STREAM, this is the default) or datagram (SOCK_DGRAM) socket. The
/// protocol argument defaults to 0, specifying the default protocol. Keyword arguments are accepted. The socket is
/// created as non-inheritable.
///
/// When a fileno is passed in, family, type and proto are auto-detected, unless they are explicitly set.
#[class(name = "socket", module = "_socket", flags(BASETYPE), sig = "(family=-1, type=-1, proto=-1, fileno=None)")]
impl Socket {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Self::empty()).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, family: i32, r#type: i32, proto: i32, fileno: Nullable<&Value>) -> R<()> {
        let told = [this.value().clone(), Value::from(family), Value::from(r#type), Value::from(proto)];
        audit(vm, "socket.__new__", &told)?;
        if let Some(v) = fileno.0 {
            let fd = descriptor(vm, v)?;
            if fd < 0 {
                return Err(vm.value_error("negative file descriptor"));
            }
            let (family, kind, protocol) = look_at(vm, fd, family, r#type, proto)?;
            return this.adopt(vm, fd, family, kind, protocol);
        }
        let family = if family == -1 { libc::AF_INET } else { family };
        let kind = if r#type == -1 { libc::SOCK_STREAM } else { r#type };
        let protocol = if proto == -1 { 0 } else { proto };
        let fd = vm.allow_threads(|| net::socket(family, kind, protocol)).map_err(|e| failed(vm, e))?;
        this.adopt(vm, fd, family, kind, protocol)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let (fd, family, kind, proto) = (this.fd.get(), this.family.get(), this.kind.get(), this.protocol.get());
        format!("<socket object, fd={fd}, family={family}, type={kind}, proto={proto}>")
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<Self>) {
        if this.fd.get() < 0 {
            return;
        }
        vm.preserving_raised(|| warn_unclosed(vm, this.value()));
        // Nobody is there to hear of an error.
        let _ = this.close_descriptor(vm);
    }

    /// the socket family
    #[getter(member)]
    fn family(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.family.get()
    }

    /// the socket type
    #[getter(name = "type", member)]
    fn kind(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.kind.get()
    }

    /// the socket protocol
    #[getter(member)]
    fn proto(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.protocol.get()
    }

    /// the socket timeout
    #[getter]
    fn timeout(_vm: &Vm, this: &Ref<Self>) -> Value {
        timeout_value(this.timeout.get())
    }

    /// _accept() -> (integer, address info)
    ///
    /// Wait for an incoming connection. Return a new socket file descriptor representing the connection, and the
    /// address of the client. For IP sockets, the address info is a pair (hostaddr, port).
    #[method]
    fn _accept(vm: &Vm, this: &Ref<Self>) -> R {
        let mut limit = Limit::of(this);
        let accept = |fd, _| net::accept(fd);
        let (fd, from) = wait::attempt(vm, this, For::Reading, &mut limit, true, accept).map_err(|e| e.raise(vm))?;
        Ok(tuple::from_array([Value::from(fd), this.address_value(&from)]).into_value())
    }

    /// bind(address)
    ///
    /// Bind the socket to a local address. For IP sockets, the address is a pair (host, port); the host must refer to
    /// the local host.
    #[method(sig = "(address, /)")]
    fn bind(vm: &Vm, this: &Ref<Self>, address: &Value) -> R<()> {
        let at = this.address(vm, address, "bind")?;
        audit(vm, "socket.bind", &[this.value().clone(), address.clone()])?;
        let fd = this.fd.get();
        vm.allow_threads(|| net::bind(fd, &at)).map_err(|e| failed(vm, e))
    }

    /// close()
    ///
    /// Close the socket. It cannot be used after this call.
    #[method]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        this.close_descriptor(vm).map_err(|e| failed(vm, e))
    }

    /// connect(address)
    ///
    /// Connect the socket to a remote address. For IP sockets, the address is a pair (host, port).
    #[method(sig = "(address, /)")]
    fn connect(vm: &Vm, this: &Ref<Self>, address: &Value) -> R<()> {
        let to = this.address(vm, address, "connect")?;
        audit(vm, "socket.connect", &[this.value().clone(), address.clone()])?;
        this.connect_to(vm, &to).map_err(|e| e.raise(vm))
    }

    /// connect_ex(address) -> errno
    ///
    /// This is like connect(address), but returns an error code (the errno value) instead of raising an exception when
    /// an error occurs.
    #[method(sig = "(address, /)")]
    fn connect_ex(vm: &Vm, this: &Ref<Self>, address: &Value) -> R<i32> {
        let to = this.address(vm, address, "connect_ex")?;
        audit(vm, "socket.connect", &[this.value().clone(), address.clone()])?;
        match this.connect_to(vm, &to) {
            Ok(()) => Ok(0),
            Err(Failure::System(e)) => Ok(e.0),
            Err(Failure::TimedOut) => Ok(libc::EWOULDBLOCK),
            Err(Failure::Raised(r)) => Err(r),
        }
    }

    /// detach()
    ///
    /// Close the socket object without closing the underlying file descriptor. The object cannot be used after this
    /// call, but the file descriptor can be reused for other purposes. The file descriptor is returned.
    #[method]
    fn detach(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.fd.replace(-1)
    }

    /// fileno() -> integer
    ///
    /// Return the integer file descriptor of the socket.
    #[method]
    fn fileno(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.fd.get()
    }

    /// getpeername() -> address info
    ///
    /// Return the address of the remote endpoint. For IP sockets, the address info is a pair (hostaddr, port).
    #[method]
    fn getpeername(vm: &Vm, this: &Ref<Self>) -> R {
        let fd = this.fd.get();
        let peer = vm.allow_threads(|| net::peer_address(fd)).map_err(|e| failed(vm, e))?;
        Ok(this.address_value(&peer))
    }

    /// getsockname() -> address info
    ///
    /// Return the address of the local endpoint. The format depends on the address family.
    #[method]
    fn getsockname(vm: &Vm, this: &Ref<Self>) -> R {
        let fd = this.fd.get();
        let own = vm.allow_threads(|| net::own_address(fd)).map_err(|e| failed(vm, e))?;
        Ok(this.address_value(&own))
    }

    /// getsockopt(level, option[, buffersize]) -> value
    ///
    /// Get a socket option. See the Unix manual for level and option. If a nonzero buffersize argument is given, the
    /// return value is a string of that length; otherwise it is an integer.
    #[method]
    fn getsockopt(vm: &Vm, this: &Ref<Self>, level: i32, option: i32, buffersize: Option<i32>) -> R {
        options::get(vm, this, level, option, buffersize.unwrap_or(0))
    }

    /// setsockopt(level, option, value: int)
    /// setsockopt(level, option, value: buffer)
    /// setsockopt(level, option, None, optlen: int)
    ///
    /// Set a socket option. See the Unix manual for level and option. The value argument can either be an integer, a
    /// string buffer, or None. optlen is required when value is None.
    #[method]
    fn setsockopt(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        options::set(vm, this, args)
    }

    /// listen([backlog])
    ///
    /// Enable a server to accept connections. If backlog is specified, it must be at least 0 (if it is lower, it is set
    /// to 0); it specifies the number of unaccepted connections that the system will allow before refusing new
    /// connections. If not specified, a default reasonable value is chosen.
    #[method]
    fn listen(vm: &Vm, this: &Ref<Self>, backlog: Option<i32>) -> R<()> {
        let (fd, backlog) = (this.fd.get(), backlog.unwrap_or(128).max(0));
        vm.allow_threads(|| net::listen(fd, backlog)).map_err(|e| failed(vm, e))
    }

    /// recv(buffersize[, flags]) -> data
    ///
    /// Receive up to buffersize bytes from the socket. For the optional flags argument, see the Unix manual. When no
    /// data is available, block until at least one byte is available or until the remote end is closed. When the
    /// remote end is closed and all data is read, return the empty string.
    #[method]
    fn recv(vm: &Vm, this: &Ref<Self>, buffersize: isize, flags: Option<i32>) -> R {
        transfer::recv(vm, this, buffersize, flags.unwrap_or(0))
    }

    /// recv_into(buffer, [nbytes[, flags]]) -> nbytes_read
    ///
    /// A version of recv() that stores its data into a buffer rather than creating a new string. Receive up to
    /// buffersize bytes from the socket. If buffersize is not specified (or 0), receive up to the size available in
    /// the given buffer.
    #[method(sig = "(buffer, nbytes=0, flags=0)")]
    fn recv_into(vm: &Vm, this: &Ref<Self>, buffer: &Value, nbytes: isize, flags: i32) -> R<usize> {
        transfer::recv_into(vm, this, buffer, nbytes, flags)
    }

    /// recvfrom(buffersize[, flags]) -> (data, address info)
    ///
    /// Like recv(buffersize, flags) but also return the sender's address info.
    #[method]
    fn recvfrom(vm: &Vm, this: &Ref<Self>, buffersize: isize, flags: Option<i32>) -> R {
        transfer::recvfrom(vm, this, buffersize, flags.unwrap_or(0))
    }

    /// recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)
    ///
    /// Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info.
    #[method(sig = "(buffer, nbytes=0, flags=0)")]
    fn recvfrom_into(vm: &Vm, this: &Ref<Self>, buffer: &Value, nbytes: isize, flags: i32) -> R {
        transfer::recvfrom_into(vm, this, buffer, nbytes, flags)
    }

    /// send(data[, flags]) -> count
    ///
    /// Send a data string to the socket. For the optional flags argument, see the Unix manual. Return the number of
    /// bytes sent; this may be less than len(data) if the network is busy.
    #[method]
    fn send(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>, flags: Option<i32>) -> R<usize> {
        transfer::send(vm, this, &data, flags.unwrap_or(0))
    }

    /// sendall(data[, flags])
    ///
    /// Send a data string to the socket. For the optional flags argument, see the Unix manual. This calls send()
    /// repeatedly until all data is sent. If an error occurs, it's impossible to tell how much data has been sent.
    #[method]
    fn sendall(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>, flags: Option<i32>) -> R<()> {
        transfer::sendall(vm, this, &data, flags.unwrap_or(0))
    }

    /// sendto(data[, flags], address) -> count
    ///
    /// Like send(data, flags) but allows specifying the destination address. For IP sockets, the address is a pair
    /// (hostaddr, port).
    #[method]
    fn sendto(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<usize> {
        transfer::sendto(vm, this, args)
    }

    /// recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)
    ///
    /// Receive normal data (up to bufsize bytes) and ancillary data from the socket. The ancbufsize argument sets the
    /// size in bytes of the internal buffer used to receive the ancillary data; it defaults to 0, meaning that no
    /// ancillary data will be received. Appropriate buffer sizes for ancillary data can be calculated using
    /// CMSG_SPACE() or CMSG_LEN(), and items which do not fit into the buffer might be truncated or discarded.
    ///
    /// The ancdata item is a list of zero or more tuples of the form (cmsg_level, cmsg_type, cmsg_data). msg_flags is
    /// the bitwise OR of various flags indicating conditions on the received message. If the receiving socket is
    /// unconnected, address is the address of the sending socket, if available; otherwise, its value is unspecified.
    #[method]
    fn recvmsg(vm: &Vm, this: &Ref<Self>, bufsize: isize, ancbufsize: Option<isize>, flags: Option<i32>) -> R {
        messages::recvmsg(vm, this, bufsize, ancbufsize.unwrap_or(0), flags.unwrap_or(0))
    }

    /// recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)
    ///
    /// Receive normal data and ancillary data from the socket, scattering the non-ancillary data into a series of
    /// buffers. The buffers argument must be an iterable of objects that export writable buffers; these will be filled
    /// with successive chunks of the non-ancillary data until it has all been written or there are no more buffers.
    /// The rest is as for recvmsg().
    #[method]
    fn recvmsg_into(vm: &Vm, this: &Ref<Self>, buffers: &Value, ancbufsize: Option<isize>, flags: Option<i32>) -> R {
        messages::recvmsg_into(vm, this, buffers, ancbufsize.unwrap_or(0), flags.unwrap_or(0))
    }

    /// sendmsg(buffers[, ancdata[, flags[, address]]]) -> count
    ///
    /// Send normal and ancillary data to the socket, gathering the non-ancillary data from a series of buffers and
    /// concatenating it into a single message. The ancdata argument specifies the ancillary data (control messages) as
    /// an iterable of zero or more tuples (cmsg_level, cmsg_type, cmsg_data). If address is supplied and not None, it
    /// sets a destination address for the message.
    #[method]
    fn sendmsg(
        vm: &Vm,
        this: &Ref<Self>,
        buffers: &Value,
        ancdata: Option<&Value>,
        flags: Option<i32>,
        address: Option<&Value>,
    ) -> R<usize> {
        messages::sendmsg(vm, this, buffers, ancdata, flags.unwrap_or(0), address)
    }

    /// sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags=MSG_MORE]]])
    ///
    /// Set operation mode, IV and length of associated data for an AF_ALG operation socket.
    #[method(sig = "(msg=None, *, op=-1, iv=None, assoclen=None, flags=0)")]
    fn sendmsg_afalg(
        vm: &Vm,
        this: &Ref<Self>,
        msg: &Value,
        op: i32,
        iv: &Value,
        assoclen: Nullable<&Value>,
        flags: i32,
    ) -> R<usize> {
        messages::sendmsg_afalg(vm, this, msg, op, iv, assoclen.0, flags)
    }

    /// setblocking(flag)
    ///
    /// Set the socket to blocking (flag is true) or non-blocking (false). setblocking(True) is equivalent to
    /// settimeout(None); setblocking(False) is equivalent to settimeout(0.0).
    #[method(sig = "(flag, /)")]
    fn setblocking(vm: &Vm, this: &Ref<Self>, flag: bool) -> R<()> {
        this.set_timeout(vm, if flag { -1 } else { 0 })
    }

    /// getblocking()
    ///
    /// Returns True if socket is in blocking mode, or False if it is in non-blocking mode.
    #[method]
    fn getblocking(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.timeout.get() != 0
    }

    /// settimeout(timeout)
    ///
    /// Set a timeout on socket operations. 'timeout' can be a float, giving in seconds, or None. Setting a timeout of
    /// None disables the timeout feature and is equivalent to setblocking(1). Setting a timeout of zero is the same as
    /// setblocking(0).
    #[method(sig = "(timeout, /)")]
    fn settimeout(vm: &Vm, this: &Ref<Self>, timeout: &Value) -> R<()> {
        let n = timeout_arg(vm, timeout)?;
        this.set_timeout(vm, n)
    }

    /// gettimeout() -> timeout
    ///
    /// Returns the timeout in seconds (float) associated with socket operations. A timeout of None indicates that
    /// timeouts on socket operations are disabled.
    #[method]
    fn gettimeout(_vm: &Vm, this: &Ref<Self>) -> Value {
        timeout_value(this.timeout.get())
    }

    /// shutdown(flag)
    ///
    /// Shut down the reading side of the socket (flag == SHUT_RD), the writing side of the socket (flag == SHUT_WR), or
    /// both ends (flag == SHUT_RDWR).
    #[method(sig = "(flag, /)")]
    fn shutdown(vm: &Vm, this: &Ref<Self>, flag: i32) -> R<()> {
        let fd = this.fd.get();
        vm.allow_threads(|| net::shutdown(fd, flag)).map_err(|e| failed(vm, e))
    }
}

/// Warns about a socket that is destroyed without having been closed.
fn warn_unclosed(vm: &Vm, socket: &Value) {
    let warned = vm
        .repr_string(socket)
        .and_then(|shown| vm.warn_about(&exc::RESOURCE_WARNING, &format!("unclosed {shown}"), 1, socket));
    let Err(r) = warned else { return };
    if vm.raised_is(&exc::WARNING) {
        vm.unraisable(r, None, socket);
    } else {
        drop(vm.catch(r));
    }
}

/// socketpair([family[, type [, proto]]]) -> (socket object, socket object)
///
/// Create a pair of socket objects from the sockets returned by the platform socketpair() function. The arguments are
/// the same as for socket() except the default family is AF_UNIX if defined on the platform; otherwise, the default is
/// AF_INET.
#[function]
pub fn socketpair(vm: &Vm, family: Option<i32>, r#type: Option<i32>, proto: Option<i32>) -> R {
    let family = family.unwrap_or(libc::AF_UNIX);
    let (kind, protocol) = (r#type.unwrap_or(libc::SOCK_STREAM), proto.unwrap_or(0));
    let (a, b) = net::pair(family, kind, protocol).map_err(|e| failed(vm, e))?;
    let other = |r: Raised| {
        // Nobody has the second one yet.
        let _ = taipan_host::fd::close(b);
        r
    };
    let a = around(vm, a, family, kind, protocol).map_err(other)?;
    let b = around(vm, b, family, kind, protocol)?;
    Ok(tuple::from_array([a.into_value(), b.into_value()]).into_value())
}

/// close(integer) -> None
///
/// Close an integer socket file descriptor. This is like os.close(), but for sockets; on some platforms os.close()
/// won't work for socket file descriptors.
#[function(sig = "(fd, /)")]
pub fn close(vm: &Vm, fd: &Value) -> R<()> {
    let fd = descriptor(vm, fd)?;
    match vm.allow_threads(|| taipan_host::fd::close(fd)) {
        Err(e) if e.0 != libc::ECONNRESET => Err(failed(vm, e)),
        _ => Ok(()),
    }
}

/// dup(integer) -> integer
///
/// Duplicate an integer socket file descriptor. This is like os.dup(), but for sockets; on some platforms os.dup()
/// won't work for socket file descriptors.
#[function(sig = "(fd, /)")]
pub fn dup(vm: &Vm, fd: &Value) -> R<i32> {
    let fd = descriptor(vm, fd)?;
    taipan_host::fd::dup(fd).map_err(|e| failed(vm, e))
}

/// getdefaulttimeout() -> timeout
///
/// Returns the default timeout in seconds (float) for new socket objects. A value of None indicates that new socket
/// objects have no timeout. When the socket module is first imported, the default is None.
#[function]
pub fn getdefaulttimeout(vm: &Vm) -> Value {
    timeout_value(default_timeout(vm))
}

/// setdefaulttimeout(timeout)
///
/// Set the default timeout in seconds (float) for new socket objects. A value of None indicates that new socket objects
/// have no timeout. When the socket module is first imported, the default is None.
#[function(sig = "(timeout, /)")]
pub fn setdefaulttimeout(vm: &Vm, timeout: &Value) -> R<()> {
    let n = timeout_arg(vm, timeout)?;
    vm.interp().statics.borrow_mut().insert(DEFAULT_TIMEOUT, Value::from(n));
    Ok(())
}

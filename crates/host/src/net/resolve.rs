//! Names of hosts, services, protocols and interfaces.

use std::ffi::{CStr, CString};
use std::sync::{Mutex, PoisonError};

use libc::{c_char, c_int, c_void, size_t, socklen_t};

use super::Address;
use crate::{Errno, Result};

// What the C library has and the libc crate has not.
unsafe extern "C" {
    fn inet_aton(text: *const c_char, out: *mut libc::in_addr) -> c_int;
    fn inet_pton(family: c_int, text: *const c_char, out: *mut c_void) -> c_int;
    fn inet_ntop(family: c_int, address: *const c_void, out: *mut c_char, size: socklen_t) -> *const c_char;
    fn gethostbyname_r(
        name: *const c_char,
        entry: *mut libc::hostent,
        buffer: *mut c_char,
        size: size_t,
        result: *mut *mut libc::hostent,
        error: *mut c_int,
    ) -> c_int;
    fn gethostbyaddr_r(
        address: *const c_void,
        len: socklen_t,
        family: c_int,
        entry: *mut libc::hostent,
        buffer: *mut c_char,
        size: size_t,
        result: *mut *mut libc::hostent,
        error: *mut c_int,
    ) -> c_int;
}

/// Why a name could not be found: `EAI_*`; with `EAI_SYSTEM` the system says why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// `EAI_*`.
    Name(i32),
    /// An error of the system.
    System(Errno),
}

impl NameError {
    fn new(code: i32) -> Self {
        if code == libc::EAI_SYSTEM { Self::System(Errno::last()) } else { Self::Name(code) }
    }

    /// What the C library says of it.
    pub fn message(self) -> String {
        match self {
            // SAFETY: the library gives a constant text for every number.
            Self::Name(code) => unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned(),
            Self::System(e) => e.message(),
        }
    }
}

/// Why a host could not be found: `h_errno`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostError(pub i32);

impl HostError {
    /// What the C library says of it.
    pub fn message(self) -> &'static str {
        match self.0 {
            1 => "Unknown host",
            2 => "Host name lookup failure",
            3 => "Unknown server error",
            4 => "No address associated with name",
            0 => "Resolver Error 0 (no error)",
            n if n < 0 => "Resolver internal error",
            _ => "Unknown resolver error",
        }
    }
}

/// One answer of [`look_up`].
#[derive(Clone)]
pub struct Found {
    /// `AF_*`.
    pub family: i32,
    /// `SOCK_*`.
    pub kind: i32,
    /// `IPPROTO_*`.
    pub protocol: i32,
    /// The host's canonical name, where it was asked for.
    pub canonical: Vec<u8>,
    /// The address.
    pub address: Address,
}

/// `getaddrinfo`.
pub fn look_up(
    host: Option<&CStr>,
    service: Option<&CStr>,
    family: i32,
    kind: i32,
    protocol: i32,
    flags: i32,
) -> std::result::Result<Vec<Found>, NameError> {
    // SAFETY: a structure of numbers and pointers, for which zeros are valid.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = family;
    hints.ai_socktype = kind;
    hints.ai_protocol = protocol;
    hints.ai_flags = flags;
    let text = |s: Option<&CStr>| s.map_or(std::ptr::null(), CStr::as_ptr);
    let mut list = std::ptr::null_mut();
    // SAFETY: the texts are ended by zeros or null.
    let code = unsafe { libc::getaddrinfo(text(host), text(service), &hints, &mut list) };
    if code != 0 {
        return Err(NameError::new(code));
    }
    let mut out = Vec::new();
    let mut at = list;
    // SAFETY: the library's list; an entry's address is as long as it says, its name is null or ended by a zero.
    unsafe {
        while let Some(entry) = at.as_ref() {
            let address = std::slice::from_raw_parts(entry.ai_addr.cast::<u8>(), entry.ai_addrlen as usize);
            out.push(Found {
                family: entry.ai_family,
                kind: entry.ai_socktype,
                protocol: entry.ai_protocol,
                canonical: text_of(entry.ai_canonname),
                address: Address::from_bytes(address),
            });
            at = entry.ai_next;
        }
        libc::freeaddrinfo(list);
    }
    Ok(out)
}

/// # Safety
/// Null, or a text ended by a zero.
unsafe fn text_of(pointer: *const c_char) -> Vec<u8> {
    if pointer.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's.
    unsafe { CStr::from_ptr(pointer) }.to_bytes().to_vec()
}

/// `getnameinfo`: the names of an address's host and service.
pub fn address_name(address: &Address, flags: i32) -> std::result::Result<(Vec<u8>, Vec<u8>), NameError> {
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    let (at, len) = address.parts();
    // SAFETY: address and buffers are as long as stated.
    let code = unsafe {
        let (h, s) = (host.as_mut_ptr().cast(), service.as_mut_ptr().cast());
        libc::getnameinfo(at, len, h, host.len() as _, s, service.len() as _, flags)
    };
    if code != 0 {
        return Err(NameError::new(code));
    }
    let text = |b: &[u8]| CStr::from_bytes_until_nul(b).map_or_else(|_| Vec::new(), |t| t.to_bytes().to_vec());
    Ok((text(&host), text(&service)))
}

/// An entry of the database of hosts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// The official name.
    pub name: Vec<u8>,
    /// Other names.
    pub aliases: Vec<Vec<u8>>,
    /// `AF_*` of the addresses.
    pub family: i32,
    /// Addresses, 4 or 16 bytes each.
    pub addresses: Vec<Vec<u8>>,
}

/// # Safety
/// The entry must be as the C library sets it.
unsafe fn host(entry: &libc::hostent) -> Host {
    let mut host = Host { name: Vec::new(), aliases: Vec::new(), family: entry.h_addrtype, addresses: Vec::new() };
    let len = usize::try_from(entry.h_length).unwrap_or(0);
    // SAFETY: the caller's: lists are ended by null, addresses are as long as stated.
    unsafe {
        host.name = text_of(entry.h_name);
        let mut at = entry.h_aliases;
        while !at.is_null() && !(*at).is_null() {
            host.aliases.push(text_of(*at));
            at = at.add(1);
        }
        let mut at = entry.h_addr_list;
        while !at.is_null() && !(*at).is_null() {
            host.addresses.push(std::slice::from_raw_parts((*at).cast::<u8>(), len).to_vec());
            at = at.add(1);
        }
    }
    host
}

/// Asks with a buffer that grows as long as it is too small.
fn ask_for_host(
    ask: impl Fn(*mut libc::hostent, &mut [u8], *mut *mut libc::hostent, *mut c_int) -> c_int,
) -> std::result::Result<Host, HostError> {
    let mut buffer = vec![0u8; 16_384];
    loop {
        // SAFETY: a structure of numbers and pointers, for which zeros are valid.
        let mut entry: libc::hostent = unsafe { std::mem::zeroed() };
        let (mut result, mut error) = (std::ptr::null_mut(), 0);
        let code = ask(&mut entry, &mut buffer, &mut result, &mut error);
        if code == libc::ERANGE && buffer.len() < 1 << 20 {
            let size = buffer.len() * 4;
            buffer.resize(size, 0);
            continue;
        }
        // SAFETY: null or the entry, whose pointers lead into the buffer.
        return match unsafe { result.as_ref() } {
            Some(entry) => Ok(unsafe { host(entry) }),
            None => Err(HostError(error)),
        };
    }
}

/// `gethostbyname`: addresses of the fourth version of IP.
pub fn host_by_name(name: &CStr) -> std::result::Result<Host, HostError> {
    ask_for_host(|entry, buffer, result, error| {
        let (at, size) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the name is ended by a zero, the buffer as long as stated.
        unsafe { gethostbyname_r(name.as_ptr(), entry, at, size, result, error) }
    })
}

/// `gethostbyaddr` for an address of 4 or 16 bytes.
pub fn host_by_address(address: &[u8]) -> std::result::Result<Host, HostError> {
    let family = if address.len() == 16 { libc::AF_INET6 } else { libc::AF_INET };
    ask_for_host(|entry, buffer, result, error| {
        let (at, size) = (buffer.as_mut_ptr().cast(), buffer.len());
        let (address, len) = (address.as_ptr().cast(), address.len() as socklen_t);
        // SAFETY: address and buffer are as long as stated.
        unsafe { gethostbyaddr_r(address, len, family, entry, at, size, result, error) }
    })
}

/// The databases of services and protocols have one answer for the whole process.
static ANSWER: Mutex<()> = Mutex::new(());

/// A service's name and port.
pub type Service = (Vec<u8>, u16);

fn service(ask: impl FnOnce() -> *mut libc::servent) -> Option<Service> {
    let _lock = ANSWER.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = ask();
    // SAFETY: null or the library's entry, which stays as it is while the lock is held.
    unsafe { entry.as_ref().map(|e| (text_of(e.s_name), u16::from_be(e.s_port as u16))) }
}

/// `getservbyname`.
pub fn service_by_name(name: &CStr, protocol: Option<&CStr>) -> Option<Service> {
    let protocol = protocol.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: the texts are ended by zeros or null.
    service(|| unsafe { libc::getservbyname(name.as_ptr(), protocol) })
}

/// `getservbyport`.
pub fn service_by_port(port: u16, protocol: Option<&CStr>) -> Option<Service> {
    let protocol = protocol.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: the text is ended by a zero or null.
    service(|| unsafe { libc::getservbyport(c_int::from(port.to_be()), protocol) })
}

/// `getprotobyname`.
pub fn protocol_number(name: &CStr) -> Option<i32> {
    let _lock = ANSWER.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the name is ended by a zero; null or the library's entry, which stays while the lock is held.
    unsafe { libc::getprotobyname(name.as_ptr()).as_ref().map(|e| e.p_proto) }
}

/// All network interfaces: number and name.
pub fn interfaces() -> Result<Vec<(u32, Vec<u8>)>> {
    // SAFETY: the library's list ends with number 0 and is given back below.
    unsafe {
        let list = libc::if_nameindex();
        if list.is_null() {
            return Err(Errno::last());
        }
        let mut out = Vec::new();
        let mut at = list;
        while (*at).if_index != 0 && !(*at).if_name.is_null() {
            out.push(((*at).if_index, text_of((*at).if_name)));
            at = at.add(1);
        }
        libc::if_freenameindex(list);
        Ok(out)
    }
}

/// The number of a network interface.
pub fn interface_index(name: &CStr) -> Result<u32> {
    // SAFETY: the name is ended by a zero.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(Errno::last()),
        n => Ok(n),
    }
}

/// The name of a network interface.
pub fn interface_name(index: u32) -> Result<Vec<u8>> {
    let mut buffer = [0u8; libc::IF_NAMESIZE + 1];
    // SAFETY: the buffer is long enough for every name.
    if unsafe { libc::if_indextoname(index, buffer.as_mut_ptr().cast()) }.is_null() {
        return Err(Errno::last());
    }
    Ok(CStr::from_bytes_until_nul(&buffer).map_or_else(|_| Vec::new(), |t| t.to_bytes().to_vec()))
}

/// An address of the fourth version in any of the forms that C knows, such as `127.1`.
pub fn parse_v4(text: &CStr) -> Option<[u8; 4]> {
    let mut out = libc::in_addr { s_addr: 0 };
    // SAFETY: the text is ended by a zero, the structure is there to be written.
    (unsafe { inet_aton(text.as_ptr(), &mut out) } != 0).then(|| out.s_addr.to_ne_bytes())
}

/// An IP address in its usual form: 4 or 16 bytes. `Ok(None)` for what is none.
pub fn parse_ip(family: i32, text: &CStr) -> Result<Option<Vec<u8>>> {
    let mut out = [0u8; 16];
    // SAFETY: the text is ended by a zero, there is room for the longest address.
    match unsafe { inet_pton(family, text.as_ptr(), out.as_mut_ptr().cast()) } {
        -1 => Err(Errno::last()),
        0 => Ok(None),
        _ => Ok(Some(out[..if family == libc::AF_INET { 4 } else { 16 }].to_vec())),
    }
}

/// An IP address of 4 or 16 bytes in its usual form.
pub fn print_ip(address: &[u8]) -> Result<CString> {
    let family = match address.len() {
        4 => libc::AF_INET,
        16 => libc::AF_INET6,
        _ => return Err(Errno(libc::EAFNOSUPPORT)),
    };
    let mut buffer = [0u8; 64];
    // SAFETY: the address is as long as its family says, the buffer as stated.
    let text = unsafe {
        inet_ntop(family, address.as_ptr().cast(), buffer.as_mut_ptr().cast(), buffer.len() as socklen_t)
    };
    if text.is_null() {
        return Err(Errno::last());
    }
    Ok(CStr::from_bytes_until_nul(&buffer).map(CStr::to_owned).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(parse_v4(c"127.1"), Some([127, 0, 0, 1]));
        assert_eq!(parse_v4(c"x"), None);
        assert_eq!(parse_ip(libc::AF_INET, c"1.2.3.4"), Ok(Some(vec![1, 2, 3, 4])));
        assert_eq!(parse_ip(libc::AF_INET, c"1.2.3"), Ok(None));
        assert!(parse_ip(-1, c"").is_err());
        assert_eq!(print_ip(&[0; 16]).unwrap().as_c_str(), c"::");
        assert_eq!(print_ip(&[1, 2, 3, 4]).unwrap().as_c_str(), c"1.2.3.4");
    }

    #[test]
    fn numeric_hosts() {
        let found = look_up(Some(c"127.0.0.1"), Some(c"80"), 0, libc::SOCK_STREAM, 0, libc::AI_NUMERICHOST);
        let found = found.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].family, libc::AF_INET);
        let names = address_name(&found[0].address, libc::NI_NUMERICHOST | libc::NI_NUMERICSERV);
        assert_eq!(names, Ok((b"127.0.0.1".to_vec(), b"80".to_vec())));
    }
}

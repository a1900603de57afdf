//! `termios`: terminals' modes.

use taipan_host::terminal::{self as host, Modes};
use taipan_host::Errno;
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{At, FromArg};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{bytes, int, str, tuple};
use taipan_runtime::vm::Vm;

use crate::util::file_descriptor;

module! {
    /// This module provides an interface to the Posix calls for tty I/O control.
    ///
    /// For a complete description of these calls, see the Posix or Unix manual pages. All functions in this module take
    /// a file descriptor fd as their first argument. This can be an integer file descriptor, such as returned by
    /// sys.stdin.fileno(), or a file object, such as sys.stdin itself.
    name = "termios",
    functions(tcgetattr, tcsetattr, tcsendbreak, tcdrain, tcflush, tcflow, tcgetwinsize, tcsetwinsize),
    exec = exec,
}

macro_rules! numbers {
    ($m:expr, $($name:ident)*) => { $($m.set(stringify!($name), libc::$name as i64);)* };
}

const ERROR: &str = "termios.error";

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("error", error_class(vm)?);
    numbers!(m, B0 B50 B75 B110 B134 B150 B200 B300 B600 B1200 B1800 B2400 B4800 B9600 B19200 B38400 B57600 B115200
        B230400 B460800 B500000 B576000 B921600 B1000000 B1152000 B1500000 B2000000 B2500000 B3000000 B3500000 B4000000
        CBAUD CBAUDEX CIBAUD CRTSCTS CS5 CS6 CS7 CS8 CSIZE CSTOPB CREAD PARENB PARODD HUPCL CLOCAL
        BRKINT IGNBRK IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC IXON IXANY IXOFF IMAXBEL IUTF8
        OPOST OLCUC ONLCR OCRNL ONOCR ONLRET OFILL OFDEL NLDLY CRDLY TABDLY BSDLY VTDLY FFDLY NL0 NL1 CR0 CR1 CR2 CR3
        TAB0 TAB1 TAB2 TAB3 XTABS BS0 BS1 VT0 VT1 FF0 FF1
        ISIG ICANON ECHO ECHOE ECHOK ECHONL ECHOCTL ECHOPRT ECHOKE FLUSHO NOFLSH TOSTOP PENDIN IEXTEN EXTPROC
        VINTR VQUIT VERASE VKILL VEOF VTIME VMIN VSWTC VSTART VSTOP VSUSP VEOL VREPRINT VDISCARD VWERASE VLNEXT VEOL2
        TCSANOW TCSADRAIN TCSAFLUSH TCIFLUSH TCOFLUSH TCIOFLUSH TCOOFF TCOON TCIOFF TCION
        TCGETA TCGETS TCSBRK TCSBRKP TCSETA TCSETAF TCSETAW TCSETS TCSETSF TCSETSW TCXONC TCFLSH
        TIOCCONS TIOCEXCL TIOCGPGRP TIOCGWINSZ TIOCSWINSZ TIOCINQ TIOCLINUX TIOCMBIC TIOCMBIS
        TIOCMGET TIOCMIWAIT TIOCMSET TIOCNOTTY TIOCNXCL TIOCOUTQ TIOCPKT TIOCSCTTY TIOCSPGRP
        TIOCSTI TIOCM_CAR TIOCM_CD TIOCM_CTS TIOCM_DSR TIOCM_DTR TIOCM_LE TIOCM_RI
        TIOCM_RNG TIOCM_RTS TIOCM_SR TIOCM_ST NCCS FIONREAD FIONBIO FIOASYNC FIOCLEX FIONCLEX);
    // What the C headers have and the libc crate has not everywhere.
    for (name, n) in [
        ("CDSUSP", 25), ("CEOF", 4), ("CEOT", 4), ("IOCSIZE_MASK", 0x3fff_0000), ("IOCSIZE_SHIFT", 16), ("_POSIX_VDISABLE", 0),
        ("TIOCGSOFTCAR", 0x5419), ("TIOCSSOFTCAR", 0x541a), ("CEOL", 0), ("CERASE", 127), ("CFLUSH", 15), ("CINTR", 3),
        ("CKILL", 21), ("CLNEXT", 22), ("CQUIT", 28), ("CRPRNT", 18), ("CSTART", 17),
        ("CSTOP", 19), ("CSUSP", 26), ("CWERASE", 23), ("EXTA", 14), ("EXTB", 15), ("NCC", 8),
        ("VSWTCH", 7), ("XCASE", 4), ("N_TTY", 0), ("N_SLIP", 1), ("N_MOUSE", 2), ("N_PPP", 3),
        ("N_STRIP", 4), ("TIOCGETD", 0x5424), ("TIOCSETD", 0x5423), ("TIOCGICOUNT", 0x545d), ("TIOCGLCKTRMIOS", 0x5456),
        ("TIOCSLCKTRMIOS", 0x5457), ("TIOCGSERIAL", 0x541e), ("TIOCSSERIAL", 0x541f), ("TIOCSERCONFIG", 0x5453),
        ("TIOCSERGETLSR", 0x5459), ("TIOCSERGETMULTI", 0x545a), ("TIOCSERGSTRUCT", 0x5458), ("TIOCSERGWILD", 0x5454),
        ("TIOCSERSETMULTI", 0x545b), ("TIOCSERSWILD", 0x5455), ("TIOCSER_TEMT", 1), 
        ("TIOCPKT_DATA", 0), ("TIOCPKT_FLUSHREAD", 1), ("TIOCPKT_FLUSHWRITE", 2), ("TIOCPKT_STOP", 4),
        ("TIOCPKT_START", 8), ("TIOCPKT_NOSTOP", 16), ("TIOCPKT_DOSTOP", 32),
    ] {
        m.set(name, n);
    }
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static(ERROR, |vm| crate::util::new_exception(vm, "termios", "error", &exc::EXCEPTION))
}

#[cold]
fn failed(vm: &Vm, e: Errno) -> Raised {
    let made = error_class(vm).and_then(|c| vm.call(&c, &[Value::from(e.0), str::from_str(&e.message())]));
    match made {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

/// A descriptor, or a file that has one.
struct Fd(i32);

impl<'a> FromArg<'a> for Fd {
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        file_descriptor(vm, v).map(Self)
    }
}

/// Get the tty attributes for file descriptor fd.
///
/// Returns a list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc] where cc is a list of the tty special characters
/// (each a string of length 1, except the items with indices VMIN and VTIME, which are integers when these fields are
/// defined). The interpretation of the flags and the speeds as well as the indexing in the cc array must be done using
/// the symbolic constants defined in this module.
#[function(sig = "(fd, /)")]
fn tcgetattr(vm: &Vm, fd: Fd) -> R {
    let m = host::modes(fd.0).map_err(|e| failed(vm, e))?;
    let mut characters: Vec<Value> = m.characters.iter().map(|&c| bytes::from_slice(&[c]).into_value()).collect();
    if m.local & libc::ICANON == 0 {
        // Without lines these two are numbers.
        for i in [libc::VMIN, libc::VTIME] {
            characters[i] = Value::from(m.characters[i]);
        }
    }
    let numbers = [m.input, m.output, m.control, m.local, m.input_speed, m.output_speed];
    let mut out: Vec<Value> = numbers.into_iter().map(Value::from).collect();
    out.push(list::from_vec(characters).into_value());
    Ok(list::from_vec(out).into_value())
}

/// Set the tty attributes for file descriptor fd.
///
/// The attributes to be set are taken from the attributes argument, which is a list like the one returned by
/// tcgetattr(). The when argument determines when the attributes are changed: termios.TCSANOW to change immediately,
/// termios.TCSADRAIN to change after transmitting all queued output, or termios.TCSAFLUSH to change after transmitting
/// all queued output and discarding all queued input.
#[function(sig = "(fd, when, attributes, /)")]
fn tcsetattr(vm: &Vm, fd: Fd, when: i32, attributes: &Value) -> R<()> {
    let wrong = || vm.type_error("tcsetattr, arg 3: must be 7 element list");
    let items = attributes.downcast::<List>().map(|l| l.to_vec()).ok_or_else(wrong)?;
    let [flags @ .., characters] = items.as_slice() else { return Err(wrong()) };
    if flags.len() != 6 {
        return Err(wrong());
    }
    let mut numbers = [0u32; 6];
    for (n, v) in numbers.iter_mut().zip(flags) {
        // As with C, high bits are lost.
        *n = int::to_i64(vm, v)? as u32;
    }
    let count = libc::NCCS;
    let characters = characters.downcast::<List>().map(|l| l.to_vec()).filter(|l| l.len() == count);
    let Some(characters) = characters else {
        return Err(vm.type_error(format!("tcsetattr: attributes[6] must be {count} element list")));
    };
    let [input, output, control, local, input_speed, output_speed] = numbers;
    let mut modes = Modes { input, output, control, local, input_speed, output_speed, characters: [0; libc::NCCS] };
    for (c, v) in modes.characters.iter_mut().zip(&characters) {
        *c = match bytes::get(v) {
            Some([one]) => *one,
            _ if int::get(v).is_some() => int::to_i64(vm, v)? as u8,
            _ => {
                let text = "tcsetattr: elements of attributes must be characters or integers";
                return Err(vm.type_error(text));
            }
        };
    }
    vm.allow_threads(|| host::set_modes(fd.0, when, &modes)).map_err(|e| failed(vm, e))
}

/// Send a break on file descriptor fd.
///
/// A zero duration sends a break for 0.25-0.5 seconds; a nonzero duration has a system dependent meaning.
#[function(sig = "(fd, duration, /)")]
fn tcsendbreak(vm: &Vm, fd: Fd, duration: i32) -> R<()> {
    vm.allow_threads(|| host::send_break(fd.0, duration)).map_err(|e| failed(vm, e))
}

/// Wait until all output written to file descriptor fd has been transmitted.
#[function(sig = "(fd, /)")]
fn tcdrain(vm: &Vm, fd: Fd) -> R<()> {
    vm.allow_threads(|| host::drain(fd.0)).map_err(|e| failed(vm, e))
}

/// Discard queued data on file descriptor fd.
///
/// The queue selector specifies which queue: termios.TCIFLUSH for the input queue, termios.TCOFLUSH for the output
/// queue, or termios.TCIOFLUSH for both queues.
#[function(sig = "(fd, queue, /)")]
fn tcflush(vm: &Vm, fd: Fd, queue: i32) -> R<()> {
    vm.allow_threads(|| host::flush(fd.0, queue)).map_err(|e| failed(vm, e))
}

/// Suspend or resume input or output on file descriptor fd.
///
/// The action argument can be termios.TCOOFF to suspend output, termios.TCOON to restart output, termios.TCIOFF to
/// suspend input, or termios.TCION to restart input.
#[function(sig = "(fd, action, /)")]
fn tcflow(vm: &Vm, fd: Fd, action: i32) -> R<()> {
    vm.allow_threads(|| host::flow(fd.0, action)).map_err(|e| failed(vm, e))
}

/// Get the tty winsize for file descriptor fd.
///
/// Returns a tuple (ws_row, ws_col).
#[function(sig = "(fd, /)")]
fn tcgetwinsize(vm: &Vm, fd: Fd) -> R {
    let (columns, lines) = host::size(fd.0).map_err(|e| failed(vm, e))?;
    Ok(tuple::from_array([Value::from(lines), Value::from(columns)]).into_value())
}

/// Set the tty winsize for file descriptor fd.
///
/// The winsize to be set is taken from the winsize argument, which is a two-item tuple (ws_row, ws_col) like the one
/// returned by tcgetwinsize().
#[function(sig = "(fd, winsize, /)")]
fn tcsetwinsize(vm: &Vm, fd: Fd, winsize: &Value) -> R<()> {
    let wrong = || vm.type_error("tcsetwinsize, arg 2: must be a two-item sequence");
    if winsize.ty().slots().getitem.is_none() || winsize.ty().slots().len.is_none() {
        return Err(wrong());
    }
    let items = vm.collect(winsize)?;
    let [lines, columns] = items.as_slice() else { return Err(wrong()) };
    let number = |v: &Value| {
        let n = int::to_i64(vm, v)?;
        u16::try_from(n).map_err(|_| vm.overflow_error("winsize value(s) out of range."))
    };
    let (lines, columns) = (number(lines)?, number(columns)?);
    host::set_size(fd.0, columns, lines).map_err(|e| failed(vm, e))
}

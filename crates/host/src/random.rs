//! Random bytes from the kernel.

use crate::Result;
use rustix::rand::{GetRandomFlags, getrandom};

/// Fills the buffer as far as one call does; returns how far. `flags` are `GRND_NONBLOCK` and
/// `GRND_RANDOM`.
pub fn get(buffer: &mut [u8], flags: u32) -> Result<usize> {
    Ok(getrandom(buffer, GetRandomFlags::from_bits_retain(flags))?)
}

/// Fills the whole buffer. The one function here that goes on after a signal: it is short, and a
/// half-filled buffer is of no use.
pub fn fill(buffer: &mut [u8]) -> Result<()> {
    let mut rest = buffer;
    while !rest.is_empty() {
        match getrandom(&mut *rest, GetRandomFlags::empty()) {
            Ok(n) => rest = &mut rest[n..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn fills() {
        let mut buffer = [0; 64];
        super::fill(&mut buffer).unwrap();
        assert!(buffer.iter().any(|b| *b != 0));
    }
}

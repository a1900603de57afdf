//! The streams of zlib, safe to use.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use libz_rs_sys as z;

/// The streams can be handed to another thread: they own everything that they point to.
struct Owned(Box<z::z_stream>);

// SAFETY: the state belongs to the stream alone, and the allocator is Rust's.
unsafe impl Send for Owned {}

/// What a step did, with zlib's code.
#[derive(Clone, Copy)]
pub struct Step {
    /// Bytes taken.
    pub used: usize,
    /// Bytes written.
    pub wrote: usize,
    /// How it ended.
    pub code: i32,
}

const SIZE: i32 = size_of::<z::z_stream>() as i32;

/// The most bytes that one step counts.
fn counted(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Owned {
    fn message(&self) -> Option<&'static str> {
        if self.0.msg.is_null() {
            return None;
        }
        // SAFETY: zlib-rs's messages are constants.
        unsafe { CStr::from_ptr(self.0.msg) }.to_str().ok()
    }

    fn step(
        &mut self,
        input: &[u8],
        room: &mut [MaybeUninit<u8>],
        f: unsafe extern "C" fn(*mut z::z_stream, i32) -> i32,
        flush: i32,
    ) -> Step {
        let s = &mut *self.0;
        let (given, free) = (counted(input.len()), counted(room.len()));
        s.next_in = input.as_ptr().cast_mut();
        s.avail_in = given;
        s.next_out = room.as_mut_ptr().cast();
        s.avail_out = free;
        // SAFETY: the stream is initialised (or its state is null), and its two ranges are those of the slices.
        let code = unsafe { f(s, flush) };
        let step = Step {
            used: (given - s.avail_in) as usize,
            wrote: (free - s.avail_out) as usize,
            code,
        };
        s.next_in = std::ptr::null_mut();
        s.next_out = std::ptr::null_mut();
        (s.avail_in, s.avail_out) = (0, 0);
        step
    }
}

/// A stream that compresses.
pub struct Deflater(Owned);

/// A stream that decompresses.
pub struct Inflater(Owned);

impl Deflater {
    /// A new stream.
    ///
    /// Returns zlib's code if it refuses the parameters.
    pub fn new(
        level: i32,
        method: i32,
        wbits: i32,
        mem_level: i32,
        strategy: i32,
    ) -> Result<Self, i32> {
        let mut s = Box::new(z::z_stream::default());
        // SAFETY: the stream is fresh; version and size are the library's own.
        let code = unsafe {
            z::deflateInit2_(
                &mut *s,
                level,
                method,
                wbits,
                mem_level,
                strategy,
                z::zlibVersion(),
                SIZE,
            )
        };
        if code == z::Z_OK {
            Ok(Self(Owned(s)))
        } else {
            Err(code)
        }
    }

    /// Sets the dictionary; zlib's code.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        // SAFETY: the stream is initialised; the dictionary is a slice.
        unsafe {
            z::deflateSetDictionary(
                &mut *self.0.0,
                dictionary.as_ptr(),
                counted(dictionary.len()),
            )
        }
    }

    /// Compresses.
    pub fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>], flush: i32) -> Step {
        self.0.step(input, room, z::deflate, flush)
    }

    /// How many bytes the output has at most if all input comes at once.
    pub fn bound(&mut self, input: usize) -> usize {
        // SAFETY: the stream is initialised.
        unsafe { z::deflateBound_z(&mut *self.0.0, input) }
    }

    /// Frees the state; everything is refused from then on.
    pub fn end(&mut self) -> i32 {
        // SAFETY: the stream is initialised, or its state is null already.
        unsafe { z::deflateEnd(&mut *self.0.0) }
    }

    /// A copy.
    ///
    /// Returns zlib's code if there is no state, or no memory.
    pub fn copy(&mut self) -> Result<Self, i32> {
        let mut new = Box::new(z::z_stream::default());
        // SAFETY: the source is initialised or ended, the destination valid.
        let code = unsafe { z::deflateCopy(&mut *new, &mut *self.0.0) };
        if code == z::Z_OK {
            Ok(Self(Owned(new)))
        } else {
            Err(code)
        }
    }

    /// What zlib says about the last error.
    pub fn message(&self) -> Option<&'static str> {
        self.0.message()
    }
}

impl Inflater {
    /// A new stream.
    ///
    /// Returns zlib's code if it refuses the parameter.
    pub fn new(wbits: i32) -> Result<Self, i32> {
        let mut s = Box::new(z::z_stream::default());
        // SAFETY: the stream is fresh; version and size are the library's own.
        let code = unsafe { z::inflateInit2_(&mut *s, wbits, z::zlibVersion(), SIZE) };
        if code == z::Z_OK {
            Ok(Self(Owned(s)))
        } else {
            Err(code)
        }
    }

    /// Sets the dictionary; zlib's code.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        // SAFETY: the stream is initialised; the dictionary is a slice.
        unsafe {
            z::inflateSetDictionary(
                &mut *self.0.0,
                dictionary.as_ptr(),
                counted(dictionary.len()),
            )
        }
    }

    /// Decompresses.
    pub fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>], flush: i32) -> Step {
        self.0.step(input, room, z::inflate, flush)
    }

    /// Frees the state; everything is refused from then on.
    pub fn end(&mut self) -> i32 {
        // SAFETY: the stream is initialised, or its state is null already.
        unsafe { z::inflateEnd(&mut *self.0.0) }
    }

    /// A copy.
    ///
    /// Returns zlib's code if there is no state, or no memory.
    pub fn copy(&mut self) -> Result<Self, i32> {
        let mut new = Box::new(z::z_stream::default());
        // zlib-rs refuses to copy a stream without output, though none is written.
        self.0.0.next_out = std::ptr::dangling_mut();
        // SAFETY: the source is initialised or ended, the destination valid.
        let code = unsafe { z::inflateCopy(&mut *new, &*self.0.0) };
        if code == z::Z_OK {
            Ok(Self(Owned(new)))
        } else {
            Err(code)
        }
    }

    /// What zlib says about the last error.
    pub fn message(&self) -> Option<&'static str> {
        self.0.message()
    }
}

impl Drop for Deflater {
    fn drop(&mut self) {
        self.end();
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        self.end();
    }
}

/// The library's version.
pub fn version() -> &'static str {
    // SAFETY: the library's constant ends with a zero.
    unsafe { CStr::from_ptr(z::zlibVersion()) }
        .to_str()
        .unwrap_or("1.3.0")
}

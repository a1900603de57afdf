//! The streams of liblzma, safe to use.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use liblzma_sys as l;

/// The options of the delta filter, as liblzma lays them out.
#[repr(C)]
pub struct Delta {
    kind: u32,
    /// The distance.
    pub dist: u32,
    reserved: [u32; 4],
    pointers: [*mut c_void; 2],
}

impl Delta {
    /// Byte by byte.
    pub fn new(dist: u32) -> Self {
        Self {
            kind: 0,
            dist,
            reserved: [0; 4],
            pointers: [std::ptr::null_mut(); 2],
        }
    }
}

/// The options of a filter.
pub enum Options {
    /// LZMA1 and LZMA2.
    Lzma(Box<l::lzma_options_lzma>),
    /// Delta.
    Delta(Box<Delta>),
    /// Branches of machine code.
    Bcj(Box<l::lzma_options_bcj>),
}

/// A filter.
pub struct Filter {
    /// Which one.
    pub id: u64,
    /// With what.
    pub options: Options,
}

/// Options for LZMA from a preset.
pub fn preset_options(preset: u32) -> Option<Box<l::lzma_options_lzma>> {
    let mut options = Box::new(MaybeUninit::<l::lzma_options_lzma>::zeroed());
    // SAFETY: zeros are valid options; liblzma fills them in.
    let bad = unsafe { l::lzma_lzma_preset(options.as_mut_ptr(), preset) };
    // SAFETY: as above.
    (bad == 0).then(|| unsafe { options.assume_init() })
}

impl Filter {
    fn raw(&mut self) -> l::lzma_filter {
        let options = match &mut self.options {
            Options::Lzma(o) => std::ptr::from_mut(&mut **o).cast(),
            Options::Delta(o) => std::ptr::from_mut(&mut **o).cast(),
            Options::Bcj(o) => std::ptr::from_mut(&mut **o).cast(),
        };
        l::lzma_filter {
            id: self.id,
            options,
        }
    }

    /// The options as a stream of raw data does not tell them, or liblzma's code.
    pub fn encode(&mut self) -> Result<Vec<u8>, u32> {
        let raw = self.raw();
        let mut size = 0;
        // SAFETY: the filter's options are those of its id.
        let code = unsafe { l::lzma_properties_size(&mut size, &raw) };
        if code != l::LZMA_OK {
            return Err(code);
        }
        let mut out = vec![0; size as usize];
        // SAFETY: there is as much room as was asked for.
        let code = unsafe { l::lzma_properties_encode(&raw, out.as_mut_ptr()) };
        if code == l::LZMA_OK {
            Ok(out)
        } else {
            Err(code)
        }
    }
}

/// What encoded options say: names and values, or liblzma's code.
pub fn decode(id: u64, encoded: &[u8]) -> Result<Vec<(&'static str, u32)>, u32> {
    let mut raw = l::lzma_filter {
        id,
        options: std::ptr::null_mut(),
    };
    // SAFETY: the properties are a slice; without an allocator the options come from malloc.
    let code = unsafe {
        l::lzma_properties_decode(&mut raw, std::ptr::null(), encoded.as_ptr(), encoded.len())
    };
    if code != l::LZMA_OK {
        return Err(code);
    }
    if raw.options.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: liblzma made the options that belong to the id.
    let found = unsafe {
        match id {
            l::LZMA_FILTER_LZMA1 => {
                let o = &*raw.options.cast::<l::lzma_options_lzma>();
                vec![
                    ("lc", o.lc),
                    ("lp", o.lp),
                    ("pb", o.pb),
                    ("dict_size", o.dict_size),
                ]
            }
            l::LZMA_FILTER_LZMA2 => vec![(
                "dict_size",
                (*raw.options.cast::<l::lzma_options_lzma>()).dict_size,
            )],
            l::LZMA_FILTER_DELTA => vec![("dist", (*raw.options.cast::<Delta>()).dist)],
            _ => vec![(
                "start_offset",
                (*raw.options.cast::<l::lzma_options_bcj>()).start_offset,
            )],
        }
    };
    // SAFETY: the options come from malloc, and nothing refers to them any more.
    unsafe { libc::free(raw.options) };
    Ok(found)
}

/// How a stream begins.
pub enum Start<'a> {
    /// xz, with a preset.
    Easy(u32, u32),
    /// xz, with filters.
    Xz(&'a mut [Filter], u32),
    /// The old format.
    Alone(&'a l::lzma_options_lzma),
    /// No container.
    Raw(&'a mut [Filter]),
    /// To read xz or the old format, in so much memory.
    ReadAuto(u64),
    /// To read xz.
    ReadXz(u64),
    /// To read the old format.
    ReadAlone(u64),
    /// To read data without a container.
    ReadRaw(&'a mut [Filter]),
}

/// Where liblzma has its memory from. (Shared by all streams; it has no state.)
struct Memory(l::lzma_allocator);

// SAFETY: functions, and no state.
unsafe impl Sync for Memory {}

extern "C" fn take(opaque: *mut std::ffi::c_void, count: usize, size: usize) -> *mut std::ffi::c_void {
    // SAFETY: as C's `calloc`, which liblzma keeps to.
    unsafe { taipan_memory::foreign::malloc_many(opaque, count, size) }
}

extern "C" fn give(opaque: *mut std::ffi::c_void, block: *mut std::ffi::c_void) {
    // SAFETY: liblzma gives back what it took, once.
    unsafe { taipan_memory::foreign::free_of(opaque, block) };
}

static MEMORY: Memory = Memory(l::lzma_allocator {
    alloc: Some(take),
    free: Some(give),
    opaque: std::ptr::null_mut(),
});

/// A stream that compresses or decompresses.
pub struct Stream(Box<l::lzma_stream>);

// SAFETY: the state belongs to the stream alone; it comes from malloc.
unsafe impl Send for Stream {}

/// The filters as liblzma wants them: at most 4, and an end.
fn chain(filters: &mut [Filter]) -> Vec<l::lzma_filter> {
    let mut raw: Vec<_> = filters.iter_mut().take(4).map(Filter::raw).collect();
    raw.push(l::lzma_filter {
        id: l::LZMA_VLI_UNKNOWN,
        options: std::ptr::null_mut(),
    });
    raw
}

impl Stream {
    /// A new stream, or liblzma's code.
    pub fn new(start: Start<'_>) -> Result<Self, u32> {
        let flags = l::LZMA_TELL_ANY_CHECK | l::LZMA_TELL_NO_CHECK;
        // SAFETY: zeros are the initial state of a stream.
        let mut new = Self(Box::new(unsafe { std::mem::zeroed() }));
        let s = &mut *new.0;
        s.allocator = (&raw const MEMORY.0).cast_mut();
        // SAFETY: the stream is fresh; filters end with the unknown one and have their own options, which liblzma
        // copies.
        let code = unsafe {
            match start {
                Start::Easy(preset, check) => l::lzma_easy_encoder(s, preset, check),
                Start::Xz(filters, check) => {
                    l::lzma_stream_encoder(s, chain(filters).as_ptr(), check)
                }
                Start::Alone(options) => l::lzma_alone_encoder(s, options),
                Start::Raw(filters) => l::lzma_raw_encoder(s, chain(filters).as_ptr()),
                Start::ReadAuto(limit) => l::lzma_auto_decoder(s, limit, flags),
                Start::ReadXz(limit) => l::lzma_stream_decoder(s, limit, flags),
                Start::ReadAlone(limit) => l::lzma_alone_decoder(s, limit),
                Start::ReadRaw(filters) => l::lzma_raw_decoder(s, chain(filters).as_ptr()),
            }
        };
        if code == l::LZMA_OK {
            Ok(new)
        } else {
            Err(code)
        }
    }

    /// Works on: bytes taken, bytes written, liblzma's code.
    pub fn step(
        &mut self,
        input: &[u8],
        room: &mut [MaybeUninit<u8>],
        finish: bool,
    ) -> (usize, usize, u32) {
        let s = &mut *self.0;
        (s.next_in, s.avail_in) = (input.as_ptr(), input.len());
        (s.next_out, s.avail_out) = (room.as_mut_ptr().cast(), room.len());
        // SAFETY: the stream is initialised, and its two ranges are those of the slices.
        let code = unsafe { l::lzma_code(s, if finish { l::LZMA_FINISH } else { l::LZMA_RUN }) };
        let done = (input.len() - s.avail_in, room.len() - s.avail_out, code);
        (s.next_in, s.avail_in) = (std::ptr::null(), 0);
        (s.next_out, s.avail_out) = (std::ptr::null_mut(), 0);
        done
    }

    /// The integrity check of the data, as far as it is known.
    pub fn check(&self) -> u32 {
        // SAFETY: the stream is initialised.
        unsafe { l::lzma_get_check(&*self.0) }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream is initialised, or all zeros.
        unsafe { l::lzma_end(&mut *self.0) };
    }
}

/// Whether liblzma knows an integrity check.
pub fn check_is_supported(check: u32) -> bool {
    // SAFETY: any number may be asked for.
    unsafe { l::lzma_check_is_supported(check) != 0 }
}

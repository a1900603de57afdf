//! libzstd, safe to use.

use std::ffi::c_void;
use std::collections::HashMap;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use zstd_sys as z;

/// What libzstd says about a mistake.
pub type Said = &'static str;

/// A result of libzstd: a number, or what it says about a mistake.
fn checked(code: usize) -> Result<usize, Said> {
    // SAFETY: any number may be asked for.
    if unsafe { z::ZSTD_isError(code) } == 0 {
        return Ok(code);
    }
    // SAFETY: the library returns static strings.
    let name = unsafe { CStr::from_ptr(z::ZSTD_getErrorName(code)) };
    Err(name.to_str().unwrap_or("Unspecified error code"))
}

/// A prepared dictionary for compression.
pub struct CDict(NonNull<z::ZSTD_CDict>);
/// A prepared dictionary for decompression.
pub struct DDict(NonNull<z::ZSTD_DDict>);

// SAFETY: they are never changed, and their memory comes from malloc.
unsafe impl Send for CDict {}
// SAFETY: as above.
unsafe impl Sync for CDict {}
// SAFETY: as above.
unsafe impl Send for DDict {}
// SAFETY: as above.
unsafe impl Sync for DDict {}

impl Drop for CDict {
    fn drop(&mut self) {
        // SAFETY: nobody refers to it any more.
        unsafe { z::ZSTD_freeCDict(self.0.as_ptr()) };
    }
}

impl Drop for DDict {
    fn drop(&mut self) {
        // SAFETY: nobody refers to it any more.
        unsafe { z::ZSTD_freeDDict(self.0.as_ptr()) };
    }
}

/// A dictionary's bytes, and what was prepared from them.
pub struct Content {
    data: Vec<u8>,
    /// By level.
    for_compression: Mutex<HashMap<i32, Arc<CDict>>>,
    for_decompression: OnceLock<Option<DDict>>,
}

impl Content {
    /// Takes bytes over.
    pub fn new(data: Vec<u8>) -> Self {
        Self {
            data,
            for_compression: Mutex::default(),
            for_decompression: OnceLock::new(),
        }
    }

    /// The bytes.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The number that a dictionary carries, or 0.
    pub fn id(&self) -> u32 {
        // SAFETY: the range is that of a slice.
        unsafe { z::ZSTD_getDictID_fromDict(self.data.as_ptr().cast(), self.data.len()) }
    }

    /// Prepared for compression at a level; none if that is impossible.
    pub fn digested(&self, level: i32) -> Option<Arc<CDict>> {
        let mut known = self
            .for_compression
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(dict) = known.get(&level) {
            return Some(Arc::clone(dict));
        }
        // SAFETY: the range is that of a slice; the library copies it.
        let new = unsafe { z::ZSTD_createCDict(self.data.as_ptr().cast(), self.data.len(), level) };
        let new = Arc::new(CDict(NonNull::new(new)?));
        known.insert(level, Arc::clone(&new));
        Some(new)
    }

    fn digested_for_reading(&self) -> Option<&DDict> {
        self.for_decompression
            .get_or_init(|| {
                // SAFETY: the range is that of a slice; the library copies it.
                let new =
                    unsafe { z::ZSTD_createDDict(self.data.as_ptr().cast(), self.data.len()) };
                NonNull::new(new).map(DDict)
            })
            .as_ref()
    }
}

/// What a dictionary is used as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Prepared, with the parameters of a level.
    Digested,
    /// Prepared for the parameters of the stream.
    Undigested,
    /// As data that came before.
    Prefix,
}

/// How the loading of a dictionary can fail.
pub enum LoadFault {
    /// It can't be prepared.
    Unprepared,
    /// The library says why.
    Said(Said),
}

/// What one step of a stream did.
pub struct Progress {
    /// Bytes taken from the input.
    pub used: usize,
    /// Bytes written to the output, from its start on.
    pub wrote: usize,
    /// What the library says of the rest: 0 if there is none.
    pub rest: usize,
}

/// When data is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// When the library likes.
    Continue,
    /// All at once.
    Block,
    /// All, and the end of the frame.
    Frame,
}

/// A context for compression.
pub struct Encoder {
    context: NonNull<z::ZSTD_CCtx>,
    /// What the context refers to.
    dict: Option<(Arc<Content>, Option<Arc<CDict>>)>,
}

/// Where zstd has its memory from.
#[repr(C)]
#[derive(Clone, Copy)]
struct CustomMem {
    alloc: Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>,
    free: Option<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
    opaque: *mut c_void,
}

const MEMORY: CustomMem = CustomMem {
    alloc: Some(taipan_memory::foreign::malloc_of),
    free: Some(taipan_memory::foreign::free_of),
    opaque: std::ptr::null_mut(),
};

// Part of the library, but not of what the bindings show.
unsafe extern "C" {
    fn ZSTD_createCCtx_advanced(memory: CustomMem) -> *mut z::ZSTD_CCtx;
    fn ZSTD_createDCtx_advanced(memory: CustomMem) -> *mut z::ZSTD_DCtx;
}

// SAFETY: the state belongs to the context alone; it comes from malloc.
unsafe impl Send for Encoder {}

impl Encoder {
    /// A new context; none if memory is missing.
    pub fn new() -> Option<Self> {
        // SAFETY: there is nothing to observe.
        NonNull::new(unsafe { ZSTD_createCCtx_advanced(MEMORY) }).map(|context| Self {
            context,
            dict: None,
        })
    }

    /// Sets a parameter.
    pub fn set(&mut self, parameter: z::ZSTD_cParameter, value: i32) -> Result<(), Said> {
        // SAFETY: the context lives.
        checked(unsafe { z::ZSTD_CCtx_setParameter(self.context.as_ptr(), parameter, value) })
            .map(drop)
    }

    /// Uses a dictionary.
    pub fn load(&mut self, content: &Arc<Content>, how: Use, level: i32) -> Result<(), LoadFault> {
        let data = content.data();
        let (context, start, len) = (self.context.as_ptr(), data.as_ptr().cast(), data.len());
        let mut digested = None;
        // SAFETY: what the context refers to afterwards is kept along with it.
        let code = unsafe {
            match how {
                Use::Digested => {
                    let dict = content.digested(level).ok_or(LoadFault::Unprepared)?;
                    let raw = dict.0.as_ptr();
                    digested = Some(dict);
                    z::ZSTD_CCtx_refCDict(context, raw)
                }
                Use::Undigested => z::ZSTD_CCtx_loadDictionary(context, start, len),
                Use::Prefix => z::ZSTD_CCtx_refPrefix(context, start, len),
            }
        };
        self.dict = Some((Arc::clone(content), digested));
        checked(code).map(drop).map_err(LoadFault::Said)
    }

    /// Promises a size for the next frame.
    pub fn pledge(&mut self, size: u64) -> Result<(), Said> {
        // SAFETY: the context lives.
        checked(unsafe { z::ZSTD_CCtx_setPledgedSrcSize(self.context.as_ptr(), size) }).map(drop)
    }

    /// Gives the frame up.
    pub fn reset(&mut self) {
        // SAFETY: the context lives.
        unsafe {
            z::ZSTD_CCtx_reset(
                self.context.as_ptr(),
                z::ZSTD_ResetDirective::ZSTD_reset_session_only,
            )
        };
    }

    /// Works on.
    pub fn step(
        &mut self,
        input: &[u8],
        room: &mut [MaybeUninit<u8>],
        mode: Mode,
    ) -> Result<Progress, Said> {
        let mut from = z::ZSTD_inBuffer {
            src: input.as_ptr().cast(),
            size: input.len(),
            pos: 0,
        };
        let mut to = z::ZSTD_outBuffer {
            dst: room.as_mut_ptr().cast(),
            size: room.len(),
            pos: 0,
        };
        let mode = match mode {
            Mode::Continue => z::ZSTD_EndDirective::ZSTD_e_continue,
            Mode::Block => z::ZSTD_EndDirective::ZSTD_e_flush,
            Mode::Frame => z::ZSTD_EndDirective::ZSTD_e_end,
        };
        // SAFETY: the context lives, and the ranges are those of the slices.
        let rest = checked(unsafe {
            z::ZSTD_compressStream2(self.context.as_ptr(), &mut to, &mut from, mode)
        })?;
        Ok(Progress {
            used: from.pos,
            wrote: to.pos,
            rest,
        })
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: nobody refers to it any more.
        unsafe { z::ZSTD_freeCCtx(self.context.as_ptr()) };
    }
}

/// A context for decompression.
pub struct Decoder {
    context: NonNull<z::ZSTD_DCtx>,
    /// What the context refers to.
    dict: Option<Arc<Content>>,
}

// SAFETY: the state belongs to the context alone; it comes from malloc.
unsafe impl Send for Decoder {}

impl Decoder {
    /// A new context; none if memory is missing.
    pub fn new() -> Option<Self> {
        // SAFETY: there is nothing to observe.
        NonNull::new(unsafe { ZSTD_createDCtx_advanced(MEMORY) }).map(|context| Self {
            context,
            dict: None,
        })
    }

    /// Sets a parameter.
    pub fn set(&mut self, parameter: z::ZSTD_dParameter, value: i32) -> Result<(), Said> {
        // SAFETY: the context lives.
        checked(unsafe { z::ZSTD_DCtx_setParameter(self.context.as_ptr(), parameter, value) })
            .map(drop)
    }

    /// Uses a dictionary.
    pub fn load(&mut self, content: &Arc<Content>, how: Use) -> Result<(), LoadFault> {
        let data = content.data();
        let (context, start, len) = (self.context.as_ptr(), data.as_ptr().cast(), data.len());
        // SAFETY: what the context refers to afterwards is kept along with it.
        let code = unsafe {
            match how {
                Use::Digested => {
                    let dict = content
                        .digested_for_reading()
                        .ok_or(LoadFault::Unprepared)?;
                    z::ZSTD_DCtx_refDDict(context, dict.0.as_ptr())
                }
                Use::Undigested => z::ZSTD_DCtx_loadDictionary(context, start, len),
                Use::Prefix => z::ZSTD_DCtx_refPrefix(context, start, len),
            }
        };
        self.dict = Some(Arc::clone(content));
        checked(code).map(drop).map_err(LoadFault::Said)
    }

    /// Gives the frame up.
    pub fn reset(&mut self) {
        // SAFETY: the context lives.
        unsafe {
            z::ZSTD_DCtx_reset(
                self.context.as_ptr(),
                z::ZSTD_ResetDirective::ZSTD_reset_session_only,
            )
        };
    }

    /// Works on.
    pub fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>]) -> Result<Progress, Said> {
        let mut from = z::ZSTD_inBuffer {
            src: input.as_ptr().cast(),
            size: input.len(),
            pos: 0,
        };
        let mut to = z::ZSTD_outBuffer {
            dst: room.as_mut_ptr().cast(),
            size: room.len(),
            pos: 0,
        };
        // SAFETY: the context lives, and the ranges are those of the slices.
        let rest = checked(unsafe {
            z::ZSTD_decompressStream(self.context.as_ptr(), &mut to, &mut from)
        })?;
        Ok(Progress {
            used: from.pos,
            wrote: to.pos,
            rest,
        })
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: nobody refers to it any more.
        unsafe { z::ZSTD_freeDCtx(self.context.as_ptr()) };
    }
}

fn bounds(found: z::ZSTD_bounds) -> Result<(i32, i32), Said> {
    checked(found.error).map(|_| (found.lowerBound, found.upperBound))
}

/// The range of a parameter.
pub fn c_bounds(parameter: z::ZSTD_cParameter) -> Result<(i32, i32), Said> {
    // SAFETY: there is nothing to observe.
    bounds(unsafe { z::ZSTD_cParam_getBounds(parameter) })
}

/// The range of a parameter.
pub fn d_bounds(parameter: z::ZSTD_dParameter) -> Result<(i32, i32), Said> {
    // SAFETY: there is nothing to observe.
    bounds(unsafe { z::ZSTD_dParam_getBounds(parameter) })
}

/// The most that so many bytes become.
pub fn bound(size: usize) -> usize {
    // SAFETY: any number may be asked for; errors are huge.
    checked(unsafe { z::ZSTD_compressBound(size) }).unwrap_or(0)
}

/// The size of what a frame holds, if it says it, and its dictionary; none if it is no frame.
pub fn frame_info(frame: &[u8]) -> Option<(Option<u64>, u32)> {
    // SAFETY: the range is that of a slice.
    let size = unsafe { z::ZSTD_getFrameContentSize(frame.as_ptr().cast(), frame.len()) };
    // SAFETY: as above.
    let id = unsafe { z::ZSTD_getDictID_fromFrame(frame.as_ptr().cast(), frame.len()) };
    match size {
        // The two numbers that are no sizes: an error, and an unknown size.
        n if n == u64::MAX - 1 => None,
        u64::MAX => Some((None, id)),
        n => Some((Some(n), id)),
    }
}

/// The size of the first frame.
pub fn frame_size(frame: &[u8]) -> Result<usize, Said> {
    // SAFETY: the range is that of a slice.
    checked(unsafe { z::ZSTD_findFrameCompressedSize(frame.as_ptr().cast(), frame.len()) })
}

/// Fills `out`, which has room for a dictionary, from samples: trained, or on the base of a content at a level.
///
/// The sizes must be those of the parts of the samples.
pub fn make_dict(
    out: &mut Vec<u8>,
    samples: &[u8],
    sizes: &[usize],
    base: Option<(&[u8], i32)>,
) -> Result<(), Said> {
    assert_eq!(
        sizes.iter().fold(0usize, |a, b| a.saturating_add(*b)),
        samples.len()
    );
    let Ok(count) = u32::try_from(sizes.len()) else {
        return Err("Src size is incorrect");
    };
    let room = out.spare_capacity_mut();
    let (to, most, from) = (
        room.as_mut_ptr().cast(),
        room.len(),
        samples.as_ptr().cast(),
    );
    // SAFETY: the ranges are those of slices, and the sizes have been checked.
    let code = unsafe {
        match base {
            None => z::ZDICT_trainFromBuffer(to, most, from, sizes.as_ptr(), count),
            Some((content, level)) => z::ZDICT_finalizeDictionary(
                to,
                most,
                content.as_ptr().cast(),
                content.len(),
                from,
                sizes.as_ptr(),
                count,
                z::ZDICT_params_t {
                    compressionLevel: level,
                    notificationLevel: 0,
                    dictID: 0,
                },
            ),
        }
    };
    let size = checked(code)?;
    // SAFETY: the library has written so much.
    unsafe { out.set_len(out.len() + size) };
    Ok(())
}

/// The version of the library, as one number.
pub fn version() -> u32 {
    // SAFETY: there is nothing to observe.
    unsafe { z::ZSTD_versionNumber() }
}

/// How large an output buffer should be to decompress.
pub fn out_size() -> usize {
    // SAFETY: there is nothing to observe.
    unsafe { z::ZSTD_DStreamOutSize() }
}

//! How memory is seen: where it is, and how items lie in it.

use std::borrow::Cow;
use std::ops::Deref;

/// A few numbers, one for each dimension; one or none without a block of their own.
#[derive(Clone, Debug)]
pub enum Dims {
    /// No dimension.
    None,
    /// One.
    One([isize; 1]),
    /// Several.
    Many(Box<[isize]>),
}

impl Deref for Dims {
    type Target = [isize];
    #[inline]
    fn deref(&self) -> &[isize] {
        match self {
            Self::None => &[],
            Self::One(n) => n,
            Self::Many(n) => n,
        }
    }
}

impl From<Vec<isize>> for Dims {
    fn from(v: Vec<isize>) -> Self {
        match v[..] {
            [] => Self::None,
            [n] => Self::One([n]),
            _ => Self::Many(v.into()),
        }
    }
}

/// Memory and how items lie in it.
///
/// Invariant (of whoever makes one): all items that shape and strides reach from `ptr` lie in memory that lives as
/// long as the buffer's owner and stays in its place as long as the buffer is used. Nothing is said about who else
/// changes the contents meanwhile, so they are read and written through raw pointers.
#[derive(Clone, Debug)]
pub struct View {
    /// The first item.
    pub ptr: *mut u8,
    /// The product of shape and item size, in bytes.
    pub len: usize,
    /// Whether it must not be written to.
    pub readonly: bool,
    /// The items' type, as in the module struct.
    pub format: Cow<'static, str>,
    /// Bytes of an item.
    pub itemsize: usize,
    /// How many items each dimension has.
    pub shape: Dims,
    /// How many bytes lie between neighbours of each dimension.
    pub strides: Dims,
}

/// Strides of items that lie one behind the other, the last dimension being the innermost.
pub fn c_strides(shape: &[isize], itemsize: usize) -> Dims {
    let mut out = vec![0; shape.len()];
    let mut stride = itemsize as isize;
    for (s, n) in out.iter_mut().zip(shape).rev() {
        *s = stride;
        stride = stride.saturating_mul((*n).max(1));
    }
    Dims::from(out)
}

impl View {
    /// Bytes one behind the other.
    pub fn of_bytes(ptr: *mut u8, len: usize, readonly: bool) -> Self {
        Self {
            ptr,
            len,
            readonly,
            format: Cow::Borrowed("B"),
            itemsize: 1,
            shape: Dims::One([len as isize]),
            strides: Dims::One([1]),
        }
    }

    /// The number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// Whether items lie one behind the other, the last dimension innermost.
    pub fn c_contiguous(&self) -> bool {
        self.len == 0 || self.shape.iter().zip(&*self.strides).rev().try_fold(self.itemsize as isize, step).is_some()
    }

    /// Whether items lie one behind the other, the first dimension innermost.
    pub fn f_contiguous(&self) -> bool {
        self.len == 0 || self.shape.iter().zip(&*self.strides).try_fold(self.itemsize as isize, step).is_some()
    }

    /// Makes the length fit the shape.
    pub fn set_len(&mut self) {
        let items = self.shape.iter().fold(1isize, |n, &d| n.saturating_mul(d)).max(0) as usize;
        self.len = items.saturating_mul(self.itemsize);
    }

    /// The item at an index that is in range.
    #[inline]
    pub fn at(&self, indices: &[isize]) -> *mut u8 {
        let offset = indices.iter().zip(&*self.strides).fold(0isize, |n, (i, s)| n.wrapping_add(i.wrapping_mul(*s)));
        self.ptr.wrapping_offset(offset)
    }

    /// A copy of the item at an address.
    ///
    /// # Safety
    /// The address is that of an item of this view, whose buffer is in use.
    #[inline]
    pub unsafe fn read<const N: usize>(&self, at: *const u8) -> [u8; N] {
        let mut out = [0; N];
        // SAFETY: the caller; no more than an item is read.
        unsafe { std::ptr::copy_nonoverlapping(at, out.as_mut_ptr(), N.min(self.itemsize)) };
        out
    }

    /// Copies all items one behind the other, the last dimension innermost (or the first, with `fortran`).
    ///
    /// # Safety
    /// The buffer is in use.
    pub unsafe fn copy_out(&self, out: &mut Vec<u8>, fortran: bool) {
        let n = self.ndim();
        if self.len == 0 {
            return;
        }
        // SAFETY: the invariant of views.
        unsafe {
            if if fortran { self.f_contiguous() } else { self.c_contiguous() } {
                out.extend_from_slice(std::slice::from_raw_parts(self.ptr, self.len));
                return;
            }
            let mut index = vec![0isize; n];
            loop {
                out.extend_from_slice(std::slice::from_raw_parts(self.at(&index), self.itemsize));
                // The next index: the innermost dimension first.
                let mut d = 0;
                loop {
                    if d == n {
                        return;
                    }
                    let i = if fortran { d } else { n - 1 - d };
                    index[i] += 1;
                    if index[i] < self.shape[i] {
                        break;
                    }
                    index[i] = 0;
                    d += 1;
                }
            }
        }
    }
}

/// One dimension of the test for contiguity: the stride that the next one must have.
fn step(stride: isize, (n, s): (&isize, &isize)) -> Option<isize> {
    (*n <= 1 || *s == stride).then(|| stride.saturating_mul(*n))
}

//! The class Blob: a blob of a row, read and written in parts.

use std::cell::Cell;
use std::sync::Arc;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::{int, slice};
use taipan_runtime::vm::Vm;

use super::connection::{self, Connection};
use super::errors::{self, Kind};
use super::ffi::Blob;

/// The payload of Blob.
#[derive(Trace)]
pub struct BlobObject {
    connection: PyCell<Option<Value>>,
    #[no_trace]
    blob: Arc<Blob>,
    offset: Cell<i32>,
}

/// `Connection.blobopen`
pub fn open(
    vm: &Vm,
    this: &Ref<Connection>,
    [table, column]: [&Value; 2],
    row: i64,
    readonly: bool,
    name: Option<&Value>,
) -> R {
    let table = connection::c_name(vm, "blobopen", "1", table)?;
    let column = connection::c_name(vm, "blobopen", "2", column)?;
    let name = match name {
        Some(name) => connection::c_name(vm, "blobopen", "'name'", name)?,
        None => c"main".to_owned(),
    };
    let db = this.checked(vm)?;
    let blob = db.blob(vm, this.value(), [&name, &table, &column], row, !readonly);
    let blob = Arc::new(blob.map_err(|_| errors::raise(vm, &db.fault()))?);
    this.add_blob(&blob);
    let connection = PyCell::new(Some(this.to_value()));
    Ok(Ref::new(BlobObject {
        connection,
        blob,
        offset: Cell::new(0),
    })
    .into_value())
}

#[cold]
fn closed(vm: &Vm) -> Raised {
    Kind::Programming.raise(vm, "Cannot operate on a closed blob.")
}

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("Blob index out of range")
}

impl BlobObject {
    /// The number of bytes.
    ///
    /// Raises ProgrammingError if blob or connection are closed, or on a wrong thread.
    fn size(&self, vm: &Vm) -> R<i32> {
        let c = self
            .connection
            .borrow()
            .as_ref()
            .and_then(|c| c.downcast::<Connection>().cloned());
        if let Some(c) = c {
            c.checked(vm)?;
        }
        self.blob.len(vm).ok_or_else(|| closed(vm))
    }

    #[cold]
    fn fault(&self, vm: &Vm, code: i32) -> Raised {
        // A row that has changed is no error of the database itself.
        if code == libsqlite3_sys::SQLITE_ABORT {
            return Kind::Operational.raise(vm, "Cannot operate on an expired blob handle");
        }
        errors::raise(vm, &self.blob.db().fault())
    }

    fn get(&self, vm: &Vm, at: i32, n: usize) -> R<Vec<u8>> {
        vm.check_room(n)?;
        match self.blob.read(vm, at, n) {
            Some(Ok(data)) => Ok(data),
            Some(Err(code)) => Err(self.fault(vm, code)),
            None => Err(closed(vm)),
        }
    }

    fn put(&self, vm: &Vm, at: i32, data: &[u8]) -> R<()> {
        match self.blob.write(vm, at, data) {
            Some(Ok(())) => Ok(()),
            Some(Err(code)) => Err(self.fault(vm, code)),
            None => Err(closed(vm)),
        }
    }
}

/// An index as a place.
fn place(vm: &Vm, key: &Value, size: i32) -> R<i32> {
    let n = int::index(vm, key)?;
    let Some(n) = int::get(&n).and_then(int::IntRef::to_i64) else {
        let ty = key.ty().tp_name();
        return Err(vm.index_error(format!("cannot fit '{ty}' into an index-sized integer")));
    };
    let n = if n < 0 {
        n.saturating_add(size.into())
    } else {
        n
    };
    i32::try_from(n)
        .ok()
        .filter(|n| (0..size).contains(n))
        .ok_or_else(|| out_of_range(vm))
}

fn is_index(v: &Value) -> bool {
    v.ty().slots().index.is_some()
}

#[class(name = "Blob", module = "sqlite3", flags(NO_NEW, GC, HAS_WEAKREF))]
impl BlobObject {
    /// Close the blob.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        let c = this
            .connection
            .borrow()
            .as_ref()
            .and_then(|c| c.downcast::<Connection>().cloned());
        if let Some(c) = c {
            c.checked(vm)?;
        }
        this.blob.close();
        Ok(())
    }

    /// Read data at the current offset position.
    ///
    ///   length
    ///     Read length in bytes.
    ///
    /// If the end of the blob is reached, the data up to end of file will be returned. When length is not specified,
    /// or is negative, Blob.read() will read until the end of the blob.
    #[method(sig = "(length=-1, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, length: Option<i32>) -> R<Ref<Bytes>> {
        let left = this.size(vm)? - this.offset.get();
        let n = length.filter(|&n| n >= 0).unwrap_or(left).min(left).max(0);
        if n == 0 {
            return Ok(bytes::from_slice(b""));
        }
        let data = this.get(vm, this.offset.get(), n as usize)?;
        this.offset.set(this.offset.get() + n);
        Ok(bytes::from_vec(data))
    }

    /// Write data at the current offset.
    ///
    /// This function cannot change the blob length. Writing beyond the end of the blob will result in an exception
    /// being raised.
    #[method]
    fn write(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>) -> R<()> {
        let left = this.size(vm)? - this.offset.get();
        if i32::try_from(data.len()).ok().is_none_or(|n| n > left) {
            return Err(vm.value_error("data longer than blob length"));
        }
        this.put(vm, this.offset.get(), &data)?;
        this.offset.set(this.offset.get() + data.len() as i32);
        Ok(())
    }

    /// Set the current access position to offset.
    ///
    /// The origin argument defaults to os.SEEK_SET (absolute blob positioning). Other values for origin are
    /// os.SEEK_CUR (seek relative to the current position) and os.SEEK_END (seek relative to the blob's end).
    #[method(sig = "(offset, origin=0, /)")]
    fn seek(vm: &Vm, this: &Ref<Self>, offset: i32, origin: Option<i32>) -> R<()> {
        let size = this.size(vm)?;
        let base = match origin.unwrap_or(0) {
            0 => 0,
            1 => this.offset.get(),
            2 => size,
            _ => {
                return Err(
                    vm.value_error("'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")
                );
            }
        };
        let Some(at) = offset.checked_add(base) else {
            return Err(vm.overflow_error("seek offset results in overflow"));
        };
        if !(0..=size).contains(&at) {
            return Err(vm.value_error("offset out of blob range"));
        }
        this.offset.set(at);
        Ok(())
    }

    /// Return the current access position for the blob.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Ref<Self>) -> R<i32> {
        this.size(vm)?;
        Ok(this.offset.get())
    }

    /// Blob context manager enter.
    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Self>) -> R {
        this.size(vm)?;
        Ok(this.to_value())
    }

    /// Blob context manager exit.
    #[method(sig = "(type, val, tb, /)")]
    fn __exit__(vm: &Vm, this: &Ref<Self>, _type: &Value, _val: &Value, _tb: &Value) -> R<bool> {
        this.size(vm)?;
        this.blob.close();
        Ok(false)
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        Ok(usize::try_from(this.size(vm)?).unwrap_or(0))
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        let size = this.size(vm)?;
        if is_index(key) {
            let at = place(vm, key, size)?;
            let byte = this.get(vm, at, 1)?;
            return Ok(Value::from(byte.first().copied().unwrap_or(0)));
        }
        if !slice::is_slice(key) {
            return Err(vm.type_error("Blob indices must be integers"));
        }
        let (start, stop, step) = slice::unpack(vm, key)?;
        let (start, _, count) = slice::adjust(size as usize, start, stop, step);
        if count == 0 {
            return Ok(bytes::from_slice(b"").into_value());
        }
        if step == 1 {
            return Ok(bytes::from_vec(this.get(vm, start as i32, count)?).into_value());
        }
        let (low, span) = extent(start, step, count);
        let all = this.get(vm, low, span)?;
        let at = |i: usize| (start + i as isize * step - low as isize) as usize;
        let picked = (0..count).filter_map(|i| all.get(at(i)).copied()).collect();
        Ok(bytes::from_vec(picked).into_value())
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Self>, key: &Value, value: Option<&Value>) -> R<()> {
        let size = this.size(vm)?;
        if is_index(key) {
            let Some(value) = value else {
                return Err(vm.type_error("Blob doesn't support item deletion"));
            };
            let at = place(vm, key, size)?;
            if int::get(value).is_none() {
                let ty = value.ty().tp_name();
                return Err(
                    vm.type_error(format!("'{ty}' object cannot be interpreted as an integer"))
                );
            }
            let n = int::get(value)
                .and_then(int::IntRef::to_i64)
                .and_then(|n| u8::try_from(n).ok());
            let Some(b) = n else {
                return Err(vm.value_error("byte must be in range(0, 256)"));
            };
            return this.put(vm, at, &[b]);
        }
        if !slice::is_slice(key) {
            return Err(vm.type_error("Blob indices must be integers"));
        }
        let Some(value) = value else {
            return Err(vm.type_error("Blob doesn't support slice deletion"));
        };
        let (start, stop, step) = slice::unpack(vm, key)?;
        let (start, _, count) = slice::adjust(size as usize, start, stop, step);
        if count == 0 {
            return Ok(());
        }
        let data = BytesLike::new(vm, value)?;
        if data.len() != count {
            return Err(vm.index_error("Blob slice assignment is wrong size"));
        }
        if step == 1 {
            return this.put(vm, start as i32, &data);
        }
        let (low, span) = extent(start, step, count);
        let mut all = this.get(vm, low, span)?;
        for (i, b) in data.iter().enumerate() {
            if let Some(slot) = all.get_mut((start + i as isize * step - low as isize) as usize) {
                *slot = *b;
            }
        }
        this.put(vm, low, &all)
    }
}

/// The first byte and the length of what a slice of at least one item spans.
fn extent(start: isize, step: isize, count: usize) -> (i32, usize) {
    let last = start + (count as isize - 1) * step;
    let (low, high) = (start.min(last), start.max(last));
    (low as i32, (high - low) as usize + 1)
}

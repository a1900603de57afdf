//! Where a reader's bytes come from: an object in memory, or a file that is read as needed.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use super::unpickling_error;
use crate::io::bytesio::BytesIo;

enum Data {
    Shared(Ref<Bytes>),
    Own(Vec<u8>),
}

struct File {
    read: Value,
    readline: Value,
    /// An exact BytesIO, whose contents are taken as they are.
    memory: Option<Value>,
}

/// A stream of bytes and a place in it.
pub struct Source {
    data: Data,
    at: usize,
    file: Option<File>,
}

fn truncated(vm: &Vm) -> Raised {
    unpickling_error(vm, "pickle data was truncated")
}

impl Source {
    /// Bytes in memory.
    pub fn of_bytes(b: Ref<Bytes>) -> Self {
        Source { data: Data::Shared(b), at: 0, file: None }
    }

    /// A file: something with the methods `read` and `readline`.
    ///
    /// Raises TypeError if one is missing.
    pub fn of_file(vm: &Vm, file: &Value) -> R<Self> {
        let (read, readline) = (vm.get_attr_str_opt(file, "read")?, vm.get_attr_str_opt(file, "readline")?);
        // Asked for as CPython does, although `read` is enough here.
        vm.get_attr_str_opt(file, "peek")?;
        vm.get_attr_str_opt(file, "readinto")?;
        let (Some(read), Some(readline)) = (read, readline) else {
            return Err(vm.type_error("file must have 'read' and 'readline' attributes"));
        };
        let memory = file.downcast_exact::<BytesIo>().filter(|f| !f.is_closed()).map(|f| f.value().clone());
        Ok(Source { data: Data::Own(Vec::new()), at: 0, file: Some(File { read, readline, memory }) })
    }

    /// Must be called before a pickle is read.
    pub fn start(&mut self, vm: &Vm) -> R<()> {
        let Some(memory) = self.file.as_ref().and_then(|f| f.memory.clone()) else { return Ok(()) };
        let all = vm.call_method(&memory, "getvalue", &[])?;
        let at = int::to_i64(vm, &vm.call_method(&memory, "tell", &[])?)?;
        if let Some(b) = all.downcast_exact::<Bytes>() {
            self.at = usize::try_from(at).unwrap_or(0).min(b.len());
            self.data = Data::Shared(b.clone());
        }
        Ok(())
    }

    /// Must be called after a pickle was read, with the result: the file's position is set.
    pub fn finish(&mut self, vm: &Vm, result: R) -> R {
        let Some(memory) = self.file.as_ref().and_then(|f| f.memory.clone()) else { return result };
        let at = Value::from(self.at);
        // What an own buffer would keep is no longer needed, and lets the file write without a copy.
        self.data = Data::Own(Vec::new());
        self.at = 0;
        match result {
            Ok(v) => {
                vm.call_method(&memory, "seek", &[at])?;
                Ok(v)
            }
            Err(r) => {
                let e = vm.catch(r);
                if let Err(other) = vm.call_method(&memory, "seek", &[at]) {
                    drop(vm.catch(other));
                }
                Err(vm.raise_as_is(e))
            }
        }
    }

    #[inline]
    fn slice(&self) -> &[u8] {
        match &self.data {
            Data::Shared(b) => b.as_slice(),
            Data::Own(v) => v,
        }
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self, vm: &Vm) -> R<u8> {
        match self.slice().get(self.at) {
            Some(b) => {
                let b = *b;
                self.at += 1;
                Ok(b)
            }
            None => self.take(vm, 1).map(|b| b.first().copied().unwrap_or(0)),
        }
    }

    /// The next `n` bytes.
    ///
    /// Raises UnpicklingError if there are not as many.
    #[inline]
    pub fn take(&mut self, vm: &Vm, n: usize) -> R<&[u8]> {
        if self.slice().len() - self.at < n {
            self.fill(vm, n)?;
        }
        let at = self.at;
        self.at += n;
        self.slice().get(at..at + n).ok_or_else(|| truncated(vm))
    }

    /// The next `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self, vm: &Vm) -> R<[u8; N]> {
        let b = self.take(vm, N)?;
        b.try_into().map_err(|_| truncated(vm))
    }

    /// Sees to it that `n` bytes can be taken.
    #[cold]
    pub fn fill(&mut self, vm: &Vm, n: usize) -> R<()> {
        let left = self.slice().len() - self.at;
        if left >= n {
            return Ok(());
        }
        let Some(file) = self.file.as_ref().filter(|f| f.memory.is_none()) else { return Err(truncated(vm)) };
        let missing = n - left;
        if i64::try_from(missing).is_err() {
            return Err(truncated(vm));
        }
        let got = vm.call(&file.read, &[Value::from(missing)])?;
        let got = self.append(vm, &got, "read")?;
        if got < missing { Err(truncated(vm)) } else { Ok(()) }
    }

    fn append(&mut self, vm: &Vm, got: &Value, method: &str) -> R<usize> {
        let Some(b) = bytes::get(got) else {
            let text = vm.repr_string(got)?;
            return Err(vm.value_error(format!("{method}() returned non-bytes object ({text})")));
        };
        let at = self.at;
        if let Data::Own(v) = &mut self.data {
            v.drain(..at);
            v.extend_from_slice(b);
            self.at = 0;
        }
        Ok(b.len())
    }

    /// The next line, without its end, which must not be empty.
    pub fn full_line(&mut self, vm: &Vm) -> R<Vec<u8>> {
        let line = self.line(vm)?;
        if line.is_empty() { Err(truncated(vm)) } else { Ok(line) }
    }

    /// The next line, without its end.
    pub fn line(&mut self, vm: &Vm) -> R<Vec<u8>> {
        loop {
            let rest = self.slice().get(self.at..).unwrap_or_default();
            if let Some(n) = memchr::memchr(b'\n', rest) {
                let line = rest[..n].to_vec();
                self.at += n + 1;
                return Ok(line);
            }
            let Some(file) = self.file.as_ref().filter(|f| f.memory.is_none()) else { return Err(truncated(vm)) };
            let got = vm.call(&file.readline, &[])?;
            let n = self.append(vm, &got, "readline")?;
            if n == 0 || self.slice().last() != Some(&b'\n') {
                return Err(truncated(vm));
            }
        }
    }
}

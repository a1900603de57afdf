//! The pure-Python standard library: CPython 3.14's own, compiled when Taipan is built.

use std::io::Read;

static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lib.image"));

/// One module of the library.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// Full dotted name.
    pub name: &'static str,
    /// Whether it is a package.
    pub is_package: bool,
    /// Code in the encoding of `taipan_bytecode`; its file names are empty.
    pub code: &'static [u8],
    source: &'static [u8],
    raw: usize,
}

impl Module {
    /// The source file's bytes; `None` if they can't be unpacked, which means a damaged binary.
    pub fn source(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(self.raw);
        flate2::read::ZlibDecoder::new(self.source).read_to_end(&mut out).ok()?;
        Some(out)
    }

    /// The path below the library's folder, such as `json/__init__.py`.
    pub fn path(&self) -> String {
        let base = self.name.replace('.', "/");
        if self.is_package { format!("{base}/__init__.py") } else { format!("{base}.py") }
    }
}

fn number(at: usize) -> usize {
    let bytes = IMAGE.get(at..at + 4).and_then(|b| b.try_into().ok()).unwrap_or([0; 4]);
    u32::from_le_bytes(bytes) as usize
}

fn slice(at: usize, len: usize) -> &'static [u8] {
    IMAGE.get(at..at + len).unwrap_or(&[])
}

fn entry(i: usize) -> Module {
    let at = 4 + i * 32;
    let field = |n: usize| number(at + n * 4);
    Module {
        name: std::str::from_utf8(slice(field(0), field(1))).unwrap_or(""),
        is_package: field(2) & 1 != 0,
        code: slice(field(3), field(4)),
        source: slice(field(5), field(6)),
        raw: field(7),
    }
}

/// How many modules and other files there are.
fn len() -> usize {
    number(0)
}

fn is_data(i: usize) -> bool {
    number(4 + i * 32 + 8) & 2 != 0
}

/// All modules, sorted by name.
pub fn modules() -> impl Iterator<Item = Module> {
    (0..len()).filter(|i| !is_data(*i)).map(entry)
}

/// The paths in the library, such as `venv/scripts/common/activate`, of its files that are no modules; sorted.
pub fn data_files() -> impl Iterator<Item = &'static str> {
    (0..len()).filter(|i| is_data(*i)).map(|i| entry(i).name)
}

/// The bytes of a file that is no module, by its path in the library.
pub fn data(path: &str) -> Option<Vec<u8>> {
    entry(position(path).filter(|i| is_data(*i))?).source()
}

/// Finds a module by its full name.
pub fn find(name: &str) -> Option<Module> {
    position(name).filter(|i| !is_data(*i)).map(entry)
}

fn position(name: &str) -> Option<usize> {
    let (mut low, mut high) = (0, len());
    while low < high {
        let mid = low + (high - low) / 2;
        let m = entry(mid);
        match m.name.cmp(name) {
            std::cmp::Ordering::Equal => return Some(mid),
            std::cmp::Ordering::Less => low = mid + 1,
            std::cmp::Ordering::Greater => high = mid,
        }
    }
    None
}

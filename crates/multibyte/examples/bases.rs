//! Writes the tables of `encoding_rs` to the file that is named, for `generate.py`: the code points, four
//! bytes each, table after table.

#[path = "../src/base.rs"]
mod base;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| String::from("bases.bin"));
    let tables = (0..).map_while(base::table);
    let bytes: Vec<u8> = tables.flatten().flat_map(u32::to_le_bytes).collect();
    std::fs::write(path, bytes)
}

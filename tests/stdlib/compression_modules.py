"""zlib, bz2, lzma and their files: round trips, limits, ends, mistakes."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

TEXT = b"".join(b"line %d of some text, %d\n" % (i, i * i % 97) for i in range(3000))


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except (ValueError, TypeError, EOFError, OSError, OverflowError, zlib.error, lzma.LZMAError) as e:
        return f"{type(e).__name__}: {e}"


def pieces(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


print("# checksums")
for data in (b"", b"a", b"hello world", TEXT):
    print(len(data), zlib.crc32(data), zlib.adler32(data))
print(zlib.crc32(b"world", zlib.crc32(b"hello ")), zlib.adler32(b"world", zlib.adler32(b"hello ")))

print("# round trips")
for module in (zlib, gzip, bz2, lzma):
    for data in (b"", b"x", TEXT):
        packed = module.compress(data)
        print(module.__name__, len(data), module.decompress(packed) == data, len(packed) < max(len(data), 100))

print("# piece by piece")
makers = {
    "zlib": (zlib.compressobj, zlib._ZlibDecompressor),
    "bz2": (bz2.BZ2Compressor, bz2.BZ2Decompressor),
    "lzma": (lzma.LZMACompressor, lzma.LZMADecompressor),
}
for name, (compressor, decompressor) in makers.items():
    c = compressor()
    packed = b"".join(c.compress(piece) for piece in pieces(TEXT, 777)) + c.flush()
    d = decompressor()
    out = b"".join(d.decompress(piece) for piece in pieces(packed, 97))
    print(name, out == TEXT, d.eof, d.needs_input, d.unused_data)
    print(name, attempt(d.decompress, b"more"))
    d = decompressor()
    first = d.decompress(packed + b"behind", max_length=10)
    print(name, first, d.eof, d.needs_input, d.unused_data)
    rest = []
    while not d.eof:
        rest.append(d.decompress(b"", max_length=5000))
    print(name, first + b"".join(rest) == TEXT, max(map(len, rest)), d.unused_data)
    d = decompressor()
    print(name, d.decompress(packed[:5]), d.eof, d.needs_input)

print("# zlib")
for wbits in (-15, 15, 31):
    c = zlib.compressobj(9, zlib.DEFLATED, wbits)
    packed = c.compress(TEXT) + c.flush()
    print(wbits, zlib.decompress(packed, wbits) == TEXT)
print(zlib.decompress(gzip.compress(b"auto"), 47))
c = zlib.compressobj(zdict=b"hello world")
packed = c.compress(b"hello world, hello") + c.flush()
print(zlib.decompressobj(zdict=b"hello world").decompress(packed))
print(attempt(zlib.decompress, packed))
c = zlib.compressobj()
start = c.compress(b"abc")
twin = c.copy()
print(zlib.decompress(start + c.compress(b"def") + c.flush()), zlib.decompress(start + twin.compress(b"x") + twin.flush()))
d = zlib.decompressobj()
print(d.decompress(zlib.compress(TEXT) + b"tail", 20), len(d.unconsumed_tail) > 0, d.unused_data)
print(len(d.flush()), d.unused_data, d.eof)
print(attempt(zlib.decompress, b"nonsense"))
print(attempt(zlib.decompress, zlib.compress(b"abc")[:-1]))
print(attempt(zlib.compress, b"abc", 99))
print(attempt(zlib.compress, "abc"))

print("# bz2")
print(attempt(bz2.decompress, b"nonsense"))
print(attempt(bz2.decompress, bz2.compress(b"abc")[:-1]))
print(attempt(bz2.BZ2Compressor, 0))
c = bz2.BZ2Compressor()
c.flush()
print(attempt(c.flush), "/", attempt(c.compress, b""))
print(bz2.decompress(bz2.compress(b"a") + bz2.compress(b"b")))

print("# lzma")
print(attempt(lzma.decompress, b"nonsense"))
print(attempt(lzma.decompress, lzma.compress(b"abc")[:-1]))
c = lzma.LZMACompressor()
c.flush()
print(attempt(c.flush), "/", attempt(c.compress, b""))
raw = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 6 | lzma.PRESET_EXTREME}]
for format, filters in ((lzma.FORMAT_XZ, None), (lzma.FORMAT_ALONE, None), (lzma.FORMAT_RAW, raw), (lzma.FORMAT_XZ, raw)):
    packed = lzma.compress(TEXT, format, filters=filters)
    known = {"filters": filters} if format == lzma.FORMAT_RAW else {}
    print(format, lzma.decompress(packed, format, **known) == TEXT)
for check in (lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256):
    d = lzma.LZMADecompressor()
    print(check, d.check == lzma.CHECK_UNKNOWN, d.decompress(lzma.compress(b"data", check=check)), d.check, d.eof)
print(lzma.is_check_supported(lzma.CHECK_CRC32), lzma.is_check_supported(lzma.CHECK_UNKNOWN))
for spec in (
    {"id": lzma.FILTER_LZMA1, "preset": 3},
    {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20},
    {"id": lzma.FILTER_DELTA, "dist": 7},
    {"id": lzma.FILTER_X86},
):
    encoded = lzma._encode_filter_properties(spec)
    print(encoded, lzma._decode_filter_properties(spec["id"], encoded))
print(attempt(lzma.LZMADecompressor, lzma.FORMAT_RAW))
print(attempt(lzma.LZMADecompressor, lzma.FORMAT_RAW, 100))
print(attempt(lzma.LZMADecompressor, filters=raw))
print(attempt(lzma.LZMADecompressor, 7))
print(attempt(lzma.LZMADecompressor(memlimit=1024).decompress, lzma.compress(b"x")))
print(attempt(lzma.LZMACompressor, lzma.FORMAT_RAW))
print(attempt(lzma.LZMACompressor, lzma.FORMAT_ALONE, filters=raw))
print(attempt(lzma.LZMACompressor, lzma.FORMAT_ALONE, lzma.CHECK_CRC32))
print(attempt(lzma.LZMACompressor, preset=3, filters=raw))
print(attempt(lzma.LZMACompressor, preset=77))
print(attempt(lzma.LZMACompressor, 9))
for filters in ([{}], [3], [{"id": 98}], [{"id": lzma.FILTER_DELTA, "size": 3}], [{"id": lzma.FILTER_LZMA2, "lc": "a"}], raw * 3):
    print(attempt(lzma.LZMACompressor, filters=filters))

print("# files")
for module, opener in ((gzip, gzip.open), (bz2, bz2.open), (lzma, lzma.open)):
    held = io.BytesIO()
    with opener(held, "wt", encoding="utf-8", newline="\n") as f:
        for i in range(100):
            print("Zeile", i, "äöü", file=f)
    held.seek(0)
    with opener(held, "rt", encoding="utf-8") as f:
        print(module.__name__, f.readline(), len(f.read()), f.read())
    held.seek(0)
    with opener(held) as f:
        f.seek(50)
        print(f.tell(), f.read(10), f.peek(1)[:1])
        f.seek(0)
        print(f.readline(), f.tell())

print("# archives")
for mode in ("gz", "bz2", "xz"):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:" + mode) as archive:
        for name in ("one", "two"):
            info = tarfile.TarInfo(name)
            info.size = len(TEXT)
            archive.addfile(info, io.BytesIO(TEXT))
    held.seek(0)
    with tarfile.open(fileobj=held) as archive:
        print(mode, archive.getnames(), archive.extractfile("two").read() == TEXT)
for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr("one", TEXT)
        archive.writestr("two", b"short")
    with zipfile.ZipFile(held) as archive:
        print(method, archive.namelist(), archive.read("one") == TEXT, archive.read("two"), archive.testzip())

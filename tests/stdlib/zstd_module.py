# needs: 3.14
"""compression.zstd: streams, dictionaries, parameters, frames, files, mistakes."""

import io
import pickle
import tarfile
import zipfile

import _zstd
from compression import zstd
from compression.zstd import (
    CompressionParameter,
    DecompressionParameter,
    Strategy,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdDict,
    ZstdError,
    ZstdFile,
)

TEXT = b"".join(b"line %d of some text, %d\n" % (i, i * i % 97) for i in range(20000))
SAMPLES = [b"sample number %d with %d text" % (i, i * i) for i in range(500)]


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def pieces(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


print("# round trips")
print(zstd.compress(b""), zstd.compress(b"hello world" * 20))
for data in (b"", b"x", TEXT):
    for level in (-5, 1, 3, 19):
        packed = zstd.compress(data, level)
        assert zstd.decompress(packed) == data, level
        info = zstd.get_frame_info(packed)
        assert info.decompressed_size == len(data) and zstd.get_frame_size(packed + b"more") == len(packed)
    print(len(data), info)
print(zstd.decompress(zstd.compress(b"a") + zstd.compress(b"b")))
print(zstd.compress(b"raw content", options={CompressionParameter.checksum_flag: 1}))
print(zstd.compress(b"raw content", options={CompressionParameter.content_size_flag: 0}))
print(zstd.compress(b"text", options={CompressionParameter.strategy: Strategy.btopt}))

print("# compressors")
c = ZstdCompressor()
print(c.CONTINUE, c.FLUSH_BLOCK, c.FLUSH_FRAME, c.last_mode)
print(c.compress(b"abc"), c.last_mode, c.flush(c.FLUSH_BLOCK), c.last_mode, c.flush(), c.last_mode)
packed = b"".join(c.compress(piece) for piece in pieces(TEXT, 5000)) + c.flush()
print(zstd.decompress(packed) == TEXT, zstd.get_frame_info(packed))
packed = b"".join(c.compress(piece, c.FLUSH_BLOCK) for piece in pieces(TEXT, 50000)) + c.flush()
print(zstd.decompress(packed) == TEXT)
print(c.set_pledged_input_size(3), c.compress(b"abc", c.FLUSH_FRAME), c.set_pledged_input_size(None))
c.set_pledged_input_size(3)
print(attempt(c.compress, b"abcd"), c.last_mode, c.compress(b"abcd", c.FLUSH_FRAME))
c.compress(b"abc")
print(attempt(c.set_pledged_input_size, 5))
for wrong in (-1, 2**64 - 1, 2**64 - 2, "a"):
    print(attempt(ZstdCompressor().set_pledged_input_size, wrong))
print(attempt(c.compress, b"", 7), attempt(c.compress, b"", "a"), attempt(c.compress, "text"), sep="\n")
print(attempt(c.flush, 0), attempt(setattr, c, "last_mode", 1), sep="\n")
for wrong in ("a", 3.5, 10**30, 100, -(10**6)):
    print(attempt(ZstdCompressor, wrong))
print(attempt(ZstdCompressor, 3, {}), attempt(ZstdCompressor, options=[]), sep="\n")
for wrong in (
    {"a": 1},
    {100: "a"},
    {100: 10**20},
    {10**20: 1},
    {100: 200},
    {999: 1},
    {CompressionParameter.strategy: 77},
    {DecompressionParameter.window_log_max: 20},
):
    print(attempt(ZstdCompressor, options=wrong))

print("# decompressors")
packed = zstd.compress(TEXT)
d = ZstdDecompressor()
print(d.eof, d.needs_input, d.unused_data)
print(b"".join(d.decompress(piece) for piece in pieces(packed, 97)) == TEXT, d.eof, d.needs_input, d.unused_data)
print(attempt(d.decompress, b""))
d = ZstdDecompressor()
first = d.decompress(packed + b"behind", max_length=10)
print(first, d.eof, d.needs_input, d.unused_data)
rest = []
while not d.eof:
    rest.append(d.decompress(b"", 30000))
print(first + b"".join(rest) == TEXT, max(map(len, rest)), d.unused_data)
d = ZstdDecompressor()
print(attempt(d.decompress, b"not a frame of zstd"), d.needs_input, d.decompress(packed) == TEXT)
print(attempt(zstd.decompress, packed[:-1]))
for wrong in ([], {"a": 1}, {100: 10**20}, {999: 1}, {CompressionParameter.window_log: 20}):
    print(attempt(ZstdDecompressor, options=wrong))
print(ZstdDecompressor(options={DecompressionParameter.window_log_max: 25}).decompress(packed) == TEXT)

print("# dictionaries")
trained = zstd.train_dict(SAMPLES, 2000)
print(len(trained), trained.dict_content[:16], trained.dict_id)
raw = ZstdDict(b"raw content dictionary" * 4, is_raw=True)
print(raw, len(raw), raw.dict_id, raw.dict_content[:5], attempt(setattr, raw, "dict_id", 3))
finished = zstd.finalize_dict(raw, SAMPLES, 600, 3)
print(len(finished) <= 600, finished.dict_content[:8], finished.dict_id > 0)
for d in (trained, raw, finished):
    for use in (d, d.as_digested_dict, d.as_undigested_dict, d.as_prefix):
        for level in (1, 10):
            packed = zstd.compress(SAMPLES[77], level, zstd_dict=use)
            assert zstd.decompress(packed, zstd_dict=use) == SAMPLES[77]
    print([zstd.get_frame_info(zstd.compress(b"x", zstd_dict=d)).dictionary_id == d.dict_id])
packed = zstd.compress(SAMPLES[1], zstd_dict=trained)
print(attempt(zstd.decompress, packed), attempt(zstd.decompress, packed, raw), sep="\n")
for wrong in (b"", b"1234567", b"12345678", "text"):
    print(attempt(ZstdDict, wrong))
for wrong in (3, (trained, 5), (trained, "a"), (trained, 1, 2), (3, 1)):
    print(attempt(ZstdCompressor, zstd_dict=wrong), attempt(ZstdDecompressor, zstd_dict=wrong))
for sizes in ((3,), (2,), (-3,), ("a",), [3], ()):
    print(attempt(_zstd.train_dict, b"abc", sizes, 100))
    print(attempt(_zstd.finalize_dict, b"abcdefgh", b"abc", sizes, 100, 3))
print(attempt(_zstd.train_dict, b"abc", (3,), 0), attempt(_zstd.train_dict, "abc", (3,), 10), sep="\n")
print(attempt(zstd.train_dict, [], 10), attempt(zstd.train_dict, SAMPLES, "a"), sep="\n")

print("# frames and parameters")
for wrong in (b"", packed[:3], b"abcdefghijklmnopqrst"):
    print(attempt(zstd.get_frame_info, wrong))
    print(attempt(zstd.get_frame_size, wrong))
print(CompressionParameter.compression_level.bounds(), CompressionParameter.strategy.bounds())
print(attempt(_zstd.get_param_bounds, 999, is_compress=False), attempt(_zstd.get_param_bounds, 999, True), sep="\n")
print(attempt(_zstd.set_parameter_types, 1, 2), attempt(_zstd.set_parameter_types, int, 2), sep="\n")
print([int(s) for s in Strategy], zstd.COMPRESSION_LEVEL_DEFAULT, _zstd.ZSTD_DStreamOutSize)
for thing in (ZstdCompressor(), ZstdDecompressor(), raw):
    print(attempt(pickle.dumps, thing), attempt(type, "X", (type(thing),), {}), sep="\n")
print(ZstdError, ZstdError.__mro__[1])

print("# files")
held = io.BytesIO()
with zstd.open(held, "wt", encoding="utf-8", newline="\n") as f:
    for i in range(100):
        print("Zeile", i, "äöü", file=f)
held.seek(0)
with zstd.open(held, "rt", encoding="utf-8") as f:
    print(f.readline(), len(f.read()), f.read())
held.seek(0)
with ZstdFile(held) as f:
    f.seek(50)
    print(f.tell(), f.read(10), f.peek(1)[:1])
    f.seek(0)
    print(f.readline(), f.tell())
held = io.BytesIO()
with tarfile.open(fileobj=held, mode="w:zst") as archive:
    info = tarfile.TarInfo("one")
    info.size = len(TEXT)
    archive.addfile(info, io.BytesIO(TEXT))
held.seek(0)
with tarfile.open(fileobj=held) as archive:
    print(archive.getnames(), archive.extractfile("one").read() == TEXT)
held = io.BytesIO()
with zipfile.ZipFile(held, "w", zipfile.ZIP_ZSTANDARD) as archive:
    archive.writestr("one", TEXT)
with zipfile.ZipFile(held) as archive:
    print(archive.namelist(), archive.read("one") == TEXT, archive.testzip())

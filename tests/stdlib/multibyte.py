"""The encodings of Chinese, Japanese and Korean."""

import _multibytecodec
import codecs
import hashlib
import io

NAMES = """
    gb2312 gbk gb18030 hz big5 cp950 big5hkscs shift_jis cp932 euc_jp shift_jis_2004 euc_jis_2004
    euc_kr cp949 johab iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_3 iso2022_jp_2004 iso2022_jp_ext
    iso2022_kr
""".split()
SAMPLES = ["abc\n", "漢字かな交じり文", "汉字", "漢字", "한글 뷁", "か゚æ̀", "¥~\\‾", "𠀋", "Ê̄"]

for name in NAMES:
    digest = hashlib.sha256()
    for code in range(0x21, 0x10000, 7):
        digest.update(chr(code).encode(name, "backslashreplace"))
    for lead in range(0x81, 0xFF, 3):
        for trail in range(0x30, 0xFF):
            digest.update(bytes([lead, trail]).decode(name, "replace").encode())
    print(name, digest.hexdigest()[:16])
    for sample in SAMPLES:
        encoded = sample.encode(name, "xmlcharrefreplace")
        print("   ", encoded, ascii(encoded.decode(name)))


def show(f, *args):
    try:
        print(ascii(f(*args)))
    except Exception as e:
        print(type(e).__name__, ascii(e))


def handler(answer):
    def handle(e):
        print("handles", e.start, e.end, e.reason)
        return answer if not callable(answer) else answer(e)

    return handle


codecs.register_error("test.text", handler(lambda e: ("[x]", e.end)))
codecs.register_error("test.bytes", handler(lambda e: (b"\xff", e.end)))
codecs.register_error("test.wrong", handler(3))
codecs.register_error("test.far", handler(("", 100)))
for errors in ("strict", "ignore", "replace", "test.text", "test.bytes", "test.wrong", "test.far", "missing"):
    for name in ("shift_jis", "iso2022_jp", "gb18030"):
        show(codecs.encode, "a\udc80あ\udc80b", name, errors)
        show(codecs.decode, b"a\xff\x82\xa0\x82", name, errors)

encoder = codecs.getincrementalencoder("euc_jis_2004")()
for text in ("æ", "̀", "æ", "b", "æ"):
    show(encoder.encode, text)
    print(encoder.getstate(), encoder.errors)
show(encoder.encode, "", True)
show(encoder.setstate, -1)
show(encoder.setstate, 1 << 200)
show(encoder.setstate, 9)
decoder = codecs.getincrementaldecoder("iso2022_jp")("replace")
for data in (b"\x1b", b"$B", b"$", b'"', b"\x1b(Bx", b"\xff"):
    show(decoder.decode, data)
    print(decoder.getstate(), decoder.errors)
show(decoder.setstate, (b"123456789", 0))
show(decoder.setstate, (b"", "x"))
decoder.reset()
print(decoder.getstate()[0])

raw = "一行\n二行\n三".encode("big5")
for size in (None, 1, 3, 100):
    for method in ("read", "readline", "readlines"):
        reader = codecs.getreader("big5")(io.BytesIO(raw))
        print(size, method, ascii(getattr(reader, method)(size)))
stream = io.BytesIO()
writer = codecs.getwriter("hz")(stream)
writer.write("聊")
writer.writelines(["聊", "a", "天"])
writer.reset()
print(stream.getvalue())
with io.TextIOWrapper(io.BytesIO(raw), "big5") as text:
    print(ascii(text.readlines()))
show(codecs.lookup, "no_such_encoding")


class NoCodec(_multibytecodec.MultibyteIncrementalEncoder):
    codec = 3


show(NoCodec)

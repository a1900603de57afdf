# encode and decode: the native codecs with the standard error handlers.
def show(f, *args, **kw):
    try:
        return ascii(f(*args, **kw))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


CODECS = ["utf-8", "utf8", "UTF_8", "ascii", "us-ascii", "latin-1", "ISO-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
ERRORS = ["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape", "surrogatepass"]
TEXTS = ["", "abc", "é", "日本", "😀", "a\ud800b", "\udc80\udcff", "a\udc80\ud800b", "é日😀", "\uffff\U0010ffff", "\x00\x7f\x80\xff", "\ud83d\ude00"]
DATA = [b"", b"abc", b"\xc3\xa9", b"\xff", b"a\xffb", b"\xc3", b"\xe2\x82", b"\xe2\x82\xac", b"\xed\xa0\x80", b"\xed\xa0\x80\xed\xb0\x80", b"\xf0\x9f\x98\x80", b"\xf0\x9f\x98",
        b"\xc0\x80", b"\xf5\x80\x80\x80", b"\x80\x81", b"ab\x80", b"\xff\xfea\x00", b"\xfe\xff\x00a", b"\x00\xd8", b"\x00\xd8\x00\xdc", b"\x00\xdc", b"\xd8\x00a", b"abcd", b"\xff\xfe\x00\x00a\x00\x00\x00",
        b"\x00\x00\xfe\xff\x00\x00\x00a", b"\x00\x00\x11\x00", b"\x00\xd8\x00\x00", b"a\xe2\x82b\xf0\x9fc\xff\xfed"]
for c in CODECS:
    for e in ERRORS:
        for t in TEXTS:
            print(c, e, ascii(t), show(t.encode, c, e))
        for d in DATA:
            print(c, e, d, show(d.decode, c, e))
for c in CODECS:
    for t in ("", "abc", "é日😀", "x" * 1000 + "é"):
        r = show(t.encode, c, "backslashreplace")
        if "Error" not in r:
            assert eval(r).decode(c) == t or c in ("ascii", "us-ascii", "latin-1", "ISO-8859-1"), (c, t)
print(show("a".encode, "nope"), show(b"a".decode, "nope"), show("é".encode, "ascii", "nope"), show(b"\xff".decode, "ascii", "nope"), show("a".encode, "ascii", "nope"))
print(show("a".encode, 1), show("a".encode, "utf-8", 1), show("a".encode, "a\0"), show(b"a".decode, 1), show(b"a".decode, "utf-8", 1), show("a".encode, encoding="ascii", errors="strict"))
try:
    "a\ud800\udc00b".encode()
except UnicodeEncodeError as e:
    print(e.encoding, ascii(e.object), e.start, e.end, e.reason)
try:
    b"ab\xe2\x82zz".decode()
except UnicodeDecodeError as e:
    print(e.encoding, e.object, e.start, e.end, e.reason)

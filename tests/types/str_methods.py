# Every method of str, on ASCII and beyond.
s = "Hello, World"
print(s.upper(), s.lower(), s.swapcase(), s.title(), "hello".capitalize(), "ß".upper(), "ﬁ".title(), "İ".lower(), "ΑΣ".lower(), "Straße".casefold())
print(s.find("o"), s.rfind("o"), s.find("z"), s.index("W"), s.count("l"), s.count(""), s.find("o", 5), s.find("o", -3), s.rfind("l", 0, 5), "".find(""))
print(s.startswith("He"), s.startswith(("x", "H")), s.endswith("ld"), s.startswith("W", 7), "a".startswith(""), s.endswith("", 20))
print("a,b,,c".split(","), " a  b ".split(), "a b c".split(" ", 1), "a,b,c".rsplit(",", 1), "".split(), "".split(","), "a\nb\r\nc\x0bd\x85e\u2028f".splitlines(), "a\nb\n".splitlines(True), " x ".split(None, 0))
print("-".join("abc"), "".join([]), ", ".join(["one"]), "a-b-c".partition("-"), "a-b-c".rpartition("-"), "abc".partition("x"), "abc".rpartition("x"))
print("  x ".strip() + "|", "xxaxx".strip("x"), "abcba".lstrip("ab"), "abcba".rstrip("ab"), "\t\u3000x\xa0".strip(), "prefix-x".removeprefix("prefix-"), "x.py".removesuffix(".py"), "abc".removeprefix("z"))
print("a-b-a".replace("a", "c"), "aaa".replace("a", "b", 2), "abc".replace("", "-"), "".replace("", "x"), "aaa".replace("aa", "b"), "abc".replace("b", ""))
print("abc".center(9, "*"), "abc".ljust(6) + "|", "abc".rjust(6, "."), "42".zfill(5), "-42".zfill(5), "+x".zfill(4), "a\tb".expandtabs(4), "ab\tc\n\td".expandtabs())
print("abc".isalpha(), "ab1".isalnum(), "12".isdigit(), "²".isdigit(), "²".isdecimal(), "½".isnumeric(), "٣".isdecimal(), int("٣"), " \t".isspace(), "Ab".istitle(), "ab".islower(), "A1".isupper(), "é_1".isidentifier(), "1a".isidentifier(), "a\n".isprintable(), "".isalpha(), "é".isascii(), "".isascii(), "class".isidentifier())
print("abc".translate({97: "X", 98: None, 99: 0x44}), str.maketrans("ab", "xy", "c"), "abcab".translate(str.maketrans("ab", "xy", "c")), str.maketrans({"a": 1}))
print("é".encode(), "é".encode("latin-1"), "é".encode("ascii", "replace"), "é€".encode("ascii", "xmlcharrefreplace"), "é".encode("ascii", "backslashreplace"), "x".encode("utf-16-le"), "é".encode("ascii", "ignore"), "\ud800".encode("utf-8", "surrogatepass"))
print("a" * 3, 0 * "a", -1 * "a", "a" + "b", "ab" "cd", "a" in "cat", "" in "a", "z" not in "a", "abc"[::-1], "abc"[1:], len("🐍é"), "🐍"[0], min("bca"), sorted("bca"), list("é🐍"))
print("a" < "b", "a" < "B", "abc" < "abd", "é" > "z", "" < "a", "10" < "9", "🐍" > "\uffff", "a" == "a\0")
print(repr("it's"), repr('"'), repr("'\""), repr("\n\t\\\x00\x7f\xe9\u200b\U0001f40d\ud800"), ascii("é🐍"), str(b"a"), "\u0130".casefold())
for bad in ("'a'.index('b')", "'a'.join([1])", "'a' * 'b'", "'a'.split('')", "''.center()", "'a'.encode('nope')", "'é'.encode('ascii')", "'ab'.center(5, 'xy')", "'a'.startswith(1)", "'a'.replace(1, 2)", "'%d' % 'x'", "'%s' % (1, 2)", "'%s %s' % 1", "'%q' % 1", "'%(a)s' % 1", "'{'.format()", "'{0}'.format()", "'{a}'.format()", "'{} {0}'.format(1)", "'{:d}'.format('x')"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
class S(str):
    def __str__(self): return "custom"
x = S("ab"); print(x + "c", type(x + "c"), str(x), f"{x}", "%s" % x, x.upper(), type(x[:]), x == "ab", hash(x) == hash("ab"), {x: 1}["ab"], "".join([x]))

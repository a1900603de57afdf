# re: syntax, methods, flags, errors.
import re
print(re.findall(r"\b(\w)(\w*)\b", "hello big world"), re.sub(r"(?P<a>\w)(\w)", r"\2\g<a>", "abcd"), re.split(r"([,;])\s*", "a, b;c"), re.fullmatch(r"\d{2,4}", "123").span(), re.match("x", "y"), re.search(r"(?<=a)b(?!c)", "abc abd").start())
m = re.match(r"(?P<y>\d+)-(?P<m>\d+)(-(\d+))?", "2024-05"); print(m.groups(), m.groupdict(), m["y"], m.group(1, 2), m.span("m"), m.lastgroup, m.lastindex, m.expand(r"\g<m>/\1"), m, m.re.groups, m.pos, m.endpos, m.start(4))
print(re.sub("a", lambda m: m[0].upper() + str(m.start()), "banana"), re.subn("a", "b", "aaa", 2), re.escape("a.b*c"), re.findall("(?i)AbC", "abcABC"), re.findall("^.", "ab\ncd", re.M), re.findall(".+", "ab\ncd", re.S), re.findall(r"a # c" "\n b", "ab", re.X), [m.span() for m in re.finditer("", "ab")], re.split("", "abc"), re.sub("x*", "-", "abxd"))
print(re.findall(r"(a|ab)(c|bcd)(d*)", "abcd"), re.match(r"(a*?)(a*)", "aaa").groups(), re.match(r"(?>a+)b", "aab"), re.match(r"a++a", "aaa"), re.match(r"(?:(a)|b)*", "abab").groups(), re.match(r"(\w+) \1", "the the").group(), re.match(r"(?(1)a|b)" if False else r"(<)?x(?(1)>|$)", "<x>").group(), re.findall(r"[^\W\d_]+", "aé1_ß"), re.findall(r"[\]a\-z]", "]-z"), re.match(r"\A\Z", "").span(), re.findall(r"\d+(?=%)", "5% 6"))
print(re.compile(b"\\xff+").findall(b"a\xff\xffb"), re.compile("É", re.I).match("é") is not None, re.match("(?a:\\w)", "é"), re.findall(r"\s", "\u3000 x"), re.compile("a|b", re.I | re.M), re.compile("x").pattern, re.purge())
for bad in ("(", "[", "*a", "a**", "(?P<1>a)", "(?P<a>)(?P<a>)", r"\1", "(?<=a*)", "[z-a]", "(?z)", "a{3,2}", r"\q", "(?P=no)", "x)", "(?(2)a)"):
    try: re.compile(bad); print(bad, "ok")
    except re.error as e: print(bad, "->", e.msg, e.pos)
try: re.match("a", b"a")
except TypeError as e: print(e)
p = re.compile("(b)"); print(p.search("abab", 2), p.match("ab", 1), p.sub(r"[\1]", "abc"), p.fullmatch("ab", 1, 2), bool(p.scanner("b").match()), re.sub(r"(?m)^", "> ", "a\nb"))

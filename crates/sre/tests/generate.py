"""Writes the test cases of this crate; needs CPython 3.13 and its test suite.

    python3 generate.py LIB suite > data/suite.txt
    python3 generate.py LIB fuzz SEED COUNT > /tmp/fuzz.txt
    TAIPAN_SRE_CASES=/tmp/fuzz.txt cargo test -p taipan-sre --test cases

LIB is the `Lib` of CPython 3.14: its `re` gives the code words (3.13 has the
same operators), and the running CPython's `_sre` what they should match.

A pattern is a line `P groups words...`, preceded by a comment with its
source. Each line behind it is a run of it:
`mode kind pos endpos subject = result`, where mode is m(atch), f(ullmatch),
s(earch) or i (finditer), kind is s(tr) or b(ytes), the subject is hex code
points with dots between, and the result is a match for each that was found:
`/lastindex/start,end/start,end...`, a group that took no part being `-`.
"""

import random
import shutil
import signal
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")


POSSESSIVE = (28,)


def load_re(lib):
    folder = tempfile.mkdtemp()
    shutil.copytree(lib + "/re", folder + "/re314")
    sys.path.insert(0, folder)
    import re314
    import re314._compiler
    import re314._parser
    return re314


def spans(m):
    out = ["", str(m.lastindex or 0)]
    for group in range(m.re.groups + 1):
        s, e = m.span(group)
        out.append("-" if s < 0 else f"{s},{e}")
    return "/".join(out)


class Slow(Exception):
    pass


def alarm(*_):
    raise Slow


signal.signal(signal.SIGALRM, alarm)


class Writer:
    def __init__(self, lib):
        self.re = load_re(lib)
        self.seen = set()
        self.last = None

    def compiled(self, pattern, flags):
        p = self.re._parser.parse(pattern, flags)
        code = self.re._compiler._code(p, flags)
        return self.re._compiler.compile(pattern, flags), p.state.groups - 1, code

    def case(self, pattern, flags, subject, modes="mfsi", pos=0, endpos=None):
        flags = int(flags) & ~128
        if isinstance(subject, (bytearray, memoryview)):
            subject = bytes(subject)
        if len(subject) > 3000 or type(pattern) is not type(subject):
            return
        key = (pattern, flags, subject, pos, endpos, modes)
        if key in self.seen:
            return
        self.seen.add(key)
        try:
            with_flags, groups, code = self.compiled(pattern, flags)
        except (self.re.error, OverflowError, ValueError, RecursionError):
            return
        if len(code) > 4000:
            return
        source = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
        if "\\B" in source and (not subject or endpos == 0):
            return  # 3.14 made \B match in an empty subject
        if source.startswith("(?a:\\W(?u:"):
            modes = "mf"  # the INFO block of this one is wrong, so CPython does not find it
        if "+" in source and groups and any(op in code for op in POSSESSIVE):
            # 3.13 sometimes forgets what a possessive repeat's groups matched.
            return
        lines = []
        end = len(subject) if endpos is None else endpos
        kind = "s" if isinstance(subject, str) else "b"
        data = subject if kind == "b" else [ord(c) for c in subject]
        text = ".".join(format(c, "x") for c in data)
        for mode in modes:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                if mode == "i":
                    found = list(with_flags.finditer(subject, pos, end))
                else:
                    method = {"m": "match", "f": "fullmatch", "s": "search"}[mode]
                    m = getattr(with_flags, method)(subject, pos, end)
                    found = [m] if m else []
                signal.setitimer(signal.ITIMER_REAL, 0)
                result = " ".join(spans(m) for m in found)
            except Slow:
                return
            except SystemError:
                continue  # CPython's own troubles with marks
            lines.append(f"{mode} {kind} {pos} {end} {text} = {result}")
        if self.last != (pattern, flags):
            print("#", ascii(pattern), flags)
            print("P", groups, *map(int, code))
            self.last = (pattern, flags)
        print(*lines, sep="\n")


EXTRA = [
    # pattern, flags, subjects
    (r"\B", 0, ["a", "ab", " ", "a b"]),
    (r"\b", 0, ["a", "ab", " a", "a b", "\u0431 \u0431"]),
    (r"(?:a|b)*c", 0, ["ababc", "abab", "c"]),
    (r"(a|b)*c", 0, ["ababc", "abab", "c", "xxabc"]),
    (r"(a|b)*?c", 0, ["ababc", "abab", "c"]),
    (r"(?:(a)|b)*", 0, ["ab", "ba", "aab"]),
    (r"(?:(a)|(b))*?$", 0, ["ab", "ba", "aab"]),
    (r"(a?)*", 0, ["aa", "b"]),
    (r"(a?)+b", 0, ["aab", "b", "aa"]),
    (r"(a?)*?b", 0, ["aab", "b", "aa"]),
    (r"(?:a?){3,5}b", 0, ["aab", "aaaaaab", "b"]),
    (r"(?:ab){2,3}?c", 0, ["ababababc", "ababc", "abc"]),
    (r"(a|ab)(c|bcd)(d*)", 0, ["abcd", "acd"]),
    (r"(?>a|ab)c", 0, ["abc", "ac"]),
    (r"(?>a*)ab", 0, ["aaab"]),
    (r"(?>(a+)b?)(a*)", 0, ["aaba", "aaa"]),
    (r"a*+a", 0, ["aaa"]),
    (r"(?:ab)*+a", 0, ["ababa", "abab"]),
    (r"(?:ab?)*+b", 0, ["abab", "aab"]),
    (r"(?:(a)|b)*+(c)?", 0, ["abac", "ab"]),
    (r"(a{1,3}){2,3}+a", 0, ["aaaaaaaaaa", "aaaa"]),
    (r"(?:a?)*+b", 0, ["aab", "b"]),
    (r"((a)|b)*\2", 0, ["aba", "abaa", "bb"]),
    (r"(?=(a+))a*b\1", 0, ["baaabac", "aaab"]),
    (r"(?!(a)b)a", 0, ["ab", "ac"]),
    (r"(?<=ab)c", 0, ["abc", "c", "xabcc"]),
    (r"(?<!ab)c", 0, ["abc", "c", "xabcc"]),
    (r"(?<=[ab])c", 0, ["abc", "c", "xc"]),
    (r"(?<![ab])c", 0, ["abc", "c", "xc"]),
    (r"(?<=(a)|(b))c", 0, ["ac", "bc", "cc"]),
    (r"(a)?(?(1)b|c)", 0, ["ab", "c", "ac", "b"]),
    (r"(a)?(?(1)b)d", 0, ["abd", "d", "ad"]),
    (r"(?(1)b|c)(a)?", 0, ["c", "b"]) ,
    (r"^abc$", 8, ["abc", "x\nabc\ny", "abc\n", "abc\nabc"]),
    (r"$", 0, ["", "a\n", "a\n\n"]),
    (r"$", 8, ["", "a\n", "a\n\nb"]),
    (r"\Aab\Z", 0, ["ab", "ab\n"]),
    (r"[^\s\S]", 0, ["a"]),
    (r"[\s\S]+", 0, ["a\nb"]),
    (r"[^\s\S]*a", 0, ["ba"]),
    (r"\w+", 0, ["foo bar", "\u0444\u0443 \u4e2d\u6587_9", "\U0001d400a"]),
    (r"\w+", 256, ["foo \u0444bar"]),
    (r"\W+\d", 0, ["ab ,.1", "\u0660 \u0661"]),
    (r"\d+", 0, ["12\u0660\uff11a"]),
    (r"\s+", 0, ["a \t\u3000\u00a0\x1c b"]),
    (r"[\u0430-\u044f]+", 2, ["\u0410\u0411\u0432x"]),
    (r"[\u0430-\u044fk\U00010400-\U00010410]+", 2, ["\u0410\u212a\u0432\U00010428x"]),
    (r"[^\u0430-\u044f\u4e00\u3000]+", 0, ["\u0410bc\u0432x\U00010428"]),
    (r"[a\u0101\u0203\u0305\u1007]+", 0, ["\u0101\u0203\u0305\u1007a\u1008"]),
    (r"\u017f|\u212a|\u0130", 2, ["sS", "kK", "i\u0131I", "\u0130\u017f\u212a"]),
    (r"stra\u00dfe", 2, ["STRA\u00dfE", "STRA\u1e9eE"]),
    (r"(\u0430b+)\1", 2, ["\u0430b\u0410B"]),
    (r"(ab)\1", 258, ["abAB"]),
    (r"[^b]x", 2, ["ax", "Bx"]),
    (r"(foo|bar|baz|quux)\d", 0, ["foo1", "xbaz2", "quux", "ba baz3"]),
    (r"foo|bar|baz", 0, ["xx bar foo", "ba"]),
    (r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"", 0, ['x "a\\"b" y', '"abc']),
    (r"(?P<year>\d{4})-(?P<m>\d\d)-(\d\d)", 0, ["on 2024-01-31 and 1999-12-01"]),
    (r".*?(\d+)$", 0, ["abc 123", "1 2 3\n4"]),
    (r".*\n", 0, ["abc\ndef\n", "abc"]),
    (r".*x", 16, ["ab\nxy", "abc"]),
    (r"(.)(.)?(.)??$", 0, ["a", "ab", "abc", "abcd"]),
    (r"(?i:a)b(?-i:c)", 0, ["Abc", "ABc"]),
    (r"(?i:\u00e9)+", 0, ["\u00c9\u00e9e"]),
    (r"x*", 0, ["axxb", "", "xx"]),
    (r"a*?", 0, ["aab"]),
    (r"\b|:+", 0, ["a::bc"]),
    (r"(?=.)|b", 0, ["abc"]),
    (r"((x)|(y)|(z))*", 0, ["xyz", "zyx", "w"]),
    (r"(?:(x)|(y)){2}(?(1)a|b)", 0, ["xya", "yyb", "yxa", "yyа"]),
    (r"a{0}b", 0, ["ab"]),
    (r"(?:a{0,2}){2}", 0, ["aaaaa"]),
    (r"(a{2,3}?)(a*)", 0, ["aaaaa"]),
    (r"\w+@\w+\.com", 0, ["aaa bbb@ccc.com", "aaa@bbb.cox"]),
    (r"\w+\b!", 0, ["abc!", "abc d!"]),
    (r"[^,]*,", 0, ["abc,d,,e"]),
    (r"[a-c]+d|[b-e]+f", 0, ["abcef", "bbbf", "abd"]),
    (rb"[\x80-\xff]+\w", 0, [b"a\x80\xffb"]),
    (rb"\w+", 4, [b"ab\xe9c"]),
    (rb"[A\xe9]+b", 6, [b"a\xe9aB", b"\xc9a"]),
    (rb"[^a]+", 6, [b"A\xe9bB"]),
    (rb"(a\xe9)\1", 6, [b"a\xe9A\xe9"]),
    (rb"(?i:A)\b", 4, [b"a ", b"ab"]),
    (rb"\x00+a", 0, [b"\0\0a"]),
    ("a\u0100b", 0, ["a\0b", "a\u0100b"]),
]


def suite(lib):
    writer = Writer(lib)
    for pattern, flags, subjects in EXTRA:
        for subject in subjects:
            writer.case(pattern, flags, subject)
            if len(subject) > 2:
                writer.case(pattern, flags, subject, "ms", 1, len(subject) - 1)
    from test import re_tests
    for test in re_tests.tests:
        pattern, subject = test[0], test[1]
        for flags in (0, 2, 8, 16, 256):
            writer.case(pattern, flags, subject)
        try:
            writer.case(pattern.encode("latin-1"), 0, subject.encode("latin-1"))
            writer.case(pattern.encode("latin-1"), 6, subject.encode("latin-1"))
        except UnicodeEncodeError:
            pass
    # What test_re gives to the functions of `re`.
    import re
    import unittest
    calls = []

    def recording(name):
        real = getattr(re, name)
        subject_at = 2 if name in ("sub", "subn") else 1

        def wrapper(pattern, *args, **kwargs):
            try:
                flags = int(kwargs.get("flags", 0))
                if name in ("match", "fullmatch", "search", "findall", "finditer"):
                    flags = int(args[1]) if len(args) > 1 else flags
                if isinstance(pattern, re.Pattern):
                    pattern, flags = pattern.pattern, pattern.flags & ~32
                calls.append((pattern, flags, args[subject_at - 1]))
            except (LookupError, TypeError, AttributeError, ValueError):
                pass
            return real(*((pattern,) + args), **kwargs)
        return wrapper

    for name in ("match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn"):
        setattr(re, name, recording(name))
    from test import test_re
    quick = unittest.TestSuite()
    for case in unittest.defaultTestLoader.loadTestsFromTestCase(test_re.ReTests):
        if not any(part in case.id() for part in ("large", "interrupt", "timeout", "memory")):
            quick.addTest(case)
    unittest.TextTestRunner(stream=open("/dev/null", "w")).run(quick)
    for pattern, flags, subject in calls:
        if type(pattern) in (str, bytes) and type(subject) in (str, bytes):
            writer.case(pattern, flags, subject)


def random_pattern(rnd, depth, groups):
    def atom():
        k = rnd.randrange(20)
        if k < 8:
            return rnd.choice("aabbcd")
        if k == 8:
            return "."
        if k == 9:
            return rnd.choice(["[ab]", "[^a]", "[a-c]", r"[^\w]", r"[\wé]", "[бв]", "[^\n]", "[a-zа-я]"])
        if k == 10:
            return rnd.choice([r"\w", r"\W", r"\d", r"\s", r"\b", r"\B", "^", "$", r"\Z", r"\A"])
        if k == 11 and groups[0]:
            n = rnd.randrange(groups[0]) + 1
            return rf"(?:\{n})" if rnd.random() < .6 else f"(?({n})a|b)"
        if depth <= 0:
            return rnd.choice(["ab", "a", "б"])
        inner = random_pattern(rnd, depth - 1, groups)
        if k < 15:
            # A group can be referred to once it is closed.
            out = "(" + inner + ")"
            groups[0] += 1
            return out
        return {15: "(?:%s)", 16: "(?=%s)", 17: "(?!%s)", 18: "(?>%s)",
                19: rnd.choice(["(?:%s)", "(?i:%s)", "(?<=a)%s", "(?<!b)%s", "(?<=ab)%s", "(?<!(?:a|b)c)%s"])
                }.get(k, "(?:%s)") % inner

    parts = []
    for _ in range(rnd.randrange(1, 4)):
        a = atom()
        if rnd.random() < .45 and a not in ("^",):
            a = (a if len(a) == 1 or a[0] in "([\\" else f"(?:{a})")
            a += rnd.choice(["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}"])
            a += rnd.choice(["", "", "", "?", "?", "+"])
        parts.append(a)
    out = "".join(parts)
    if rnd.random() < .3 and depth > 0:
        out += "|" + random_pattern(rnd, depth - 1, groups)
    return out


def fuzz(lib, seed, count):
    writer = Writer(lib)
    rnd = random.Random(seed)
    for _ in range(count):
        pattern = random_pattern(rnd, 3, [0])
        flags = rnd.choice([0, 0, 0, 2, 8, 16, 256, 258])
        as_bytes = rnd.random() < .2
        if as_bytes:
            try:
                pattern = pattern.encode("latin-1")
            except UnicodeEncodeError:
                continue
            flags = rnd.choice([0, 2, 4, 6, 8])
        for _ in range(4):
            alphabet = rnd.choice(["ab", "abc", "abcd \n", "abAB_1", "abбé", "abб\U0001d400 "])
            subject = "".join(rnd.choice(alphabet) for _ in range(rnd.randrange(0, 12)))
            if as_bytes:
                subject = subject.encode("latin-1", "replace")
            writer.case(pattern, flags, subject)
            if rnd.random() < .2:
                start = rnd.randrange(len(subject) + 1)
                writer.case(pattern, flags, subject, "msi", start,
                            rnd.randrange(start, len(subject) + 1))


if __name__ == "__main__":
    if sys.argv[2] == "suite":
        suite(sys.argv[1])
    else:
        fuzz(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]))

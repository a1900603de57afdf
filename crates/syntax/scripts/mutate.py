"""mutate.py OUT COUNT SEED FOLDER: breaks pieces of Python files at random."""

import ast
import os
import random
import re
import sys
import textwrap
import warnings

TOKEN = re.compile(
    r"""[ \t]+|\n[ \t]*|\#[^\n]*|[A-Za-z_]\w*|\d[\w.]*|\"\"\"|'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    r"""|\*\*=|//=|<<=|>>=|\.\.\.|[-+*/%&|^@=<>!:]=|->|\*\*|//|<<|>>|."""
)
POOL = """( ) [ ] { } , : ; . = == := + - * ** / // @ | & ^ ~ < > <= != -> ... ! $ ? if else elif for
in while def class return import from as with try except finally lambda not and or is None True
False await async yield pass break continue raise del global nonlocal assert match case type _ print
x y foo 1 2.0 3j 0x 'a' "b" f'{x}' f'{x!r:>{y}}' b'c' rb'\\d' u'z' t'{x}' f'{' '''q''' *a **k x=1 *=
é € ' " f" 0777 1_ 1if '\\N{x}' '\\xz' '\\d' except* lambda: *args {a:b} {**a} (yield) a.b a[b] f(x) -1
1+2j pass""".split() + [
    "\n", "\n  ", "\n    ", "  ", "\t", "\\\n", "# c\n", "print x", "not in", "is not", "lambda x:",
    "(x for x in y)", "x for x in y", "[i for i in j]", "x if y", "x := 1", "import a, b",
    "from . import c", "async for z in w", "if x:\n  ", "else:\n  ", "try:\n  ", "except:\n  ",
]  # fmt: skip


def pieces(source):
    """Some statements of a source."""
    lines = source.split("\n")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.end_lineno - n.lineno < 12]
    random.shuffle(nodes)
    for node in nodes[:60]:
        yield textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))


def broken(source):
    tokens = TOKEN.findall(source)
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        if not tokens:
            break
        at, what = random.randrange(len(tokens)), random.random()
        if what < 0.3:
            del tokens[at]
        elif what < 0.55:
            tokens[at] = random.choice(POOL)
        elif what < 0.8:
            tokens.insert(at, " " + random.choice(POOL) + " ")
        elif what < 0.9:
            other = random.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens = tokens[: at + 1]
    return "".join(tokens)


def main(out, count, seed, folder):
    warnings.simplefilter("ignore")
    random.seed(int(seed))
    files = [os.path.join(at, f) for at, _, fs in os.walk(folder) for f in fs if f.endswith(".py")]
    files.sort()
    random.shuffle(files)
    found = set()
    while len(found) < int(count):
        try:
            with open(random.choice(files), encoding="utf-8") as file:
                source = file.read()
        except ValueError:
            continue
        for piece in pieces(source):
            if len(piece) < 1500 and "\0" not in piece:
                mode = random.choice(["exec"] * 8 + ["single", "eval", "types"])
                found.add((mode, broken(piece)))
    with open(out, "w") as lines:
        for mode, source in sorted(found)[: int(count)]:
            lines.write("%s %s\n" % (mode, source.encode("utf-8", "surrogatepass").hex()))


main(*sys.argv[1:])

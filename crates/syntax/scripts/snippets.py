"""What CPython makes of the sources in a file; see README.md. Run by oracle.mjs."""

import ast
import sys
import warnings
import zlib

MODES = {"types": "exec", "codeop": "single"}
KINDS = {
    "SyntaxError": "Syntax",
    "IndentationError": "Indentation",
    "TabError": "Tab",
    "_IncompleteInputError": "IncompleteInput",
    "MemoryError": "Memory",
    "RecursionError": "Recursion",
    "ValueError": "Value",
    "OverflowError": "Overflow",
}


def hexed(text):
    return text.encode("utf-8", "surrogatepass").hex()


def checksum(tree):
    dump = ast.dump(tree, include_attributes=True)
    return "%08x" % zlib.crc32(dump.encode("utf-8", "surrogatepass"))


def answer(mode, source):
    flags = ast.PyCF_ONLY_AST
    if mode == "types":
        flags |= ast.PyCF_TYPE_COMMENTS
    if mode == "codeop":
        flags |= 0x4200  # allow incomplete input, do not imply dedent
    version = int(mode[2:]) if mode.startswith("fv") else -1
    mode = "exec" if version >= 0 else MODES.get(mode, mode)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = compile(
                source, "<string>", mode, flags, dont_inherit=True, _feature_version=version
            )
        except SyntaxError as e:
            text = "None" if e.text is None else hexed(e.text)
            kind = KINDS[type(e).__name__]
            place = (e.lineno, e.offset, e.end_lineno, e.end_offset)
            return "|".join(map(str, (kind, hexed(e.msg), *place, text)))
        except Exception as e:
            return "%s|%s||||||" % (KINDS.get(type(e).__name__, type(e).__name__), hexed(str(e)))
        warned = ",".join("%s@%d" % (hexed(str(w.message)), w.lineno) for w in caught)
        return "ok %s %s" % (checksum(tree), warned)


def snippets(path, out):
    with open("/host" + path) as lines, open("/host" + out, "w") as results:
        for line in lines:
            mode, _, digits = line.strip().partition(" ")
            results.write(answer(mode, bytes.fromhex(digits).decode()) + "\n")


def files(path, out):
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    with open("/host" + path) as names, open("/host" + out, "w") as results:
        for name in names.read().split():
            try:
                with open("/host" + name, "rb") as file:
                    result = checksum(ast.parse(file.read()))
            except Exception as e:
                result = "error %r" % e
            results.write("%s\t%s\n" % (name, result))


if ARGV[0] == "--files":
    files(ARGV[1], ARGV[2])
else:
    snippets(ARGV[0], ARGV[1])

"""re as a tokenizer: one large alternation with named groups over source text."""

import re

TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<float>\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
  | (?P<int>0[xX][0-9a-fA-F]+|\d+)
  | (?P<keyword>\b(?:if|else|while|for|return|def|class|in|not|and|or)\b)
  | (?P<name>[^\W\d]\w*)
  | (?P<operator>\*\*|//|<<|>>|[<>=!]=|->|[-+*/%=<>&|^~(){}\[\],.:;@])
  | (?P<newline>\n)
  | (?P<blank>[ \t]+)
  | (?P<other>.)
    """,
    re.VERBOSE,
)


def make_source(functions):
    lines = []
    for n in range(functions):
        lines.append(f"def function_{n}(first, second={n}, *rest):  # number {n}")
        lines.append(f"    if first >= {n}.5e-3 and not second == 0x{n:x}:")
        lines.append(f"        return \"text {n} with \\\"quotes\\\"\" + 'more' * (first ** {n})")
        lines.append(f"    while second << {n % 5}: second -= rest[{n}].größe // 3")
    return "\n".join(lines)


def tokens(source):
    for match in TOKEN.finditer(source):
        kind = match.lastgroup
        if kind not in ("blank", "comment"):
            yield kind, match.group(), match.start()


def scan_by_match(source):
    at, count = 0, 0
    match = TOKEN.match
    while at < len(source):
        found = match(source, at)
        at = found.end()
        count += 1
    return count


source = make_source(8000)
counts = {}
for kind, text, start in tokens(source):
    counts[kind] = counts.get(kind, 0) + 1
print(sorted(counts.items()))
print(scan_by_match(source))

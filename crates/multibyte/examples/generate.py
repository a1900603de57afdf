"""Writes src/patches.bin: how Python's multibyte encodings differ from those of the web.

Run with a CPython 3.13, after `cargo run -p taipan-multibyte --example bases -- FILE`, and with that file's name.

Numbers are written seven bits a byte, the lowest first, the eighth bit saying that more follow; signed ones with the
sign as the lowest bit. Each encoding has, in the order of the list in src/tables.rs:

- the planes (one or two), as runs that differ from the base: how many runs; for each the places to skip, four times
  the length plus its kind (0: every value as the difference to the one before, 1: nothing there, 2: ascending from
  one value on), the values. Values above 0x110000 are pairs of characters, by their number.
- what each single byte is, in the same form: 0 wrong, 1 leads a pair, 2 leads three bytes, else the character plus 3.
- the pairs: how many; both characters.
- characters that are encoded otherwise than the first place in the tables says: how many; for each the distance to
  the one before, and the bytes as a number (0: can't be encoded).

Before all that stand the places of these sections, four bytes each, and that of the ranges.

At last the ranges of four-byte codes of gb18030: how many; distance from the end of the range before in characters,
the same in codes, and the length.
"""

import pathlib
import struct
import sys

LEADS, TRAILS = range(0x81, 0xFF), range(0x31, 0xFF)
WIDTH, SIZE = len(TRAILS), len(LEADS) * len(TRAILS)
raw = pathlib.Path(sys.argv[1]).read_bytes()
WEB = [struct.unpack_from(f"<{SIZE}I", raw, n * SIZE * 4) for n in range(len(raw) // (SIZE * 4))]
ENCODINGS = [
    ("shift_jis", [1]), ("cp932", [1]), ("euc_jp", [2, 3]), ("euc_jis_2004", [("euc_jp", 0), 0]),
    ("euc_jisx0213", [("euc_jis_2004", 0), ("euc_jis_2004", 1)]), ("shift_jis_2004", ["euc_jis_2004"]),
    ("shift_jisx0213", [("shift_jis_2004", 0)]), ("euc_kr", [4]), ("cp949", [4]), ("johab", [0]), ("gb2312", [5]),
    ("gbk", [5]), ("gb18030", [6]), ("big5", [7]), ("cp950", [7]), ("big5hkscs", [7]),
]
PAIR = 0x110000
SECOND_ROWS = [1, 8, 3, 4, 5, 12, 13, 14, 15] + list(range(78, 95))


def number(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def signed(n):
    return number(-n * 2 - 1 if n < 0 else n * 2)


def place(lead, trail):
    return (lead - 0x81) * WIDTH + trail - 0x31


def runs(base, wanted):
    """What makes `wanted` from `base`."""
    found, at, end = [], 0, 0
    previous = 0
    while at < len(wanted):
        if base[at] == wanted[at]:
            at += 1
            continue
        start = at
        if wanted[at] == 0:
            while at < len(wanted) and wanted[at] == 0:
                at += 1
            while base[at - 1] == 0:
                at -= 1
            found.append(number(start - end) + number((at - start) * 4 + 1))
        else:
            while at < len(wanted) and wanted[at] == wanted[start] + at - start:
                at += 1
            if at - start >= 3:
                found.append(number(start - end) + number((at - start) * 4 + 2) + signed(wanted[start] - previous))
                previous = wanted[at - 1]
            else:
                at = start
                values = b""
                while at < len(wanted) and base[at] != wanted[at] != 0:
                    ahead = wanted[at : at + 4]
                    if ahead == list(range(ahead[0], ahead[0] + 4)):
                        break
                    values += signed(wanted[at] - previous)
                    previous = wanted[at]
                    at += 1
                if at == start:
                    values, at = signed(wanted[at] - previous), at + 1
                    previous = wanted[start]
                found.append(number(start - end) + number((at - start) * 4) + values)
        end = at
    return number(len(found)) + b"".join(found)


def decode(data, name):
    try:
        return data.decode(name), None
    except UnicodeDecodeError as e:
        return None, e.reason


def shifted(planes):
    """Two planes of 94 by 94 as Shift JIS arranges them."""
    out = [0] * SIZE
    for index, lead in enumerate([*range(0x81, 0xA0), *range(0xE0, 0xFD)]):
        for trail in [*range(0x40, 0x7F), *range(0x80, 0xFD)]:
            cell = trail - 0x40 - (trail > 0x7F)
            row, cell = index * 2 + cell // 94, cell % 94
            plane, row = (planes[0], row + 1) if row < 94 else (planes[1], SECOND_ROWS[row - 94])
            out[place(lead, trail)] = plane[place(0xA0 + row, 0xA1 + cell)]
    return out


tables = {}
out = b""
sections = []
for name, bases in ENCODINGS:
    size = len(out)
    sections.append(size)
    singles, pairs, planes = [], [], []
    for byte in range(256):
        text, reason = decode(bytes([byte]), name)
        if text is not None:
            singles.append(ord(text) + 3)
        elif "incomplete" not in reason or byte in (0x80, 0xFF):
            # These two never lead anything that there is.
            singles.append(0 if "incomplete" not in reason else 1)
        else:
            singles.append(2 if len(bases) == 2 and byte == 0x8F else 1)
    for plane, base in enumerate(bases):
        wanted = [0] * SIZE
        for lead in LEADS:
            if plane == 0 and singles[lead] != 1:
                continue
            for trail in TRAILS:
                data = b"\x8f" * plane + bytes([lead, trail])
                text, _ = decode(data, name)
                if text is None or text and ord(text[0]) < 128 and text[0] == chr(trail):
                    continue
                if len(text) == 1:
                    wanted[place(lead, trail)] = ord(text)
                else:
                    wanted[place(lead, trail)] = PAIR + len(pairs)
                    pairs.append(text)
        if name == "euc_kr":
            wanted[place(0xA4, 0xD4)] = 0x3164
        match base:
            case int():
                start = WEB[base]
            case str():
                start = shifted(tables[base])
            case (other, n):
                start = tables[other][n]
        out += runs(start, wanted)
        planes.append(wanted)
    tables[name] = planes
    out += runs([0] * 256, singles)
    out += number(len(pairs)) + b"".join(number(ord(c)) for pair in pairs for c in pair)
    codes = {}
    for plane, prefix in reversed(list(zip(planes, (0, 0x8F0000)))):
        for at in reversed(range(SIZE)):
            if 0 < plane[at] < PAIR:
                codes[plane[at]] = prefix | (0x81 + at // WIDTH) << 8 | 0x31 + at % WIDTH
    for byte in reversed(range(256)):
        if singles[byte] > 2:
            codes[singles[byte] - 3] = byte
    patches, previous = [], 0
    for code in range(0x110000):
        try:
            data = chr(code).encode(name)
        except UnicodeEncodeError:
            data = b""
        if len(data) > 3:
            data = b""
        wanted = int.from_bytes(data)
        if codes.get(code, 0) != wanted:
            patches.append(number(code - previous) + number(wanted))
            previous = code
    out += number(len(patches)) + b"".join(patches)
    print(name, len(out) - size, "bytes,", len(pairs), "pairs,", len(patches), "encoded otherwise")

ranges = []
for code in range(0x10000):
    try:
        data = chr(code).encode("gb18030")
    except UnicodeEncodeError:
        continue
    if len(data) == 4:
        a, b, c, d = data
        linear = (((a - 0x81) * 10 + b - 0x30) * 126 + c - 0x81) * 10 + d - 0x30
        if ranges and ranges[-1][0] + ranges[-1][2] == code and ranges[-1][1] + ranges[-1][2] == linear:
            ranges[-1][2] += 1
        else:
            ranges.append([code, linear, 1])
sections.append(len(out))
out += number(len(ranges))
ranges.sort(key=lambda r: r[1])
code = linear = 0
for first, at, length in ranges:
    out += signed(first - code) + number(at - linear) + number(length)
    code, linear = first + length, at + length
print(len(ranges), "ranges of gb18030")
path = pathlib.Path(__file__).parent.parent / "src/patches.bin"
head = b"".join(struct.pack("<I", len(sections) * 4 + at) for at in sections)
out = head + out
path.write_bytes(out)
print(len(out), "bytes")

"""bytes, bytearray, memoryview and struct: packets, checksums, run lengths."""

import struct

HEADER = struct.Struct(">HBBIq")


def packets(count):
    out = bytearray()
    for n in range(count):
        body = struct.pack("<if4s", n, n / 4, b"abcd")
        out += HEADER.pack(len(body), n % 7, n % 256, n * n % 2**32, -n)
        out += body
    return bytes(out)


def read(data):
    at, total, kinds = 0, 0, [0] * 7
    view = memoryview(data)
    while at < len(view):
        size, kind, low, square, negative = HEADER.unpack_from(view, at)
        at += HEADER.size
        number, quarter, name = struct.unpack("<if4s", view[at : at + size])
        at += size
        kinds[kind] += 1
        total += low + square % 10 + negative + number + quarter + len(name)
    return total, kinds


def crc32(data):
    table = []
    for n in range(256):
        for _ in range(8):
            n = 0xEDB88320 ^ n >> 1 if n & 1 else n >> 1
        table.append(n)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def pack_runs(data):
    out = bytearray()
    at = 0
    while at < len(data):
        end = at + 1
        while end < len(data) and end - at < 255 and data[end] == data[at]:
            end += 1
        out.append(end - at)
        out.append(data[at])
        at = end
    return bytes(out)


def unpack_runs(data):
    return b"".join(data[i + 1 : i + 2] * data[i] for i in range(0, len(data), 2))


def hexdump(data):
    lines = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        lines.append(f"{at:08x} {row.hex(' '):47} {text}")
    return "\n".join(lines)


def main():
    data = packets(200_000)
    print(len(data), read(data))
    print(f"{crc32(data[:1_500_000]):08x}")
    runs = bytes(n * n // 97 % 5 for n in range(600_000))
    packed = pack_runs(runs)
    print(len(packed), unpack_runs(packed) == runs)
    print(len(hexdump(data[:150_000])), data.count(b"abcd"), data.find(b"\xff\xff"))
    table = bytes(range(255, -1, -1))
    print(data.translate(table)[:6], bytes.fromhex(data[:20].hex()) == data[:20])
    array = bytearray(400_000)
    for i in range(len(array)):
        array[i] = (array[i - 1] * 5 + i) & 255
    print(sum(array), int.from_bytes(array[:20], "little"), (12345).to_bytes(5, "big"))


main()

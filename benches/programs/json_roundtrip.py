"""JSON: dumps and loads of nested data, with hooks, indentation and escapes."""

import json


def make(n):
    return {
        "id": n,
        "name": f"user {n} “{chr(0x4E00 + n % 1000)}”",
        "email": f"user{n}@example.org",
        "active": n % 3 == 0,
        "score": n / 7,
        "tags": [f"tag{n * k % 17}" for k in range(n % 6)],
        "address": {"street": f"{n} Main\tStreet\n", "zip": None, "geo": [n * 0.5, -n * 1e-3]},
        "big": n**9,
    }


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def encode(value):
    return {"__point__": [value.x, value.y]}


def decode(value):
    return Point(*value["__point__"]) if "__point__" in value else value


def main():
    data = [make(n) for n in range(4000)]
    text = json.dumps(data)
    print(len(text), json.loads(text) == data)
    for _ in range(12):
        data = json.loads(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    print(len(json.dumps(data, indent=2, sort_keys=True)))
    points = {"points": [Point(n, n * n) for n in range(15_000)]}
    text = json.dumps(points, default=encode)
    back = json.loads(text, object_hook=decode)["points"]
    print(len(back), sum(p.x + p.y for p in back))
    small = 0
    for n in range(60_000):
        small += len(json.dumps({"n": n, "l": [1, 2.5, None]})) + json.loads('{"a": [1, true]}')["a"][0]
    print(small)
    bad = 0
    for text in ('{"a": }', "[1, 2", '"\x01"', "{'a': 1}", "nul", "1 2") * 1200:
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            bad += error.pos
    print(bad)


main()

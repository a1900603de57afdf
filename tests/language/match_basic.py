# match: literals, captures, sequences, mappings, classes, guards, or, as.
class Point:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y

def kind(value):
    match value:
        case 0 | 1: return "small"
        case -5: return "minus five"
        case 1.5: return "float"
        case "text": return "text"
        case b"b": return "bytes"
        case None: return "none"
        case True: return "never, 1 comes first"
        case []: return "empty"
        case [x]: return f"one {x}"
        case [1, 2, *rest]: return f"12 {rest}"
        case (a, [b, *c], d): return f"nested {a} {b} {c} {d}"
        case [*_, "last"]: return "ends with last"
        case {"k": v, "n": {"d": deep}}: return f"map {v} {deep}"
        case {"k": v, **rest}: return f"k={v} rest={rest}"
        case {}: return "any mapping"
        case Point(0, y): return f"on axis {y}"
        case Point(x=x, y=y) if x == y: return f"diagonal {x}"
        case Point() as p: return f"point {p.x}"
        case int(n) if n > 100: return f"big {n}"
        case int() | float() as n: return f"number {n}"
        case str(s): return f"str {s}"
        case set(): return "set"
        case _: return "other"

for value in (0, 1, True, -5, 1.5, "text", b"b", None, [], [7], [1, 2, 3, 4], (1, [2, 3], 4), [9, 9, 9, "last"],
              {"k": 1, "n": {"d": 2}}, {"k": 1, "z": 2}, {}, {"a": 1}, Point(0, 5), Point(3, 3), Point(1, 2),
              500, 7, 2.5, "abc", {1}, object, range(2), bytearray(b"x")):
    print(kind(value) if value is not object else kind(value))

import enum
class Color(enum.Enum):
    RED = 1
    BLUE = 2
def color(c):
    match c:
        case Color.RED: return "red"
        case Color.BLUE: return "blue"
print(color(Color.BLUE), color(3))
match 1, 2:
    case a, b: print(a, b)
match = 5
case = 6
print(match + case)
match match:
    case 5: print("soft")
try:
    match Point(1, 2):
        case Point(1, 2, 3): pass
except TypeError as e: print(e)
class NoArgs: pass
try:
    match NoArgs():
        case NoArgs(1): pass
except TypeError as e: print(e)
match {"a": 1}:
    case {"a": int() as num}: print("num", num)
match [1, [2, 3]]:
    case [int(a), [b, c]] if (s := a + b + c) > 5: print("sum", s)
match "x":
    case "a" | "b": print("no")
    case x if x == "y": print("no")
print(x)

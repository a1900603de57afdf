# timeout: 120
# needs: 3.14
# CPython 3.13 itself crashes on the hash of so deep a tuple.
# Deep structures through native code: repr, compare, hash, copy, json, pickle, isinstance.
import copy, json, pickle, sys
def nest(make, n):
    x = None
    for _ in range(n): x = make(x)
    return x
N = 200_000
lists, tuples, dicts = nest(lambda x: [x], N), nest(lambda x: (x,), N), nest(lambda x: {"k": x}, N)
lists2, tuples2, dicts2 = nest(lambda x: [x], N), nest(lambda x: (x,), N), nest(lambda x: {"k": x}, N)
cases = {
    "repr list": lambda: repr(lists), "repr tuple": lambda: repr(tuples), "repr dict": lambda: repr(dicts), "str": lambda: str(lists), "format": lambda: f"{lists}",
    "eq list": lambda: lists == lists2, "eq tuple": lambda: tuples == tuples2, "eq dict": lambda: dicts == dicts2, "lt": lambda: lists < lists2, "hash": lambda: hash(tuples),
    "deepcopy": lambda: copy.deepcopy(lists), "json": lambda: json.dumps(lists), "json dict": lambda: json.dumps(dicts), "json loads": lambda: json.loads("[" * N), "json objects": lambda: json.loads('{"a":' * N),
    "pickle": lambda: pickle.dumps(lists), "isinstance": lambda: isinstance(1, tuples), "issubclass": lambda: issubclass(int, tuples), "in": lambda: lists2 in [lists], "startswith": lambda: len(str(tuples)),
}
for name, f in cases.items():
    try: f(); print(name, "no error")
    except (RecursionError, MemoryError, TypeError) as e: print(name, "RecursionError" if isinstance(e, RecursionError) else type(e).__name__)
    except json.JSONDecodeError: print(name, "JSONDecodeError")
l = []; l.append(l); print(l, l == l); d = {}; d["d"] = d; print(d)
m = []; m.append(m)
try: l == m
except RecursionError: print("RecursionError")
del lists, lists2, tuples, tuples2, dicts, dicts2
print("freed")

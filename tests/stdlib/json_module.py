# json: both ways, options, errors.
import json
data = {"a": [1, 2.5, None, True, "é\n\"\\/\u2028🐍"], "b": {}, "c": [], "1": -0.0, "big": 10**30, "e": 1e100}
print(json.dumps(data)); print(json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)); print(json.loads(json.dumps(data)) == data, json.dumps({1: 2, None: 3, True: 4, 1.5: 5}), json.dumps((1, 2), separators=(",", ":")), json.dumps(float("inf")), json.loads("[NaN, -Infinity, 1E5, -0, 1.0]"))
for bad in ("", "{", "[1,]", "{'a': 1}", '{"a" 1}', "nul", '"\\x"', '"\t"', "01", "1.", "[1] 2", '{"a": 1,}', "-"):
    try: print(json.loads(bad))
    except json.JSONDecodeError as e: print(repr(bad), str(e).split(":")[0] if "trailing" in str(e).lower() or "Expecting" in str(e) else e, e.pos)
for bad in ({(1,): 2}, {1, 2}, b"x", object):
    try: json.dumps(bad)
    except TypeError as e: print(str(e)[:60])
c = []; c.append(c)
try: json.dumps(c)
except ValueError as e: print(e)
print(json.dumps({(1,): 1, "k": 2}, skipkeys=True), json.dumps({1, 2}, default=sorted), json.loads('{"a": 1.5}', parse_float=str), json.loads('{"a": 1, "a": 2}', object_pairs_hook=list), json.loads(b'"\xc3\xa9"'), json.JSONEncoder(indent="\t").encode([1]))

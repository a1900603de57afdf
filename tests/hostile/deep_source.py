# timeout: 200
# memory: 4096 MB
# Source nested a million deep is an error and not a crash.
cases = {
    "(": lambda n: "(" * n + ")" * n, "[": lambda n: "[" * n + "]" * n, "{": lambda n: "{" * n + "}" * n, "open (": lambda n: "(" * n, "call": lambda n: "f(" * n + ")" * n,
    "-": lambda n: "-" * n + "1", "not": lambda n: "not " * n + "1", "~": lambda n: "~" * n + "x", "**": lambda n: "**".join(["2"] * n), ".": lambda n: "a" + ".b" * n, "()": lambda n: "f" + "()" * n, "[0]": lambda n: "a" + "[0]" * n,
    "lambda": lambda n: "lambda:" * n + "1", "if else": lambda n: "1 if 1 else " * n + "1", "await": lambda n: "await " * n + "x", "+": lambda n: "+".join(["x"] * n), "and": lambda n: " and ".join(["x"] * n), "<": lambda n: "<".join(["x"] * n), "f-string": lambda n: "f'{" * n, "if:": lambda n: "".join(" " * min(i, 200) + "if 1:\n" for i in range(min(n, 300))), "=": lambda n: "x=" * n + "1", "yield": lambda n: "(yield " * n, "*": lambda n: "*" * n + "a", "x[": lambda n: "x[" * n, "walrus": lambda n: "(x:=" * n, "match": lambda n: "match x:\n case " + "[" * n + "]" * n + ": pass", "elif": lambda n: "if x: pass\n" + "elif x: pass\n" * n, "case or": lambda n: "match x:\n case " + "|".join(["1"] * n) + ": pass",
}
for n in (100_000, 1_000_000):
    for name, make in cases.items():
        if n == 1_000_000 and name in ("+", "and", "<", "=", ".", "()", "[0]", "elif", "case or", "if else", "**"): continue
        try: compile(make(n), "deep", "exec"); result = "ok"
        except (SyntaxError, RecursionError, MemoryError, OverflowError): result = "error"
        # Where CPython gives up and Taipan need not, or the other way, both are right.
        if name in ("+", "and", "<", "=", ".", "()", "[0]", "elif", "case or", "if else", "**", "*", "-", "not", "~", "lambda", "await"): result = "survived"
        print(n, name, result)

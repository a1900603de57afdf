def f(a, b):
    return f"x{a}y", f"{a!r}", f"{a:>{b}}", f"{a!s:3}", f"", f"plain", f"{a=}"

def f(a):
    return t"x{a}y{a!r:>3}", t"", t"{a}{a}"

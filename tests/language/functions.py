# Parameters of every kind, defaults, unpacking in calls, errors.
def f(a, b=2, *args, c, d=4, **kwargs):
    return a, b, args, c, d, kwargs

print(f(1, c=3))
print(f(1, 2, 3, 4, c=5, e=6))
print(f(*[1, 2, 3], **{"c": 4, "z": 5}))
print(f(*"ab", *"cd", c=1, **{"x": 1}, **{"y": 2}))

def positional(a, /, b, *, c):
    return a, b, c

print(positional(1, 2, c=3), positional(1, b=2, c=3))

def mixed(a, /, **kw):
    return a, kw
print(mixed(1, a=2))

def default(x, seen=[]):
    seen.append(x)
    return seen
print(default(1), default(2), default.__defaults__)

def nothing(): pass
print(nothing())
print((lambda x, *y, z=1: (x, y, z))(1, 2, 3, z=4))

for call in (
    "f()", "f(1)", "f(1, c=1, a=2)", "positional(a=1, b=2, c=3)", "positional(1)", "positional(1, 2, 3)",
    "nothing(1)", "nothing(x=1)", "(lambda x: x)()", "f(**{1: 2})", "f(*1)", "f(**1)", "positional(1, 2, c=3, d=4)",
    "f(1, c=1, **{'c': 2})", "len()", "len(1, 2)", "int(1, 2, 3)", "print(1, nope=2)", "None()", "len(x=1)",
):
    try:
        print(eval(call))
    except TypeError as error:
        print(call, "->", error)

def annotated(a: int, b: "str" = "x") -> float:
    """A doc string."""
    return 1.0
print(annotated.__annotations__, annotated.__doc__, annotated.__name__, annotated.__qualname__)
print(annotated.__code__.co_varnames, annotated.__code__.co_argcount)

def order():
    log = []
    def note(x):
        log.append(x)
        return x
    f(note(1), *[note(2)], c=note(3), **{"k": note(4)})
    {note(5): note(6), note(7): note(8)}
    note(9) + note(10) * note(11)
    (lambda a=note(12), *, b=note(13): 0)()
    x = [0]
    x[note(0)] = note(14)
    return log
print(order())

def outer():
    def inner(): return inner.__qualname__
    return inner()
print(outer())
f.attribute = 1
print(f.attribute, f.__dict__)
def shadow(print): return print
print(shadow(3))
def rec(n): return 1 if n == 0 else n * rec(n - 1)
print(rec(20))

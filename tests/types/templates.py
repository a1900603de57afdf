# needs: 3.14
# Template strings: the objects behind t"...".
from string.templatelib import Interpolation, Template


def show(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


name, n = "World", 3
t = t"Hello {name!r:>{n}} and {n}{name}"
print(t)
print(t.strings, t.values)
print([(i.value, i.expression, i.conversion, i.format_spec) for i in t.interpolations])
print(list(t))
print(t"" .strings, list(t""), list(t"a"), list(t"{n}"), t"{n = }".strings)
print((t"a{n}" + t"b").strings, (t"a" + t"b{n}c").strings)
print(show(lambda: t"a" + "b"), show(lambda: "b" + t"a"))
print(show(Template), show(Template, "a", "b"), show(Template, Interpolation(1), Interpolation(2, "x", "r", ">5")), show(Template, "a", Interpolation(1), "b", "c"))
print(show(Template, 5), show(Template, "a", x=1))
print(show(Interpolation), show(Interpolation, 1, 2), show(Interpolation, 1, "x", "q"), show(Interpolation, 1, "x", 5), show(Interpolation, 1, "x", None, 5))
print(show(Interpolation, value=1, expression="e", conversion="a", format_spec="f"))
print(Interpolation.__match_args__, t == t, t"a" == t"a")
match Interpolation(5, "five"):
    case Interpolation(v, e, None, ""):
        print(v, e)
i = Interpolation(1, "x")
try:
    i.value = 2
except AttributeError as e:
    print("read-only")
print(type(iter(t)).__name__, i.__reduce__()[1], Template[int].__origin__ is Template)
try:
    class Sub(Template):
        pass
except TypeError as e:
    print(e)

# del of names, attributes, items; names that come and go.
x = 1
del x
try: x
except NameError as e: print(e)
def f():
    y = 1
    del y
    try: return y
    except UnboundLocalError as e: return str(e)
print(f())
a, b, c = 1, 2, 3
del a, (b, c)
print("a" in globals(), "b" in globals())
class C:
    z = 1
    del z
print(hasattr(C, "z"))
d = {1: 2, 3: 4}; l = [1, 2, 3, 4]
del d[1], l[1:3]
print(d, l)
try: del d["no"]
except KeyError as e: print(repr(e))
try: del undefined
except NameError as e: print(e)
try: del l[10]
except IndexError as e: print(e)
def loop():
    for i in range(2):
        v = i
        del v
    return "v" in locals()
print(loop())
def closure():
    n = 1
    def g(): return n
    del n
    try: g()
    except NameError as e: return str(e)
print(closure())
for k in list(d): del d[k]
print(d)
import sys
print([n for n in ("sys", "x") if n in globals()])
len = lambda x: "shadowed"
print(len([]))
del len
print(len([]))

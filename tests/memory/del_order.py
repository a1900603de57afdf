# needs: 3.14
# __del__ runs at the moment the last reference goes.
class T:
    def __init__(self, name): self.name = name
    def __del__(self): print("del", self.name)
print("rebinding"); a = T("a1"); a = T("a2"); print("rebound")
del a; print("deleted")
def f():
    x = T("local"); y = T("second"); print("in f")
f(); print("after f")
def g(p): p = None; print("param gone")
g(T("arg"))
T("temporary"); print("after temporary")
l = [T(1), T(2), T(3)]
del l[1]; print("one gone"); l[0] = None; print("replaced"); l.clear(); print("cleared")
d = {"k": T("value")}; d["k"] = 1; print("dict replaced")
def h():
    t = T("returned"); return t
h(); print("returned dropped"); k = h(); print("kept"); k = None
for i in range(2): t = T(("loop", i))
print("loop done"); del t
def raising():
    x = T("in raising"); raise ValueError
try: raising()
except ValueError: print("caught")
print("after except")
def gen():
    x = T("gen"); yield 1; yield 2
g = gen(); next(g); print("gen started"); del g; print("gen dropped")
a = b = T("shared"); del a; print("still"); del b
class Holder: pass
h = Holder(); h.x = T("attr"); h.x = None; h.y = T("attr2"); del h; print("holder gone")
x = (T("t1"), T("t2")); del x
[T("comp") for _ in range(2)]; print("comp done")
T("a").name + str(T("b").name); print("expr done")
def default(x=T("default")): pass
del default; print("function gone")
c = (lambda v: lambda: v)(T("cell")); print("closure"); del c; print("closure gone")
x = T("swap1"); y = T("swap2"); x, y = y, x; del x; print("-"); del y
s = {T("set")}; s.pop(); print("popped")
with open("/dev/null") as fh: q = T("with")
q = None
print("end")

# needs: 3.14
# Nobody gets hold of a class's own dict: caches rely on being told of every change.
import gc
class A: x = 1
class X:
    def __eq__(self, o): o.clear(); return True
    def __ror__(self, o): o.clear(); return 5
print(A.__dict__ == X(), A.__dict__ | X(), A().x)
print([o for o in gc.get_referents(A) + gc.get_referents(A.__dict__) + gc.get_objects() if type(o) is dict and o.get("x") == 1 and "__weakref__" in o])
class C:
    T = int
    def g(self, x: T): pass
C.T = str
print(C.g.__annotations__, [type(c.cell_contents).__name__ for c in C.g.__annotate__.__closure__])

@decorate(1)
class C(A, B, metaclass=M):
    "The doc."
    x = 1
    def m(self):
        self.y = self.x
        return __class__
class D: pass
class E(*bases, **kw): pass

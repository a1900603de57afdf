class C(B):
    def m(self, x):
        super().m(x)
        return super().attr
    def n(self):
        return super(C, self).n()

# The cycle collector: what it finds, finalizers, thresholds, callbacks.
import gc
gc.disable(); gc.collect()
class N:
    def __init__(self, name): self.name = name
    def __del__(self): print("del", self.name)
a = N("self"); a.me = a; del a; print("before"); print(gc.collect() > 0)
def ring(n):
    nodes = [N(i) for i in range(n)]
    for i, node in enumerate(nodes): node.next = nodes[(i + 1) % n]
    return None
ring(1); gc.collect()
l = []; l.append(l); del l; print(gc.collect())
d = {}; d["d"] = d; t = (d,); d["t"] = t; del d, t; print(gc.collect())
def f():
    def g(): return g
f(); print(gc.collect() > 0)
class K: pass
K.self = K; del K; print(gc.collect() > 0)
try: raise ValueError
except ValueError as e: keep = e
keep.self = keep; del keep; print(gc.collect() > 0)
def gen():
    me = yield
    yield me
g = gen(); next(g); g.send(g); del g; print(gc.collect() > 0)
print(gc.isenabled(), gc.is_tracked([]), gc.is_tracked(1), gc.is_tracked("a"), gc.is_tracked({}) in (True, False), gc.garbage)
gc.enable(); print(gc.isenabled(), len(gc.get_count()), len(gc.get_threshold()), len(gc.get_stats()))
gc.set_threshold(500, 5, 5); print(gc.get_threshold()[0])
x = [1]; y = [x]; print(y in gc.get_referrers(x), gc.get_referents(y) == [x], gc.is_finalized(x))
count = 0
class M:
    def __del__(self):
        global count; count += 1
for _ in range(20000):
    m = M(); m.m = m
del m
gc.collect(); print(count, "all collected")
log = []
gc.callbacks.append(lambda phase, info: log.append(phase)); gc.collect(); gc.callbacks.clear(); print(log)
gc.freeze(); print(gc.get_freeze_count() > 0); gc.unfreeze(); print(gc.get_freeze_count())

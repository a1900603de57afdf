"""tracemalloc knows single blocks: where they were asked for, how large, and that they went."""
import gc
import sys
import tracemalloc

here = __file__


def line():
    return sys._getframe(1).f_lineno


class Thing:
    def __init__(self, n):
        self.data = bytes(n)


print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback(object()))
tracemalloc.start(3)
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())


def make(n):
    return Thing(n)


thing = make(5000); made = line()
tb = tracemalloc.get_object_traceback(thing)
print([(f.filename == here, f.lineno - made) for f in tb], tb.total_nframe is None)
tb = tracemalloc.get_object_traceback(thing.data)
print(len(tb), tb[-1].lineno - made, tb[-2].lineno - made, tb[0].lineno - made)
print(tracemalloc.get_object_traceback(1), tracemalloc.get_object_traceback(print))

before = tracemalloc.take_snapshot()
held = [bytes(1000 + i) for i in range(100)]; where = line()
after = tracemalloc.take_snapshot()
top = after.compare_to(before, 'lineno')[0]
print(top.traceback[0].lineno - where, top.size_diff >= 100_000, top.count_diff >= 100)
only = after.filter_traces([tracemalloc.Filter(True, here, where)])
print({t.traceback[-1].lineno - where for t in only.traces}, sum(t.size for t in only.traces) >= 100_000)
without = after.filter_traces([tracemalloc.Filter(False, here)])
print(any(t.traceback[-1].filename == here for t in without.traces))
print(after.filter_traces([tracemalloc.DomainFilter(True, 0)]).traces == after.traces, len(after.filter_traces([tracemalloc.DomainFilter(True, 5)]).traces))
sizes = sorted(t.size for t in only.traces)
print(sys.getsizeof(held[0]) in sizes, sys.getsizeof(held[99]) in sizes)

now, peak = tracemalloc.get_traced_memory()
del held, before, after, only, without, top
gc.collect()
less, peak2 = tracemalloc.get_traced_memory()
print(now - less >= 100_000, peak2 >= peak)
tracemalloc.reset_peak()
print(tracemalloc.get_traced_memory()[1] < peak2)
big = bytearray(1_000_000)
big.extend(bytes(1_000_000))
now, peak = tracemalloc.get_traced_memory()
print(now - less >= 2_000_000)
del big
print(tracemalloc.get_traced_memory()[0] < now - 1_900_000)
print(tracemalloc.get_tracemalloc_memory() > 0)
tracemalloc.clear_traces()
print(tracemalloc.get_object_traceback(thing), tracemalloc.get_traced_memory()[0] < 20_000)
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback(thing))
try:
    tracemalloc.take_snapshot()
except RuntimeError as e:
    print(e)

# OrderedDict: order, both ends, iterators that notice changes, what dict's own methods do to it.
import copy
import pickle
import random
from collections import OrderedDict


def error(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


od = OrderedDict.fromkeys('abcde')
od.move_to_end('b')
od.move_to_end('e', last=False)
print(od, list(reversed(od)), list(reversed(od.items()))[:2])
print(od.popitem(), od.popitem(last=False), od.popitem(False), list(od))
print(error(od.move_to_end, 'x'), error(OrderedDict().popitem), error(od.pop, 'x'), od.pop('x', 5), od.pop('c'))
print(od.setdefault('n', 1), od.setdefault('n', 2), od)
print(error(OrderedDict, 1, 2), error(OrderedDict, [1]), error(OrderedDict, [(1,)]), error(OrderedDict, [(1, 2, 3)]))
print(od.keys(), od.values(), od.items(), type(od.keys()).__mro__[1], od.keys() | {'z'} == {'d', 'n', 'z'})
print(OrderedDict(a=1) | {'b': 2}, {'b': 2} | OrderedDict(a=1), OrderedDict(a=1) == {'a': 1})
print(OrderedDict([(1, 1), (2, 2)]) == OrderedDict([(2, 2), (1, 1)]), {1: 1, 2: 2} == OrderedDict([(2, 2), (1, 1)]))


# A model: a list of pairs.
def model_run(seed):
    r = random.Random(seed)
    od, model = OrderedDict(), []
    for step in range(3000):
        k, what = r.randrange(40), r.randrange(8)
        at = next((i for i, (m, _) in enumerate(model) if m == k), None)
        if what <= 2:
            od[k] = step
            if at is None:
                model.append((k, step))
            else:
                model[at] = k, step
        elif what == 3:
            assert od.pop(k, None) == (None if at is None else model.pop(at)[1])
        elif what <= 5:
            if at is not None:
                od.move_to_end(k, what == 4)
                model.insert(len(model) if what == 4 else 0, model.pop(at))
        elif model:
            assert od.popitem(what == 6) == model.pop(-1 if what == 6 else 0)
        if step % 10 == 0:
            assert list(od.items()) == model and list(reversed(od)) == [k for k, _ in reversed(model)]
            assert dict(od) == dict(model) and list(dict(od)) == list(od) and od.copy() == od
    return len(od), next(iter(od), None)


print([model_run(seed) for seed in range(4)])


# Iterators.
def change(f):
    od = OrderedDict.fromkeys('abc')
    seen = []
    try:
        for k in od:
            seen.append(k)
            f(od, k)
    except RuntimeError as e:
        seen.append(str(e))
    return seen


print(change(lambda od, k: od.move_to_end('c', False)))
print(change(lambda od, k: od.pop(k)), change(lambda od, k: od.clear()))
print(change(lambda od, k: k == 'c' and od.pop(k)), change(lambda od, k: od.__setitem__(k, 1)))
print(change(lambda od, k: dict.__setitem__(od, 'd', 1)))
for view in 'keys', 'values', 'items':
    it = iter(getattr(OrderedDict(a=1, b=2, c=3), view)())
    next(it)
    print(list(pickle.loads(pickle.dumps(it))), list(copy.copy(it)), type(it).__name__)


class Changing:
    def __hash__(self):
        return random.randrange(1 << 40)


od = OrderedDict((Changing(), i) for i in range(5))
print(len(od), error(lambda: list(od.values()))[:8])
od = OrderedDict(a=1, b=2)
dict.__delitem__(od, 'a')
print(error(repr, od)[:8])
dict.clear(od)
print(od)


class Sub(OrderedDict):
    def __missing__(self, key):
        return -1

    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)


s = Sub(a=1)
s.update(b=2)
s.x = 5
t = pickle.loads(pickle.dumps(s))
print(s, s['q'], list(s.copy()), s.__reduce__()[:4], t.x, list(t), Sub.fromkeys('z', 3), s.setdefault('k', 4))
s = OrderedDict(a=1)
s[1] = s
print(s, s.__dict__, copy.deepcopy(s) is not s)

# The queue and the cache: both ends in long runs.
q = OrderedDict()
for i in range(20000):
    q[i] = i
    if i >= 100:
        q.popitem(last=False)
    if i % 3 == 0:
        q.move_to_end(next(iter(q)))
print(len(q), sum(q))
for i in range(5000):
    q.move_to_end(next(reversed(q)), last=False)
print(len(q), sum(q), list(q)[:3])

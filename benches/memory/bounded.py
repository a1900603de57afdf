"""Figures for bounded work: run one with its name, or all of them, each in a process of its own.

    taipan benches/memory/bounded.py [old|chain|tree|peak]
"""
import gc
import subprocess
import sys
import time


def rss():
    with open('/proc/self/status') as f:
        for line in f:
            if line.startswith('VmRSS'):
                return int(line.split()[1]) >> 10


def old(n=10_000_000):
    """The collector's part while garbage is made beside n long-lived objects."""
    class Node:
        __slots__ = ('other',)

    spent = 0
    began = None

    def watch(phase, info):
        nonlocal spent, began
        if phase == 'start':
            began = time.process_time()
        else:
            spent += time.process_time() - began

    t = time.process_time()
    heap = [[] for _ in range(n)]
    build = time.process_time() - t
    gc.callbacks.append(watch)
    t = time.process_time()
    for _ in range(3_000_000):
        a, b = Node(), Node()
        a.other, b.other = b, a
        [a, b]
    total = time.process_time() - t
    cycles = total and spent / total
    spent = 0
    t = time.process_time()
    for i in range(5_000_000):
        x = [[i], {}]
    total = time.process_time() - t
    print(f'built in {build:.2f} s; collector: {cycles:.1%} while making cycles, {spent / total:.1%} while making plain garbage')
    del heap


def chain(n=10_000_000):
    """A chain of n objects dies."""
    class Node:
        __slots__ = ('next',)

    x = None
    for _ in range(n):
        y = Node()
        y.next = x
        x = y
    t = time.perf_counter()
    del x, y
    print(f'chain of {n:,} instances: {time.perf_counter() - t:.2f} s')
    x = ()
    for _ in range(n):
        x = (x,)
    t = time.perf_counter()
    del x
    print(f'chain of {n:,} tuples: {time.perf_counter() - t:.2f} s')
    x = None
    for _ in range(n // 5):
        x = {'next': [x]}
    t = time.perf_counter()
    del x
    print(f'chain of {n // 5:,} dicts and lists: {time.perf_counter() - t:.2f} s')


def tree(depth=20):
    def make(d):
        return (make(d - 1), make(d - 1)) if d else ()

    x = make(depth)
    for _ in range(1_000_000):
        x = [x, x]
    t = time.perf_counter()
    del x
    print(f'deep tree: {time.perf_counter() - t:.2f} s')


def peak():
    """Memory goes back to the system."""
    start = rss()
    small = [object() for _ in range(200_000)]
    big = [[str(i), {'k': i}] for i in range(3_300_000)]
    most = rss()
    del big
    print(f'start {start} MB, peak {most} MB, then {rss()} MB')
    big = ['x' * 1000 + str(i) for i in range(1_000_000)]
    most = rss()
    del big
    print(f'strings: peak {most} MB, then {rss()} MB')
    print(len(small))


if __name__ == '__main__':
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            globals()[name]()
    else:
        for name in ('old', 'chain', 'tree', 'peak'):
            subprocess.run([sys.executable, __file__, name])

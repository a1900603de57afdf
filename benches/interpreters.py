"""Figures of several interpreters in one process: what one costs, whether memory stays flat, and how long two with
work for a processor each take in comparison with one.

    taipan benches/interpreters.py [COUNT]
"""

import resource
import sys
import threading
import time
from concurrent import interpreters

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
WORK = """
total = 0
for i in range(6_000_000):
    total += i * i % 7
"""


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize() // 1024


def create_and_close(count):
    before, start, cpu = resident(), time.perf_counter(), time.process_time()
    for _ in range(count):
        i = interpreters.create()
        i.exec("import json, re; x = 1 + 1")
        i.close()
    each, cpu = (time.perf_counter() - start) * 1e3 / count, (time.process_time() - cpu) * 1e3 / count
    print(f"{count} interpreters: {each:.2f} ms each ({cpu:.2f} ms of CPU time) with two imports, "
          f"memory grew by {resident() - before} KiB")


def bare(count):
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        interpreters.create().close()
    each, cpu = (time.perf_counter() - start) * 1e3 / count, (time.process_time() - cpu) * 1e3 / count
    print(f"bare: {each:.2f} ms ({cpu:.2f} ms of CPU time)")


def at_once(n):
    all_ = [interpreters.create() for _ in range(n)]
    start, cpu = time.perf_counter(), time.process_time()
    threads = [threading.Thread(target=i.exec, args=(WORK,)) for i in all_]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took = time.perf_counter() - start, time.process_time() - cpu
    for i in all_:
        i.close()
    return took


def parallel():
    one, two = min(at_once(1) for _ in range(5)), min(at_once(2) for _ in range(5))
    print(f"one: {one[0]:.3f} s; two at once: {two[0]:.3f} s, {two[0] / one[0]:.2f} times that; "
          f"CPU time {two[1] / one[1] / 2:.2f} times that of one, each")


if __name__ == "__main__":
    create_and_close(min(COUNT, 20))
    create_and_close(COUNT)
    bare(min(COUNT, 200))
    parallel()

"""Work that waits and work that computes: one after the other, by threads, processes, interpreters and coroutines.

    taipan examples/speedups.py [jobs] [size]

Prints how many times faster each way is than doing the jobs one after the other. What waits gains from all of them;
what computes gains from processes and interpreters, as far as there are processors.
"""

import asyncio
import os
import sys
import time
from concurrent.futures import InterpreterPoolExecutor, ProcessPoolExecutor, ThreadPoolExecutor


def wait(seconds):
    """A job that waits, as for an answer from the network."""
    time.sleep(seconds)
    return 1


def compute(n):
    """A job that computes: the number of primes below n."""
    sieve = bytearray([1]) * n
    sieve[:2] = b"\0\0"
    for i in range(2, int(n**0.5) + 1):
        if sieve[i]:
            for j in range(i * i, n, i):
                sieve[j] = 0
    return sum(sieve)


async def wait_here(seconds):
    await asyncio.sleep(seconds)
    return 1


async def compute_here(n):
    return compute(n)


async def gather(job, argument, jobs):
    return await asyncio.gather(*(job(argument) for _ in range(jobs)))


def timed(f):
    begun = time.perf_counter()
    result = f()
    return time.perf_counter() - begun, result


def by_pool(pool, job, argument, jobs):
    # Workers are started beforehand: what is compared is the work.
    with pool(max_workers=jobs) as p:
        list(p.map(time.sleep, [0.01] * jobs))
        return timed(lambda: list(p.map(job, [argument] * jobs)))


def main(jobs=4, size=400_000):
    print(f"{jobs} jobs, {os.process_cpu_count()} processors", file=sys.stderr)
    print(f"{'':14}{'waiting':>10}{'computing':>12}")
    rows = {}
    for job, here, argument in [(wait, wait_here, 0.2), (compute, compute_here, size)]:
        alone, expected = timed(lambda: [job(argument) for _ in range(jobs)])
        ways = {
            "threads": lambda: by_pool(ThreadPoolExecutor, job, argument, jobs),
            "processes": lambda: by_pool(ProcessPoolExecutor, job, argument, jobs),
            "interpreters": lambda: by_pool(InterpreterPoolExecutor, job, argument, jobs),
            "coroutines": lambda: timed(lambda: asyncio.run(gather(here, argument, jobs))),
        }
        for name, way in ways.items():
            took, result = way()
            assert result == expected, (name, result, expected)
            rows.setdefault(name, []).append(alone / took)
    for name, (waiting, computing) in rows.items():
        print(f"{name:14}{waiting:9.1f}x{computing:11.1f}x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""What it costs to hand over: between processes, threads, interpreters and coroutines.

    taipan examples/switch_cost.py [rounds]

In each round, a token goes to the other side and comes back: two switches.
"""

import asyncio
import multiprocessing
import os
import sys
import threading
import time
from concurrent import interpreters


def report(name, rounds, seconds):
    print(f"{name:14}{seconds / rounds / 2 * 1e6:10.2f} µs a switch")


def answer(connection, rounds):
    for _ in range(rounds):
        connection.send_bytes(connection.recv_bytes())


def processes(rounds):
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    other = context.Process(target=answer, args=(there, rounds))
    other.start()
    begun = time.perf_counter()
    for _ in range(rounds):
        here.send_bytes(b"x")
        here.recv_bytes()
    took = time.perf_counter() - begun
    other.join()
    assert other.exitcode == 0, other.exitcode
    return took


def threads(rounds):
    ping, pong = threading.Lock(), threading.Lock()
    ping.acquire()
    pong.acquire()

    def other():
        for _ in range(rounds):
            ping.acquire()
            pong.release()

    t = threading.Thread(target=other)
    t.start()
    begun = time.perf_counter()
    for _ in range(rounds):
        ping.release()
        pong.acquire()
    took = time.perf_counter() - begun
    t.join()
    return took


def one_interpreter(rounds):
    """Going into another interpreter of this process and back, in one thread."""
    other = interpreters.create()
    try:
        other.exec("x = 0")
        begun = time.perf_counter()
        for _ in range(rounds):
            other.exec("x += 1")
        return time.perf_counter() - begun
    finally:
        other.close()


def coroutines(rounds):
    async def main():
        ping, pong = asyncio.Queue(), asyncio.Queue()

        async def other():
            for _ in range(rounds):
                pong.put_nowait(await ping.get())

        task = asyncio.create_task(other())
        begun = time.perf_counter()
        for _ in range(rounds):
            ping.put_nowait(1)
            await pong.get()
        took = time.perf_counter() - begun
        await task
        return took

    return asyncio.run(main())


def main(rounds=20_000):
    print(f"{os.process_cpu_count()} processors", file=sys.stderr)
    for name, measure in [
        ("processes", processes),
        ("threads", threads),
        ("interpreters", one_interpreter),
        ("coroutines", coroutines),
    ]:
        report(name, rounds, measure(rounds))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

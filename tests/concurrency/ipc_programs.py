# timeout: 120
# What processes say to each other, under each start method; and that nothing is left behind.
import atexit
import glob
import os
import time


def left():
    """Shared memory and semaphores that processes of this user have left."""
    return {f for f in glob.glob("/dev/shm/*") if os.path.basename(f).startswith(("psm_", "sem.mp-", "mp-"))}


def still_left(before):
    """What is left for more than a moment: other programs on this machine may use such things as well."""
    deadline = time.monotonic() + 20
    mine = left() - before
    while mine and time.monotonic() < deadline:
        time.sleep(0.2)
        mine &= left()
    return len(mine)


# Before multiprocessing is imported, so that it is looked at when multiprocessing has cleaned up.
if __name__ == "__main__":
    before = left()
    atexit.register(lambda: print("left behind:", still_left(before)))

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import shared_memory

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _ipc


def programs(ctx):
    q = ctx.Queue()
    p = ctx.Process(target=_ipc.put, args=(q,))
    p.start()
    print("queue:", q.get(timeout=30))
    p.join()

    here, there = ctx.Pipe()
    p = ctx.Process(target=_ipc.send, args=(there,))
    p.start()
    print("pipe:", here.recv())
    here.send([1, 2])
    print("pipe:", here.recv())
    p.join()

    number, array = ctx.Value("i", 0), ctx.Array("i", range(5))
    p = ctx.Process(target=_ipc.change, args=(number, array))
    p.start()
    p.join()
    print("shared:", number.value, array[:])

    semaphore, number, log = ctx.Semaphore(1), ctx.RawValue("i", 0), ctx.Queue()
    two = [ctx.Process(target=_ipc.inside, args=(semaphore, number, log)) for _ in range(2)]
    for p in two:
        p.start()
    print("semaphore:", [log.get(timeout=30) for _ in range(2)])
    for p in two:
        p.join()

    lock, number = ctx.Lock(), ctx.RawValue("i", 0)
    some = [ctx.Process(target=_ipc.add, args=(lock, number, 200)) for _ in range(3)]
    for p in some:
        p.start()
    for p in some:
        p.join()
    print("lock:", number.value, [p.exitcode for p in some])

    barrier, event, log = ctx.Barrier(3), ctx.Event(), ctx.Queue()
    some = [ctx.Process(target=_ipc.meet, args=(barrier, event, log)) for _ in range(2)]
    for p in some:
        p.start()
    barrier.wait(30)
    event.set()
    print("barrier and event:", [log.get(timeout=30) for _ in some])
    for p in some:
        p.join()

    condition, turn, log = ctx.Condition(), ctx.Value("i", 0, lock=False), ctx.Queue()
    some = [ctx.Process(target=_ipc.wait_for_turn, args=(condition, turn, n, log)) for n in (2, 1, 0)]
    for p in some:
        p.start()
    print("condition:", sorted(log.get(timeout=30) for _ in some))
    for p in some:
        p.join()

    with ctx.Pool(2) as pool:
        print("pool:", pool.map(_ipc.square, range(6)), sorted(pool.imap_unordered(_ipc.square, range(4))), pool.starmap(pow, [(2, 3), (3, 2)]))
        try:
            pool.apply(_ipc.fail, (1,))
        except ValueError as e:
            print("pool:", repr(e), "| from the worker:", "in fail" in str(e.__cause__))
        pool.close()
        pool.join()

    with ctx.Manager() as manager:
        d, l = manager.dict(a=1), manager.list([3, 1, 2])
        l.sort()
        d["b"] = 2
        print("manager:", dict(d), list(l))

    block = shared_memory.SharedMemory(create=True, size=64)
    p = ctx.Process(target=_ipc.fill, args=(block.name, 8))
    p.start()
    p.join()
    print("shared memory:", bytes(block.buf[:10]), p.exitcode)
    block.close()
    block.unlink()

    p = ctx.Process(target=_ipc.die, args=(0,))
    p.start()
    p.join()
    print("killed:", p.exitcode)
    with ProcessPoolExecutor(2, mp_context=ctx) as pool:
        print("executor:", list(pool.map(_ipc.square, range(4))))
        try:
            pool.submit(_ipc.die, 0).result(timeout=60)
        except BrokenProcessPool:
            print("executor: a worker was killed, and that is said")


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        print("==", method)
        programs(multiprocessing.get_context(method))
    print("children:", multiprocessing.active_children())

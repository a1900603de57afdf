# Threads, locks, events, conditions, queues, thread-local data, exceptions in threads.
import threading, queue, time, sys
counter, lock = 0, threading.Lock()
def work():
    global counter
    for _ in range(2000):
        with lock: counter += 1
ts = [threading.Thread(target=work, name=f"t{i}") for i in range(8)]; [t.start() for t in ts]; [t.join() for t in ts]; print(counter, ts[0].name, ts[0].is_alive(), threading.active_count(), threading.main_thread() is threading.current_thread())
q = queue.Queue(3); out = []
def producer():
    for i in range(10): q.put(i)
    q.put(None)
t = threading.Thread(target=producer); t.start()
while (x := q.get()) is not None: out.append(x)
t.join(); print(out)
e = threading.Event(); r = []
t = threading.Thread(target=lambda: (e.wait(), r.append("woken"))); t.start(); e.set(); t.join(); print(r, e.wait(0), threading.Event().wait(0.01))
c = threading.Condition(); items = []
def consumer():
    with c:
        while not items: c.wait()
        r.append(items.pop())
t = threading.Thread(target=consumer); t.start()
with c: items.append("item"); c.notify()
t.join(); print(r)
local = threading.local(); local.x = 1; seen = []
t = threading.Thread(target=lambda: seen.append(hasattr(local, "x"))); t.start(); t.join(); print(seen, local.x)
threading.excepthook = lambda a: print("hook", a.exc_type.__name__, a.exc_value, a.thread.name)
t = threading.Thread(target=lambda: 1 / 0, name="bad"); t.start(); t.join()
rl = threading.RLock()
with rl, rl: print("reentrant")
try: lock.release()
except RuntimeError as e: print(e)
print(lock.acquire(timeout=0.01), lock.acquire(blocking=False), lock.locked()); lock.release()
b = threading.Barrier(3); order = []
ts = [threading.Thread(target=lambda: order.append(b.wait())) for _ in range(3)]; [t.start() for t in ts]; [t.join() for t in ts]; print(sorted(order))
s = threading.Semaphore(2); print(s.acquire(), s.acquire(), s.acquire(blocking=False)); tm = threading.Timer(0.01, lambda: print("timer")); tm.start(); tm.join()
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(3) as pool: print(list(pool.map(lambda x: x * x, range(5))), pool.submit(pow, 2, 5).result(), type(pool.submit(lambda: 1 / 0).exception()).__name__)
t0 = time.monotonic(); ts = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(5)]; [t.start() for t in ts]; [t.join() for t in ts]; print(time.monotonic() - t0 < 0.8)
spin = threading.Thread(target=lambda: [None for _ in range(10**6)]); spin.start(); n = 0
while spin.is_alive(): n += 1
print(n > 0, sys.getswitchinterval())

# options: -u
# needs: 3.14
# timeout: 120
# Several interpreters in one process: running code, data that crosses, exceptions, ends in any order.
import gc
import os
import re
import sys
import threading
import time
import _interpreters
import _interpqueues
import _interpchannels
from concurrent import interpreters
from concurrent.futures import InterpreterPoolExecutor


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(other) is type(self) and (self.x, self.y) == (other.x, other.y)

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


def make_point(x, y=2):
    return Point(x, y)


def swap(p):
    return Point(p.y, p.x)


def fail(text):
    raise ValueError(text)


def fails(f, *args, **kwargs):
    try:
        r = f(*args, **kwargs)
    except BaseException as e:
        cause = f" <- {type(e.__cause__).__name__}" if e.__cause__ else ""
        text = re.sub(" at 0x[0-9a-f]+", " at ...", str(e).partition("\n")[0])
        print(f"{type(e).__name__}: {text}{cause}")
    else:
        print("no error:", r)


def basics():
    print("== basics")
    print(interpreters.get_main(), interpreters.get_current(), interpreters.list_all())
    i = interpreters.create()
    print(i == interpreters.Interpreter(i.id), i.whence, i.is_running(), len(interpreters.list_all()))
    i.exec("x = 1; import json; print(json.dumps({'x': x}))")
    i.exec("print(x, sorted(n for n in globals() if not n.startswith('__')), __name__)")

    def body():
        global y
        y = [x] * 3
        print(y)
    i.exec(body)
    i.prepare_main({"a": (1, 2.5, "é\U0001f600", b"\0", None, True)}, n=-(1 << 62))
    i.exec("print(a, n)")
    fails(i.prepare_main, a=[1])
    fails(i.prepare_main)
    fails(i.exec, 10)
    fails(i.exec, "1 +")
    fails(i.exec, lambda: 1)
    fails(i.exec, swap)
    fails(i.exec, "class E(Exception): pass\nraise E('own')")
    fails(i.exec, "import sys; sys.exit(3)")
    fails(i.exec, "class Bad(Exception):\n  def __str__(self): raise 1\nraise Bad")
    try:
        i.exec("def f():\n    {}['k']\nf()")
    except interpreters.ExecutionFailed as e:
        print(e.excinfo.type.__qualname__, e.excinfo.msg, e.excinfo.formatted)
        print(e.excinfo.errdisplay)
    i.close()
    fails(i.close)
    fails(i.exec, "")
    fails(interpreters.Interpreter, 1 << 40)
    fails(interpreters.Interpreter, "1")
    fails(_interpreters.destroy, -1)
    fails(_interpreters.destroy, 0)
    fails(_interpreters.destroy, 0, restrict=True)


def calls():
    print("== calls")
    i = interpreters.create()
    print(i.call(len, [1, 2, 3]), i.call(make_point, 1), i.call(make_point, 3, y=4) == Point(3, 4))
    print(i.call(swap, Point(5, 6)), i.call(max, 3, 7, key=abs), i.call(pow, 2, 200) == 2 ** 200)
    fails(i.call, fail, "over there")
    fails(i.call, lambda: swap)
    fails(i.call, threading.Lock)
    fails(i.call, print, threading.Lock())
    fails(i.call, 5)
    i.call(exec, "z = 5")
    print(i.call(eval, "z + 1"), i.call(eval, "__name__"))
    out = interpreters.create_queue()
    t = i.call_in_thread(out.put, ("from a thread", i.id > 0))
    t.join()
    print(out.get())
    i.close()


def shareable():
    print("== shareable")
    values = [None, True, 1, 1 << 70, 1.5, "s", b"b", (), (1, [2]), memoryview(b"x"), interpreters.create_queue(),
              [], {}, bytearray(b""), object(), len, swap, ..., NotImplemented, Point(1, 2), type]
    print([interpreters.is_shareable(v) for v in values])
    q = interpreters.create_queue()
    for v in [1 << 70, -(1 << 63), (1, ("a", None), 2.5), [1, {2: 3}], "\ud800x", float("inf"), Point(1, 2), ..., len]:
        q.put(v)
        got = q.get()
        print(got == v, type(got) is type(v), end="; ")
    print()
    fails(q.put, threading.Lock())
    low = _interpqueues.create(0, 3, 0)
    fails(_interpqueues.put, low, [1])
    fails(_interpqueues.put, low, 1 << 64)
    nested = ()
    for _ in range(200_000):
        nested = (nested,)
    fails(q.put, nested)
    while nested:
        nested = nested[0]


def queues():
    print("== queues")
    q = interpreters.create_queue(2)
    print(q.maxsize, q.empty(), q.full(), q.qsize())
    q.put(1)
    q.put(2)
    fails(q.put, 3, block=False)
    fails(q.put_nowait, 3)
    fails(q.put, 3, timeout=0)
    print(q.get(), q.get(), q.empty())
    fails(q.get_nowait)
    fails(q.get, timeout=0)
    other = interpreters.create_queue()
    q.put(other)
    i = interpreters.create()
    i.prepare_main(q=q)
    i.exec("o = q.get(); o.put('through'); q.put(o)")
    print(other.get(), q.get() is other)
    # Who has put it ends before it is got.
    r = interpreters.create_queue()
    i.prepare_main(r=r)
    i.exec("""if True:
        from concurrent import interpreters as m
        r.put(1)
        r.put(2, unbounditems=m._queues.UNBOUND_ERROR)
        r.put(3, unbounditems=m._queues.UNBOUND_REMOVE)
        """)
    r.put(4)
    i.close()
    print(r.qsize(), r.get())
    fails(r.get)
    print(r.get(), r.empty())
    fails(_interpqueues.get, 1 << 40)
    fails(_interpqueues.create, 0, 9)
    fails(interpreters.Queue, 1 << 40)
    # An interpreter ends while another thread waits for it.
    w = interpreters.create_queue()
    j = interpreters.create()
    j.prepare_main(w=w)
    j.exec("import threading\nthreading.Thread(target=lambda: w.put('late')).start()")
    got = []
    t = threading.Thread(target=lambda: got.append(w.get()))
    t.start()
    j.close()
    t.join(30)
    print("waited" if got else "lost")


def buffers():
    print("== buffers")
    data = bytearray(b"abcdefgh")
    i = interpreters.create()
    q = interpreters.create_queue()
    i.prepare_main(q=q)
    q.put(memoryview(data))
    i.exec("m = q.get(); m[0] = 65; print(type(m.obj).__name__, bytes(m), m.readonly)")
    print(data)
    fails(data.append, 1)
    i.exec("m.release(); del m")
    for _ in range(1000):
        pass
    q.put(1), q.get()
    data.append(33)
    print(data)
    import array
    q.put(memoryview(array.array("d", [1.5, 2.5]))[::-1])
    i.exec("m = q.get(); print(m.format, m.shape, m.tolist(), m.readonly)")
    # Memory of an interpreter that ends stays as long as it is used.
    i.exec("b = bytearray(b'still here'); q.put(memoryview(b)); back = q.get(); q.put(back)")
    m = q.get()
    i.close()
    gc.collect()
    print(bytes(m), m.nbytes)
    del m
    # Proxies of proxies, in a cycle over two interpreters.
    k = interpreters.create()
    k.prepare_main(q=q)
    q.put(memoryview(bytearray(10)))
    k.exec("a = q.get(); q.put(a)")
    back = q.get()
    q.put(back)
    k.exec("b = q.get(); b[3] = 7; cycle = [b]; cycle.append(cycle)")
    print(back[3])
    k.close()
    del back


def channels():
    print("== channels")
    c = _interpchannels.create()
    _interpchannels.send(c, "one", blocking=False)
    print(_interpchannels.recv(c), _interpchannels.recv(c, "default"))
    fails(_interpchannels.recv, c)
    fails(_interpchannels.send, c, [1], blocking=False)
    fails(_interpchannels.send, c, 1, timeout=0.01)
    fails(_interpchannels.recv, 1 << 40)
    i = interpreters.create()
    i.prepare_main(c=c)
    t = threading.Thread(target=i.exec, args=("import _interpchannels as m; m.send(c, 'blocking')",))
    t.start()
    while (got := _interpchannels.recv(c, None)[0]) is None:
        time.sleep(0.001)
    t.join()
    print(got, _interpchannels.list_interpreters(c, send=True), _interpchannels.get_info(c).count)
    _interpchannels.send(c, 1, blocking=False)
    fails(_interpchannels.close, c)
    _interpchannels.close(c, send=True)
    fails(_interpchannels.send, c, 1, blocking=False)
    print(_interpchannels.recv(c)[0], _interpchannels.get_info(c).closed)
    fails(_interpchannels.recv, c)
    i.close()
    print(len(_interpchannels.list_all()), c, repr(c.send), c.end, c == int(c))


def limits():
    print("== limits")
    i = interpreters.create()
    for text in ["import os; os.fork()", "import os; os.execv('/bin/true', ['true'])",
                 "import threading; threading.Thread(target=print, daemon=True)",
                 "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)",
                 "from concurrent import interpreters as m; m.get_current().close()",
                 "from concurrent import interpreters as m; m.get_current().exec('')",
                 "from concurrent import interpreters as m; m.get_main().exec('')",
                 "import threading; print(threading.current_thread().name, threading.main_thread().name)"]:
        fails(i.exec, text)
    i.close()
    legacy = _interpreters.create("legacy")
    text = "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
    print(_interpreters.exec(legacy, text))
    _interpreters.destroy(legacy)
    print("left a daemon thread behind")
    fails(_interpreters.create, "empty")
    fails(_interpreters.create, "other")
    fails(_interpreters.new_config, allow_fork=1)
    none = _interpreters.new_config("legacy", allow_threads=False, allow_daemon_threads=False)
    n = _interpreters.create(none)
    e = _interpreters.exec(n, "import threading; threading.Thread(target=print).start()")
    print(e.formatted)
    _interpreters.destroy(n)
    # While it runs, nobody else can run or end it.
    busy = interpreters.create()
    q, done = interpreters.create_queue(), interpreters.create_queue()
    busy.prepare_main(q=q, done=done)
    t = threading.Thread(target=busy.exec, args=("done.put(1); q.get()",))
    t.start()
    done.get()
    print(busy.is_running())
    fails(busy.exec, "")
    fails(busy.close)
    fails(busy.prepare_main, x=1)
    q.put(None)
    t.join()
    print(busy.is_running())
    busy.close()
    # Interpreters within interpreters.
    deep = "r = depth"
    for d in range(6, 0, -1):
        deep = f"""
from concurrent import interpreters as m
depth = {d}
i = m.create()
i.exec({deep!r})
i.close()
"""
    outer = interpreters.create()
    outer.exec("depth = 0\n" + deep.replace("r = depth", "r = 1"))
    outer.close()
    # The references go: so does the interpreter.
    dropped = interpreters.create()
    before = len(interpreters.list_all())
    del dropped
    gc.collect()
    print(before - len(interpreters.list_all()))
    # What it has registered runs at its end.
    i = interpreters.create()
    i.exec("import atexit, threading\natexit.register(print, 'atexit of another interpreter')\n"
           "threading.Thread(target=print, args=('its thread',)).start()")
    i.close()


def at_once():
    print("== at once")
    errors = []

    def task(n):
        try:
            for k in range(3):
                i = interpreters.create()
                q = interpreters.create_queue()
                i.prepare_main(q=q, n=n, k=k)
                i.exec("import json, re\nq.put(json.dumps([n, k, len(re.findall('a', 'banana' * n))]))")
                want = f"[{n}, {k}, {3 * n}]"
                got = q.get()
                if got != want:
                    errors.append((got, want))
                i.close()
        except BaseException as e:
            errors.append(repr(e))
    ts = [threading.Thread(target=task, args=(n,)) for n in range(8)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    print(errors)
    with InterpreterPoolExecutor(3) as pool:
        print(list(pool.map(make_point, range(5))), pool.submit(sum, [1, 2]).result())
        fails(pool.submit(fail, "in the pool").result)
    if pid := os.fork():
        print(os.waitpid(pid, 0)[1])
    else:
        i = interpreters.create()
        i.exec("x = 1")
        i.close()
        os._exit(0)


if __name__ == "__main__":
    main = interpreters.create()
    basics()
    calls()
    shareable()
    queues()
    buffers()
    channels()
    limits()
    at_once()
    main.close()
    print(interpreters.list_all())

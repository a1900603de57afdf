# timeout: 100
# Native work that takes forever can be stopped by a signal.
import subprocess, sys, signal
cases = {
    "power": "10**10**10", "pow": "pow(7, 10**300000, 10**100000)" , "regex": "import re; re.match(r'(a+)+$', 'a'*50 + 'b')", "regex2": "import re; re.search(r'(x+x+)+y', 'x'*60)",
    "sleep": "import time; time.sleep(100)", "lock": "import threading; l = threading.Lock(); l.acquire(); l.acquire()", "loop": "while True: pass", "gen": "for _ in iter(int, 1): pass", "wait": "import threading; threading.Event().wait()", "read": "import os; r, w = os.pipe(); os.read(r, 1)", "select": "import select; select.select([], [], [])", "queue": "import queue; queue.Queue().get()", "join": "import threading, time; t = threading.Thread(target=time.sleep, args=(100,), daemon=True); t.start(); t.join()",
}
# What CPython 3.13 itself cannot stop is only asked of those that can.
skip_here = {"power", "pow"} if sys.implementation.name == "cpython" else set()
running = {}
for name, code in cases.items():
    if name not in skip_here:
        code = "import signal, sys\ndef stop(*a): raise KeyboardInterrupt\nsignal.signal(signal.SIGALRM, stop); signal.setitimer(signal.ITIMER_REAL, 1.0)\ntry:\n exec(" + repr(code) + ")\nexcept KeyboardInterrupt: print('stopped')\n"
        running[name] = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
for name in cases:
    if name in skip_here: print(name, "stopped"); continue
    try: out, err = running[name].communicate(timeout=30); print(name, out.strip() or err[-200:])
    except subprocess.TimeoutExpired: running[name].kill(); print(name, "did not stop")

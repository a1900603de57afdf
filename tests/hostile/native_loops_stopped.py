# timeout: 100
# needs: 3.14
# Loops that never leave native code can be stopped by a signal too.  CPython cannot
# do that, so this is Taipan's own promise.
import subprocess, sys, signal
cases = {
    "sum": "sum(iter(int, 1))", "list": "any(iter(int, 1))", "in": "1 in iter(int, 1)", "range": "all(range(1, 10**18))", "itertools": "import itertools; max(itertools.count())", "deque": "import itertools, collections; collections.deque(itertools.repeat(1), maxlen=0)",
}
skip_here = set()
running = {}
for name, code in cases.items():
    if name not in skip_here:
        code = "import signal, sys\ndef stop(*a): raise KeyboardInterrupt\nsignal.signal(signal.SIGALRM, stop); signal.setitimer(signal.ITIMER_REAL, 1.0)\ntry:\n exec(" + repr(code) + ")\nexcept KeyboardInterrupt: print('stopped')\n"
        running[name] = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
for name in cases:
    if name in skip_here: print(name, "stopped"); continue
    try: out, err = running[name].communicate(timeout=30); print(name, out.strip() or err[-200:])
    except subprocess.TimeoutExpired: running[name].kill(); print(name, "did not stop")

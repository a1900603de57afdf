# Signals: SIGINT becomes KeyboardInterrupt, broken pipes, handlers, default actions.
import signal, subprocess, sys, time, os
def child(code, sig, *extra):
    p = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    print(p.stdout.readline().strip(), end=" | ")
    p.send_signal(sig)
    out, err = p.communicate(timeout=20)
    print(p.returncode, repr(out), err.strip().split("\n")[-1])
child("print('ready', flush=True)\nwhile True: pass", signal.SIGINT)
child("import time\nprint('ready', flush=True)\ntime.sleep(30)", signal.SIGINT)
child("try:\n print('ready', flush=True)\n while True: pass\nexcept KeyboardInterrupt: print('caught')", signal.SIGINT)
child("import signal\nsignal.signal(signal.SIGTERM, lambda s, f: (print('handler', s, f.f_code.co_name), exit(4)))\nprint('ready', flush=True)\nwhile True: pass", signal.SIGTERM)
child("print('ready', flush=True)\nwhile True: pass", signal.SIGTERM)
p = subprocess.Popen([sys.executable, "-c", "import sys\nfor i in range(100000): print(i)"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
p.stdout.readline(); p.stdout.close(); err = p.stderr.read().decode(); print(p.wait() != 0, "BrokenPipeError" in err)

# The prompt is not shown and the script is read whole when stdin is no terminal; -i after a program.
import subprocess, sys
def run(args, text): p = subprocess.run([sys.executable, *args], input=text, capture_output=True, text=True); print(args, p.returncode, p.stdout, p.stderr.replace(sys.executable, "X")[-200:])
run([], "x = 1\nif x:\n    print('yes')\n\n\nprint(x)\n")
run(["-"], "def f(:\n")
run([], "")
run([], "# -*- coding: utf-8 -*-\nprint('é')")

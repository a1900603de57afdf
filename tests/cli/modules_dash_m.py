# -m: packages with __main__, modules, and what they see.
import subprocess, sys, os, re
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "imports"))
for args in (["-m", "_pkg", "x", "y"], ["-m", "_pkg.sub.thing"], ["_pkg"], ["-c", "import runpy; runpy.run_module('_pkg.sub.thing', run_name='named')"], ["-m", "timeit", "-n1", "-r1", "pass"], ["-m", "tokenize", "-e", "/dev/null"], ["-m", "calendar", "2024", "2"], ["-m", "compileall", "-q", "/dev/null"]):
    p = subprocess.run([sys.executable, *args], capture_output=True, text=True)
    print(args[:2], p.returncode, p.stdout if "timeit" not in args else p.stdout[:5], re.sub(r'(<frozen runpy>|\S*runpy.py):\d+', 'RUNPY', p.stderr).replace('  warn(RuntimeWarning(msg))\n', '')[:300])

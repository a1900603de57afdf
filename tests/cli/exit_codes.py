# Exit codes and output of child interpreters for many command lines.
import os, subprocess, sys
def run(*args, stdin="", env=None):
    e = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}; e.update(env or {})
    p = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, text=True, env=e)
    print(args[:2], p.returncode, repr(p.stdout), repr(p.stderr.strip().split("\n")[-1].replace(os.path.realpath(sys.executable), "EXE").replace(sys.executable, "EXE")))
run("-c", "pass"); run("-c", "import sys; sys.exit(3)"); run("-c", "raise SystemExit"); run("-c", "raise SystemExit('bye')"); run("-c", "import sys; sys.exit([1])")
run("-c", "1/0"); run("-c", "x ="); run("-c", "print(__name__, __import__('sys').argv)", "a", "-b"); run("-", "arg", stdin="import sys; print(sys.argv)"); run(stdin="print('from stdin')\nprint(2)")
run("-c", "import os; os.kill(os.getpid(), 9)"); run("-c", "raise KeyboardInterrupt"); run("-c", "import os; os._exit(7)"); run("-c", "import sys; sys.exit(-1)"); run("-c", "import sys; sys.exit(256 + 5)"); run("-c", "import sys; sys.exit(None)"); run("-c", "import sys; sys.exit(True)")
run("-S", "-c", "import sys; print('site' in sys.modules)"); run("-B", "-c", "import sys; print(sys.dont_write_bytecode)"); run("-I", "-c", "import sys; print(sys.flags.isolated, sys.flags.ignore_environment, '' in sys.path)"); run("-E", "-c", "import sys; print(sys.flags.ignore_environment)", env={"PYTHONVERBOSE": "1"})
run("-u", "-c", "import os; print('a', end=''); os.write(1, b'b')"); run("-X", "utf8", "-c", "import sys; print(sys.flags.utf8_mode)"); run("-X", "dev", "-c", "import sys; print(sys.flags.dev_mode)"); run("-q", "-c", "print('q')"); run("-P", "-c", "import sys; print('' in sys.path, sys.flags.safe_path)")
run("-c", "import sys; print(sys.flags.hash_randomization, hash('a') == hash('a'))", env={"PYTHONHASHSEED": "0"}); run("-c", "print(__import__('sys').path[1])", env={"PYTHONPATH": "/some/where"}); run("-c", "assert 0", env={"PYTHONOPTIMIZE": "1"}); run("-bb", "-c", "print(b'a' == 'a')"); run("/no/such/file.py"); run("-c")
run("-m", "json.tool", stdin='{"a":[1]}'); run("-c", "import threading; t = threading.Thread(target=lambda: print('thread')); t.start(); t.join(); print('main')"); run("-c", "print(1); import sys; sys.stdout.close()"); run("-c", "import sys; sys.stderr.write('err\\n'); print('out')")

# needs: 3.14
# timeout: 120
# The programs of examples/, small, each in a process of its own.
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "examples")


def run(name, *arguments):
    command = [sys.executable, os.path.join(EXAMPLES, name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    if done.returncode:
        print(done.stderr)
    return done.stdout, done.returncode


print("== crawler")
print(*run("crawler.py", "60", "4"))

print("== speedups")
out, status = run("speedups.py", "2", "20000")
# How fast is not for a test to say; who takes part is.
print(re.sub(r" +\d+\.\dx", " *", out), status)

print("== switch_cost")
out, status = run("switch_cost.py", "200")
print(re.sub(r" +\d+\.\d\d", " *", out), status)


def ask(port, line):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
        s.sendall(line + b"\n")
        return s.makefile().readline().strip()


def seen(port, wanted):
    """Asks for names until that many workers have answered."""
    names = set()
    deadline = time.monotonic() + 30
    while len(names) < wanted and time.monotonic() < deadline:
        try:
            names.add(ask(port, b"who"))
        except ConnectionError:
            time.sleep(0.05)
    return sorted(names)


def serve(by):
    command = [sys.executable, os.path.join(EXAMPLES, "server.py"), "--workers", "2", "--by", by]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline()
            port = int(re.search(r":(\d+)", line)[1])
            print(line.strip().replace(str(port), "PORT"))
            print(seen(port, 2))
            if by == "processes":
                try:
                    print("answer", ask(port, b"crash"))
                except ConnectionError:
                    print("answer ")
                print(re.sub(r"worker \d", "worker N", server.stdout.readline().strip()))
                print(seen(port, 2))
            with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
                f = s.makefile()
                s.sendall(b"before\n")
                print(f.readline().strip())
                server.send_signal(signal.SIGTERM)
                time.sleep(0.5)
                s.sendall(b"after\n")
                print(f.readline().strip())
            print(server.stdout.read().strip(), server.wait(30))
        finally:
            if server.poll() is None:
                server.kill()


print("== server, processes")
serve("processes")
print("== server, interpreters")
serve("interpreters")

print("== supervisor")
with tempfile.TemporaryDirectory() as folder:
    program = os.path.join(folder, "dies.py")
    with open(program, "w") as f:
        f.write(
            "import faulthandler, os\n"
            "n = len(os.listdir(os.environ['REPORTS']))\n"
            "if n == 0: faulthandler._sigsegv()\n"
            "if n == 1: raise ValueError('no')\n"
            "print('well')\n"
        )
    reports = os.path.join(folder, "reports")
    os.environ["REPORTS"] = reports
    print(*run("supervisor.py", "--reports", reports, "--", program))
    for name in sorted(os.listdir(reports)):
        with open(os.path.join(reports, name)) as f:
            text = f.read()
        print(re.search(r"died by .* after", text)[0], "| segfault:", "Segmentation fault" in text, "| line:", "dies.py" in text.split("\n", 2)[2], "| error:", "ValueError: no" in text)

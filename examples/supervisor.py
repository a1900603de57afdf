"""Runs a program, keeps what it says when it dies, and starts it again.

    taipan examples/supervisor.py [--reports DIR] [--most N] -- program.py [arguments]

A program that ends by itself with status 0 ends the supervisor; one that dies (by a signal, or with another status) is
started again, after pauses that grow, at most `--most` times. What it wrote to its standard error in its last moments,
with the stacks of all its threads if it died by a signal (`faulthandler`), stays in a file of the folder of reports.
SIGTERM and SIGINT are passed on.
"""

import argparse
import collections
import os
import signal
import subprocess
import sys
import time

# Lines of standard error that a report keeps.
LINES = 500


def run(arguments):
    """Runs the program once; gives its status (as `subprocess` does) and the last lines of its standard error."""
    command = [sys.executable, "-X", "faulthandler", *arguments]
    last = collections.deque(maxlen=LINES)
    with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, lambda number, frame: child.send_signal(number))
        for line in child.stderr:
            last.append(line)
            sys.stderr.buffer.write(line)
            sys.stderr.flush()
    return child.returncode, last


def described(status):
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def main():
    p = argparse.ArgumentParser(description="Restarts a program that dies and keeps its reports.")
    p.add_argument("--reports", default="reports")
    p.add_argument("--most", type=int, default=10, help="how often it is started again")
    p.add_argument("program", nargs="+")
    a = p.parse_args()
    os.makedirs(a.reports, exist_ok=True)
    for attempt in range(a.most + 1):
        begun = time.monotonic()
        status, last = run(a.program)
        if status in (0, -signal.SIGTERM, -signal.SIGINT):
            return 0 if status == 0 else 128 - status
        name = os.path.join(a.reports, f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{attempt}.txt")
        with open(name, "wb") as f:
            f.write(f"{a.program} died by {described(status)} after {time.monotonic() - begun:.1f} s\n\n".encode())
            f.writelines(last)
        print(f"died by {described(status)}, report in {name}", file=sys.stderr, flush=True)
        if attempt < a.most:
            time.sleep(min(0.1 * 2**attempt, 30))
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""Several workers, each running asyncio, on one shared port.

    taipan examples/server.py [--workers N] [--by processes|interpreters] [--host H] [--port P]

Each worker opens the port for itself with SO_REUSEPORT, and the kernel spreads the connections. Lines that come in go
back; the line "who" is answered with the worker's number, and "crash" ends a worker process as a bug would. A worker
that dies is started again. SIGTERM and SIGINT drain: no more connections are taken, those that are open are served to
their end (for at most `DRAIN` seconds), then the workers end, and the server with status 0.
"""

import argparse
import asyncio
import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time

DRAIN = 10.0
# A worker that dies sooner than this after its start is started again only after a pause.
YOUNG = 1.0


def listen(host, port):
    """A listening socket for one of several workers."""
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind((host, port))
    s.listen(1024)
    s.setblocking(False)
    return s


class Echo(asyncio.Protocol):
    """One connection: gives back what comes, a line at a time."""

    def __init__(self, name, connections):
        self.name, self.connections, self.rest = name, connections, b""

    def connection_made(self, transport):
        self.transport = transport
        self.connections.add(self)

    def connection_lost(self, error):
        self.connections.discard(self)

    def data_received(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        answers = []
        for line in lines:
            match line.strip():
                case b"crash":
                    os.abort()
                case b"who":
                    answers.append(self.name.encode())
                case _:
                    answers.append(line)
        if answers:
            self.transport.write(b"\n".join(answers) + b"\n")


async def serve(name, host, port, stop):
    """Serves until `stop` (an awaitable) is done, then drains."""
    loop = asyncio.get_running_loop()
    connections = set()
    server = await loop.create_server(lambda: Echo(name, connections), sock=listen(host, port))
    await stop
    server.close()
    deadline = loop.time() + DRAIN
    while connections and loop.time() < deadline:
        await asyncio.sleep(0.02)
    for c in list(connections):
        c.transport.close()
    await asyncio.sleep(0)


# Worker processes.


def run_process(number, host, port):
    """The life of a worker process."""

    async def main():
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
        # Ctrl-C goes to the whole group of processes; the parent says when to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        await serve(f"process {number}", host, port, stopped.wait())

    asyncio.run(main())


def start_process(number, host, port):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            run_process(number, host, port)
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return pid


def by_processes(workers, host, port):
    """Starts the workers and starts those again that die, until a signal comes."""
    stopping = []
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, lambda number, frame: stopping.append(number))
    # Signals and the ends of children wake the parent.
    wake, write = os.pipe()
    os.set_blocking(write, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)

    living = {}

    def start(number):
        living[start_process(number, host, port)] = (number, time.monotonic())

    for number in range(workers):
        start(number)
    print(f"serving on {host}:{port} with {workers} processes", flush=True)

    while living:
        select.select([wake], [], [], 1.0 if stopping else None)
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 4096)
        if stopping:
            for pid in living:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        while living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            number, born = living.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if stopping:
                continue
            why = signal.Signals(-code).name if code < 0 else f"status {code}"
            print(f"worker {number} died ({why}), starting it again", flush=True)
            if time.monotonic() - born < YOUNG:
                time.sleep(YOUNG / 10)
            start(number)
    print("drained", flush=True)


# Worker interpreters in one process.


def run_interpreter(number, host, port, wake):
    """The life of a worker interpreter: until something can be read from the file descriptor `wake`."""

    async def main():
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        loop.add_reader(wake, lambda: (loop.remove_reader(wake), stopped.set()))
        await serve(f"interpreter {number}", host, port, stopped.wait())

    asyncio.run(main())


def by_interpreters(workers, host, port):
    """As `by_processes`, with threads that run an interpreter each."""
    from concurrent import interpreters

    stopping = threading.Event()
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, lambda number, frame: stopping.set())
    # Closing the writing end tells all workers to stop.
    wake, write = os.pipe()
    here = os.path.dirname(os.path.abspath(__file__))

    def work(number):
        while not stopping.is_set():
            interpreter = interpreters.create()
            try:
                interpreter.prepare_main(number=number, host=host, port=port, wake=wake, here=here)
                interpreter.exec("import sys; sys.path.insert(0, here); import server; server.run_interpreter(number, host, port, wake)")
            except interpreters.ExecutionFailed as e:
                print(f"worker {number} failed ({e}), starting it again", flush=True)
                time.sleep(YOUNG / 10)
            finally:
                interpreter.close()

    threads = [threading.Thread(target=work, args=(n,), name=f"worker-{n}") for n in range(workers)]
    for t in threads:
        t.start()
    print(f"serving on {host}:{port} with {workers} interpreters", flush=True)
    while not stopping.wait(0.2):
        pass
    os.close(write)
    for t in threads:
        t.join()
    os.close(wake)
    print("drained", flush=True)


def main():
    p = argparse.ArgumentParser(description="An echo server of several workers on one port.")
    p.add_argument("--workers", type=int, default=os.process_cpu_count())
    p.add_argument("--by", choices=["processes", "interpreters"], default="processes")
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=0, help="0: any that is free")
    a = p.parse_args()
    # Holds the port for the workers, without taking connections itself.
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((a.host, a.port))
        port = holder.getsockname()[1]
        (by_processes if a.by == "processes" else by_interpreters)(a.workers, a.host, port)


if __name__ == "__main__":
    main()

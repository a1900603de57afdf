"""A crawler over a site of its own: every page is fetched exactly once, by threads and by tasks.

    taipan examples/crawler.py [pages] [workers]

The site is a small HTTP server on this machine whose pages link to each other in circles. Threads share a visited set
under a lock; tasks share one without, since nothing else runs between two awaits.
"""

import asyncio
import re
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

LINK = re.compile(rb'href="(/page/\d+)"')


class Site(ThreadingHTTPServer):
    """Pages 0 to n-1; page i links to 2i+1, 2i+2, back to its parent and to the first page."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, pages):
        super().__init__(("127.0.0.1", 0), Page)
        self.pages = pages
        self.served = Counter()
        self.lock = threading.Lock()


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        number = int(self.path.rpartition("/")[2])
        with self.server.lock:
            self.server.served[number] += 1
        links = {(2 * number + 1) % self.server.pages, (2 * number + 2) % self.server.pages, (number - 1) // 2, 0}
        body = "".join(f'<a href="/page/{n}">{n}</a>' for n in sorted(links) if n >= 0).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def crawl_by_threads(address, workers):
    """Fetches all pages that can be reached from the first; gives how many."""
    visited = {"/page/0"}
    lock = threading.Lock()
    todo = Queue()
    todo.put("/page/0")
    failures = []

    def work():
        connection = HTTPConnection(*address, timeout=30)
        while (path := todo.get()) is not None:
            try:
                connection.request("GET", path)
                body = connection.getresponse().read()
                for link in LINK.findall(body):
                    link = link.decode()
                    with lock:
                        new = link not in visited
                        visited.add(link)
                    if new:
                        todo.put(link)
            except Exception as e:
                failures.append(e)
            finally:
                todo.task_done()
        connection.close()

    threads = [threading.Thread(target=work, name=f"crawler-{n}") for n in range(workers)]
    for t in threads:
        t.start()
    todo.join()
    for _ in threads:
        todo.put(None)
    for t in threads:
        t.join()
    if failures:
        raise ExceptionGroup("pages that could not be fetched", failures)
    return len(visited)


async def crawl_by_tasks(address, workers):
    """As `crawl_by_threads`, in one thread."""
    visited = {"/page/0"}
    todo = asyncio.Queue()
    todo.put_nowait("/page/0")

    async def work():
        reader, writer = await asyncio.open_connection(*address)
        try:
            while True:
                path = await todo.get()
                writer.write(f"GET {path} HTTP/1.1\r\nHost: site\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"Content-Length: (\d+)", head)[1])
                for link in LINK.findall(await reader.readexactly(length)):
                    link = link.decode()
                    if link not in visited:
                        visited.add(link)
                        todo.put_nowait(link)
                todo.task_done()
        finally:
            writer.close()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work()) for _ in range(workers)]
        await todo.join()
        for t in tasks:
            t.cancel()
    return len(visited)


def main(pages=500, workers=8):
    for name, crawl in [
        ("threads", lambda a: crawl_by_threads(a, workers)),
        ("tasks", lambda a: asyncio.run(crawl_by_tasks(a, workers))),
    ]:
        with Site(pages) as site:
            server = threading.Thread(target=site.serve_forever, name="site")
            server.start()
            begun = time.perf_counter()
            try:
                found = crawl(site.server_address)
            finally:
                took = time.perf_counter() - begun
                site.shutdown()
                server.join()
            once = all(n == 1 for n in site.served.values())
            print(f"{name}: {found} pages, {sum(site.served.values())} requests, each once: {once}")
            print(f"{name}: {took:.2f} s", file=sys.stderr)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

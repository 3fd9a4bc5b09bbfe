"""A TCP proxy that puts a server far away: what is sent arrives half a round trip later, in either direction.

    python -m benchmarks.proxy 127.0.0.1 5432 --rtt 5      prints the port that it listens on; ends with its standard input

It runs in a process of its own, so that its work is not measured. Bytes keep their order, and bandwidth is not limited: a message is
under way while the next one is sent. Each direction has one thread that reads and one that waits, since ``time.sleep`` is exact to a
tenth of a millisecond, where the timers of an event loop round up to whole ones.
"""

from __future__ import annotations

import argparse
import contextlib
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.processes import environment

if TYPE_CHECKING:
    import sqlalchemy as sa

_CHUNK = 1 << 16
_BACKLOG = 64


class Proxy:
    """Forwards every connection to an address, each byte ``delay`` seconds after it came in.

    Args:
        host, port: where to; a host that begins with a slash is the folder of PostgreSQL's unix socket.
        delay: the way in one direction, in seconds.
    """

    def __init__(self, host: str, port: int, delay: float) -> None:
        self._host, self._to, self._delay = host, port, delay
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections; those that are open end with their sides."""
        # Linux does not wake who waits in accept() when the socket is closed; elsewhere one that listens cannot be shut down.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = self._connect()
            except OSError:
                near.close()
                continue
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink in ((near, far), (far, near)):
                under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
                threading.Thread(target=self._read, args=(source, under_way), daemon=True).start()
                threading.Thread(target=self._deliver, args=(under_way, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._host}/.s.PGSQL.{self._to}")
            return server
        server = socket.create_connection((self._host, self._to))
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server

    def _read(self, source: socket.socket, under_way: queue.SimpleQueue[tuple[float, bytes]]) -> None:
        data = b"-"
        while data:
            try:
                data = source.recv(_CHUNK)
            except OSError:
                data = b""
            # An empty one, too: the end of the stream arrives as late as what was sent before it.
            under_way.put((time.monotonic() + self._delay, data))

    @staticmethod
    def _deliver(under_way: queue.SimpleQueue[tuple[float, bytes]], sink: socket.socket) -> None:
        while True:
            due, data = under_way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if data:
                    sink.sendall(data)
                    continue
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                sink.close()
            return


@contextlib.contextmanager
def proxied(url: sa.URL, rtt: float) -> Iterator[sa.URL]:
    """Give the URL of a server as it is reached through a proxy in another process, ``rtt`` seconds away there and back."""
    socket_folder = url.query.get("host")
    host = socket_folder if isinstance(socket_folder, str) else url.host or "127.0.0.1"
    port = url.port or {"postgresql": 5432, "mysql": 3306}[url.get_backend_name()]
    command = [sys.executable, "-m", "benchmarks.proxy", host, str(port), "--rtt", str(rtt * 1000)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True, encoding="utf-8"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        listening = int(process.stdout.readline())
        yield url.difference_update_query(["host"]).set(host="127.0.0.1", port=listening)
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def main() -> None:
    """Listen until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--rtt", type=float, default=5.0, help="milliseconds there and back")
    given = parser.parse_args()
    proxy = Proxy(given.host, given.port, given.rtt / 2000)
    print(proxy.port, flush=True)
    sys.stdin.read()
    proxy.close()


if __name__ == "__main__":
    main()

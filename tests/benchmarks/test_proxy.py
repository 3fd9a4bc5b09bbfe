"""The proxy passes on every byte, in order, and later."""

from __future__ import annotations

import contextlib
import hashlib
import queue
import random
import socket
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from benchmarks.places import Place
from benchmarks.proxy import Proxy
from tests.support.servers import Backend

_SIZE = 5_000_000
# One way. Long, so that what is sent directly is there before on a machine that is busy with other things.
_DELAY = 0.8


class Listener:
    """A server that hands over its connections."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.accepted: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.accepted.put(self._listening.accept()[0])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@contextlib.contextmanager
def _connected(listener: Listener, delay: float) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give both ends of a connection through a proxy."""
    proxy = Proxy("127.0.0.1", listener.port, delay)
    with socket.create_connection(("127.0.0.1", proxy.port)) as client, listener.accepted.get(timeout=60) as server:
        yield client, server
    proxy.close()


def _all(source: socket.socket) -> bytes:
    return b"".join(iter(lambda: source.recv(1 << 16), b""))


@pytest.mark.parametrize("towards", ["the server", "the client"])
def test_every_byte_arrives_in_order(listener: Listener, towards: str) -> None:
    data = random.Random(1).randbytes(_SIZE)
    with _connected(listener, 0.001) as (client, server):
        source, sink = (client, server) if towards == "the server" else (server, client)

        def send() -> None:
            source.sendall(data)
            source.shutdown(socket.SHUT_WR)

        sending = threading.Thread(target=send)
        sending.start()
        found = _all(sink)
        sending.join()
        # The other direction is open still.
        sink.sendall(b"thank you")
        sink.shutdown(socket.SHUT_WR)
        assert _all(source) == b"thank you"
    assert len(found) == _SIZE
    assert hashlib.sha256(found).digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize("towards", ["the server", "the client"])
def test_what_is_sent_directly_overtakes(listener: Listener, towards: str) -> None:
    with (
        _connected(listener, _DELAY) as through,
        socket.create_connection(("127.0.0.1", listener.port)) as client,
        listener.accepted.get(timeout=60) as server,
    ):
        direct = (client, server)
        source, sink = (0, 1) if towards == "the server" else (1, 0)
        events: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        waiting = [threading.Thread(target=lambda end=end: events.put(end[sink].recv(10))) for end in (through, direct)]
        for each in waiting:
            each.start()
        through[source].sendall(b"far")
        direct[source].sendall(b"near")
        for each in waiting:
            each.join()
        assert [events.get(), events.get()] == [b"near", b"far"]


def test_a_server_that_is_not_there_closes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    proxy = Proxy("127.0.0.1", port, 0)
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.settimeout(60)
        assert client.recv(10) == b""
    proxy.close()


def test_a_closed_proxy_listens_no_more(listener: Listener) -> None:
    proxy = Proxy("127.0.0.1", listener.port, 0)
    proxy.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port))


@pytest.mark.backends("postgresql", "mysql")
def test_a_database_is_reached_through_it(backend: Backend) -> None:
    place = Place(backend)
    url = place.empty()
    with place.far(url, 0.002) as engine, engine.connect() as connection:
        assert engine.url.port != sa.make_url(url).port
        assert connection.scalar(sa.text("SELECT 42")) == 42


@pytest.mark.backends("sqlite")
def test_sqlite_is_far_by_waiting(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("benchmarks.places.time.sleep", waits.append)
    place = Place(backend)
    with place.far(place.empty(), 0.25) as engine, engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 42")) == 42
    assert waits == [0.25]

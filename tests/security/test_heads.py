"""Heads of requests that never end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from api.connections import MAX_HEAD_BYTES, PunctualProtocol


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server that speaks HTTP as the site does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(PlainTextResponse("here"), http=PunctualProtocol, log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(20)


def test_a_head_without_end_is_cut_off_before_it_fills_the_memory(port: int) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        with pytest.raises(ConnectionError):  # noqa: PT012 -- when it notices depends on the buffers
            while sent < 40 * MAX_HEAD_BYTES:
                endless.sendall(b"a" * 2**16)
                sent += 2**16
    assert sent < 20 * MAX_HEAD_BYTES


def test_many_requests_on_one_connection_are_not_one_long_head(port: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (MAX_HEAD_BYTES // 3) + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as patient:
        for _ in range(5):
            patient.sendall(head)
            answer = b""
            while not answer.endswith(b"here"):
                more = patient.recv(65536)
                assert more
                answer += more

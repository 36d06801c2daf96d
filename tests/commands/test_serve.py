"""`gisgrid serve`: what keeps it from listening is said before anything else happens."""

from __future__ import annotations

import asyncio
import socket

import pytest
from typer.testing import CliRunner

from gisgrid.cli import app
from gisgrid.commands.serve import listen, must_be_free
from gisgrid.errors import InputError


def test_a_port_in_use_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="in use"):
            must_be_free("127.0.0.1", port)
        result = CliRunner().invoke(app, ["serve", "--port", str(port)])
    assert result.exit_code == 2
    assert f"127.0.0.1:{port}" in result.stderr


def test_an_address_of_another_machine_is_a_clear_error() -> None:
    with pytest.raises(InputError, match="cannot be listened at"):
        must_be_free("203.0.113.1", 8000)


def test_small_packets_of_an_answer_do_not_wait_for_each_other() -> None:
    async def without_delay() -> int:
        told = asyncio.get_running_loop().create_future()

        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            told.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen("127.0.0.1", 0)
        async with await asyncio.start_server(answer, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            found: int = await asyncio.wait_for(told, 5)
            writer.close()
        return found

    assert asyncio.run(without_delay())

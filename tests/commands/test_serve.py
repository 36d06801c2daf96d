"""`gisgrid serve`: what keeps it from listening is said before anything else happens."""

from __future__ import annotations

import socket

import pytest
from typer.testing import CliRunner

from gisgrid.cli import app
from gisgrid.commands.serve import must_be_free
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

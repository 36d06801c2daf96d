"""The site in a process of its own, as it runs in earnest."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import structlog
import uvicorn

from api.app import create_app
from gisgrid.commands.serve import listen
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from gisgrid.store.server import Server


def run(server: Server, name: str, data_dir: Path, listener: socket.socket) -> None:
    """Serve a database until terminated."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    app = create_app(Settings(data_dir=data_dir), Database(server, database=name))
    config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def served(server: Server, name: str, data_dir: Path) -> Iterator[str]:
    """The address of the site over a database of the server."""
    listener = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    arguments = (server, name, data_dir, listener)
    process = multiprocessing.get_context("spawn").Process(target=run, args=arguments, daemon=True)
    process.start()
    listener.close()
    try:
        _await(address, process)
        yield address
    finally:
        process.terminate()
        process.join(20)


def _await(address: str, process: multiprocessing.process.BaseProcess) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.is_alive():
        try:
            if httpx.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError(f"the site did not come up (exit code {process.exitcode})")

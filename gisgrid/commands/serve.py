"""`gisgrid serve`: the site, on this machine."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Mapping
from typing import Annotated, Any

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from gisgrid.commands.exits import or_exit
from gisgrid.commands.platform import prepared_server
from gisgrid.errors import InputError
from gisgrid.options import Language
from gisgrid.settings import Settings, settings
from gisgrid.store.cluster import server
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from gisgrid.store.server import Server
from gisgrid.text import Lang, Text

GRACE_S = 10
"""How long answers may take to finish when the site is stopped."""


def serve(
    host: Annotated[str, typer.Option("--host", help="监听的地址。 The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="端口；0 为任选。 The port; 0 for any.")
    ] = 8000,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=1,
            max=64,
            help="进程数；每个最多用 16 个数据库连接，登录限速各自计算。 Processes; each has up to 16 "
            "connections, and counts failed logins for itself.",
        ),
    ] = 1,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="先建立或升级数据表。 Bring the tables up to date first.")
    ] = False,
    lang: Language = Lang.ZH,
) -> None:
    """启动网站；Ctrl+C 停止。 Serve the site; Ctrl+C stops it."""
    listener = or_exit(lambda: listen(host, port), lang)
    reached = or_exit(lambda: _prepared(migrate=migrate), lang)
    address = f"http://{_bracketed(host)}:{listener.getsockname()[1]}"
    told = Text(zh=f"网站在 {address} ，按 Ctrl+C 停止。", en=f"The site is at {address} ; Ctrl+C stops it.")
    typer.echo(told.of(lang), err=True)
    if workers > 1:
        _run_workers(listener, workers)
    else:
        _run(settings(), Database(reached), listener)


def must_be_free(host: str, port: int) -> None:
    """Make sure that the site can listen there.

    Raises
    ------
    InputError
        If another program does, or it is not allowed.
    """
    listen(host, port).close()


def run_site(settings: Settings, database: Database, *, host: str, port: int) -> None:
    """Serve the site over a database until told to stop; answers under way are finished.

    Raises
    ------
    InputError
        If it cannot listen there.
    """
    _run(settings, database, listen(host, port))


_OPTIONS: Mapping[str, Any] = {
    "http": "api.connections:PunctualProtocol",
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,  # the application looks at them itself, and only from a trusted proxy
    "timeout_keep_alive": 15,
    "timeout_graceful_shutdown": GRACE_S,
}


def _run(settings: Settings, database: Database, listener: socket.socket) -> None:
    from api.app import create_app
    from api.logs import configure_logs

    configure_logs()
    site = uvicorn.Server(uvicorn.Config(create_app(settings, database), **_OPTIONS))
    with listener, contextlib.suppress(KeyboardInterrupt):  # uvicorn's own, once all answers are given
        site.run(sockets=[listener])


def _run_workers(listener: socket.socket, workers: int) -> None:
    config = uvicorn.Config("api.app:site", factory=True, workers=workers, **_OPTIONS)
    with listener:
        Multiprocess(config, sockets=[listener]).run()


def _prepared(*, migrate: bool) -> Server:
    if migrate:
        upgrade(server(settings()))
    return prepared_server()


def listen(host: str, port: int) -> socket.socket:
    """A socket for the site's server; port 0 is any that is free.

    Raises
    ------
    InputError
        If it cannot be had, and why.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Without the protocol asyncio leaves Nagle's algorithm on: 40 ms in every twentieth answer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
        listener.set_inheritable(True)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> InputError:
    where = f"{_bracketed(host)}:{port}"
    if error.errno == errno.EADDRINUSE:
        what = Text(zh="端口已被占用。", en="The port is in use.")
        todo = Text(
            zh="请停止占用它的程序，或用 --port 换一个端口。",
            en="Stop the program that has it, or choose another with --port.",
        )
    elif error.errno in (errno.EACCES, errno.EPERM):
        what = Text(zh="没有使用这个端口的权限。", en="This port is not yours to use.")
        todo = Text(zh="请用 --port 选 1024 以上的端口。", en="Choose one above 1023 with --port.")
    else:
        what = Text(zh="不能监听这个地址。", en="This address cannot be listened at.")
        todo = Text(zh="请用 --host 换一个地址。", en="Choose another with --host.")
    return InputError(what, where=where, todo=todo)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

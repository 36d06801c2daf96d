"""`gisgrid db`: the private PostGIS cluster, or the server that GISGRID_DATABASE_URL names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gisgrid.commands.exits import or_exit
from gisgrid.errors import StoreError
from gisgrid.options import Language
from gisgrid.settings import settings
from gisgrid.store import cluster
from gisgrid.store.backup import backup as back_up
from gisgrid.store.backup import restore as bring_back
from gisgrid.store.cluster import ClusterState, ClusterStatus, Role
from gisgrid.store.postgres_tools import find_tools
from gisgrid.text import Lang, Text

app = typer.Typer(
    no_args_is_help=True,
    help="数据库：启动、停止、备份、恢复。 The database: start and stop it, back it up, restore it.",
)

_STATES = {
    ClusterState.ABSENT: Text(zh="还没有建立", en="not made yet"),
    ClusterState.STOPPED: Text(zh="已停止", en="stopped"),
    ClusterState.STARTING: Text(zh="正在启动或停止", en="starting or stopping"),
    ClusterState.RUNNING: Text(zh="运行中", en="running"),
}


@app.command()
def start(lang: Language = Lang.ZH) -> None:
    """启动数据库；没有时先建立。 Start the database; make it first if there is none."""
    or_exit(lambda: cluster.server(settings()), lang)
    _show(or_exit(lambda: cluster.server_status(settings()), lang), lang)


@app.command()
def stop(lang: Language = Lang.ZH) -> None:
    """停止数据库，断开所有连接；数据不丢。 Stop the database and end all connections; nothing is lost."""

    def work() -> None:
        if settings().database_url is not None:
            raise StoreError(
                Text(zh="数据库服务器不归 gisgrid 管。", en="The database server is not gisgrid's to stop."),
                where="GISGRID_DATABASE_URL",
                todo=Text(zh="请用服务器自己的方法停止它。", en="Stop it by its own means."),
            )
        cluster.cluster(settings()).stop()

    or_exit(work, lang)
    _say(Text(zh="数据库已停止。", en="The database has stopped."), lang)


@app.command()
def status(lang: Language = Lang.ZH) -> None:
    """数据库的状态、版本、大小。 State, versions and size of the database.

    退出码 Exit code: 0 运行中 running; 1 没有运行 not running.
    """
    found = or_exit(lambda: cluster.server_status(settings()), lang)
    _show(found, lang)
    raise typer.Exit(0 if found.state is ClusterState.RUNNING else 1)


@app.command()
def url(
    role: Annotated[
        Role, typer.Option("--role", help="owner 管表结构，app 受行级安全约束。 app is under row security.")
    ] = Role.OWNER,
    with_password: Annotated[
        bool,
        typer.Option("--with-password", help="在终端上也显示口令。 Show the password on a terminal too."),
    ] = False,
    lang: Language = Lang.ZH,
) -> None:
    """数据库地址，可用于 psql "$(gisgrid db url)"。 The database's URL, for psql and other clients.

    输出到终端时不含口令，除非要求。 Without the password when printed to a terminal, unless asked for.
    """
    secret = with_password or not sys.stdout.isatty()
    typer.echo(or_exit(lambda: cluster.server(settings()).libpq_url(role, password=secret), lang))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="要写的文件。 The file to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="替换已有的文件。 Replace an existing file.")
    ] = False,
    lang: Language = Lang.ZH,
) -> None:
    """备份整个数据库到一个文件（含口令散列，请妥善保管）。 Write all into one file; keep it safe."""

    def work() -> int:
        running = cluster.server(settings())
        return back_up(running, file, find_tools(settings().postgres_bin), overwrite=overwrite)

    size_mb = or_exit(work, lang) / 1e6
    _say(
        Text(zh=f"已备份到 {file}（{size_mb:.1f} MB）。", en=f"Backed up to {file} ({size_mb:.1f} MB)."), lang
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="gisgrid db backup 写的文件。 Written by gisgrid db backup.")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。 Do not ask.")] = False,
    lang: Language = Lang.ZH,
) -> None:
    """用备份替换现有的数据库；文件有误时现有数据不变。 Replace the database; a bad file changes nothing."""
    question = Text(
        zh="现有数据将被备份替换，网站会断开片刻。继续？",
        en="The backup will replace what is there, and the site will be gone for a moment. Go on?",
    )
    if not yes and not typer.confirm(question.of(lang)):
        raise typer.Exit(1)

    def work() -> None:
        from gisgrid.store.migrate import upgrade

        running = cluster.server(settings())
        bring_back(running, file, find_tools(settings().postgres_bin), finish=upgrade)

    or_exit(work, lang)
    _say(Text(zh=f"已从 {file} 恢复。", en=f"Restored from {file}."), lang)


@app.command()
def migrate(lang: Language = Lang.ZH) -> None:
    """建立或升级数据表；可重复执行。 Make the tables, or bring them up to date; running it again is safe."""

    def work() -> None:
        from gisgrid.store.migrate import upgrade

        upgrade(cluster.server(settings()))

    or_exit(work, lang)
    _say(Text(zh="数据表是最新的。", en="The tables are up to date."), lang)


def _show(found: ClusterStatus, lang: Lang) -> None:
    rows = (
        (Text(zh="状态", en="State"), _STATES[found.state].of(lang)),
        (Text(zh="位置", en="Where"), found.where),
        (Text(zh="PostgreSQL", en="PostgreSQL"), found.version or found.installed),
        (Text(zh="PostGIS", en="PostGIS"), found.postgis),
        (
            Text(zh="大小", en="Size"),
            None if found.size_bytes is None else f"{found.size_bytes / 1e6:.0f} MB",
        ),
    )
    for label, value in rows:
        if value is not None:
            typer.echo(f"{label.of(lang)}: {value}")
    for warning in found.warnings:
        Console(stderr=True, highlight=False, soft_wrap=True).print(warning.of(lang), markup=False)


def _say(text: Text, lang: Lang) -> None:
    Console(highlight=False, soft_wrap=True).print(text.of(lang), markup=False)

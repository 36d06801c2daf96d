"""`gisgrid demo`: the Panjin region in a database of its own, audited, and served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from gisgrid.accounts.demo import DemoAccount, demo_accounts
from gisgrid.commands.exits import or_exit
from gisgrid.commands.serve import must_be_free, run_site
from gisgrid.errors import InputError
from gisgrid.importing.demo import load_demo
from gisgrid.model import Finding, Plan, PlanState, Source, UncoveredSource
from gisgrid.options import Language
from gisgrid.settings import settings
from gisgrid.store.cluster import server
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from gisgrid.text import Lang, Text

HOST = "127.0.0.1"
PANJIN = Path(__file__).parents[2] / "data" / "panjin"

_FINDINGS = {
    "gap": Text(zh="覆盖空白", en="coverage gaps"),
    "overlap": Text(zh="重叠", en="overlaps"),
    "protrusion": Text(zh="越界", en="protrusions"),
    "misnested": Text(zh="错属", en="mis-nested"),
}
console = Console(highlight=False, soft_wrap=True)


def demo(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口。 Port to serve at.")] = 8000,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="启动网站，或仅准备数据。 Serve, or only set up.")
    ] = True,
    data: Annotated[
        Path, typer.Option("--data", help="演示数据文件夹。 Folder of the demo data.", show_default=False)
    ] = PANJIN,
    lang: Language = Lang.ZH,
) -> None:
    """装入盘锦演示区并打开网站。 Load the Panjin demo region and serve it.

    可重复运行：已有的数据不变。 Running it again changes nothing.
    """
    or_exit(lambda: _demo(port, serve, data, lang), lang)


def _demo(port: int, serve: bool, data: Path, lang: Lang) -> None:
    if not data.is_dir():
        raise InputError(
            Text(zh="找不到演示数据。", en="The demo data is not here."),
            where=str(data),
            todo=Text(
                zh="请在 gisgrid 源码目录中运行，或用 --data 指定文件夹。",
                en="Run it from gisgrid's source tree, or name the folder with --data.",
            ),
        )
    if serve:
        must_be_free(HOST, port)
    here = server(settings())
    upgrade(here)
    database = Database(here)
    load_demo(database, data)
    _print_findings(database, lang)
    _print_accounts(demo_accounts(database, settings().data_dir / "demo-accounts.json"), lang)
    if serve:
        console.print(Text(zh="打开", en="Open").of(lang), f"[bold]http://{HOST}:{port}[/]")
        run_site(settings(), database, host=HOST, port=port)
    else:
        database.close()


def _print_findings(database: Database, lang: Lang) -> None:
    with database.operating() as session:
        plan = session.scalars(select(Plan.id).where(Plan.state == PlanState.PUBLISHED)).one()
        counted = select(Finding.kind, func.count()).where(Finding.plan_id == plan).group_by(Finding.kind)
        counts = {str(row[0]): row[1] for row in session.execute(counted)}
        sources = session.scalar(select(func.count()).select_from(Source)) or 0
        missed = session.scalar(select(func.count()).where(UncoveredSource.plan_id == plan)) or 0
    found = ", ".join(f"{name.of(lang)} {counts.get(kind, 0)}" for kind, name in _FINDINGS.items())
    said = Text(zh=f"污染源 {sources}，未覆盖 {missed}", en=f"{sources} sources, {missed} uncovered")
    console.print(f"{found}; {said.of(lang)}")


def _print_accounts(accounts: list[DemoAccount], lang: Lang) -> None:
    heading = Text(
        zh="演示账号（密码为本机随机生成）", en="Demo accounts (passwords made up on this machine)"
    )
    table = Table(title=heading.of(lang), title_justify="left", box=None, pad_edge=False)
    for each in (
        Text("用户名", "login"),
        Text("密码", "password"),
        Text("角色", "role"),
        Text("辖区", "jurisdiction"),
    ):
        table.add_column(each.of(lang))
    for account in accounts:
        table.add_row(account.login, account.password, account.role.of(lang), account.jurisdiction or "—")
    console.print(table)

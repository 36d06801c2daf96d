"""`gisgrid token`: access tokens for QGIS, GDAL and scripts."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gisgrid.accounts import tokens
from gisgrid.accounts.directory import account_id
from gisgrid.accounts.tokens import MAX_DAYS, KnownToken, NewToken, Scope
from gisgrid.commands.exits import or_exit
from gisgrid.commands.platform import on_platform
from gisgrid.options import Language
from gisgrid.text import Lang, Text

app = typer.Typer(
    no_args_is_help=True,
    help="访问令牌（QGIS、GDAL、脚本用）：添加、撤销、列出。 Access tokens: add, revoke, list.",
)

Login = Annotated[str, typer.Argument(help="账号的用户名。 The account's login.")]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="用途，如 QGIS。 What it is for, such as QGIS.")],
    days: Annotated[
        int, typer.Option("--days", min=1, max=MAX_DAYS, help="有效天数。 For how many days.")
    ] = 90,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(
            "--scope",
            help="权限，可重复；默认只读。last-writer-wins 须与 write 同用：修改时不必说明依据的版本。 "
            "What it allows, repeatable; reading by default. last-writer-wins, beside write: changes need not"
            " say which version they were drawn on, as QGIS does not.",
        ),
    ] = None,
    lang: Language = Lang.ZH,
) -> None:
    """添加令牌并显示一次。 Make a token, and print it once.

    用法 Usage: Bearer 令牌，或 Basic（用户名任意，令牌作密码）。 As Bearer, or as the password of Basic.
    """

    def work() -> NewToken:
        with on_platform() as session:
            account = account_id(session, login)
            return tokens.make_token(session, account, name=name, scopes=scope or [], days=days)

    made = or_exit(work, lang)
    told = Text(zh=f"令牌 {made.id}（只显示这一次）：", en=f"Token {made.id} (shown only this once):")
    typer.echo(told.of(lang), err=True)
    typer.echo(made.token)


@app.command()
def revoke(
    number: Annotated[
        int, typer.Argument(help="令牌的编号，见 list。 The token's number, as in list.", min=1)
    ],
    lang: Language = Lang.ZH,
) -> None:
    """撤销令牌，立即失效。 Revoke a token; it ends at once."""

    def work() -> None:
        with on_platform() as session:
            tokens.revoke_token(session, number)

    or_exit(work, lang)
    typer.echo(Text(zh=f"已撤销令牌 {number}。", en=f"Revoked token {number}.").of(lang), err=True)


@app.command("list")
def list_all(login: Login, lang: Language = Lang.ZH) -> None:
    """列出一个账号的令牌。 List the tokens of an account."""

    def work() -> list[KnownToken]:
        with on_platform() as session:
            return tokens.list_tokens(session, account_id(session, login))

    titles = (
        Text(zh="编号", en="Number"),
        Text(zh="名称", en="Name"),
        Text(zh="权限", en="Scopes"),
        Text(zh="有效期至", en="Expires"),
        Text(zh="上次使用", en="Last used"),
        Text(zh="撤销", en="Revoked"),
    )
    table = Table(*(title.of(lang) for title in titles))
    for each in or_exit(work, lang):
        moments = (each.expires_at, each.last_used_at, each.revoked_at)
        days = (f"{moment:%Y-%m-%d}" if moment else "" for moment in moments)
        table.add_row(str(each.id), each.name, " ".join(each.scopes), *days)
    Console().print(table)

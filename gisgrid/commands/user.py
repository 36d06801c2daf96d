"""`gisgrid user`: who may log in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gisgrid.accounts import directory
from gisgrid.accounts.directory import AccountEntry, NewAccount
from gisgrid.accounts.passwords import generate_password
from gisgrid.commands.exits import or_exit
from gisgrid.commands.platform import on_platform
from gisgrid.errors import InputError
from gisgrid.model import AccountRole
from gisgrid.options import Language
from gisgrid.text import Lang, Text

app = typer.Typer(
    no_args_is_help=True,
    help="账号：添加、改密码、停用、列出。 Accounts: add, set a password, disable, list.",
)

Login = Annotated[str, typer.Argument(help="用户名。 The login.")]
Generate = Annotated[
    bool,
    typer.Option(
        "--generate",
        help="生成密码并显示一次；否则输入两次，或从管道读一行。 Make up a password and print it once; "
        "otherwise it is typed twice, or read as a line from a pipe.",
    ),
]


@app.command()
def add(
    login: Login,
    role: Annotated[AccountRole, typer.Option("--role", help="角色。 What the account may do.")],
    name: Annotated[str, typer.Option("--name", help="姓名。 Their name.")] = "",
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", help="辖区：网格的 uid；不给则为全部。 A grid's uid; all if absent."),
    ] = None,
    department: Annotated[
        str | None,
        typer.Option("--department", help="部门代码（部门人员）。 A department's code, for its staff."),
    ] = None,
    generate: Generate = False,
    lang: Language = Lang.ZH,
) -> None:
    """添加账号。 Add an account."""

    def work() -> str | None:
        password = None if generate else _asked(lang)
        new = NewAccount(login, name, role, jurisdiction, department, password)
        with on_platform() as session:
            return directory.add_account(session, new)

    made = or_exit(work, lang)
    _say(Text(zh=f"已添加账号 {login}。", en=f"Added the account {login}."), lang)
    _show_once(made, lang)


@app.command()
def passwd(login: Login, generate: Generate = False, lang: Language = Lang.ZH) -> None:
    """设新密码；该账号的登录和访问令牌全部失效。 Set a new password; all its sessions and tokens end."""

    def work() -> str:
        password = generate_password() if generate else _asked(lang)
        with on_platform() as session:
            directory.set_password(session, login, password)
        return password

    password = or_exit(work, lang)
    _say(Text(zh=f"{login} 的密码已更新。", en=f"{login} has a new password."), lang)
    _show_once(password if generate else None, lang)


@app.command()
def disable(login: Login, lang: Language = Lang.ZH) -> None:
    """停用账号；其登录和访问令牌立即失效。 Disable an account; its sessions and tokens end at once."""

    def work() -> None:
        with on_platform() as session:
            directory.disable(session, login)

    or_exit(work, lang)
    _say(Text(zh=f"已停用 {login}。", en=f"Disabled {login}."), lang)


@app.command()
def enable(login: Login, lang: Language = Lang.ZH) -> None:
    """重新启用账号。 Let a disabled account in again."""

    def work() -> None:
        with on_platform() as session:
            directory.enable(session, login)

    or_exit(work, lang)
    _say(Text(zh=f"已启用 {login}。", en=f"Enabled {login}."), lang)


@app.command("list")
def list_all(lang: Language = Lang.ZH) -> None:
    """列出账号。 List the accounts."""

    def work() -> list[AccountEntry]:
        with on_platform() as session:
            return directory.list_accounts(session)

    titles = (
        Text(zh="用户名", en="Login"),
        Text(zh="姓名", en="Name"),
        Text(zh="角色", en="Role"),
        Text(zh="辖区", en="Jurisdiction"),
        Text(zh="部门", en="Department"),
        Text(zh="停用", en="Disabled"),
    )
    everywhere = Text(zh="全部", en="all").of(lang)
    table = Table(*(title.of(lang) for title in titles))
    for each in or_exit(work, lang):
        department = each.department_name.of(lang) if each.department_name else ""
        disabled = Text(zh="是", en="yes").of(lang) if each.is_disabled else ""
        place = each.jurisdiction_name or each.jurisdiction or everywhere
        table.add_row(each.login, each.name, each.role.value, place, department, disabled)
    Console().print(table)


def _asked(lang: Lang) -> str:
    """A password typed twice at a terminal, or a line of a pipe; an argument could be seen by others."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise InputError(
                Text(zh="没有给出密码。", en="No password was given."),
                todo=Text(
                    zh="请在终端输入、从管道送入一行，或用 --generate。",
                    en="Type it at a terminal, send it as a line through a pipe, or use --generate.",
                ),
            )
        return line
    return str(
        typer.prompt(Text(zh="密码", en="Password").of(lang), hide_input=True, confirmation_prompt=True)
    )


def _show_once(password: str | None, lang: Lang) -> None:
    if password is not None:
        _say(Text(zh="密码（只显示这一次）：", en="Password (shown only this once):"), lang)
        typer.echo(password)


def _say(text: Text, lang: Lang) -> None:
    typer.echo(text.of(lang), err=True)

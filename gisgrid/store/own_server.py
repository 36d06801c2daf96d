"""A database server of one's own, named by GISGRID_DATABASE_URL."""

from __future__ import annotations

import psycopg
from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from gisgrid.errors import InputError, StoreError
from gisgrid.settings import Settings
from gisgrid.store.preparation import prepare
from gisgrid.store.server import USERS, Role, Server
from gisgrid.text import Text


def named(settings: Settings) -> Server:
    """The server that the settings name; nothing is asked of it yet.

    Raises
    ------
    InputError
        If an address cannot be understood, or a password is missing.
    """
    owner = _parsed(settings.database_url or "", "GISGRID_DATABASE_URL")
    users = {**USERS, Role.OWNER: owner.username or ""}
    passwords = {Role.OWNER: owner.password}
    for role, word, name in (
        (Role.APP, settings.app_password, "GISGRID_APP_PASSWORD"),
        (Role.LOGIN, settings.login_password, "GISGRID_LOGIN_PASSWORD"),
    ):
        if word is None:
            raise InputError(
                Text(
                    zh=f"使用自己的数据库服务器时，需要 {USERS[role]} 的口令。",
                    en=f"With a database server of one's own, the password of {USERS[role]} is needed.",
                ),
                where=name,
                todo=Text(zh=f"请设 {name} 后重试。", en=f"Set {name} and try again."),
            )
        passwords[role] = word.get_secret_value()
    del users[Role.SUPERUSER]
    if settings.admin_url is not None:
        admin = _parsed(settings.admin_url, "GISGRID_ADMIN_URL")
        users[Role.SUPERUSER], passwords[Role.SUPERUSER] = admin.username or "", admin.password
    return Server(
        owner.set(username=None, password=None, database=None),
        users,
        {role: SecretStr(str(word)) for role, word in passwords.items() if word is not None},
        database=owner.database or "",
        private=False,
    )


def reach(settings: Settings) -> Server:
    """The server that the settings name, reachable and prepared.

    Raises
    ------
    StoreError
        If it does not answer, or lacks what gisgrid needs and may not make.
    """
    reached = named(settings)
    role = Role.SUPERUSER if Role.SUPERUSER in reached.users else Role.OWNER
    try:
        with reached.connect(role) as connection:
            prepare(connection, reached)
        for each in (Role.OWNER, Role.APP, Role.LOGIN):
            reached.connect(each).close()
    except psycopg.OperationalError as error:
        raise StoreError(
            Text(zh="连不上数据库服务器。", en="The database server cannot be reached."),
            where=str(error).strip().splitlines()[-1],
            todo=Text(
                zh="请检查 GISGRID_DATABASE_URL、口令，以及服务器是否在运行、"
                "是否允许 gisgrid_app 和 gisgrid_login 登录。",
                en="Check GISGRID_DATABASE_URL and the passwords, that the server runs, and that it lets "
                "gisgrid_app and gisgrid_login in.",
            ),
        ) from None
    return reached


def _parsed(address: str, name: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    wanted = ("postgresql", "postgres", "postgresql+psycopg")
    if url is None or url.drivername not in wanted or not url.username or not url.database:
        raise InputError(
            Text(zh="数据库地址无法识别。", en="The database's address cannot be understood."),
            where=name,
            todo=Text(
                zh="写法：postgresql://用户:口令@主机:5432/数据库（口令中的特殊字符用 %XX）。",
                en="Write postgresql://user:password@host:5432/database (special characters as %XX).",
            ),
        )
    return url.set(drivername="postgresql")

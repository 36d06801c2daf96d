"""Where the database is, and how each role reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from pydantic import SecretStr
from sqlalchemy import URL

from gisgrid.errors import StoreError
from gisgrid.text import Text

DATABASE = "gisgrid"
ANONYMOUS = "gisgrid_anonymous"


class Role(StrEnum):
    """Who talks to the database."""

    SUPERUSER = "superuser"
    """Prepares, backs up and restores; no request ever comes near it."""
    OWNER = "owner"
    """Owns the tables; migrations."""
    APP = "app"
    """Every request: neither owner nor superuser, and under row-level security."""
    LOGIN = "login"
    """Checks passwords and opens sessions, and sees nothing else."""


USERS = {
    Role.SUPERUSER: "postgres",
    Role.OWNER: "gisgrid_owner",
    Role.APP: "gisgrid_app",
    Role.LOGIN: "gisgrid_login",
}


@dataclass(frozen=True)
class Server:
    """A database server, and the name and password of each role on it.

    Parameters
    ----------
    address : URL
        Host (or socket folder), port and options; without user and database.
    users : mapping of Role to str
    passwords : mapping of Role to SecretStr
        A role without a password is authenticated otherwise (a certificate, a password file).
    database : str
    private : bool
        Whether gisgrid runs this server itself.
    """

    address: URL
    users: Mapping[Role, str] = field(repr=False)
    passwords: Mapping[Role, SecretStr] = field(repr=False)
    database: str = DATABASE
    private: bool = True

    def url(self, role: Role, database: str | None = None) -> URL:
        """SQLAlchemy's URL for a role; its repr masks the password.

        Raises
        ------
        StoreError
            If the role is the superuser, on a server of one's own that names none.
        """
        if role not in self.users:
            raise StoreError(
                Text(
                    zh="这一步需要数据库超级用户，而 GISGRID_DATABASE_URL 给的是普通所有者。",
                    en="This needs a superuser; GISGRID_DATABASE_URL names an ordinary owner.",
                ),
                todo=Text(
                    zh="请设 GISGRID_ADMIN_URL 为超级用户的地址后重试，"
                    "或请数据库管理员用 pg_dump/pg_restore 完成。",
                    en="Set GISGRID_ADMIN_URL to a superuser's URL and try again, or ask the database's "
                    "administrator to do it with pg_dump and pg_restore.",
                ),
            )
        password = self.passwords.get(role)
        return self.address.set(
            drivername="postgresql+psycopg",
            username=self.users[role],
            password=None if password is None else password.get_secret_value(),
            database=database or self.database,
        )

    def libpq_url(self, role: Role, database: str | None = None, *, password: bool = True) -> str:
        """The URL as psql, pg_dump and GDAL take it; without the password, if it goes another way."""
        url = self.url(role, database)
        user = quote(url.username or "", safe="")
        if url.password is not None and password:
            user += f":{quote(str(url.password), safe='')}"
        host = f"[{url.host}]" if url.host and ":" in url.host else url.host or ""
        port = f":{url.port}" if url.port else ""
        query = urlencode([*url.query.items()], doseq=True, quote_via=quote, safe="")
        return f"postgresql://{user}@{host}{port}/{quote(url.database or '', safe='')}" + (
            f"?{query}" if query else ""
        )

    def connect(self, role: Role, database: str | None = None, **options: Any) -> psycopg.Connection:
        """A psycopg connection of a role, in autocommit unless told otherwise."""
        options = {"autocommit": True, "connect_timeout": 10, **options}
        return psycopg.connect(self.libpq_url(role, database), **options)

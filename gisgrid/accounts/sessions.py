"""Logging in and out. A browser gets a random token; the database keeps its SHA-256."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import text

from gisgrid.accounts.errors import LoginRefused, WrongPassword
from gisgrid.accounts.identity import Asker, token_hash
from gisgrid.accounts.passwords import hash_password, is_password, must_be_strong
from gisgrid.store.database import Database

SESSION_LIFETIME = timedelta(hours=12)

_CREDENTIALS = text("SELECT account_id, password_hash FROM gisgrid.credentials(:login)")
_OPEN = text("SELECT gisgrid.open_session(:account, :hash, :lifetime)")
_CLOSE = text("SELECT gisgrid.close_session()")
_CHANGE_PASSWORD = text("SELECT gisgrid.change_password(:account, :hash)")


def log_in(database: Database, login: str, password: str) -> str:
    """Open a session, and return its token.

    Takes as long for an unknown login as for a wrong password, and holds no
    connection while it compares.

    Raises
    ------
    LoginRefused
        If the account does not exist, is disabled, or has another password.
    """
    account = _whose(database, login, password)
    if account is None:
        raise LoginRefused
    token = f"s_{secrets.token_urlsafe(32)}"
    with database.logging_in() as session:
        values = {"account": account, "hash": token_hash(token), "lifetime": SESSION_LIFETIME}
        if session.execute(_OPEN, values).scalar_one() is None:  # disabled in the meantime
            raise LoginRefused
    return token


def log_out(database: Database, token: str) -> None:
    """End the session with this token, if there is one."""
    with database.bearer(token) as session:
        session.execute(_CLOSE)


def change_password(database: Database, asker: Asker, token: str, *, old: str, new: str) -> None:
    """Set a new password for who is asking; all other sessions of the account end.

    Raises
    ------
    WrongPassword, WeakPassword
    """
    if _whose(database, asker.login, old) != asker.id:
        raise WrongPassword
    must_be_strong(new, login=asker.login)
    hashed = hash_password(new)
    with database.logging_in(token) as session:
        session.execute(_CHANGE_PASSWORD, {"account": asker.id, "hash": hashed})


def _whose(database: Database, login: str, password: str) -> int | None:
    """The account with this login and password."""
    found = None
    if "\x00" not in login:
        with database.logging_in() as session:
            found = session.execute(_CREDENTIALS, {"login": login}).one_or_none()
    if not is_password(password, None if found is None else found.password_hash) or found is None:
        return None
    account: int = found.account_id
    return account

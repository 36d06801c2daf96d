"""The accounts: who there is, new ones, disabled ones, passwords set anew."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.accounts.errors import LoginTaken, UnknownAccount, UnusableAccount
from gisgrid.accounts.passwords import generate_password, hash_password, must_be_strong
from gisgrid.model import Account, AccountRole, Department, Grid, Plan, PlanState
from gisgrid.text import Text

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_CORRECT = Text(zh="请改正后重试。", en="Correct it, and try again.")


@dataclass(frozen=True)
class AccountEntry:
    """An account as a list shows it.

    Attributes
    ----------
    jurisdiction, jurisdiction_name : str or None
        The uid and the name of a grid; None: the whole platform.
    department, department_name : str or None, Text or None
        A department's code and name.
    """

    id: int
    login: str
    name: str
    role: AccountRole
    jurisdiction: str | None
    jurisdiction_name: str | None
    department: str | None
    department_name: Text | None
    is_disabled: bool


@dataclass(frozen=True)
class NewAccount:
    """An account to be made; without a password one is generated."""

    login: str
    name: str
    role: AccountRole
    jurisdiction: str | None = None
    department: str | None = None
    password: str | None = field(default=None, repr=False)


def list_accounts(session: Session, login: str | None = None) -> list[AccountEntry]:
    """The accounts that one may see, or the one with this login."""
    named = (
        select(Grid.name)
        .join(Plan, Plan.id == Grid.plan_id)
        .where(Grid.uid == Account.jurisdiction)
        .order_by((Plan.state == PlanState.PUBLISHED).desc(), Plan.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = (
        select(
            Account.id,
            Account.login,
            Account.name,
            Account.role,
            Account.jurisdiction,
            named.label("jurisdiction_name"),
            Department.code,
            Department.name_zh,
            Department.name_en,
            Account.disabled_at,
        )
        .outerjoin(Department, Department.id == Account.department_id)
        .order_by(Account.login)
    )
    if login is not None:
        wanted = wanted.where(Account.login == login)
    return [
        AccountEntry(
            id=row.id,
            login=row.login,
            name=row.name,
            role=row.role,
            jurisdiction=row.jurisdiction,
            jurisdiction_name=row.jurisdiction_name,
            department=row.code,
            department_name=Text(zh=row.name_zh, en=row.name_en) if row.code else None,
            is_disabled=row.disabled_at is not None,
        )
        for row in session.execute(wanted)
    ]


def add_account(session: Session, new: NewAccount) -> str | None:
    """Make an account; the password, if it was generated: it is not seen again.

    Raises
    ------
    UnusableAccount, WeakPassword, LoginTaken
    """
    if not _LOGIN.fullmatch(new.login):
        raise _unusable(
            Text(
                zh="用户名为 2 到 32 个小写字母、数字、点、横线或下划线，以字母或数字开头。",
                en="A login has 2 to 32 lower-case letters, digits, dots, hyphens or underscores, "
                "and begins with a letter or a digit.",
            ),
            new.login,
        )
    password = new.password or generate_password()
    must_be_strong(password, login=new.login)
    account = Account(
        login=new.login,
        name=new.name.strip() or new.login,
        role=new.role,
        jurisdiction=_known_grid(session, new.jurisdiction),
        department_id=_department(session, new),
        password_hash=hash_password(password),
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != "23505":
            raise
        raise LoginTaken(
            Text(zh="这个用户名已被使用。", en="This login is in use."),
            where=new.login,
            todo=Text(zh="请换一个用户名。", en="Choose another."),
        ) from None
    return None if new.password else password


def set_password(session: Session, login: str, password: str) -> None:
    """Set an account's password; all its sessions and access tokens end.

    Raises
    ------
    UnknownAccount, WeakPassword
    """
    must_be_strong(password, login=login)
    _change(session, login, password_hash=hash_password(password))


def disable(session: Session, login: str) -> None:
    """Let an account in no more; its sessions and access tokens end.

    Raises
    ------
    UnknownAccount
    """
    _change(session, login, disabled_at=func.now())


def enable(session: Session, login: str) -> None:
    """Let a disabled account in again; sessions and tokens that ended stay ended.

    Raises
    ------
    UnknownAccount
    """
    _change(session, login, disabled_at=None)


def account_id(session: Session, login: str) -> int:
    """The id of an account.

    Raises
    ------
    UnknownAccount
    """
    found = session.scalar(select(Account.id).where(Account.login == login))
    if found is None:
        raise UnknownAccount(
            Text(zh="没有这个账号。", en="There is no such account."),
            where=login,
            todo=Text(zh="请查看账号列表。", en="Look at the list of accounts."),
        )
    return found


def _change(session: Session, login: str, **values: Any) -> None:
    found = account_id(session, login)
    session.execute(
        update(Account).where(Account.id == found).values(values).execution_options(synchronize_session=False)
    )


def _known_grid(session: Session, uid: str | None) -> str | None:
    if uid is not None and session.scalar(select(Grid.id).where(Grid.uid == uid).limit(1)) is None:
        raise _unusable(Text(zh="没有这个网格。", en="There is no such grid."), uid)
    return uid


def _department(session: Session, new: NewAccount) -> int | None:
    if (new.role is AccountRole.DEPARTMENT) != (new.department is not None):
        raise _unusable(
            Text(
                zh="部门人员要有部门，其他角色没有。",
                en="Department staff have a department; other roles have none.",
            ),
            new.login,
        )
    if new.department is None:
        return None
    found = session.scalar(select(Department.id).where(Department.code == new.department))
    if found is None:
        raise _unusable(Text(zh="没有这个部门。", en="There is no such department."), new.department)
    return found


def _unusable(what: Text, where: str) -> UnusableAccount:
    return UnusableAccount(what, where=where, todo=_CORRECT)

"""Accounts to try the demo region with, one a role; their passwords are made up on this machine."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.accounts.directory import NewAccount, add_account, list_accounts, set_password
from gisgrid.accounts.passwords import generate_password
from gisgrid.model import AccountRole, Department, Grid, Plan, PlanState
from gisgrid.store.database import Database
from gisgrid.store.turns import take_turn
from gisgrid.text import Text

_NAMES = {
    AccountRole.ADMIN: Text(zh="管理员", en="Administrator"),
    AccountRole.PLANNER: Text(zh="规划员", en="Planner"),
    AccountRole.APPROVER: Text(zh="审批员", en="Approver"),
    AccountRole.ANALYST: Text(zh="分析员", en="Analyst"),
    AccountRole.OFFICER: Text(zh="网格员", en="Grid officer"),
    AccountRole.DEPARTMENT: Text(zh="部门人员", en="Department staff"),
}


@dataclass(frozen=True)
class DemoAccount:
    """A login, its password, and what it is for; the grid's name is its jurisdiction, None all."""

    login: str
    password: str = field(repr=False)
    role: Text
    jurisdiction: str | None


def demo_accounts(database: Database, kept: Path) -> list[DemoAccount]:
    """Make the demo accounts, or find those of an earlier run.

    Parameters
    ----------
    database : Database
        With a published plan.
    kept : Path
        A file, readable by its owner only, that keeps the passwords so that the next run can print them
        again. It is for the demo's accounts alone.
    """
    with database.operating() as session:
        take_turn(session, "demo")
        passwords: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        there = {each.login for each in list_accounts(session)}
        found = []
        for role, name in _NAMES.items():
            login = str(role)
            grid = _jurisdiction(session, role)
            password = passwords.setdefault(login, generate_password())
            if login not in there:
                department = _department(session) if role is AccountRole.DEPARTMENT else None
                add_account(
                    session,
                    NewAccount(
                        login, name.zh, role, None if grid is None else grid.uid, department, password
                    ),
                )
            elif not kept.exists():
                set_password(session, login, password)
            found.append(DemoAccount(login, password, name, None if grid is None else grid.name))
        _keep(kept, passwords)
    return found


def _jurisdiction(session: Session, role: AccountRole) -> Grid | None:
    """The whole platform for the administrator, a county for the officer, the city for the others."""
    if role is AccountRole.ADMIN:
        return None
    level = 2 if role is AccountRole.OFFICER else 1
    grids = select(Grid).join(Plan, Plan.id == Grid.plan_id).where(Plan.state == PlanState.PUBLISHED)
    return session.scalars(
        grids.where(Grid.level == level, ~Grid.is_overlay).order_by(Grid.code, Grid.uid).limit(1)
    ).one()


def _department(session: Session) -> str:
    return session.scalars(select(Department.code).order_by(Department.position).limit(1)).one()


def _keep(file: Path, passwords: dict[str, str]) -> None:
    written = file.with_suffix(".new")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(passwords, stream)
    written.replace(file)

"""Accounts, their sessions, and access tokens for programs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, CreatedAt, Id, Strs, one_of


class AccountRole(StrEnum):
    """What an account may do, inside its jurisdiction."""

    ADMIN = "admin"
    PLANNER = "planner"
    APPROVER = "approver"
    ANALYST = "analyst"
    OFFICER = "officer"
    DEPARTMENT = "department"


class Account(Base):
    """Somebody who can log in.

    `jurisdiction` is the uid of a grid: the account sees that grid and all below
    it. None means the whole platform.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "(role = 'department') = (department_id IS NOT NULL)", name="staff_have_a_department"
        ),
    )

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[AccountRole] = mapped_column(one_of(AccountRole))
    jurisdiction: Mapped[str | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.department.id"))
    password_hash: Mapped[str]
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[datetime | None]


class LoginSession(Base):
    """A browser that is logged in; only the SHA-256 of its token is kept."""

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AccessToken(Base):
    """A token for QGIS, GDAL or a script; shown once, kept as its SHA-256."""

    __tablename__ = "access_token"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[Strs]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

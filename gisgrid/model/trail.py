"""Where the rows came from and who changed them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, CreatedAt, Id


class ImportRun(Base):
    """One file brought in: who, when, which file, how it was read, and what was rejected."""

    __tablename__ = "import_run"

    id: Mapped[Id]
    kind: Mapped[str]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="SET NULL"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    crs: Mapped[str | None]
    encoding: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[CreatedAt]
    inserted: Mapped[int]
    updated: Mapped[int]
    unchanged: Mapped[int]
    rejected: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class TrailEntry(Base):
    """A row inserted, updated or deleted: written by triggers, read by administrators, changed by nobody."""

    __tablename__ = "trail"

    id: Mapped[Id]
    at: Mapped[CreatedAt]
    actor: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str]
    of: Mapped[str] = mapped_column("table_name")
    key: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ChangeNoted(Base):
    """A table that the running transaction has changed; counted and gone when it commits."""

    __tablename__ = "change_noted"

    id: Mapped[Id]
    table: Mapped[str] = mapped_column("table_name")


class DataVersion(Base):
    """How often the rows of a table have changed: what cached answers are checked against."""

    __tablename__ = "data_version"

    table: Mapped[str] = mapped_column("table_name", primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    changed_at: Mapped[CreatedAt]

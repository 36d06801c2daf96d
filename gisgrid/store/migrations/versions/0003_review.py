"""the course of plans: decisions, reasons, filings, comments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _signed() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("by_login", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )


def _plan(table: str, ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["plan_id"], ["gisgrid.plan.id"], name=op.f(f"fk_{table}_plan_id"), ondelete=ondelete
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32, schema="gisgrid")


def upgrade() -> None:
    op.add_column("letter", sa.Column("number", sa.Text(), nullable=True), schema="gisgrid")
    op.create_table(
        "decision",
        _id(),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "action",
            _one_of("decisionaction", "submit", "withdraw", "return", "approve", "publish"),
            nullable=False,
        ),
        *_signed(),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "action <> 'return' OR note IS NOT NULL", name=op.f("ck_decision_returned_with_a_note")
        ),
        sa.CheckConstraint("length(note) BETWEEN 1 AND 2000", name=op.f("ck_decision_note_of_2000")),
        _plan("decision", None),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        schema="gisgrid",
    )
    op.create_index("ix_decision_plan_id_id", "decision", ["plan_id", "id"], schema="gisgrid")
    op.create_table(
        "check_reason",
        _id(),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        *_signed(),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 2000", name=op.f("ck_check_reason_reason_of_2000")),
        _plan("check_reason"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_reason")),
        schema="gisgrid",
    )
    op.create_index("ix_check_reason_plan_id_key", "check_reason", ["plan_id", "key"], schema="gisgrid")
    op.create_table(
        "filing",
        _id(),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("grid_uid", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column(
            "state",
            _one_of("filingstate", "not_filed", "filed", "returned", "accepted"),
            server_default="not_filed",
            nullable=False,
        ),
        sa.Column("checksum", sa.Text(), nullable=True),
        sa.Column("filed_account_id", sa.BigInteger(), nullable=True),
        sa.Column("filed_by", sa.Text(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("length(note) BETWEEN 1 AND 2000", name=op.f("ck_filing_note_of_2000")),
        sa.CheckConstraint(
            "state <> 'returned' OR note IS NOT NULL", name=op.f("ck_filing_returned_with_a_note")
        ),
        _plan("filing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("plan_id", "grid_uid", name=op.f("uq_filing_plan_id_grid_uid")),
        schema="gisgrid",
    )
    op.create_geospatial_table(
        "comment",
        _id(),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("grid_uid", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        *_signed(),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("geometry", Geometry("POINT", srid=4490, spatial_index=False), nullable=False),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 2000", name=op.f("ck_comment_text_of_2000")),
        _plan("comment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        schema="gisgrid",
    )
    op.create_geospatial_index(
        "idx_comment_geometry", "comment", ["geometry"], postgresql_using="gist", schema="gisgrid"
    )
    op.create_index("ix_comment_plan_id", "comment", ["plan_id"], schema="gisgrid")

"""edits of drafts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("summary_zh", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("by_login", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "undone",
                "dropped",
                name="editstate",
                native_enum=False,
                create_constraint=True,
                length=32,
                schema="gisgrid",
            ),
            server_default="applied",
            nullable=False,
        ),
        sa.Column("holders", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bounds", postgresql.ARRAY(postgresql.DOUBLE_PRECISION()), nullable=True),
        sa.Column("touched", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["gisgrid.plan.id"], name=op.f("fk_edit_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_edit_plan_id_number")),
        schema="gisgrid",
    )
    op.create_table(
        "edit_change",
        sa.Column("edit_id", sa.BigInteger(), nullable=False),
        sa.Column("grid_uid", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("before_geometry", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after_geometry", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=True),
        sa.Column("is_outline_kept", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["gisgrid.edit.id"], name=op.f("fk_edit_change_edit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edit_id", "grid_uid", name=op.f("pk_edit_change")),
        schema="gisgrid",
    )
    op.create_index("ix_edit_change_grid_uid", "edit_change", ["grid_uid"], unique=False, schema="gisgrid")

"""who may know of an edit: the grids that it touched, and those above"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "edit",
        sa.Column("path", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        schema="gisgrid",
    )
    op.execute(
        """UPDATE gisgrid.edit e SET path = ARRAY(
            SELECT DISTINCT u FROM gisgrid.edit_change c, jsonb_array_elements_text(
                coalesce(c.before -> 'path', '[]') || coalesce(c.after -> 'path', '[]')) u
            WHERE c.edit_id = e.id)"""
    )

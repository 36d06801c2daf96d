"""who signed a responsibility letter; one letter a pair and day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("upper_signatory", "lower_signatory"):
        op.add_column("letter", sa.Column(column, sa.Text(), nullable=True), schema="gisgrid")
    op.create_unique_constraint(
        op.f("uq_letter_upper_uid_lower_uid_signed_on"),
        "letter",
        ["upper_uid", "lower_uid", "signed_on"],
        schema="gisgrid",
    )

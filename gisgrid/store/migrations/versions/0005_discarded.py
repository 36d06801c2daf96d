"""drafts put away, and taken up again"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATES = ("draft", "in_review", "published", "superseded", "discarded")
_ACTIONS = ("submit", "withdraw", "return", "approve", "publish", "discard", "restore")


def _allow(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{each}'" for each in values)
    op.drop_constraint(op.f(name), table, schema="gisgrid")
    op.create_check_constraint(op.f(name), table, f"{column} IN ({listed})", schema="gisgrid")


def upgrade() -> None:
    _allow("plan", "state", "ck_plan_planstate", _STATES)
    _allow("decision", "action", "ck_decision_decisionaction", _ACTIONS)
    op.create_check_constraint(
        op.f("ck_decision_discarded_with_a_note"),
        "decision",
        "action <> 'discard' OR note IS NOT NULL",
        schema="gisgrid",
    )

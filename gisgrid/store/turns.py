"""What only one transaction does at a time."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


def take_turn(asking: Session | Connection, what: str) -> None:
    """Wait until nobody else is at this, until this transaction ends."""
    asking.execute(_TURN, {"what": f"gisgrid.{what}"})


_TURN = text("SELECT pg_advisory_xact_lock(hashtext(:what))")

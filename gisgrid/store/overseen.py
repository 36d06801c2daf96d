"""Whether a grid lies inside the jurisdiction of who asks, for what only those may see or count."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, func, or_, select

from gisgrid.model import Grid

# Null for the operator's shell alone: row security has hidden everything from an unknown token before.
_JURISDICTION = select(func.coalesce(func.gisgrid.acting_jurisdiction(), "*")).scalar_subquery()

IS_OVERSEEN: Final[ColumnElement[bool]] = or_(
    _JURISDICTION == "*", func.array_position(Grid.path, _JURISDICTION).is_not(None)
)
"""A neighbour's sources are hidden: without this, a neighbour would seem to have none."""

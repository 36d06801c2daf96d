"""Whether a grid lies inside the jurisdiction of who asks, for what only those may see or count."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select, true

from gisgrid.model import Grid

# Null for the operator's shell alone: row security has hidden everything from an unknown token before.
_JURISDICTION = select(func.coalesce(func.gisgrid.acting_jurisdiction(), "*")).scalar_subquery()

IS_OVERSEEN: Final[ColumnElement[bool]] = or_(
    _JURISDICTION == "*", func.array_position(Grid.path, _JURISDICTION).is_not(None)
)
"""A neighbour's sources are hidden: without this, a neighbour would seem to have none."""

OVERSEES: Final[ColumnElement[bool]] = case(
    (_JURISDICTION == "*", true()), else_=func.gisgrid.oversees(Grid.uid)
)
"""Whether who asks may see what is filed and signed for the grid: those rows are judged by its uid."""

IS_BELOW: Final[ColumnElement[bool]] = or_(_JURISDICTION == "*", Grid.uid != _JURISDICTION)
"""Whether a grid that one oversees lies below one's own: one then answers what it files."""

"""What an edit makes of the grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from gisgrid.text import Text


@dataclass(frozen=True)
class Piece:
    """A grid that came.

    Attributes
    ----------
    geometry : Polygon or MultiPolygon
        EPSG:4490.
    of : tuple of int
        The grids whose land it was; empty if nobody's.
    holder : int or None
        Its parent, or of a unit or key grid the owner; None for one of the coarsest.
    kind : str
        "administrative", "unit" or "key".
    """

    geometry: BaseGeometry
    of: tuple[int, ...]
    holder: int | None
    kind: str


@dataclass(frozen=True)
class Redrawn:
    """The grids that an edit changes; whatever is not named stays to the last bit.

    Attributes
    ----------
    changed : mapping of id to geometry
        Of any level and kind.
    added : tuple of Piece
        From west to east, north to south.
    removed : tuple of int
    reparented : mapping of id to int
        The new holder; -1 stands for the first of `added`, -2 for the second.
    only_vertices : frozenset of int
        Those of `changed` whose land is the same: vertices came onto their edges.
    notes : tuple of Text
        What one might not expect.
    """

    changed: Mapping[int, BaseGeometry] = field(default_factory=dict)
    added: tuple[Piece, ...] = ()
    removed: tuple[int, ...] = ()
    reparented: Mapping[int, int] = field(default_factory=dict)
    only_vertices: frozenset[int] = frozenset()
    notes: tuple[Text, ...] = ()

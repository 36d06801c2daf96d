"""Recorded changes of an edit, carried out on grids that may have got vertices since.

A cut that ends on a common line leaves a vertex in all grids along it, those of other planners too. Such a
vertex is no reason to refuse an undo: where others need it since, it stays, in every grid that has the edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.edges import Floats
from gisgrid.spatial.editing.chains import through, vertices_of
from gisgrid.spatial.editing.noding import is_among, unique_points
from gisgrid.store.draft_grids import DraftGrid, GridChange, as_stored


class ChangedMeanwhile(Exception):
    """A grid is no longer what the recorded change begins with."""

    def __init__(self, uid: str) -> None:
        super().__init__(uid)
        self.uid = uid


def replayed(changes: Sequence[GridChange], now: Mapping[int, DraftGrid]) -> list[GridChange]:
    """What the recorded changes come to on the grids as they are now.

    Parameters
    ----------
    changes : sequence of GridChange
    now : mapping of id to DraftGrid
        All grids of the changes that exist, and others.

    Returns
    -------
    list of GridChange
        To the last bit as recorded where nobody drew since. Vertices that others
        set meanwhile stay; of a grid that only got vertices and was changed since,
        nothing is taken away.

    Raises
    ------
    ChangedMeanwhile
    """
    turning = _Turning(now)
    for each in changes:
        turning.take(each)
    return turning.finished()


@dataclass
class _Turning:
    now: Mapping[int, DraftGrid]
    changes: list[GridChange] = field(default_factory=list)
    staying: list[Floats] = field(default_factory=list)
    """Vertices that are not in what was recorded, or that the record would take away, and that stay."""

    def take(self, change: GridChange) -> None:
        before, after = change.before, change.after
        if before is None:
            assert after is not None  # noqa: S101 -- a change has a side at least
            if after.id in self.now:
                raise ChangedMeanwhile(change.uid)
            self.changes.append(change)
            return
        found = self.now.get(before.id)
        if found is not None and _is_same(found, before):
            self.changes.append(change)
        elif found is not None and _has_same_columns(found, before) and self._got_vertices(found, before):
            self.changes.append(replace(change, before=found))
        elif change.is_outline_kept and after is not None:
            self._leave(change.uid, before, after, found)
        else:
            raise ChangedMeanwhile(change.uid)

    def _got_vertices(self, found: DraftGrid, before: DraftGrid) -> bool:
        """Whether the grid is what it was but for vertices that it got, which stay."""
        fresh = _without(found.geometry, before.geometry)
        led = as_stored(through(before.geometry, fresh))
        if shapely.to_wkb(led) != shapely.to_wkb(found.geometry):
            return False
        self.staying.append(fresh)
        return True

    def _leave(self, uid: str, before: DraftGrid, after: DraftGrid, found: DraftGrid | None) -> None:
        """Take no vertex from a grid that was changed otherwise since; it may still get some."""
        self.staying.append(_without(before.geometry, after.geometry))
        coming = _without(after.geometry, before.geometry)
        if not len(coming):
            return
        if found is None:
            raise ChangedMeanwhile(uid)
        led = through(found.geometry, coming)
        if len(_without(coming, led)):
            raise ChangedMeanwhile(uid)
        if led is not found.geometry:
            self.changes.append(
                GridChange(found, replace(found, geometry=as_stored(led)), is_outline_kept=True)
            )

    def finished(self) -> list[GridChange]:
        """The changes, each led through the vertices that stay."""
        staying = unique_points(np.concatenate([np.zeros((0, 2)), *self.staying]))
        return [each if each.after is None else _led(each, each.after, staying) for each in self.changes]


def _led(change: GridChange, after: DraftGrid, points: Floats) -> GridChange:
    led = through(after.geometry, points)
    if led is after.geometry:
        return change
    return replace(change, after=replace(after, geometry=as_stored(led)))


def _without(shape: BaseGeometry | Floats, other: BaseGeometry) -> Floats:
    """The vertices of one that are not among the other's."""
    points = shape if isinstance(shape, np.ndarray) else vertices_of(shape)
    return points[~is_among(points, shapely.get_coordinates(other))]


def _has_same_columns(found: DraftGrid, before: DraftGrid) -> bool:
    return all(
        found.columns.get(column) == value
        for column, value in before.columns.items()
        if column in found.columns
    )


def _is_same(found: DraftGrid, before: DraftGrid) -> bool:
    same_outline = shapely.to_wkb(found.geometry) == shapely.to_wkb(before.geometry)
    return same_outline and _has_same_columns(found, before)

"""What grids were before, as the history of the draft tells it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gisgrid.exchange.difference import Formers
from gisgrid.exchange.draft import WRITABLE, DraftRow
from gisgrid.store.draft_grids import DraftGrid
from gisgrid.store.edit_record import state_at


class HistoryOf(Formers):
    """The history of a draft as far as the session sees it."""

    def __init__(self, session: Session, plan_id: int) -> None:
        self._session = session
        self._plan_id = plan_id

    def at(self, uid: str, holder: str, version: int) -> DraftRow | None:
        """A grid as it was at a version of its holder."""
        known = state_at(self._session, self._plan_id, uid, holder, version)
        return None if known is None else _row(known)


def _row(grid: DraftGrid) -> DraftRow:
    columns = grid.columns
    path = list(columns["path"])
    return DraftRow(
        grid.id,
        grid.uid,
        str(columns["kind"]),
        int(columns["level"]),
        {name: columns.get(name) for name in WRITABLE},
        path[-2] if len(path) > 1 else None,
        1,
        None,
        float(columns["area_m2"]),
        grid.geometry,
    )

"""What grids were before, as the history of the draft tells it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from gisgrid.exchange.difference import Formers
from gisgrid.exchange.draft import WRITABLE, DraftRow
from gisgrid.store.draft_grids import DraftGrid, former_states


class HistoryOf(Formers):
    """The history of a draft as far as the session sees it."""

    def __init__(self, session: Session, plan_id: int) -> None:
        self._session = session
        self._plan_id = plan_id

    def of(self, uid: str) -> Iterable[DraftRow]:
        """The states of a grid, the latest first."""
        return [_row(each) for each in former_states(self._session, self._plan_id, uid)]


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

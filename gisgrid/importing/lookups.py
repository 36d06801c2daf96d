"""What tables refer to: grids, departments and topics, by code or by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.codes import canonical
from gisgrid.importing.cells import BadCell
from gisgrid.model import Department, Grid, Plan, Topic
from gisgrid.planning.recompute import ALIVE, placing_plan


class GridFinder:
    """Grids by uid, code or name: of one plan; else of that in force, then of those that are being made."""

    def __init__(self, session: Session, plan_id: int | None = None) -> None:
        first = placing_plan(session)
        wanted = Plan.state.in_(ALIVE) if plan_id is None else Plan.id == plan_id
        rows = list(
            session.execute(
                select(Grid.plan_id, Grid.uid, Grid.code, Grid.name)
                .join(Plan, Plan.id == Grid.plan_id)
                .where(wanted)
            )
        )
        rows.sort(key=lambda row: (row.plan_id != first, -row.plan_id))
        self._by_key: dict[str, set[str]] = {}
        seen: set[str] = set()
        for _, uid, code, name in rows:
            if uid in seen:
                continue
            seen.add(uid)
            for key in (uid, canonical(code) if code else None, name):
                if key is not None:
                    self._by_key.setdefault(key, set()).add(uid)
        self.uids = frozenset(seen)

    def find(self, *wanted: str | None) -> str:
        """The uid of the grid that the first of the texts that is not empty names."""
        given = next((each for each in wanted if each is not None), None)
        if given is None:
            raise BadCell("没有填写网格。", "It names no grid.")
        for name in (each for each in wanted if each is not None):
            found = self._by_key.get(name) or self._by_key.get(canonical(name)) or set()
            if len(found) == 1:
                return next(iter(found))
            if len(found) > 1:
                raise BadCell(
                    f"有 {len(found)} 个网格叫“{name}”，请填编码。",
                    f"{len(found)} grids are called {name!r}; give the code.",
                )
        raise BadCell(f"没有网格“{given}”。", f"There is no grid {given!r}.")


class NameFinder:
    """Departments or topics by code, Chinese or English name."""

    def __init__(self, rows: Iterable[tuple[int, str, str, str]], zh: str, en: str) -> None:
        self._ids: Mapping[str, int] = {
            key.strip().lower(): id_ for id_, *names in rows for key in reversed(names)
        }
        self._zh, self._en = zh, en

    def find(self, name: str) -> int:
        """The id."""
        found = self._ids.get(name.strip().lower())
        if found is None:
            raise BadCell(f"没有{self._zh}“{name}”。", f"There is no {self._en} {name!r}.")
        return found


def departments(session: Session) -> NameFinder:
    """All departments."""
    rows = session.execute(
        select(Department.id, Department.code, Department.name_zh, Department.name_en)
    ).all()
    return NameFinder(rows, "部门", "department")


def topics(session: Session) -> NameFinder:
    """All topics."""
    rows = session.execute(select(Topic.id, Topic.code, Topic.name_zh, Topic.name_en)).all()
    return NameFinder(rows, "事项", "topic")

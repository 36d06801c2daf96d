"""Which grid of the plan a grid of a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.codes import canonical
from gisgrid.frames import GridFrame
from gisgrid.importing.texts import digest
from gisgrid.model import Grid


@dataclass(frozen=True)
class KnownGrid:
    """A grid that is in the database."""

    id: int
    uid: str
    level: int
    code: str | None
    name: str
    parent_uid: str | None


def known_grids(session: Session, plan_id: int) -> tuple[KnownGrid, ...]:
    """The administrative grids of a plan."""
    rows = session.execute(
        select(Grid.id, Grid.uid, Grid.level, Grid.code, Grid.name, Grid.path)
        .where(Grid.plan_id == plan_id, ~Grid.is_overlay)
        .order_by(Grid.id)
    )
    return tuple(
        KnownGrid(id_, uid, level, code, name, path[-2] if len(path) > 1 else None)
        for id_, uid, level, code, name, path in rows
    )


def grids_to_recognise(session: Session, plan_id: int) -> tuple[KnownGrid, ...]:
    """Those of the plan; of a plan that has none yet, those of the newest that has, for their uids."""
    own = known_grids(session, plan_id)
    if own:
        return own
    other = session.scalar(select(func.max(Grid.plan_id)))
    return known_grids(session, other) if other is not None else ()


def recognise(frame: GridFrame, known: Iterable[KnownGrid]) -> pd.Series:
    """The uid of each grid of a frame: that of the known grid that it is, else one of its own.

    A grid is known by its level and code; else by the uid that its file gives;
    else, where it has no code, by its level, name and parent. One that is not
    known gets the uid of its file, else its code, else a digest of its level,
    parent and name, so that the same file gives the same uids anywhere.

    Parameters
    ----------
    frame : GridFrame
        With `uid`; parents come before their children.
    known : iterable of KnownGrid
    """
    known = tuple(known)
    by_code = _unique(known, lambda each: (each.level, canonical(each.code)) if each.code else None)
    by_name = _unique(known, lambda each: (each.level, each.name, each.parent_uid))
    uids = {each.uid for each in known}
    found: dict[int, str] = {}
    taken: set[str] = set()
    for row in frame[["level", "code", "name", "parent", "uid"]].itertuples():
        code = canonical(row.code) if isinstance(row.code, str) else None
        given = row.uid if isinstance(row.uid, str) else None
        above = found.get(int(row.parent)) if not pd.isna(row.parent) else None
        candidates = [
            by_code.get((row.level, code)),
            given if given in uids else None,
            by_name.get((row.level, row.name, above)) if code is None else None,
        ]
        uid = next((each for each in candidates if each is not None and each not in taken), None)
        if uid is None:
            uid = _new(taken | uids, given, code, digest(row.level, above, row.name))
        found[int(row.Index)] = uid
        taken.add(uid)
    return pd.Series(found, index=frame.index, dtype="str")


def _unique(
    known: Iterable[KnownGrid], key: Callable[[KnownGrid], tuple[object, ...] | None]
) -> Mapping[tuple[object, ...], str]:
    """uid by key, of keys that only one grid has."""
    uids: dict[tuple[object, ...], list[str]] = {}
    for each in known:
        if (found := key(each)) is not None:
            uids.setdefault(found, []).append(each.uid)
    return {found: listed[0] for found, listed in uids.items() if len(listed) == 1}


def _new(taken: set[str], *wishes: str | None) -> str:
    for wish in wishes:
        if wish is not None and wish not in taken:
            return wish
    number = 2
    while f"{wishes[-1]}-{number}" in taken:
        number += 1
    return f"{wishes[-1]}-{number}"

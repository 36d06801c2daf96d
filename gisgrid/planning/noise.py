"""The noise of a draft: hairlines that its findings leave out, told where they can be mended."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA
from gisgrid.planning.rechecking import StoredFinding
from gisgrid.spatial.noise import PIECES, noise
from gisgrid.store.draft_grids import DraftGrid, frame_of, read_around


@dataclass(frozen=True)
class Hairlines:
    """All noise of a kind between the same grids: not stored, and known by `key` as long as it is there."""

    key: str
    finding: StoredFinding
    pieces: int


def read_overseen(session: Session, plan_id: int) -> dict[int, DraftGrid]:
    """The grids of a draft in the jurisdiction of who is asking, and what lies around them."""
    extent = session.execute(
        text(
            f"""SELECT public.ST_XMin(box), public.ST_YMin(box), public.ST_XMax(box), public.ST_YMax(box)
            FROM (SELECT public.ST_Extent(geometry) AS box FROM {SCHEMA}.grid WHERE plan_id = :plan) e"""
        ),
        {"plan": plan_id},
    ).one()
    if extent[0] is None:
        return {}
    return read_around(session, plan_id, (extent[0], extent[1], extent[2], extent[3]))


def noise_of(grids: Mapping[int, DraftGrid]) -> list[Hairlines]:
    """The noise among some grids of a draft, as far as all that it concerns is overseen; the largest first.

    Parameters
    ----------
    grids : mapping of id to DraftGrid
        What `read_overseen` gives.
    """
    frame = frame_of(grids)
    administrative = frame[frame["kind"] == "administrative"]
    if administrative.empty:
        return []
    told = []
    for row in noise(administrative).itertuples():
        parent = None if pd.isna(row.parent) else int(row.parent)
        owners = tuple(int(each) for each in row.owners)
        concerned = [*owners, *(() if parent is None else (parent,))]
        if not all(grids[each].is_overseen for each in concerned):
            continue
        around = tuple((int(grid), float(share)) for grid, share in row.neighbours)
        finding = StoredFinding(
            None,
            str(row.kind),
            str(row.size_class),
            None if pd.isna(row.parent_level) else int(row.parent_level),
            int(row.child_level),
            parent,
            owners,
            around,
            None,
            float(row.area_m2),
            float(row.width_m),
            tuple(grids[concerned[-1]].columns["path"]) if concerned else (),
            row.geometry,
        )
        first = next((grids[grid].uid for grid, _ in around if grids[grid].holder == parent), "")
        uids = [grids[each].uid for each in concerned]
        key = ":".join((finding.kind, str(finding.child_level), *uids, first))
        told.append(Hairlines(key, finding, int(getattr(row, PIECES))))
    return told

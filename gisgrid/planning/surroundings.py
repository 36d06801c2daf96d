"""Receptors around sources, kept in the database."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA
from gisgrid.spatial.surroundings import HJ169_RINGS_M, around
from gisgrid.store.frames import read_outlines, read_receptors, read_sources, stage

_COLUMNS = ("source_id", "ring_m", "kind", "count", "nearest_id", "distance_m", "bearing_deg")


def store_surroundings(session: Session, ids: Collection[int] | None = None) -> None:
    """Count anew the receptors around sources, all or these; from their outlines, where they have any."""
    sources = read_sources(session, ids)
    outlines = read_outlines(session)
    outlines = outlines[outlines.index.isin(sources.index)]
    shapes = sources.geometry.copy()
    shapes.loc[outlines.index] = outlines
    found = around(sources.set_geometry(shapes), read_receptors(session), HJ169_RINGS_M)
    stage(session, "touched", {"id": ("bigint", sources.index.to_numpy())})
    stage(
        session,
        "around",
        {
            "source_id": ("bigint", found["source"].to_numpy(np.int64)),
            "ring_m": ("bigint", found["ring_m"].to_numpy().astype(np.int64)),
            "kind": ("text", found["kind"].astype("object")),
            "count": ("bigint", found["count"].to_numpy(np.int64)),
            "nearest_id": ("bigint", found["nearest"].to_numpy(np.int64)),
            "distance_m": ("float8", found["distance_m"]),
            "bearing_deg": ("float8", found["bearing_deg"]),
        },
    )
    equal = " AND ".join(f'n."{each}" IS NOT DISTINCT FROM o."{each}"' for each in _COLUMNS[3:])
    key = " AND ".join(f'n."{each}" = o."{each}"' for each in _COLUMNS[:3])
    stored = f"{SCHEMA}.surrounding o"
    stale = (
        "o.source_id IN (SELECT id FROM touched) "
        f"AND NOT EXISTS (SELECT FROM around n WHERE {key} AND {equal})"
    )
    fresh = f"FROM around n WHERE NOT EXISTS (SELECT FROM {stored} WHERE {key} AND {equal})"
    if session.scalar(text(f"SELECT EXISTS (SELECT FROM {stored} WHERE {stale})")):
        session.execute(text(f"DELETE FROM {stored} WHERE {stale}"))
    if session.scalar(text(f"SELECT EXISTS (SELECT {fresh})")):
        listed = ", ".join(f'"{each}"' for each in _COLUMNS)
        session.execute(text(f"INSERT INTO {SCHEMA}.surrounding ({listed}) SELECT {listed} {fresh}"))

"""Registers of sensitive receptors into the database."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.registers import place_register
from gisgrid.importing.running import run, write_down
from gisgrid.importing.sources import RegisterImport
from gisgrid.importing.texts import check_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.synonyms import RECEPTOR_ROLES
from gisgrid.ingest.table import Table
from gisgrid.planning.placing import paths
from gisgrid.planning.recompute import recompute_receptors
from gisgrid.spatial.assignment import assign
from gisgrid.store.database import Database
from gisgrid.store.frames import stage
from gisgrid.store.merging import Merge, apply, compare, remove_missing, touched


def import_receptors(database: Database, wanted: RegisterImport, *, rehearse: bool = False) -> Outcome:
    """Make the receptors of the database those of a register: points, lines or polygons."""
    table = read(wanted.file.path, encoding=wanted.encoding)
    return run(database, lambda session: _import(session, wanted, table), rehearse=rehearse)


def _import(session: Session, wanted: RegisterImport, table: Table) -> Outcome:
    register = place_register(session, wanted.file, table, RECEPTOR_ROLES, "receptor")
    frame = register.frame
    check_texts(frame.drop(columns="geometry"), table.file, rows=frame["row"])
    stage(
        session,
        "incoming",
        {
            "ord": ("bigint", frame["row"].to_numpy(np.int64)),
            "label": ("text", frame["name"].fillna(frame["uid"])),
            "uid": ("text", frame["uid"]),
            "name": ("text", frame["name"]),
            "kind": ("text", frame["kind"]),
            "location": ("text", frame["location"]),
            "geometry": ("geometry", frame.geometry.to_numpy()),
            "grid_path": ("text[]", paths(assign(frame, register.grids), register.grids)),
        },
    )
    merge = Merge(
        table="receptor",
        staged="incoming",
        key=("uid",),
        compared=("name", "kind", "location", "geometry"),
        inserted=("grid_path",),
        touch="changed_at = now()",
        label="coalesce(o.name, o.uid)",
    )
    difference = compare(session, merge)
    outcome = Outcome.of(
        "receptors",
        difference,
        files=(FileRead.of(wanted.file.path, register.points.source, *register.rejected),),
        notes=register.notes,
        removed=difference.missing if wanted.remove_missing else 0,
    )
    run_id = write_down(session, outcome)
    if outcome.removed:
        remove_missing(session, merge)
    apply(session, merge, difference, also={"import_id": str(run_id)})
    if outcome.changed:
        recompute_receptors(session, touched(session, merge))
    return outcome

"""The departments, topics and default duties that come with gisgrid, put in place.

What a locality has adjusted stays: departments and topics that are there are
left alone, and duties come with new topics only.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.importing.duties import duty_rows, store_duties
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.running import run, write_down
from gisgrid.ingest.table import Table
from gisgrid.model import Department, Topic
from gisgrid.store.database import Database

_FOLDER = resources.files("gisgrid.seed")


def import_seeds(database: Database, *, rehearse: bool = False) -> Outcome:
    """Put the seeds in place; running it again changes nothing."""
    return run(database, _import, rehearse=rehearse)


def _import(session: Session) -> Outcome:
    there = set(session.scalars(select(Department.code)))
    known = set(session.scalars(select(Topic.code)))
    departments, topics, duties = (_rows(name) for name in ("departments", "topics", "duties"))
    new_bodies = departments[~departments["code"].isin(there)]
    new_topics = topics[~topics["code"].isin(known)]
    session.add_all(
        Department(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            position=row.Index,
            is_in_leading_group=row.is_in_leading_group == "是",
        )
        for row in new_bodies.itertuples()
    )
    session.add_all(
        Topic(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            position=row.Index,
            keywords=str(row.keywords).split(";"),
        )
        for row in new_topics.itertuples()
    )
    session.flush()
    wanted = duties[duties["topic"].isin(new_topics["code"])]
    parsed = duty_rows(session, _table("duties.csv", wanted), {})
    difference, _ = store_duties(session, parsed.rows)
    inserted = len(new_bodies) + len(new_topics) + difference.inserted
    outcome = Outcome(
        "seeds",
        inserted,
        0,
        len(departments) + len(topics) + len(duties) - inserted,
        examples={"inserted": (*new_bodies["name_zh"][:5],)},
        files=tuple(_file(name) for name in ("departments.csv", "topics.csv", "duties.csv")),
    )
    write_down(session, outcome)
    return replace(outcome, files=())


def _rows(name: str) -> pd.DataFrame:
    with resources.as_file(_FOLDER / f"{name}.csv") as path:
        return pd.read_csv(path, dtype="str")


def _table(name: str, rows: pd.DataFrame) -> Table:
    numbered = rows.set_index(pd.Index(range(2, len(rows) + 2), name="row"))
    return Table(name, numbered, None, None, by_format=False, format="CSV")


def _file(name: str) -> FileRead:
    with resources.as_file(_FOLDER / name) as path:
        return FileRead.of_table(Path(path), _table(name, pd.DataFrame()))

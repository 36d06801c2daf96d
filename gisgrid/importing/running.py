"""One transaction an import: kept whole, or in a rehearsal taken back whole; and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.model import ImportRun
from gisgrid.store.database import Database
from gisgrid.store.turns import take_turn

MOST_REJECTED_KEPT = 1_000
"""Rejected rows kept with a run; the summary counts them all."""


class _Rehearsed(Exception):
    """Ends a transaction that must not be kept."""


def run(database: Database, work: Callable[[Session], Outcome], *, rehearse: bool = False) -> Outcome:
    """Do an import as the operator's shell, in one transaction.

    Parameters
    ----------
    database : Database
    work : callable
        The import; given the session.
    rehearse : bool
        Take everything back at the end.
    """
    outcome: list[Outcome] = []
    try:
        with database.operating() as session:
            # Two imports at once would each miss what the other brings.
            take_turn(session, "import")
            outcome.append(work(session))
            if rehearse:
                raise _Rehearsed
    except _Rehearsed:
        return replace(outcome[0], is_rehearsal=True)
    return outcome[0]


def write_down(session: Session, outcome: Outcome) -> int | None:
    """Keep a record of each file, and return the last one's id; a repetition that changed nothing is none."""
    plan_id = None if outcome.plan is None else outcome.plan[0]
    last = None
    for each in outcome.files:
        known = session.scalar(
            select(ImportRun.id)
            .where(
                ImportRun.kind == outcome.kind,
                ImportRun.sha256 == each.sha256,
                ImportRun.file_name == each.file,
                ImportRun.plan_id.is_not_distinct_from(plan_id),
            )
            .order_by(ImportRun.id.desc())
            .limit(1)
        )
        last = (
            known if known is not None and not outcome.changed else _record(session, outcome, each, plan_id)
        )
    return last


def _record(session: Session, outcome: Outcome, file: FileRead, plan_id: int | None) -> int:
    row = ImportRun(
        kind=outcome.kind,
        plan_id=plan_id,
        file_name=file.file,
        sha256=file.sha256,
        crs=file.crs,
        encoding=file.encoding,
        actor=session.scalar(text("SELECT gisgrid.actor()")) or "?",
        inserted=outcome.inserted,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        rejected=[
            {"row": each.row, "id": each.id, "zh": each.reason.zh, "en": each.reason.en}
            for each in file.rejected[:MOST_REJECTED_KEPT]
        ],
    )
    session.add(row)
    session.flush()
    return row.id

"""The Panjin demo region, brought in through the same door as anybody's files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import select

from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.importing.duties import TableImport
from gisgrid.importing.grids import GridImport, import_grids
from gisgrid.importing.letters import import_letters
from gisgrid.importing.outcome import Outcome, sha256
from gisgrid.importing.overlays import OverlayImport, import_overlays
from gisgrid.importing.people import PeopleImport, import_people
from gisgrid.importing.plans import NEW, Target
from gisgrid.importing.receptors import import_receptors
from gisgrid.importing.seeds import import_seeds
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.importing.transfers import import_transfers
from gisgrid.model import GridKind, ImportRun, Plan, PlanState
from gisgrid.planning.drafts import begin_revision
from gisgrid.planning.publishing import publish, take_turn_to_publish
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from gisgrid.text import Text

TERRITORY = Text(zh="盘锦市", en="Panjin")
PLAN_2015 = Text(zh="2015 年网格划分方案", en="Grid division plan of 2015")
REVISION = Text(zh="2026 修订稿", en="Revision 2026")
VALID_FROM = date(2015, 12, 30)
CITY = "211100"
CRS = "EPSG:4490"


def load_demo(database: Database, folder: Path) -> None:
    """Load the demo region of `folder` into a migrated database.

    Running it again changes nothing, also of what was edited since: a file that
    was brought in once is not read again.
    """
    import_seeds(database)
    target = Target(NEW, PLAN_2015, TERRITORY)
    levels = AuditRequest(tuple(LevelFile(folder / f"level{level}.geojson", CRS) for level in (1, 2, 3)))
    steps: tuple[tuple[str, str, Callable[[Path], Outcome]], ...] = (
        ("grids", "level3.geojson", lambda _: import_grids(database, GridImport(levels, target))),
        ("grids", "key_units.geojson", lambda path: _overlays(database, path, GridKind.KEY, target)),
        ("grids", "units.geojson", lambda path: _overlays(database, path, GridKind.UNIT, target)),
        ("sources", "sources.csv", lambda path: import_sources(database, _register(path))),
        ("receptors", "receptors.csv", lambda path: import_receptors(database, _register(path))),
        ("people", "people.csv", lambda path: import_people(database, PeopleImport(path))),
        ("letters", "letters.csv", lambda path: import_letters(database, TableImport(path))),
        (
            "transfers",
            "transfers.geojson",
            lambda path: import_transfers(database, TableImport(path, crs=CRS)),
        ),
    )
    for kind, name, step in steps:
        if not _is_known(database, kind, folder / name):
            step(folder / name)
    _publish_and_revise(database)


def _overlays(database: Database, path: Path, kind: GridKind, target: Target) -> Outcome:
    audit = AuditRequest((LevelFile(path, CRS),))
    return import_overlays(database, OverlayImport(audit, kind, CITY, target))


def _register(path: Path) -> RegisterImport:
    return RegisterImport(PointFile(path, CRS))


def _is_known(database: Database, kind: str, path: Path) -> bool:
    with database.operating() as session:
        run = select(ImportRun.id).where(
            ImportRun.kind == kind, ImportRun.file_name == path.name, ImportRun.sha256 == sha256(path)
        )
        return session.scalar(run.limit(1)) is not None


def _publish_and_revise(database: Database) -> None:
    """Publish the plan, if it is still a draft, and begin the revision that planners work on."""
    with database.operating() as session:
        take_turn_to_publish(session)
        plan = session.scalars(
            select(Plan).where(Plan.title_zh == PLAN_2015.zh).order_by(Plan.id).limit(1)
        ).one()
        if plan.state is not PlanState.DRAFT:
            return
        publish(session, plan, VALID_FROM)
        revision = begin_revision(session, plan, REVISION)
        recompute_plan(session, revision.id)

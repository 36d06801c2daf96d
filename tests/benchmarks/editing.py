"""How long an edit of a draft takes, beside a recomputation of the whole plan in the same run."""

from __future__ import annotations

import gc
import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from gisgrid.model import Account, AccountRole, Grid, LoginSession, Plan, PlanLevel, PlanState, Source
from gisgrid.planning.drafts import begin_revision
from gisgrid.planning.editing import Author, edit
from gisgrid.planning.history import undo
from gisgrid.planning.operations import Operation, Split
from gisgrid.planning.recompute import recompute_plan
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.measure import area_m2
from gisgrid.store.cluster import Cluster
from gisgrid.store.database import Database
from gisgrid.store.frames import read_grids
from gisgrid.store.migrate import upgrade
from gisgrid.text import Text
from tests.benchmarks.measurements import Report

SEED = 11
ORIGIN = (122.0, 41.0)
CELL_DEG = 0.06
WIGGLES = 24
TOKEN = "session-of-the-measurer"
EDITS = 120


def editing(report: Report) -> None:
    """A county of 50 townships with 10,000 sources, and a city of 100 such counties."""
    for what, counties, sources, limit_ms in (
        ("a county of 50 townships, 10,000 sources", 1, 10_000, 50),
        ("100 counties of 50 townships, 100,000 sources", 100, 100_000, 250),
    ):
        with _draft(counties, sources) as (database, draft):
            took = _edits(database, draft)
            with database.operating() as session:
                begin = time.perf_counter()
                recompute_plan(session, draft)
                whole_s = time.perf_counter() - begin
                grids = read_grids(session, draft)
            begin = time.perf_counter()
            audit_levels(grids)
            audit_s = time.perf_counter() - begin
        for name, times in took.items():
            p95 = 1000 * statistics.quantiles(times, n=20)[-1]
            limit = max(limit_ms, 100) if name == "preview" else limit_ms
            report.line(
                f"{name}, {what}",
                f"p50 {1000 * statistics.median(times):.0f}, p95 {p95:.0f} ms",
                wanted=f"p95 < {limit} ms",
                met=p95 < limit,
                peer=f"the whole plan: {1000 * whole_s:.0f} ms",
            )
        report.line(f"audit of all, {what}", f"{audit_s:.2f} s", wanted="<= 1 s", met=audit_s <= 1)


def _edits(database: Database, draft: int) -> dict[str, list[float]]:
    """Seconds of previews, cuts and undos on random townships, each in a transaction of its own."""
    random = np.random.default_rng(SEED)
    with database.operating() as session:
        rows = session.execute(
            select(Grid.uid, func.ST_AsBinary(Grid.geometry).label("wkb")).where(
                Grid.plan_id == draft, Grid.level == 3
            )
        ).all()
        account = session.scalars(select(Account.id)).one()
    by = Author(account, "measurer")
    gc.collect()
    gc.freeze()  # as the application does when it starts
    took: dict[str, list[float]] = {"preview": [], "cut": [], "undo": []}
    for at in random.choice(len(rows), EDITS):
        shape = shapely.from_wkb(bytes(rows[at].wkb))
        cut = _cut(rows[at].uid, shape, random)
        for name in took:
            begin = time.perf_counter()
            with database.bearer(TOKEN) as session:
                if name == "undo":
                    undo(session, draft, by=by)
                else:
                    edit(session, draft, cut, by=by, expected=None, rehearse=name == "preview")
            took[name].append(time.perf_counter() - begin)
    return {name: times[10:] for name, times in took.items()}


def _cut(uid: str, shape: shapely.Geometry, random: np.random.Generator) -> Operation:
    west, south, east, north = shape.bounds
    low, high = random.uniform(0.3, 0.7, 2)
    line = [[west - 0.01, south + low * (north - south)], [east + 0.01, south + high * (north - south)]]
    return Split.model_validate(
        {"operation": "split", "grids": [uid], "line": {"type": "LineString", "coordinates": line}}
    )


@contextmanager
def _draft(counties: int, sources: int) -> Iterator[tuple[Database, int]]:
    """A database with a published plan and a draft of it."""
    with tempfile.TemporaryDirectory(prefix="ge") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "data")
        server = cluster.start()
        try:
            upgrade(server)
            database = Database(server)
            with database.operating() as session:
                draft = _fill(session, counties, sources)
            with database.operating() as session:
                session.execute(text("ANALYZE"))
            yield database, draft
            database.close()
        finally:
            cluster.stop()


def _fill(session: Session, counties: int, sources: int) -> int:
    plan = Plan(territory_zh="测", territory_en="M", title_zh="测", title_en="M", state=PlanState.DRAFT)
    session.add(plan)
    session.flush()
    session.add_all(
        PlanLevel(plan_id=plan.id, level=level, name_zh=f"{level}级", name_en=f"Level {level}")
        for level in (1, 2, 3)
    )
    _grids(session, plan.id, counties)
    side = int(np.sqrt(counties))
    random = np.random.default_rng(SEED)
    region = CELL_DEG * np.array([10 * side, 5 * side])
    places = np.array(ORIGIN) + random.uniform(0, 1, (sources, 2)) * region
    session.execute(
        insert(Source),
        [
            {
                "uid": f"S{number}",
                "name": f"厂{number}",
                "location": "given",
                "grid_path": ["CITY"],
                "geometry": from_shape(shapely.Point(place), srid=4490),
            }
            for number, place in enumerate(places)
        ],
    )
    recompute_plan(session, plan.id)
    plan.state, plan.valid_from = PlanState.PUBLISHED, datetime(2020, 1, 1, tzinfo=UTC).date()
    session.flush()
    draft = begin_revision(session, plan, Text(zh="稿", en="Draft")).id
    recompute_plan(session, draft)
    account = Account(
        login="measurer", name="m", role=AccountRole.PLANNER, jurisdiction="CITY", password_hash="!"
    )
    session.add(account)
    session.flush()
    session.add(
        LoginSession(
            token_hash=hashlib.sha256(TOKEN.encode()).digest(),
            account_id=account.id,
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    )
    return draft


def _grids(session: Session, plan: int, counties: int) -> None:
    """A city of square counties, each of 10 x 5 townships with wiggly borders that they share."""
    side = int(np.sqrt(counties))
    wide, high = 10 * side, 5 * side
    across = {(x, y): _border((x, y), (x + 1, y)) for x in range(wide) for y in range(high + 1)}
    along = {(x, y): _border((x, y), (x, y + 1)) for x in range(wide + 1) for y in range(high)}
    towns = {}
    for x in range(wide):
        for y in range(high):
            ring = np.concatenate(
                [across[x, y][:-1], along[x + 1, y][:-1], across[x, y + 1][:0:-1], along[x, y][:0:-1]]
            )
            towns[x, y] = shapely.Polygon(ring)
    city = shapely.coverage_union_all(list(towns.values()))
    above = _add(session, plan, "CITY", 1, None, ["CITY"], city)
    for cx in range(side):
        for cy in range(side):
            own = {key: shape for key, shape in towns.items() if key[0] // 10 == cx and key[1] // 5 == cy}
            uid = f"C{cx:02d}{cy:02d}"
            path = ["CITY", uid]
            county = _add(session, plan, uid, 2, above, path, shapely.coverage_union_all(list(own.values())))
            for (x, y), shape in own.items():
                town = f"{uid}T{x:03d}{y:03d}"
                _add(session, plan, town, 3, county, [*path, town], shape)


def _border(start: tuple[int, int], end: tuple[int, int]) -> np.ndarray:
    """A border between two corners of the lattice, with the same bends whoever asks."""
    random = np.random.default_rng([*start, *end])
    a, b = np.array(ORIGIN) + CELL_DEG * np.array(start), np.array(ORIGIN) + CELL_DEG * np.array(end)
    share = np.linspace(0, 1, WIGGLES + 2)[:, None]
    bend = random.normal(0, 0.01, (WIGGLES + 2, 1)) * np.sin(np.pi * share)
    return a + share * (b - a) + bend * CELL_DEG * np.array([(b - a)[1], -(b - a)[0]]) / CELL_DEG * 3


def _add(
    session: Session,
    plan: int,
    uid: str,
    level: int,
    parent: int | None,
    path: list[str],
    shape: shapely.Geometry,
) -> int:
    whole = shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
    grid = Grid(
        plan_id=plan,
        uid=uid,
        level=level,
        code=uid,
        name=uid,
        parent_id=parent,
        path=path,
        area_m2=float(area_m2([whole])[0]),
        geometry=from_shape(whole, srid=4490),
    )
    session.add(grid)
    session.flush()
    return grid.id

"""Many planners at one place: one wins, the others are told; and many edits one after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date

import numpy as np
import pytest
import shapely
from sqlalchemy import select, text

from gisgrid.errors import InputError
from gisgrid.model import Plan, PlanState
from gisgrid.planning import errors
from gisgrid.planning.checks import checks_of
from gisgrid.planning.drafts import begin_revision
from gisgrid.planning.editing import Author, edit
from gisgrid.planning.history import redo, undo
from gisgrid.planning.publishing import publish
from gisgrid.planning.recompute import recompute_plan
from gisgrid.planning.review import submit, withdraw
from gisgrid.spatial.editing import CannotEdit
from gisgrid.store.database import Database
from gisgrid.text import Text
from tests.city import TOKENS, City, build_city
from tests.planning.conftest import add_planner, token_of
from tests.planning.test_editing import ADAPTER, audited, state, who

FROM = date(2026, 1, 1)


@pytest.fixture
def city(database: Database) -> City:
    """The small city of `tests.city`; its draft audited."""
    city = build_city(database)
    with database.operating() as session:
        recompute_plan(session, city.draft)
    return city


def test_of_fifty_racing_edits_one_wins_and_the_others_are_told(database: Database, city: City) -> None:
    def race(number: int) -> list[int]:
        body = {"operation": "attributes", "grid": "T3", "changes": {"name": f"第{number}"}}
        try:
            with database.bearer(TOKENS["planner"]) as session:
                operation, by = ADAPTER.validate_python(body), who(session, "planner")
                edit(session, city.draft, operation, by=by, expected={"EAST": 1})
        except errors.StaleVersion as stale:
            return [each.number for each in stale.changed]
        return []

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(race, range(50)))
    assert results.count([]) == 1
    assert results.count([1]) == 49


def test_planners_of_different_counties_never_collide(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.account SET jurisdiction = 'EAST' WHERE login = 'planner'"))

    def rename(number: int) -> None:
        login, uid, holder = ("west", "T1", "WEST") if number % 2 else ("planner", "T3", "EAST")
        body = {"operation": "attributes", "grid": uid, "changes": {"name": f"第{number}"}}
        with database.bearer(TOKENS[login]) as session:
            edit(
                session,
                city.draft,
                ADAPTER.validate_python(body),
                by=who(session, login),
                expected={holder: 1 + number // 2},
            )

    for pair in range(6):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(rename, (2 * pair, 2 * pair + 1)))
    with database.operating() as session:
        query = text("SELECT uid, version FROM gisgrid.grid WHERE plan_id = :plan AND level = 2")
        versions = {row.uid: row.version for row in session.execute(query, {"plan": city.draft})}
    assert versions == {"WEST": 7, "EAST": 7}


@pytest.mark.parametrize(("same", "said"), [(True, "published before"), (False, "begin after")])
def test_of_two_who_publish_at_once_one_is_told(
    database: Database, city: City, same: bool, said: str
) -> None:
    with database.operating() as session:
        base = session.scalars(select(Plan).where(Plan.state == PlanState.PUBLISHED)).one()
        rival = city.draft if same else begin_revision(session, base, Text("另稿", "Another")).id
    published = threading.Barrier(2)

    def first() -> None:
        with database.operating() as session:
            publish(session, session.get_one(Plan, city.draft), FROM)
            published.wait(20)
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while session.scalar(waiting) == 0:
                time.sleep(0.01)

    def second() -> None:
        with database.operating() as session:
            plan = session.get_one(Plan, rival)
            published.wait(20)
            publish(session, plan, FROM)

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(first), pool.submit(second)
        one.result(30)
        with pytest.raises(InputError, match=said):
            other.result(30)
    with database.operating() as session:
        query = text("SELECT id FROM gisgrid.plan WHERE state = 'published'")
        assert session.scalars(query).all() == [city.draft]


@pytest.mark.parametrize("seed", range(3))
def test_random_edits_of_panjin_leave_what_a_whole_audit_finds(panjin_data: Database, seed: int) -> None:
    random = np.random.default_rng(seed)
    with panjin_data.operating() as session:
        draft = session.execute(text("SELECT id FROM gisgrid.plan WHERE state = 'draft'")).scalar_one()
        before = state(session, draft)
    by, done = Author(None, "shell"), 0
    for _ in range(40):
        with panjin_data.operating() as session:
            rows = session.execute(
                text(
                    "SELECT uid, level, parent_id, public.ST_AsBinary(geometry) AS wkb FROM gisgrid.grid "
                    "WHERE plan_id = :plan AND NOT is_overlay AND level = 3 ORDER BY uid"
                ),
                {"plan": draft},
            ).all()
            row = rows[random.integers(len(rows))]
            shape = shapely.from_wkb(bytes(row.wkb))
            west, south, east, north = shape.bounds
            kin = [each.uid for each in rows if each.parent_id == row.parent_id and each.uid != row.uid]
            low, high = south + (north - south) * random.uniform(0.2, 0.8, 2)
            drawn = {"type": "LineString", "coordinates": [[west - 0.01, low], [east + 0.01, high]]}
            body = [
                {"operation": "split", "grids": [row.uid], "line": drawn},
                {"operation": "divide", "owner": row.uid, "line": drawn},
                {
                    "operation": "merge",
                    "grids": [row.uid, kin[random.integers(len(kin))] if kin else row.uid],
                },
                {"operation": "delete", "grid": row.uid},
            ][random.integers(4)]
            try:
                with session.begin_nested():
                    edit(session, draft, ADAPTER.validate_python(body), by=by, expected=None)
                done += 1
            except CannotEdit:
                continue
    assert done >= 15
    audited(panjin_data, draft)
    for _ in range(done):
        with panjin_data.operating() as session:
            undo(session, draft, by=by)
    with panjin_data.operating() as session:
        assert state(session, draft) == before


def test_planners_of_several_counties_take_their_edits_back_in_any_order(panjin_data: Database) -> None:
    random = np.random.default_rng(4)
    with panjin_data.operating() as session:
        draft = session.execute(text("SELECT id FROM gisgrid.plan WHERE state = 'draft'")).scalar_one()
        counties = session.scalars(
            text("SELECT uid FROM gisgrid.grid WHERE plan_id = :plan AND level = 2"), {"plan": draft}
        ).all()
    begun = _townships(panjin_data, draft)
    known = shapely.union_all(_mismatches(begun)).buffer(1e-6)
    known = shapely.union_all(shapely.convex_hull(shapely.get_parts(known))).buffer(1e-6)
    logins = {f"{uid}-{number}": uid for uid in counties for number in range(2)}
    for login, uid in logins.items():
        add_planner(panjin_data, login, uid)
    done = dict.fromkeys(logins, 0)
    for _ in range(40):
        login = str(random.choice(list(logins)))
        turn = random.choice(["cut", "cut", "undo", "redo"])
        with suppress(CannotEdit, errors.NothingToUndo, errors.ChangedSince, errors.NotYours):
            if turn == "cut":
                _cut_one(panjin_data, draft, login, random)
            else:
                with panjin_data.bearer(token_of(login)) as session:
                    (undo if turn == "undo" else redo)(session, draft, by=who(session, login))
            done[login] += {"cut": 1, "undo": -1, "redo": 1}[turn]
        now = _townships(panjin_data, draft)
        assert shapely.union_all(_mismatches(now)).difference(known).is_empty
    with panjin_data.operating() as session:
        submit(session, draft, reasons={each.key: "核实过" for each in checks_of(session, draft)})
        submitted = state(session, draft)
        withdraw(session, draft)
        recompute_plan(session, draft)
        assert state(session, draft) == submitted
    while sum(done.values()):
        left = dict(done)
        for login in logins:
            with (
                suppress(errors.ChangedSince, errors.NothingToUndo),
                panjin_data.bearer(token_of(login)) as session,
            ):
                undo(session, draft, by=who(session, login))
                done[login] -= 1
        assert done != left
    now = _townships(panjin_data, draft)
    assert now.keys() == begun.keys()
    assert all(shape.hausdorff_distance(begun[uid]) < 1e-9 for uid, shape in now.items())


def _mismatches(grids: Mapping[str, shapely.Geometry]) -> np.ndarray:
    """Edges that do not match those of the neighbours, vertex by vertex."""
    return shapely.coverage_invalid_edges(list(grids.values()))


def _townships(database: Database, draft: int) -> dict[str, shapely.Geometry]:
    with database.operating() as session:
        rows = session.execute(
            text(
                "SELECT uid, public.ST_AsBinary(geometry) FROM gisgrid.grid "
                "WHERE plan_id = :plan AND level = 3 AND NOT is_overlay"
            ),
            {"plan": draft},
        )
        return {uid: shapely.from_wkb(bytes(shape)) for uid, shape in rows}


def _cut_one(database: Database, draft: int, login: str, random: np.random.Generator) -> None:
    """A township of the planner's own, from border to border."""
    with database.bearer(token_of(login)) as session:
        rows = session.execute(
            text(
                "SELECT uid, public.ST_AsBinary(geometry) AS wkb FROM gisgrid.grid "
                "WHERE plan_id = :plan AND level = 3 AND NOT is_overlay ORDER BY uid"
            ),
            {"plan": draft},
        ).all()
        row = rows[random.integers(len(rows))]
        west, south, east, north = shapely.from_wkb(bytes(row.wkb)).bounds
        low, high = south + (north - south) * random.uniform(0.2, 0.8, 2)
        drawn = {"type": "LineString", "coordinates": [[west - 0.01, low], [east + 0.01, high]]}
        body = {"operation": "split", "grids": [row.uid], "line": drawn}
        edit(session, draft, ADAPTER.validate_python(body), by=who(session, login), expected=None)

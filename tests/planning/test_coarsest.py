"""Plans without a grid above all others: the coarsest change among themselves, and their outline stays."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.exchange.features import change_feature
from gisgrid.model import Grid, Plan, PlanLevel, PlanState
from gisgrid.planning import errors
from gisgrid.planning.editing import Edited, edit
from gisgrid.planning.history import redo, undo
from gisgrid.planning.recompute import recompute_plan
from gisgrid.spatial.editing.errors import LastGrid, OnOutline, OutsideHolder
from gisgrid.store.database import Database
from tests.city import KM, TOKENS, build_city, shape
from tests.planning.conftest import add_planner, token_of
from tests.planning.test_editing import ADAPTER, area, audited, line, state, who
from tests.squares import box, place


@pytest.fixture
def flat(database: Database) -> int:
    """A draft of one level: townships of 5 km around one that is missing; A and B overlap by 100 m.

    A B C
    D   E
    F G H
    """
    build_city(database)
    squares = {
        "A": (0, 10, 5.1, 15),
        "B": (5, 10, 10, 15),
        "C": (10, 10, 15, 15),
        "D": (0, 5, 5, 10),
        "E": (10, 5, 15, 10),
        "F": (0, 0, 5, 5),
        "G": (5, 0, 10, 5),
        "H": (10, 0, 15, 5),
    }
    with database.operating() as session:
        plan = _plan(session, 1)
        for uid, corners in squares.items():
            _grid(session, plan, uid, 1, None, corners)
        recompute_plan(session, plan)
    return plan


@pytest.fixture
def counties(database: Database) -> int:
    """A draft of two levels: counties L (townships La, Lb) and R (Ra, Rb), side by side."""
    build_city(database)
    with database.operating() as session:
        plan = _plan(session, 2)
        for county, west in (("L", 0), ("R", 10)):
            above = _grid(session, plan, county, 1, None, (west, 0, west + 10, 10))
            _grid(session, plan, f"{county}a", 2, above, (west, 0, west + 5, 10))
            _grid(session, plan, f"{county}b", 2, above, (west + 5, 0, west + 10, 10))
        recompute_plan(session, plan)
    return plan


def _plan(session: Session, levels: int) -> int:
    plan = Plan(territory_zh="平", territory_en="F", title_zh="平", title_en="F", state=PlanState.DRAFT)
    session.add(plan)
    session.flush()
    for level in range(1, levels + 1):
        session.add(PlanLevel(plan_id=plan.id, level=level, name_zh=f"{level}级", name_en=f"Level {level}"))
    return plan.id


def _grid(
    session: Session, plan: int, uid: str, level: int, above: Grid | None, km: tuple[float, ...]
) -> Grid:
    x0, y0, x1, y1 = km
    row = Grid(
        plan_id=plan,
        uid=uid,
        level=level,
        name=uid,
        parent_id=None if above is None else above.id,
        path=[*([] if above is None else above.path), uid],
        area_m2=(x1 - x0) * (y1 - y0) * KM * KM,
        geometry=shape(box(x0 * KM, y0 * KM, x1 * KM, y1 * KM)),
    )
    session.add(row)
    session.flush()
    return row


def do(session: Session, plan: int, body: dict[str, Any], **options: Any) -> Edited:
    """One operation on a draft by its planner."""
    options.setdefault("expected", None)
    return edit(session, plan, ADAPTER.validate_python(body), by=who(session, "admin"), **options)


def corner(x_km: float, y_km: float) -> list[float]:
    """A place in kilometres as GeoJSON."""
    spot = place(shapely.Point(x_km * KM, y_km * KM))
    return [spot.x, spot.y]


def test_a_hole_between_the_coarsest_is_a_gap_that_all_around_it_oversee(
    database: Database, flat: int
) -> None:
    with database.operating() as session:
        rows = session.execute(
            text(
                "SELECT kind, size_class, path, round(area_m2 / 1e6) FROM gisgrid.finding WHERE plan_id = :p"
            ),
            {"p": flat},
        ).all()
    found = {kind: (size, set(path), km2) for kind, size, path, km2 in rows}
    assert found == {"gap": ("real", {"A", "B", "D", "E", "G"}, 25), "overlap": ("real", {"A"}, 0)}


FLAT = [
    {"operation": "split", "grids": ["D"], "line": line((-1, 7), (6, 7))},
    {"operation": "merge", "grids": ["A", "B"], "into": "A"},
    {"operation": "merge", "grids": ["G", "H"], "into": "G"},
    {"operation": "redraw_boundary", "grids": ["F", "G"], "line": line((6, -1), (6, 6))},
    {"operation": "replace", "grid": "D", "area": area(0, 5, 10, 10)},
    {"operation": "delete", "grid": "H", "land": "neighbours"},
]


@pytest.mark.parametrize("body", FLAT, ids=lambda body: f"{body['operation']}-{body.get('grids', '')}")
def test_what_follows_is_what_a_whole_audit_says_and_undo_restores_every_bit(
    database: Database, flat: int, body: dict[str, Any]
) -> None:
    _follows_and_returns(database, flat, body)


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "split", "grids": ["L"], "line": line((5, -1), (5, 11)), "names": ["新县"]},
        {"operation": "merge", "grids": ["L", "R"], "into": "R"},
        {"operation": "change_parent", "grid": "Lb", "parent": "R"},
        {"operation": "redraw_boundary", "grids": ["L", "R"], "line": line((9, -1), (9, 11))},
    ],
    ids=lambda body: body["operation"],
)
def test_what_the_coarsest_hold_follows_them(database: Database, counties: int, body: dict[str, Any]) -> None:
    _follows_and_returns(database, counties, body)


def test_a_vertex_between_the_coarsest_moves_in_all_levels(database: Database, counties: int) -> None:
    bent = {"operation": "redraw_boundary", "grids": ["L", "R"], "line": line((10, -1), (9, 5), (10, 11))}
    with database.bearer(TOKENS["admin"]) as session:
        do(session, counties, bent)
    moved = {"operation": "move_vertex", "grids": ["L", "R"], "at": corner(9, 5), "to": corner(8, 5)}
    _follows_and_returns(database, counties, moved)


def _follows_and_returns(database: Database, plan: int, body: dict[str, Any]) -> None:
    with database.operating() as session:
        before = state(session, plan)
    with database.bearer(TOKENS["admin"]) as session:
        done = do(session, plan, body)
        by = who(session, "admin")
    edited = audited(database, plan)
    assert edited["grid"] != before["grid"]
    assert done.holders  # those whose version whoever draws must know
    with database.bearer(TOKENS["admin"]) as session:
        back = undo(session, plan, by=by)
        assert all(
            back.holders[uid] > version for uid, version in done.holders.items() if uid in back.holders
        )
    with database.operating() as session:
        assert state(session, plan) == before
    with database.bearer(TOKENS["admin"]) as session:
        redo(session, plan, by=by)
    with database.operating() as session:
        assert state(session, plan) == edited


def test_a_split_of_a_county_hangs_its_townships_under_the_new_one(database: Database, counties: int) -> None:
    cut = {"operation": "split", "grids": ["L"], "line": line((5, -1), (5, 11)), "names": ["新县"]}
    with database.bearer(TOKENS["admin"]) as session:
        done = do(session, counties, cut, expected={"L": 1})
        new = next(change.after for change in done.changes if change.before is None)
        assert new is not None
        assert (new.name, new.columns["level"], new.columns["path"]) == ("新县", 1, [new.uid])
        moved = {change.uid: change.after for change in done.changes if change.after is not None}
        townships = [each for uid, each in moved.items() if uid in ("La", "Lb")]
        assert [each.columns["path"] for each in townships] == [[new.uid, each.uid] for each in townships]
        assert len(townships) == 1
        assert done.effects.findings_after == ()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"operation": "replace", "grid": "F", "area": area(-1, 0, 5, 5)}, OutsideHolder),
        ({"operation": "delete", "grid": "F", "land": "holder"}, LastGrid),
        (
            {"operation": "move_vertex", "grids": ["F", "G"], "at": corner(5, 0), "to": corner(5, 1)},
            OnOutline,
        ),
        (
            {"operation": "move_vertex", "grids": ["G", "H"], "at": corner(10, 5), "to": corner(9.5, 5.5)},
            OnOutline,
        ),
    ],
    ids=["redrawn beyond", "land given away", "vertex of the outline", "vertex of the hole"],
)
def test_the_outline_of_the_plan_stays(
    database: Database, flat: int, body: dict[str, Any], error: type[Exception]
) -> None:
    with database.operating() as session:
        before = state(session, flat)
    with pytest.raises(error) as refused, database.bearer(TOKENS["admin"]) as session:
        do(session, flat, body)
    assert "方案范围" in f"{refused.value}" or error is LastGrid
    with database.operating() as session:
        assert state(session, flat) == before


def test_who_oversees_one_of_the_coarsest_cannot_make_another(database: Database, flat: int) -> None:
    add_planner(database, "of-d", "D")
    with pytest.raises(errors.NotYours), database.bearer(token_of("of-d")) as session:
        do(session, flat, FLAT[0])


def test_whoever_changes_one_of_the_coarsest_must_know_its_version(database: Database, flat: int) -> None:
    with database.bearer(TOKENS["admin"]) as session:
        done = do(session, flat, FLAT[0], expected={"D": 1})
    assert done.holders == {"D": 2}
    with pytest.raises(errors.StaleVersion), database.bearer(TOKENS["admin"]) as session:
        do(session, flat, FLAT[4], expected={"D": 1})


def test_a_gis_client_redraws_one_of_the_coarsest_by_its_own_version(database: Database, flat: int) -> None:
    """F and G share a border: G gives what F gains, though the client knows of F alone."""
    wider = box(0, 0, 6 * KM, 5 * KM)
    with database.bearer(TOKENS["admin"]) as session:
        by = who(session, "admin")
        done = change_feature(session, flat, "F", wider, {}, is_whole=False, by=by, expected={"F": 1})
    assert done is not None
    assert {each.uid for each in done.changes if not each.is_outline_kept} == {"F", "G"}
    back = box(0, 0, 5 * KM, 5 * KM)
    with pytest.raises(errors.StaleVersion), database.bearer(TOKENS["admin"]) as session:
        change_feature(session, flat, "F", back, {}, is_whole=False, by=by, expected={"F": 1})

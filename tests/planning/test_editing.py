"""Edits of a draft in the database: what changes, what follows, who may, and what is taken back."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely
from pydantic import TypeAdapter
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import Edit, Grid, Plan, PlanState
from gisgrid.planning import errors, planned, repairing
from gisgrid.planning.checks import checks_of
from gisgrid.planning.editing import Author, Edited, edit
from gisgrid.planning.history import history, redo, undo
from gisgrid.planning.operations import AnyOperation, Operation
from gisgrid.planning.recompute import recompute_plan
from gisgrid.planning.review import submit
from gisgrid.planning.several import Bulk
from gisgrid.spatial.editing import CannotEdit
from gisgrid.spatial.editing.mending import Defect
from gisgrid.spatial.editing.result import Redrawn
from gisgrid.store.database import Database
from gisgrid.store.draft_grids import Around, write_changes
from gisgrid.text import Text
from tests.city import KM, TOKENS, City, build_city
from tests.planning.conftest import add_planner, token_of
from tests.squares import place

ADAPTER: TypeAdapter[Operation] = TypeAdapter(AnyOperation)


@pytest.fixture
def city(database: Database) -> City:
    """The small city of `tests.city`; its draft audited."""
    city = build_city(database)
    with database.operating() as session:
        recompute_plan(session, city.draft)
    return city


def line(*places_km: tuple[float, float]) -> dict[str, Any]:
    """A GeoJSON line through places in kilometres, rounded as browsers round."""
    drawn = place(shapely.LineString([(x * KM, y * KM) for x, y in places_km]))
    return {"type": "LineString", "coordinates": [[round(x, 9), round(y, 9)] for x, y in drawn.coords]}


def area(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    """A GeoJSON rectangle in kilometres."""
    drawn = place(shapely.box(x0 * KM, y0 * KM, x1 * KM, y1 * KM))
    ring = [[round(x, 9), round(y, 9)] for x, y in drawn.exterior.coords]
    return {"type": "Polygon", "coordinates": [ring]}


def audited(database: Database, plan: int) -> dict[str, Any]:
    """The state of a plan, which must be what a recomputation of it all comes to."""
    with database.operating() as session:
        edited = state(session, plan)
        recompute_plan(session, plan)
        assert state(session, plan) == edited
    return edited


def outlines(database: Database, plan: int) -> dict[str, shapely.Geometry]:
    """The administrative grids of a plan, by uid."""
    with database.operating() as session:
        rows = session.execute(
            text(
                "SELECT uid, public.ST_AsBinary(geometry) FROM gisgrid.grid WHERE plan_id = :plan "
                "AND kind = 'administrative'"
            ),
            {"plan": plan},
        )
        return {uid: shapely.from_wkb(bytes(shape)) for uid, shape in rows}


SPLIT = {"operation": "split", "grids": ["T3"], "line": line((12.2, -1), (12.2, 11)), "names": ["三镇西"]}


def who(session: Session, login: str) -> Author:
    """The account that a session is of."""
    return Author(session.execute(text("SELECT gisgrid.acting_account()")).scalar_one(), login)


def do(session: Session, city: City, body: dict[str, Any], *, by: str = "planner", **options: Any) -> Edited:
    """One operation on the draft, as the account that the session is of."""
    options.setdefault("expected", None)
    return edit(session, city.draft, ADAPTER.validate_python(body), by=who(session, by), **options)


def state(session: Session, plan: int) -> dict[str, Any]:
    """Everything that an edit can change, as the operator sees it; ids and versions left out."""
    tables = {
        "grid": "SELECT uid, to_jsonb(t) - 'version' - 'geometry', encode(public.ST_AsEWKB(geometry), 'hex') "
        "FROM gisgrid.grid t WHERE plan_id = :plan ORDER BY uid",
        "finding": "SELECT kind, size_class, parent_level, child_level, parent_id, owner_ids, "
        "(SELECT array_agg(n -> 0) FROM jsonb_array_elements(neighbours) n) AS neighbours, "
        "is_enclosed, round(area_m2), round(width_m * 10), path, "
        "public.ST_AsText(public.ST_Simplify(public.ST_Normalize(geometry), 2e-9), 9) "
        "FROM gisgrid.finding WHERE plan_id = :plan ORDER BY 1, 9, 12",
        "assignment": "SELECT source_id, level, grid_id FROM gisgrid.assignment WHERE plan_id = :plan "
        "ORDER BY 1, 2",
        "uncovered": "SELECT source_id, reason, level, nearest_id, round(distance_m::numeric, 1), "
        "(SELECT round(area_m2) FROM gisgrid.finding f WHERE f.id = finding_id) "
        "FROM gisgrid.uncovered_source WHERE plan_id = :plan ORDER BY 1",
    }
    return {
        name: [tuple(map(repr, row)) for row in session.execute(text(query), {"plan": plan})]
        for name, query in tables.items()
    }


@pytest.mark.parametrize(
    "body",
    [
        SPLIT,
        {"operation": "merge", "grids": ["T1", "T2"], "into": "T2"},
        {"operation": "change_parent", "grid": "T2", "parent": "EAST"},
    ],
    ids=lambda body: body["operation"],
)
def test_what_lies_around_an_edit_is_known_without_being_read_again(
    database: Database, city: City, body: dict[str, Any]
) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        plan = planned.planned(session, city.draft, ADAPTER.validate_python(body))
        around = plan.around
        assert around is not None
        assert around.has(around.box, around.holders)
        known = around.after(plan.changes, around.box, around.holders)
        write_changes(session, city.draft, plan.changes)
        read = Around.read(session, city.draft, around.box, around.holders).grids
        assert known.keys() == read.keys()
        for key, grid in read.items():
            assert known[key].columns == grid.columns
            assert known[key].geometry.wkb == grid.geometry.wkb
        session.rollback()


def test_a_split_adds_a_grid_moves_sources_and_is_remembered(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        done = do(session, city, SPLIT)
    with database.operating() as session:
        new = session.scalars(select(Grid).where(Grid.plan_id == city.draft, Grid.name == "三镇西")).one()
        uid = new.uid
        assert new.path == ["CITY", "EAST", uid]
        assert new.level == 3
        kept = session.scalars(select(Edit).where(Edit.plan_id == city.draft)).one()
        assert (kept.by_login, kept.number, kept.holders) == ("planner", 1, {"EAST": 2})
    assert done.number == 1
    assert [each.uid for each in done.effects.moved] == ["S3"]
    assert set(done.loads) == {"T3", uid}
    assert done.holders == {"EAST": 2}


@pytest.mark.parametrize(
    "body",
    [
        SPLIT,
        {"operation": "divide", "owner": "T1", "line": line((-1, 4), (6, 4))},
        {"operation": "merge", "grids": ["T1", "T2"], "into": "T2"},
        {
            "operation": "carve",
            "kind": "administrative",
            "holder": "EAST",
            "area": area(11, 4, 13, 6),
            "takes": True,
            "name": "园区",
        },
        {
            "operation": "carve",
            "kind": "administrative",
            "holder": "EAST",
            "area": area(15, 0, 20, 10),
            "name": "四镇",
        },
        {"operation": "carve", "kind": "key", "holder": "CITY", "area": area(9, 1, 11, 2), "name": "重点"},
        {"operation": "redraw_boundary", "grids": ["WEST", "EAST"], "line": line((9, -1), (9, 11))},
        {"operation": "replace", "grid": "T3", "area": area(10, 0, 17, 10)},
        {"operation": "delete", "grid": "T1", "land": "neighbours"},
        {"operation": "attributes", "grid": "T1", "changes": {"name": "新一镇", "code": "211001"}},
        {
            "operation": "adopt",
            "owner": "T3",
            "units": [
                {"area": area(10, 0, 15, 5), "name": "甲"},
                {"area": area(10, 5, 15, 10), "name": "乙"},
            ],
        },
    ],
    ids=lambda body: "-".join(str(body[key]) for key in ("operation", "kind") if key in body),
)
def test_what_follows_is_what_a_whole_audit_says_and_undo_restores_every_bit(
    database: Database, city: City, body: dict[str, Any]
) -> None:
    with database.operating() as session:
        before = state(session, city.draft)
    with database.bearer(TOKENS["planner"]) as session:
        do(session, city, body)
    edited = audited(database, city.draft)
    assert edited["grid"] != before["grid"]
    with database.bearer(TOKENS["planner"]) as session:
        undo(session, city.draft, by=who(session, "planner"))
    with database.operating() as session:
        assert state(session, city.draft) == before
    with database.bearer(TOKENS["planner"]) as session:
        redo(session, city.draft, by=who(session, "planner"))
    with database.operating() as session:
        assert state(session, city.draft) == edited


@pytest.mark.parametrize(("land", "heir"), [("neighbours", "T1"), ("holder", None)])
def test_sources_of_a_deleted_grid_are_told_where_they_lay(
    database: Database, city: City, land: str, heir: str | None
) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        done = do(session, city, {"operation": "delete", "grid": "T2", "land": land})
        moved = [
            (each.uid, done.names[each.before or 0][0], each.after and done.names[each.after][0])
            for each in done.effects.moved
        ]
    assert moved == [("S2", "T2", heir)]
    audited(database, city.draft)


def test_pieces_are_called_as_none_of_their_siblings_is(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        for y in (2, 4):
            do(session, city, {**SPLIT, "line": line((9, y), (16, y)), "names": []})
            do(session, city, {"operation": "divide", "owner": "T1", "line": line((-1, y), (6, y))})
        rows = session.execute(
            text("SELECT name FROM gisgrid.grid WHERE plan_id = :plan AND uid LIKE 'g-%' ORDER BY name"),
            {"plan": city.draft},
        )
        assert list(rows.scalars()) == ["一镇1号单元", "一镇2号单元", "一镇3号单元", "三镇（2）", "三镇（3）"]


def test_a_rehearsal_tells_all_and_changes_nothing(database: Database, city: City) -> None:
    with database.operating() as session:
        before = state(session, city.draft)
    with database.bearer(TOKENS["planner"]) as session:
        tried = do(session, city, SPLIT, rehearse=True)
    assert tried.number is None
    assert len(tried.changes) > 1
    with database.operating() as session:
        assert state(session, city.draft) == before
        assert session.scalars(select(Edit)).all() == []


def test_a_stale_version_is_refused_with_what_changed(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        do(session, city, SPLIT, expected={"EAST": 1})
    other = {"operation": "attributes", "grid": "T3", "changes": {"name": "x"}}
    with pytest.raises(errors.StaleVersion) as stale, database.bearer(TOKENS["planner"]) as session:
        do(session, city, other, expected={"EAST": 1})
    assert [each.number for each in stale.value.changed] == [1]
    with pytest.raises(errors.VersionNeeded), database.bearer(TOKENS["planner"]) as session:
        do(session, city, other, expected={"WEST": 1})
    with database.bearer(TOKENS["planner"]) as session:
        do(session, city, other, expected={"EAST": 2})


def test_a_county_planner_edits_up_to_the_common_line_and_no_further(database: Database, city: City) -> None:
    cut = {"operation": "split", "grids": ["T2"], "line": line((4, 6), (11, 6))}
    with database.bearer(TOKENS["west"]) as session:
        done = do(session, city, cut, by="west")
    touched = {change.uid: change for change in done.changes}
    assert touched["T3"].is_outline_kept
    assert touched["EAST"].is_outline_kept
    assert {"T1", "CITY"}.isdisjoint(touched)
    audited(database, city.draft)
    for body, error in (
        (SPLIT, errors.UnknownGrid),
        ({"operation": "merge", "grids": ["WEST", "EAST"]}, errors.UnknownGrid),
        ({"operation": "attributes", "grid": "T1", "changes": {"name": "一镇"}}, errors.ChangesNothing),
        ({"operation": "attributes", "grid": "WEST", "changes": {"name": "x"}}, errors.NotYours),
    ):
        with pytest.raises(error), database.bearer(TOKENS["west"]) as session:
            do(session, city, body, by="west")
    with database.bearer(TOKENS["west"]) as session:
        undo(session, city.draft, by=who(session, "west"))


def test_a_county_planner_edits_a_grid_that_claims_land_of_a_neighbour_with_findings_of_its_own(
    database: Database, city: City
) -> None:
    with database.operating() as session:
        wide = shapely.MultiPolygon([place(shapely.box(4.8 * KM, 0, 10.2 * KM, 10 * KM))])
        session.execute(
            text(
                "UPDATE gisgrid.grid SET geometry = public.ST_GeomFromText(:shape, 4490) "
                "WHERE plan_id = :plan AND uid = 'T2'"
            ),
            {"shape": shapely.to_wkt(wide, rounding_precision=-1), "plan": city.draft},
        )
        recompute_plan(session, city.draft)
    with database.bearer(TOKENS["west"]) as session:
        done = do(session, city, {**SPLIT, "grids": ["T2"], "line": line((4, 6), (11, 6))}, by="west")
    assert len(done.effects.findings_after) > len(done.effects.findings_before)
    audited(database, city.draft)


def test_sources_that_a_county_planner_cannot_see_are_put_right_when_the_plan_is_submitted(
    database: Database, city: City
) -> None:
    add_planner(database, "east", "EAST")
    with database.bearer(TOKENS["planner"]) as session:
        do(session, city, {"operation": "change_parent", "grid": "T2", "parent": "EAST"})
    cut = {"operation": "split", "grids": ["T2"], "line": line((7.3, -1), (7.3, 11))}
    with database.bearer(token_of("east")) as session:
        assert do(session, city, cut, by="east").effects.moved == ()
    with database.bearer(TOKENS["planner"]) as session:
        stands = checks_of(session, city.draft)
        submit(session, city.draft, reasons={each.key: "核实过" for each in stands})
    with database.operating() as session:
        submitted = state(session, city.draft)
        recompute_plan(session, city.draft)
        assert state(session, city.draft) == submitted


def test_the_history_tells_a_county_planner_nothing_of_other_counties(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        for uid in ("T3", "T1"):
            do(session, city, {"operation": "attributes", "grid": uid, "changes": {"name": f"密{uid}"}})
    with database.bearer(TOKENS["west"]) as session:
        (own,) = history(session, city.draft, by=who(session, "west")).entries
        assert session.scalars(select(Edit.number)).all() == [2]  # not even the database tells
        next_ = do(
            session, city, {"operation": "attributes", "grid": "T2", "changes": {"name": "新"}}, by="west"
        )
    assert (own.number, own.touched, "密T1" in own.summary.zh) == (2, ("T1",), True)
    assert next_.number == 3
    with database.bearer(TOKENS["planner"]) as session:
        told = history(session, city.draft, by=who(session, "planner")).entries
    assert [each.number for each in told] == [3, 2, 1]


def test_an_edit_on_a_common_line_is_told_to_both_counties(database: Database, city: City) -> None:
    add_planner(database, "east", "EAST")
    with database.bearer(TOKENS["west"]) as session:
        cut = {"operation": "split", "grids": ["T2"], "line": line((4, 5), (11, 5))}
        done = do(session, city, cut, by="west")
    assert {each.uid for each in done.changes if each.is_outline_kept} >= {"T3", "EAST"}
    with database.bearer(token_of("east")) as session:
        (told,) = history(session, city.draft, by=who(session, "east")).entries
    assert told.by == "west"


def test_a_bulk_that_takes_too_long_is_refused(
    database: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [{"operation": "attributes", "grid": "T1", "changes": {"name": str(at)}} for at in range(3)]
    monkeypatch.setattr(planned, "BULK_S", -1.0)
    bulk = Bulk.model_validate({"operation": "bulk", "operations": names})
    with pytest.raises(InputError, match="1 / 3"), database.bearer(TOKENS["planner"]) as session:
        edit(session, city.draft, bulk, by=who(session, "planner"), expected=None)


def test_an_edit_that_others_built_on_is_not_taken_back(database: Database, city: City) -> None:
    with database.bearer(TOKENS["west"]) as session:
        do(session, city, {"operation": "attributes", "grid": "T1", "changes": {"name": "甲"}}, by="west")
    with database.bearer(TOKENS["planner"]) as session:
        do(session, city, {"operation": "attributes", "grid": "T1", "changes": {"name": "乙"}})
    with pytest.raises(errors.ChangedSince) as refused, database.bearer(TOKENS["west"]) as session:
        undo(session, city.draft, by=who(session, "west"))
    assert "planner" in refused.value.what.en


def test_vertices_that_others_set_on_a_common_line_are_no_reason_to_refuse_an_undo(
    database: Database, city: City
) -> None:
    west = {"operation": "split", "grids": ["T2"], "line": line((4, 6), (11, 6))}
    east = {"operation": "split", "grids": ["T3"], "line": line((9, 3), (16, 3))}
    begun = outlines(database, city.draft)
    with database.bearer(TOKENS["west"]) as session:
        do(session, city, west, by="west")
    with database.bearer(TOKENS["planner"]) as session:
        do(session, city, east)
    both = outlines(database, city.draft)
    for turn, expected in ((undo, None), (redo, both), (undo, None)):
        with database.bearer(TOKENS["west"]) as session:
            turn(session, city.draft, by=who(session, "west"))
        now = outlines(database, city.draft)
        assert expected is None or now == expected
        for level in (["WEST", "EAST"], ["T2", *(uid for uid in now if uid not in begun)]):
            assert shapely.coverage_is_valid([now[uid] for uid in level])
    with database.bearer(TOKENS["planner"]) as session:
        undo(session, city.draft, by=who(session, "planner"))
    now = outlines(database, city.draft)
    assert now.keys() == begun.keys()
    assert all(shape.simplify(1e-9).equals(begun[uid]) for uid, shape in now.items())
    audited(database, city.draft)


def test_what_was_taken_back_is_dropped_by_a_new_edit(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        by = who(session, "planner")
        do(session, city, SPLIT)
        undo(session, city.draft, by=by)
        assert history(session, city.draft, by=by).can_redo == 1
        do(session, city, {"operation": "attributes", "grid": "T1", "changes": {"name": "甲"}})
        told = history(session, city.draft, by=by)
        assert (told.can_undo, told.can_redo) == (2, None)
        assert [str(each.state) for each in told.entries] == ["applied", "dropped"]
        assert [each.number for each in history(session, city.draft, by=by, grid="T1").entries] == [2]
    with pytest.raises(errors.NothingToUndo), database.bearer(TOKENS["planner"]) as session:
        redo(session, city.draft, by=who(session, "planner"))


def test_only_drafts_change(database: Database, city: City) -> None:
    with database.operating() as session:
        plan = session.get(Plan, city.draft)
        assert plan is not None
        plan.state = PlanState.IN_REVIEW
    with pytest.raises(errors.NotADraft), database.bearer(TOKENS["planner"]) as session:
        do(session, city, SPLIT)


def test_a_refused_edit_leaves_nothing(database: Database, city: City) -> None:
    with database.operating() as session:
        before = state(session, city.draft)
    short = SPLIT | {"line": line((12, -1), (12, 9))}
    with pytest.raises(CannotEdit), database.bearer(TOKENS["planner"]) as session:
        do(session, city, short)
    with database.operating() as session:
        assert state(session, city.draft) == before


def test_one_finding_that_cannot_be_mended_does_not_stop_the_others(
    database: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    mends, kinds = repairing.mend, ["gap"]

    def fails(grids: gpd.GeoDataFrame, defect: Defect) -> Redrawn:
        if defect.kind in kinds:
            raise CannotEdit(Text("坏", "Bad"), todo=Text("改", "Mend"))
        return mends(grids, defect)

    monkeypatch.setattr(repairing, "mend", fails)
    every = {"operation": "repair", "classes": ["real"]}
    with database.bearer(TOKENS["planner"]) as session:
        done = do(session, city, every)
    with database.operating() as session:
        left = text("SELECT kind FROM gisgrid.finding WHERE plan_id = :plan")
        assert list(session.scalars(left, {"plan": city.draft})) == ["gap"]
    assert [note.zh.endswith("处的问题没有修补：坏") for note in done.notes] == [True]
    with pytest.raises(CannotEdit, match="坏"), database.bearer(TOKENS["planner"]) as session:
        do(session, city, every)


def test_findings_are_mended_by_one_edit_that_can_be_taken_back(database: Database, city: City) -> None:
    with database.operating() as session:
        before = state(session, city.draft)
        ids = list(
            session.scalars(
                text("SELECT id FROM gisgrid.finding WHERE plan_id = :plan"), {"plan": city.draft}
            )
        )
    assert len(ids) == 2
    with database.bearer(TOKENS["planner"]) as session:
        done = do(session, city, {"operation": "repair", "findings": ids})
    assert done.effects.findings_after == ()
    with database.operating() as session:
        mended = state(session, city.draft)
        assert mended["finding"] == []
        recompute_plan(session, city.draft)
        assert state(session, city.draft) == mended
    with database.bearer(TOKENS["planner"]) as session:
        undo(session, city.draft, by=who(session, "planner"))
    with database.operating() as session:
        assert state(session, city.draft) == before
    with pytest.raises(errors.NothingToMend), database.bearer(TOKENS["planner"]) as session:
        do(session, city, {"operation": "repair", "findings": [10**9]})

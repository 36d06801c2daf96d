"""A file changed elsewhere, brought back: its difference, what is done of it as one edit, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from gisgrid.crs.datums import wgs84_to_bd09, wgs84_to_gcj02
from gisgrid.exchange.bringing import Brought, Result
from gisgrid.exchange.difference import Change
from gisgrid.exchange.shifted import Shifted
from gisgrid.exchange.writing import DraftFormat
from gisgrid.model import Edit, Grid
from gisgrid.planning.errors import StaleVersion, VersionNeeded
from gisgrid.planning.history import undo
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from tests.city import TOKENS, City
from tests.exchange_files import Edit as Change_in_file
from tests.exchange_files import box, brought, changed, enciphered, redrawn, taken_out
from tests.planning.test_editing import city, do, state, who

__all__ = ["city"]


STREET = {"operation": "attributes", "grid": "T2", "changes": {"category": "街道"}}


def added(frame: gpd.GeoDataFrame, shape: shapely.Geometry, **cells: Any) -> gpd.GeoDataFrame:
    """The file with one row more."""
    row = gpd.GeoDataFrame([{"geometry": shape, **cells}], crs=frame.crs)
    return pd.concat([frame, row], ignore_index=True)


def split_as_qgis_does(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """T3 cut in two: the new part is a copy with all its attributes."""
    redrawn(T3=box(10, 0, 12, 10))(frame)
    copy = frame[frame["uid"] == "T3"].assign(name="三镇东")
    both = pd.concat([frame, copy], ignore_index=True)
    both.loc[both.index[-1:], "geometry"] = gpd.GeoSeries(
        [box(12, 0, 15, 10)], index=both.index[-1:], crs=frame.crs
    )
    return both


def merge_as_qgis_does(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """T2 goes into T1."""
    redrawn(T1=box(0, 0, 10, 10))(frame)
    return frame[frame["uid"] != "T2"]


def rename(frame: gpd.GeoDataFrame) -> None:
    """A name and a code, and a code taken away."""
    frame.loc[frame["uid"] == "T1", ["name", "code"]] = ["<b>新</b>一镇", "211001"]
    frame.loc[frame["uid"] == "T2", "code"] = None


def counties_and_townships(frame: gpd.GeoDataFrame) -> None:
    """The county line moved west by a kilometre, and with it the townships on both sides."""
    redrawn(WEST=box(0, 0, 9, 10), EAST=box(9, 0, 20, 10), T2=box(4.8, 0, 9, 10), T3=box(9, 0, 15, 10))(frame)


def fill_the_gap(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A new township where there was none; its parent is found by its place."""
    return added(frame, box(15, 0, 20, 10), name="四镇", level=3)


def new_units(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Two unit grids of T3, from a file."""
    cells = {"kind": "unit", "parent_uid": "T3", "basis": "targets"}
    frame = added(frame, box(10, 0, 12, 10), name="甲", **cells)
    return added(frame, box(12, 0, 15, 10), name="乙", **cells)


def moved_key(frame: gpd.GeoDataFrame) -> None:
    """A key grid lies over others."""
    redrawn(KEY=box(8, 4, 12, 6))(frame)


CONSISTENT: list[tuple[Change_in_file, set[str | None]]] = [
    (split_as_qgis_does, {"T3", None}),
    (merge_as_qgis_does, {"T1", "T2"}),
    (rename, {"T1", "T2"}),
    (counties_and_townships, {"WEST", "EAST", "T2", "T3"}),
    (fill_the_gap, {None}),
    (new_units, {None}),
    (moved_key, {"KEY"}),
]


@pytest.mark.parametrize("kind", [DraftFormat.GPKG, DraftFormat.SHAPEFILE, DraftFormat.GEOJSON])
@pytest.mark.parametrize(("edit", "concerned"), CONSISTENT, ids=lambda value: getattr(value, "__name__", ""))
def test_a_consistent_change_is_shown_then_applied_as_one_edit_and_taken_back(
    database: Database,
    city: City,
    tmp_path: Path,
    edit: Change_in_file,
    concerned: set[str | None],
    kind: DraftFormat,
) -> None:
    suffix = {DraftFormat.GPKG: "gpkg", DraftFormat.SHAPEFILE: "shp", DraftFormat.GEOJSON: "geojson"}[kind]
    path = changed(taken_out(database, city, kind, tmp_path / "out"), edit, tmp_path / f"back.{suffix}")
    with database.operating() as session:
        before = state(session, city.draft)
    shown = brought(database, city, path)
    assert {each.uid for each in shown.difference.items} == concerned
    assert {each.result for each in shown.told.values()} <= {Result.APPLIED, Result.FOLLOWED}, shown.told
    with database.operating() as session:
        assert state(session, city.draft) == before
    done = brought(database, city, path, rehearse=False)
    assert done.edited is not None
    assert done.edited.number == 1
    with database.operating() as session:
        edited = state(session, city.draft)
        assert edited["grid"] != before["grid"]
        recompute_plan(session, city.draft)
        assert state(session, city.draft) == edited
        assert len(session.scalars(select(Edit)).all()) == 1
    again = [each for each in brought(database, city, path).difference.items if each.uid is not None]
    assert [each for each in again if each.changes - {Change.REMOVED, Change.VALUES}] == []
    with database.bearer(TOKENS["planner"]) as session:
        undo(session, city.draft, by=who(session, "planner"))
    with database.operating() as session:
        assert state(session, city.draft) == before


def _changed(database: Database, city: City, folder: Path, edit: Change_in_file) -> Path:
    out = taken_out(database, city, DraftFormat.GPKG, folder / "out")
    return changed(out, edit, folder / "back.gpkg")


def _only(shown: Brought) -> Any:
    ((number, told),) = [(each.number, shown.told[each.number]) for each in shown.difference.items]
    del number
    return told


def test_a_gap_that_the_file_leaves_is_refused_with_its_place_or_redrawn_if_wanted(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = _changed(database, city, tmp_path, redrawn(T2=box(6, 0, 10, 10)))
    told = _only(brought(database, city, path))
    assert told.result is Result.REFUSED
    assert told.can_redraw
    assert "nobody's" in told.refused[0].what.en
    lon, lat = (float(each) for each in told.refused[0].where.split(", "))
    assert box(5, 0, 6, 10).covers(shapely.Point(lon, lat))
    redone = brought(database, city, path, redraws=True, rehearse=False)
    assert _only(redone).is_redrawn
    with database.operating() as session:
        rows = {row.uid: row.area_m2 for row in session.scalars(select(Grid))}
    assert rows["T1"] == pytest.approx(60e6, rel=1e-3)


def test_an_overlap_between_neighbours_is_refused(database: Database, city: City, tmp_path: Path) -> None:
    path = _changed(database, city, tmp_path, redrawn(T1=box(0, 0, 6, 10), T2=box(5.5, 0, 10, 10)))
    shown = brought(database, city, path)
    assert {each.result for each in shown.told.values()} == {Result.REFUSED}
    assert "overlap" in shown.told[1].refused[0].what.en
    assert shown.edited is None


def test_what_can_be_done_is_done_beside_what_is_refused(
    database: Database, city: City, tmp_path: Path
) -> None:
    def edit(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        redrawn(T2=box(6, 0, 10, 10))(frame)
        return fill_the_gap(frame)

    path = _changed(database, city, tmp_path, edit)
    done = brought(database, city, path, rehearse=False)
    assert [each.result for each in done.told.values()] == [Result.REFUSED, Result.APPLIED]
    with database.operating() as session:
        assert session.scalars(select(Grid).where(Grid.name == "四镇")).one().path[:2] == ["CITY", "EAST"]


def test_a_grid_that_leaves_its_parent_is_refused_with_the_place(
    database: Database, city: City, tmp_path: Path
) -> None:
    told = _only(brought(database, city, _changed(database, city, tmp_path, redrawn(T3=box(9, 0, 15, 10)))))
    assert told.result is Result.REFUSED
    assert not told.can_redraw
    assert "outside 东县" in told.refused[0].what.en


def test_the_outline_of_the_coarsest_grid_is_not_changed_by_a_file(
    database: Database, city: City, tmp_path: Path
) -> None:
    told = _only(brought(database, city, _changed(database, city, tmp_path, redrawn(CITY=box(0, 0, 19, 10)))))
    assert "not changed here" in told.refused[0].what.en


def test_grids_that_the_file_lacks_stay_unless_they_are_to_go(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = _changed(database, city, tmp_path, lambda frame: frame[frame["uid"] != "T2"])
    assert _only(brought(database, city, path)).result is Result.LEFT
    assert _only(brought(database, city, path, removes=True)).result is Result.APPLIED
    brought(database, city, path, removes=True, rehearse=False)
    with database.operating() as session:
        rows = {
            row.uid: row.area_m2 for row in session.scalars(select(Grid).where(Grid.plan_id == city.draft))
        }
    assert "T2" not in rows
    assert rows["T1"] == pytest.approx(100e6, rel=1e-3)


def test_a_draft_that_has_moved_on_is_told_by_the_versions_in_the_file(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = _changed(database, city, tmp_path, rename)
    with database.bearer(TOKENS["west"]) as session:
        do(
            session,
            city,
            {"operation": "attributes", "grid": "T2", "changes": {"category": "街道"}},
            by="west",
        )
    shown = brought(database, city, path)
    assert shown.stale is not None
    assert [each.by for each in shown.stale.changed] == ["west"]
    with pytest.raises(StaleVersion):
        brought(database, city, path, rehearse=False)
    done = brought(database, city, path, rehearse=False, expected={"WEST": 2})
    assert done.edited is not None


def test_what_only_others_changed_since_is_not_taken_back(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = _changed(
        database, city, tmp_path, lambda frame: frame.loc.__setitem__((frame["uid"] == "T3", "code"), "9")
    )
    with database.bearer(TOKENS["west"]) as session:
        do(
            session,
            city,
            {"operation": "attributes", "grid": "T2", "changes": {"category": "街道"}},
            by="west",
        )
    done = brought(database, city, path, rehearse=False)
    assert done.difference.behind == ("T2",)
    assert [each.uid for each in done.difference.items] == ["T3"]


def test_a_file_without_versions_needs_them_named(database: Database, city: City, tmp_path: Path) -> None:
    def edit(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rename(frame)
        return frame[["uid", "name", "geometry"]]

    path = _changed(database, city, tmp_path, edit)
    shown = brought(database, city, path)
    assert not shown.has_versions
    with pytest.raises(VersionNeeded):
        brought(database, city, path, rehearse=False)
    done = brought(database, city, path, rehearse=False, expected={"WEST": 1})
    assert done.edited is not None
    with database.operating() as session:
        rows = {row.uid: row for row in session.scalars(select(Grid).where(Grid.plan_id == city.draft))}
        assert rows["T1"].name == "<b>新</b>一镇"
        assert rows["T1"].code is not None  # the file has no such column


def test_a_county_planner_changes_nothing_beyond_their_county(
    database: Database, city: City, tmp_path: Path
) -> None:
    out = taken_out(database, city, DraftFormat.GPKG, tmp_path / "out")

    def edit(frame: gpd.GeoDataFrame) -> None:
        counties_and_townships(frame)
        rename(frame)

    path = changed(out, edit, tmp_path / "back.gpkg")
    shown = brought(database, city, path, by="west")
    results = {each.uid: shown.told[each.number].result for each in shown.difference.items if each.uid}
    assert results["T1"] is Result.APPLIED
    assert results["WEST"] is Result.REFUSED


def gcj02(at: Any) -> Any:
    """Coordinates as rows, in GCJ-02."""
    return np.stack(wgs84_to_gcj02(at[:, 0], at[:, 1]), axis=-1)


@pytest.mark.parametrize(
    ("crs", "forth", "name"),
    [("gcj02", wgs84_to_gcj02, "GCJ-02"), ("bd09", wgs84_to_bd09, "BD-09")],
)
def test_a_file_that_is_shifted_as_web_maps_are_is_not_believed(
    database: Database, city: City, tmp_path: Path, crs: str, forth: Any, name: str
) -> None:
    path = taken_out(database, city, DraftFormat.GPKG, tmp_path / "out")
    back = changed(path, enciphered(forth), tmp_path / "back.gpkg")
    with pytest.raises(Shifted, match=name) as caught:
        brought(database, city, back, rehearse=False)
    assert f"crs={crs}" in str(caught.value.todo)
    read = brought(database, city, back, crs=crs)
    assert (read.difference.items, read.difference.unchanged > 0) == ((), True)
    believed = brought(database, city, back, crs="EPSG:4490")
    assert all(Change.RESHAPED in each.changes for each in believed.difference.items)


def test_grids_that_really_move_are_no_shift(database: Database, city: City, tmp_path: Path) -> None:
    path = taken_out(database, city, DraftFormat.GPKG, tmp_path / "out")

    def aside(frame: gpd.GeoDataFrame) -> None:
        frame.geometry = frame.geometry.translate(-0.004, 0.003)

    moved = brought(database, city, changed(path, aside, tmp_path / "aside.gpkg"))
    assert {each.uid for each in moved.difference.items} >= {"T1", "T2", "T3"}
    one = changed(path, redrawn(T3=shapely.transform(box(10, 0, 15, 10), gcj02)), tmp_path / "one.gpkg")
    assert [each.uid for each in brought(database, city, one).difference.items] == ["T3"]

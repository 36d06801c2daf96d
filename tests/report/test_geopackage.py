"""audit.gpkg opens anywhere, and styled in QGIS."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gisgrid.audit import Audit
from gisgrid.errors import OutputError
from gisgrid.report.geopackage import check_complete, write_geopackage
from gisgrid.text import Lang
from tests.report.example import CLOSING, FORMULA, HOSTILE, cell, sources

LAYERS = {
    "grids",
    "gaps",
    "overlaps",
    "protrusions",
    "misnested",
    "sources",
    "uncovered_sources",
    "stacked_sources",
    "surroundings",
}


@pytest.fixture
def package(audit: Audit, tmp_path: Path) -> Path:
    file = tmp_path / "audit.gpkg"
    write_geopackage(audit, file, Lang.ZH)
    return file


@pytest.fixture
def bare_package(bare_audit: Audit, tmp_path: Path) -> Path:
    file = tmp_path / "bare.gpkg"
    write_geopackage(bare_audit, file, Lang.ZH)
    return file


def rows(package: Path, layer: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(package, layer=layer)


def layer_names(package: Path) -> set[str]:
    return {name for name, geometry in pyogrio.list_layers(package) if geometry is not None}


def test_every_result_is_a_layer(package: Path) -> None:
    assert layer_names(package) == LAYERS | {"edge_mismatches"}


def test_layers_without_rows_are_there_with_their_fields(bare_package: Path) -> None:
    assert layer_names(bare_package) == LAYERS
    gaps = pyogrio.read_info(bare_package, layer="gaps")
    assert gaps["features"] == 0
    assert dict(zip(gaps["fields"], gaps["dtypes"], strict=True))["area_m2"] == "float64"
    assert "place" in gaps["fields"]


def test_gdal_reads_it_without_a_warning(package: Path) -> None:
    told = subprocess.run(["ogrinfo", "-al", "-so", str(package)], capture_output=True, text=True, check=True)
    assert "Warning" not in told.stderr
    assert 'ID["EPSG",4490]' in told.stdout


def test_a_gap_has_its_size_place_and_sources(package: Path) -> None:
    largest = rows(package, "gaps").iloc[0]
    assert largest["place"] == "辽河口生态经济区管理委员会—丙街道之间"
    assert largest["neighbours"] == "辽河口生态经济区管理委员会 62%、丙街道 27%"
    assert (largest["parent"], largest["size_class"], largest["width_m"]) == ("西示例县", "real", 95.0)
    assert (largest["sources"], largest["sources_c"]) == (1, 1)


def test_findings_of_a_kind_are_in_their_own_layer(package: Path, audit: Audit) -> None:
    found = audit.coverage[1].findings["kind"].value_counts()
    names = {"gap": "gaps", "overlap": "overlaps", "protrusion": "protrusions", "misnested": "misnested"}
    assert {kind: len(rows(package, layer)) for kind, layer in names.items()} == found.to_dict()


def test_a_source_carries_its_grid_at_every_level(package: Path) -> None:
    first = rows(package, "sources").set_index("id").loc["S-1"]
    assert first[["g1_name", "g2_name", "g3_name"]].tolist() == ["示例市", "西示例县", "甲镇"]
    assert first["class_abc"] == "C"


def test_raw_coordinates_of_a_swapped_source_are_kept(package: Path) -> None:
    swapped = rows(package, "sources").set_index("id").loc["S-3"]
    assert swapped["location"] == "swapped"
    assert (swapped["raw_x"], swapped["raw_y"]) == pytest.approx((swapped.geometry.y, swapped.geometry.x))


def test_an_uncovered_source_names_the_nearest_grid(package: Path) -> None:
    missing = rows(package, "uncovered_sources").set_index("id")
    assert missing.loc["S-5", ["reason", "near_name"]].tolist() == ["gap", "辽河口生态经济区管理委员会"]
    assert missing.loc["S-6", "distance_m"] == pytest.approx(838.4)


def test_surroundings_say_how_many_how_near_and_where(package: Path) -> None:
    school = rows(package, "surroundings").iloc[0]
    named = ["id", "ring_m", "receptor_kind", "count", "near_name", "distance_m", "bearing_deg"]
    assert school[named].tolist() == ["S-1", 500.0, "school", 1, "示例小学", 16.8, 90.0]


def test_names_come_back_as_they_were(package: Path) -> None:
    assert {HOSTILE, FORMULA, CLOSING} <= set(rows(package, "sources")["name"])


def test_sources_may_be_lines_and_polygons(audit: Audit, tmp_path: Path) -> None:
    report = sources()
    shapes = report.frame.geometry.to_list()
    shapes[0], shapes[1] = cell(0.2, 0.2, 0.4, 0.4), shapely.LineString([(122.01, 41.002), (122.012, 41.003)])
    frame = report.frame.set_geometry(gpd.GeoSeries(shapes, index=report.frame.index, crs=report.frame.crs))
    file = tmp_path / "audit.gpkg"
    write_geopackage(replace(audit, sources=replace(report, frame=frame)), file, Lang.ZH)
    assert set(rows(file, "sources").geom_type) == {"Polygon", "LineString", "Point"}
    assert set(rows(file, "surroundings").geom_type) == {"Point"}


def styles(package: Path) -> dict[str, ElementTree.Element]:
    with closing(sqlite3.connect(package)) as connection:
        found = connection.execute(
            "SELECT f_table_name, styleQML FROM layer_styles "
            "WHERE useAsDefault AND f_geometry_column = 'geom'"
        ).fetchall()
    return {layer: ElementTree.fromstring(qml) for layer, qml in found}  # noqa: S314 (our own)


def test_every_layer_has_a_default_style(package: Path) -> None:
    assert set(styles(package)) == layer_names(package)


def test_every_category_of_a_style_has_its_symbol(package: Path) -> None:
    for layer, style in styles(package).items():
        symbols = {each.get("name") for each in style.findall("./renderer-v2/symbols/symbol")}
        used = {each.get("symbol") for each in style.findall("./renderer-v2/categories/category")} or {"0"}
        assert used == symbols, layer


def test_styles_decide_by_a_field_that_the_layer_has(package: Path) -> None:
    for layer, style in styles(package).items():
        renderer = style.find("./renderer-v2")
        assert renderer is not None
        field = renderer.get("attr")
        assert field is None or field in pyogrio.read_info(package, layer=layer)["fields"], layer


def test_categories_match_the_values_in_the_layer(package: Path) -> None:
    for layer, field in {"gaps": "size_class", "sources": "class_abc", "grids": "level"}.items():
        offered = {each.get("value") for each in styles(package)[layer].iter("category")}
        assert set(rows(package, layer)[field].astype(str)) <= offered


def test_fields_have_chinese_aliases(package: Path) -> None:
    with closing(sqlite3.connect(package)) as connection:
        titles = dict(
            connection.execute("SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'gaps'")
        )
    assert titles["area_m2"] == "面积（m²）"
    assert {each.get("field") for each in styles(package)["gaps"].iter("alias")} == set(titles)


def test_field_names_are_short_ascii(package: Path) -> None:
    for layer in layer_names(package):
        for field in pyogrio.read_info(package, layer=layer)["fields"]:
            assert field.isascii()
            assert len(field) <= 13, field


def test_lost_rows_are_an_error(package: Path) -> None:
    with closing(sqlite3.connect(package)) as connection, pytest.raises(OutputError, match="Only 2 of 3"):
        check_complete(connection, {"gaps": 3})


def test_the_contents_name_the_layers_in_chinese(package: Path) -> None:
    told = subprocess.run(
        ["ogrinfo", "-so", str(package), "gaps"], capture_output=True, text=True, check=True
    )
    assert "覆盖空白" in told.stdout

"""Columns are recognised by name and by value, and can be named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.errors import InputError, MissingField
from gisgrid.ingest.fields import GRID_ROLES, RECEPTOR_ROLES, SOURCE_ROLES, Role, detect
from gisgrid.ingest.table import Table

VALUES = {
    "lon": ["122.05", "122.06", "122.07"],
    "lat": ["41.1", "41.2", "41.3"],
    "code": ["211102001", "211102002", "211103001"],
    "grid_code": ["211102001", "211102001", "211103001"],
    "parent": ["211102", "211102", "211103"],
    "name": ["甲厂", "乙厂", "丙厂"],
    "grid_name": ["渤海街道", "渤海街道", "新工街道"],
    "id": ["W1", "W2", "W3"],
    "level": ["三级", "三级", "三级"],
    "class": ["A", "B", "C"],
    "kind": ["化工", "造纸", "化工"],
}


def table(geometry: bool = False, **columns: list[object] | str) -> Table:
    rows = pd.DataFrame(
        {name: VALUES[each] if isinstance(each, str) else each for name, each in columns.items()}
    )
    rows.index = pd.Index(np.arange(1, len(rows) + 1), name="row")
    shapes = np.array([shapely.box(at, 0, at + 1, 1) for at in range(len(rows))]) if geometry else None
    return Table("a.csv", rows, shapes, None, False, "CSV")


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("经度", "纬度"),
        ("东经", "北纬"),
        ("经度（°）", "纬度（°）"),
        ("中心经度", "中心纬度"),
        ("企业经度", "企业纬度"),
        ("lon", "lat"),
        ("LNG", "LAT"),
        ("Longitude", "Latitude"),
        ("\ufefflongitude", "latitude"),
        ("gcj02_lng", "gcj02_lat"),
        ("site_lon", "site_lat"),
        ("x", "y"),
        ("X坐标", "Y坐标"),
        ("X坐标(m)", "Y坐标(m)"),
        ("东坐标", "北坐标"),
        ("横坐标", "纵坐标"),
        ("coord_x", "coord_y"),
        ("Coordonnées_X", "Coordonnées_Y"),
        ("Coordonnees X", "Coordonnees Y"),
        ("POINT_X", "POINT_Y"),
        ("easting", "northing"),
        ("ＰＯＩＮＴ＿Ｘ", "ＰＯＩＮＴ＿Ｙ"),
        ("LongitudeWGS84", "LatitudeWGS84"),
    ],
)
def test_coordinates_are_recognised(lon: str, lat: str) -> None:
    found = detect(table(**{lat: "lat", "序号": "id", lon: "lon"}), SOURCE_ROLES, {})
    assert (found.get("lon"), found.get("lat")) == (lon, lat)


@pytest.mark.parametrize(
    "name",
    [
        "网格编号",
        "网格编码",
        "街道编码",
        "乡镇代码",
        "行政区划代码",
        "adcode",
        "GEOID20",
        "code_insee",
        "INSEE_COM",
        "XZQDM",
        "code",
        "Code",
        "编号",
        "grid id",
        "id",
    ],
)
def test_the_code_of_a_grid_is_recognised(name: str) -> None:
    assert detect(table(geometry=True, **{"备注": "name", name: "code"}), GRID_ROLES, {})["code"] == name


@pytest.mark.parametrize(
    "name",
    [
        "上级网格",
        "上级网格编号",
        "上级编码",
        "父级",
        "parent",
        "parent_code",
        "parent_adcode",
        "PARENT_ID",
        "区县代码",
    ],
)
def test_the_parent_of_a_grid_is_recognised_and_is_not_its_code(name: str) -> None:
    found = detect(table(geometry=True, **{name: "parent", "网格编号": "code"}), GRID_ROLES, {})
    assert (found["code"], found["parent"]) == ("网格编号", name)


@pytest.mark.parametrize("name", ["名称", "网格名称", "NAME", "nom", "Libellé", "街道名称", "NAMELSAD20"])
def test_the_name_of_a_grid_is_recognised(name: str) -> None:
    assert detect(table(geometry=True, **{"code": "code", name: "grid_name"}), GRID_ROLES, {})["name"] == name


@pytest.mark.parametrize("name", ["级别", "网格级别", "level", "Niveau", "admin_level"])
def test_the_level_of_a_grid_is_recognised(name: str) -> None:
    assert detect(table(geometry=True, **{"code": "code", name: "level"}), GRID_ROLES, {})["level"] == name


def test_a_chinese_register_is_recognised_whole() -> None:
    register = table(
        序号="id",
        污染源编号="id",
        企业名称="name",
        统一社会信用代码="code",
        所属网格编号="grid_code",
        所属街道="grid_name",
        管理类别="class",
        污染源类型="kind",
        经度="lon",
        纬度="lat",
    )
    assert detect(register, SOURCE_ROLES, {}) == {
        "lon": "经度",
        "lat": "纬度",
        "id": "污染源编号",
        "name": "企业名称",
        "kind": "污染源类型",
        "class": "管理类别",
        "grid_code": "所属网格编号",
        "grid_name": "所属街道",
    }


def test_a_french_register_is_recognised() -> None:
    register = table(
        **{"SIRET": "id", "Raison sociale": "name", "Code INSEE": "grid_code", "Commune": "grid_name"},
        **{"Coordonnées_X": "lon", "Coordonnées_Y": "lat", "Catégorie": "kind"},
    )
    found = detect(register, SOURCE_ROLES, {})
    assert found["id"] == "SIRET"
    assert found["name"] == "Raison sociale"
    assert found["grid_code"] == "Code INSEE"
    assert found["grid_name"] == "Commune"
    assert found["kind"] == "Catégorie"


def test_receptors_have_a_kind_and_a_name() -> None:
    found = detect(
        table(敏感目标名称="name", 敏感目标类型="kind", 经度="lon", 纬度="lat"), RECEPTOR_ROLES, {}
    )
    assert (found["name"], found["kind"]) == ("敏感目标名称", "敏感目标类型")


def test_the_values_tell_a_class_from_a_kind() -> None:
    assert detect(table(类别="class"), SOURCE_ROLES, {}) == {"class": "类别"}
    assert detect(table(类别="kind"), SOURCE_ROLES, {}) == {"kind": "类别"}


def test_the_values_tell_a_stated_code_from_a_stated_name() -> None:
    assert detect(table(所属网格="grid_code"), SOURCE_ROLES, {}) == {"grid_code": "所属网格"}
    assert detect(table(所属网格="grid_name"), SOURCE_ROLES, {}) == {"grid_name": "所属网格"}


def test_a_coordinate_column_must_hold_numbers() -> None:
    found = detect(table(x="name", y="name", lon="lon", lat="lat"), SOURCE_ROLES, {})
    assert (found["lon"], found["lat"]) == ("lon", "lat")


def test_an_empty_pair_of_coordinates_gives_way_to_a_filled_one() -> None:
    blank: list[object] = [None, None, None]
    found = detect(table(经度=blank, 纬度=blank, X="lon", Y="lat"), SOURCE_ROLES, {})
    assert (found["lon"], found["lat"]) == ("X", "Y")


def test_coordinates_come_as_a_pair_of_one_style() -> None:
    found = detect(table(x="lon", longitude="lon", latitude="lat", y="lat"), SOURCE_ROLES, {})
    assert (found["lon"], found["lat"]) == ("longitude", "latitude")


def test_some_bad_values_do_not_hide_a_coordinate_column() -> None:
    found = detect(table(经度=["122.05", "不详", "122.07"], 纬度="lat"), SOURCE_ROLES, {})
    assert found["lon"] == "经度"


def test_one_column_with_both_coordinates_serves_for_both() -> None:
    found = detect(table(经纬度=["122.05,41.1", "122.06,41.2", "无"]), SOURCE_ROLES, {})
    assert found == {"lon": "经纬度", "lat": "经纬度"}


def test_an_address_is_no_pair_of_coordinates() -> None:
    assert "lon" not in detect(table(location=["Main St, Springfield", "a, b", "c, d"]), SOURCE_ROLES, {})


def test_a_table_with_geometry_needs_no_coordinates() -> None:
    assert "lon" not in detect(table(geometry=True, x="lon", y="lat"), SOURCE_ROLES, {})


def test_a_code_that_repeats_is_no_code_of_a_grid() -> None:
    repeated: list[object] = ["211102"] * 3
    assert "code" not in detect(table(geometry=True, code=repeated), GRID_ROLES, {})


def test_a_counter_of_the_software_is_no_code() -> None:
    counter: list[object] = [1, 2, 3]
    assert "code" not in detect(table(geometry=True, fid=counter, OBJECTID=counter), GRID_ROLES, {})


def test_an_exact_name_comes_before_one_that_contains_it() -> None:
    found = detect(table(geometry=True, 备用名称="grid_name", 名称="name"), GRID_ROLES, {})
    assert found["name"] == "名称"


def test_an_override_comes_first() -> None:
    found = detect(table(经度="lon", 纬度="lat", 东偏="lon"), SOURCE_ROLES, {"lon": "东偏"})
    assert (found["lon"], found["lat"]) == ("东偏", "纬度")


def test_an_overridden_column_is_not_taken_for_another_role() -> None:
    found = detect(table(geometry=True, code="code", id="id"), GRID_ROLES, {"parent": "code"})
    assert found == {"code": "id", "parent": "code"}


def test_an_override_of_an_absent_column_lists_those_there_are_and_suggests_one() -> None:
    with pytest.raises(MissingField, match="Did you mean '经度'") as caught:
        detect(table(经度="lon", 纬度="lat"), SOURCE_ROLES, {"lon": "经渡"})
    assert "经度, 纬度" in str(caught.value)
    assert caught.value.where == "a.csv"


def test_an_override_of_an_unknown_role_lists_the_roles() -> None:
    with pytest.raises(InputError, match="lon, lat, id"):
        detect(table(经度="lon"), SOURCE_ROLES, {"longitude": "经度"})


def test_a_table_without_rows_has_no_roles() -> None:
    assert detect(table(经度=[], 纬度=[]), SOURCE_ROLES, {}) == {}


def test_roles_are_the_names_that_an_override_uses() -> None:
    assert [str(role) for role in SOURCE_ROLES] == [
        *("lon", "lat", "id", "grid_code", "grid_name", "name", "class", "kind")
    ]
    assert Role("lon") is Role.LON

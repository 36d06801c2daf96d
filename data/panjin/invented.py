"""Build what the demo region invents around its grids: posts, people, letters, key units, a transfer of duty.

    python data/panjin/invented.py

Reads the level files beside it; the same files give the same bytes. Nobody in
it exists: every name has 示例 in it, and no exchange answers the phone numbers.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

import shapely
import shapely.affinity
from shapely.geometry import mapping, shape

HERE = Path(__file__).parent
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
TITLES = {"街道": "办事处主任", "镇": "镇长", "乡": "乡长", "林场": "场长", "园区": "管委会主任"}
BODIES = {"街道": "办事处", "镇": "人民政府", "乡": "人民政府", "林场": "", "园区": "管理委员会"}
PEOPLE = (
    *("网格编码", "网格名称", "岗位类别", "职务", "岗位序号", "单位", "值班电话", "姓名"),
    *("是否公开", "任职日期", "离任日期", "核对日期"),
)
VACANT = ("胡家镇", "荣兴街道", "高升街道")
"""Grids whose first post nobody holds."""
ONE_STAFF = ("陆家镇", "太平街道", "西安镇", "羊圈子镇")
NO_POSTS = ("沈采街道",)
STALE = ("吴家镇", "东郭街道", "新兴镇", "渤海街道")
"""Verified more than a year ago."""
NO_LETTER = ("清水镇", "石新镇", "兴盛街道")
OFFICE_EVERY = 4
"""Each fourth township has an environmental office; the others have two named staff."""

LIAOHE = (
    (122.36, 41.38),
    (122.22, 41.27),
    (122.12, 41.21),
    (122.04, 41.17),
    (121.95, 41.10),
    (121.86, 41.0),
    (121.78, 40.9),
)
KEY_UNITS = (
    ("KEY-LDW-CHEM", "示例重点单元：石化园区", (122.03, 40.695), 0.022, "重点监管对象分布"),
    ("KEY-STZ-CHEM", "示例重点单元：双台子化工片区", (122.085, 41.195), 0.014, "重点监管对象分布"),
    ("KEY-WETLAND", "示例重点单元：河口湿地敏感区", (121.82, 40.95), 0.035, "重点区域及流域"),
)


def grids() -> list[dict]:
    """All grids, coarse to fine, with their polygons."""
    found = []
    for level in (1, 2, 3):
        content = json.loads((HERE / f"level{level}.geojson").read_text("utf-8"))
        found += [each["properties"] | {"shape": shape(each["geometry"])} for each in content["features"]]
    return found


def head(grid: dict) -> tuple[str, str]:
    """Title of the first post of a grid, and its body."""
    name = grid["name"]
    if grid["level"] == 1:
        return "市长", f"{name}人民政府"
    if grid["level"] == 2:
        if name.endswith("县"):
            return "县长", f"{name}人民政府"
        if grid["code"] is None:
            return "管委会主任", f"{name}管理委员会"
        return "区长", f"{name}人民政府"
    return TITLES[grid["category"]], name + BODIES[grid["category"]]


def people(everything: list[dict]) -> Iterator[tuple[str, ...]]:
    """Rows of people.csv."""
    chance = random.Random(20151230)
    number = 0

    def person() -> str:
        return f"{chance.choice(SURNAMES)}示例{chance.randrange(1, 1000):03d}"

    for at, grid in enumerate(everything):
        name = grid["name"]
        if name in NO_POSTS:
            continue
        title, body = head(grid)
        verified = (
            "2025-03-18"
            if name in STALE
            else f"2026-{chance.randrange(9, 12):02d}-{chance.randrange(1, 20):02d}"
        )
        where = (grid["code"] or grid["uid"], name)
        number += 1
        phone = f"0427-000 {number:04d}"
        since = f"202{chance.randrange(1, 5)}-0{chance.randrange(1, 10)}-01"
        if grid["level"] < 3:
            yield (*where, "第一责任人", title, "1", body, phone, person(), "是", "2015-12-30", since, "")
        holder = "" if name in VACANT else person()
        yield (
            *(*where, "第一责任人", title, "1", body, phone, holder),
            *(("是", since, "", verified) if holder else ("", "2026-10-01", "", "")),
        )
        if grid["level"] == 3 and at % OFFICE_EVERY == 0:
            number += 1
            yield (
                *where,
                "环保所",
                "环保所所长",
                "1",
                f"{name}环境保护所",
                f"0427-000 {number:04d}",
                person(),
                "是",
                since,
                "",
                verified,
            )
        for staff in range(1, 2 if name in ONE_STAFF else 3):
            number += 1
            public = "是" if chance.random() < 0.7 else "否"
            yield (
                *where,
                "监管员",
                "监管员",
                str(staff),
                body,
                f"0427-000 {number:04d}",
                person(),
                public,
                since,
                "",
                verified,
            )


def letters(everything: list[dict]) -> Iterator[tuple[str, ...]]:
    """Rows of letters.csv."""
    for grid in everything:
        if grid["parent"] is not None and grid["name"] not in NO_LETTER:
            yield (
                *(
                    grid["parent"],
                    grid["code"] or grid["uid"],
                    f"2026-01-{5 + grid['level']:02d}",
                    "2027-01-01",
                ),
                f"{grid['name']}2026年度环境监管目标任务（示例）",
            )


def octagon(centre: tuple[float, float], radius: float, city: shapely.Geometry) -> shapely.Geometry:
    """A key unit: some kilometres wide, inside the city."""
    round_ = shapely.Point(centre).buffer(radius, quad_segs=2)
    return shapely.affinity.scale(round_, yfact=0.75).intersection(city)


def feature(geometry: shapely.Geometry, **properties: object) -> str:
    rounded = shapely.set_precision(geometry, 1e-6)
    outline = json.loads(json.dumps(mapping(rounded)), parse_float=lambda text: round(float(text), 6))
    return json.dumps({"type": "Feature", "properties": properties, "geometry": outline}, ensure_ascii=False)


def write_features(name: str, features: list[str]) -> None:
    lines = ",\n".join(features)
    text = f'{{"type": "FeatureCollection", "name": "panjin_{name}", "features": [\n{lines}\n]}}\n'
    (HERE / f"{name}.geojson").write_text(text, encoding="utf-8")
    print(f"  {name}.geojson: {len(features)} polygons")


def write_rows(name: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with (HERE / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"  {name}.csv: {len(rows)} rows")


def main() -> None:
    everything = grids()
    city = everything[0]["shape"]
    write_rows("people", PEOPLE, list(people(everything)))
    header = ("上级网格", "下级网格", "签订日期", "有效期至", "任务")
    write_rows("letters", header, list(letters(everything)))
    write_features(
        "key_units",
        [
            feature(octagon(centre, radius, city), uid=uid, name=name, basis=basis, indicative=True)
            for uid, name, centre, radius, basis in KEY_UNITS
        ],
    )
    river = shapely.LineString(LIAOHE)
    write_features(
        "units",
        [
            feature(
                river.buffer(0.012, quad_segs=2).intersection(city),
                uid="UNIT-LIAOHE",
                name="示例单元：辽河干流",
                basis="重点区域及流域",
                partial="是",
                indicative=True,
            )
        ],
    )
    write_features(
        "transfers",
        [
            feature(
                river.buffer(0.02, quad_segs=2).intersection(city),
                uid="LIAOHE-RESERVE",
                name="辽河保护区（示例范围）",
                to="liaohe",
                **{"from": "water;environment;agriculture;land;ocean;nature_reserve"},
                valid_from="2016-01-01",
                basis="示例：保护区内六部门职权由辽河保护管理机构行使",
            )
        ],
    )


if __name__ == "__main__":
    main()

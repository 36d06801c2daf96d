"""The invented registers: pollution sources and sensitive receptors.

Nobody real is in them. Every name contains 示例, and every credit code carries
the division code 999999, which GB/T 2260 assigns to no place, so that no
registered body can have it; its check digits are right all the same.
"""

from __future__ import annotations

import csv
import math
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import shapely
from boundaries import HERE, Township, degrees, metres
from defects import Defect, Flawed

SEED = 20151231
SOURCES, STACKED, SWAPPED = 1200, 15, 20
IN_DEFECTS = {"G1": 3, "G2": 1, "G4": 2, "G5": 2, "O1": 2, "O4": 1, "O6": 1}
OIL_FIELD = ("曙光街道", "欢喜岭街道", "兴隆街道", "沈采街道", "高升街道")
COAST = ("二界沟街道", "荣兴街道", "石化及精细化工产业园区", "赵圈河镇", "欢喜岭街道")
PARKS = ("盘锦高新技术产业开发区", "石化及精细化工产业园区", "太平街道", "田庄台镇", "统一镇")
FAR_AWAY = ((121.80, 41.65), (122.75, 40.85), (121.21, 41.17))
AT_SEA = ((121.70, 40.72), (121.80, 40.66), (121.95, 40.60), (122.05, 40.55))
JUST_OUTSIDE_M = (15, 60, 150, 400, 900)

SIZE_SHARES = {"轻": (80, 14, 6), "中": (20, 65, 15), "重": (8, 22, 70)}  # small, medium, large, in a hundred

# kind -> (how many of a hundred, [(business, where, how polluting)])
BUSINESSES = {
    "企业": (
        58,
        [
            ("化工厂", "park", "重"),
            ("炼化装置", "park", "重"),
            ("采油站", "oil", "中"),
            ("联合站", "oil", "中"),
            ("水泥制品厂", "town", "中"),
            ("米业加工厂", "town", "轻"),
            ("汽车修理厂", "town", "中"),
            ("印刷厂", "town", "轻"),
            ("塑料制品厂", "park", "中"),
            ("供热锅炉房", "town", "中"),
            ("污水处理厂", "town", "中"),
            ("畜禽养殖场", "rural", "中"),
            ("水产加工厂", "coast", "中"),
            ("服装厂", "town", "轻"),
        ],
    ),
    "建设项目": (
        16,
        [
            ("住宅小区工程", "town", "轻"),
            ("道路改造工程", "town", "轻"),
            ("化工扩建项目", "park", "重"),
            ("码头工程", "coast", "中"),
            ("产能井建设项目", "oil", "中"),
        ],
    ),
    "饮用水水源": (5, [("地下水源井", "rural", "轻"), ("集中式供水水源", "rural", "轻")]),
    "农村环境综合整治": (
        13,
        [
            ("村生活垃圾收集点", "rural", "轻"),
            ("村生活污水处理站", "rural", "中"),
            ("秸秆收储点", "rural", "轻"),
        ],
    ),
    "生态保护": (
        8,
        [("海水养殖池塘", "coast", "中"), ("苇田湿地修复区", "coast", "轻"), ("河滩地恢复区", "rural", "轻")],
    ),
}

RECEPTORS = {
    "学校": (220, ("小学", "中学", "幼儿园"), "town"),
    "医院": (110, ("医院", "卫生院", "卫生服务站"), "town"),
    "居民区": (370, ("小区", "村屯", "家园"), "town"),
    "饮用水水源地": (30, ("水源地", "供水井群"), "rural"),
    "自然保护区": (15, ("自然保护区管护站", "湿地保护点"), "coast"),
    "河流": (55, ("河流断面",), "river"),
}
# The Liao from the north-east to its mouth, roughly, to strew river sections along.
RIVER = ((122.33, 41.19), (122.20, 41.20), (122.05, 41.18), (121.95, 41.13), (121.88, 41.05), (121.83, 40.95))

HEADINGS = [
    *("污染源编号", "名称", "统一社会信用代码", "类型", "行业", "管理类别", "规模", "污染程度"),
    *("近三年违法", "所属网格编码", "所属网格名称", "经度", "纬度", "定位方式"),
]

_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z


def credit_code(number: int) -> str:
    """A unified social credit code that no body can have, with correct check digits."""
    base = f"{number:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997
    left = 11 - sum(int(sign) * weight for sign, weight in zip(base, weights, strict=True)) % 11
    organisation = base + {10: "X", 11: "0"}.get(left, str(left))
    body = f"91999999{organisation}"
    total = sum(_CODE_SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return body + _CODE_SIGNS[(31 - total % 31) % 31]


def management_class(pollution: str, size: str, violated: bool) -> str:
    """Classes A, B and C by the plan's rule, and 待定 where the rule has a hole."""
    pollutes = pollution != "轻"
    if violated or (pollutes and size == "大"):
        return "C"
    if not pollutes and size == "小":
        return "A"
    if pollutes and size == "中":
        return "B"
    return "待定"


@dataclass
class Places:
    """Where a thing of some sort may lie."""

    grids: dict[str, shapely.Geometry]  # clean land of a level-3 grid, away from defects
    towns: list[Township]
    drawn: random.Random

    @classmethod
    def on(cls, flawed: Flawed, towns: list[Township], defects: list[Defect], drawn: random.Random) -> Places:
        apart = [each.shape for each in defects if each.kind != "misnested"]
        wrong = shapely.buffer(shapely.union_all(apart), 2e-5)
        grids = {
            name: shapely.difference(shapely.buffer(land, -2e-5), wrong)
            for name, land in flawed.level3.items()
        }
        for land in grids.values():
            shapely.prepare(land)
        return cls(grids, towns, drawn)

    def pick(self, where: str) -> tuple[float, float, str]:
        """A place of a sort, rounded, and the level-3 grid that it is in."""
        if where == "river":
            return self._by_the_river()
        names = {"park": PARKS, "oil": OIL_FIELD, "coast": COAST}.get(where)
        town = self.drawn.choice([each for each in self.towns if names is None or each.name in names])
        if where in ("town", "park"):
            return self._near_the_seat(town, 900 if where == "town" else 1500)
        return (*self.anywhere_in(self.grids[town.name]), town.name)

    def _near_the_seat(self, town: Township, spread_m: float) -> tuple[float, float, str]:
        seat = metres(shapely.Point(town.lon, town.lat))
        for _ in range(200):
            east, north = self.drawn.gauss(0, spread_m), self.drawn.gauss(0, spread_m)
            found = _rounded(degrees(shapely.Point(seat.x + east, seat.y + north)))
            if shapely.contains_xy(self.grids[town.name], *found):
                return (*found, town.name)
        return (*self.anywhere_in(self.grids[town.name]), town.name)

    def _by_the_river(self) -> tuple[float, float, str]:
        line = shapely.LineString(RIVER)
        while True:
            at = shapely.line_interpolate_point(line, self.drawn.random(), normalized=True)
            found = _rounded(
                shapely.Point(at.x + self.drawn.gauss(0, 0.004), at.y + self.drawn.gauss(0, 0.003))
            )
            for name, land in self.grids.items():
                if shapely.contains_xy(land, *found):
                    return (*found, name)

    def anywhere_in(self, land: shapely.Geometry) -> tuple[float, float]:
        west, south, east, north = land.bounds
        while True:
            found = (
                round(self.drawn.uniform(west, east), 6),
                round(self.drawn.uniform(south, north), 6),
            )
            if shapely.contains_xy(land, *found):
                return found


def _rounded(point: shapely.Geometry) -> tuple[float, float]:
    return round(point.x, 6), round(point.y, 6)


class SourceRegister:
    """The rows of sources.csv."""

    def __init__(self, towns: list[Township], drawn: random.Random) -> None:
        self.codes = {town.name: town.code for town in towns}
        self.drawn = drawn
        self.rows: list[dict[str, object]] = []
        self._sites: list[str] = []

    def enter(
        self, lon: float, lat: float, grid: str, kind: str, trade: tuple[str, str, str], how: str
    ) -> dict:
        """Add a source; `grid` is what the register states, empty where it states none."""
        business, _, pollution = trade
        size = self.drawn.choices("小中大", SIZE_SHARES[pollution])[0]
        violated = self.drawn.random() < 0.06
        number = len(self.rows) + 1
        if self._sites and self.drawn.random() < 0.05:
            code = self.drawn.choice(self._sites)  # another site of the same enterprise
        else:
            code = credit_code(number)
            self._sites.append(code)
        values = (
            f"PJ{number:05d}", f"示例{business}{number:04d}号", code, kind, business,
            management_class(pollution, size, violated), size, pollution, "有" if violated else "无",
            self.codes.get(grid, ""), grid, f"{lon:.6f}", f"{lat:.6f}", how,
        )  # fmt: skip
        self.rows.append(dict(zip(HEADINGS, values, strict=True)))
        return self.rows[-1]

    def trade(self) -> tuple[str, tuple[str, str, str]]:
        kind = self.drawn.choices(list(BUSINESSES), [share for share, _ in BUSINESSES.values()])[0]
        return kind, self.drawn.choice(BUSINESSES[kind][1])


def sources(flawed: Flawed, towns: list[Township], defects: list[Defect]) -> tuple[list[dict], dict]:
    """All sources in shuffled order, and what is wrong with which (ids)."""
    drawn = random.Random(SEED)
    places = Places.on(flawed, towns, defects, drawn)
    register = SourceRegister(towns, drawn)
    marked: dict[str, list[dict]] = {"stack": [], "swapped": [], "outside": []}
    inside: dict[str, list[dict]] = {}
    for lon, lat in _outside(flawed.city, defects, drawn):
        kind, trade = register.trade()
        marked["outside"].append(register.enter(lon, lat, "", kind, trade, "地址解析"))
    for defect in defects:
        for _ in range(IN_DEFECTS.get(defect.id, 0)):
            kind, trade = register.trade()
            lon, lat = places.anywhere_in(shapely.buffer(defect.shape, -5e-5))
            inside.setdefault(defect.id, []).append(register.enter(lon, lat, "", kind, trade, "地图选点"))
    seat = next(town for town in towns if town.name == "胡家镇")
    for _ in range(STACKED):
        kind, trade = register.trade()
        marked["stack"].append(register.enter(seat.lon, seat.lat, seat.name, kind, trade, "乡镇中心点"))
    ordinary = []
    while len(register.rows) < SOURCES:
        kind, trade = register.trade()
        lon, lat, grid = places.pick(trade[1])
        ordinary.append(
            register.enter(lon, lat, grid, kind, trade, drawn.choice(("现场GPS", "地图选点", "地址解析")))
        )
    for row in drawn.sample(ordinary, SWAPPED):
        row["经度"], row["纬度"] = row["纬度"], row["经度"]
        marked["swapped"].append(row)
    drawn.shuffle(register.rows)
    _renumber(register.rows)
    wrong = {name: sorted(str(row["污染源编号"]) for row in rows) for name, rows in marked.items()}
    for defect in defects:
        if defect.kind == "misnested":
            inside[defect.id] = [row for row in register.rows if row["所属网格名称"] in defect.owners]
        defect.sources = sorted(str(row["污染源编号"]) for row in inside.get(defect.id, []))
    return register.rows, wrong


def _renumber(rows: list[dict]) -> None:
    for number, row in enumerate(rows, 1):
        row["污染源编号"] = f"PJ{number:05d}"
        row["名称"] = f"示例{row['行业']}{number:04d}号"


def _outside(
    city: shapely.Geometry, defects: list[Defect], drawn: random.Random
) -> list[tuple[float, float]]:
    """Twelve places outside the city: just across its boundary, at sea, and 30 km away."""
    found = [*FAR_AWAY, *AT_SEA]
    outline = shapely.segmentize(shapely.get_exterior_ring(city), 0.002)
    outline = metres(outline)
    land = shapely.polygons(outline)
    wrong = metres(shapely.union_all([each.shape for each in defects if each.kind != "misnested"]))
    for distance in JUST_OUTSIDE_M:
        while True:
            start = shapely.line_interpolate_point(outline, drawn.random(), normalized=True)
            angle = drawn.random() * math.tau
            point = shapely.Point(start.x + distance * math.cos(angle), start.y + distance * math.sin(angle))
            gone = shapely.distance(land, point)
            if gone > 0.9 * distance and shapely.distance(wrong, point) > 500:
                found.append(_rounded(degrees(point)))
                break
    return found


def receptors(flawed: Flawed, towns: list[Township], defects: list[Defect]) -> list[dict]:
    """All receptors."""
    drawn = random.Random(SEED + 1)
    places = Places.on(flawed, towns, defects, drawn)
    rows = []
    for kind, (count, sorts, where) in RECEPTORS.items():
        for number in range(1, count + 1):
            lon, lat, grid = places.pick(where)
            name = f"{grid}示例{drawn.choice(sorts)}{number:03d}"
            values = (f"MG{len(rows) + 1:04d}", name, kind, f"{lon:.6f}", f"{lat:.6f}")
            rows.append(dict(zip(("编号", "名称", "类型", "经度", "纬度"), values, strict=True)))
    return rows


def write_register(name: str, rows: list[dict]) -> None:
    """A CSV as Chinese spreadsheets write it: UTF-8 with byte-order mark, CRLF."""
    path: Path = HERE / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    kinds = ", ".join(f"{kind} {count}" for kind, count in Counter(row["类型"] for row in rows).items())
    print(f"  {name}: {len(rows)} rows, {path.stat().st_size / 1e3:.0f} kB ({kinds})")

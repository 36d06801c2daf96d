"""What map.html shows: a plain structure of numbers and strings, small enough for a browser."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.audit import Audit
from gisgrid.frames import SizeClass
from gisgrid.report.columns import column
from gisgrid.report.naming import labels
from gisgrid.report.source_tables import around_table, stack_table, uncovered_table
from gisgrid.report.tables import grid_table
from gisgrid.report.words import (
    CLASSES,
    KINDS,
    REASONS,
    area_words,
    classes_of,
    compass,
    length_words,
    level_name,
)
from gisgrid.spatial.nearness import representative_points
from gisgrid.text import Lang, Text

Json = dict[str, Any]

MAX_GRIDS: Final = 6_000
MAX_VERTICES: Final = 250_000
MAX_FINDINGS: Final = 1_500
MAX_SOURCES: Final = 5_000
MAX_RECEPTORS: Final = 2_000
"""What a browser on an office machine draws and pans without a hitch, in about 10 MB."""

_GRID_DECIMALS: Final = 6  # 0.1 m
_FINDING_DECIMALS: Final = 8  # 1 mm: findings may be 0.2 m wide

_NO_SIMPLIFICATION: Final = 0.0


class MapContent:
    """The content of the map of one audit, and what had to be left out of it.

    Parameters
    ----------
    audit : Audit
    findings : GeoDataFrame
        As `gisgrid.report.tables.finding_table` gives it.
    lang : Lang
    """

    def __init__(self, audit: Audit, findings: gpd.GeoDataFrame, lang: Lang) -> None:
        self.lang = lang
        self.left_out: list[str] = []
        self._audit = audit
        self._names = labels(audit.grids)
        west, south, east, north = self._bounds(findings)
        self.json: Json = {
            "lang": str(lang),
            "bounds": [[south, west], [north, east]],
            "levels": self._levels(),
            "findings": self._findings(findings),
            "sources": self._sources(),
            "stacks": self._stacks(),
            "receptors": self._receptors(),
            "words": {key: text.of(lang) for key, text in _WORDS.items()},
        }

    def say(self, zh: str, en: str) -> str:
        """One of two languages."""
        return Text(zh=zh, en=en).of(self.lang)

    def _bounds(self, findings: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
        land = np.vstack([self._audit.grids.total_bounds, findings.total_bounds])
        low, high = np.nanmin(land[:, :2], axis=0), np.nanmax(land[:, 2:], axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _levels(self) -> list[Json]:
        table = grid_table(self._audit)
        drawn: list[int] = []
        for level in self._audit.levels:
            count = level.grids + sum(int((table["level"] == each).sum()) for each in drawn)
            if drawn and count > MAX_GRIDS:
                self.left_out.append(
                    self.say(
                        f"{level_name(level.level).zh} {level.grids:,} 个未画出（过多），见 audit.gpkg。",
                        f"{level.grids:,} grids of level {level.level} are too many to draw: see audit.gpkg.",
                    )
                )
            else:
                drawn.append(level.level)
        tolerance_deg = self._tolerance_deg(table[table["level"].isin(drawn)])
        return [self._level(table[table["level"] == level], level, tolerance_deg) for level in drawn]

    def _tolerance_deg(self, table: gpd.GeoDataFrame) -> float:
        """How much outlines are simplified so that the browser can bear them."""
        vertices = int(shapely.get_num_coordinates(table.geometry.to_numpy()).sum())
        if vertices <= MAX_VERTICES:
            return _NO_SIMPLIFICATION
        west, south, east, north = table.total_bounds
        # The vertices left fall about as the tolerance grows; a screen shows 1/2000 of the extent.
        tolerance_deg: float = max(east - west, north - south) / 20_000 * math.sqrt(vertices / MAX_VERTICES)
        metres = length_words(tolerance_deg * 111_000)
        self.left_out.append(
            self.say(
                f"网格边界已简化（约 {metres}），不可用于量算；精确边界见 audit.gpkg。",
                f"Grid outlines are simplified (about {metres}): measure in audit.gpkg instead.",
            )
        )
        return tolerance_deg

    def _level(self, table: gpd.GeoDataFrame, level: int, tolerance_deg: float) -> Json:
        polygons = table.geometry.to_numpy()
        if tolerance_deg:
            polygons = shapely.simplify(polygons, tolerance_deg)
        fields = ["code", "parent", "area_m2", "children", "sources", "class_c", "gaps"]
        shown = [self._shown(table[name]) for name in fields]
        return {
            "level": level,
            "title": level_name(level).of(self.lang),
            "fields": [self._title(name) for name in fields],
            "features": [
                {"g": rings, "n": name, "at": [lat, lon], "v": values}
                for rings, name, lat, lon, values in zip(
                    _polygons(polygons, _GRID_DECIMALS),
                    table["name"],
                    table["lat"].round(_GRID_DECIMALS),
                    table["lon"].round(_GRID_DECIMALS),
                    zip(*shown, strict=True),
                    strict=True,
                )
            ],
        }

    def _title(self, name: str) -> str:
        return _SHORT_TITLES.get(name, column(name).title).of(self.lang)

    def _shown(self, values: pd.Series) -> list[str]:
        """A column as readable strings with their units, "" where there is nothing to say."""
        form: Callable[[Any], str] = _SHOWN.get(str(values.name), str)
        words = column(str(values.name)).words or {}
        return [
            "" if pd.isna(each) else words[each].of(self.lang) if each in words else form(each)
            for each in values
        ]

    def _findings(self, found: gpd.GeoDataFrame) -> list[Json]:
        shown = found.sort_values("area_m2", ascending=False, kind="stable").head(MAX_FINDINGS)
        if len(shown) < len(found):
            self.left_out.append(
                self.say(
                    f"问题共 {len(found):,} 处，图中画最大的 {len(shown):,} 处。",
                    f"{len(found):,} findings; the largest {len(shown):,} are drawn.",
                )
            )
        layers = []
        for kind, look in KINDS.items():
            rows = shown[shown["kind"] == kind]
            layers.append(
                {
                    "kind": str(kind),
                    "title": look.name.of(self.lang),
                    "meaning": look.meaning.of(self.lang),
                    "colour": look.colour,
                    "count": int((found["kind"] == kind).sum()),
                    "fields": [self._title(name) for name in _FINDING_FIELDS],
                    "features": self._finding_features(rows),
                }
            )
        return layers

    def _finding_features(self, rows: gpd.GeoDataFrame) -> list[Json]:
        shown = [self._shown(rows[name]) for name in _FINDING_FIELDS]
        return [
            {"id": finding_id(level, number), "g": rings, "n": place, "at": [lat, lon], "v": values}
            for level, number, rings, place, lat, lon, values in zip(
                rows["child_lv"],
                rows["finding"],
                _polygons(rows.geometry.to_numpy(), _FINDING_DECIMALS),
                rows["place"],
                rows["lat"].round(7),
                rows["lon"].round(7),
                zip(*shown, strict=True),
                strict=True,
            )
        ]

    def _sources(self) -> Json:
        names = ["id", "kind", "source_class", "location"]
        titles = [*(self._title(name) for name in names), self._title("reason"), self._title("near_name")]
        layers: Json = {"classes": [], "uncovered": [], "fields": titles}
        report = self._audit.sources
        if report is None or report.frame.empty:
            return layers
        letters = classes_of(report.frame["source_class"])
        missing = report.frame.index.isin(report.uncovered.index)
        chosen = self._chosen_sources(letters, missing)
        frame = report.frame.iloc[chosen]
        points = representative_points(frame.geometry.to_numpy())
        shown = [self._shown(frame[name]) for name in names]
        why = self._why_uncovered()
        around = self._around(frame.index)
        features = [
            {
                "n": name if isinstance(name, str) else "",
                "at": [round(lat, 6), round(lon, 6)],
                "v": [*values, *why.get(source, ())],
                "a": around.get(source, []),
            }
            for source, name, lat, lon, values in zip(
                frame.index,
                frame["name"],
                shapely.get_y(points),
                shapely.get_x(points),
                zip(*shown, strict=True),
                strict=True,
            )
        ]
        of_class, gone = letters[chosen], missing[chosen]
        layers["uncovered"] = [feature for feature, out in zip(features, gone, strict=True) if out]
        layers["uncovered_count"] = len(report.uncovered)
        for letter in _CLASS_ORDER:
            look = CLASSES[letter]
            mine = [
                feature
                for feature, each, out in zip(features, of_class, gone, strict=True)
                if each == letter and not out
            ]
            count = int(((letters == letter) & ~missing).sum())
            layers["classes"].append(
                {
                    "class": letter,
                    "title": look.name.of(self.lang),
                    "meaning": look.meaning.of(self.lang),
                    "colour": look.colour,
                    "count": count,
                    "features": mine,
                }
            )
        return layers

    def _chosen_sources(self, letters: NDArray[np.object_], missing: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Uncovered first, then class C, B, A and the rest; spread evenly within each."""
        if len(letters) <= MAX_SOURCES:
            return np.arange(len(letters))
        rank = np.select([missing, letters == "C", letters == "B", letters == "A"], [0, 1, 2, 3], 4)
        shuffled = np.random.default_rng(0).permutation(len(letters))
        chosen = np.sort(shuffled[np.argsort(rank[shuffled], kind="stable")][:MAX_SOURCES])
        self.left_out.append(
            self.say(
                f"污染源共 {len(letters):,} 个，图中画 {MAX_SOURCES:,} 个：未覆盖的在先，其次 C 类。",
                f"{len(letters):,} sources; {MAX_SOURCES:,} are drawn: uncovered ones first, then class C.",
            )
        )
        return chosen

    def _why_uncovered(self) -> dict[int, tuple[str, str]]:
        table = uncovered_table(self._audit)
        why = [REASONS[each].of(self.lang) if each in REASONS else str(each) for each in table["reason"]]
        near = [
            "" if pd.isna(name) else f"{name}, {length_words(distance)}"
            for name, distance in zip(table["near_name"], table["distance_m"], strict=True)
        ]
        return dict(zip(table["source"].astype(int), zip(why, near, strict=True), strict=True))

    def _around(self, sources: pd.Index) -> dict[int, list[str]]:
        """What lies around each of some sources, a line each ring and kind."""
        if self._audit.surroundings is None:
            return {}
        lines: dict[int, list[str]] = {}
        near = self._audit.surroundings.around
        table = around_table(self._audit)[near["source"].isin(sources).to_numpy()]
        for source, ring, kind, count, name, distance, bearing in zip(
            table["source"],
            table["ring_m"],
            table["receptor_kind"],
            table["count"],
            table["near_name"],
            table["distance_m"],
            table["bearing_deg"],
            strict=True,
        ):
            where = (
                self.say("就在其中", "inside it")
                if pd.isna(bearing)
                else (f"{compass(bearing).of(self.lang)} {length_words(distance)}")
            )
            called = "" if pd.isna(name) else str(name)
            line = self.say(
                f"{length_words(ring)} 内：{kind} {count} 处，最近 {called} {where}",
                f"within {length_words(ring)}: {count} {kind}, nearest {called} {where}",
            )
            lines.setdefault(int(source), []).append(line)
        return lines

    def _stacks(self) -> list[Json]:
        report = self._audit.sources
        if report is None or report.stacks.empty:
            return []
        table = stack_table(self._audit)
        names = table["name"].fillna(table["id"]).fillna("?").groupby(table["stack"].to_numpy()).agg(list)
        order = np.argsort(-report.stacks["count"].to_numpy(), kind="stable")[:MAX_FINDINGS]
        points = representative_points(report.stacks.geometry.to_numpy())
        return [
            {
                "at": [round(float(points[at].y), 6), round(float(points[at].x), 6)],
                "n": self.say(f"{size} 个源同在一点", f"{size} sources on one point"),
                "v": names[at + 1][:12] + (["…"] if size > 12 else []),
            }
            for at, size in ((int(each), int(report.stacks["count"].iloc[each])) for each in order)
        ]

    def _receptors(self) -> Json:
        report = self._audit.surroundings
        if report is None or report.frame.empty:
            return {"count": 0, "fields": [], "features": []}
        frame = report.frame
        if len(frame) > MAX_RECEPTORS:
            self.left_out.append(
                self.say(
                    f"敏感目标共 {len(frame):,} 个，图中画 {MAX_RECEPTORS:,} 个。",
                    f"{len(frame):,} receptors; {MAX_RECEPTORS:,} are drawn.",
                )
            )
            chosen = np.sort(np.random.default_rng(0).permutation(len(frame))[:MAX_RECEPTORS])
            frame = frame.iloc[chosen]
        points = representative_points(frame.geometry.to_numpy())
        return {
            "count": len(report.frame),
            "fields": [self._title("id"), self._title("receptor_kind")],
            "features": [
                {
                    "at": [round(lat, 6), round(lon, 6)],
                    "n": name if isinstance(name, str) else "",
                    "v": [each if isinstance(each, str) else "" for each in (number, kind)],
                }
                for lat, lon, name, number, kind in zip(
                    shapely.get_y(points),
                    shapely.get_x(points),
                    frame["name"],
                    frame["id"],
                    frame["kind"],
                    strict=True,
                )
            ],
        }


def finding_id(level: int, number: int) -> str:
    """What links a row of the panel with its place on the map."""
    return f"{level}-{number}"


def _polygons(polygons: NDArray[np.object_], decimals: int) -> list[list[list[list[list[float]]]]]:
    """Each geometry as polygons of rings of [lat, lon]."""
    return [
        [
            [_ring(ring, decimals) for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(geometry)
            if part.geom_type == "Polygon"
        ]
        for geometry in polygons
    ]


def _ring(ring: shapely.LinearRing, decimals: int) -> list[list[float]]:
    rounded = np.round(shapely.get_coordinates(ring)[:-1, ::-1], decimals)
    flat: list[list[float]] = rounded.tolist()
    return flat


def is_sliver(findings: gpd.GeoDataFrame) -> pd.Series:
    """Which findings are too narrow to be listed one by one."""
    narrow: pd.Series = findings["size_class"] == SizeClass.SLIVER
    return narrow


_FINDING_FIELDS: Final[Sequence[str]] = (
    "size_class",
    "area_m2",
    "width_m",
    "parent",
    "owners",
    "neighbours",
    "sources",
    "sources_c",
)

_CLASS_ORDER: Final = ("C", "B", "A", "-")

_SHORT_TITLES: Final = {
    "area_m2": Text(zh="面积", en="Area"),
    "width_m": Text(zh="宽度", en="Width"),
    "neighbours": Text(zh="相邻", en="Neighbours"),
    "near_name": Text(zh="最近网格", en="Nearest grid"),
}

_SHOWN: Final[dict[str, Callable[[Any], str]]] = {
    "area_m2": lambda value: area_words(float(value)),
    "width_m": lambda value: length_words(float(value)),
    "children": lambda value: f"{value:,}",
    "sources": lambda value: f"{value:,}",
    "sources_c": lambda value: f"{value:,}",
    "class_c": lambda value: f"{value:,}",
    "gaps": lambda value: f"{value:,}",
}

_WORDS: Final = {
    "legend": Text(zh="图例与图层", en="Legend and layers"),
    "layers": Text(zh="图例", en="Legend"),
    "uncovered": Text(zh="未覆盖污染源", en="Uncovered sources"),
    "uncovered_meaning": Text(zh="不在任何网格内", en="in no grid"),
    "stacks": Text(zh="堆叠点位", en="Stacked points"),
    "stacks_meaning": Text(zh="多源同在一点", en="many on one point"),
    "receptors": Text(zh="敏感目标", en="Receptors"),
    "receptors_meaning": Text(zh="学校、医院、水源等", en="schools, hospitals, waters"),
    "sources": Text(zh="污染源", en="Sources"),
    "findings": Text(zh="覆盖检查", en="Coverage findings"),
    "grids": Text(zh="网格", en="Grids"),
    "unnamed": Text(zh="（无名称）", en="(no name)"),
    "around": Text(zh="周边", en="Around it"),
    "zoom_in": Text(zh="放大", en="Zoom in"),
    "zoom_out": Text(zh="缩小", en="Zoom out"),
}

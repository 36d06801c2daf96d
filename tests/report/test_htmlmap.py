"""map.html carries everything with it, and nothing that runs but our own."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.audit import Audit
from gisgrid.report import mapcontent
from gisgrid.report.htmlmap import write_map
from gisgrid.report.mapcontent import MapContent
from gisgrid.report.offline_page import assert_self_contained
from gisgrid.report.tables import finding_table
from gisgrid.text import Lang
from tests.report.example import CLOSING, HOSTILE, sources


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the JSON content."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def page(audit: Audit, folder: Path, lang: Lang = Lang.ZH) -> str:
    write_map(audit, folder / "map.html", lang)
    return (folder / "map.html").read_text("utf-8")


def content(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="audit-content">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_nothing_is_loaded_from_anywhere(audit: Audit, tmp_path: Path) -> None:
    tags = Tags(page(audit, tmp_path)).found
    assert not [tag for tag, attributes in tags if {"src", "href", "data"} & attributes.keys()]
    assert not [tag for tag, _ in tags if tag in {"link", "iframe", "object", "base"}]


@pytest.mark.parametrize(
    "broken",
    [
        '<script src="https://cdn.example/leaflet.js"></script>',
        "<script src=leaflet.js></script>",
        '<link rel="stylesheet" href="//cdn.example/a.css">',
        '<img src="images/layers.png">',
        "<style>a { background: url(images/layers.png) }</style>",
        '<style>a { background: url( "https://cdn.example/a.png" ) }</style>',
        "<style>@import 'a.css';</style>",
        '<a href="https://leafletjs.com">Leaflet</a>',
    ],
)
def test_a_page_that_would_load_something_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="would load"):
        assert_self_contained(f"<html>{broken}</html>")


def test_embedded_pictures_are_no_loading() -> None:
    assert_self_contained(
        """<img src="data:image/png;base64,AA"><style>a { background: url("data:,") }</style>"""
    )


def test_names_open_no_tag_and_close_no_script(audit: Audit, tmp_path: Path) -> None:
    html = page(audit, tmp_path)
    plain = page(replace(audit, sources=None, surroundings=None), tmp_path)
    assert html.count("<script") == plain.count("<script") == 4
    assert not [tag for tag, attributes in Tags(html).found if tag == "img" or "onerror" in attributes]
    names = {feature["n"] for each in content(html)["sources"]["classes"] for feature in each["features"]}
    assert HOSTILE in names
    assert content(html)["sources"]["uncovered"][1]["n"] == CLOSING


def test_template_syntax_in_a_name_is_only_text(audit: Audit, tmp_path: Path) -> None:
    for name in ("{{ 7 * 7 }}", "{% endraw %}{{ this }}", "{# x #}"):
        html = page(replace(audit, grids=audit.grids.assign(name=name)), tmp_path)
        assert content(html)["levels"][0]["features"][0]["n"] == name


def test_the_list_is_there_without_any_script(audit: Audit, tmp_path: Path) -> None:
    panel = page(audit, tmp_path).split("<aside", 1)[1].split("</aside>", 1)[0]
    assert "辽河口生态经济区管理委员会—丙街道之间" in panel
    assert "示例电镀厂" in panel
    assert "未经审核" in panel


def test_the_page_speaks_english_on_request(audit: Audit, tmp_path: Path) -> None:
    html = page(audit, tmp_path, Lang.EN)
    assert '<html lang="en">' in html
    assert "Not reviewed" in html
    assert "未经审核" not in html


def test_derived_outlines_are_called_indicative(audit: Audit, tmp_path: Path) -> None:
    assert "示意" not in page(audit, tmp_path)
    derived = replace(audit, grids=audit.grids.assign(indicative=True))
    assert "示意" in page(derived, tmp_path)


def test_the_same_audit_gives_the_same_map(audit: Audit, tmp_path: Path) -> None:
    ids = re.compile(r"[0-9a-f]{32}")
    assert ids.sub("", page(audit, tmp_path)) == ids.sub("", page(audit, tmp_path))


def test_maps_made_elsewhere_in_the_process_keep_their_links(audit: Audit, tmp_path: Path) -> None:
    before = list(folium.Map.default_js)
    page(audit, tmp_path)
    assert list(folium.Map.default_js) == before


def many_sources(audit: Audit, count: int) -> Audit:
    report = sources()
    random = np.random.default_rng(1)
    frame = gpd.GeoDataFrame(
        {column: np.resize(report.frame[column].to_numpy(), count) for column in report.frame.columns[:-3]}
        | {"raw_x": np.nan, "raw_y": np.nan},
        geometry=shapely.points(random.uniform([122, 41], [122.04, 41.02], (count, 2))),
        crs=report.frame.crs,
    )
    assigned = pd.DataFrame({level: pd.array([1] * count, "Int64") for level in (1, 2, 3)})
    return replace(audit, sources=replace(report, frame=frame, assigned=assigned), surroundings=None)


def test_too_many_sources_are_thinned_uncovered_first_and_it_is_said(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapcontent, "MAX_SOURCES", 100)
    crowded = many_sources(audit, 1_000)
    made = MapContent(crowded, finding_table(crowded, Lang.ZH), Lang.ZH)
    drawn = {each["class"]: len(each["features"]) for each in made.json["sources"]["classes"]}
    assert len(made.json["sources"]["uncovered"]) == 2
    assert sum(drawn.values()) == 98
    assert drawn["C"] == 98
    assert "污染源共 1,000 个，图中画 100 个：未覆盖的在先，其次 C 类。" in made.left_out


def test_counts_in_the_legend_are_of_all_sources(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapcontent, "MAX_SOURCES", 100)
    crowded = many_sources(audit, 1_000)
    made = MapContent(crowded, finding_table(crowded, Lang.ZH), Lang.ZH).json["sources"]
    assert sum(each["count"] for each in made["classes"]) + made["uncovered_count"] == 1_000


def test_too_many_grids_of_a_level_are_left_out_and_it_is_said(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapcontent, "MAX_GRIDS", 5)
    made = MapContent(audit, finding_table(audit, Lang.ZH), Lang.ZH)
    assert [level["level"] for level in made.json["levels"]] == [1, 2]
    assert "三级网格 8 个未画出（过多），见 audit.gpkg。" in made.left_out


def test_heavy_outlines_are_simplified_and_it_is_said(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapcontent, "MAX_VERTICES", 40)
    made = MapContent(audit, finding_table(audit, Lang.ZH), Lang.ZH)
    assert any("已简化" in line for line in made.left_out)


def test_the_smallest_findings_are_left_out_first(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapcontent, "MAX_FINDINGS", 2)
    made = MapContent(audit, finding_table(audit, Lang.ZH), Lang.ZH)
    assert {each["kind"]: len(each["features"]) for each in made.json["findings"]} == {
        "gap": 1,
        "overlap": 1,
        "protrusion": 0,
        "misnested": 0,
    }
    assert "问题共 5 处，图中画最大的 2 处。" in made.left_out


def test_a_popup_names_what_lies_around_a_source(audit: Audit) -> None:
    made = MapContent(audit, finding_table(audit, Lang.ZH), Lang.ZH).json
    by_name = {each["n"]: each for kind in made["sources"]["classes"] for each in kind["features"]}
    assert by_name["示例化工厂"]["a"][0] == "500 m 内：school 1 处，最近 示例小学 东 17 m"


def test_a_finding_keeps_its_millimetres(audit: Audit) -> None:
    made = MapContent(audit, finding_table(audit, Lang.ZH), Lang.ZH).json
    thin = made["findings"][0]["features"][-1]
    ring = np.array(thin["g"][0][0])
    assert np.ptp(ring[:, 1]) == pytest.approx(2e-7, rel=0.1)

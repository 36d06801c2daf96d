"""What an analyst sees: tables beside the map, surroundings, workload, and files to take away."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyogrio
from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP
from tests.browser.conftest import Size, Visit, Visiting, four


def scale(visit: Visit) -> int:
    """The denominator of the map's scale, as its foot says."""
    told = visit.page.locator(".foot").inner_text()
    [digits] = re.findall(r"1:([\d\u2009]+)", told)
    return int(digits.replace("\u2009", ""))


def download(visit: Visit, folder: Path, file_format: str) -> Path:
    """Take away what the download offers, in this format."""
    panel = visit.panel.locator(".download")
    if panel.locator("#download").count() == 0:
        panel.get_by_role("button").click()
    panel.get_by_label("格式").select_option(file_format)
    with visit.page.expect_download() as taken:
        panel.get_by_role("link", name="下载").click()
    path = folder / taken.value.suggested_filename
    taken.value.save_as(path)
    return path


@four
def test_a_row_of_the_gaps_flies_there_and_selects_it(visiting: Visiting, size: Size, lang: str) -> None:
    visit = visiting(f"view=analyst&lang={lang}", size, "analyst")
    visit.see_map()
    rows = visit.panel.locator("tbody tr")
    expect(rows).to_have_count(16)
    visit.panel.get_by_role("button", name=re.compile("^覆盖空白 6|^Coverage gaps 6")).click()
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("0.95 km²")
    expect(rows.first).to_contain_text("689 m")
    rows.first.locator(".rowbtn").click()
    expect(rows.first).to_have_attribute("aria-current", "true")
    detail = visit.panel.locator(".details")
    expect(detail).to_contain_text("3 家污染源无人负责" if lang == "zh" else "3 sources inside have nobody")
    expect(detail).to_contain_text("胡家镇")
    if size == DESKTOP:
        expect(visit.page.locator(".foot")).not_to_contain_text(re.compile(r"1:[1-9]\d\d\u2009\d{3}"))
        assert scale(visit) < 100_000
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_findings_sort_and_filter(visiting: Visiting) -> None:
    visit = visiting("view=analyst&lang=zh&list=1", login="analyst")
    rows = visit.panel.locator("tbody tr")
    expect(rows.first).to_contain_text("30.7 km²")
    visit.panel.get_by_role("button", name=re.compile("^面积")).click()
    expect(visit.panel.get_by_role("columnheader", name=re.compile("^面积"))).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(rows.first).not_to_contain_text("30.7 km²")
    visit.panel.get_by_label("规模").select_option("sliver")
    expect(visit.panel.locator("tbody tr", has_text="km²")).to_have_count(0)
    visit.panel.get_by_label("按文字筛选").fill("xyzzy")
    expect(visit.panel).to_contain_text("没有符合的记录")
    expect(visit.panel).to_contain_text("请清除筛选")


def test_the_sums_are_those_of_the_audit(visiting: Visiting) -> None:
    visit = visiting("view=analyst&lang=zh&list=1", login="analyst")
    expect(visit.panel.locator(".kpi b")).to_have_text(["2.20", "1.59", "20", "3"])
    expect(visit.panel.locator(".bars li")).to_have_count(6)


@four
def test_the_surroundings_of_a_source_are_listed_by_distance(
    visiting: Visiting, size: Size, lang: str
) -> None:
    visit = visiting(f"view=analyst&tab=surroundings&lang={lang}", size, "analyst")
    visit.see_map()
    visit.panel.locator("tbody .rowbtn").first.click()
    expect(visit.panel.locator("h2.title .where")).to_have_text("500 m")
    visit.panel.get_by_role("button", name="5 km").click()
    expect(visit.panel.locator("h2.title .where")).to_have_text("5 km")
    found = visit.panel.get_by_text(
        re.compile(r"^(5 km内有 [\d\u2009]+ 处敏感点|[\d\u2009]+ receptors within 5 km)$")
    )
    expect(found).to_be_visible()
    cells = [cell.strip() for cell in visit.panel.locator("tbody td:nth-child(3)").all_inner_texts()]
    metres = [float(t.split()[0].replace("\u2009", "")) * (1000 if t.endswith("km") else 1) for t in cells]
    assert metres == sorted(metres)
    assert 0 < metres[-1] <= 5000


def test_a_drawn_circle_has_surroundings_too(visiting: Visiting) -> None:
    visit = visiting("view=analyst&tab=surroundings&lang=zh", login="analyst")
    visit.see_map()
    visit.panel.get_by_role("button", name="5 km").click()
    visit.panel.get_by_role("button", name="画圆").click()
    expect(visit.panel.get_by_text("请在地图上点选圆心")).to_be_visible()
    visit.click_map(122.07, 41.12)
    expect(visit.panel.locator("h2.title")).to_contain_text("所画的圆")
    expect(visit.panel.locator("tbody tr").first).to_be_visible()
    expect(visit.page.locator(".legend")).to_contain_text("半径")


def test_a_radius_of_ones_own_is_checked(visiting: Visiting) -> None:
    visit = visiting("view=analyst&tab=surroundings&lang=en&list=1", login="analyst")
    visit.panel.get_by_role("button", name="Own", exact=True).click()
    visit.panel.get_by_label("Radius in metres").fill("30000")
    expect(visit.panel.get_by_role("alert")).to_contain_text("from 1 to 20000")


@four
def test_the_workload_is_a_chart_and_the_same_in_a_table(visiting: Visiting, size: Size, lang: str) -> None:
    visit = visiting(f"view=analyst&tab=workload&lang={lang}&list=1", size, "analyst")
    expect(visit.panel.locator(".chart svg, .chart canvas").first).to_be_visible()
    expect(visit.panel.locator("tbody tr")).to_have_count(6)
    visit.panel.get_by_role("button", name=re.compile("^三级网格|^Level-3")).click()
    expect(visit.panel.locator("tbody tr")).to_have_count(53)


def test_what_is_shown_can_be_taken_away(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting("view=analyst&lang=zh&list=1", login="analyst")
    visit.panel.get_by_role("button", name=re.compile("^覆盖空白 6")).click()
    expect(visit.panel.locator("tbody tr")).to_have_count(6)
    assert len(pyogrio.read_dataframe(download(visit, tmp_path, "gpkg"))) == 6
    assert len(pyogrio.read_dataframe(download(visit, tmp_path, "geojson"))) == 6


def test_a_filtered_table_is_taken_away_as_filtered(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting("view=analyst&tab=responsibility&lang=zh&list=1", login="analyst")
    visit.panel.get_by_label("缺项").select_option("no_first")
    status = visit.panel.locator(".rowsfoot").get_by_role("status")
    expect(status).to_have_text("4 / 4 条")
    with download(visit, tmp_path, "csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 4
    visit.panel.get_by_label("仅下载表格筛选出的记录").uncheck()
    with download(visit, tmp_path, "csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 14


CHOOSES_AT_ONCE = """new MutationObserver((_, watching) => {
  const kinds = document.querySelector('select[aria-label="缺项"]')
  if (!kinds) return
  watching.disconnect()
  kinds.value = 'no_first'
  kinds.dispatchEvent(new Event('change', { bubbles: true }))
}).observe(document, { childList: true, subtree: true })"""


def test_a_filter_chosen_the_moment_it_appears_stays_chosen(visiting: Visiting) -> None:
    visit = visiting("view=analyst&tab=responsibility&lang=zh&list=1", login="analyst")
    visit.page.add_init_script(CHOOSES_AT_ONCE)
    visit.page.reload()
    expect(visit.panel.locator(".rowsfoot").get_by_role("status")).to_have_text("4 / 4 条")
    expect(visit.panel.get_by_label("缺项")).to_have_value("no_first")


def test_the_layers_switch_with_their_counts_and_legend(visiting: Visiting) -> None:
    visit = visiting("view=analyst&lang=zh", login="analyst")
    visit.see_map()
    expect(visit.page.locator(".legend")).to_contain_text("覆盖空白")
    visit.page.get_by_role("button", name="图层").click()
    layers = visit.page.locator("#layers")
    expect(layers.locator("label", has_text="覆盖空白").locator(".num")).to_have_text("6")
    layers.get_by_label(re.compile("^覆盖空白")).uncheck()
    expect(visit.page.locator(".legend")).not_to_contain_text("覆盖空白")


def test_sources_inside_a_gap_are_one_click_away(visiting: Visiting) -> None:
    visit = visiting("view=analyst&lang=zh&list=1", login="analyst")
    visit.panel.get_by_role("button", name=re.compile("^覆盖空白 6")).click()
    visit.panel.locator("tbody .rowbtn").first.click()
    visit.panel.get_by_role("button", name="查看污染源").click()
    expect(visit.panel.locator("tbody tr")).to_have_count(3)


def test_a_failing_table_can_be_asked_again(visiting: Visiting) -> None:
    visit = visiting("view=public&lang=zh&list=1", login="analyst")
    visit.expected.append("500")
    problem = {"title": "Internal Server Error", "status": 500, "detail": "服务器出错。"}
    visit.page.route("**/api/workload?*", lambda route: route.fulfill(status=500, json=problem), times=1)
    visit.page.goto(f"{visit.panjin.base}/#view=analyst&tab=workload&lang=zh&list=1")
    visit.panel.get_by_role("alert").get_by_role("button", name="重试").click()
    expect(visit.panel.locator("tbody tr")).to_have_count(6)

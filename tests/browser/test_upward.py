"""In the page counties file with the city, which answers; letters are drawn up and recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import docx
import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import text

from gisgrid.store.server import Server
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Panjin, Size, Visit, Visiting, logging_in, panjin_site, visits
from tests.browser.test_accessibility import complaints


class Case(NamedTuple):
    """A county that files and a township without a letter, for one size and language."""

    size: Size
    lang: str
    county: str
    uid: str
    town: str

    @property
    def login(self) -> str:
        """Of the county's planner."""
        return self.uid.lower()

    def word(self, zh: str, en: str) -> str:
        """In the page's language."""
        return zh if self.lang == "zh" else en


CASES = {
    "desktop-zh": Case(DESKTOP, "zh", "盘山县", "PJ-211122", "兴盛街道"),
    "phone-en": Case(PHONE, "en", "兴隆台区", "PJ-211103", "胡家镇"),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@pytest.fixture(scope="module")
def own_panjin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """A site of the module's own, with a planner in each of the counties."""
    with panjin_site(server, "gg_upward", tmp_path_factory.mktemp("upward")) as site:
        body = {"login": "admin", "password": site.passwords["admin"]}
        with httpx.Client(base_url=site.base, timeout=30) as admin:
            csrf = admin.post("/api/session", json=body).raise_for_status().json()["csrf"]
            for case in CASES.values():
                account = {
                    "login": case.login,
                    "role": "planner",
                    "jurisdiction": case.uid,
                    "name": case.county,
                }
                made = admin.post("/api/accounts", json=account, headers={"X-CSRF-Token": csrf})
                site.passwords[case.login] = made.raise_for_status().json()["password"]
        with site.database.operating() as session:
            session.execute(
                text(
                    "DELETE FROM gisgrid.letter WHERE lower_uid IN"
                    " (SELECT uid FROM gisgrid.grid WHERE name = '胡家镇')"
                )
            )
        yield site


@pytest.fixture(scope="module")
def own_sessions(own_panjin: Panjin) -> object:
    """Session cookies, each account logging in once."""
    return logging_in(own_panjin)


@pytest.fixture
def visiting_own(browser: Browser, own_panjin: Panjin, own_sessions: object) -> Iterator[Visiting]:
    """Visits to that site."""
    yield from visits(browser, own_panjin, own_sessions)  # type: ignore[arg-type]


def row(visit: Visit, name: str) -> Locator:
    """The row of a grid: its own name, not that of the one above it."""
    return visit.panel.locator("tbody tr").filter(
        has=visit.page.locator("b", has_text=re.compile(f"^{name}$"))
    )


def fits(visit: Visit) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(visit.page.evaluate("document.documentElement.scrollWidth") <= visit.size["width"])


@each_case
def test_a_county_files_and_the_city_returns_and_accepts(visiting_own: Visiting, case: Case) -> None:
    address = f"view=planner&plan=2&part=filings&lang={case.lang}"
    county = visiting_own(address, case.size, case.login)
    expect(row(county, case.county)).to_contain_text(case.word("未报", "not filed"))
    row(county, case.county).get_by_role("button", name=case.word("报送", "File")).click()
    dialog = county.page.get_by_role("dialog")
    dialog.get_by_label(case.word("意见", "Note")).fill("附会议纪要 <b>")
    assert complaints(county) == []
    dialog.get_by_role("button", name=case.word("报送", "File"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(row(county, case.county)).to_contain_text(case.word("待答复", "to be answered"))
    expect(row(county, case.county)).to_contain_text("附会议纪要 <b>")
    expect(row(county, case.county).get_by_role("button")).to_have_count(1)  # its name: no step is left
    assert fits(county)

    city = visiting_own(address, case.size, "approver")
    row(city, case.county).get_by_role("button", name=case.word("答复", "Answer")).click()
    sheet = city.page.get_by_role("dialog")
    back = sheet.get_by_role("button", name=case.word("退回", "Return"))
    expect(back).to_be_disabled()  # not without saying why
    sheet.get_by_label(case.word("意见", "Note")).fill("请补区界说明")
    assert complaints(city) == []
    back.click()
    expect(row(city, case.county)).to_contain_text(case.word("退回", "returned"))
    assert complaints(city) == []
    assert fits(city)

    county.page.reload()
    expect(row(county, case.county)).to_contain_text("请补区界说明")
    row(county, case.county).get_by_role("button", name=case.word("重新报送", "File again")).click()
    dialog.get_by_role("button", name=case.word("重新报送", "File again")).click()
    expect(dialog).to_have_count(0)

    city.page.reload()
    answer = row(city, case.county).get_by_role("button", name=case.word("答复", "Answer"))
    answer.focus()
    city.page.keyboard.press("Enter")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name=case.word("接受备案", "Accept")).focus()
    city.page.keyboard.press("Enter")
    expect(row(city, case.county)).to_contain_text(case.word("已备案", "accepted"))


def test_what_is_late_is_counted_and_comes_first(visiting_own: Visiting) -> None:
    city = visiting_own("view=planner&plan=2&part=filings&lang=zh", login="planner")
    expect(city.panel.locator(".kpi")).to_contain_text("/ 59")
    city.panel.get_by_placeholder("筛选").fill("古城子镇")
    expect(city.panel.locator("tbody tr")).to_have_count(1)
    city.panel.get_by_role("button", name="设定期限").click()
    dialog = city.page.get_by_role("dialog")
    expect(dialog).to_contain_text("用于所列的 1 个网格。")
    dialog.get_by_label("期限").fill("2026-01-31")
    dialog.get_by_role("button", name="保存").click()
    expect(row(city, "古城子镇")).to_contain_text("逾期")
    expect(row(city, "古城子镇")).to_contain_text("期限 2026-01-31")
    city.panel.get_by_placeholder("筛选").fill("")
    expect(city.panel.locator("tbody tr")).to_have_count(59)
    expect(city.panel.locator("tbody tr").first).to_contain_text("古城子镇")
    city.panel.get_by_role("button", name="逾期 1").click()
    expect(city.panel.locator("tbody tr")).to_have_count(1)


def test_a_county_sees_its_own_alone_and_answers_nothing_of_its_own(visiting_own: Visiting) -> None:
    county = visiting_own("view=planner&plan=1&part=filings&lang=zh", login="pj-211122")
    expect(county.panel.locator("tbody tr")).to_have_count(13)
    row(county, "盘山县").get_by_role("button", name="盘山县", exact=False).first.click()
    dialog = county.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="报送")).to_be_visible()
    expect(dialog.get_by_role("button", name="接受备案")).to_have_count(0)
    county.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@each_case
def test_a_missing_letter_is_drawn_up_and_recorded(
    visiting_own: Visiting, case: Case, tmp_path: Path
) -> None:
    visit = visiting_own(f"view=planner&plan=2&part=letters&lang={case.lang}", case.size, "planner")
    missing = case.word("未签", "missing")
    expect(visit.panel.locator("tbody tr").first).to_contain_text(missing)
    assert fits(visit)
    assert complaints(visit) == []
    with visit.page.expect_download() as drawn:
        row(visit, case.town).get_by_role("link").click()
    assert drawn.value.suggested_filename.endswith(f"-{case.town}.docx")
    drawn.value.save_as(tmp_path / "l.docx")
    letter = docx.Document(str(tmp_path / "l.docx"))
    assert letter.paragraphs[0].text == case.word(
        "环境监管责任状", "Environmental Supervision Responsibility Letter"
    )
    assert letter.tables[0].rows[1].cells[2].text == case.town
    assert letter.sections[0].header.paragraphs[0].text == case.word("草稿　未经审核", "DRAFT - not reviewed")

    row(visit, case.town).get_by_role("button").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label(case.word("签订日期", "Signed on")).fill("2026-03-02")
    dialog.get_by_label(case.word("编号", "Number")).fill("〔2026〕9号")
    assert complaints(visit) == []
    dialog.get_by_role("button", name=case.word("登记责任状", "Record the letter")).click()
    expect(dialog).to_have_count(0)
    expect(row(visit, case.town)).to_contain_text(case.word("2026-03-02 签订", "signed 2026-03-02"))

    row(visit, case.town).get_by_role(
        "button"
    ).click()  # what was a mistake is removed, and asked about first
    expect(dialog).to_contain_text("〔2026〕9号")
    dialog.get_by_role("button", name=case.word("删除登记", "Remove"), exact=True).click()
    dialog.get_by_role("button", name=case.word("确认删除", "Remove it")).click()
    expect(row(visit, case.town)).to_contain_text(missing)


def test_all_letters_that_a_county_has_to_sign_come_in_one_archive(
    visiting_own: Visiting, tmp_path: Path
) -> None:
    visit = visiting_own("view=planner&plan=1&part=letters&lang=zh", login="approver")
    visit.panel.get_by_label("上级网格").select_option(label="盘山县")
    with visit.page.expect_download() as packed:
        visit.panel.get_by_role("link", name="下载待签的 1 份").click()
    packed.value.save_as(tmp_path / "l.zip")
    with ZipFile(tmp_path / "l.zip") as pack:
        assert pack.namelist() == ["001-责任状-盘山县-胡家镇.docx"]
        assert docx.Document(BytesIO(pack.read(pack.namelist()[0]))).paragraphs[0].text == "环境监管责任状"
    row(visit, "胡家镇").get_by_role("button").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("空缺")  # the township's head is
    expect(dialog.get_by_role("button", name="登记责任状")).to_have_count(0)  # approvers record none


def test_a_refusal_is_told_in_the_dialog(visiting_own: Visiting) -> None:
    visit = visiting_own("view=planner&plan=2&part=letters&lang=zh&list=1", login="planner")
    visit.expected.append("409")
    row(visit, "大洼区").get_by_role("button").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("签订日期").fill("2026-01-07")
    dialog.get_by_role("button", name="登记责任状").click()
    expect(dialog.get_by_role("alert")).to_contain_text("这一天的责任状已经登记。")

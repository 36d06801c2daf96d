"""Every name and text that somebody gave is markup, and the page shows it as text wherever one clicks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gisgrid.store.server import Role, Server
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Panjin, Size, Visit, Visiting, logging_in, panjin_site, visits
from tests.browser.test_public import INSIDE_LIAOHE_RESERVE, NEAR

MARKUP = """<img src=x onerror="window.ran=1"><script>window.ran=1</script>'"><b id=bold>{{7*7}}</b>"""
GIVEN = {
    "account": ("name",),
    "comment": ("text",),
    "department": ("name_zh", "name_en"),
    "duty": ("basis",),
    "enterprise": ("name",),
    "grid": ("name", "category"),
    "letter": ("lower_signatory", "upper_signatory", "tasks", "number"),
    "person": ("name",),
    "plan": ("title_zh", "title_en", "approval_number"),
    "plan_level": ("name_zh", "name_en"),
    "post": ("title", "body"),
    "receptor": ("name", "location"),
    "source": ("name", "industry", "stated_name", "location"),
    "topic": ("name_zh", "name_en"),
}
"""What people write, by table: all of it gets markup in front."""


@pytest.fixture(scope="module")
def hostile_panjin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """Panjin with markup in every text."""
    with panjin_site(server, "gg_hostile", tmp_path_factory.mktemp("hostile")) as site:
        with (
            server.connect(Role.SUPERUSER, "gg_hostile") as connection,
            connection.transaction(),
        ):
            # As if it had come in long ago: neither published plans nor rules of today stand in its way.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table, columns in GIVEN.items():
                changed = ", ".join(f"{each} = %(markup)s || {each}" for each in columns)
                connection.execute(f"UPDATE gisgrid.{table} SET {changed}", {"markup": MARKUP})  # noqa: S608
        yield site


@pytest.fixture
def visiting_hostile(browser: Browser, hostile_panjin: Panjin) -> Iterator[Visiting]:
    """Visits to that site."""
    yield from visits(browser, hostile_panjin, logging_in(hostile_panjin))


def harmless(visit: Visit) -> None:
    """None of it became an element or ran, and some of it is there to be read."""
    page = visit.page
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src=x], script:not([src]):has-text('window.ran'), #bold").count() == 0
    assert MARKUP[:12] in page.locator("body").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_is_responsible_is_told_as_text(visiting_hostile: Visiting, size: Size) -> None:
    for place in (NEAR, INSIDE_LIAOHE_RESERVE):
        visit = visiting_hostile(f"lang=zh&{place}", size)
        expect(visit.panel.locator("h2.title")).to_contain_text(MARKUP)
        for summary in visit.panel.locator("summary").all():
            summary.click()
        visit.see_map()
        harmless(visit)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_hits_are_text(visiting_hostile: Visiting) -> None:
    visit = visiting_hostile("lang=en")
    visit.page.get_by_role("combobox", name="Search").fill("东郭")
    expect(visit.page.get_by_role("option").first).to_contain_text(MARKUP)
    harmless(visit)
    visit.page.keyboard.press("Enter")
    expect(visit.panel.locator("h2.title")).to_contain_text(MARKUP)
    harmless(visit)


def test_tables_of_analysts_are_text(visiting_hostile: Visiting) -> None:
    visit = visiting_hostile("view=analyst&lang=zh", login="analyst")
    visit.see_map()
    tabs = visit.panel.get_by_role("tab")
    for tab in tabs.all():
        tab.click()
        row = visit.panel.locator("tbody tr .rowbtn").first
        expect(row).to_be_visible()
        row.click()
        harmless(visit)


def test_a_draft_is_text_in_every_tab(visiting_hostile: Visiting) -> None:
    visit = visiting_hostile("view=planner&plan=2&lang=zh", login="planner")
    visit.see_map()
    expect(visit.panel.locator("h2.title")).to_contain_text(MARKUP)
    canvas = visit.page.locator(".map-canvas canvas").bounding_box()
    assert canvas is not None
    visit.page.mouse.click(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2)
    for tab in visit.panel.get_by_role("tab").all():
        tab.click()
        expect(visit.panel.get_by_role("tabpanel")).to_be_visible()
        visit.page.wait_for_load_state("networkidle")
        harmless(visit)
    for chip in visit.panel.locator(".chips").first.locator("button").all():  # lists of the last tab
        chip.click()
        visit.page.wait_for_load_state("networkidle")
        harmless(visit)


def test_the_list_of_plans_is_text(visiting_hostile: Visiting) -> None:
    visit = visiting_hostile("view=planner&lang=en", PHONE, "approver")
    expect(visit.panel).to_contain_text(MARKUP)
    harmless(visit)

"""A responsibility letter as a Word document, read back."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO

import docx
import pytest
from docx.document import Document
from lxml import etree

from gisgrid.model import DutyRole, PlanState, SourceClass
from gisgrid.planning.checks import GridName
from gisgrid.planning.letter_facts import LetterFacts, Party, PlanFacts, SubGrid, TopicDuty
from gisgrid.planning.letters import LetterKept
from gisgrid.publication.letter_document import MOST_LISTED, letter_document
from gisgrid.publication.letter_files import archive, file_name
from gisgrid.publication.word_file import plain
from gisgrid.text import Lang, Text

FACTS = LetterFacts(
    plan=PlanFacts(
        Text("2026 修订稿", "Revision 2026"),
        Text("示例市", "Example City"),
        PlanState.PUBLISHED,
        "辽S(2026)1号",
    ),
    upper=Party(
        GridName("CITY", "示例市"), "2111", Text("一级网格", "City"), "示例市人民政府", "市长", "王五"
    ),
    lower=Party(
        GridName("WEST", "西县"), "211122", Text("二级网格", "County"), "西县人民政府", "县长", "李四"
    ),
    area_m2=1_036_530_000.0,
    is_indicative=False,
    sources={SourceClass.A: 3, SourceClass.C: 2},
    children=(SubGrid("一镇", "211122001", 5e7, "张三"), SubGrid("二镇", None, 5.2e7, None)),
    units=(),
    keys=(SubGrid("化工片区", None, 4e6, None),),
    staff=("张三",),
    staff_posts=2,
    duties=(TopicDuty(Text("秸秆焚烧", "Straw burning"), DutyRole.LEAD),),
    previous=LetterKept(1, None, date(2026, 1, 5), None, None, None, "上年任务", None),
    made_on=date(2026, 11, 26),
)
HOSTILE = "</w:t><script>&amp;\x0b\x1b\ufffe\u202egnp.\x00\ud800\n]]>"


def read(content: bytes) -> Document:
    """The document as python-docx reads it."""
    return docx.Document(BytesIO(content))


def words_of(document: Document) -> str:
    """All its words: paragraphs, tables, header and footer."""
    section = document.sections[0]
    lines = [*document.paragraphs, *section.header.paragraphs, *section.footer.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in lines), *cells])


def table_of(document: Document, head: str) -> list[list[str]]:
    """The table whose first row has this cell."""
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    return next(table for table in tables if head in table[0])


def test_a_letter_names_both_parties_and_the_territory() -> None:
    document = read(letter_document(FACTS, Lang.ZH))
    assert document.paragraphs[0].text == "环境监管责任状"
    parties = table_of(document, "甲方（上级网格）")
    assert parties[1:] == [
        ["网格", "示例市", "西县"],
        ["级别", "一级网格", "二级网格"],
        ["责任主体", "示例市人民政府", "西县人民政府"],
        ["第一责任人", "市长", "县长"],
        ["姓名", "王五", "李四"],
    ]
    territory = dict(table_of(document, "网格编码"))
    assert territory["面积"] == "1,036.53 km²"
    assert territory["下级网格"] == "2 个：一镇、二镇"
    assert territory["重点监管单元网格"] == "1 个：化工片区"
    assert territory["监管人员"] == "岗位 2 个，在岗 1 人，空缺 1 个：张三"
    assert "《示例市网格化环境监管划分方案（2026 修订稿）》" in words_of(document)


def test_a_letter_counts_sources_by_class() -> None:
    counts = table_of(read(letter_document(FACTS, Lang.ZH)), "A 类")
    assert counts[:2] == [
        ["污染源", "A 类", "B 类", "C 类", "待定", "合计"],
        ["数量（个）", "3", "0", "2", "0", "5"],
    ]


def test_duties_tasks_and_grids_below_are_those_of_the_plan() -> None:
    document = read(letter_document(FACTS, Lang.ZH))
    assert table_of(document, "事项")[1:] == [["秸秆焚烧", "牵头负责"]]
    assert "上一份责任状 2026-01-05 签订，任务：上年任务" in words_of(document)
    assert table_of(document, "编码")[1:] == [
        ["一镇", "211122001", "50.00 km²", "张三"],
        ["二镇", "", "52.00 km²", "空缺"],
    ]


def test_a_vacancy_is_said_and_has_room_for_a_name() -> None:
    vacant = replace(
        FACTS,
        lower=replace(FACTS.lower, body=None, title=None, person=None),
        staff=(),
        staff_posts=0,
        duties=(),
        children=(),
    )
    document = read(letter_document(vacant, Lang.ZH))
    names = table_of(document, "甲方（上级网格）")[-1]
    assert names[1] == "王五"
    assert names[2].startswith("空缺 ＿＿")
    assert dict(table_of(document, "网格编码"))["监管人员"].startswith("空缺 ＿")
    words = words_of(document)
    assert "请填写" in words
    assert "姓名：空缺 ＿" in words


def test_a_letter_has_clauses_term_and_places_to_sign() -> None:
    words = words_of(read(letter_document(FACTS, Lang.ZH)))
    for part in ("三、乙方任务", "五、考核与奖惩", "奖励：＿", "惩处：＿", "至　　　　年　　月　　日止"):
        assert part in words
    assert words.count("签字：＿") == 2
    assert words.count("（盖章）") == 2


@pytest.mark.parametrize(
    ("state", "lang", "mark"),
    [
        (PlanState.DRAFT, Lang.ZH, "草稿　未经审核"),
        (PlanState.DRAFT, Lang.EN, "DRAFT - not reviewed"),
        (PlanState.IN_REVIEW, Lang.ZH, "方案审核中　未经批准"),
        (PlanState.SUPERSEDED, Lang.ZH, "所依据的方案已废止"),
        (PlanState.PUBLISHED, Lang.ZH, ""),
    ],
)
def test_what_is_not_in_force_says_so_on_every_page(state: PlanState, lang: Lang, mark: str) -> None:
    facts = replace(FACTS, plan=replace(FACTS.plan, state=state))
    document = read(letter_document(facts, lang))
    assert "".join(each.text for each in document.sections[0].header.paragraphs) == mark


def test_the_foot_says_what_the_letter_was_made_from() -> None:
    def foot(facts: LetterFacts, lang: Lang) -> str:
        return read(letter_document(facts, lang)).sections[0].footer.paragraphs[0].text

    assert "示例市 2026 修订稿 · 审图号：辽S(2026)1号 · 2026-11-26 生成" in foot(FACTS, Lang.ZH)
    unreviewed = replace(FACTS, plan=replace(FACTS.plan, approval_number=None), is_indicative=True)
    assert "审图号：未经审核 · 界线为示意" in foot(unreviewed, Lang.ZH)
    assert "map approval: not reviewed · boundaries indicative" in foot(unreviewed, Lang.EN)


def test_a_letter_in_english_has_no_chinese_but_names() -> None:
    words = words_of(read(letter_document(FACTS, Lang.EN)))
    assert "Environmental Supervision Responsibility Letter" in words
    assert "Straw burning" in words
    for name in (
        "示例市人民政府",
        "西县人民政府",
        "示例市",
        "西县",
        "市长",
        "县长",
        "一镇",
        "二镇",
        "化工片区",
    ):
        words = words.replace(name, "")
    for name in ("王五", "李四", "张三", "上年任务", "辽S(2026)1号"):
        words = words.replace(name, "")
    assert [each for each in words if "\u4e00" <= each <= "\u9fff"] == []


def test_chinese_is_set_in_chinese_fonts() -> None:
    content = letter_document(FACTS, Lang.ZH)
    with zipfile.ZipFile(BytesIO(content)) as pack:
        styles = etree.fromstring(pack.read("word/styles.xml"))
    space = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
    fonts = styles.xpath(
        "//w:docDefaults//w:rFonts | //w:style[@w:styleId='Heading1']//w:rFonts", namespaces=space
    )
    named = [{etree.QName(key).localname: value for key, value in each.attrib.items()} for each in fonts]
    assert [each["eastAsia"] for each in named] == ["仿宋", "黑体"]
    assert not any(key.endswith("Theme") for each in named for key in each)


def test_hostile_names_break_nothing() -> None:
    party = Party(GridName("x", HOSTILE), HOSTILE, Text(HOSTILE, HOSTILE), HOSTILE, HOSTILE, HOSTILE)
    grid = SubGrid(HOSTILE, HOSTILE, 1e6, HOSTILE)
    facts = replace(
        FACTS,
        plan=replace(FACTS.plan, title=Text(HOSTILE, HOSTILE), approval_number=HOSTILE),
        upper=party,
        lower=party,
        children=(grid,),
        units=(grid,),
        keys=(grid,),
        staff=(HOSTILE,),
        duties=(TopicDuty(Text(HOSTILE, HOSTILE), DutyRole.ASSIST),),
        previous=replace(FACTS.previous or LetterKept(1, *[None] * 7), tasks=HOSTILE * 100),
    )
    for lang in Lang:
        content = letter_document(facts, lang)
        with zipfile.ZipFile(BytesIO(content)) as pack:
            for name in pack.namelist():
                if name.endswith((".xml", ".rels")):
                    etree.fromstring(pack.read(name))
        kept = "</w:t><script>&amp;gnp. ]]>"
        document = read(content)
        assert table_of(document, {"zh": "事项", "en": "Matter"}[lang])[1][0] == kept
        assert document.core_properties.title.endswith(kept)
        assert ".." not in file_name(facts, lang)
        assert not set('\\/:*?"<>|\n\u202e') & set(file_name(facts, lang))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("一镇", "一镇"),
        (" a \t b\n", "a b"),
        ("\u202e\u200bx", "x"),
        ("", ""),
        ("𠮷野", "𠮷野"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_words_keep_what_can_be_read(given: str, kept: str) -> None:
    assert plain(given) == kept


def test_a_long_list_is_cut_and_says_so() -> None:
    children = tuple(SubGrid(f"镇{n}", None, 1e6, None) for n in range(MOST_LISTED + 5))
    document = read(letter_document(replace(FACTS, children=children), Lang.ZH))
    assert len(table_of(document, "编码")) == MOST_LISTED + 1
    assert "另有 5 个，见方案。" in words_of(document)
    assert dict(table_of(document, "网格编码"))["下级网格"].startswith("65 个：镇0、")


def test_an_archive_holds_each_letter_under_a_name_of_its_own() -> None:
    other = replace(FACTS, lower=replace(FACTS.lower, grid=GridName("x", "../../etc/西县")))
    with zipfile.ZipFile(BytesIO(archive([FACTS, FACTS, other], Lang.ZH))) as pack:
        assert pack.namelist() == [
            "001-责任状-示例市-西县.docx",
            "002-责任状-示例市-西县.docx",
            "003-责任状-示例市-etc_西县.docx",
        ]
        assert pack.testzip() is None
        assert read(pack.read("001-责任状-示例市-西县.docx")).paragraphs[0].text == "环境监管责任状"

"""A small city in a database: squares of 10 km with a gap, an overlap, sources, posts, duties, accounts.

north
+---------+---------+      level 1  CITY (20 x 10 km)
| T1 | T2 | T3 |gap |      level 2  WEST (0..10), EAST (10..20)
|    |    |    |    |      level 3  T1 0..5, T2 4.8..10 (overlaps T1 by 200 m), T3 10..15; 15..20 is a gap
+---------+---------+      key grid KEY around (5, 5), a square of 2 km
                           draft    a copy of it all, still being worked on
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.orm import Session

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.model import (
    AccessToken,
    Account,
    AccountRole,
    Assignment,
    Department,
    Duty,
    DutyRole,
    DutyTransfer,
    Finding,
    Grid,
    GridKind,
    Letter,
    LoginSession,
    Person,
    Plan,
    PlanLevel,
    PlanState,
    Post,
    PostKind,
    Receptor,
    Responsibility,
    Source,
    SourceClass,
    Surrounding,
    Topic,
    UncoveredSource,
)
from gisgrid.store.database import Database
from tests.squares import box, place

KM = 1000.0
ROLES = tuple(AccountRole)
TOKENS: Mapping[str, str] = {role.value: f"session-of-{role.value}" for role in ROLES} | {
    "west": "session-of-west",
    "token": "gg_token-of-the-analyst",
}
"""Session tokens by the account's login, and one access token (read scope) of the analyst."""


@dataclass(frozen=True)
class City:
    """The ids of the rows."""

    plan: int
    draft: int
    grids: Mapping[str, int]  # by uid, of the published plan
    draft_grids: Mapping[str, int]
    sources: Mapping[str, int]
    topics: Mapping[str, int]


def shape(geometry: shapely.Geometry) -> object:
    """A geometry as the database takes it; polygons become multipolygons."""
    if isinstance(geometry, shapely.Polygon):
        geometry = shapely.MultiPolygon([geometry])
    return from_shape(geometry, srid=4490)


def point(x_km: float, y_km: float) -> shapely.Point:
    """A point so many kilometres from the south-west corner, as lon/lat."""
    return place(shapely.Point(x_km * KM, y_km * KM))


def build_city(database: Database) -> City:
    """Fill an empty database."""
    with database.operating() as session:
        draft, draft_grids = _plan(session, published=False)
        plan, grids = _plan(session, published=True)
        sources = _sources(session, plan, grids)
        _findings(session, plan, grids, sources)
        topics = _duties(session)
        _posts(session)
        _accounts(session)
        return City(plan, draft, grids, draft_grids, sources, topics)


_SQUARES = (
    ("CITY", 1, None, (0, 0, 20, 10), "示例市"),
    ("WEST", 2, "CITY", (0, 0, 10, 10), "西县"),
    ("EAST", 2, "CITY", (10, 0, 20, 10), "东县"),
    ("T1", 3, "WEST", (0, 0, 5, 10), "一镇"),
    ("T2", 3, "WEST", (4.8, 0, 10, 10), "二镇"),
    ("T3", 3, "EAST", (10, 0, 15, 10), "三镇"),
)


def _plan(session: Session, *, published: bool) -> tuple[int, dict[str, int]]:
    plan = Plan(
        territory_zh="示例市",
        territory_en="Example City",
        title_zh="2015 版" if published else "2026 修订稿",
        title_en="2015" if published else "Revision 2026",
        state=PlanState.DRAFT,
        valid_from=date(2015, 12, 30) if published else None,
    )
    session.add(plan)
    session.flush()
    for level, (zh, en) in enumerate(
        (("一级网格", "City"), ("二级网格", "County"), ("三级网格", "Township")), 1
    ):
        session.add(PlanLevel(plan_id=plan.id, level=level, name_zh=zh, name_en=f"Level {level} ({en})"))
    rows: dict[str, Grid] = {}
    for uid, level, parent, (x0, y0, x1, y1), name in _SQUARES:
        above = rows[parent] if parent else None
        rows[uid] = Grid(
            plan_id=plan.id,
            uid=uid,
            level=level,
            code=f"21{level}{len(rows):03d}",
            name=name,
            category="镇" if level == 3 else None,
            parent_id=above.id if above else None,
            path=[*(above.path if above else []), uid],
            area_m2=(x1 - x0) * (y1 - y0) * KM * KM,
            geometry=shape(box(x0 * KM, y0 * KM, x1 * KM, y1 * KM)),
        )
        session.add(rows[uid])
        session.flush()
    rows["KEY"] = Grid(
        plan_id=plan.id,
        uid="KEY",
        kind=GridKind.KEY,
        level=1,
        name="化工片区",
        path=["CITY", "KEY"],
        is_overlay=True,
        owner_id=rows["CITY"].id,
        supervising_level=1,
        area_m2=4e6,
        geometry=shape(box(4 * KM, 4 * KM, 6 * KM, 6 * KM)),
    )
    session.add(rows["KEY"])
    session.flush()
    if published:
        plan.state = PlanState.PUBLISHED
        plan.published_at = datetime(2015, 12, 30, tzinfo=UTC)
        session.flush()
    return plan.id, {uid: grid.id for uid, grid in rows.items()}


_SOURCES = (
    ("S1", (2, 5), SourceClass.C, ["CITY", "WEST", "T1"]),
    ("S2", (7, 5), SourceClass.B, ["CITY", "WEST", "T2"]),
    ("S3", (12, 5), SourceClass.A, ["CITY", "EAST", "T3"]),
    ("S4", (17, 5), SourceClass.C, ["CITY", "EAST"]),
    ("S5", (25, 5), SourceClass.UNDETERMINED, ["CITY"]),
)


def _sources(session: Session, plan: int, grids: Mapping[str, int]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for uid, (x, y), klass, path in _SOURCES:
        row = Source(
            uid=uid,
            name=f"示例{uid}厂",
            kind="企业",
            source_class=klass,
            location="given",
            grid_path=path,
            raw_x=0.0,
            raw_y=0.0,
            geometry=shape(point(x, y)),
        )
        session.add(row)
        session.flush()
        ids[uid] = row.id
        if uid != "S5":
            for level, grid in enumerate(path, 1):
                session.add(Assignment(plan_id=plan, source_id=row.id, level=level, grid_id=grids[grid]))
    school = Receptor(
        uid="R1",
        name="示例小学",
        kind="学校",
        location="given",
        grid_path=["CITY", "WEST", "T1"],
        geometry=shape(point(2.3, 5)),
    )
    session.add(school)
    session.flush()
    session.add(
        Surrounding(
            source_id=ids["S1"],
            ring_m=500,
            kind="学校",
            count=1,
            nearest_id=school.id,
            distance_m=300.0,
            bearing_deg=90.0,
        )
    )
    return ids


def _findings(session: Session, plan: int, grids: Mapping[str, int], sources: Mapping[str, int]) -> None:
    gap = Finding(
        plan_id=plan,
        kind=FindingKind.GAP,
        size_class=SizeClass.REAL,
        parent_level=2,
        child_level=3,
        parent_id=grids["EAST"],
        neighbours=[[grids["T3"], 1.0]],
        is_enclosed=False,
        area_m2=5e7,
        width_m=5000.0,
        path=["CITY", "EAST"],
        geometry=shape(box(15 * KM, 0, 20 * KM, 10 * KM)),
    )
    overlap = Finding(
        plan_id=plan,
        kind=FindingKind.OVERLAP,
        size_class=SizeClass.REAL,
        parent_level=2,
        child_level=3,
        parent_id=grids["WEST"],
        owner_ids=[grids["T1"], grids["T2"]],
        area_m2=2e6,
        width_m=200.0,
        path=["CITY", "WEST"],
        geometry=shape(box(4.8 * KM, 0, 5 * KM, 10 * KM)),
    )
    session.add_all([gap, overlap])
    session.flush()
    session.add(
        UncoveredSource(
            plan_id=plan,
            source_id=sources["S4"],
            reason="gap",
            level=3,
            nearest_id=grids["T3"],
            distance_m=2000.0,
            finding_id=gap.id,
        )
    )
    session.add(
        UncoveredSource(
            plan_id=plan,
            source_id=sources["S5"],
            reason="outside",
            nearest_id=grids["CITY"],
            distance_m=5000.0,
        )
    )


def _duties(session: Session) -> dict[str, int]:
    """Straw burning: townships lead, agriculture guides; in a reserve at 0..1 km one agency does it all."""
    departments = {
        code: Department(code=code, name_zh=zh, name_en=en, position=at)
        for at, (code, zh, en) in enumerate(
            (
                ("agriculture", "农业", "Agriculture"),
                ("police", "公安", "Police"),
                ("reserve", "辽河保护", "Reserve"),
            )
        )
    }
    topics = {
        "straw_burning": Topic(code="straw_burning", name_zh="秸秆焚烧", name_en="Straw burning", position=0),
        "site_noise": Topic(code="site_noise", name_zh="施工噪声", name_en="Site noise", position=1),
    }
    session.add_all([*departments.values(), *topics.values()])
    session.flush()
    straw = topics["straw_burning"].id
    session.add_all(
        [
            Duty(topic_id=straw, role=DutyRole.LEAD, grid_level=3),
            Duty(topic_id=straw, role=DutyRole.GUIDE, department_id=departments["agriculture"].id),
            Duty(topic_id=straw, role=DutyRole.ASSIST, department_id=departments["police"].id),
            DutyTransfer(
                uid="RESERVE",
                name="保护区",
                to_department_id=departments["reserve"].id,
                from_department_ids=[departments["agriculture"].id],
                basis="示例",
                geometry=shape(box(0, 0, KM, 10 * KM)),
            ),
        ]
    )
    return {code: topic.id for code, topic in topics.items()}


def _posts(session: Session) -> None:
    """T1 is complete; T2's first post is vacant; the person of WEST is not public; T3 has nobody at all."""
    people = {
        "P1": Person(uid="P1", name="张三", is_public=True),
        "P2": Person(uid="P2", name="李四", is_public=False),
        "P3": Person(uid="P3", name="王五", is_public=True),
    }
    posts = {
        "T1": Post(
            grid_uid="T1", kind=PostKind.FIRST, title="镇长", body="一镇人民政府", duty_phone="0427-000 0001"
        ),
        "T1a": Post(
            grid_uid="T1", kind=PostKind.SUPERVISOR, title="监管员", number=1, duty_phone="0427-000 0002"
        ),
        "T1b": Post(grid_uid="T1", kind=PostKind.SUPERVISOR, title="监管员", number=2),
        "T2": Post(
            grid_uid="T2", kind=PostKind.FIRST, title="镇长", body="二镇人民政府", duty_phone="0427-000 0003"
        ),
        "WEST": Post(grid_uid="WEST", kind=PostKind.FIRST, title="县长", body="西县人民政府"),
        "CITY": Post(
            grid_uid="CITY", kind=PostKind.FIRST, title="市长", body="示例市人民政府", duty_phone="12345"
        ),
    }
    session.add_all([*people.values(), *posts.values()])
    session.flush()
    for post, person in (("T1", "P1"), ("T1a", "P3"), ("T1b", "P2"), ("WEST", "P2"), ("CITY", "P3")):
        session.add(
            Responsibility(
                post_id=posts[post].id,
                person_id=people[person].id,
                valid_from=date(2016, 1, 1),
                verified_on=date(2026, 11, 2),
            )
        )
    session.add(Letter(upper_uid="WEST", lower_uid="T1", signed_on=date(2026, 1, 5)))


def _accounts(session: Session) -> None:
    department = session.query(Department).filter_by(code="agriculture").one()
    later = datetime.now(UTC) + timedelta(days=1)
    accounts = {
        role.value: Account(
            login=role.value,
            name=role.value,
            role=role,
            jurisdiction="CITY",
            department_id=department.id if role is AccountRole.DEPARTMENT else None,
            password_hash="!",
        )
        for role in ROLES
    }
    accounts["admin"].jurisdiction = None
    accounts["west"] = Account(
        login="west",
        name="west",
        role=AccountRole.PLANNER,
        jurisdiction="WEST",
        password_hash="!",
    )
    session.add_all(accounts.values())
    session.flush()
    for login, account in accounts.items():
        session.add(LoginSession(token_hash=_hash(TOKENS[login]), account_id=account.id, expires_at=later))
    session.add(
        AccessToken(
            account_id=accounts["analyst"].id,
            name="QGIS",
            token_hash=_hash(TOKENS["token"]),
            scopes=["read"],
            expires_at=later,
        )
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

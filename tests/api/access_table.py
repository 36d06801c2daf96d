"""Who gets which answer where: every route and every kind of asker, in one table.

A route that is not here fails `test_access_table`. Add a row a resource (or
more, where a public and an internal one share a route):

    Row("GET", "/api/plans", PUBLIC)
    Row("GET", "/api/plans/{plan_id}", see(DRAFT_READERS), "/api/plans/{draft}")

The route is the template in the code; the address, if it differs, is filled
with the city's ids: {plan}, {draft}, {grid}, {gap}, {source}, {lon}, {lat}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("admin", "planner", "approver", "analyst", "officer", "department")
BAD_TOKENS = ("expired-token", "revoked-token", "unknown-token")
ASKERS = ("anonymous", "ended-session", *ROLES, "west", "token", *BAD_TOKENS)
"""`west` is a planner of one county, `token` an access token of the analyst that may only read."""

Statuses = Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """A route, what is asked of it, and the status that each asker gets."""

    method: str
    route: str
    statuses: Statuses
    address: str = ""
    body: Mapping[str, Any] | None = None


def same(status: int) -> Statuses:
    """Everybody gets this, whatever they carry."""
    return dict.fromkeys(ASKERS, status)


def public(status: int = 200) -> Statuses:
    """Everybody gets this, but a token that does not hold is refused."""
    return same(status) | dict.fromkeys(BAD_TOKENS, 401)


def see(*who: str, status: int = 200, others: int = 404) -> Statuses:
    """These get it; for others it is not there."""
    return same(others) | dict.fromkeys(BAD_TOKENS, 401) | dict.fromkeys(who, status)


def allow(*who: str, status: int = 200) -> Statuses:
    """These may; who is logged in otherwise may not; who is not must log in."""
    return (
        same(403)
        | dict.fromkeys(("anonymous", "ended-session", *BAD_TOKENS), 401)
        | dict.fromkeys(who, status)
    )


PUBLIC = public()
KNOWN = (*ROLES, "west", "token")
PEOPLE = (*ROLES, "west")
PLAN_READERS = ("admin", "planner", "approver", "analyst", "west", "token")
"""Who sees plans that are not published."""

PLANNERS = ("admin", "planner", "west")
APPROVERS = ("admin", "approver")
OVERSEERS = ("admin", "planner", "approver", "west")
_PLAN = "/api/plans/{plan_id}"
_EDITS = "/api/plans/{plan_id}/edits"
_TITLE = {"zh": "新稿", "en": "New"}
_RENAME = {"operation": "attributes", "grid": "T1", "changes": {"name": "x"}}
_TRACE = "/api/plans/{draft}/trace?from=0,0&to=1,1"
_NOBODY = dict.fromkeys(("anonymous", "ended-session"), 401)
_PLANNING = see(*PLAN_READERS, status=403) | _NOBODY
"""Planners may change drafts; others who see them may not; for the rest they are not there."""

_DOWNLOAD = "/api/layers/{layer_id}/download"

TABLE = (
    # The page and the state of the site
    Row("GET", "/healthz", same(200)),
    Row("GET", "/readyz", same(200)),
    Row("GET", "/metrics", see("admin", others=403)),
    Row("GET", "/api/openapi.json", same(200)),
    # Logging in
    Row("GET", "/api/session", PUBLIC),
    Row("POST", "/api/session", same(422), body={"login": "nobody"}),
    Row("POST", "/api/session/password", allow(*PEOPLE, status=403), body={"old": "x", "new": "y"}),
    Row("DELETE", "/api/session", same(204)),
    # One's own access tokens
    Row("GET", "/api/tokens", allow(*PEOPLE)),
    Row("POST", "/api/tokens", allow(*PEOPLE, status=201), body={"name": "QGIS"}),
    Row("DELETE", "/api/tokens/{token_id}", allow(*PEOPLE, status=404), "/api/tokens/999999"),
    # Accounts
    Row("GET", "/api/accounts", allow("admin")),
    Row("POST", "/api/accounts", allow("admin", status=201), body={"login": "new", "role": "officer"}),
    Row("PATCH", "/api/accounts/{login}", allow("admin"), "/api/accounts/west", {"disabled": False}),
    # The site, its plans, who is responsible, what is found
    Row("GET", "/api/site", same(200)),
    Row("GET", "/api/topics", same(200)),
    Row("GET", "/api/plans", PUBLIC),
    Row("POST", "/api/plans", allow(*PLANNERS, status=404), body={"base": 999999, "title": _TITLE}),
    Row(
        "GET",
        "/api/plans/{plan_id}/grids",
        see(*PLAN_READERS, others=404) | _NOBODY,
        "/api/plans/{draft}/grids",
    ),
    # Edits of drafts
    Row("GET", _EDITS, see(*PLAN_READERS) | _NOBODY, "/api/plans/{draft}/edits"),
    Row(
        "POST",
        _EDITS,
        _PLANNING | dict.fromkeys(PLANNERS, 201),
        "/api/plans/{draft}/edits?preview=true",
        _RENAME,
    ),
    Row("POST", _EDITS, _PLANNING | dict.fromkeys(PLANNERS, 428), "/api/plans/{draft}/edits", _RENAME),
    Row("POST", f"{_EDITS}/undo", _PLANNING | dict.fromkeys(PLANNERS, 409), "/api/plans/{draft}/edits/undo"),
    Row("POST", f"{_EDITS}/redo", _PLANNING | dict.fromkeys(PLANNERS, 409), "/api/plans/{draft}/edits/redo"),
    Row("GET", f"{_PLAN}/repairs", _PLANNING | dict.fromkeys(PLANNERS, 200), "/api/plans/{draft}/repairs"),
    *(
        Row(
            "GET",
            f"{_PLAN}/suggestions/{part}",
            _PLANNING | dict.fromkeys(("admin", "planner"), 200) | {"west": west},
            f"/api/plans/{{draft}}/suggestions/{part}?{query}",
        )
        for part, query, west in (
            ("units", "owner=T3&number=2", 404),
            ("units", "owner=T1&number=2", 200),
            ("key-areas", "within=T3", 404),
            ("key-areas", "", 200),
        )
    ),
    Row("GET", f"{_PLAN}/export", see(*PLAN_READERS) | _NOBODY, "/api/plans/{draft}/export?format=geojson"),
    Row(
        "POST",
        f"{_PLAN}/imports",
        _PLANNING | dict.fromkeys(PLANNERS, 400),  # a body of JSON that holds no features
        "/api/plans/{draft}/imports?filename=a.geojson",
        {"type": "FeatureCollection", "features": []},
    ),
    # The course of a draft
    *(
        Row("GET", f"{_PLAN}/{part}", see(*PLAN_READERS) | _NOBODY, f"/api/plans/{{draft}}/{part}{query}")
        for part, query in (
            ("checks", ""),
            ("decisions", ""),
            ("changes", "?since={plan}"),
            ("comments", ""),
            ("filings", ""),
            ("letters", ""),
        )
    ),
    Row(
        "POST",
        f"{_PLAN}/comments",
        _PLANNING | dict.fromkeys(("admin", "planner", "approver", "analyst", "west"), 201),
        "/api/plans/{draft}/comments",
        {"lon": 123.02, "lat": 41.04, "text": "x"},
    ),
    Row(
        "POST",
        f"{_PLAN}/comments/{{comment_id}}/resolve",
        _PLANNING | dict.fromkeys(("admin", "planner", "approver", "analyst", "west"), 404),
        "/api/plans/{draft}/comments/999999/resolve",
    ),
    *(
        Row(
            "POST",
            f"{_PLAN}/{step}",
            _PLANNING | dict.fromkeys(who, 409),
            f"/api/plans/{{draft}}/{step}",
            body,
        )
        for step, who, body in (
            ("submit", PLANNERS, {}),
            ("withdraw", PLANNERS, {}),
            ("restore", PLANNERS, {}),
            ("return", APPROVERS, {"note": "x"}),
            ("approve", APPROVERS, {}),
            ("publish", APPROVERS, {"valid_from": "2027-01-01"}),
        )
    ),
    Row(
        "POST",
        f"{_PLAN}/discard",
        _PLANNING | {"admin": 200, "planner": 409, "west": 409},  # the first puts it away
        "/api/plans/{draft}/discard",
        {"note": "x"},
    ),
    # Filing upward, and letters between grids
    Row("GET", f"{_PLAN}/filings", see(*PLAN_READERS, others=403) | _NOBODY, "/api/plans/{plan}/filings"),
    Row(
        "PUT",
        f"{_PLAN}/filings/deadline",
        _PLANNING | dict.fromkeys(OVERSEERS, 200),
        "/api/plans/{draft}/filings/deadline",
        {"deadline": "2027-03-01", "grids": ["T1"]},
    ),
    Row(
        "PUT",
        f"{_PLAN}/filings/deadline",
        _PLANNING | dict.fromkeys(OVERSEERS, 200) | {"west": 403},  # its own
        "/api/plans/{draft}/filings/deadline",
        {"deadline": "2027-03-01", "grids": ["WEST"]},
    ),
    Row(
        "POST",
        f"{_PLAN}/filings/{{grid_uid}}/file",
        _PLANNING | dict.fromkeys(PLANNERS, 404),
        "/api/plans/{draft}/filings/NOWHERE/file",
        {},
    ),
    Row(
        "POST",
        f"{_PLAN}/filings/{{grid_uid}}/file",
        _PLANNING | {"admin": 200, "planner": 409, "west": 404},  # a neighbour's
        "/api/plans/{draft}/filings/T3/file",
        {},
    ),
    *(
        Row(
            "POST",
            f"{_PLAN}/filings/{{grid_uid}}/{step}",
            _PLANNING | dict.fromkeys(OVERSEERS, 409),
            f"/api/plans/{{draft}}/filings/T1/{step}",
            {"note": "x"},
        )
        for step in ("accept", "return")
    ),
    Row(
        "POST",
        f"{_PLAN}/letters",
        _PLANNING | {"admin": 201, "planner": 409, "west": 409},
        "/api/plans/{draft}/letters",
        {"lower": "T2", "signed_on": "2026-02-01"},
    ),
    Row(
        "POST",
        f"{_PLAN}/letters",
        _PLANNING | {"admin": 201, "planner": 409, "west": 404},
        "/api/plans/{draft}/letters",
        {"lower": "EAST", "signed_on": "2026-02-01"},
    ),
    Row(
        "GET",
        f"{_PLAN}/letters/{{grid_uid}}/draft.docx",
        see(*PLAN_READERS) | _NOBODY,
        "/api/plans/{draft}/letters/T2/draft.docx",
    ),
    Row(
        "GET",
        f"{_PLAN}/letters/{{grid_uid}}/draft.docx",
        see(*PLAN_READERS, others=403) | _NOBODY | {"west": 404},
        "/api/plans/{plan}/letters/EAST/draft.docx",
    ),
    Row(
        "GET",
        f"{_PLAN}/letters/missing.zip",
        see(*PLAN_READERS) | _NOBODY,
        "/api/plans/{draft}/letters/missing.zip?upper=WEST",
    ),
    Row(
        "DELETE",
        f"{_PLAN}/letters/{{letter_id}}",
        _PLANNING | dict.fromkeys(PLANNERS, 404),
        "/api/plans/{draft}/letters/999999",
    ),
    Row("GET", "/api/plans/{plan_id}/trace", see(*PLAN_READERS, status=422) | _NOBODY, _TRACE),
    Row("GET", "/api/search", PUBLIC, "/api/search?q=T1"),
    Row("GET", "/api/responsibility", PUBLIC, "/api/responsibility?lon={lon}&lat={lat}"),
    Row("GET", "/api/coverage", allow(*KNOWN)),
    Row("GET", "/api/surroundings", allow(*KNOWN), "/api/surroundings?lon={lon}&lat={lat}&radius_m=500"),
    Row("GET", "/api/workload", allow(*KNOWN), "/api/workload?level=2"),
    Row("GET", "/basemap/{z}/{x}/{y}", same(404), "/basemap/0/0/0"),  # none is set
    Row("GET", "/basemap/labels/{z}/{x}/{y}", same(404), "/basemap/labels/0/0/0"),
    # OGC API
    Row("GET", "/ogc", same(200)),
    Row("GET", "/ogc/", same(200)),
    Row("GET", "/ogc/conformance", same(200)),
    Row("GET", "/ogc/api", PUBLIC),
    Row("GET", "/ogc/collections", PUBLIC),
    *(
        row
        for part in ("", "/queryables", "/sortables", "/schema", "/items")
        for row in (
            Row("GET", f"/ogc/collections/{{layer_id}}{part}", PUBLIC, f"/ogc/collections/grids{part}"),
            Row(
                "GET", f"/ogc/collections/{{layer_id}}{part}", see(*KNOWN), f"/ogc/collections/overlaps{part}"
            ),
        )
    ),
    Row(
        "GET",
        "/ogc/collections/{layer_id}/items",
        see(*PLAN_READERS),
        "/ogc/collections/grids/items?plan={draft}",
    ),
    Row("GET", "/ogc/collections/{layer_id}/items/{fid}", PUBLIC, "/ogc/collections/grids/items/{grid}"),
    Row(
        "GET",
        "/ogc/collections/{layer_id}/items/{fid}",
        see(*ROLES, "token"),
        "/ogc/collections/coverage-gaps/items/{gap}",  # not west's: it lies in the other county
    ),
    # Drafts through the OGC API: read like other layers, changed with an access token only
    *(
        Row(
            "GET",
            f"/ogc/collections/{{layer_id}}{part}",
            see(*PLAN_READERS),
            f"/ogc/collections/draft-{{draft}}{part}",
        )
        for part in ("", "/queryables", "/schema", "/items")
    ),
    *(
        Row(
            method,
            f"/ogc/collections/{{layer_id}}/items{part}",
            allow("anonymous", status=401) | {"ended-session": 403},
            f"/ogc/collections/draft-{{draft}}/items{'/1' if part else ''}",
            {"type": "Feature"},
        )
        for method, part in (("POST", ""), ("PUT", "/{fid}"), ("PATCH", "/{fid}"), ("DELETE", "/{fid}"))
    ),
    # Layers
    Row("GET", "/api/layers", PUBLIC),
    Row("GET", "/api/layers", see(*PLAN_READERS), "/api/layers?plan={draft}"),
    Row("GET", _DOWNLOAD, PUBLIC, "/api/layers/grids/download?format=csv"),
    Row("GET", _DOWNLOAD, see(*KNOWN), "/api/layers/coverage-gaps/download?format=csv"),
    Row("GET", _DOWNLOAD, see(*PLAN_READERS), "/api/layers/grids/download?format=csv&plan={draft}"),
    Row("GET", "/tiles/{layer_id}.json", PUBLIC, "/tiles/grids.json"),
    Row("GET", "/tiles/{layer_id}.json", see(*KNOWN), "/tiles/coverage-gaps.json"),
    Row("GET", "/tiles/{layer_id}.json", see(*PLAN_READERS), "/tiles/grids.json?plan={draft}"),
    Row("GET", "/styles/{layer_id}.json", PUBLIC, "/styles/grids.json"),
    Row("GET", "/styles/{layer_id}.json", see(*KNOWN), "/styles/coverage-gaps.json"),
    Row("GET", "/tiles/{layer_id}/{z}/{x}/{y}.mvt", PUBLIC, "/tiles/grids/0/0/0.mvt"),
    Row("GET", "/tiles/{layer_id}/{z}/{x}/{y}.mvt", see(*KNOWN), "/tiles/coverage-gaps/0/0/0.mvt"),
)

CLIENT = frozenset({"/", "/assets", "/favicon.svg"})
"""The built page: the same files for everybody; see test_static."""

"""Who may see and change which rows: the one place that says so, enforced by the database.

Three roles ask. `gisgrid_anonymous` reads the listed columns of published
rows. `gisgrid_app` sees nothing until a token in `gisgrid.token` proves who is
asking (see identity.sql), and then what that account's role and jurisdiction
allow. `gisgrid_owner`, the operator's own shell, does everything.

The rules are put in place after every migration, whole, so that they are
always those of this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

from gisgrid.model import SCHEMA, AccountRole, Base
from gisgrid.store.server import ANONYMOUS, USERS, Role

APP = USERS[Role.APP]
LOGIN = USERS[Role.LOGIN]

ROLE = f"(SELECT {SCHEMA}.acting_role())"
WRITER = f"(SELECT {SCHEMA}.writing_role())"
JURISDICTION = f"(SELECT {SCHEMA}.acting_jurisdiction())"
ACCOUNT = f"(SELECT {SCHEMA}.acting_account())"
ANYONE_KNOWN = f"{ROLE} IS NOT NULL"
PUBLISHED = "state IN ('published', 'superseded')"
VISIBLE_PLANS = f"plan_id IN (SELECT id FROM {SCHEMA}.plan)"  # noqa: S608 -- no user's text; the plan's own rules apply
VISIBLE_SOURCES = f"EXISTS (SELECT FROM {SCHEMA}.source AS s WHERE s.id = source_id)"
"""Not IN, which would read every source to answer for one."""
UNPUBLISHED = "state IN ('draft', 'in_review')"
NEVER_IN_FORCE = "state IN ('draft', 'in_review', 'discarded')"
HAS_VISIBLE_SOURCES = f"EXISTS (SELECT FROM {SCHEMA}.source AS s WHERE s.enterprise_id = enterprise.id)"
HOLDS_A_POST_ELSEWHERE = (
    f"EXISTS (SELECT FROM {SCHEMA}.responsibility AS r JOIN {SCHEMA}.post AS p ON p.id = r.post_id "
    f"WHERE r.person_id = person.id AND NOT {SCHEMA}.oversees(p.grid_uid))"
)
DRAFTS = f"plan_id IN (SELECT id FROM {SCHEMA}.plan WHERE state = 'draft')"  # noqa: S608
OWN_EDIT = f"EXISTS (SELECT FROM {SCHEMA}.edit AS e WHERE e.id = edit_id AND e.account_id = {ACCOUNT})"
WORKED_ON = f"plan_id IN (SELECT id FROM {SCHEMA}.plan WHERE {UNPUBLISHED})"  # noqa: S608
PLANS_IN_FORCE = f"plan_id IN (SELECT id FROM {SCHEMA}.plan WHERE {PUBLISHED})"  # noqa: S608


def within(path: str) -> str:
    """Whether a row whose grids' uids are in the column `path` lies in the jurisdiction of who is asking."""
    return f"({JURISDICTION} = '*' OR {JURISDICTION} = ANY ({path}))"


def is_one_of(role: str, *names: str) -> str:
    """Whether the acting (or writing) role is one of these."""
    return f"{role} = ANY ({_listed(names)})"


def _listed(names: Iterable[str]) -> str:
    return f"'{{{','.join(names)}}}'::text[]"


CLAIMED = f"EXISTS (SELECT FROM {SCHEMA}.grid AS g WHERE g.id = ANY (owner_ids) AND {within('g.path')})"
"""Whether a finding is also of a grid that who is asking oversees: an overlap is of both."""
PLANNERS = is_one_of(WRITER, "admin", "planner")
APPROVERS = is_one_of(WRITER, "admin", "approver")
ADMINS = is_one_of(WRITER, "admin")
PLATFORM_ADMINS = f"{ADMINS} AND {JURISDICTION} = '*'"
_PLAN_READERS = ("admin", "planner", "approver", "analyst")
PLAN_READERS = is_one_of(ROLE, *_PLAN_READERS)
"""They see every plan; what only they see, or change, need not ask for that again."""
PLANNERS_AND_APPROVERS = is_one_of(WRITER, "admin", "planner", "approver")
COMMENTERS = is_one_of(WRITER, "admin", "planner", "approver", "analyst")


@dataclass(frozen=True)
class Rule:
    """Who may read and change the rows of a table.

    Attributes
    ----------
    read, change : str or None
        SQL conditions for the application role; None: not at all.
    public : tuple of str
        The columns that anonymous visitors may read.
    public_rows : str
        A condition on the rows that they see.
    hidden : tuple of str
        Columns that the application role may write but never read.
    insert : str or None
        Where it is not the same as `change`.
    becoming : str or None
        What a changed row must be, where that is not the same as `change`.
    changing : tuple of str
        If given, the only columns that change; such rows are never deleted.
    """

    read: str | None = None
    change: str | None = None
    public: tuple[str, ...] = ()
    public_rows: str = "true"
    hidden: tuple[str, ...] = ()
    insert: str | None = None
    becoming: str | None = None
    changing: tuple[str, ...] = ()


_ALONE = f"(SELECT current_user = '{ANONYMOUS}')"
"""A policy also holds for whoever inherits its role, as the application's role must not.

In a subquery, which PostgreSQL takes for true of every other row; the bare comparison it takes for true of
one row in 200, and then sorts 200,000 rows for a page of 100 (98 ms instead of 0.6).
"""

_LABELS = ("id", "code", "name_zh", "name_en", "position")

RULES: dict[str, Rule] = {
    "plan": Rule(
        # One comparison, since all tables of a plan ask for it: known to anybody once published.
        read=f"{ROLE} = ANY "
        f"(CASE WHEN {PUBLISHED} THEN {_listed(AccountRole)} ELSE {_listed(_PLAN_READERS)} END)",
        change=f"{PLANNERS_AND_APPROVERS} AND {SCHEMA}.oversees_plan(id)",
        becoming=f"({PLANNERS} AND {NEVER_IN_FORCE} OR {APPROVERS}) AND {SCHEMA}.oversees_plan(id)",
        insert=f"{PLANNERS} AND state = 'draft'",
        public=(
            "id",
            "territory_zh",
            "territory_en",
            "title_zh",
            "title_en",
            "state",
            "base_id",
            "valid_from",
            "valid_to",
            "approval_number",
            "checksum",
            "published_at",
        ),
        public_rows=PUBLISHED,
    ),
    "plan_level": Rule(
        read=VISIBLE_PLANS,
        change=f"{PLANNERS} AND {SCHEMA}.oversees_plan(plan_id)",
        public=("id", "plan_id", "level", "name_zh", "name_en"),
        public_rows=VISIBLE_PLANS,
    ),
    "grid": Rule(
        read=f"{PLANS_IN_FORCE} OR ({VISIBLE_PLANS} AND {within('path')})",
        change=f"{PLANNERS} AND {within('path')}",
        public=(
            "id",
            "plan_id",
            "uid",
            "kind",
            "level",
            "code",
            "name",
            "category",
            "parent_id",
            "path",
            "is_overlay",
            "owner_id",
            "supervising_level",
            "basis",
            "is_partial",
            "is_indicative",
            "area_m2",
            "geometry",
        ),
        public_rows=VISIBLE_PLANS,
    ),
    "source": Rule(
        read=within("grid_path"),
        change=f"{PLANNERS} AND {within('grid_path')}",
        public=("id", "uid", "name", "kind", "source_class", "geometry"),
    ),
    "enterprise": Rule(
        read=ANYONE_KNOWN,
        change=f"{PLANNERS} AND ({JURISDICTION} = '*' OR {HAS_VISIBLE_SOURCES})",
        insert=PLANNERS,
    ),
    "source_unit": Rule(
        read=VISIBLE_SOURCES,
        change=f"{PLANNERS} AND {VISIBLE_SOURCES}",
    ),
    "receptor": Rule(read=within("grid_path"), change=f"{PLANNERS} AND {within('grid_path')}"),
    "person": Rule(
        read=ANYONE_KNOWN,
        change=f"{PLANNERS} AND NOT {HOLDS_A_POST_ELSEWHERE}",
        insert=PLANNERS,
        public=("id", "name"),
        public_rows="is_public",
    ),
    "post": Rule(
        read=ANYONE_KNOWN,
        change=f"{PLANNERS} AND {SCHEMA}.oversees(grid_uid)",
        public=("id", "grid_uid", "kind", "title", "number", "body", "duty_phone"),
    ),
    "responsibility": Rule(
        read=ANYONE_KNOWN,
        change=f"{PLANNERS} AND post_id IN (SELECT id FROM {SCHEMA}.post WHERE {SCHEMA}.oversees(grid_uid))",  # noqa: S608
        public=("id", "post_id", "person_id", "valid_from", "valid_to", "verified_on"),
    ),
    "letter": Rule(read=ANYONE_KNOWN, change=f"{PLANNERS} AND {SCHEMA}.oversees(lower_uid)"),
    "department": Rule(read=ANYONE_KNOWN, change=PLATFORM_ADMINS, public=_LABELS),
    "topic": Rule(read=ANYONE_KNOWN, change=PLATFORM_ADMINS, public=(*_LABELS, "keywords")),
    "duty": Rule(
        read=ANYONE_KNOWN,
        change=f"{ADMINS} AND {SCHEMA}.oversees(grid_uid)",
        public=(
            "id",
            "topic_id",
            "role",
            "department_id",
            "grid_level",
            "grid_uid",
            "valid_from",
            "valid_to",
            "basis",
        ),
    ),
    "duty_transfer": Rule(
        read=ANYONE_KNOWN,
        change=PLATFORM_ADMINS,
        public=(
            "id",
            "uid",
            "name",
            "to_department_id",
            "from_department_ids",
            "topic_ids",
            "valid_from",
            "valid_to",
            "basis",
            "geometry",
        ),
    ),
    "edit": Rule(
        read=f"{PLAN_READERS} AND ({within('path')} OR account_id = {ACCOUNT})",
        insert=f"{PLANNERS} AND account_id = {ACCOUNT} AND {DRAFTS}",
        change=f"{PLANNERS} AND account_id = {ACCOUNT} AND {DRAFTS}",
        changing=("state",),
    ),
    "edit_change": Rule(
        read=f"EXISTS (SELECT FROM {SCHEMA}.edit AS e WHERE e.id = edit_id) AND ({OWN_EDIT} "
        f"OR {JURISDICTION} = '*' OR coalesce(after, before) -> 'path' ? {JURISDICTION})",
        insert=OWN_EDIT,
    ),
    "decision": Rule(
        read=PLAN_READERS,
        insert=f"{PLANNERS_AND_APPROVERS} AND {SCHEMA}.oversees_plan(plan_id)",
    ),
    "check_reason": Rule(
        read=f"{PLAN_READERS} AND {within('path')}",
        insert=f"{PLANNERS} AND {DRAFTS} AND {SCHEMA}.oversees_plan(plan_id)",
    ),
    "filing": Rule(
        read=f"{PLAN_READERS} AND {SCHEMA}.oversees(grid_uid)",
        change=f"{PLANNERS_AND_APPROVERS} AND {SCHEMA}.oversees(grid_uid)",
        changing=("deadline", "state", "checksum", "note"),
    ),
    "comment": Rule(
        read=f"{PLAN_READERS} AND {within('path')}",
        insert=f"{COMMENTERS} AND {WORKED_ON} AND {within('path')}",
        change=f"{PLAN_READERS} AND ({PLANNERS_AND_APPROVERS} OR ({COMMENTERS} AND account_id = {ACCOUNT}))"
        f" AND {within('path')}",
        changing=("resolved_at",),
    ),
    "finding": Rule(
        read=f"{VISIBLE_PLANS} AND ({within('path')} OR {CLAIMED})",
        change=f"{PLANNERS} AND ({within('path')} OR {CLAIMED})",
    ),
    "assignment": Rule(
        read=f"{VISIBLE_PLANS} AND {VISIBLE_SOURCES}",
        change=f"{PLANNERS} AND {VISIBLE_SOURCES}",
    ),
    "uncovered_source": Rule(
        read=f"{VISIBLE_PLANS} AND {VISIBLE_SOURCES}",
        change=f"{PLANNERS} AND {VISIBLE_SOURCES}",
    ),
    "surrounding": Rule(
        read=VISIBLE_SOURCES,
        change=f"{PLANNERS} AND {VISIBLE_SOURCES}",
    ),
    "account": Rule(
        read=f"id = {ACCOUNT} OR ({is_one_of(ROLE, 'admin')} AND {SCHEMA}.governs(jurisdiction))",
        change=f"{ADMINS} AND {SCHEMA}.governs(jurisdiction)",
        hidden=("password_hash",),
    ),
    "access_token": Rule(
        read=f"account_id = {ACCOUNT}",
        change=f"account_id = {ACCOUNT} AND (SELECT {SCHEMA}.is_logged_in())",
        hidden=("token_hash",),
    ),
    "login_session": Rule(),
    "import_run": Rule(read=is_one_of(ROLE, "admin", "planner", "analyst"), insert=PLANNERS),
    "trail": Rule(read=f"{is_one_of(ROLE, 'admin')} AND {JURISDICTION} = '*'"),
    "change_noted": Rule(),
    "data_version": Rule(read="true", public=("table_name", "version")),
}
"""The rules, by table. Each table has one."""


def statements() -> Iterator[str]:
    """The SQL that puts all rules in place, in order; running it again changes nothing."""
    for file in ("identity.sql", "editing.sql", "review.sql"):
        yield resources.files("gisgrid.store").joinpath(file).read_text(encoding="utf-8")
    yield f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APP}, {ANONYMOUS}, {LOGIN}"
    for role in (APP, ANONYMOUS, LOGIN):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {role}"
    for table in Base.metadata.sorted_tables:
        yield from _drop_policies(table.name)
        yield from _rule(table.name, RULES[table.name], [column.name for column in table.columns])
    yield f"GRANT USAGE ON SEQUENCE {SCHEMA}.grid_id_seq TO {APP}"  # an edit names the grids that it adds
    yield from _functions()


def _drop_policies(table: str) -> Iterator[str]:
    for name in ("owner", "read", "add", "change", "remove", "public"):
        yield f'DROP POLICY IF EXISTS "{name}" ON {SCHEMA}.{table}'


def _rule(table: str, rule: Rule, columns: list[str]) -> Iterator[str]:
    on = f"ON {SCHEMA}.{table}"
    yield f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {SCHEMA}.{table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY owner {on} TO CURRENT_USER USING (true) WITH CHECK (true)"
    if rule.read is not None:
        readable = ", ".join(column for column in columns if column not in rule.hidden)
        yield f"GRANT SELECT ({readable}) {on} TO {APP}"
        yield f'CREATE POLICY "read" {on} FOR SELECT TO {APP} USING ({rule.read})'
    insert = rule.insert or rule.change
    if insert is not None:
        yield f"GRANT INSERT {on} TO {APP}"
        yield f'CREATE POLICY "add" {on} FOR INSERT TO {APP} WITH CHECK ({insert})'
    if rule.change is not None:
        becoming = rule.becoming or rule.change
        rights = f"UPDATE ({', '.join(rule.changing)})" if rule.changing else "UPDATE, DELETE"
        yield f"GRANT {rights} {on} TO {APP}"
        yield f'CREATE POLICY "change" {on} FOR UPDATE TO {APP} USING ({rule.change}) WITH CHECK ({becoming})'
        yield f'CREATE POLICY "remove" {on} FOR DELETE TO {APP} USING ({rule.change})'
    if rule.public:
        yield f"GRANT SELECT ({', '.join(rule.public)}) {on} TO {ANONYMOUS}"
        yield f'CREATE POLICY "public" {on} FOR SELECT TO {ANONYMOUS} USING ({_ALONE} AND {rule.public_rows})'


_ASKING = (
    "identity()",
    "acting_account()",
    "acting_role()",
    "acting_jurisdiction()",
    "writing_role()",
    "is_logged_in()",
    "last_writer_wins()",
    "oversees(text)",
    "oversees_plan(bigint)",
    "governs(text)",
    "close_session()",
    "note_token_use()",
    "grids_around(bigint, float8[], bigint[])",
    "insert_vertices(bigint, public.geometry)",
    "open_plan(bigint)",
    "count_edit(bigint[])",
    "next_edit(bigint)",
    "record_edit(bigint, bigint, text, text, text, text, bigint[], float8[], text[], jsonb)",
    "is_publishing()",
    "put_under(text, bigint[], text[], float8[])",
)
_LOGGING_IN = ("credentials(text)", "open_session(bigint, bytea, interval)", "change_password(bigint, text)")


def _functions() -> Iterator[str]:
    yield f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC"
    for function in _ASKING:
        yield f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{function} TO {APP}"
    for function in _LOGGING_IN:
        yield f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{function} TO {LOGIN}"

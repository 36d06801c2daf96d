"""Recognise what each column of a table means, by its name and by its values."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from gisgrid.errors import InputError, MissingField
from gisgrid.ingest.numbers import parse_coordinates, split_pairs
from gisgrid.ingest.synonyms import (
    CLASS_UNDETERMINED,
    COORDINATE_PAIRS,
    GRID_NAMES,
    GRID_ROLES,
    LATLON_TOGETHER,
    LONLAT_TOGETHER,
    POINT_NAMES,
    RECEPTOR_ROLES,
    ROW_COUNTERS,
    SOURCE_ROLES,
    SYNONYMS,
    Role,
)
from gisgrid.ingest.table import Table
from gisgrid.ingest.text_values import text_values
from gisgrid.text import Text

__all__ = ["GRID_ROLES", "RECEPTOR_ROLES", "SOURCE_ROLES", "Role", "detect", "is_known_name"]

_SAMPLE_ROWS = 2_000
_BRACKETED = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]")
_NOT_WORD = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CLASS_VALUE = re.compile(r"^[ABC](?:类|级|CLASS)?$")
_CODE_VALUE = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_.\-]{0,39}$")


def detect(table: Table, roles: Sequence[Role], overrides: Mapping[str, str]) -> dict[str, str]:
    """Find the column for each role.

    Parameters
    ----------
    table : Table
    roles : sequence of Role
        `GRID_ROLES`, `SOURCE_ROLES` or `RECEPTOR_ROLES`.
    overrides : mapping of str to str
        Role → column, as the user gave it; they come before anything found.

    Returns
    -------
    dict of str to str
        Role → column, for the roles that have one. Both coordinates may be the
        same column, if it holds pairs. A table that has geometry gets none.

    Raises
    ------
    MissingField
        If an override names a column that is not there.
    InputError
        If an override names a role that is not among `roles`.
    """
    _check_overrides(table, roles, overrides)
    found = {str(role): overrides[role] for role in roles if role in overrides}
    sample = _sample(table.rows)
    if {Role.LON, Role.LAT} <= set(roles) and table.geometry is None:
        found |= _coordinates(sample, found)
    names = {column: name_forms(column) for column in sample.columns}
    for role in roles:
        if role in found or role in (Role.LON, Role.LAT):
            continue
        column = _best(role, roles, sample, names, found)
        if column is not None:
            found[str(role)] = column
    return {str(role): found[role] for role in roles if role in found}


def is_known_name(name: str) -> bool:
    """Whether some role has exactly this name: what tells a header from a title or from values.

    Examples
    --------
    >>> is_known_name("经度（°）"), is_known_name("Code INSEE"), is_known_name("盘锦市2024年污染源台账")
    (True, True, False)
    """
    return bool(_KNOWN.intersection(name_forms(name)))


def _check_overrides(table: Table, roles: Sequence[Role], overrides: Mapping[str, str]) -> None:
    columns = [str(each) for each in table.rows.columns]
    for role, column in overrides.items():
        if role not in set(roles):
            names = "、".join(roles)
            raise InputError(
                Text(zh=f"没有名为“{role}”的字段角色。", en=f"There is no field role {role!r}."),
                where=table.file,
                todo=Text(zh=f"可用：{names}。", en=f"Use one of: {', '.join(roles)}."),
            )
        if column not in columns:
            raise missing_column(table, column, columns)


def missing_column(table: Table, column: str, columns: Sequence[str]) -> MissingField:
    """The error for a column that the user named and the table does not have."""
    by_form = {_squeezed(each): each for each in columns}
    close = difflib.get_close_matches(_squeezed(column), list(by_form), n=1, cutoff=0.5)
    hint = (
        Text(zh=f"是否指“{by_form[close[0]]}”？", en=f"Did you mean {by_form[close[0]]!r}? ")
        if close
        else Text(zh="", en="")
    )
    listed = list_columns(columns)
    return MissingField(
        Text(zh=f"没有名为“{column}”的列。", en=f"There is no column {column!r}."),
        where=table.file,
        todo=Text(zh=f"{hint.zh}现有列：{listed.zh}。", en=f"{hint.en}The columns are: {listed.en}."),
    )


def list_columns(columns: Sequence[str]) -> Text:
    """The columns of a file for a message; the first 40."""
    shown = [str(each) for each in columns[:40]]
    more = len(columns) - len(shown)
    return Text(
        zh="、".join(shown) + (f" 等 {len(columns)} 列" if more else ""),
        en=", ".join(shown) + (f" and {more} more" if more else ""),
    )


def _sample(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows from all over the table: the first ones are not typical of sorted registers."""
    step = max(len(rows) // _SAMPLE_ROWS, 1)
    return rows.iloc[::step]


# --- names ---------------------------------------------------------------------------------------------


def _squeezed(name: str) -> str:
    """Lower-case letters, digits and Chinese characters only.

    Examples
    --------
    >>> _squeezed("\ufeff Coordonnées_X "), _squeezed("ＰＯＩＮＴ＿Ｘ")
    ('coordonneesx', 'pointx')
    """
    decomposed = unicodedata.normalize("NFKD", str(name)).casefold()
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return _NOT_WORD.sub("", bare)


def name_forms(name: str) -> tuple[str, ...]:
    """The forms under which a name is looked up, the most literal first."""
    compatible = unicodedata.normalize("NFKC", str(name))
    without_unit = _BRACKETED.sub("", compatible)
    forms = [_squeezed(compatible), _squeezed(without_unit)]
    forms += [re.sub(r"\d+$", "", each) for each in forms]
    forms += [re.sub(r"^(?:wgs84|gcj02|bd09|cgcs2000|2000)", "", each) for each in forms]
    return tuple(dict.fromkeys(each for each in forms if each))


def _tokens(name: str) -> set[str]:
    """The words of a Latin name, alone and joined with their neighbour: `siteLon_dd` has site, lon, dd."""
    split = _CAMEL.sub(" ", unicodedata.normalize("NFKC", str(name)))
    words = [_squeezed(each) for each in re.split(r"[\W_]+", split)]
    words = [each for each in words if each]
    return {*words, *(a + b for a, b in itertools.pairwise(words))}


def _contains(name: str, synonym: str) -> bool:
    if synonym.isascii():
        return len(synonym) >= 3 and synonym in _tokens(name)
    return len(synonym) >= 2 and synonym in _squeezed(name)


_KNOWN = frozenset(
    [
        *GRID_NAMES,
        *POINT_NAMES,
        *LONLAT_TOGETHER,
        *LATLON_TOGETHER,
        *(each for pair in COORDINATE_PAIRS for each in pair),
    ]
).union(*SYNONYMS.values()) | {
    "序号",
    "备注",
    "地址",
    "联系人",
    "联系电话",
    "行业",
    "面积",
    "address",
    "remarks",
}


# --- values --------------------------------------------------------------------------------------------


def _best(
    role: Role,
    roles: Sequence[Role],
    sample: pd.DataFrame,
    names: Mapping[str, tuple[str, ...]],
    found: Mapping[str, str],
) -> str | None:
    """The column that fits a role best: an exact name before one that contains it, then by rank."""
    for column in _ranked(_synonyms(role, roles), sample.columns, names):
        if column in found.values() or (names[column][:1] and names[column][0] in ROW_COUNTERS):
            continue
        if _FITS[role](sample[column]):
            return column
    return None


def _synonyms(role: Role, roles: Sequence[Role]) -> tuple[str, ...]:
    if role is Role.NAME:
        return GRID_NAMES if Role.CODE in roles else POINT_NAMES
    return SYNONYMS[role]


def _ranked(
    synonyms: Iterable[str], columns: Iterable[str], names: Mapping[str, tuple[str, ...]]
) -> list[str]:
    columns = list(columns)
    exact = [column for each in synonyms for column in columns if each in names[column]]
    partial = [column for each in synonyms for column in columns if _contains(column, each)]
    return list(dict.fromkeys([*exact, *partial]))


def _filled(values: pd.Series) -> pd.Series:
    text = text_values(values)
    return text[text.notna()]


def _is_code(values: pd.Series) -> bool:
    text = _filled(values)
    return len(text) > 0 and text.nunique() * 2 >= len(values) and bool((text.str.len() <= 64).mean() > 0.9)


def _is_id(values: pd.Series) -> bool:
    text = _filled(values)
    return len(text) > 0 and text.nunique() * 5 >= len(text) and bool((text.str.len() <= 64).mean() > 0.9)


def _is_stated_code(values: pd.Series) -> bool:
    text = _filled(values)
    return len(text) > 0 and bool(text.str.match(_CODE_VALUE).mean() > 0.8)


def _is_class(values: pd.Series) -> bool:
    text = _filled(values)
    letters = text.str.normalize("NFKC").str.upper().str.replace(" ", "")
    letters = letters[~letters.str.lower().isin(CLASS_UNDETERMINED)]  # an answer, but no evidence
    return len(letters) > 0 and bool(letters.str.match(_CLASS_VALUE).mean() > 0.5)


def _is_label(values: pd.Series) -> bool:
    """Names are words: a column of plain numbers is none."""
    text = _filled(values)
    return len(text) > 0 and bool(text.str.fullmatch(r"[\d.,+\-eE]+").mean() < 0.5)


def _is_kind(values: pd.Series) -> bool:
    return len(_filled(values)) > 0


_FITS: dict[Role, Callable[[pd.Series], bool]] = {
    Role.CODE: _is_code,
    Role.PARENT: _is_kind,
    Role.LEVEL: _is_kind,
    Role.NAME: _is_kind,
    Role.ID: _is_id,
    Role.KIND: _is_kind,
    Role.SOURCE_CLASS: _is_class,
    Role.STATED_CODE: _is_stated_code,
    Role.STATED_NAME: _is_label,
}


def _coordinates(sample: pd.DataFrame, given: Mapping[str, str]) -> dict[str, str]:
    """The two coordinate columns: a pair of one style before two that do not match each other."""
    if Role.LON in given and Role.LAT in given:
        return {}
    columns = [str(each) for each in sample.columns]
    names = {column: name_forms(column) for column in columns}
    pairs = []
    for matches in (_is_exactly, _contains_name):
        for lon, lat in COORDINATE_PAIRS:
            for x in [given[Role.LON]] if Role.LON in given else columns:
                for y in [given[Role.LAT]] if Role.LAT in given else columns:
                    x_fits = Role.LON in given or matches(x, names[x], lon)
                    if x != y and x_fits and (Role.LAT in given or matches(y, names[y], lat)):
                        pairs.append((x, y))
    for x, y in dict.fromkeys(pairs):
        if _is_numeric(sample[x]) and _is_numeric(sample[y]):
            return {str(Role.LON): x, str(Role.LAT): y}
    return {} if given.keys() & {Role.LON, Role.LAT} else _pair_column(sample, names)


def _is_exactly(column: str, forms: tuple[str, ...], synonym: str) -> bool:
    return synonym in forms


def _contains_name(column: str, forms: tuple[str, ...], synonym: str) -> bool:
    return _contains(column, synonym)


def _is_numeric(values: pd.Series) -> bool:
    """Half the filled values are coordinates; a few bad rows must not hide the column."""
    filled = values[values.notna()]
    parsed = parse_coordinates(filled)
    return len(filled) > 0 and bool((parsed == parsed).mean() >= 0.5)


def _pair_column(sample: pd.DataFrame, names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    for each in (*LONLAT_TOGETHER, *LATLON_TOGETHER):
        for column in sample.columns:
            if each not in names[column] or not pd.api.types.is_string_dtype(sample[column].dtype):
                continue
            first, second = split_pairs(sample[column].dropna())
            if _is_numeric(first.fillna("")) and _is_numeric(second.fillna("")):
                return {str(Role.LON): column, str(Role.LAT): column}
    return {}


def is_latitude_first(column: str) -> bool:
    """Whether a column of pairs has the latitude first, by its name."""
    return bool(set(LATLON_TOGETHER).intersection(name_forms(column)))

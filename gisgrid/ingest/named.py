"""Columns recognised by their exact names: what a table has beside the roles that an audit needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from gisgrid.errors import MissingField
from gisgrid.ingest.fields import list_columns, missing_column, name_forms
from gisgrid.ingest.table import Table
from gisgrid.ingest.text_values import text_column
from gisgrid.text import Text


@dataclass(frozen=True)
class Named:
    """A column that may be there.

    Attributes
    ----------
    role : str
        What `ROLE=COLUMN` calls it, and the name of the column that it becomes.
    names : str
        Names that it goes by, the best first, separated by spaces; compared as
        `gisgrid.ingest.fields` compares them.
    """

    role: str
    names: str
    is_required: bool = False


def find_named(table: Table, wanted: Collection[Named], overrides: Mapping[str, str]) -> dict[str, str]:
    """Role → column, for those of the wanted that the table has.

    Raises
    ------
    MissingField
        If a required one is absent, or the user named a column that is not there.
    """
    columns = [str(each) for each in table.rows.columns]
    forms = {column: name_forms(column) for column in columns}
    found: dict[str, str] = {}
    for each in wanted:
        if each.role in overrides:
            if overrides[each.role] not in columns:
                raise missing_column(table, overrides[each.role], columns)
            found[each.role] = overrides[each.role]
            continue
        exact = (column for name in each.names.split() for column in columns if name in forms[column])
        column = next((each for each in exact if each not in found.values()), None)
        if column is not None:
            found[each.role] = column
        elif each.is_required:
            raise _absent(table, each, columns)
    return found


def named_texts(table: Table, wanted: Collection[Named], overrides: Mapping[str, str]) -> pd.DataFrame:
    """The wanted columns as stripped text, indexed by row; all missing where the table has no such column."""
    found = find_named(table, wanted, overrides)
    return pd.DataFrame(
        {each.role: text_column(table.rows, found.get(each.role)) for each in wanted}, index=table.rows.index
    )


def _absent(table: Table, wanted: Named, columns: list[str]) -> MissingField:
    first = wanted.names.split()[0]
    listed = list_columns(columns)
    return MissingField(
        Text(
            zh=f"缺少“{first}”列（{wanted.role}）。",
            en=f"The column {wanted.role!r} ({first}) is missing.",
        ),
        where=table.file,
        todo=Text(
            zh=f"请补上，或用 --field {wanted.role}=列名 指定。现有列：{listed.zh}。",
            en=f"Add it, or name it with --field {wanted.role}=COLUMN. The columns are: {listed.en}.",
        ),
    )

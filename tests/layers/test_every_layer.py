"""What holds for each layer, whichever files are added."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from gisgrid.layer import Audience, Layer
from gisgrid.store.database import Database
from layers import all_layers
from tests.city import TOKENS, City

PUBLIC = {
    "grids": ("uid name level level_name level_name_en category code parent_name is_indicative area_m2"),
    "key-grids": "uid name owner_name supervising_level basis is_indicative area_m2",
    "unit-grids": "uid name level code owner_name basis is_partial is_indicative area_m2",
    "responsibility": (
        "uid name level level_name level_name_en parent_name body post_title vacant person duty_phone "
        "staff_count verified_on is_indicative"
    ),
    "duty-transfers": (
        "uid name to_department to_department_en instead_of instead_of_en topics topics_en "
        "valid_from valid_to basis"
    ),
    "sources": "uid name kind source_class",
}
"""All that the public may see, written out here so that nothing joins it by accident."""

INTERNAL = {
    "coverage-gaps",
    "overlaps",
    "protrusions",
    "misnested",
    "uncovered-sources",
    "sources-internal",
    "stacked-sources",
    "doubtful-locations",
    "receptors",
    "surroundings",
    "responsibility-gaps",
    "workload",
}

each_layer = pytest.mark.parametrize("layer", all_layers().values(), ids=list(all_layers()))


def test_the_layers_are_those_listed_here() -> None:
    audiences = {layer.id: layer.audience for layer in all_layers().values()}
    assert {name for name, audience in audiences.items() if audience is Audience.PUBLIC} == set(PUBLIC)
    assert {name for name, audience in audiences.items() if audience is Audience.INTERNAL} == INTERNAL


@pytest.mark.parametrize("layer_id", PUBLIC)
def test_a_public_layer_shows_visitors_exactly_the_columns_allowed(
    database: Database, city: City, layer_id: str
) -> None:
    layer = all_layers()[layer_id]
    with database.anonymous() as session:
        keys = set(session.execute(layer.rows, {"plan": city.plan} if layer.needs_plan else {}).keys())
    assert keys == {"id", "geometry", *PUBLIC[layer_id].split()}
    assert [column.name for column in layer.columns] == PUBLIC[layer_id].split()


@each_layer
def test_a_layer_selects_what_its_columns_describe_and_nothing_else(layer: Layer) -> None:
    selected = [each.key for each in layer.rows.selected_columns]
    assert sorted(selected) == sorted(["id", "geometry", *(column.name for column in layer.columns)])


@each_layer
def test_a_layer_says_everything_in_both_languages(layer: Layer) -> None:
    said = [
        layer.title,
        layer.about,
        *(swatch.label for swatch in layer.legend),
        *(column.title for column in layer.columns),
        *(words for column in layer.columns for words in (column.words or {}).values()),
    ]
    for words in said:
        assert words.zh.strip()
        assert words.en.strip()
        assert words.en.isascii() or "°" in words.en


@each_layer
def test_ids_are_unique_and_small_enough_for_javascript(database: Database, city: City, layer: Layer) -> None:
    with database.operating() as session:
        found = session.execute(layer.rows, {"plan": city.plan} if layer.needs_plan else {})
        ids = [row.id for row in found]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(each, int) and 0 < each < 2**53 for each in ids)


@each_layer
def test_names_and_sort_columns_exist(layer: Layer) -> None:
    known = {"id", *(column.name for column in layer.columns)}
    assert layer.sort.removeprefix("-") in known
    assert layer.name_column is None or layer.name_column in known


@each_layer
def test_the_tables_of_a_layer_are_those_its_query_reads(
    database: Database, city: City, layer: Layer
) -> None:
    """PostgreSQL's own plan names them; a table missing here would leave stale tiles."""
    bound = layer.rows.params(plan=city.plan) if layer.needs_plan else layer.rows
    statement = bound.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    with database.operating() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN (VERBOSE, COSTS OFF) {statement}")
        lines = "\n".join(row[0] for row in plan)
        tables = session.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'gisgrid'")
        ).scalars()
        read = {table for table in tables if f" on gisgrid.{table} " in f"{lines} ".replace("\n", " ")}
    assert read <= set(layer.tables)


@each_layer
def test_an_unknown_token_sees_no_row(database: Database, city: City, layer: Layer) -> None:
    with database.bearer("nobody's token") as session:
        assert session.execute(layer.rows, {"plan": city.plan} if layer.needs_plan else {}).all() == []


@each_layer
def test_a_layer_can_be_read_by_everybody_who_may(database: Database, city: City, layer: Layer) -> None:
    for token in TOKENS.values():
        with database.bearer(token) as session:
            session.execute(layer.rows, {"plan": city.plan} if layer.needs_plan else {}).all()

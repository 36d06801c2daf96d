"""Alembic's environment: the connection comes from `gisgrid.store.migrate`."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from gisgrid.model import SCHEMA, Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    include_name=lambda name, kind, parents: name == SCHEMA if kind == "schema" else True,
    include_object=alembic_helpers.include_object,
    render_item=alembic_helpers.render_item,
    process_revision_directives=alembic_helpers.writer,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

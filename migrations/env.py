"""Runs the migrations; foreign keys rest on SQLite meanwhile, or rebuilding a parent table would delete its children."""

from typing import Any

from alembic import context

from workbench.db import make_engine
from workbench.tables import metadata


def as_written(kind: str, item: Any, _context: Any) -> str | bool:
    """Spell our own column types as plain ones, so that a migration never imports the house."""
    if kind == "type" and type(item).__module__ == "workbench.db":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__module__.startswith("flask_security"):
        return "sa.Text()"
    return False


engine = make_engine(context.config.attributes["url"])
with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # the pragma does nothing inside a transaction, so it is set on the raw connection
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")  # noqa: PLW2901
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        render_item=as_written,
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")
engine.dispose()

"""One schema base, one way to open the database: SQLite tuned so that votes survive a power cut, or PostgreSQL."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from workbench.errors import Invalid
from workbench.resources import database_url, home, resource
from workbench.words import _

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

READ_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=15000",
    "temp_store=MEMORY",
    "cache_size=-65536",
    "mmap_size=268435456",
)

KEPT_OPEN = 16
"""Connections to PostgreSQL that are kept: two for each thread that answers, as a page may write beside itself."""


def now() -> datetime:
    """The present moment in UTC; the one clock of the house."""
    return datetime.now(UTC)


class Utc(TypeDecorator[datetime]):
    """A moment: UTC in, UTC out, on a database that forgets time zones too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a moment without a zone, and store the others in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back that SQLite forgot."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
Timestamp = Annotated[datetime, mapped_column(Utc)]
Long = Annotated[str, mapped_column(Text)]
Json = Annotated[Any, mapped_column(JSON(none_as_null=True))]


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """Every table of the house; words of the field are stored as words and checked by the database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        StrEnum: Enum(StrEnum, native_enum=False, create_constraint=True, length=40, values_callable=_values),
    }


@dataclass(frozen=True)
class Sessions:
    """The two ways into the database: reading, and writing (on SQLite a write takes its lock at once)."""

    engine: Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]

    @property
    def is_sqlite(self) -> bool:
        """Whether only one writer at a time is possible."""
        return self.engine.dialect.name == "sqlite"


def make_engine(url: str) -> Engine:
    """Open an engine; SQLite is told about foreign keys, waiting and durability."""
    parsed = make_url(url)
    server = {} if parsed.get_backend_name() == "sqlite" else {"pool_pre_ping": True, "pool_size": KEPT_OPEN}
    engine = create_engine(parsed, json_serializer=_as_json, **server)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tell_sqlite)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _tell_postgres)
    return engine


_encode = json.JSONEncoder(separators=(",", ":")).encode


def _as_json(value: Any) -> str:
    """Write JSON without blanks; most lists of a record are empty, and 100,000 records have more than a million."""
    return "[]" if value == [] else _encode(value)


def open_sessions(url: str) -> Sessions:
    """Open the database of this address for reading and for writing."""
    engine = make_engine(url)
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    return Sessions(
        engine,
        sessionmaker(engine, expire_on_commit=False, info={"reads": True}),
        sessionmaker(writing, expire_on_commit=False),
    )


def _tell_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, alike on every Python
    cursor = connection.cursor()
    for pragma in READ_PRAGMAS:
        cursor.execute("PRAGMA " + pragma)
    cursor.close()


def _tell_postgres(connection: DBAPIConnection, _record: object) -> None:
    """Compile no question to machine code: those of a page are long and quick, and compiling one takes 0.3 s."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET jit = off")
    connection.commit()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN " + connection.get_execution_options().get("sqlite_begin", "DEFERRED"))


class NoHouse(Invalid):
    """A command on a review needs the database of this installation at its newest schema."""

    hint = "Run `workbench db upgrade` first, or set WORKBENCH_HOME to the folder where the workbench lives."


def house() -> tuple[Sessions, Path]:
    """Open this installation's database: the sessions, and the home folder with its files.

    Raises:
        NoHouse: there is no database yet, or its schema is older than this program.
    """
    folder = home()
    sessions = open_sessions(database_url(folder))
    if not is_current(sessions):
        raise NoHouse(_("There is no database ready in %(folder)s.", folder=folder))
    return sessions, folder


def is_current(sessions: Sessions) -> bool:
    """Whether the schema of this database is the one this program was written for."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    if sessions.is_sqlite and not Path(sessions.engine.url.database or "").exists():
        return False
    with sessions.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory(str(resource("migrations"))).get_current_head()


def upgrade(url: str) -> None:
    """Bring the database of this address to the newest schema; doing it twice changes nothing."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resource("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, "head")

"""What every test may ask for: an empty house on either database, an application, real files where the machine has them."""

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from tests.databases import compiled_once, empty, fresh_postgres, postgres_server
from workbench import db
from workbench.app import create_app
from workbench.db import Sessions, open_sessions

_make_engine = db.make_engine
db.make_engine = lambda url: compiled_once(_make_engine(url))

ROOT = Path(__file__).resolve().parent.parent


class CompiledOnce(BytecodeCache):
    """Templates as compiled for the first application of a run: each test has an application of its own, and compiling
    the templates of one page takes longer than answering it."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same text."""
        if (found := self.known.get(bucket.key + bucket.checksum)) is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.known[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledOnce()}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long."""
    parser.addoption("--long", action="store_true", help="run the long checks too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long checks out unless they are asked for."""
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="a long check: run it with --long")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What stands when the tests begin stays: looking it through for garbage takes a tenth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real files to test on, where the machine has it."""
    folder = Path(os.environ.get("WORKBENCH_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.exists():
        pytest.skip("no folder of real files: set WORKBENCH_TEST_DATA to test on them")
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; each test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "workbench.sqlite"
    db.upgrade(f"sqlite:///{path}")
    sessions = open_sessions(f"sqlite:///{path}")
    with sessions.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    sessions.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server with a migrated database named house_template."""
    with postgres_server() as server:
        admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("create database house_template"))
        admin.dispose()
        db.upgrade(f"{server}/house_template")
        yield server


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty house on SQLite."""
    shutil.copy(sqlite_template, tmp_path / "workbench.sqlite")
    return f"sqlite:///{tmp_path / 'workbench.sqlite'}"


@pytest.fixture(scope="session")
def postgres_house(postgres: str) -> Iterator[Engine]:
    """A house on PostgreSQL, for one test after the other."""
    with fresh_postgres(postgres, "house_template") as address:
        engine = create_engine(address)
        yield engine
        engine.dispose()


@pytest.fixture
def postgres_url(postgres_house: Engine) -> Iterator[str]:
    """An empty house on PostgreSQL."""
    test = {"application_name": uuid.uuid4().hex}  # what is remembered by address is not the next test's
    yield postgres_house.url.update_query_dict(test).render_as_string(hide_password=False)
    empty(postgres_house)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty house, once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def sessions(url: str) -> Iterator[Sessions]:
    """The two ways into an empty house, on both databases."""
    found = open_sessions(url)
    yield found
    found.engine.dispose()


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    """A writing session in an empty house, on both databases."""
    with sessions.write() as opened:
        yield opened


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole application on an empty SQLite house; services and queries are tested on both databases, pages on one."""
    made = create_app(tmp_path, sqlite_url, "Testing")
    yield made
    made.extensions["workbench.sessions"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()

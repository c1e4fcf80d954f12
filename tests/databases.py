"""Where tests keep their databases: an SQLite file each, and a PostgreSQL server of our own where one is installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

_FIRST: dict[str, Engine] = {}
"""By the name of the database: the engine whose compiled statements all later ones use."""


def compiled_once(engine: Engine) -> Engine:
    """Let this engine use what was compiled for the first of its kind: each test has an engine, all say the same."""
    first = _FIRST.get(engine.dialect.name)
    if first is None or first.dialect.server_version_info is None:  # one that never connected knows nothing yet
        _FIRST[engine.dialect.name] = engine
        engine._compiled_cache.capacity = 5000  # type: ignore[union-attr]
        return engine
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache
    return engine


def postgres_programs() -> Path | None:
    """Folder of initdb and postgres, newest version first."""
    stated = os.environ.get("WORKBENCH_POSTGRES_BIN")
    folders = [Path(stated)] if stated else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def missing(what: str) -> None:
    """Skip with a reason on a user's machine; fail in CI, where it must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not installed on this machine")


def _as_nobody_special() -> dict[str, object]:
    """PostgreSQL refuses to run as root, so root hands it to another account."""
    if os.geteuid() != 0:
        return {}
    account = next(pwd.getpwnam(name) for name in ("postgres", "nobody") if _exists(name))
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def postgres_server(*, is_durable: bool = False) -> Iterator[str]:
    """A PostgreSQL server on loopback for the length of the tests; gives its address.

    A durable one waits for the disk with every commit, as an operator's does; others have no time for that.
    """
    programs = postgres_programs()
    if programs is None:
        missing("PostgreSQL")
        return
    folder = Path(tempfile.mkdtemp(prefix="workbench-pg-"))
    account = _as_nobody_special()
    if account:
        os.chown(folder, account["user"], account["group"])  # type: ignore[arg-type]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "workbench", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **account,
    )
    hurry = [] if is_durable else ["-c", "fsync=off", "-c", "synchronous_commit=off"]
    options = [
        *hurry,
        "-c",
        f"unix_socket_directories={folder}",
        "-c",
        "listen_addresses=127.0.0.1",
    ]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), *options],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **account,
    )
    try:
        url = f"postgresql+psycopg://workbench@127.0.0.1:{port}"
        _wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str) -> None:
    import time

    for _ in range(100):
        try:
            engine = create_engine(f"{url}/postgres")
            with engine.connect() as connection:
                connection.execute(text("select 1"))
            engine.dispose()
            return
        except Exception:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")


@contextmanager
def fresh_postgres(server: str, template: str = "template1") -> Iterator[str]:
    """An empty database (or a copy of a template) that is dropped afterwards."""
    name = f"w{uuid.uuid4().hex[:12]}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name} template {template}"))
    try:
        yield f"{server}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"drop database if exists {name} with (force)"))
        admin.dispose()


_EMPTY = """
do $$
declare one text; held boolean;
begin
  perform pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
  set local session_replication_role = replica;
  for one in select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'
  loop
    execute 'select exists (select from ' || one || ')' into held;
    if held then execute 'delete from ' || one; end if;
  end loop;
  for one in select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename like 'huey%%'
  loop
    execute 'drop table ' || one || ' cascade';
  end loop;
  perform setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where last_value is not null;
end $$
"""


def empty(house: Engine) -> None:
    """Take every row out of a house and let its numbers begin anew: ten times as fast as a copy of the template."""
    with house.begin() as connection:
        connection.execute(text(_EMPTY))

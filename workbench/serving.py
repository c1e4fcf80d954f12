"""Serving the house: the web server in this process, the worker in a child process that ends with it."""

import gc
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click
from waitress import create_server

from workbench import db
from workbench.accounts.queries import is_empty_house
from workbench.accounts.service import first_link
from workbench.app import create_app, create_worker
from workbench.errors import NotAllowed
from workbench.files.stores import FolderStore, open_store
from workbench.resources import database_url, home
from workbench.words import _

log = logging.getLogger(__name__)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
Announce = Callable[[str], None]


class NotSafe(NotAllowed):
    """Passwords and votes do not travel over a network unprotected."""

    hint = "Put a proxy with TLS before the workbench and set WORKBENCH_BEHIND_PROXY=true, or serve on 127.0.0.1."


def serve(
    home: Path, url: str, host: str = "127.0.0.1", port: int = 0, *, worker: bool = True, announce: Announce
) -> None:
    """Serve until stopped; `announce` hears the address once it is listening. Port 0 takes a free one."""
    app = create_app(home, url)
    if host not in LOOPBACK and not app.config["BEHIND_PROXY"]:
        raise NotSafe(_("Listening on %(host)s without TLS would show passwords to the network.", host=host))
    server = create_server(app, host=host, port=port, threads=8, max_request_body_size=app.config["MAX_CONTENT_LENGTH"])
    helper = _Child(home, url) if worker else None
    collect_seldom()
    take_turns_often()
    try:
        announce(f"http://{host}:{server.effective_port}/")
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        if helper:
            helper.stop()


def collect_seldom() -> None:
    """Let the garbage collector pass over what is there from the start, and look at the rest less often.

    A page about nine thousand records makes some fifty thousand small rows that all die with it. With Python's own
    settings the collector walks the whole program in the middle of that, which doubles the time of the page; and of a
    search for duplicates, which makes some hundred thousand.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def take_turns_often() -> None:
    """Let the threads that answer take turns ten times as often as Python's own 5 ms.

    A vote asks the database some thirty times, and after each answer it waits for its turn again: beside one long page
    that was up to 5 ms every time.
    """
    sys.setswitchinterval(0.0005)


class _Child:
    """The worker's process; started again when it dies."""

    def __init__(self, home: Path, url: str) -> None:
        self._environment = {**os.environ, "WORKBENCH_HOME": str(home), "WORKBENCH_DATABASE_URL": url}
        self._stopping = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "workbench", "worker", "--until-parent-ends"]
        return subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL)

    def _watch(self) -> None:
        while not self._stopping.wait(1.0):
            if self._process.poll() is not None and not self._stopping.is_set():
                log.warning("the worker ended, starting it again")
                time.sleep(1.0)
                self._process = self._start()

    def stop(self) -> None:
        """End the worker; what it was doing goes on at the next start."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--no-worker", is_flag=True, help="Do not start the worker; one runs elsewhere.")
def serve_command(host: str, port: int, no_worker: bool) -> None:
    """Serve the workbench to browsers."""
    folder, url = _ready()
    serve(folder, url, host, port, worker=not no_worker, announce=lambda address: _greet(url, address))


@click.command("worker")
@click.option("--until-parent-ends", is_flag=True, hidden=True)
def worker_command(until_parent_ends: bool) -> None:
    """Do long work: imports, the search for duplicates. `serve` starts one by itself."""
    folder, url = _ready()
    if until_parent_ends:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    worker = create_worker(folder, url)
    collect_seldom()
    worker.consume(url, folder)


@click.group("db")
def db_commands() -> None:
    """The database of this installation."""


@db_commands.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the newest schema; twice changes nothing."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    db.upgrade(database_url(folder))
    click.echo(_("The database in %(folder)s is ready.", folder=folder))


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(target: Path) -> None:
    """Write a whole copy of the SQLite database to TARGET, while people go on working."""
    import sqlite3

    sessions, _folder = db.house()
    if not sessions.is_sqlite:
        raise NotSafe(_("This database is PostgreSQL."), _("Use pg_dump; the operator's page of the manual shows how."))
    with sqlite3.connect(sessions.engine.url.database or "") as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    click.echo(_("Copied to %(target)s. Keep the folder “files” beside it too.", target=target))


@click.command("doctor")
def doctor_command() -> None:
    """Look whether this installation is whole: database, schema, files."""
    sessions, folder = db.house()
    with sessions.engine.connect() as connection:
        kind = connection.dialect.name
    click.echo(_("Home: %(folder)s", folder=folder))
    click.echo(_("Database: %(kind)s, schema up to date", kind=kind))
    store = open_store(folder)
    if isinstance(store, FolderStore):
        click.echo(_("Files: %(n)s", n=sum(1 for path in store.folder.glob("*/*"))))
    else:
        with suppress(FileNotFoundError):
            store.size("0" * 64)
        click.echo(_("Files: in the store at %(url)s, which answers", url=os.environ["WORKBENCH_FILES_URL"]))


def _ready() -> tuple[Path, str]:
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    url = database_url(folder)
    if urlsplit(url).scheme.startswith("sqlite"):
        db.upgrade(url)
    db.house()
    return folder, url


def _greet(url: str, address: str) -> None:
    click.echo(_("The workbench listens on %(address)s", address=address))
    sessions = db.open_sessions(url)
    with sessions.write.begin() as session:
        if is_empty_house(session):
            link = f"{address}welcome/{first_link(session)}"
            click.echo(_("Nobody can sign in yet. Open this link once to make the first account:"))
            click.echo(link)
    sessions.engine.dispose()
    click.echo(_("Stop with Ctrl+C."), err=True)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, so that a killed server leaves no worker behind."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(0)

"""The home of the demonstration: made ready, kept apart from real reviews, emptied when it is to start over."""

import shutil
from pathlib import Path

from sqlalchemy import inspect, text

from workbench import db
from workbench.db import Sessions, open_sessions
from workbench.demo.building import SLUG
from workbench.errors import Clash
from workbench.tables import metadata
from workbench.words import _

DATABASE = "workbench.sqlite"


class OtherReviews(Clash):
    """The demonstration's passphrase is known to everybody, so it does not move in with reviews of others."""

    hint = "Leave WORKBENCH_HOME and WORKBENCH_DATABASE_URL unset, or point them to an empty place."


class NotAHome(Clash):
    """Starting over deletes a home of the demonstration, and no other folder."""

    hint = "Point WORKBENCH_HOME to an empty folder, or to the home of an earlier demonstration."


def open_home(home: Path, url: str) -> Sessions:
    """Make the home ready with its database at the newest schema, and open it.

    Raises:
        OtherReviews: somebody works there already.
    """
    home.mkdir(parents=True, exist_ok=True)
    sessions = open_sessions(url)
    _refuse_other_reviews(sessions)
    db.upgrade(url)
    return sessions


def start_over(home: Path, url: str) -> None:
    """Take away what an earlier demonstration left: its tables, then its home.

    Raises:
        NotAHome: the folder holds other things.
        OtherReviews: somebody works there.
    """
    if home.exists() and any(home.iterdir()) and not _is_home(home):
        raise NotAHome(_("%(folder)s does not look like a home of the workbench.", folder=home))
    if not url.startswith("sqlite") or Path(url.partition("///")[2]).exists():
        sessions = open_sessions(url)
        _refuse_other_reviews(sessions)
        _drop_tables(sessions)
        sessions.engine.dispose()
    if home.exists():
        shutil.rmtree(home)


def _is_home(home: Path) -> bool:
    """A home holds its database, or where that lies elsewhere the secret by which it signs."""
    return (home / DATABASE).exists() or (home / "secret-key").exists()


def _drop_tables(sessions: Sessions) -> None:
    with sessions.engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("drop table if exists alembic_version"))


def _refuse_other_reviews(sessions: Sessions) -> None:
    """Look for reviews and people that the demonstration did not make."""
    if not inspect(sessions.engine).has_table("review"):
        return
    with sessions.engine.connect() as connection:
        slugs = set(connection.scalars(text("select slug from review")))
        people = connection.scalar(text('select count(*) from "user"')) or 0
    if slugs - {SLUG} or (people and not slugs):
        raise OtherReviews(_("There are reviews or accounts of others in this house."))

"""One session a request: reading for GET, writing for all else; the face commits, nobody below it does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from workbench.db import Sessions

_one_writer = threading.RLock()
"""On SQLite one process writes one request at a time; waiting here is fairer than waiting for the file's lock."""


def sessions() -> Sessions:
    """The database of this application."""
    found: Sessions = current_app.extensions["workbench.sessions"]
    return found


def current_session() -> Session:
    """The one session of this request; whoever asks first opens it."""
    if "session" not in g:
        g.session = _open()
    session: Session = g.session
    return session


@contextmanager
def transaction() -> Iterator[Session]:
    """Let deeds compose in the request's session: all of them stand, or none."""
    session = current_session()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def short_write() -> Iterator[Session]:
    """A write of its own beside a page that only reads, such as holding a place in the queue."""
    with _writers_turn(), sessions().write.begin() as session:
        yield session


def close_session(_error: BaseException | None = None) -> None:
    """Give the request's session back."""
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()
    if g.pop("holds_the_pen", False):
        _one_writer.release()


def init_app(app: Flask, found: Sessions) -> None:
    """Tie the database to the application."""
    app.extensions["workbench.sessions"] = found
    app.teardown_appcontext(close_session)


def _open() -> Session:
    if request.method in {"GET", "HEAD"} and request.blueprint != "security":
        return sessions().read()
    if sessions().is_sqlite:
        _one_writer.acquire()
        g.holds_the_pen = True
    return sessions().write()


@contextmanager
def _writers_turn() -> Iterator[None]:
    if not sessions().is_sqlite:
        yield
        return
    with _one_writer:
        yield

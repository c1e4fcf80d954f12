"""One session a request: reading for GET (and where a route says so), else writing; the face commits, nobody below."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from workbench.db import Sessions

View = TypeVar("View", bound=Callable[..., Any])

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


def reads(view: View) -> View:
    """Give this route a reading session although it is sent for; what little it writes is a short write beside it.

    So its long part, the reading and the page, waits for nobody who writes, and nobody who writes waits for it.
    """
    view.reads = True  # type: ignore[attr-defined]
    return view


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
    if _only_reads():
        return sessions().read()
    if sessions().is_sqlite:
        _one_writer.acquire()
        g.holds_the_pen = True
    return sessions().write()


def _only_reads() -> bool:
    if request.method in {"GET", "HEAD"}:
        return request.blueprint != "security"
    return getattr(current_app.view_functions.get(request.endpoint or ""), "reads", False)


@contextmanager
def _writers_turn() -> Iterator[None]:
    if not sessions().is_sqlite:
        yield
        return
    with _one_writer:
        yield

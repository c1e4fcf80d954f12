"""Who acts on the command line, at which stage, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from workbench.errors import Clash
from workbench.reviews.rules import Stage
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.reviews.models import Member

STAGE = click.Choice([stage.value for stage in Stage])
USER = click.option("--user", required=True, metavar="EMAIL", help="Who does it: an address of a member.")


@contextmanager
def acting(review: str, email: str) -> "Iterator[tuple[Session, Member]]":
    """One transaction of one member: all of it stands, or nothing."""
    from sqlalchemy.exc import IntegrityError

    from workbench.db import house
    from workbench.reviews.queries import member_by_email

    sessions, _folder = house()
    try:
        with sessions.write.begin() as session:
            yield session, member_by_email(session, review, email)
    except IntegrityError as error:
        raise Clash(_("This was just done already, by you or by somebody else.")) from error


@contextmanager
def looking(review: str, email: str) -> "Iterator[tuple[Session, Member]]":
    """What one member may read; nothing is written."""
    from workbench.db import house
    from workbench.reviews.queries import member_by_email

    sessions, _folder = house()
    with sessions.read() as session:
        yield session, member_by_email(session, review, email)

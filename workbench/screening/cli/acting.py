"""What the commands of screening share: who acts, at which stage, in one transaction, and how an answer is printed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from workbench.errors import Clash
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.rules import Design, Verdict
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.reviews.models import Member

STAGE = click.Choice([stage.value for stage in Stage])
USER = click.option("--user", required=True, metavar="EMAIL", help="Who does it: an address of a member.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print it as the JSON API gives it.")
KEY = click.option("--key", help="One of your own for this deed: sent twice, it is done once.")
REASON = click.option("--reason", metavar="CODE", help="The exclusion reason's id in the protocol.")
QUESTION = click.option("--question", "questions", multiple=True, metavar="CODE", help="A question it answers.")
DESIGN = click.option("--design", type=click.Choice([design.value for design in Design]), help="The kind of report.")
VERDICT = click.Choice([verdict.value.split()[0] for verdict in Verdict])


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
def looking(review: str, email: str, deed: Deed = Deed.LOOK) -> "Iterator[tuple[Session, Member]]":
    """What one member may read, where their role allows the deed; nothing is written."""
    from workbench.db import house
    from workbench.reviews.queries import member_by_email

    sessions, _folder = house()
    with sessions.read() as session:
        member = member_by_email(session, review, email)
        allowed(member.roles, deed)
        yield session, member


def tell(found: object, rows: Sequence[str], *, as_json: bool) -> None:
    """Print what was found: as JSON, or a line for each."""
    from workbench.web.api import plain

    if as_json or rows:
        click.echo(json.dumps(plain(found), ensure_ascii=False, indent=1) if as_json else "\n".join(rows))


def one_line(text: str | None) -> str:
    """A text without its line ends and tabs, so that a list keeps one line for each."""
    return " ".join((text or "").split())


def reason_id(session: "Session", member: "Member", stage: Stage, code: str | None) -> int | None:
    """The id of the exclusion reason of this code; None where none is named."""
    from workbench.screening.queries import reasons

    return reasons.reason_id(session, member.review_id, stage, code)


def verdict_of(word: str) -> Verdict:
    """The verdict that a word begins."""
    return next(one for one in Verdict if one.value.startswith(word))

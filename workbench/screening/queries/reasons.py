"""Exclusion reasons by their code in the protocol, as programs and the command line name them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.reviews.models import ExclusionReason
from workbench.reviews.queries import reasons
from workbench.reviews.rules import Stage
from workbench.words import _


class NoSuchReason(NotFound):
    """An exclusion reason is named by its id in the protocol."""


def reason_id(session: Session, review_id: int, stage: Stage, code: str | None) -> int | None:
    """The reason of this code that is in force at the stage; None where none is named."""
    if code is None:
        return None
    known = {reason.code: reason.id for reason in reasons(session, review_id, stage)}
    if code not in known:
        hint = _("They are: %(known)s", known=", ".join(known))
        raise NoSuchReason(_("There is no reason “%(code)s” at this stage.", code=code[:80]), hint)
    return known[code]


def reason_codes(session: Session, review_id: int) -> dict[int, str]:
    """Every reason the review ever had: its code by its id."""
    wanted = select(ExclusionReason.id, ExclusionReason.code).where(ExclusionReason.review_id == review_id)
    return {row.id: row.code for row in session.execute(wanted)}

"""The trail: every deed in plain words, as far as the reader may see it, and whether its chain holds."""

from flask import render_template, request

from workbench.audit import queries as audit
from workbench.reporting.queries import trail as queries
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.transactions import current_session
from workbench.words import _


@door(Deed.READ_TRAIL)
def trail(slug: str) -> str:
    """Show one page of the trail, newest first."""
    return _page(None)


@door(Deed.READ_TRAIL)
def verify_trail(slug: str) -> str:
    """Read the whole chain and say whether it holds."""
    broken = audit.broken_at(current_session(), asking_member().review_id)
    return _page(_("The chain holds.") if broken is None else _("The chain breaks at entry %(n)s.", n=broken))


def _page(verdict: str | None) -> str:
    session, member = current_session(), asking_member()
    lines = queries.trail(session, member, request.args.get("before", type=int))
    return render_template(
        "reporting/trail.html", lines=lines, verdict=verdict, length=queries.length(session, member.review_id),
        earlier=lines[-1].position if lines and lines[-1].position > 1 else None,
    )  # fmt: skip

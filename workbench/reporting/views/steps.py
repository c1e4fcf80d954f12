"""The steps of a review in order, each with its figure and what is open there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from workbench.reporting.queries import Counted
from workbench.reporting.rules import is_draft, unknown_keys
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.words import _, several, spaced

Parts = list[tuple[int, str]]


@dataclass(frozen=True)
class Step:
    """One step of the review with its figure. `state` is done, warn (done with open points), now or next."""

    name: str
    figure: int | str
    unit: str
    url: str
    state: str
    note: str = ""
    parts: Parts = field(default_factory=list)


def steps(found: Counted, member: Member, version: int, unexplained: int, by_person: int) -> Iterator[Step]:
    """Every step of the review.

    Args:
        found: the numbers of the whole review.
        member: who asks.
        version: the version of the protocol in force.
        unexplained: how many search runs have a difference that nobody explained.
        by_person: how many of the removed records a person joined to another.
    """
    amendments = several(version - 1, _("1 amendment"), _("%(n)s amendments")) if version > 1 else ""
    at_protocol = address("protocols.protocol", member)
    yield Step(_("Protocol"), f"v{version}", _("in force"), at_protocol, "done", amendments)
    yield _searches(found, member, unexplained)
    yield _duplicates(found, member, by_person)
    yield _titles(found, member)
    yield _retrieval(found, member)
    yield _full_texts(found, member)
    yield _included(found, member)
    yield _diagram(found, member)


def address(endpoint: str, member: Member, **values: Any) -> str:
    """Where a page of the member's review is."""
    return url_for(endpoint, slug=member.review.slug, **values)


def _searches(found: Counted, member: Member, unexplained: int) -> Step:
    n = found.both("identified")
    runs = several(unexplained, _("1 run has an unexplained difference"), _("%(n)s runs have unexplained differences"))
    state = "warn" if unexplained else "done" if n else "now"
    url = address("records.searches", member)
    return Step(_("Searches"), n, _("records"), url, state, runs if unexplained else "")


def _duplicates(found: Counted, member: Member, by_person: int) -> Step:
    n, waiting = found.both("duplicates"), found.n("duplicates_waiting")
    pairs = several(waiting, _("1 pair to decide"), _("%(n)s pairs to decide"))
    state = "warn" if waiting else "done" if found.scope.arrivals else "next"
    url = address("deduplication.pairs", member)
    unit = _("removed, %(n)s by a person", n=spaced(by_person)) if by_person else _("removed")
    return Step(_("Duplicates"), n, unit, url, state, pairs if waiting else "")


def _titles(found: Counted, member: Member) -> Step:
    n, undecided = found.both("screened"), found.both("undecided")
    parts = [(found.both("sought"), "include"), (found.both("excluded"), "exclude"), (undecided, "open")]
    url = address("stages.stage", member, stage=Stage.TITLE_ABSTRACT.value)
    return _worked_on(_("Title and abstract"), n, _("records"), url, undecided, parts)


def _retrieval(found: Counted, member: Member) -> Step:
    n, awaited = found.both("sought"), found.both("awaited")
    parts = [(found.both("assessed"), "include"), (found.both("missing"), "exclude"), (awaited, "open")]
    return _worked_on(_("Full texts"), n, _("reports sought"), address("retrieval.reports", member), awaited, parts)


def _full_texts(found: Counted, member: Member) -> Step:
    n, unread = found.both("assessed"), found.both("open")
    parts = [(found.n("new_reports"), "include"), (found.both("reasons"), "exclude"),
             (found.n("awaiting_classification"), "unclear"), (unread, "open")]  # fmt: skip
    url = address("stages.stage", member, stage=Stage.FULL_TEXT.value)
    return _worked_on(_("Full-text screening"), n, _("reports"), url, unread, parts)


def _worked_on(name: str, n: int, unit: str, url: str, undecided: int, parts: Parts) -> Step:
    """A step whose items are decided one by one; parts at 0 are not drawn."""
    state = "next" if not n else "now" if undecided else "done"
    note = _("%(n)s open", n=undecided) if undecided else ""
    return Step(name, n, unit, url, state, note, [part for part in parts if part[0]])


def _included(found: Counted, member: Member) -> Step:
    n, waiting = found.n("new_studies"), found.n("awaiting_classification")
    note = _("%(n)s awaiting classification", n=waiting) if waiting else ""
    reports = several(found.n("new_reports"), _("study, 1 report"), _("studies, %(n)s reports"))
    unit = reports if n else _("studies")
    return Step(_("Included"), n, unit, address("studies.index", member), "now" if n else "next", note)


def _diagram(found: Counted, member: Member) -> Step:
    url = address("reporting.prisma", member)
    if not is_draft(found.flow):
        return Step(_("PRISMA"), _("final"), "", url, "done")
    n = len(found.flow.open_numbers) + len(unknown_keys(found.flow))
    note = several(n, _("1 number is open"), _("%(n)s numbers are open"))
    return Step(_("PRISMA"), _("draft"), "", url, "next", note)

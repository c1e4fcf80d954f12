"""The records behind one number of the diagram, each with why it stands there (R18)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, Text, cast, or_, select
from sqlalchemy.orm import Session, load_only

from workbench.accounts.models import User
from workbench.deduplication.models import Duplicate
from workbench.deduplication.rules.evidence import speaking_of
from workbench.protocols.models import SearchRun
from workbench.records.models import Record
from workbench.reporting.queries.boxes import FIRST, OTHER, PER_SOURCE, NoSuchBox, keys
from workbench.reporting.queries.counts import ASKED, reason_labels
from workbench.reporting.queries.places import Place, places
from workbench.reporting.queries.scope import Scope
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Removal, Settlement
from workbench.screening.queries.outcomes import kept_id
from workbench.screening.queries.reports import where_found
from workbench.screening.rules import Found, Outcome, Path
from workbench.words import _

BOXES = frozenset({*ASKED, FIRST.identified, OTHER.identified, "removed", "included", "not_counted",
                   FIRST.reasons, OTHER.reasons} - {"duplicates_waiting"})  # fmt: skip
"""Names of numbers and boxes that lead to records."""
LISTED = tuple(f"{name}:" for name in (*PER_SOURCE.values(), FIRST.reasons, OTHER.reasons))
"""How numbers begin that are told apart by source or reason: `dbr_excluded:Wrong population`."""
AT_ONCE = 1000
"""How many ids go into one question to the database."""
SHOWN = (Record.title, Record.authors, Record.year, Record.journal, Record.doi, Record.pmid)


@dataclass(frozen=True, slots=True)
class Behind:
    """One record behind a number, before anything is said about it."""

    record_id: int
    kept_id: int
    place: Place
    run: SearchRun


@dataclass(frozen=True, slots=True)
class Entry:
    """One record behind a number: what it is, which run it came from, and why it stands there.

    `report_id` is the kept record of its report, whose page tells the votes.
    """

    record: Record
    report_id: int
    run: SearchRun
    why: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """What is known of some records beyond where they stand, by record."""

    duplicates: Mapping[int, tuple[int, str, str | None]]
    removals: Mapping[int, tuple[str, str]]
    paths: Mapping[tuple[int, Stage], Path]
    notes: Mapping[int, str | None]
    labels: Mapping[int, str]


def box(session: Session, review_id: int, key: str, scope: Scope, text: str = "") -> list[Behind]:
    """The records behind one number of a diagram, as they arrived; those that hold a text, where one is given.

    Raises:
        NoSuchBox: no number of the diagram has this name.
    """
    if key not in BOXES and not key.startswith(LISTED):
        raise NoSuchBox(_("The diagram has no box “%(key)s”.", key=key))
    labels = reason_labels(session, review_id)
    among = set(session.scalars(_holding(scope, text.strip()))) if text.strip() else None
    found = (
        Behind(record_id, kept, place, scope.arrivals[place.import_id])
        for record_id, kept, place in places(session, review_id, scope)
        if among is None or record_id in among
    )
    chosen = [one for one in found if key in keys(one.place, one.run, labels, scope.question)]
    return sorted(chosen, key=lambda one: one.record_id)


def describe(session: Session, review_id: int, behind: Sequence[Behind]) -> Iterator[Entry]:
    """Say of each record what it is and why it stands where it does; as many statements for one as for a page."""
    labels = reason_labels(session, review_id)
    for start in range(0, len(behind), AT_ONCE):
        some = behind[start : start + AT_ONCE]
        reasons = _reasons(session, review_id, some, labels)
        wanted = select(Record).where(Record.id.in_([one.record_id for one in some])).options(load_only(*SHOWN))
        records = {record.id: record for record in session.scalars(wanted)}
        for one in some:
            yield Entry(records[one.record_id], one.kept_id, one.run, _why(one, reasons))


def _holding(scope: Scope, text: str) -> Select[int]:
    """Records whose title, journal, DOI, PMID or authors hold this text; authors are JSON, escaped beyond ASCII."""
    columns = (Record.title, Record.journal, Record.doi)
    authors = cast(Record.authors, Text).icontains(json.dumps(text)[1:-1], autoescape=True)
    said = or_(*(column.icontains(text, autoescape=True) for column in columns), authors, Record.pmid == text)
    return select(Record.id).where(Record.import_id.in_(scope.arrivals), said)


def _reasons(session: Session, review_id: int, some: Sequence[Behind], labels: Mapping[int, str]) -> Reasons:
    """Ask for the reasons of some records, with one statement for each kind."""
    follow = [one.record_id for one in some if not one.place.leads]
    lead = [one.kept_id for one in some if one.place.leads]
    return Reasons(
        duplicates={row.record_id: _joined(row) for row in session.execute(_duplicates(follow))},
        removals={row[0]: (row[1], row[2]) for row in session.execute(_removals(lead))},
        paths={(row[0], row[1]): row[2] for row in session.execute(_paths(lead))},
        notes={kept: last.note for kept, last in where_found(session, review_id).items()},
        labels=labels,
    )


def _duplicates(record_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    pair = (Duplicate.low_id, Duplicate.high_id)
    wanted = select(Duplicate.record_id, Duplicate.kept_id, *pair, Duplicate.reason, User.name)
    wanted = wanted.outerjoin(Member, Member.id == Duplicate.decided_by).outerjoin(User, User.id == Member.user_id)
    return wanted.where(Duplicate.record_id.in_(record_ids))


def _joined(row: Row[Any]) -> tuple[int, str, str | None]:
    reason = speaking_of(row.reason, (row.low_id, row.high_id), (row.record_id, row.kept_id))
    return row.kept_id, reason, row.name


def _removals(record_ids: Sequence[int]) -> Select[int, str, str]:
    wanted = select(Removal.record_id, Removal.rule, User.name)
    wanted = wanted.join(Member, Member.id == Removal.member_id).join(User, User.id == Member.user_id)
    return wanted.where(Removal.record_id.in_(record_ids))


def _paths(record_ids: Sequence[int]) -> Select[int, Stage, Path]:
    kept = kept_id(Settlement.record_id)
    wanted = select(kept, Settlement.stage, Settlement.path).order_by(Settlement.id)
    return wanted.outerjoin(Duplicate, Duplicate.record_id == Settlement.record_id).where(kept.in_(record_ids))


def _why(one: Behind, reasons: Reasons) -> str:
    """Say in one sentence where a record stands, and by what."""
    place = one.place
    if not place.leads:
        return _why_not_first(one, reasons)
    if place.by_automation is not None:
        rule, person = reasons.removals[one.kept_id]
        means = _("by an automation tool") if place.by_automation else _("outside the limits")
        return _("Removed before screening %(means)s: rule “%(rule)s”, accepted by %(person)s",
                 means=means, rule=rule, person=person)  # fmt: skip
    if place.title_abstract is not Outcome.INCLUDED:
        return _at_title_abstract(place, reasons.paths.get((one.kept_id, Stage.TITLE_ABSTRACT)))
    if place.found is not Found.RETRIEVED:
        return _on_its_way(place.found, reasons.notes.get(one.kept_id))
    return _at_full_text(place, reasons.labels, reasons.paths.get((one.kept_id, Stage.FULL_TEXT)))


def _why_not_first(one: Behind, reasons: Reasons) -> str:
    """A record that does not lead its report here: it stands under another, or its report flows from elsewhere."""
    if one.record_id not in reasons.duplicates:
        return _("Same report as another record, from a database or register, which counts instead")
    kept, reason, person = reasons.duplicates[one.record_id]
    if person:
        return _("Same report as record %(id)s, decided by %(person)s", id=kept, person=person)
    return _("Same report as record %(id)s: %(reason)s", id=kept, reason=reason)


def _at_title_abstract(place: Place, path: Path | None) -> str:
    if place.title_abstract is Outcome.EXCLUDED:
        return _("Excluded at title and abstract, %(path)s", path=_by(path))
    if place.title_abstract is Outcome.CONFLICT:
        return _("In conflict at title and abstract")
    return _("Waits for votes at title and abstract")


def _on_its_way(found: Found | None, note: str | None) -> str:
    said = {
        Found.NOT_RETRIEVED: _("Not retrieved"),
        Found.TRIED: _("Full text looked for without success so far"),
        Found.REQUESTED: _("Full text requested"),
        Found.NEEDS_TRANSLATION: _("Full text needs translation"),
    }
    words = said[found] if found in said else _("Full text not looked for yet")
    return f"{words}: {note}" if note else words


def _at_full_text(place: Place, labels: Mapping[int, str], path: Path | None) -> str:
    match place.full_text:
        case Outcome.EXCLUDED:
            reason = labels.get(place.reason_id or 0, "")
            return _("Excluded at full text: %(reason)s, %(path)s", reason=reason, path=_by(path))
        case Outcome.INCLUDED:
            named = ", ".join(place.questions.split())
            return _("Included for %(questions)s, %(path)s", questions=named, path=_by(path))
        case Outcome.AWAITING:
            return _("Awaiting classification, %(path)s", path=_by(path))
        case Outcome.CONFLICT:
            return _("In conflict at full text")
    return _("Full text waits for votes")


def _by(path: Path | None) -> str:
    """Say how an outcome came about."""
    words = {Path.CONSENSUS: _("by consensus"), Path.ADJUDICATION: _("by adjudication"), None: _("as voted")}
    return words[path]

"""Deeds on studies: gather, split, merge, name, undo; what people say of pairs, ongoing studies and late changes."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import Event, text_hash
from workbench.db import now
from workbench.deduplication.queries import cluster_of, in_order
from workbench.errors import Clash, Invalid
from workbench.records.rules.identifiers import registry_ids as numbers_in
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.screening.queries.reports import is_sought
from workbench.screening.rules import Outcome
from workbench.studies import queries
from workbench.studies.events import (
    DeedUndone,
    NoticeLookedAt,
    OngoingSaid,
    PairSaid,
    PrimaryNamed,
    ReportsGathered,
    ReportsSplit,
    StudiesMerged,
    StudyNamed,
)
from workbench.studies.models import (
    Fact,
    NoticeSeen,
    OngoingReport,
    PrimaryReport,
    Study,
    StudyAnswer,
    StudyDeed,
    StudyName,
    StudyReport,
)
from workbench.studies.queries import Entry, NoSuchStudy, Report
from workbench.studies.queries.history import begun_by, deed_of, ended_by, exists, overtaken, undone
from workbench.studies.rules import LONGEST_LABEL, DeedKind, PairAnswer
from workbench.words import _

MOST_NUMBERS = 20
LONGEST_NOTE = 4000


class NothingChosen(Invalid):
    """Reports are gathered or taken out by naming at least one."""

    hint = "Tick the reports, then try again."


class NotAReport(Clash):
    """A study is made of reports: records that title and abstract screening included."""

    hint = "Only reports that are sought can be gathered; the list of full texts names them."


class InTwoStudies(Clash):
    """A report stands in at most one study at a time."""

    hint = "Merge the two studies, or take a report out of one first."


class NotInStudy(Clash):
    """Only a report that stands in the study can be taken out of it or be its primary one."""

    hint = "Open the study again to see what stands in it now."


class StudyWouldBeEmpty(Clash):
    """A study keeps at least one report."""

    hint = "Leave one report in it."


class OneStudy(Clash):
    """Two different studies are merged, or called different."""


class BadName(Invalid):
    """A study's name is one line of at most 120 characters, its numbers are known by their register."""


class AlreadyUndone(Clash):
    """A deed is undone once, and while nothing that came later stands upon it."""

    hint = "Undo the later deed first; the study's trail shows it."


class NotAwaiting(Clash):
    """Only a report that awaits classification can be of a study still under way."""

    hint = "Settle the report as awaiting classification first."


def gather(session: Session, member: Member, record_ids: Iterable[int], *, primary_id: int | None = None) -> Study:
    """Gather reports into one study: that in which some of them stand already, or else a new one.

    Doing it twice changes nothing. A new study gets its primary report: the one that is named, else its first.

    Raises:
        NothingChosen: no report is named.
        NotAReport, NoSuchRecord: one of them is no report of this review.
        InTwoStudies: they stand in different studies.
    """
    allowed(member.roles, Deed.GATHER)
    kept = _reports(session, member, record_ids)
    of = queries.studies_of(session, member.review_id)
    here = {of[one] for one in kept if one in of}
    if len(here) > 1:
        raise InTwoStudies(_("These reports stand in %(n)s studies.", n=len(here)))
    joining = [one for one in kept if one not in of]
    if not joining:
        return session.get_one(Study, here.pop())
    primary = _kept(session, member, primary_id) if primary_id else None
    if primary is not None and primary not in kept:
        raise NotInStudy(_("Record %(id)s is not among the reports that are gathered.", id=primary_id))
    deed = _deed(session, member, DeedKind.GATHER)
    is_new = not here
    study = _begin(session, member, deed) if is_new else session.get_one(Study, here.pop())
    _join(session, study.id, joining, deed)
    if is_new:
        _name_primary(session, study.id, primary, deed)
    return _told(session, member, study, ReportsGathered(study.id, joining, deed.id))


def split(session: Session, member: Member, study_id: int, record_ids: Iterable[int]) -> Study | None:
    """Take reports out of a study; one stands alone again, several are a new study together, which is given back.

    Raises:
        NothingChosen: no report is named.
        NotInStudy: one of them does not stand in the study.
        StudyWouldBeEmpty: none would be left in it.
    """
    allowed(member.roles, Deed.GATHER)
    within = _within(session, member, study_id)
    leaving = list(dict.fromkeys(_kept(session, member, one) for one in record_ids))
    if not leaving:
        raise NothingChosen(_("No report was chosen."))
    if strangers := [one for one in leaving if one not in within]:
        raise NotInStudy(_("Record %(id)s does not stand in this study.", id=strangers[0]))
    if len(leaving) == len(within):
        raise StudyWouldBeEmpty(_("All reports of the study were chosen."))
    deed = _deed(session, member, DeedKind.SPLIT)
    _end(session, [row for one in leaving for row in within[one]], deed)
    primary = _primary(session, study_id)
    if primary is not None and _kept(session, member, primary.record_id) in leaving:
        _end(session, [primary], deed)
    into = _begin(session, member, deed) if len(leaving) > 1 else None
    if into is not None:
        _join(session, into.id, leaving, deed)
        _name_primary(session, into.id, None, deed)
    _audit(session, member, ReportsSplit(study_id, into.id if into else None, leaving, deed.id))
    return into


def merge(session: Session, member: Member, into_id: int, from_id: int) -> Study:
    """Let all reports of one study stand in another, which keeps its name and its primary report.

    Raises:
        OneStudy: both are the same.
        NoSuchStudy: one of them holds no report.
    """
    allowed(member.roles, Deed.GATHER)
    if into_id == from_id:
        raise OneStudy(_("A study cannot be merged with itself."))
    _within(session, member, into_id)
    moving = [row for rows in _within(session, member, from_id).values() for row in rows]
    deed = _deed(session, member, DeedKind.MERGE)
    ending: list[Fact] = [*moving, *(one for one in (_primary(session, from_id), _name(session, from_id)) if one)]
    _end(session, ending, deed)
    _join(session, into_id, [row.record_id for row in moving], deed)
    if _primary(session, into_id) is None:
        _name_primary(session, into_id, None, deed)
    study = session.get_one(Study, into_id)
    return _told(session, member, study, StudiesMerged(into_id, from_id, deed.id))


def name_primary(session: Session, member: Member, study_id: int, record_id: int) -> None:
    """Name the primary report of a study; naming the same again changes nothing."""
    allowed(member.roles, Deed.GATHER)
    kept = _kept(session, member, record_id)
    if kept not in _within(session, member, study_id):
        raise NotInStudy(_("Record %(id)s does not stand in this study.", id=record_id))
    before = _primary(session, study_id)
    if before is not None and _kept(session, member, before.record_id) == kept:
        return
    deed = _deed(session, member, DeedKind.PRIMARY)
    _end(session, [before] if before else [], deed)
    _name_primary(session, study_id, kept, deed)
    _audit(session, member, PrimaryNamed(study_id, kept, deed.id))


def name(
    session: Session, member: Member, study_id: int, label: str, registry_ids: Sequence[str] = (), note: str = ""
) -> None:
    """Say what a study is called, its registration numbers and a note; saying the same again changes nothing.

    Raises:
        BadName: the label is empty or too long, or a number belongs to no register.
    """
    allowed(member.roles, Deed.GATHER)
    _within(session, member, study_id)
    label, note = " ".join(label.split()), note.replace("\x00", "").strip()
    numbers = _numbers(registry_ids)
    if not label or len(label) > LONGEST_LABEL or "\x00" in label or len(note) > LONGEST_NOTE:
        raise BadName(_("A study needs a name of 1 to %(n)s characters.", n=LONGEST_LABEL), "Such as: Klazen 2010")
    before = _name(session, study_id)
    if before is not None and (before.label, before.registry_ids, before.note) == (label, numbers, note or None):
        return
    deed = _deed(session, member, DeedKind.NAME)
    _end(session, [before] if before else [], deed)
    row = StudyName(study_id=study_id, label=label, registry_ids=numbers, note=note or None, begun_in=deed.id)
    session.add(row)
    _audit(session, member, StudyNamed(study_id, text_hash("\n".join((label, *numbers, note))), deed.id))


def undo(session: Session, member: Member, deed_id: int) -> StudyDeed:
    """Undo one deed exactly: what it began ends, what it ended stands again.

    Raises:
        NoSuchDeed: this review has no such deed.
        AlreadyUndone: it was undone before, or a later deed stands upon it.
    """
    allowed(member.roles, Deed.GATHER)
    deed = deed_of(session, member.review_id, deed_id)
    gone = undone(session, member.review_id)
    if deed.kind is DeedKind.UNDO or deed.id in gone:
        raise AlreadyUndone(_("This was undone already."), "")
    if overtaken(session, {deed.id}, gone):
        raise AlreadyUndone(_("Something was done with this study since."))
    begun, ended = begun_by(session, deed.id), ended_by(session, deed.id)
    if any(_stands_elsewhere(session, row, begun) for row in ended):
        raise AlreadyUndone(_("A report of it stands in another study by now, or it was named anew."))
    undoing = _deed(session, member, DeedKind.UNDO, deed.id)
    _end(session, [row for row in begun if row.ended_in is None], undoing)
    for row in ended:
        session.add(_again(row))
    _audit(session, member, DeedUndone(deed.id, undoing.id))
    return undoing


def are_one(session: Session, member: Member, first_id: int, second_id: int) -> Study:
    """Accept a suggestion: the two reports, with all that stands in their studies, are of one study."""
    allowed(member.roles, Deed.GATHER)
    first, second = (_kept(session, member, one) for one in (first_id, second_id))
    of = queries.studies_of(session, member.review_id)
    if first in of and second in of and of[first] != of[second]:
        return merge(session, member, *sorted((of[first], of[second])))
    return gather(session, member, [first, second])


def say(session: Session, member: Member, first_id: int, second_id: int, answer: PairAnswer) -> None:
    """Say that two reports are of different studies, or put the question off; saying it twice changes nothing.

    "Different" counts for all reports that stand with either of them now, so that their pair never comes back.

    Raises:
        OneStudy: they stand in one study.
    """
    allowed(member.roles, Deed.GATHER)
    first, second = (_with(session, member, one) for one in (first_id, second_id))
    if set(first) & set(second):
        raise OneStudy(_("These reports stand in one study."), "Take one of them out of it first.")
    if answer is PairAnswer.LATER:
        first, second = first[:1], second[:1]
    pairs = [in_order(one, other) for one in first for other in second]
    known = _standing_answers(session, pairs)
    new = [pair for pair in pairs if known.get(pair) is None or known[pair].answer is not answer]
    for pair in new:
        if pair in known:
            _withdraw(known[pair], member)
    session.flush()
    session.add_all(
        StudyAnswer(low_id=low, high_id=high, answer=answer, member_id=member.id, said_at=now()) for low, high in new
    )
    if new:
        _audit(session, member, PairSaid(answer.value, sorted(first), sorted(second), is_withdrawn=False))


def take_back(session: Session, member: Member, first_id: int, second_id: int) -> None:
    """Take back what was said of two reports and of those that stand with them: the suggestion may come again."""
    allowed(member.roles, Deed.GATHER)
    first, second = (_with(session, member, one) for one in (first_id, second_id))
    said = _standing_answers(session, [in_order(one, other) for one in first for other in second if one != other])
    for row in said.values():
        _withdraw(row, member)
    if said:
        answer = PairAnswer.DIFFERENT.value
        _audit(session, member, PairSaid(answer, sorted(first), sorted(second), is_withdrawn=True))


def say_ongoing(session: Session, member: Member, record_id: int, *, is_ongoing: bool) -> None:
    """Say that a report that awaits classification tells of a study under way, or that it no longer does.

    Raises:
        NotAwaiting: the report does not await classification.
    """
    allowed(member.roles, Deed.GATHER)
    report = _report(session, member, record_id)
    standing = session.scalars(
        select(OngoingReport).where(
            OngoingReport.record_id.in_(cluster_of(session, member.review_id, report.id)),
            OngoingReport.withdrawn_at.is_(None),
        )
    ).all()
    if is_ongoing and report.outcome is not Outcome.AWAITING:
        raise NotAwaiting(_("Record %(id)s does not await classification.", id=report.id))
    if is_ongoing == bool(standing):
        return
    for row in standing:
        row.withdrawn_by, row.withdrawn_at = member.id, now()
    if is_ongoing:
        session.add(OngoingReport(record_id=report.id, member_id=member.id, said_at=now()))
    _audit(session, member, OngoingSaid(report.id, is_withdrawn=not is_ongoing))


def look_at_notices(session: Session, member: Member, record_id: int) -> int:
    """Note that somebody looked at the late changes of a report; says how many were new."""
    allowed(member.roles, Deed.GATHER)
    report = _report(session, member, record_id)
    for one in report.unseen:
        session.add(
            NoticeSeen(record_id=report.id, kind=one.kind, source=one.source, member_id=member.id, seen_at=now())
        )
        audit.record(session, member.review_id, member.id, NoticeLookedAt(report.id, one.kind.value))
    session.flush()
    return len(report.unseen)


def _reports(session: Session, member: Member, record_ids: Iterable[int]) -> list[int]:
    """The kept records of these reports, each once; all of them sought."""
    kept = list(dict.fromkeys(_kept(session, member, one) for one in record_ids))
    if not kept:
        raise NothingChosen(_("No report was chosen."))
    for one in kept:
        if not is_sought(session, member.review_id, one):
            raise NotAReport(_("Record %(id)s is no report: it is not sought.", id=one))
    return kept


def _kept(session: Session, member: Member, record_id: int) -> int:
    """The kept record of the report in which a record of this review stands."""
    return cluster_of(session, member.review_id, record_id)[0]


def _report(session: Session, member: Member, record_id: int) -> Report:
    kept = _kept(session, member, record_id)
    entry: Entry = queries.study_of_report(session, member.review_id, kept)
    return next(one for one in entry.reports if one.id == kept)


def _with(session: Session, member: Member, record_id: int) -> list[int]:
    """A report and all that stand in its study with it, itself first."""
    kept = _reports(session, member, [record_id])[0]
    of = queries.studies_of(session, member.review_id)
    return [kept, *(one for one in sorted(of) if kept in of and of[one] == of[kept] and one != kept)]


def _deed(session: Session, member: Member, kind: DeedKind, undoes_id: int | None = None) -> StudyDeed:
    deed = StudyDeed(review_id=member.review_id, kind=kind, undoes_id=undoes_id, member_id=member.id, at=now())
    session.add(deed)
    session.flush()
    return deed


def _begin(session: Session, member: Member, deed: StudyDeed) -> Study:
    study = Study(review_id=member.review_id, begun_in=deed.id)
    session.add(study)
    session.flush()
    return study


def _join(session: Session, study_id: int, record_ids: Iterable[int], deed: StudyDeed) -> None:
    session.add_all(StudyReport(study_id=study_id, record_id=one, begun_in=deed.id) for one in record_ids)
    session.flush()


def _end(session: Session, rows: Iterable[Fact], deed: StudyDeed) -> None:
    """Let rows end, before others take their place."""
    for row in rows:
        row.ended_in = deed.id
    session.flush()


def _within(session: Session, member: Member, study_id: int) -> dict[int, list[StudyReport]]:
    """The reports that stand in a study, by the record that is kept now.

    Raises:
        NoSuchStudy: this review has no such study, or it holds nothing.
    """
    if not exists(session, member.review_id, study_id):
        raise NoSuchStudy(_("There is no study %(id)s in this review.", id=study_id))
    wanted = select(StudyReport).where(StudyReport.study_id == study_id, StudyReport.ended_in.is_(None))
    found: dict[int, list[StudyReport]] = {}
    for row in session.scalars(wanted.order_by(StudyReport.id)):
        found.setdefault(_kept(session, member, row.record_id), []).append(row)
    if not found:
        raise NoSuchStudy(_("No report stands in study %(id)s any more.", id=study_id))
    return found


def _primary(session: Session, study_id: int) -> PrimaryReport | None:
    return session.scalar(
        select(PrimaryReport).where(PrimaryReport.study_id == study_id, PrimaryReport.ended_in.is_(None))
    )


def _name(session: Session, study_id: int) -> StudyName | None:
    return session.scalar(select(StudyName).where(StudyName.study_id == study_id, StudyName.ended_in.is_(None)))


def _name_primary(session: Session, study_id: int, record_id: int | None, deed: StudyDeed) -> None:
    """Let a report be the primary one: the one named, else the oldest included article, else the oldest report."""
    if record_id is None:
        review_id = session.get_one(Study, study_id).review_id
        reports = queries.study(session, review_id, study_id).reports
        record_id = min(reports, key=_fitness).id
    session.add(PrimaryReport(study_id=study_id, record_id=record_id, begun_in=deed.id))
    session.flush()


def _fitness(report: Report) -> tuple[bool, bool, int, int]:
    told = report.told
    return report.outcome is not Outcome.INCLUDED, told.kind != "article", told.year or 9999, report.id


def _again(row: Fact) -> Fact:
    """The same fact once more, standing since the deed by which it began."""
    kind, aside = type(row), {"id", "ended_in"}
    return kind(**{one.key: getattr(row, one.key) for one in kind.__table__.columns if one.key not in aside})


def _stands_elsewhere(session: Session, row: Fact, ending: Sequence[Fact]) -> bool:
    """Whether something else took the place of a row that is to stand again, beside what ends with it."""
    table = type(row)
    same = StudyReport.record_id == row.record_id if isinstance(row, StudyReport) else table.study_id == row.study_id
    standing = session.scalars(select(table).where(same, table.ended_in.is_(None)))
    return any(one not in ending for one in standing)


def _numbers(values: Sequence[str]) -> list[str]:
    """Registration numbers in one spelling each, as typed in any number of fields or lines."""
    found: dict[str, None] = {}
    for word in (part.strip() for value in values for part in re.split(r"[\s,;]+(?=[A-Za-z])|\n", value)):
        known = list(numbers_in(word, typed=True))
        if word and not known:
            raise BadName(_("“%(number)s” is no number of a trial register.", number=word[:80]), "Such as: NCT00211211")
        found |= dict.fromkeys(known)
    if len(found) > MOST_NUMBERS:
        raise BadName(_("A study has at most %(n)s registration numbers.", n=MOST_NUMBERS))
    return list(found)


def _standing_answers(session: Session, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], StudyAnswer]:
    lows = sorted({low for low, _high in pairs})
    rows = session.scalars(select(StudyAnswer).where(StudyAnswer.low_id.in_(lows), StudyAnswer.withdrawn_at.is_(None)))
    return {(row.low_id, row.high_id): row for row in rows if (row.low_id, row.high_id) in set(pairs)}


def _withdraw(row: StudyAnswer, member: Member) -> None:
    row.withdrawn_by, row.withdrawn_at = member.id, now()


def _audit(session: Session, member: Member, event: Event) -> None:
    audit.record(session, member.review_id, member.id, event)
    session.flush()


def _told(session: Session, member: Member, study: Study, event: Event) -> Study:
    _audit(session, member, event)
    return study

"""Reading studies. What leaves this room is `studies_of`, `how_many` and `studies`.

An assessed report that was gathered into no study counts as a study of its own, so the numbers are right from the first
inclusion on. A membership stands on the record that was kept when it began; it is read by the record that is kept now.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.deduplication.queries import merged
from workbench.errors import NotFound
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Record
from workbench.reviews.models import ExclusionReason
from workbench.reviews.rules import Stage
from workbench.screening.queries.lists import judged_here
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import Standing, kept_id, standing_records
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import Design, Outcome
from workbench.studies.models import OngoingReport, PrimaryReport, Study, StudyName, StudyReport
from workbench.studies.queries.notices import Late, late
from workbench.studies.rules import State, instruments, label_of, state_of, told_apart
from workbench.words import _


class NoSuchStudy(NotFound):
    """A study is shown in its own review; a report that is not assessed and stands in none has no study yet."""

    hint = "The list of studies names every one."


@dataclass(frozen=True)
class Reason:
    """Why a report was excluded at full text."""

    label: str
    concerns_outcome_data: bool


@dataclass(frozen=True)
class Report:
    """One report of a study: what it is, and where it stands at full text; None while it is not assessed."""

    told: merged.Report
    outcome: Outcome | None
    reason: Reason | None
    questions: tuple[str, ...]
    design: Design | None
    is_ongoing: bool
    is_primary: bool
    late: Sequence[Late]

    @property
    def id(self) -> int:
        """Its kept record."""
        return self.told.id

    @property
    def unseen(self) -> list[Late]:
        """Late changes that nobody has looked at."""
        return [one for one in self.late if one.seen_at is None]


@dataclass(frozen=True)
class Entry:
    """One study: gathered by people (it has an id), or one report that stands alone.

    Its reports: the primary first, then by year; its registration numbers: those that people gave, then those its
    reports name.
    """

    study_id: int | None
    label: str
    note: str | None
    registry_ids: Sequence[str]
    reports: Sequence[Report]
    state: State
    instruments: Sequence[str]
    is_named: bool = False
    given_ids: Sequence[str] = ()
    """The registration numbers that people gave."""

    @property
    def first(self) -> Report:
        """The report that stands for the study in tables: the primary one, else the oldest."""
        return self.reports[0]

    @property
    def designs(self) -> list[Design]:
        """The settled designs of its included reports."""
        here = {one.design for one in self.reports if one.outcome is Outcome.INCLUDED}
        return [one for one in Design if one in here]

    @property
    def questions(self) -> list[str]:
        """The questions that its included reports answer."""
        return sorted({code for one in self.reports for code in one.questions if one.outcome is Outcome.INCLUDED})

    @property
    def reasons(self) -> list[str]:
        """Why its reports were excluded, each reason once."""
        return list(dict.fromkeys(one.reason.label for one in self.reports if one.reason))

    @property
    def is_excluded_for_outcome_data_alone(self) -> bool:
        """Whether nothing but reasons that concern outcome data keeps the study out (MECIR C40)."""
        said = [one.reason for one in self.reports if one.reason]
        return self.state is State.EXCLUDED and bool(said) and all(one.concerns_outcome_data for one in said)

    @property
    def late(self) -> list[tuple[Report, Late]]:
        """The late changes of all its reports."""
        return [(report, one) for report in self.reports for one in report.late]

    @property
    def n_unseen(self) -> int:
        """How many late changes wait for a look."""
        return sum(len(report.unseen) for report in self.reports)

    @property
    def is_retracted(self) -> bool:
        """Whether any of its reports was retracted."""
        return any(one.kind.value == "retraction" for _report, one in self.late)


@dataclass(frozen=True)
class _Facts:
    """What is known of the reports of a review, by kept record."""

    assessed: set[int]
    decided: Mapping[int, Standing]
    reasons: Mapping[int, Reason]
    ongoing: set[int]
    primary: set[tuple[int, int]]
    late: Mapping[int, list[Late]]
    by_design: Mapping[str, str]
    names: Mapping[int, StudyName] = field(default_factory=dict)


def studies_of(session: Session, review_id: int) -> dict[int, int]:
    """The study in which each gathered report stands, by the record that is kept now.

    Where two records that stand in different studies proved to be one report, the kept one says where it stands.
    """
    found: dict[int, int] = {}
    for kept, study_id in memberships(session, review_id):
        found.setdefault(kept, study_id)
    return found


def memberships(session: Session, review_id: int) -> list[tuple[int, int]]:
    """Every report with a study it stands in; those whose own record was gathered come first."""
    kept = kept_id(StudyReport.record_id)
    wanted = (
        select(kept, StudyReport.study_id)
        .select_from(StudyReport)
        .join(Study, Study.id == StudyReport.study_id)
        .outerjoin(Duplicate, Duplicate.record_id == StudyReport.record_id)
        .where(Study.review_id == review_id, StudyReport.ended_in.is_(None))
        .order_by(Duplicate.id.is_not(None), StudyReport.id)
    )
    return [(row[0], row[1]) for row in session.execute(wanted)]


def how_many(session: Session, review_id: int, kept_ids: Collection[int]) -> int:
    """How many studies these reports are; one in no study is one of its own (R11)."""
    of = studies_of(session, review_id)
    return len({of.get(kept, -kept) for kept in kept_ids})


def ongoing_reports(session: Session, review_id: int) -> set[int]:
    """Reports said to tell of a study under way, by kept record; it counts while they await classification."""
    wanted = (
        select(kept_id(OngoingReport.record_id))
        .select_from(OngoingReport)
        .join(Record, Record.id == OngoingReport.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == OngoingReport.record_id)
        .where(Record.review_id == review_id, OngoingReport.withdrawn_at.is_(None))
    )
    return set(session.scalars(wanted))


def studies(session: Session, review_id: int) -> list[Entry]:
    """Every study of a review, by label: those gathered, and each assessed report that stands in none."""
    of, assessed = studies_of(session, review_id), judged_here(session, review_id)
    standing = session.scalars(standing_records(review_id, only=sorted({*of, *assessed})))
    groups: dict[int, list[int]] = {}
    for kept in standing:
        groups.setdefault(of.get(kept, -kept), []).append(kept)
    facts = _facts(session, review_id, assessed, [kept for some in groups.values() for kept in some])
    told = _told(session, [kept for some in groups.values() for kept in some])
    entries = (_entry(key, [told[kept] for kept in some], facts) for key, some in groups.items())
    return _told_apart(sorted(entries, key=_place))


def study(session: Session, review_id: int, study_id: int) -> Entry:
    """One gathered study.

    Raises:
        NoSuchStudy: the review has none of this number, or all its reports left it.
    """
    for one in studies(session, review_id):
        if one.study_id == study_id:
            return one
    raise NoSuchStudy(_("There is no study %(id)s with reports in this review.", id=study_id))


def study_of_report(session: Session, review_id: int, record_id: int) -> Entry:
    """The study in which a report stands, be it alone.

    Raises:
        NoSuchStudy: the report is not assessed and was gathered into none.
    """
    for one in studies(session, review_id):
        if record_id in {report.id for report in one.reports}:
            return one
    raise NoSuchStudy(_("Record %(id)s is no report of a study in this review.", id=record_id))


def unseen_changes(session: Session, review_id: int) -> int:
    """How many late changes of assessed or gathered reports nobody has looked at."""
    reports = {*studies_of(session, review_id), *judged_here(session, review_id)}
    return sum(one.seen_at is None for some in late(session, review_id, reports).values() for one in some)


def in_state(entries: Iterable[Entry], state: State) -> list[Entry]:
    """Those of these studies that stand here."""
    return [one for one in entries if one.state is state]


def _facts(session: Session, review_id: int, assessed: set[int], kept_ids: list[int]) -> _Facts:
    rows = session.execute(
        select(ExclusionReason.id, ExclusionReason.label, ExclusionReason.concerns_outcome_data).where(
            ExclusionReason.review_id == review_id
        )
    )
    return _Facts(
        assessed,
        decided_standings(session, review_id, stage_rule(session, review_id, Stage.FULL_TEXT)),
        {row.id: Reason(row.label, row.concerns_outcome_data) for row in rows},
        ongoing_reports(session, review_id),
        _primaries(session, review_id),
        late(session, review_id, kept_ids),
        plan_in_force(session, review_id).appraisal.get("by_design") or {},
        _names(session, review_id),
    )


def _primaries(session: Session, review_id: int) -> set[tuple[int, int]]:
    """Every study with the kept record of its primary report."""
    wanted = (
        select(PrimaryReport.study_id, kept_id(PrimaryReport.record_id))
        .select_from(PrimaryReport)
        .join(Study, Study.id == PrimaryReport.study_id)
        .outerjoin(Duplicate, Duplicate.record_id == PrimaryReport.record_id)
        .where(Study.review_id == review_id, PrimaryReport.ended_in.is_(None))
    )
    return {(row[0], row[1]) for row in session.execute(wanted)}


def _names(session: Session, review_id: int) -> dict[int, StudyName]:
    wanted = select(StudyName).join(Study, Study.id == StudyName.study_id)
    rows = session.scalars(wanted.where(Study.review_id == review_id, StudyName.ended_in.is_(None)))
    return {row.study_id: row for row in rows}


def _told(session: Session, kept_ids: list[int]) -> dict[int, merged.Report]:
    records = session.scalars(select(Record).where(Record.id.in_(sorted(kept_ids))).order_by(Record.id)).all()
    return {one.id: one for one in merged.reports(session, records)}


def _entry(key: int, told: list[merged.Report], facts: _Facts) -> Entry:
    """One study of its reports; a negative key is a report that stands alone."""
    study_id = key if key > 0 else None
    reports = sorted((_report(one, key, facts) for one in told), key=_order)
    name = facts.names.get(key)
    first = reports[0].told
    included = [one.design for one in reports if one.outcome is Outcome.INCLUDED]
    n_ongoing = sum(one.is_ongoing for one in reports)
    return Entry(
        study_id=study_id,
        label=name.label if name else label_of(first.authors, first.year, first.id),
        note=name.note if name else None,
        registry_ids=_numbers(name, reports),
        reports=reports,
        state=state_of([one.outcome for one in reports], n_ongoing),
        instruments=instruments(included, facts.by_design),
        is_named=name is not None,
        given_ids=name.registry_ids if name else (),
    )


def _report(told: merged.Report, key: int, facts: _Facts) -> Report:
    standing = facts.decided.get(told.id)
    outcome = None
    if told.id in facts.assessed:
        outcome = standing.outcome if standing else Outcome.PENDING
    said = standing if standing and told.id in facts.assessed else None
    return Report(
        told=told,
        outcome=outcome,
        reason=facts.reasons.get(said.reason_id or 0) if said and outcome is Outcome.EXCLUDED else None,
        questions=said.questions if said else (),
        design=said.design if said else None,
        is_ongoing=told.id in facts.ongoing and outcome is Outcome.AWAITING,
        is_primary=(key, told.id) in facts.primary,
        late=facts.late.get(told.id, []),
    )


def _order(report: Report) -> tuple[bool, int, int]:
    return not report.is_primary, report.told.year or 9999, report.id


def _numbers(name: StudyName | None, reports: Sequence[Report]) -> list[str]:
    """Registration numbers: as people gave them, else as the reports name them."""
    if name and name.registry_ids:
        return list(name.registry_ids)
    return list(dict.fromkeys(number for one in reports for number in one.told.registry_ids))


def _place(entry: Entry) -> tuple[str, int]:
    """Alphabetical by first author and year, as tables of studies are."""
    return entry.label.casefold(), entry.first.id


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """Studies whose reports give them the same label get a letter each; a name that people gave stays as it is."""
    free = [one for one in entries if not one.is_named]
    labels = iter(told_apart([one.label for one in free]))
    return [one if one.is_named else replace(one, label=next(labels)) for one in entries]

"""Reviews made up of bare facts, and a second, slow way to count them: report by report, from the facts alone."""

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import a_duplicate, a_member, a_record, a_review, a_run, an_import, minimal_document, the_lead
from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.protocols.models import SearchRun
from workbench.records.models import Import, Record
from workbench.reviews.models import ExclusionReason, Review
from workbench.reviews.rules import FIRST_COLUMN, Lane, Stage
from workbench.screening.models import HandIn, Removal, Retrieval, SettledWith, Settlement, Vote
from workbench.screening.queries.votes import cluster
from workbench.screening.rules import (
    Ballot,
    Channel,
    Decision,
    Design,
    Found,
    HandedInBy,
    Origin,
    Outcome,
    Path,
    StageRule,
    Verdict,
    outcome,
)
from workbench.studies.models import OngoingReport, Study, StudyDeed, StudyReport
from workbench.studies.rules import DeedKind

TITLES, FULL = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
IN, OUT, UNCLEAR = Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR
_keys = itertools.count()


def three_steps(slug: str) -> dict:
    """A protocol with a step for all questions, and one for each of the two."""
    document = minimal_document(slug)
    first = document["steps"][0]
    document["steps"] = [
        first,
        first | {"id": "s2", "title": "Reviews", "questions": ["pico1"]},
        first | {"id": "s3", "title": "Guidelines", "questions": ["pico2"]},
    ]
    return document


@dataclass
class Facts:
    """A review with two voters, to which facts are added one by one."""

    session: Session
    review: Review = field(init=False)

    def __post_init__(self) -> None:
        self.review = a_review(self.session, document=three_steps("made"))
        self.voters = [the_lead(self.session, self.review), a_member(self.session, self.review)]
        wanted = (
            select(ExclusionReason.id)
            .where(ExclusionReason.review_id == self.review.id)
            .order_by(ExclusionReason.position)
        )
        self.reasons = list(self.session.scalars(wanted))

    def run(self, lane: Lane = Lane.DATABASE, name: str = "MEDLINE", step: str = "s1") -> Import:
        """An import of a new search run."""
        run = a_run(self.session, self.review, lane, source_name=name, step=step)
        return an_import(self.session, self.review, run)

    def record(self, of: Import, under: Record | None = None) -> Record:
        """A record, perhaps one that stands under another."""
        record = a_record(self.session, self.review, of=of)
        if under:
            a_duplicate(self.session, record, under)
        return record

    def removed(self, record: Record, by_automation: bool = True) -> Record:
        """Remove a report with all the records that it has by now."""
        for one in cluster(self.session, record.id):
            self.add(
                Removal(
                    record_id=one,
                    rule="year",
                    by_automation=by_automation,
                    member_id=self.voters[0].id,
                    removed_at=now(),
                )
            )
        return record

    def votes(
        self,
        record: Record,
        *decisions: Decision,
        stage: Stage = TITLES,
        reason: int = 0,
        questions: str = "pico1",
        handed_in: bool = True,
    ) -> Record:
        """Ballots of the voters in turn; at full text all name the same reason, questions and design."""
        version = self.version()
        for voter, decision in zip(self.voters, decisions, strict=False):
            whole = stage is FULL and decision is IN
            vote = Vote(
                record_id=record.id,
                reviewer_id=voter.id,
                stage=stage,
                turn=1,
                decision=decision,
                reason_id=self.reasons[reason] if stage is FULL and decision is OUT else None,
                questions=questions if whole else None,
                design=Design.OTHER if whole else None,
                origin=Origin.CAST,
                protocol_version_id=version,
                idempotency_key=f"made-{next(_keys)}",
                cast_at=now(),
            )
            self.add(vote)
            if handed_in:
                self.add(HandIn(vote_id=vote.id, how=HandedInBy.FINISH, handed_in_at=now()))
        return record

    def settled(
        self, record: Record, verdict: Verdict, stage: Stage = TITLES, reason: int = 0, questions: str = "pico1"
    ) -> Record:
        full_in, full_out = (stage is FULL and verdict is one for one in (Verdict.INCLUDED, Verdict.EXCLUDED))
        row = Settlement(
            record_id=record.id,
            stage=stage,
            verdict=verdict,
            path=Path.ADJUDICATION,
            statement="So it is.",
            reason_id=self.reasons[reason] if full_out else None,
            questions=questions if full_in else None,
            design=Design.OTHER if full_in else None,
            member_id=self.voters[0].id,
            settled_at=now(),
        )
        self.add(row)
        for other in set(cluster(self.session, record.id)) - {record.id}:
            self.add(SettledWith(settlement_id=row.id, record_id=other))
        return record

    def retrieved(self, record: Record, found: Found = Found.RETRIEVED) -> Record:
        by = {"channel": Channel.LIBRARY} if found is Found.TRIED else {}
        said = {"found": found, "note": "a note"} | by
        self.add(Retrieval(record_id=record.id, member_id=self.voters[0].id, at=now(), **said))
        return record

    def sought(self, of: Import, under: Record | None = None) -> Record:
        """A record that both include at title and abstract."""
        return self.votes(self.record(of, under), IN, IN)

    def read(self, of: Import, *decisions: Decision, **said) -> Record:
        """A report whose full text is here, with ballots on it."""
        return self.votes(self.retrieved(self.sought(of)), *decisions, stage=FULL, **said)

    def version(self) -> int:
        from workbench.protocols.models import ProtocolVersion

        return self.session.scalars(select(ProtocolVersion.id).where(ProtocolVersion.review_id == self.review.id)).one()

    def add(self, row: object) -> None:
        self.session.add(row)
        self.session.flush()


LANES = [*Lane, Lane.DATABASE, Lane.DATABASE, Lane.REGISTER]


def a_random_review(session: Session, seed: int, reports: int = 30) -> Facts:
    """A review of random clusters over lanes and steps, with random removals, votes, settlements and retrievals."""
    dice, facts = random.Random(seed), Facts(session)
    imports = [
        facts.run(lane, f"{lane.value} {n % 2}", dice.choice(["s1", "s2", "s3"])) for n, lane in enumerate(LANES)
    ]
    imports[0].taken_back_at, imports[0].taken_back_by = (
        (now(), facts.voters[0].id) if dice.random() < 0.5 else (None, None)
    )
    standing = imports[1:] if imports[0].taken_back_at else imports
    if imports[0].taken_back_at:
        facts.record(imports[0])
    second = an_import(
        session,
        facts.review,
        a_run(session, facts.review, step=dice.choice(["s2", "s3"])),
        sha256=standing[0].sha256,
        same_as_id=standing[0].id,
    )
    assert second.id
    for _report in range(reports):
        kept = facts.record(dice.choice(standing))
        cluster = [kept, *(facts.record(dice.choice(standing), kept) for _more in range(dice.choice([0, 0, 0, 1, 2])))]
        _fate(dice, facts, cluster)
    _gather(dice, facts)
    return facts


def _gather(dice: random.Random, facts: Facts) -> None:
    """Put records of every sort into studies at random, let some leave again, and call some reports ongoing."""
    records = list(facts.session.scalars(select(Record.id).where(Record.review_id == facts.review.id)))
    said = {"review_id": facts.review.id, "member_id": facts.voters[0].id, "at": now()}
    gathering, splitting = StudyDeed(kind=DeedKind.GATHER, **said), StudyDeed(kind=DeedKind.SPLIT, **said)
    facts.add(gathering)
    facts.add(splitting)
    for _study in range(len(records) // 4):
        study = Study(review_id=facts.review.id, begun_in=gathering.id)
        facts.add(study)
        for record_id in dice.sample(records, k=min(len(records), dice.choice([1, 2, 3]))):
            records.remove(record_id)
            left = splitting.id if dice.random() < 0.2 else None
            facts.add(StudyReport(study_id=study.id, record_id=record_id, begun_in=gathering.id, ended_in=left))
    for record_id in facts.session.scalars(select(Record.id).where(Record.review_id == facts.review.id)).all():
        if dice.random() < 0.3:
            facts.add(OngoingReport(record_id=record_id, member_id=facts.voters[0].id, said_at=now()))


def _fate(dice: random.Random, facts: Facts, cluster: list[Record]) -> None:
    kept = cluster[0]
    if dice.random() < 0.1:
        facts.removed(kept, dice.random() < 0.5)
    decisions = dice.choices([IN, OUT, UNCLEAR], [6, 3, 2], k=2)[: dice.choice([0, 2, 2, 2, 2, 1])]
    facts.votes(dice.choice(cluster), *decisions, handed_in=dice.random() < 0.9)
    if {IN, OUT} <= set(decisions) and dice.random() < 0.5:
        facts.settled(dice.choice(cluster), dice.choice([Verdict.INCLUDED, Verdict.EXCLUDED]))
    for found in dice.choices(list(Found), [1, 1, 1, 6, 1], k=dice.choice([0, 1, 1, 1, 2])):
        facts.retrieved(kept, found)
    said = dice.choices([IN, OUT, UNCLEAR], [5, 4, 1], k=2)[: dice.choice([0, 1, 2, 2, 2, 2, 2])]
    about = {"reason": dice.randrange(3), "questions": dice.choice(["pico1", "pico2", "pico1 pico2"])}
    facts.votes(dice.choice(cluster), *said, stage=FULL, **about)
    if len(set(said)) == 2 and dice.random() < 0.6:
        facts.settled(dice.choice(cluster), dice.choice(list(Verdict)), FULL, **about)


def recount(session: Session, review: Review, question: str | None = None, step: str | None = None) -> Counter[str]:
    """Count a review's reports one by one, from the rows alone and by the rule in Python."""
    serves = {"s1": {"pico1", "pico2"}, "s2": {"pico1"}, "s3": {"pico2"}}
    runs = {run.id: run for run in session.scalars(select(SearchRun).where(SearchRun.review_id == review.id))}
    shown = {
        one.id
        for one in runs.values()
        if step in {None, one.step} and (question is None or question in serves[one.step])
    }
    came: dict[int, SearchRun] = {}
    imports = [
        one
        for one in session.scalars(select(Import).where(Import.review_id == review.id).order_by(Import.id))
        if not one.taken_back_at
    ]
    for one in sorted(imports, key=lambda one: one.same_as_id is not None):
        if one.run_id in shown:
            came.setdefault(one.same_as_id or one.id, runs[one.run_id])
    kept_of = {one.record_id: one.kept_id for one in session.scalars(select(Duplicate))}
    clusters: dict[int, list[Record]] = {}
    for record in session.scalars(select(Record).where(Record.review_id == review.id).order_by(Record.id)):
        if record.import_id in came:
            clusters.setdefault(kept_of.get(record.id, record.id), []).append(record)
    whole: dict[int, list[int]] = {}
    for record in session.scalars(select(Record).where(Record.review_id == review.id)):
        whole.setdefault(kept_of.get(record.id, record.id), []).append(record.id)
    found: Counter[str] = Counter()
    studies: set[object] = set()
    for kept, records in clusters.items():
        before = found["new_reports"]
        _count_report(session, kept, whole[kept], [came[record.import_id].lane for record in records], question, found)
        if found["new_reports"] > before:
            studies.add(_study(session, kept, whole[kept]))
    found["new_studies"] = len(studies)
    return found


def _study(session: Session, kept: int, cluster: list[int]) -> object:
    """The study of a report: where its kept record stands, else where any of its records does, else its own."""
    standing = select(StudyReport).where(StudyReport.record_id.in_(cluster), StudyReport.ended_in.is_(None))
    rows = sorted(session.scalars(standing), key=lambda row: (row.record_id != kept, row.id))
    return rows[0].study_id if rows else f"the report of record {kept}"


def _is_ongoing(session: Session, cluster: list[int]) -> bool:
    said = select(OngoingReport).where(OngoingReport.record_id.in_(cluster), OngoingReport.withdrawn_at.is_(None))
    return session.scalars(said).first() is not None


IDENTIFIED = {
    Lane.DATABASE: "database_results",
    Lane.REGISTER: "register_results",
    Lane.WEBSITE: "website_results",
    Lane.ORGANISATION: "organisation_results",
    Lane.CITATION: "citations_results",
    Lane.OTHER: "other_results",
}
NAMES = {
    True: ("records_excluded", "records_undecided", "dbr"),
    False: ("other_not_eligible", "other_records_undecided", "other"),
}


def _count_report(
    session: Session, kept: int, cluster: list[int], lanes: list[Lane], question: str | None, found: Counter[str]
) -> None:
    for lane in lanes:
        found[IDENTIFIED[lane]] += 1
    in_first = sum(lane in FIRST_COLUMN for lane in lanes)
    flows_first, in_other = in_first > 0, len(lanes) - in_first
    found["duplicates"] += in_first - flows_first
    found["other_duplicates"] += in_other - (not flows_first)
    excluded, undecided, lane = NAMES[flows_first]
    removal = session.scalar(select(Removal).where(Removal.record_id == kept))
    if removal:
        found[excluded if not flows_first else "excluded_automatic" if removal.by_automation else "excluded_other"] += 1
        return
    found["records_screened"] += flows_first
    stands, _said = _outcome(session, cluster, TITLES)
    if stands is not Outcome.INCLUDED:
        found[excluded if stands is Outcome.EXCLUDED else undecided] += 1
        return
    found[f"{lane}_sought_reports"] += 1
    last = session.scalars(select(Retrieval).where(Retrieval.record_id == kept).order_by(Retrieval.id.desc())).first()
    if last is None or last.found is not Found.RETRIEVED:
        missing = last is not None and last.found is Found.NOT_RETRIEVED
        found[f"{lane}_notretrieved_reports" if missing else f"{lane}_awaited"] += 1
        return
    found[f"{lane}_assessed"] += 1
    stands, said = _outcome(session, cluster, FULL)
    if stands is Outcome.EXCLUDED:
        found[f"{lane}_excluded:{session.get_one(ExclusionReason, said.reason_id).label}"] += 1
    elif stands is Outcome.INCLUDED:
        found["new_reports" if question is None or question in said.questions else "included_other_question"] += 1
    else:
        waits = "ongoing" if _is_ongoing(session, cluster) else "awaiting_classification"
        found[waits if stands is Outcome.AWAITING else f"{lane}_undecided"] += 1


def _outcome(session: Session, cluster: list[int], stage: Stage) -> tuple[Outcome, Ballot | None]:
    """Where a report stands, and what was said of it by the settlement, else by the first ballot."""
    settled = session.scalars(
        select(Settlement).where(Settlement.record_id.in_(cluster), Settlement.stage == stage)
    ).first()
    if settled:
        questions = tuple((settled.questions or "").split())
        return Outcome(settled.verdict.value), Ballot(IN, settled.reason_id, questions)
    votes = session.scalars(
        select(Vote).join(HandIn).where(Vote.record_id.in_(cluster), Vote.stage == stage).order_by(HandIn.id)
    )
    ballots = [Ballot(one.decision, one.reason_id, tuple((one.questions or "").split()), one.design) for one in votes]
    return outcome(ballots, StageRule(stage)), ballots[0] if ballots else None

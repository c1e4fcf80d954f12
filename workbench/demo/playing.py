"""What the people of the demonstration do with the records, through the same services as everybody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as clusters
from workbench.deduplication import service as deduplication
from workbench.demo import paper
from workbench.demo.people import JUDGE, LEAD, SECOND, SPECIALIST, Person
from workbench.demo.script import ANSWERS, IN_HAND, ONE_STUDY, Line, ballot, read_script
from workbench.files.stores import Store
from workbench.records.models import Import, Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Rank
from workbench.screening.queries import votes
from workbench.screening.rules import Ballot, Decision, Found, Verdict
from workbench.screening.service import conflicts, retrieval, stages, voting
from workbench.studies import service as gathering
from workbench.words import _

VERDICTS = {
    Decision.INCLUDE: Verdict.INCLUDED,
    Decision.EXCLUDE: Verdict.EXCLUDED,
    Decision.UNCLEAR: Verdict.AWAITING,
}


@dataclass(frozen=True)
class Cast:
    """Who plays, and what they play with: kept records by `<file>#<number>`, exclusion reasons by their code."""

    session: Session
    store: Store
    lead: Member
    second: Member
    judge: Member
    specialist: Member
    reasons: Mapping[str, int]
    kept: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """One vote of the script: the record, the vote as it is written there, and a note beside it."""

    record: str
    text: str
    note: str


def play(session: Session, store: Store, slug: str, tell: Callable[[str], None]) -> None:
    """Do all the script says in one transaction, unless screening has begun."""
    lead = reviews.member_by_email(session, slug, LEAD.email)
    if votes.last_event(session, lead.review_id, Stage.TITLE_ABSTRACT) is not None:
        return
    script = read_script()
    _answer(session, reviews.member_by_email(session, slug, SPECIALIST.email))
    cast = _cast(session, store, slug)
    _remove_outside_limits(cast, script)
    tell(_("Two reviewers vote on titles and abstracts …"))
    _screen(cast, script)
    tell(_("Full texts are retrieved and read …"))
    _retrieve(cast, script)
    _read(cast, script)
    gathering.gather(session, cast.lead, [cast.kept[record] for record in ONE_STUDY])


def _answer(session: Session, specialist: Member) -> None:
    """Answer two doubtful pairs, then search again, so that what is listed is what waits."""
    records = _records(session, specialist.review_id)
    for first, second, said in ANSWERS:
        deduplication.answer(session, specialist, records[first], records[second], said)
    deduplication.run(session, specialist)


def _records(session: Session, review_id: int) -> dict[str, int]:
    """Ids of all records by the name of their file and their number in it."""
    wanted = select(Import.file_name, Record.number, Record.id).join(Record, Record.import_id == Import.id)
    rows = session.execute(wanted.where(Record.review_id == review_id))
    return {f"{file}#{number}": record_id for file, number, record_id in rows}


def _cast(session: Session, store: Store, slug: str) -> Cast:
    def member(person: Person) -> Member:
        return reviews.member_by_email(session, slug, person.email)

    lead = member(LEAD)
    reasons = {reason.code: reason.id for reason in reviews.reasons(session, lead.review_id, Stage.FULL_TEXT)}
    stand_for = dict(session.execute(clusters.clusters(lead.review_id)).all())
    kept = {name: stand_for[record_id] for name, record_id in _records(session, lead.review_id).items()}
    return Cast(session, store, lead, member(SECOND), member(JUDGE), member(SPECIALIST), reasons, kept)


def _remove_outside_limits(cast: Cast, script: Iterable[Line]) -> None:
    """Accept the list of each limit as a whole: the protocol counts them as marked by automation."""
    lists: dict[str, list[int]] = {}
    for line in script:
        if line.removed:
            lists.setdefault(line.removed, []).append(cast.kept[line.record])
    for rule, record_ids in lists.items():
        stages.remove_outside_limits(cast.session, cast.lead, rule, record_ids, by_automation=True)


def _screen(cast: Cast, script: Sequence[Line]) -> None:
    """Vote on titles and abstracts in the order of the desk; the second reviewer's last votes stay in hand."""
    stages.open_stage(cast.session, cast.lead, Stage.TITLE_ABSTRACT)
    ordered = _in_order(cast, script, Stage.TITLE_ABSTRACT)
    first = [Said(line.record, line.lead, line.lead_note) for line in ordered]
    second = [Said(line.record, line.second, line.second_note) for line in ordered]
    _vote(cast, cast.lead, Stage.TITLE_ABSTRACT, first)
    _vote(cast, cast.second, Stage.TITLE_ABSTRACT, [one for one in second if not one.text.endswith(IN_HAND)])
    for one in second:
        if one.text.endswith(IN_HAND):
            _cast_vote(cast, cast.second, Stage.TITLE_ABSTRACT, replace(one, text=one.text.removesuffix(IN_HAND)))
    for line in ordered:
        _settle(cast, line.record, Stage.TITLE_ABSTRACT, line.settled, line.why)


def _in_order(cast: Cast, script: Sequence[Line], stage: Stage) -> list[Line]:
    """The lines in the order in which the desk of this stage serves their records."""
    wanted = select(Rank.record_id, Rank.position).where(Rank.review_id == cast.lead.review_id, Rank.stage == stage)
    places = dict(cast.session.execute(wanted).all())
    return sorted(script, key=lambda line: places.get(cast.kept[line.record], 0))


def _vote(cast: Cast, reviewer: Member, stage: Stage, said: Iterable[Said]) -> None:
    """Cast votes one after another and hand them in; no text is no vote."""
    for one in said:
        if one.text:
            _cast_vote(cast, reviewer, stage, one)
    voting.hand_in(cast.session, reviewer, stage)


def _cast_vote(cast: Cast, reviewer: Member, stage: Stage, said: Said) -> None:
    key = f"demonstration:{stage.value}:{said.record}"
    vote = replace(ballot(said.text, cast.reasons), note=said.note or None)
    voting.cast_vote(cast.session, reviewer, cast.kept[said.record], stage, vote, key)


def _settle(cast: Cast, record: str, stage: Stage, settled: str, why: str) -> None:
    """Go the way out of a conflict that the script names, as far as it goes."""
    path, _blank, text = settled.partition(" ")
    record_id = cast.kept[record]
    match path:
        case "said":
            conflicts.say(cast.session, cast.lead, record_id, stage, why)
        case "proposal":
            _propose(cast, record_id, stage, _read_ballot(cast, text, stage), why)
        case "consensus":
            proposal_id = _propose(cast, record_id, stage, _read_ballot(cast, text, stage), why)
            conflicts.agree(cast.session, cast.lead, record_id, stage, proposal_id)
        case "adjudication":
            one = _read_ballot(cast, text, stage)
            conflicts.adjudicate(cast.session, cast.judge, record_id, stage, VERDICTS[one.decision], why,
                                 reason_id=one.reason_id, questions=one.questions, design=one.design)  # fmt: skip


def _read_ballot(cast: Cast, text: str, stage: Stage) -> Ballot:
    return Ballot(Decision(text)) if stage is Stage.TITLE_ABSTRACT else ballot(text, cast.reasons)


def _propose(cast: Cast, record_id: int, stage: Stage, one: Ballot, why: str) -> int:
    """Let the second reviewer propose, so that the lead may agree."""
    proposal = conflicts.propose(cast.session, cast.second, record_id, stage, VERDICTS[one.decision], why,
                                 reason_id=one.reason_id, questions=one.questions, design=one.design)  # fmt: skip
    return proposal.id


def _retrieve(cast: Cast, script: Iterable[Line]) -> None:
    """Attach an invented PDF, or log what happened on the way to the report."""
    for line in script:
        record_id = cast.kept[line.record]
        if line.report == "attached":
            data, name = _paper(cast.session.get_one(Record, record_id))
            retrieval.attach(cast.session, cast.store, cast.specialist, record_id, data, name)
        elif line.report:
            retrieval.log_report(cast.session, cast.specialist, record_id, Found(line.report), line.report_note)


def _paper(record: Record) -> tuple[bytes, str]:
    """The report of a record as a PDF, and the name of its file."""
    place = ", ".join(part for part in (record.journal, record.volume, record.pages) if part)
    byline = "; ".join(record.authors)
    data = paper.paper(record.title or "", byline, f"{place} ({record.year})", record.abstract or "")
    family = record.authors[0].split(",")[0] if record.authors else _("No author")
    return data, f"{family} {record.year}.pdf"


def _read(cast: Cast, script: Sequence[Line]) -> None:
    """Vote on full texts, and go some ways out of conflicts there too."""
    stages.open_stage(cast.session, cast.lead, Stage.FULL_TEXT)
    ordered = _in_order(cast, script, Stage.FULL_TEXT)
    first = [Said(line.record, line.full_text_lead, line.full_text_lead_note) for line in ordered]
    second = [Said(line.record, line.full_text_second, line.full_text_second_note) for line in ordered]
    _vote(cast, cast.lead, Stage.FULL_TEXT, first)
    _vote(cast, cast.second, Stage.FULL_TEXT, second)
    for line in ordered:
        _settle(cast, line.record, Stage.FULL_TEXT, line.full_text_settled, line.full_text_why)

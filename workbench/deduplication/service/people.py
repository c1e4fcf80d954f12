"""What people decide about duplicates: same report, two reports, later; parting; taking an answer back."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.deduplication import queries
from workbench.deduplication.events import AnswerWithdrawn, ImportReleased, PairAnswered, RecordParted
from workbench.deduplication.models import Answer, CandidatePair, Duplicate, RecordLink, Verdict
from workbench.deduplication.queries import Pair, Said
from workbench.deduplication.rules import normal_form
from workbench.deduplication.service import search, writing
from workbench.deduplication.service.partition import Edge, changes
from workbench.errors import Clash, Invalid
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _


class OneRecord(Invalid):
    """A pair is made of two records."""


class AlreadyAnswered(Clash):
    """What one person said of a pair, another does not change by accident."""

    hint = "Ask for the pair again in the list of joined records, then answer it."


class KeptApart(Clash):
    """Two clusters are not joined while a person keeps any two of their records apart."""

    hint = "Ask for that pair again in the list of joined records, or part the record that does not belong."


def answer(session: Session, member: Member, first_id: int, second_id: int, said: Answer) -> None:
    """Say of two records: same report (their clusters become one), two reports (never joined again), or later.

    Saying the same twice changes nothing. Votes follow their clusters by themselves.

    Raises:
        AlreadyAnswered: another person gave the pair another answer.
        KeptApart: a person called two other records of these clusters two reports.
        NoSuchRecord: one of them is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    one, other = _two_clusters(session, member, first_id, second_id)
    pair, known = queries.in_order(first_id, second_id), queries.verdicts(session, member.review_id)
    before = known.get(pair)
    if before and before.answer is said is not Answer.LATER:
        return
    _not_by_accident(before, member, said)
    if said is Answer.SAME and one[0] != other[0]:
        _not_apart({two for two, was in known.items() if was.answer is Answer.TWO} - {pair}, one, other)
        _unite(session, member, one, other, pair)
    _say(session, member, pair, said)
    if said is Answer.TWO and one[0] == other[0]:
        _divide(session, member.review_id, one, pair)
    session.flush()


def part(session: Session, member: Member, record_id: int) -> None:
    """Take one record out of its cluster: a person says that it and each other member are two reports.

    A vote cast on the cluster stays with the kept record; the parted record returns to the queue.

    Raises:
        NotJoined: the record stands alone.
        NoSuchRecord: it is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    cluster = queries.cluster_of(session, member.review_id, record_id)
    if len(cluster) == 1:
        raise queries.NotJoined(_("Record %(id)s stands alone already.", id=record_id))
    others, moment = [one for one in cluster if one != record_id], now()
    for one in others:
        low, high = queries.in_order(one, record_id)
        session.add(Verdict(low_id=low, high_id=high, answer=Answer.TWO, member_id=member.id, said_at=moment))
    audit.record(session, member.review_id, member.id, RecordParted(record_id, cluster[0]))
    session.flush()
    here, _pieces, edges = _engine_says(session, member.review_id, cluster)
    writing.write(session, changes([others], edges, here))


def undo(session: Session, member: Member) -> list[Pair]:
    """Take back one's own last answer; the clusters become what they are without it. Nothing to take back: no pairs."""
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    return _take_back(session, member, queries.last_verdicts(session, member))


def ask_again(session: Session, member: Member, first_id: int, second_id: int) -> None:
    """Take back what anybody said of a pair, so that it can be answered anew.

    Raises:
        NoSuchRecord: one of them is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    _two_clusters(session, member, first_id, second_id)
    low, high = queries.in_order(first_id, second_id)
    said = select(Verdict).where(Verdict.low_id == low, Verdict.high_id == high, Verdict.withdrawn_at.is_(None))
    _take_back(session, member, list(session.scalars(said)))


def release(session: Session, import_id: int) -> None:
    """Let the records of an import that is taken back leave their clusters; the first remaining member is kept then.

    What remains of a cluster stays together. Call it in the transaction that takes the import back.
    """
    found = session.get_one(Import, import_id)
    writing.lock(session, found.review_id)
    leaving = select(Record.id).where(Record.import_id == import_id)
    orphans = _orphans(session, leaving)
    touched = delete(Duplicate).where(Duplicate.record_id.in_(leaving))
    left: Any = session.execute(touched, execution_options=writing.AS_IT_IS)
    heirs = {members[0]: members[1:] for members in orphans}
    session.execute(delete(Duplicate).where(Duplicate.record_id.in_(heirs)), execution_options=writing.AS_IT_IS)
    writing.move(session, {record: heir for heir, rest in heirs.items() for record in rest})
    for table, ends in (
        (CandidatePair, (CandidatePair.low_id, CandidatePair.high_id)),
        (RecordLink, (RecordLink.first_id, RecordLink.second_id)),
    ):
        stale = delete(table).where(or_(*(end.in_(leaving) for end in ends)))
        session.execute(stale, execution_options=writing.AS_IT_IS)
    if left.rowcount or heirs:
        told = ImportReleased(import_id, left=left.rowcount, kept_anew=len(heirs))
        audit.record(session, found.review_id, found.taken_back_by, told)
    session.flush()


def _orphans(session: Session, leaving: Any) -> Iterable[list[int]]:
    """The remaining members of each cluster whose kept record leaves, the first imported first."""
    wanted = select(Duplicate.kept_id, Duplicate.record_id)
    wanted = wanted.where(Duplicate.kept_id.in_(leaving), Duplicate.record_id.not_in(leaving))
    found: dict[int, list[int]] = {}
    for kept_id, record_id in session.execute(wanted.order_by(Duplicate.record_id)):
        found.setdefault(kept_id, []).append(record_id)
    return found.values()


def _two_clusters(session: Session, member: Member, first_id: int, second_id: int) -> tuple[list[int], list[int]]:
    if first_id == second_id:
        raise OneRecord(_("Record %(id)s cannot be a duplicate of itself.", id=first_id))
    one = queries.cluster_of(session, member.review_id, first_id)
    return one, queries.cluster_of(session, member.review_id, second_id)


def _not_by_accident(before: Said | None, member: Member, said: Answer) -> None:
    """Keep an answer that stands from being changed by somebody who does not know of it."""
    if before is None or before.answer is Answer.LATER:
        return
    if before.member_id != member.id or said is Answer.LATER:
        raise AlreadyAnswered(_("This pair has been answered already: %(answer)s.", answer=_words(before.answer)))


def _words(answer: Answer) -> str:
    return {Answer.SAME: _("same report"), Answer.TWO: _("two reports"), Answer.LATER: _("later")}[answer]


def _not_apart(apart: Collection[Pair], one: Collection[int], other: Collection[int]) -> None:
    for low, high in sorted(apart):
        if (low in one and high in other) or (low in other and high in one):
            raise KeptApart(
                _(
                    "Records %(low)s and %(high)s were called two reports, and both would be in one cluster.",
                    low=low,
                    high=high,
                )
            )


def _say(session: Session, member: Member, pair: Pair, said: Answer) -> None:
    session.add(Verdict(low_id=pair[0], high_id=pair[1], answer=said, member_id=member.id, said_at=now()))
    audit.record(session, member.review_id, member.id, PairAnswered(*pair, said.value))
    session.flush()


def _unite(session: Session, member: Member, one: Sequence[int], other: Sequence[int], pair: Pair) -> None:
    """Make one cluster of two, under the kept record that was imported first."""
    standing = queries.duplicates_of(session, member.review_id, {*one, *other})
    edge = Edge(*pair, "person", _("a person said so"), member.id)
    writing.write(session, changes([[*one, *other]], [edge], standing, preferred={one[0], other[0]}))


def _divide(session: Session, review_id: int, cluster: Sequence[int], pair: Pair) -> None:
    """Part a cluster in two; each other member goes where the engine puts it, or stays with the kept record."""
    here, pieces, edges = _engine_says(session, review_id, cluster)
    sides = [next(set(piece) for piece in pieces if record in piece) for record in pair]
    stay = sides[1] if cluster[0] in sides[1] else sides[0]
    stay |= {record for piece in pieces for record in piece} - sides[0] - sides[1]
    writing.write(session, changes(sides, edges, here))


def _take_back(session: Session, member: Member, said: Sequence[Verdict]) -> list[Pair]:
    """Withdraw answers and let their clusters become what they are without them."""
    authors = {one.member_id for one in said}
    for one in said:
        one.withdrawn_at = now()
        audit.record(session, member.review_id, member.id, AnswerWithdrawn(one.low_id, one.high_id, one.answer.value))
    session.flush()
    decided = [one for one in said if one.answer is not Answer.LATER]
    ends = {end for one in decided for end in (one.low_id, one.high_id)}
    rows = session.execute(queries.clusters(member.review_id).where(Record.id.in_(ends)))
    kept = {row.record_id: row.kept_id for row in rows}
    touched = [queries.members(session, kept_id) for kept_id in sorted(set(kept.values()))]
    loose = {kept.get(one.low_id) for one in decided if one.answer is Answer.SAME}
    pairs = [(one.low_id, one.high_id) for one in said]
    _decide_again(session, member.review_id, touched, loose, authors, _free(session, member.review_id, pairs))
    return pairs


def _free(session: Session, review_id: int, pairs: Collection[Pair]) -> set[Pair]:
    """Those of some pairs that the last run left to a person, and that no other answer binds: they wait again."""
    same = [pair for pair, one in queries.verdicts(session, review_id).items() if one.answer is Answer.SAME]
    return {pair for pair in queries.left_to_a_person(session, pairs) if pair[1] not in _bound(pair[0], same)}


def _bound(record: int, same: Sequence[Pair]) -> set[int]:
    """The records that answers of people tie to this one, directly or through others."""
    found, grown = {record}, True
    while grown:
        ties = {end for pair in same if found & set(pair) for end in pair}
        grown = not ties <= found
        found |= ties
    return found


def _decide_again(
    session: Session,
    review_id: int,
    touched: Sequence[Sequence[int]],
    loose: Collection[int | None],
    authors: Collection[int],
    waited: Collection[Pair],
) -> None:
    """Ask the engine again about some clusters; only the loose ones may fall apart, the others can only grow."""
    if not touched:
        return
    firm = [cluster for cluster in touched if cluster[0] not in loose]
    records = [record for cluster in touched for record in cluster]
    here, pieces, edges = _engine_says(session, review_id, records, firm, waited)
    renewed = {record for record, row in here.items() if row.decided_by in authors}
    writing.write(session, changes(pieces, edges, here, asked_anew=renewed))


def _engine_says(
    session: Session,
    review_id: int,
    records: Collection[int],
    together: Iterable[Collection[int]] = (),
    waited: Collection[Pair] = (),
) -> tuple[dict[int, queries.Standing], list[list[int]], list[Edge]]:
    """Ask the engine about a few records: how they stand, the clusters it finds among them, and why."""
    ids = sorted(records)
    said = {pair: one for pair, one in queries.verdicts(session, review_id).items() if set(pair) <= set(ids)}
    groups = frozenset(tuple(sorted(group)) for group in together)
    steps = search.steps(session, review_id, ids)
    here = search.Ground(ids, search.settings(session, review_id), said, groups, frozenset(waited), steps=steps)
    forms = {record_id: normal_form(one) for record_id, one in queries.delivered(session, ids).items()}
    findings = search.look(here, forms)
    standing = queries.duplicates_of(session, review_id, ids)
    return standing, search.clusters_of(here, findings), search.edges_of(here, findings)

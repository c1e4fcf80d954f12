"""What people decide about duplicates: same report, two reports, linked, later; parting; taking an answer back."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.deduplication import queries
from workbench.deduplication.events import (
    AnswerWithdrawn,
    GroupAnswered,
    ImportReleased,
    PairAnswered,
    PairSettled,
    RecordParted,
)
from workbench.deduplication.models import Answer, CandidatePair, LinkKind, RecordLink, Verdict
from workbench.deduplication.queries import Pair
from workbench.deduplication.rules import normal_form
from workbench.deduplication.service import search, writing
from workbench.deduplication.service.partition import Edge, changes, homes, sides
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


class NothingToSettle(Clash):
    """A pair is settled once two people have answered it and did not say the same."""

    hint = "The list of pairs to settle names every one that is open."


class LinkUnclear(Invalid):
    """A link says what one record is of the other, and which of the two it is."""

    hint = "Choose what kind of link it is, and which record points to the other."


@dataclass(frozen=True, slots=True)
class Link:
    """What one record of a pair is of the other."""

    kind: LinkKind
    pointing_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a pair, in the deed under this key."""

    answer: Answer
    link: Link | None
    act: str
    alone: bool

    @property
    def content(self) -> tuple[Answer, LinkKind | None, int | None]:
        """What is compared between two people."""
        return (self.answer, self.link.kind, self.link.pointing_id) if self.link else (self.answer, None, None)


def answer(
    session: Session,
    member: Member,
    first_id: int,
    second_id: int,
    said: Answer,
    link: Link | None = None,
    key: str | None = None,
) -> None:
    """Say of two records: same report (their clusters become one), two reports or linked (never joined), or later.

    Saying the same twice changes nothing, nor does the same key. Votes follow their clusters by themselves. Where the
    protocol asks two people, nothing follows from an answer before a second person has said the same.

    Raises:
        AlreadyAnswered: another person gave the pair another answer; or one's own waits for the second person.
        KeptApart: a person called two other records of these clusters two reports.
        LinkUnclear: a link without its kind, or of other records.
        NoSuchRecord: one of them is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    if key and queries.is_done(session, member, key):
        return
    alone = queries.people_asked(session, member.review_id) == 1
    pair = queries.in_order(first_id, second_id)
    saying = Said(said, _link(pair, said, link), key or new_key(), alone)
    if _answer(session, member, pair, saying):
        told = PairAnswered(*pair, said.value, *_of_link(link), alone=alone)
        audit.record(session, member.review_id, member.id, told)
    session.flush()


def answer_group(
    session: Session, member: Member, pairs: Sequence[Pair], said: Answer, group: str, key: str
) -> tuple[list[Pair], list[Pair]]:
    """Say the same of many pairs in one deed: one entry in the trail, taken back as a whole.

    Args:
        session: Where to write.
        member: Who answers, after a look at a sample of the group.
        pairs: Which pairs, as they were shown.
        said: Same report, or two reports.
        group: What the pairs have in common, in words.
        key: The deed's key; a key that was used before changes nothing.

    Returns:
        The pairs that were answered, and those left as they were since an answer of a person speaks against it.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    if queries.is_done(session, member, key):
        return [], []
    alone = queries.people_asked(session, member.review_id) == 1
    done: list[Pair] = []
    left: list[Pair] = []
    for pair in pairs:
        try:
            _answer(session, member, pair, Said(said, None, key, alone))
            done.append(pair)
        except (KeptApart, AlreadyAnswered):
            left.append(pair)
    told = GroupAnswered(said.value, group, done, left, alone=alone)
    audit.record(session, member.review_id, member.id, told)
    session.flush()
    return done, left


def settle(
    session: Session, member: Member, first_id: int, second_id: int, said: Answer, link: Link | None = None
) -> None:
    """Decide a pair of which two people said different things, knowing what they said.

    Raises:
        NothingToSettle: nobody or only one has answered, or the pair is decided.
        KeptApart, LinkUnclear, NoSuchRecord: as for an answer.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    pair = queries.in_order(first_id, second_id)
    _two_clusters(session, member, *pair)
    if said is Answer.LATER or not queries.differ(queries.said_of(session, pair)):
        raise NothingToSettle(_("Records %(low)s and %(high)s are not to be settled.", low=pair[0], high=pair[1]))
    saying = Said(said, _link(pair, said, link), new_key(), alone=True)
    _answer(session, member, pair, saying)
    audit.record(session, member.review_id, member.id, PairSettled(*pair, said.value, *_of_link(link)))
    session.flush()


def new_key() -> str:
    """A key for a deed whose sender named none."""
    return secrets.token_hex(12)


def _of_link(link: Link | None) -> tuple[str | None, int | None]:
    return (link.kind.value, link.pointing_id) if link else (None, None)


def _link(pair: Pair, said: Answer, link: Link | None) -> Link | None:
    if (said is Answer.LINKED) != (link is not None) or (link and link.pointing_id not in pair):
        raise LinkUnclear(_("This answer does not say which record is what of the other."))
    return link


def _answer(session: Session, member: Member, pair: Pair, saying: Said) -> bool:
    """Put one answer on record and let follow what follows from it; says whether there was anything new in it."""
    one, other = _two_clusters(session, member, *pair)
    known = queries.answers(session, member.review_id, {*one, *other})
    if not _is_new(known.get(pair, []), member, saying):
        return False
    if saying.answer is Answer.SAME and one[0] != other[0]:
        _not_apart(_kept_apart(known) - {pair}, one, other)
    _say(session, member, pair, saying)
    if saying.answer is not Answer.LATER:
        _follow(session, member, pair, one, other)
    return True


def _is_new(said: Sequence[queries.Said], member: Member, saying: Said) -> bool:
    """Keep an answer that stands from being changed by accident; say whether this one says anything new."""
    before, mine = queries.counted(said), [one for one in said if one.member_id == member.id]
    standing = before or (mine[-1] if mine and not saying.alone else None)
    if standing is None:
        if queries.differ(said) and not saying.alone:
            raise AlreadyAnswered(_("Two people have answered this pair; it is to be settled."))
        return True
    if saying.content == (standing.answer, standing.link, standing.pointing_id):
        return False
    own = standing.alone and standing.member_id == member.id
    if not own or saying.answer is Answer.LATER:
        raise AlreadyAnswered(_("This pair has been answered already: %(answer)s.", answer=_words(standing.answer)))
    return True


def _kept_apart(known: dict[Pair, list[queries.Said]]) -> set[Pair]:
    counted = {pair: queries.counted(said) for pair, said in known.items()}
    return {pair for pair, one in counted.items() if one and one.answer.parts}


def _follow(session: Session, member: Member, pair: Pair, one: Sequence[int], other: Sequence[int]) -> None:
    """Join or part the clusters of a pair as what counts of it says; nothing, where a second answer is awaited."""
    counts = queries.counted(queries.said_of(session, pair))
    if counts is None:
        return
    if counts.answer is Answer.SAME and one[0] != other[0]:
        _unite(session, member, one, other, pair)
    if counts.answer.parts and one[0] == other[0]:
        _divide(session, member.review_id, one, pair)


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
    others, together = [one for one in cluster if one != record_id], Said(Answer.TWO, None, new_key(), alone=True)
    for one in others:
        _say(session, member, queries.in_order(one, record_id), together)
    audit.record(session, member.review_id, member.id, RecordParted(record_id, cluster[0]))
    session.flush()
    standing = queries.duplicates_of(session, member.review_id, cluster)
    _pieces, edges = _engine_says(session, member.review_id, cluster)
    writing.write(session, changes([others], edges, standing))


def undo(session: Session, member: Member, key: str | None = None) -> list[Pair]:
    """Take back what one said in one's last deed, or in the one under this key; nothing to take back gives no pairs.

    What only the answer joined is parted, and each side stays as it stood before, whatever the engine thinks; two sides
    are joined again only where another answer says so, or where a search would join them. What the answer parted is
    joined again where a search would do so. A deed that was taken back already stays so.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    return _take_back(session, member, queries.in_hand(session, member, key))


def ask_again(session: Session, member: Member, first_id: int, second_id: int) -> None:
    """Take back what was said of a pair, so that it can be answered anew; an answer nobody may know of yet stays.

    Clusters become what they are after an undo.

    Raises:
        NoSuchRecord: one of them is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    _two_clusters(session, member, first_id, second_id)
    pair = queries.in_order(first_id, second_id)
    said = select(Verdict).where(Verdict.low_id == pair[0], Verdict.high_id == pair[1], Verdict.withdrawn_at.is_(None))
    if pair not in queries.open_pairs(session, [pair]):
        said = said.where(Verdict.member_id == member.id)
    _take_back(session, member, list(session.scalars(said)))


def release(session: Session, import_id: int) -> None:
    """Let the records of an import that is taken back leave their clusters; the first remaining member is kept then.

    What remains of a cluster stays together until the next search, those too that were joined through a record that
    leaves. Call it in the transaction that takes the import back.
    """
    found = session.get_one(Import, import_id)
    writing.lock(session, found.review_id)
    leaving = select(Record.id).where(Record.import_id == import_id)
    left, heirs = _let_go(session, found.review_id, set(session.scalars(leaving)))
    for table, ends in (
        (CandidatePair, (CandidatePair.low_id, CandidatePair.high_id)),
        (RecordLink, (RecordLink.first_id, RecordLink.second_id)),
    ):
        stale = delete(table).where(or_(*(end.in_(leaving) for end in ends)))
        session.execute(stale, execution_options=writing.AS_IT_IS)
    if left or heirs:
        told = ImportReleased(import_id, left=left, kept_anew=heirs)
        audit.record(session, found.review_id, found.taken_back_by, told)
    session.flush()


def _let_go(session: Session, review_id: int, leaving: Collection[int]) -> tuple[int, int]:
    """Take records out of their clusters; count the duplicates that left, and the clusters under another record now."""
    clusters = queries.members_of(session, queries.kept_over(session, leaving))
    standing = queries.duplicates_of(session, review_id, {one for members in clusters.values() for one in members})
    rest = {kept: [one for one in members if one not in leaving] for kept, members in clusters.items()}
    heirs = {min(members) for kept, members in rest.items() if kept in leaving and members}
    writing.write(session, changes(rest.values(), [], standing, preferred=heirs))
    return len(standing.keys() & leaving), len(heirs)


def _two_clusters(session: Session, member: Member, first_id: int, second_id: int) -> tuple[list[int], list[int]]:
    if first_id == second_id:
        raise OneRecord(_("Record %(id)s cannot be a duplicate of itself.", id=first_id))
    one = queries.cluster_of(session, member.review_id, first_id)
    return one, queries.cluster_of(session, member.review_id, second_id)


def _words(answer: Answer) -> str:
    words = {
        Answer.SAME: _("same report"),
        Answer.TWO: _("two reports"),
        Answer.LINKED: _("linked"),
        Answer.LATER: _("later"),
    }
    return words[answer]


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


def _say(session: Session, member: Member, pair: Pair, saying: Said) -> None:
    kind, pointing = (saying.link.kind, saying.link.pointing_id) if saying.link else (None, None)
    row = Verdict(
        low_id=pair[0], high_id=pair[1], answer=saying.answer, link=kind, pointing_id=pointing, alone=saying.alone,
        act=saying.act, member_id=member.id, said_at=now(),
    )  # fmt: skip
    session.add(row)
    session.flush()


def _unite(session: Session, member: Member, one: Sequence[int], other: Sequence[int], pair: Pair) -> None:
    """Make one cluster of two, under the kept record that was imported first."""
    standing = queries.duplicates_of(session, member.review_id, {*one, *other})
    edge = Edge(*pair, "person", _("a person said so"), member.id)
    writing.write(session, changes([[*one, *other]], [edge], standing, preferred={one[0], other[0]}))


def _divide(session: Session, review_id: int, cluster: Sequence[int], pair: Pair) -> None:
    """Part a cluster in two: where a person's word joined the pair, in the sides that it joined.

    Else each other member goes where the engine puts it, or stays with the kept record.
    """
    standing = queries.duplicates_of(session, review_id, cluster)
    joined_by = _rows_by_word(standing, {pair})
    together = sides(standing, joined_by) if joined_by else ()
    pieces, edges = _engine_says(session, review_id, cluster, together)
    two = [next(set(piece) for piece in pieces if record in piece) for record in pair]
    stay = two[1] if cluster[0] in two[1] else two[0]
    stay |= {record for piece in pieces for record in piece} - two[0] - two[1]
    writing.write(session, changes(two, edges, standing))


def _rows_by_word(standing: Mapping[int, queries.Standing], pairs: Collection[Pair]) -> set[int]:
    """The duplicates in whose rows a person's word of one of these pairs joins two sides."""
    return {record for record, row in standing.items() if row.decided_by is not None and row.pair in pairs}


def _take_back(session: Session, member: Member, said: Sequence[Verdict]) -> list[Pair]:
    """Withdraw answers and let their clusters become what they are without them."""
    pairs = [(one.low_id, one.high_id) for one in said]
    counted = queries.verdicts(session, member.review_id, {end for pair in pairs for end in pair})
    for one in said:
        one.withdrawn_at = now()
        told = AnswerWithdrawn(one.low_id, one.high_id, one.answer.value, alone=one.alone)
        audit.record(session, member.review_id, member.id, told)
    session.flush()
    decided = {(one.low_id, one.high_id) for one in said if one.answer is not Answer.LATER}.intersection(counted)
    same = {(one.low_id, one.high_id) for one in said if one.answer is Answer.SAME}
    _decide_again(session, member.review_id, decided, same)
    return pairs


def _decide_again(session: Session, review_id: int, pairs: Collection[Pair], same: Collection[Pair]) -> None:
    """Let clusters become what they are now that these pairs are not decided; those of `same` join nothing any more.

    Every side stands as it stood before it was joined, and can only grow: the engine joins sides as it would in a run.
    """
    wanted = queries.clusters(review_id).where(Record.id.in_({end for pair in pairs for end in pair}))
    kept = {row.kept_id for row in session.execute(wanted)}
    records = {record for members in queries.members_of(session, kept).values() for record in members}
    if not records:
        return
    standing = queries.duplicates_of(session, review_id, records)
    parted = _rows_by_word(standing, same)
    together = sides(standing, parted)
    waited = _free(session, review_id, pairs, records, together)
    clusters, edges = _engine_says(session, review_id, records, together, waited)
    writing.write(session, changes(clusters, edges, standing, asked_anew=parted))


def _free(
    session: Session,
    review_id: int,
    pairs: Collection[Pair],
    among: Collection[int],
    together: Iterable[Sequence[int]],
) -> set[Pair]:
    """Those of some pairs that the last run left to a person, and that nothing else binds: they wait again."""
    ties = [pair for pair, one in queries.verdicts(session, review_id, among).items() if one.answer is Answer.SAME]
    ties += [(side[0], other) for side in together for other in side[1:]]
    home = homes(among, ties)
    return {(low, high) for low, high in queries.left_to_a_person(session, pairs) if home.get(low) != home.get(high)}


def _engine_says(
    session: Session,
    review_id: int,
    records: Collection[int],
    together: Iterable[Collection[int]] = (),
    waited: Collection[Pair] = (),
) -> tuple[list[list[int]], list[Edge]]:
    """Ask the engine about a few records: the clusters it finds among them, and why."""
    ids = sorted(records)
    said = queries.verdicts(session, review_id, ids)
    groups = frozenset(tuple(sorted(group)) for group in together)
    steps = search.steps(session, review_id, ids)
    here = search.Ground(ids, search.settings(session, review_id), said, groups, frozenset(waited), steps=steps)
    forms = {record_id: normal_form(one) for record_id, one in queries.delivered(session, ids).items()}
    findings = search.look(here, forms)
    return search.clusters_of(here, findings), search.edges_of(here, findings)

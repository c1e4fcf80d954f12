"""What a review's search for duplicates promises, as checks that tests call with few inventions or with many.

Each check makes its own review, in a world of its own that leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.deduplication.house import another, the_partition, the_rows_tie_every_cluster
from tests.deduplication.inventions import Fields, libraries
from tests.factories import (
    EXCLUDE,
    INCLUDE,
    UNCLEAR,
    a_member,
    a_record,
    a_review,
    a_vote,
    an_import,
    open_stage,
    the_lead,
)
from workbench.accounts.models import User
from workbench.db import now
from workbench.deduplication import queries, service
from workbench.deduplication.models import Answer, CandidatePair, Duplicate, RecordLink
from workbench.deduplication.rules import normal_form
from workbench.deduplication.service.partition import homes
from workbench.errors import Clash, NotFound
from workbench.protocols.models import ProtocolVersion
from workbench.records.models import Record
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Stage
from workbench.screening.queries import votes
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import StageRule

DEEDS = ["same", "same", "two", "two", "later", "part", "undo", "run"]
BALLOTS = {"include": INCLUDE, "exclude": EXCLUDE, "unclear": UNCLEAR}
_EMPTY: Fields = dict.fromkeys(("title", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract"))


def in_a_world(check: Callable[..., None]) -> Callable[..., None]:
    """A check that leaves nothing behind, so that one that fails spoils no other."""

    def checked(session: Session, *drawn: Any) -> None:
        savepoint = session.begin_nested()
        try:
            check(session, *drawn)
        finally:
            savepoint.rollback()
            session.expunge_all()

    return checked


def new_review(session: Session) -> tuple[Review, Member]:
    """A review of its own, led by whoever leads the first one of the house."""
    review = a_review(session, lead=session.scalars(select(User).order_by(User.id)).first())
    return review, the_lead(session, review)


def imported(session: Session, review: Review, library: Sequence[Fields]) -> list[Record]:
    """One import that brings these records."""
    of = an_import(session, review)
    return [a_record(session, review, of=of, **(_EMPTY | fields)) for fields in library]


def what_stands(session: Session, review: Review) -> dict[str, Any]:
    """Clusters, pairs left to a person and links, with records named by their content."""
    homes = the_partition(session, review)
    name = {record: normal_form(item).rank for record, item in queries.delivered(session, list(homes)).items()}
    clusters: dict[int, list[str]] = {}
    for record, kept in homes.items():
        clusters.setdefault(kept, []).append(name[record])
    pairs = session.scalars(select(CandidatePair).where(CandidatePair.review_id == review.id))
    links = session.scalars(select(RecordLink).where(RecordLink.review_id == review.id))
    return {
        "clusters": sorted(map(sorted, clusters.values())),
        "pairs": sorted((*sorted((name[one.low_id], name[one.high_id])), one.score, one.reason) for one in pairs),
        "links": sorted((name[one.first_id], name[one.second_id], one.kind) for one in links),
    }


def one_import_at_a_time_equals_all_at_once(
    session: Session, library: Sequence[Fields], chance: Random, cuts: Sequence[int]
) -> None:
    """However the records are parted into imports, in whatever order: what stands after the last run is the same."""
    whole, lead = new_review(session)
    imported(session, whole, library)
    service.run(session, lead)

    parted, lead = new_review(session)
    shuffled = list(library)
    chance.shuffle(shuffled)
    edges = [0, *sorted(cut % len(shuffled) for cut in cuts), len(shuffled)]
    for start, end in pairwise(edges):
        imported(session, parted, shuffled[start:end])
        service.run(session, lead)

    assert what_stands(session, parted) == what_stands(session, whole)


def a_second_run_changes_nothing(session: Session, library: Sequence[Fields]) -> None:
    """Clusters with all their rows, pairs and links are the same after another run."""
    review, lead = new_review(session)
    imported(session, review, library)
    service.run(session, lead)
    before = rows_of(session, review), what_stands(session, review)

    found = service.run(session, lead)

    assert (rows_of(session, review), what_stands(session, review)) == before
    assert (found["joined"], found["parted"]) == (0, 0)


def rows_of(session: Session, review: Review) -> list[tuple[Any, ...]]:
    """Every duplicate of a review with all its columns."""
    wanted = select(*Duplicate.__table__.columns).join(Record, Record.id == Duplicate.record_id)
    return [tuple(row) for row in session.execute(wanted.where(Record.review_id == review.id).order_by(Duplicate.id))]


def a_persons_word_outlasts_everything(
    session: Session, library: Sequence[Fields], deeds: Sequence[tuple[str, int, int]]
) -> None:
    """After every deed and every later import, what people said stands, and clusters hold together."""
    review, lead = new_review(session)
    portions = [library[place::3] for place in range(3)]
    records = [record.id for record in imported(session, review, portions[0])]
    service.run(session, lead)
    for place, (deed, one, other) in enumerate(deeds):
        first = records[one % len(records)]
        do(session, lead, deed, first, _second(session, review, first, records, other))
        a_persons_word_stands(session, review)
        if place % 3 == 2 and portions[1:]:
            records += [record.id for record in imported(session, review, portions.pop(1))]
            service.run(session, lead)
            a_persons_word_stands(session, review)
    standing = the_partition(session, review)
    service.run(session, lead)
    service.run(session, lead)
    a_persons_word_stands(session, review)
    assert set(the_partition(session, review)) == set(standing)


def _second(session: Session, review: Review, first: int, records: Sequence[int], place: int) -> int:
    """Another record: as often as not one that stands in the cluster of the first."""
    home = the_partition(session, review)
    beside = [record for record in records if record != first and home[record] == home[first]]
    return beside[place % len(beside)] if beside and place % 2 else records[place % len(records)]


def do(session: Session, member: Member, deed: str, one: int, other: int) -> None:
    """One deed on one record or two; what the rules refuse changes nothing."""
    try:
        match deed:
            case "part":
                service.part(session, member, one)
            case "undo":
                service.undo(session, member)
            case "run":
                service.run(session, member)
            case _ if one != other:
                service.answer(session, member, one, other, Answer(deed))
    except (Clash, NotFound):
        session.flush()


def a_persons_word_stands(session: Session, review: Review) -> None:
    """Two reports are in two clusters; one report is in one, unless two of its records are two reports; no chains."""
    the_rows_tie_every_cluster(session, review)
    home = the_partition(session, review)
    said = queries.verdicts(session, review.id)
    two = [pair for pair, one in said.items() if one.answer is Answer.TWO]

    assert [pair for pair in two if home[pair[0]] == home[pair[1]]] == []
    for pair, one in said.items():
        ends = {home[pair[0]], home[pair[1]]}
        parted = any({home[low], home[high]} == ends for low, high in two)
        assert one.answer is not Answer.SAME or len(ends) == 1 or parted, pair
    assert all(home[kept] == kept for kept in home.values())
    asked = [(pair.first_id, pair.second_id) for pair in queries.waiting_pairs(session, review.id)]
    assert [pair for pair in asked if tuple(sorted(pair)) in two] == []


def clusters_with_votes_stay(
    session: Session, library: Sequence[Fields], voted: Sequence[int], versions: Sequence[tuple[str, str]]
) -> None:
    """Records of a cluster that somebody voted on stay together under any later import and any later settings."""
    review, lead = new_review(session)
    open_stage(session, review)
    together: list[set[int]] = []
    portions = [library[:-2], library[-2:-1], library[-1:]]
    for portion, place, how in zip(portions, voted, [("thorough", "together"), *versions], strict=True):
        under(session, review, *how)
        imported(session, review, portion)
        service.run(session, lead, votes.clusters_with_votes(session, review.id))
        homes = the_partition(session, review)
        assert [group for group in together if len({homes[record] for record in group}) > 1] == []
        joined = [record for record, kept in homes.items() if record != kept] or list(homes)
        if not joined:
            continue
        kept = homes[joined[place % len(joined)]]
        if not any(kept in group for group in together):
            a_vote(session, lead, session.get_one(Record, kept))
            together.append({record for record, home in homes.items() if home == kept})


def under(session: Session, review: Review, strictness: str, versions: str) -> None:
    """A new version of the protocol, with other settings for duplicates."""
    wanted = select(ProtocolVersion).where(ProtocolVersion.review_id == review.id)
    last = session.scalars(wanted.order_by(ProtocolVersion.number.desc())).first()
    assert last is not None
    session.add(
        ProtocolVersion(
            review_id=review.id,
            number=last.number + 1,
            document=last.document | {"deduplication": {"strictness": strictness, "versions": versions}},
            source=last.source,
            plan_sha256=f"{last.number:064}",
            reason="other settings for duplicates",
            registered_by=last.registered_by,
            registered_at=now(),
        )
    )
    session.flush()


def taking_back_a_merge_is_as_if_it_had_never_been(
    session: Session,
    library: Sequence[Fields],
    ballots: Sequence[tuple[int, str]],
    pair: tuple[int, int],
    way_back: str,
) -> None:
    """Fields, votes, outcomes and clusters are what they were before, where nobody voted between.

    Clusters that the engine would not make anew, since votes or other answers hold them: `test_taking_back.py`.
    """
    review, lead = new_review(session)
    second = a_member(session, review)
    open_stage(session, review)
    imported(session, review, library)
    service.run(session, lead)
    kept = sorted(set(the_partition(session, review).values()))
    for place, (record, said) in enumerate(ballots):
        _vote_once(session, (lead, second)[place % 2], kept[record % len(kept)], said)
    one, other = kept[pair[0] % len(kept)], kept[pair[1] % len(kept)]
    before = everything(session, review)
    do(session, lead, "same", one, other)
    if queries.in_hand(session, lead) == []:
        return
    assert the_partition(session, review)[one] == the_partition(session, review)[other]

    if way_back == "undo":
        service.undo(session, lead)
    else:
        service.ask_again(session, second, one, other)

    assert everything(session, review) == before


def answers_taken_back_in_any_order_leave_what_the_others_say(
    session: Session, held: Sequence[int], pairs: Sequence[tuple[int, int]], chance: Random
) -> None:
    """Clusters that votes alone hold, joined by answers: whichever stand, they and the votes say all; with none, so do
    the kept records. Searches between change nothing."""
    review, lead = new_review(session)
    records = [another(session, review, title=f"Of {n}", year=1900 + n, authors=[]).id for n in range(len(held))]
    together = [{record for record, home in zip(records, held, strict=True) if home == one} for one in set(held)]
    service.run(session, lead, together)
    before = the_partition(session, review)
    standing = {}
    for place, (one, other) in enumerate(pairs):
        first, second = records[one % len(records)], records[other % len(records)]
        do_under(session, lead, first, second, f"deed-{place}")
        if queries.in_hand(session, lead, f"deed-{place}"):
            standing[f"deed-{place}"] = (first, second)
    taken_back = list(standing)
    chance.shuffle(taken_back)
    for key in taken_back:
        if chance.random() < SEARCHED:
            service.run(session, lead, together)
        assert groups_of(the_partition(session, review)) == groups_of(_tied(before, standing.values()))
        the_rows_tie_every_cluster(session, review)
        service.undo(session, lead, key)
        del standing[key]

    assert the_partition(session, review) == before


SEARCHED = 0.3
"""How often there is a search before an answer is taken back."""


def do_under(session: Session, member: Member, one: int, other: int, key: str) -> None:
    """Say under a key that two records are one report, where they are two."""
    if one != other:
        service.answer(session, member, one, other, Answer.SAME, key=key)


def _tied(before: Mapping[int, int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    return homes(before, [*before.items(), *pairs])


def groups_of(home: Mapping[int, int]) -> list[list[int]]:
    """The clusters of a partition, whichever records are kept."""
    found: dict[int, list[int]] = {}
    for record, of in sorted(home.items()):
        found.setdefault(of, []).append(record)
    return sorted(found.values())


def _vote_once(session: Session, reviewer: Member, record_id: int, said: str) -> None:
    try:
        a_vote(session, reviewer, session.get_one(Record, record_id), BALLOTS[said])
    except Clash:
        session.flush()


def everything(session: Session, review: Review) -> dict[str, Any]:
    """Clusters with who decided and why, every field of every record, and where each stands."""
    joined = [
        (row.record_id, row.kept_id, row.decided_by) for row in queries.duplicates_of(session, review.id).values()
    ]
    fields = session.execute(select(*Record.__table__.columns).where(Record.review_id == review.id).order_by(Record.id))
    rule = StageRule(Stage.TITLE_ABSTRACT)
    return {
        "clusters": sorted(joined),
        "fields": [tuple(row) for row in fields],
        "outcomes": standings(session, review.id, rule),
    }


PLACES = st.integers(0, 40)
SETTINGS = st.tuples(st.sampled_from(["cautious", "balanced", "thorough"]), st.sampled_from(["apart", "together"]))
CHECKS: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = {
    "one import at a time equals all at once": (
        one_import_at_a_time_equals_all_at_once,
        (libraries(), st.randoms(use_true_random=False), st.lists(PLACES, max_size=3)),
    ),
    "a second run changes nothing": (a_second_run_changes_nothing, (libraries(),)),
    "what a person said outlasts every deed and import": (
        a_persons_word_outlasts_everything,
        (libraries(), st.lists(st.tuples(st.sampled_from(DEEDS), PLACES, PLACES), min_size=1, max_size=9)),
    ),
    "a cluster with a vote stays together under any later import and settings": (
        clusters_with_votes_stay,
        (libraries(), st.lists(PLACES, min_size=3, max_size=3), st.lists(SETTINGS, min_size=2, max_size=2)),
    ),
    "answers taken back in any order leave what the others say": (
        answers_taken_back_in_any_order_leave_what_the_others_say,
        (
            st.lists(st.integers(1, 4), min_size=2, max_size=8),
            st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=6),
            st.randoms(use_true_random=False),
        ),
    ),
    "taking back a merge is as if it had never been": (
        taking_back_a_merge_is_as_if_it_had_never_been,
        (
            libraries(),
            st.lists(st.tuples(PLACES, st.sampled_from(list(BALLOTS))), max_size=6),
            st.tuples(PLACES, PLACES),
            st.sampled_from(["undo", "ask again"]),
        ),
    ),
}

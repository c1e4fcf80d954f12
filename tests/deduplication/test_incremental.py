"""One import at a time finds what all at once finds: clusters, reasons, pairs and links, whatever came or went between."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from tests.deduplication.house import ARTICLE, a_copy, a_house, the_partition
from tests.deduplication.inventions import WORDS, a_form
from tests.factories import a_record, a_review, a_run, an_import, minimal_document, the_lead
from workbench.db import now
from workbench.deduplication import queries, service
from workbench.deduplication.models import (
    Answer,
    CandidatePair,
    ComparedRecord,
    Duplicate,
    RecordLink,
    StoredForm,
    StoredLikeness,
)
from workbench.deduplication.rules import (
    Before,
    Findings,
    Likeness,
    Memo,
    NormalForm,
    Settings,
    alike,
    blocking,
    decide,
    find,
    mark_of,
)
from workbench.deduplication.rules.compare import packed, title_likeness, unpacked, worth_comparing
from workbench.deduplication.rules.engine import likeness
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.sifting import may_speak, sift
from workbench.deduplication.service import search, writing


def an_entry(chance: random.Random) -> dict[str, Any]:
    """Fields of a record of one of a few reports, some of them lost: many are alike."""
    report = random.Random(chance.randint(0, 11))
    title = " ".join(report.sample(WORDS, 6))
    first, year = report.randint(1, 9), report.randint(2000, 2003)
    entry = {"title": title, "year": year, "volume": str(report.randint(1, 3)), "pages": f"{first}-{first + 5}"}
    for name in ("volume", "pages", "year"):
        if chance.random() < 0.2:
            entry[name] = None
    if chance.random() < 0.3:
        entry |= {"title": chance.choice(["Erratum: " + title, title + " II", title + " in men"]), "pages": "90-95"}
    return ARTICLE | entry


class History:
    """A set of records that grows, shrinks and changes, searched after each change with what is remembered."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.forms: dict[int, NormalForm] = {}
        self.groups: dict[int, int] = {}
        self.compared: dict[int, NormalForm] = {}
        self.known: dict[tuple[int, int], Likeness] = {}
        self.at_first = 0

    def change(self) -> None:
        """Let records come, go, and be mended."""
        for record in self.chance.sample(sorted(self.forms), len(self.forms) // 6):
            del self.forms[record]
        for record in self.chance.sample(sorted(self.forms), len(self.forms) // 6):
            self.forms[record] = a_form(**an_entry(self.chance))
        for record in range(self.at_first, self.at_first + self.chance.randint(1, 25)):
            self.forms[record] = a_form(**an_entry(self.chance))
            self.groups[record] = self.chance.randint(1, 2)
        self.at_first += 25

    def search(self, *, grouped: bool) -> tuple[Findings, Findings, Memo]:
        """Search all, and search what is new; remember it as the house does."""
        order = sorted(self.forms)
        forms = [self.forms[record] for record in order]
        groups = [self.groups[record] for record in order] if grouped else None
        memo = self._memo(order)
        found = find(forms, Settings("balanced"), groups=groups, memo=memo)
        self.known = {pair: one for pair, one in self.known.items() if self._is_the_same(*pair)}
        self.known |= {(order[a], order[b]): one for (a, b), one in memo.fresh.items()}
        self.compared = dict(self.forms)
        return find(forms, Settings("balanced"), groups=groups), found, memo

    def _is_the_same(self, *records: int) -> bool:
        return all(record in self.forms and self.forms[record] is self.compared.get(record) for record in records)

    def _memo(self, order: list[int]) -> Memo:
        place = {record: at for at, record in enumerate(order)}
        then = sorted(self.compared, key=lambda record: (self.compared[record].rank, record))
        return Memo(
            [
                Before(mark_of(self.compared[one]).keys, self.groups[one], place[one] if self._is_the_same(one) else -1)
                for one in then
            ],
            {(place[a], place[b]): one for (a, b), one in self.known.items() if self._is_the_same(a, b)},
        )


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), small=st.booleans(), grouped=st.booleans())
def test_a_search_with_a_memo_finds_what_a_search_of_all_finds(seed: int, small: bool, grouped: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if small:
            patch.setattr(blocking, "CAP", 5)
            patch.setattr(blocking, "WINDOW", 2)
        history = History(seed)
        for _each in range(5):
            history.change()

            whole, remembered, _memo = history.search(grouped=grouped)

            assert remembered == whole


def test_a_search_with_a_memo_compares_nothing_twice() -> None:
    history = History(1)
    history.change()
    history.search(grouped=False)

    _whole, _found, memo = history.search(grouped=False)

    assert memo.fresh == {} and memo.known


def test_records_of_two_groups_never_meet() -> None:
    forms = [a_form() for _each in range(4)]

    assert find(forms, Settings(), groups=[1, 2, 1, 2]).clusters == [[0, 2], [1, 3]]


def test_a_key_that_many_share_costs_no_more_than_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [blocking.keys_of(a_form(title=None, authors=[], pages=None, volume=None, doi="10.5555/all"))] * 200

    assert len(blocking.candidates(keys)) < 200 * blocking.WINDOW


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_sifting_many_pairs_says_what_is_said_of_each(seed: int) -> None:
    chance = random.Random(seed)
    titles = [
        "",
        "Gout",
        "[Gicht und Fußbäder im Alter] = Foot baths in gout of old age",
        "Foot baths in gout of old age",
    ]
    entries = [an_entry(chance) | {"title": chance.choice([one["title"][:35] for one in [an_entry(chance)]] + titles),
                                   "doi": chance.choice([None, "10.5555/a", "10.5555/b"]),
                                   "registry_ids": chance.choice([[], ["NCT01234567"]])} for _each in range(14)]  # fmt: skip
    forms = [a_form(**entry) for entry in entries]
    pairs = [(a, b) for a in range(len(forms)) for b in range(a + 1, len(forms))]

    sifted = list(sift(forms, blocking.np.array([a * len(forms) + b for a, b in pairs])))

    alike = {(a, b): title_likeness(forms[a], forms[b]) for a, b in pairs}
    assert sifted == [
        (a, b, alike[a, b])
        for a, b in pairs
        if worth_comparing(forms[a], forms[b], alike[a, b]) and may_speak(forms[a], forms[b], alike[a, b], NUMBERS)
    ]
    for a, b in pairs:
        said = likeness(forms[a], forms[b])
        if not may_speak(forms[a], forms[b], alike[a, b], NUMBERS):
            assert not said.link and not decide.rule(said.comparison, Settings())


def test_a_comparison_is_read_as_it_was_stored() -> None:
    memo = Memo()
    find([a_form(), a_form(issue="4", title="Warm foot baths for night cramps in older adults")], Settings(), memo=memo)
    [said] = memo.fresh.values()

    assert unpacked(packed(said.comparison)) == said.comparison


def the_findings(session) -> list[Any]:
    """All that a search found, without ids of rows and moments."""
    wanted = (
        (Duplicate.record_id, Duplicate.kept_id, Duplicate.rule, Duplicate.reason, Duplicate.decided_by),
        (CandidatePair.low_id, CandidatePair.high_id, CandidatePair.score, CandidatePair.reason),
        (RecordLink.first_id, RecordLink.second_id, RecordLink.kind, RecordLink.rule, RecordLink.reason),
    )
    return [sorted(map(tuple, session.execute(select(*columns))), key=repr) for columns in wanted]


@pytest.mark.parametrize("seed", [1, 2])
def test_imports_one_at_a_time_find_what_all_at_once_finds(session, seed, monkeypatch):
    monkeypatch.setattr(blocking, "CAP", 6)
    chance = random.Random(seed)
    review, lead = a_house(session)
    batches = [an_import(session, review) for _each in range(4)]
    for batch in batches:
        records = [a_record(session, review, of=batch, **an_entry(chance)) for _each in range(12)]
        service.run(session, lead)
    batches[1].taken_back_at, batches[1].taken_back_by = now(), lead.id
    service.release(session, batches[1].id)
    records[3].title = "Warm stone towels"
    session.flush()
    writing.keep_forms(session, search._made(session, [records[3].id]))
    a_record(session, review, of=batches[2], **an_entry(chance))
    service.run(session, lead)
    found = the_findings(session)

    session.execute(delete(Duplicate))
    service.run(session, lead, whole=True)

    assert the_findings(session) == found and len(found[0]) > 5


def test_a_further_import_is_compared_and_nothing_else_is(session, monkeypatch):
    review, lead = a_house(session)
    first, _second = a_copy(session, review), a_copy(session, review, title="Cold mud for gout in recruits of the navy")
    service.run(session, lead)
    new = a_copy(session, review)
    asked = []
    monkeypatch.setattr(
        "workbench.deduplication.rules.engine.alike",
        lambda forms, settings, pairs, progress: asked.append(len(pairs)) or alike(forms, settings, pairs, progress),
    )

    service.run(session, lead)
    service.run(session, lead)

    assert the_partition(session, review)[new.id] == first.id
    assert asked[1] == 0 and 0 < asked[0] <= 2


def test_what_is_remembered_of_a_record_that_left_is_forgotten(session):
    review, lead = a_house(session)
    batch = an_import(session, review)
    kept, left = a_copy(session, review), a_copy(session, review, of=batch)
    service.run(session, lead)
    assert session.scalar(select(func.count()).select_from(StoredLikeness)) == 1

    batch.taken_back_at, batch.taken_back_by = now(), lead.id
    service.release(session, batch.id)
    service.run(session, lead)

    assert list(session.scalars(select(ComparedRecord.record_id))) == [kept.id]
    assert left.id and session.scalar(select(func.count()).select_from(StoredLikeness)) == 0


def test_other_settings_and_another_engine_compare_all_anew(session, monkeypatch):
    review, lead = a_house(session)
    a_copy(session, review), a_copy(session, review)
    service.run(session, lead)
    [before] = set(session.scalars(select(ComparedRecord.edition)))

    monkeypatch.setattr("workbench.deduplication.service.memory.ENGINE", "next")
    service.run(session, lead)

    [after] = set(session.scalars(select(ComparedRecord.edition)))
    assert before != after and session.scalar(select(func.count()).select_from(StoredLikeness)) == 1
    assert session.scalar(select(func.count()).select_from(StoredForm)) == 2


def test_records_of_different_steps_are_not_compared_where_the_protocol_says_so(session):
    document = minimal_document("steps")
    document["deduplication"] = {"scope": "within_step"}
    review = a_review(session, "steps", document=document)
    lead = the_lead(session, review)
    one, other = (an_import(session, review, a_run(session, review, step=step)) for step in ("s1", "s2"))
    records = [a_copy(session, review, of=batch) for batch in (one, other, one, other)]

    service.run(session, lead)

    ids = [record.id for record in records]
    assert the_partition(session, review) == {ids[0]: ids[0], ids[2]: ids[0], ids[1]: ids[1], ids[3]: ids[1]}
    service.answer(session, lead, ids[0], ids[1], Answer.SAME)
    service.run(session, lead)
    assert set(the_partition(session, review).values()) == {ids[0]}


def test_a_group_held_together_that_the_engine_would_part_is_listed_until_a_person_parts_it(session):
    review, lead = a_house(session)
    kept, changed, fitting = a_copy(session, review), a_copy(session, review), a_copy(session, review)
    service.run(session, lead)
    changed.title, changed.pages, changed.volume = "Cold mud for gout in recruits of the navy", "77-81", "3"
    session.flush()
    writing.keep_forms(session, search._made(session, [changed.id]))

    found = service.run(session, lead, together=[{kept.id, changed.id, fitting.id}])

    [doubt] = queries.doubted(session, review.id)
    assert (doubt.record_id, doubt.kept_id, found["doubted"]) == (changed.id, kept.id, 1)
    assert "title" in doubt.reason
    service.part(session, lead, changed.id)
    assert queries.doubted(session, review.id) == []


def test_what_a_person_joined_is_not_doubted(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), a_copy(session, review, title="Cold mud for gout in the navy", pages="7")
    service.run(session, lead)
    service.answer(session, lead, one.id, other.id, Answer.SAME)

    found = service.run(session, lead, together=[{one.id, other.id}])

    assert found["doubted"] == 0 and queries.doubted(session, review.id) == []

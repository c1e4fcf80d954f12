"""The run as a whole: order, a person's word, imports one at a time."""

import random
from collections.abc import Sequence

import pytest

from tests.deduplication.inventions import WORDS, a_form
from workbench.deduplication.rules import Findings, NormalForm, Settings, find


def made(reports: int, seed: int) -> list[NormalForm]:
    """Invented records: reports met one to four times with fields lost, and near neighbours of them."""
    chance = random.Random(seed)
    forms = []
    for _ in range(reports):
        title = " ".join(chance.sample(WORDS, 7))
        fields = {"title": title, "year": chance.randint(2000, 2004), "volume": str(chance.randint(1, 4))}
        first = chance.randint(1, 40)
        for _ in range(chance.randint(1, 4)):
            lost = {name: None for name in ("volume", "pages", "journal", "year") if chance.random() < 0.3}
            forms.append(a_form(**{**fields, "pages": f"{first}-{first + 5}", **lost}))
        if chance.random() < 0.4:
            forms.append(a_form(**{**fields, "title": title + chance.choice([" II", " in men", ""]), "pages": "90-95"}))
    return forms


def as_sets(findings: Findings, order: Sequence[int]) -> set[frozenset[int]]:
    return {frozenset(order[member] for member in members) for members in findings.clusters}


@pytest.mark.parametrize("seed", range(6))
def test_clusters_do_not_depend_on_the_order_of_input(seed: int) -> None:
    forms = made(60, seed)
    order = list(range(len(forms)))
    straight = as_sets(find(forms, Settings()), order)
    random.Random(seed).shuffle(order)

    shuffled = find([forms[place] for place in order], Settings())

    assert _contents(as_sets(shuffled, order), forms) == _contents(straight, forms)


def _contents(clusters: set[frozenset[int]], forms: list[NormalForm]) -> list[list[str]]:
    """Clusters by content: two records of one content may stand for each other."""
    return sorted(sorted(forms[member].rank for member in members) for members in clusters)


@pytest.mark.parametrize("seed", range(3))
def test_one_import_at_a_time_equals_all_at_once(seed: int) -> None:
    forms = made(40, seed)
    half = len(forms) // 2
    find(forms[:half], Settings())

    stored = [NormalForm.from_dict(form.as_dict()) for form in forms[:half]]

    assert find(stored + forms[half:], Settings()).clusters == find(forms, Settings()).clusters


@pytest.mark.parametrize("seed", range(3))
def test_every_record_is_in_one_cluster_and_every_surplus_record_has_one_join(seed: int) -> None:
    forms = made(40, seed)

    findings = find(forms, Settings("balanced"))

    assert sorted(member for members in findings.clusters for member in members) == list(range(len(forms)))
    assert len(findings.joins) == len(forms) - len(findings.clusters)


def test_different_stays_different_even_through_a_third_record() -> None:
    same = [a_form(), a_form(issue=None), a_form(authors=["Holm A", "Lindqvist C"])]

    findings = find(same, Settings(), cannot=[(0, 1)])

    assert len(findings.clusters) == 2
    assert not any({0, 1} <= set(members) for members in findings.clusters)
    assert not any({pair.first, pair.second} == {0, 1} for pair in findings.pairs)


def test_duplicate_by_a_persons_word_is_joined_whatever_the_rules_say() -> None:
    forms = [a_form(), a_form(title="Erratum: something else altogether", pages="7", authors=["Berg, F."])]

    findings = find(forms, Settings(), must=[(1, 0)])

    assert findings.clusters == [[0, 1]]
    assert [join.rule for join in findings.joins] == ["person"]


def test_a_persons_different_outweighs_a_chain_of_duplicates() -> None:
    forms = [
        a_form(title=title, pages=None) for title in ("Cold mud for gout", "Warm salt for gout", "Stones in sleep")
    ]

    findings = find(forms, Settings(), must=[(0, 1), (1, 2)], cannot=[(0, 2)])

    assert not any({0, 2} <= set(members) for members in findings.clusters)


def test_a_union_is_refused_where_two_members_conflict_and_left_to_a_person() -> None:
    between = a_form(pages=None)
    one, other = a_form(pages="201-209"), a_form(pages="501-509")

    findings = find([one, between, other], Settings())

    assert sorted(map(len, findings.clusters)) == [1, 2]
    assert findings.pairs


def test_the_list_for_a_person_is_short_and_most_likely_first() -> None:
    forms = made(300, 1)

    pairs = find(forms, Settings()).pairs

    assert len(pairs) <= max(5, len(forms) // 100)
    assert [pair.score for pair in pairs] == sorted((pair.score for pair in pairs), reverse=True)


def test_progress_ends_at_the_whole() -> None:
    told: list[tuple[int, int]] = []

    find(made(30, 2), Settings(), progress=lambda done, whole: told.append((done, whole)))

    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]


def test_no_records_give_no_clusters() -> None:
    assert find([], Settings()).clusters == []

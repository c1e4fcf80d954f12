"""The engine's numbers: one file, each explained; found from labelled sets by one command."""

import re
import tomllib

import pytest

from tests.benchmarks.duplicates import Labelled
from tests.benchmarks.settings import SEARCHED, Case, Prepared, changes, fitted, search, written
from tests.deduplication.inventions import a_form
from workbench.deduplication.rules import Settings, find
from workbench.deduplication.rules.settings import NAMES, NUMBERS, NUMBERS_FILE, numbers_from

TEXT = NUMBERS_FILE.read_text(encoding="utf-8")
TITLES = (
    "Warm foot baths for night cramps in older adults",
    "Cold mud for gout of the big toe in recruits",
    "Salt and stone in the sleep of ward nurses",
    "Towels after surgery of the ankle: a survey",
)


def a_set(name: str, later: int) -> Labelled:
    """Each report in two databases, the second with its page lost, and an abstract of it elsewhere."""
    forms, truth = [], []
    for at, title in enumerate(TITLES):
        pages = f"{10 * at + later}-{10 * at + later + 5}"
        forms += [a_form(title=title, pages=pages), a_form(title=title, pages=None)]
        forms.append(a_form(title=title, journal="Acta Imaginaria", volume="99", pages="7", year=2013))
        truth += [f"article {at}", f"article {at}", f"abstract {at}"]
    ids = [f"{name} {place}" for place in range(len(forms))]
    return Labelled(name, forms, truth, list(range(len(forms))), 0.0, ids)


def test_every_number_is_known_and_explained_in_the_file() -> None:
    tables = tomllib.loads(TEXT)
    weights = {"agrees", "differs"}

    assert {name for table in tables.values() for name in table} == set(NAMES)
    for name in set(NAMES) - weights:
        assert re.search(rf"(?m)^{name} = \S+ +# \S", TEXT), name


def test_a_number_that_is_missing_or_unknown_is_an_error() -> None:
    with pytest.raises(TypeError, match="same_title"):
        numbers_from(TEXT.replace("same_title = 0.95", ""))
    with pytest.raises(TypeError, match="sane_title"):
        numbers_from(TEXT.replace("same_title =", "sane_title ="))


def test_decisions_follow_the_numbers_given() -> None:
    numbers = numbers_from(TEXT.replace("long_title = 40", "long_title = 400"))
    forms = [a_form(journal=None, volume=None, pages=None, issue=None), a_form(journal=None, pages=None, volume=None)]

    assert len(find(forms, Settings("balanced")).clusters) == 1
    assert len(find(forms, Settings("balanced", numbers=numbers)).clusters) == 2


def test_the_search_clusters_as_the_engine_does() -> None:
    data = a_set("one", 100)
    prepared = Prepared(data)

    groups = [sorted(prepared.order[place] for place in members) for members in prepared.clusters(Settings()).all()]

    assert sorted(groups) == find(data.forms, Settings()).clusters


def test_the_same_sets_give_the_same_numbers() -> None:
    sets = [Prepared(a_set("one", 100)), Prepared(a_set("other", 300))]

    found = search(sets)

    assert found == search(sets)
    assert all(getattr(found, name) in grid for name, grid in SEARCHED.items())
    assert all(weight >= 0 for weight in found.agrees.values())
    assert all(weight <= 0 for weight in found.differs.values())


def test_what_is_found_can_be_written_and_read_back() -> None:
    found = search([Prepared(a_set("one", 100))])

    again = numbers_from(written(TEXT, found))

    assert again == found
    assert written(TEXT, NUMBERS).count("#") == TEXT.count("#")
    assert changes(NUMBERS) == {}


def test_the_order_of_the_list_learns_what_speaks_for_a_duplicate() -> None:
    prepared = Prepared(a_set("one", 100))
    cases = [
        Case(
            comparison,
            prepared.data.truth[prepared.order[a]] == prepared.data.truth[prepared.order[b]],
            frozenset(),
            False,
        )
        for (a, b), comparison in prepared.compared.items()
    ]

    weights = fitted(cases)

    assert weights["+journal"] > 0 > weights["-journal"]

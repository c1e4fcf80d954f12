"""What the engine promises about any records, as checks that tests call with few inventions or with many."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any

import hypothesis
from hypothesis import strategies as st

from tests.deduplication.inventions import SAYS_NOTHING, Fields, a_form, crowds, everything_odd, libraries, odd, works
from workbench.deduplication.rules import Findings, NormalForm, Settings, find
from workbench.deduplication.rules.compare import compare
from workbench.deduplication.rules.decide import veto

Said = tuple[int, int, bool]
Told = Mapping[str, Any]


def tried(
    check: Callable[..., None], drawn: Sequence[st.SearchStrategy[Any]], how: hypothesis.settings, *fixed: Any
) -> None:
    """Call a check with what is fixed and with many a draw."""

    @how
    @hypothesis.given(st.tuples(*drawn))
    def once(told: tuple[Any, ...]) -> None:
        check(*fixed, *told)

    once()


def forms_of(library: Iterable[Fields]) -> list[NormalForm]:
    """The normal forms of invented records."""
    return [a_form(**fields) for fields in library]


def by_content(findings: Findings, forms: Sequence[NormalForm]) -> Told:
    """What was found, with records named by their content: two records of one content may stand for each other."""
    name = [form.rank for form in forms]
    return {
        "clusters": sorted(sorted(name[record] for record in cluster) for cluster in findings.clusters),
        "joins": sorted((*sorted((name[one.first], name[one.second])), one.rule, one.reason) for one in findings.joins),
        "pairs": sorted(
            (*sorted((name[one.first], name[one.second])), one.score, one.reason, one.evidence)
            for one in findings.pairs
        ),
        "links": sorted((name[one.first], name[one.second], one.kind, one.rule) for one in findings.links),
    }


def order_does_not_matter(library: Sequence[Fields], chance: Random, settings: Settings) -> None:
    """Clusters, joins with their reasons, pairs left to a person and links are the same in any order of input."""
    forms = forms_of(library)
    straight, turned = find(forms, settings), forms[:]
    chance.shuffle(turned)

    assert by_content(find(turned, settings), turned) == by_content(straight, forms)


def no_member_speaks_against_another(library: Sequence[Fields], settings: Settings) -> None:
    """Where no person spoke, no two records of a cluster are such as a veto keeps apart; each record stands once."""
    forms = forms_of(library)
    findings = find(forms, settings)

    assert sorted(record for cluster in findings.clusters for record in cluster) == list(range(len(forms)))
    assert len(findings.joins) == len(forms) - len(findings.clusters)
    for cluster in findings.clusters:
        for place, one in enumerate(cluster):
            for other in cluster[place + 1 :]:
                assert veto(compare(*in_content_order(forms[one], forms[other])), settings) is None


def in_content_order(one: NormalForm, other: NormalForm) -> tuple[NormalForm, NormalForm]:
    """Two forms as the engine compares them."""
    return (one, other) if one.rank <= other.rank else (other, one)


def in_order(one: int, other: int) -> tuple[int, int]:
    """Two places, the lower first."""
    return (one, other) if one < other else (other, one)


def a_persons_word_stands(library: Sequence[Fields], said: Sequence[Said], settings: Settings) -> None:
    """Two reports stay apart under any later records; one report stays one unless that would break a word."""
    forms = forms_of(library)
    ends = {in_order(one % len(forms), other % len(forms)): same for one, other, same in said}
    must = [pair for pair, same in ends.items() if same and pair[0] != pair[1]]
    cannot = [pair for pair, same in ends.items() if not same and pair[0] != pair[1]]
    for count in range(1 + max((end for pair in ends for end in pair), default=0), len(forms) + 1):
        findings = find(forms[:count], settings, must=must, cannot=cannot)
        home = {record: set(cluster) for cluster in findings.clusters for record in cluster}

        assert not any(second in home[first] for first, second in cannot)
        for first, second in must:
            assert second in home[first] or any(
                {one, other} & home[first] and {one, other} & home[second] for one, other in cannot
            )
        asked = [{pair.first, pair.second} for pair in findings.pairs]
        assert not any({first, second} in asked for first, second in cannot)


def nothing_is_joined(library: Sequence[Fields], settings: Settings) -> None:
    """Every record stays alone."""
    findings = find(forms_of(library), settings)

    assert [[library[record] for record in cluster] for cluster in findings.clusters if len(cluster) > 1] == []


def nothing_breaks(library: Sequence[Fields]) -> None:
    """Any values can be read into a form, stored, and compared under any settings."""
    forms = forms_of(library)

    assert [json.loads(json.dumps(form.as_dict())) for form in forms]
    for settings in (Settings(), Settings("thorough", "together")):
        assert find(forms, settings).clusters


HOW = st.builds(Settings, st.sampled_from(["cautious", "balanced", "thorough"]), st.sampled_from(["apart", "together"]))
SAID = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=6)
CHECKS: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = {
    "what is found does not depend on the order of input": (
        order_does_not_matter, (libraries(), st.randoms(use_true_random=False), HOW),
    ),
    "what is found in a crowd does not depend on the order of input": (
        order_does_not_matter,
        (crowds(), st.randoms(use_true_random=False), HOW),
    ),
    "no cluster holds two records that a veto keeps apart": (no_member_speaks_against_another, (libraries(), HOW)),
    "a person's word stands whatever comes later": (a_persons_word_stands, (libraries(), SAID, HOW)),
    "records that say nothing are not joined": (
        nothing_is_joined, (st.lists(odd(SAYS_NOTHING), min_size=2, max_size=6), HOW),
    ),
    "absurd values break nothing": (
        nothing_breaks, (st.lists(st.one_of(everything_odd(), works()), min_size=1, max_size=5),),
    ),
}  # fmt: skip

"""Adversarial pairs of every class of error: the engine gives the verdict that a good librarian gives."""

from collections import Counter, defaultdict

import pytest

from tests.deduplication.pairs import LINKS, VERDICTS, Pair, all_pairs
from workbench.deduplication.rules import Findings, Settings, find

CLASSES = 11
OF_EACH = 10


def _keeps(verdict: str, findings: Findings, one: int) -> bool:
    """Say whether two records were treated as the verdict asks; `one` is the place of the first in the list."""
    merged, shown = len(findings.clusters) == 1, bool(findings.pairs)
    if verdict in LINKS:
        told = {(link.first, link.second, link.kind) for link in findings.links}
        return not merged and (one, 1 - one, verdict) in told
    return {"same": merged, "show or same": merged or shown, "two": not merged}[verdict]


def _told(findings: Findings) -> str:
    """What the engine did, for the message of a failure."""
    joins = [f"joined by {join.rule}: {join.reason}" for join in findings.joins]
    links = [f"{link.first} {link.kind} {link.second}: {link.reason}" for link in findings.links]
    pairs = [f"shown: {pair.reason} ({pair.evidence})" for pair in findings.pairs]
    return "; ".join(joins + links + pairs) or "kept apart in silence"


@pytest.mark.parametrize("pair", all_pairs(), ids=lambda pair: pair.id)
def test_the_engine_gives_the_verdict_of_a_librarian(pair: Pair) -> None:
    forms = pair.forms
    straight, turned = find(forms, Settings()), find(forms[::-1], Settings())

    assert _keeps(pair.verdict, straight, 0), f"{pair.verdict}: {pair.why} – {_told(straight)}"
    assert _keeps(pair.verdict, turned, 1), f"{pair.verdict}, turned round: {pair.why} – {_told(turned)}"


def test_among_all_the_others_no_two_reports_are_merged() -> None:
    pairs = all_pairs()
    findings = find([form for pair in pairs for form in pair.forms], Settings())

    merged = [{pairs[record // 2] for record in cluster} for cluster in findings.clusters if len(cluster) > 1]
    strangers = [sorted(pair.id for pair in met) for met in merged if len(met) > 1]
    lost = {pair.id for met in merged for pair in met if not pair.are_one_report}
    assert strangers == []
    assert lost == set()


def test_every_class_of_error_is_tried_both_ways() -> None:
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for pair in all_pairs():
        counts[pair.error_class][pair.are_one_report] += 1

    assert len(counts) == CLASSES
    assert {name: dict(count) for name, count in counts.items() if min(count[True], count[False]) < OF_EACH} == {}


def test_every_pair_is_told_once_and_whole() -> None:
    pairs = all_pairs()
    ids = [pair.id for pair in pairs]

    assert [one for one, times in Counter(ids).items() if times > 1] == []
    assert {pair.verdict for pair in pairs} <= VERDICTS
    assert all(pair.why.endswith(".") for pair in pairs)

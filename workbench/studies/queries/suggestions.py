"""Which studies may be one: by a trial's number, by links of the records, by people, size, dates and place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workbench.deduplication import queries as deduplication
from workbench.records.models import Record
from workbench.studies.models import StudyAnswer
from workbench.studies.queries import Entry, memberships, studies
from workbench.studies.queries.links import links
from workbench.studies.rules import PairAnswer, State
from workbench.studies.rules.hints import Hint, hints, told
from workbench.words import _

Pair = tuple[int, int]
SUGGEST_FROM = frozenset({State.INCLUDED, State.ONGOING, State.AWAITING})
"""One of the two studies stands here: nobody needs to gather what is excluded or undecided alone."""
STRENGTHS = {"same-trial": 0.95, "abstract-of": 0.9, "preprint-of": 0.9, "version-of": 0.8}
"""Links of the records that suggest one study, and how strongly beside a trial's number (1) and people (below)."""


@dataclass(frozen=True)
class Suggestion:
    """Two studies that may be one, with why; `pair` names a report of each, by which it is answered."""

    one: Entry
    other: Entry
    reasons: Sequence[str]
    pair: Pair
    is_put_off: bool


@dataclass(frozen=True)
class Kept:
    """Somebody said that a report is of another study; it can be taken back."""

    answer: StudyAnswer
    here_id: int
    other: Entry


def suggestions(session: Session, review_id: int, entries: Sequence[Entry] | None = None) -> list[Suggestion]:
    """Every suggestion that waits, the strongest first and those put off last; none that a person refused."""
    entries = studies(session, review_id) if entries is None else entries
    of = {report.id: place for place, entry in enumerate(entries) for report in entry.reports}
    found: dict[Pair, list[Hint]] = {}
    for hint in sorted(_hints(session, review_id, entries), key=lambda one: -one.strength):
        low, high = sorted((of.get(hint.first_id, -1), of.get(hint.second_id, -1)))
        if low >= 0 and low != high and {entries[low].state, entries[high].state} & SUGGEST_FROM:
            found.setdefault((low, high), []).append(hint)
    said = _said(session, review_id, of)
    waiting = {pair: some for pair, some in found.items() if said.get(pair) is not PairAnswer.DIFFERENT}
    ordered = sorted(waiting, key=lambda pair: (pair in said, -waiting[pair][0].strength, pair))
    return [_suggestion(entries, pair, waiting[pair], is_put_off=pair in said) for pair in ordered]


def about(found: Sequence[Suggestion], entry: Entry) -> list[Suggestion]:
    """Those of these suggestions that are about this study."""
    return [one for one in found if one.one is entry or one.other is entry]


def kept_apart(session: Session, review_id: int, entry: Entry, entries: Sequence[Entry]) -> list[Kept]:
    """The other studies that somebody said this one is different from, each once."""
    of = {report.id: one for one in entries for report in one.reports}
    here = {report.id for report in entry.reports}
    found: dict[int, Kept] = {}
    for low, high, row in _answers(session, review_id):
        if row.answer is PairAnswer.DIFFERENT and (low in here) != (high in here):
            mine, other = (low, high) if low in here else (high, low)
            if other in of:
                found.setdefault(of[other].first.id, Kept(row, mine, of[other]))
    return list(found.values())


def _suggestion(entries: Sequence[Entry], pair: Pair, some: Sequence[Hint], *, is_put_off: bool) -> Suggestion:
    one, other = entries[pair[0]], entries[pair[1]]
    first = some[0]
    ends = (first.first_id, first.second_id)
    if first.first_id not in {report.id for report in one.reports}:
        ends = (first.second_id, first.first_id)
    return Suggestion(one, other, list(dict.fromkeys(hint.reason for hint in some))[:3], ends, is_put_off)


def _hints(session: Session, review_id: int, entries: Sequence[Entry]) -> Iterator[Hint]:
    reports = [report.told for entry in entries for report in entry.reports]
    yield from hints([told(one.id, one.registry_ids, one.authors, one.abstract) for one in reports])
    for link in links(session, review_id):
        if link.kind in STRENGTHS:
            yield Hint(link.first_id, link.second_id, STRENGTHS[link.kind], _words(link.kind, link.reason))
    yield from _in_two(session, review_id)


def _in_two(session: Session, review_id: int) -> Iterator[Hint]:
    """Records of two studies that proved to be one report: the studies are one."""
    met: dict[int, list[int]] = {}
    within: dict[int, list[int]] = {}
    for kept, study_id in memberships(session, review_id):
        met.setdefault(kept, []).append(study_id)
        within.setdefault(study_id, []).append(kept)
    for kept, some in met.items():
        for other in (one for study_id in some[1:] for one in within[study_id] if one != kept):
            yield Hint(kept, other, 2.0, _("Record %(id)s, one report, was gathered into both", id=kept))


def _words(kind: str, reason: str) -> str:
    said = {
        "same-trial": _("Linked as reports of one trial"),
        "abstract-of": _("Linked as congress abstract and article"),
        "preprint-of": _("Linked as preprint and article"),
        "version-of": _("Linked as versions of one review"),
    }[kind]
    return f"{said}: {reason}" if reason else said


def _said(session: Session, review_id: int, of: Mapping[int, int]) -> dict[Pair, PairAnswer]:
    """What was said of pairs of studies; "different" of any two of their reports counts for all of them."""
    found: dict[Pair, PairAnswer] = {}
    for low, high, row in _answers(session, review_id):
        places = sorted((of.get(low, -1), of.get(high, -1)))
        if found.get((places[0], places[1])) is not PairAnswer.DIFFERENT:
            found[places[0], places[1]] = row.answer
    return found


def _answers(session: Session, review_id: int) -> list[tuple[int, int, StudyAnswer]]:
    """Every answer that stands, with the kept records of its two reports."""
    low, high = aliased(Record), aliased(Record)
    wanted = (
        select(deduplication.kept_of(low.id), deduplication.kept_of(high.id), StudyAnswer)
        .join(low, low.id == StudyAnswer.low_id)
        .join(high, high.id == StudyAnswer.high_id)
        .where(low.review_id == review_id, StudyAnswer.withdrawn_at.is_(None))
        .order_by(StudyAnswer.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(wanted)]

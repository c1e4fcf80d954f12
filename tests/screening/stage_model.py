"""A screening stage told once more, in lists and dictionaries: what domain.md promises, with no code of the house.

It is slow and plain on purpose. The state test lets the house and this model do the same deeds and compares what both say.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

INCLUDE, EXCLUDE, UNCLEAR, WITHDRAWN = "include", "exclude", "unclear", "withdrawn"
PENDING, CONFLICT, INCLUDED, EXCLUDED, AWAITING = (
    "pending",
    "conflict",
    "included",
    "excluded",
    "awaiting classification",
)
DUAL, LIBERAL, SINGLE, CHECKED = "full-dual", "liberal-accelerated", "single", "single-plus-check"
DAY = 24


@dataclass(frozen=True)
class Said:
    """What one ballot or one settlement says."""

    what: str
    reason: int | None = None
    questions: tuple[str, ...] = ()
    design: str | None = None


@dataclass
class Row:
    """One ballot as it was cast; a later one by the same person on the same record takes its place."""

    n: int
    who: int
    record: int
    said: Said
    hour: int
    bulk: int | None = None
    is_answer: bool = False
    """To being asked again."""
    handed: int | None = None


@dataclass(frozen=True)
class Person:
    """What one person says of a report."""

    who: int
    said: Said
    says: str
    since: int
    cast_on: int


@dataclass
class Settled:
    """A conflict that ended: the records it speaks for, and what it says."""

    n: int
    record: int
    covers: frozenset[int]
    said: Said


@dataclass
class StageModel:
    """The whole stage."""

    full_text: bool
    variant: str
    records: list[int]
    voters: list[int]
    judges: list[int]
    checked: frozenset[int] = frozenset()
    in_hand_most: int = 20
    kept: dict[int, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    places: dict[tuple[int, int], int] = field(default_factory=dict)
    put_off: list[tuple[int, int]] = field(default_factory=list)
    bars: set[tuple[int, int]] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    settled: list[Settled] = field(default_factory=list)
    proposals: list[tuple[int, int, Said, int]] = field(default_factory=list)
    """Record, who, what, and after how many settlements of the stage."""
    asked: set[tuple[int, int]] = field(default_factory=set)
    """Record and person, as allocated."""
    gone: set[int] = field(default_factory=set)
    running: bool = True
    hour: int = 0
    hand_ins: int = 0

    # Reports

    def kept_of(self, record: int) -> int:
        return self.kept.get(record, record)

    def members(self, record: int) -> list[int]:
        kept = self.kept_of(record)
        return [one for one in self.records if self.kept_of(one) == kept]

    def is_removed(self, record: int) -> bool:
        """A report is out only where every record of it is outside the limits."""
        return set(self.members(record)) <= self.removed

    def reports(self) -> list[int]:
        """The kept records that are screened."""
        return [one for one in self.records if self.kept_of(one) == one and not self.is_removed(one)]

    # Ballots

    @property
    def asks(self) -> int:
        return 1 if self.variant == SINGLE else 2

    def says(self, said: Said) -> str:
        if not self.full_text:
            return EXCLUDE if said.what == EXCLUDE else INCLUDE
        if said.what == UNCLEAR:
            return UNCLEAR
        return f"{said.what} {said.reason} {sorted(said.questions)} {said.design}"

    def current(self, who: int, record: int) -> Row | None:
        own = [row for row in self.rows if (row.who, row.record) == (who, record)]
        return own[-1] if own else None

    def live(self, who: int, record: int) -> list[Row]:
        """The ballots of a person on a report that stand, in hand or handed in."""
        newest = [self.current(who, member) for member in self.members(record)]
        return [row for row in newest if row and row.said.what != WITHDRAWN]

    def in_hand(self, who: int) -> list[Row]:
        """Newest first."""
        own = [row for row in self.rows if row.who == who and row.handed is None and row.said.what != WITHDRAWN]
        return [row for row in reversed(own) if self.current(who, row.record) is row]

    def handed_in(self, record: int, without: Collection[int] = ()) -> list[Row]:
        members = set(self.members(record)) - set(without)
        final = [row for row in self.rows if row.record in members and row.handed is not None]
        return sorted(final, key=lambda row: row.handed or 0)

    def persons(self, record: int, without: Collection[int] = ()) -> list[Person]:
        """What each says of a report, in the order of hand-in; whose own ballots differ says nothing until asked again."""
        by_who: dict[int, list[Row]] = {}
        for row in self.handed_in(record, without):
            by_who.setdefault(row.who, []).append(row)
        found = []
        for who, own in by_who.items():
            answers = [row for row in own if row.is_answer]
            says = {self.says(row.said) for row in own}
            if not answers and len(says) > 1:
                continue
            final = max(answers or own, key=lambda row: row.n)
            since = final.handed if answers else min(row.handed or 0 for row in own)
            found.append(Person(who, final.said, self.says(final.said), since or 0, min(row.record for row in own)))
        return sorted(found, key=lambda one: one.since)

    # Outcomes

    def standing(self, record: int) -> list[Settled]:
        """The settlements of a report that no later one took up."""
        here = [one for one in self.settled if self.kept_of(one.record) == self.kept_of(record)]
        return [one for one in here if not any(one.record in later.covers for later in here if later.n > one.n)]

    def covered(self, record: int) -> set[int]:
        return set().union(*(one.covers for one in self.standing(record))) & set(self.members(record))

    def outcome(self, record: int) -> str:
        settled, said = self.standing(record), self.by_votes(record, self.covered(record))
        if not settled:
            return said
        verdicts = {one.said if self.full_text else one.said.what for one in settled}
        if len(verdicts) > 1 or said not in {PENDING, settled[0].said.what}:
            return CONFLICT
        if self.full_text and said in {INCLUDED, EXCLUDED}:
            told = self.what_votes_say(record, said, self.covered(record))
            if self.says(replace(told, what=said)) != self.says(settled[0].said):
                return CONFLICT
        return settled[0].said.what

    def by_votes(self, record: int, without: Collection[int] = ()) -> str:
        persons = self.persons(record, without)
        if not persons:
            return PENDING
        if self.differ_by_merge(persons):
            return CONFLICT
        first = persons[0].says
        if self.is_enough(record, first):
            return self.alone(first)
        if len(persons) < 2:
            return PENDING
        second = persons[1].says
        if UNCLEAR in {first, second}:
            return CONFLICT
        if self.variant == LIBERAL and second.startswith(INCLUDE):
            return INCLUDED
        return self.alone(first) if first == second else CONFLICT

    def differ_by_merge(self, persons: Collection[Person]) -> bool:
        """More people than asked, on several records of one report, who do not say the same."""
        return (
            len(persons) > self.asks
            and len({one.cast_on for one in persons}) > 1
            and len({one.says for one in persons}) > 1
        )

    def is_enough(self, record: int, first: str) -> bool:
        passes = first.startswith(INCLUDE)
        if self.variant == CHECKED:
            return passes or first == UNCLEAR or self.kept_of(record) not in self.checked
        return self.variant == SINGLE or (self.variant == LIBERAL and passes)

    @staticmethod
    def alone(says: str) -> str:
        if says == UNCLEAR:
            return CONFLICT
        return INCLUDED if says.startswith(INCLUDE) else EXCLUDED

    def what(self, record: int) -> Said | None:
        """Reason, questions and design of a decided report."""
        if self.outcome(record) not in {INCLUDED, EXCLUDED}:
            return None
        if settled := self.standing(record):
            return max(settled, key=lambda one: one.n).said
        return self.what_votes_say(record, self.outcome(record))

    def what_votes_say(self, record: int, outcome: str, without: Collection[int] = ()) -> Said:
        persons = self.persons(record, without)
        return next(one.said for one in persons if outcome != INCLUDED or one.said.what != EXCLUDE)

    def outcomes(self) -> dict[int, str]:
        return {one: self.outcome(one) for one in self.reports()}

    # Whose turn it is

    def is_barred(self, who: int, record: int) -> bool:
        return any((who, member) in self.bars for member in self.members(record))

    def is_asked_again(self, who: int, record: int) -> bool:
        covered = self.covered(record)
        own = [row for row in self.handed_in(record, covered) if row.who == who]
        answering = [row for row in self.live(who, record) if row.is_answer and row.record not in covered]
        if answering or any(row.is_answer for row in own):
            return False
        return len({self.says(row.said) for row in own}) > 1

    def is_silent(self, who: int, record: int) -> bool:
        """Asked again and barred: nobody will answer, so the place is another's once enough have handed in."""
        asked = 2 if self.variant == DUAL else 1
        enough = len({row.who for row in self.handed_in(record)}) >= asked
        return enough and self.is_barred(who, record) and self.is_asked_again(who, record)

    def on_it(self, record: int) -> set[int]:
        """Whose ballots take a place on a report."""
        people = {row.who for row in self.rows}
        return {one for one in people if self.live(one, record) and not self.is_silent(one, record)}

    def others(self, who: int, record: int) -> set[int]:
        """Who takes a place on a report beside this person."""
        voted = self.on_it(record)
        held = {other for (one, other), until in self.places.items() if one == record and until > self.hour}
        asked = {other for one, other in self.asked if one == record}
        if who in asked:
            asked = set()
        asked = {other for other in asked if other not in self.gone and not self.is_barred(other, record)}
        return (voted | held | asked) - {who}

    def has_room(self, who: int, record: int) -> bool:
        others = self.others(who, record)
        if self.variant == SINGLE or not others:
            return not others
        if len(others) > 1:
            return False
        if self.variant == DUAL:
            return True
        out = any(one.who in others and not self.is_enough(record, one.says) for one in self.persons(record))
        return out and (self.variant != CHECKED or record in self.checked)

    def waits(self, who: int, record: int) -> bool:
        is_settled = any(one.record in self.members(record) for one in self.settled)
        return not (self.live(who, record) or is_settled or self.is_barred(who, record)) and self.has_room(who, record)

    def queue(self, who: int) -> list[int]:
        """Those asked again, then the order from the last place on, around, and what was put off at the end."""
        again = [one for one in self.records if self.kept_of(one) == one and self.is_asked_again(who, one)]
        again = [one for one in again if not self.is_barred(who, one)]
        waiting = [one for one in self.reports() if self.waits(who, one)]
        off = [record for one, record in self.put_off if one == who]
        mine = [row.record for row in self.rows if row.who == who]
        last = self.records.index(mine[-1]) if mine else -1
        now_on = sorted(
            set(waiting) - set(off), key=lambda one: (self.records.index(one) <= last, self.records.index(one))
        )
        return again + now_on + [one for one in off if one in waiting]

    # Deeds of a reviewer

    def place_of(self, who: int, record: int) -> int:
        """On which record of the report a ballot is put.

        Where one is asked again, on the kept one. Else on the one whose ballot it changes, else on the kept one.
        """
        kept = self.kept_of(record)
        if self.is_asked_again(who, kept):
            return kept
        if self.current(who, record):
            return record
        standing = [row.record for row in self.live(who, record)]
        return kept if kept in standing or not standing else standing[0]

    def may_vote(self, who: int, record: int, *, withdraws: bool = False) -> bool:
        if not self.running:
            return False
        if not withdraws and (self.is_barred(who, record) or self.is_removed(record)):
            return False
        earlier = self.current(who, self.place_of(who, record))
        if earlier is None or earlier.handed is None:
            return True
        return self.is_asked_again(who, record) and not withdraws

    def vote(self, who: int, record: int, said: Said, bulk: int | None = None) -> None:
        place = self.place_of(who, record)
        earlier = self.current(who, place)
        is_free = earlier is None or earlier.handed is None
        is_answer = self.is_asked_again(who, record) or bool(is_free and earlier and earlier.is_answer)
        self.rows.append(Row(len(self.rows), who, place, said, self.hour, bulk, is_answer))
        self.places.pop((place, who), None)
        if bulk is None:
            self.hand_in_older(who)

    def hand_in_older(self, who: int) -> None:
        mine, deeds = self.in_hand(who), set()
        for at, row in enumerate(mine):
            deeds.add(("bulk", row.bulk) if row.bulk else ("vote", row.n))
            if len(deeds) > self.in_hand_most:
                self.hand_in(mine[at:])
                return

    def hand_in(self, rows: Iterable[Row]) -> None:
        for row in sorted(rows, key=lambda row: row.n):
            self.hand_ins += 1
            row.handed = self.hand_ins

    def a_day_passes(self) -> None:
        self.hour += DAY + 1
        for who in sorted({row.who for row in self.rows}):
            self.hand_in(row for row in self.in_hand(who) if row.hour < self.hour - DAY)

    def needs_places(self) -> bool:
        return self.variant != DUAL or len(self.active()) > 2

    def serve(self, who: int, n: int) -> list[int]:
        served = self.queue(who)[:n] if self.running else []
        if self.needs_places():
            self.places |= {(record, who): self.hour + DAY for record in served}
        return served

    def postpone(self, who: int, record: int) -> None:
        self.call_back(who, record)
        self.put_off.append((who, record))

    def call_back(self, who: int, record: int) -> None:
        self.put_off = [one for one in self.put_off if one != (who, record)]

    # Deeds of others

    def active(self) -> list[int]:
        return [who for who in self.voters if who not in self.gone]

    def counted(self, record: int) -> set[int]:
        """Whose ballots made the outcome; where only settlements did, all who voted."""
        fresh = self.handed_in(record, self.covered(record))
        if not fresh:
            return {row.who for row in self.handed_in(record)}
        persons = self.persons(record, self.covered(record))
        differ = len({one.cast_on for one in persons}) > 1 and len({one.says for one in persons}) > 1
        return {one.who for one in (persons if differ else persons[: self.asks])}

    def may_adjudicate(self, who: int, record: int) -> bool:
        return (
            who in self.judges
            and not self.is_removed(record)
            and self.outcome(record) == CONFLICT
            and not self.live(who, record)
            and not self.is_barred(who, record)
        )

    def may_propose(self, who: int, record: int) -> bool:
        return not self.is_removed(record) and self.outcome(record) == CONFLICT and who in self.counted(record)

    def proposal(self, record: int) -> tuple[int, int, Said, int] | None:
        """The newest way out that was proposed since the report was settled last."""
        here = [one for one in self.proposals if one[0] in self.members(record)]
        last = max((one.n for one in self.settled if one.record in self.members(record)), default=-1)
        return here[-1] if here and here[-1][3] > last else None

    def propose(self, who: int, record: int, said: Said) -> None:
        self.proposals.append((self.kept_of(record), who, said, len(self.settled)))

    def settle(self, record: int, said: Said) -> None:
        self.settled.append(Settled(len(self.settled), self.kept_of(record), frozenset(self.members(record)), said))

    def untouched(self) -> list[int]:
        """Reports that nobody has a ballot on."""
        people = {row.who for row in self.rows}
        return [one for one in self.reports() if not any(self.live(who, one) for who in people)]

    # Counts

    def progress(self) -> dict[str, int]:
        outcomes = self.outcomes()
        pending = [one for one, where in outcomes.items() if where == PENDING]
        given = [one for one in pending if self.handed_in(one)]
        conflicts = sum(where == CONFLICT for where in outcomes.values())
        fresh = 2 if self.variant == DUAL else 1
        return {
            "total": len(outcomes),
            "settled": len(outcomes) - len(pending) - conflicts,
            "conflicts": conflicts,
            "awaited": len(given),
            "untouched": len(pending) - len(given),
            "votes_left": len(given) + fresh * (len(pending) - len(given)),
        }

    def given(self) -> dict[int, int]:
        """On how many reports each person's ballot is handed in."""
        return dict(Counter(who for one in self.reports() for who in {row.who for row in self.handed_in(one)}))

    def numbers(self) -> dict[str, int]:
        """The boxes of the diagram that this stage fills."""
        outcomes = self.outcomes()
        n = Counter(outcomes.values())
        before = {
            "database_results": len(self.records),
            "duplicates": sum(self.kept_of(one) != one for one in self.records),
            "excluded_automatic": sum(self.is_removed(one) for one in self.records if self.kept_of(one) == one),
            "records_screened": len(outcomes),
        }
        undecided = n[PENDING] + n[CONFLICT]
        if not self.full_text:
            return before | {
                "records_excluded": n[EXCLUDED], "records_undecided": undecided, "dbr_sought_reports": n[INCLUDED]
            }  # fmt: skip
        return before | {
            "records_excluded": 0, "dbr_sought_reports": len(outcomes), "dbr_assessed": len(outcomes),
            "dbr_undecided": undecided, "new_reports": n[INCLUDED], "awaiting_classification": n[AWAITING],
        }  # fmt: skip

    # Agreement

    def pairs(self) -> list[tuple[str, str]]:
        """What two people said first of the same record, whoever joined first named first; only of open reports."""
        found = []
        for record in self.reports():
            final = self.handed_in(record)
            if self.outcome(record) == PENDING or self.ever_differed(final):
                continue
            pair = self.pair(record, final)
            found += [tuple(row.said.what for row in sorted(pair, key=lambda row: row.who))] if pair else []
        return found

    def ever_differed(self, final: Iterable[Row]) -> bool:
        own: dict[int, set[str]] = {}
        for row in final:
            own.setdefault(row.who, set()).add(self.says(row.said))
        return any(len(says) > 1 for says in own.values()) or any(row.is_answer for row in final)

    def pair(self, record: int, final: Iterable[Row]) -> list[Row] | None:
        on: dict[int, list[Row]] = {}
        for row in final:
            here = on.setdefault(row.record, [])
            if row.who not in {one.who for one in here}:
                here.append(row)
            if len(here) > 1 and self.asks > 1 and not self.is_enough(record, self.says(here[0].said)):
                return here[:2]
        return None

    def table(self) -> list[list[int]]:
        """Include and exclude of the one by include and exclude of the other; unclear counts as include."""
        cells = [[0, 0], [0, 0]]
        for one, other in self.pairs():
            cells[one == EXCLUDE][other == EXCLUDE] += 1
        return cells

    def agreement(self) -> tuple[float | None, float | None]:
        """The share on which both say the same, and Cohen's kappa; None where there is nothing to say."""
        (a, b), (c, d) = self.table()
        n = a + b + c + d
        if not n:
            return None, None
        observed = (a + d) / n
        chance = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
        return observed, None if chance == 1 else (observed - chance) / (1 - chance)


def drawn(seed: int, records: Iterable[int], percent: float) -> frozenset[int]:
    """The share of records whose single exclusion a second person checks, as documented: by SHA-256 of seed and id."""
    lots = {one: int(hashlib.sha256(f"{seed + 1}:{one}".encode()).hexdigest()[:8], 16) for one in records}
    return frozenset(one for one, lot in lots.items() if lot < percent / 100 * 2**32)

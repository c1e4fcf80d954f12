"""The house and the model of a stage, side by side: the same deeds are done in both, and after each both say the same."""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import time_machine
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import a_document, a_member, a_record, a_review, an_import, start_anew, the_lead
from tests.screening import stage_model
from tests.screening.stage_model import Said, StageModel
from workbench.db import Sessions, open_sessions
from workbench.deduplication import service as duplicates
from workbench.deduplication.models import Answer, Duplicate
from workbench.errors import WorkbenchError
from workbench.protocols import queries as protocols
from workbench.reporting.queries import flow
from workbench.reviews import service as reviews
from workbench.reviews.models import ExclusionReason, Member
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import Assignment
from workbench.screening.queries import agreement, memo, progress, queue
from workbench.screening.queries import votes as queries
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Ballot, Decision, Design, Found, Split, Verdict
from workbench.screening.rules import Wish as Filter
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation, bulk, conflicts, desk, retrieval, stages, voting

START = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
RECORDS, SEED, PERCENT, IN_HAND = 5, 11, 50, 3
TITLES, TEXTS = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
OUTSIDE = "outside"

PEOPLE = st.integers(0, 3)
WHICH = st.integers(0, RECORDS - 1)


class Base:
    """A stage that was just opened, in a file that each run copies."""

    def __init__(self, path: Path, stage: Stage, variant: str) -> None:
        self.path = path
        sessions = open_sessions(f"sqlite:///{path}")
        with time_machine.travel(START, tick=False), sessions.write.begin() as session:
            self._build(session, stage, variant)
        with sessions.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        sessions.engine.dispose()

    def _build(self, session: Session, stage: Stage, variant: str) -> None:
        start_anew()
        rule = {"variant": variant, "votes": 1 if variant == stage_model.SINGLE else 2, "seed": SEED}
        if variant == stage_model.CHECKED:
            rule["check_percent"] = PERCENT
        review = a_review(session, "spine", document=a_document("spine", stage, **rule))
        lead, of = the_lead(session, review), an_import(session, review, records_in_file=RECORDS)
        records = [a_record(session, review, of=of, doi=f"10.5555/{n}") for n in range(RECORDS)]
        early = [a_member(session, review) for _ in range(2)] if stage is TEXTS else []
        team = [a_member(session, review) for _ in range(3)]
        judge = a_member(session, review, Role.ADJUDICATOR)
        stages.open_stage(session, lead, TITLES)
        for person, record in itertools.product(early, records):
            voting.cast_vote(
                session, person, record.id, TITLES, Ballot(Decision.INCLUDE), f"early{person.id}{record.id}"
            )
        for person in early:
            voting.hand_in(session, person, TITLES)
            reviews.part(session, lead, person.id)
        if stage is TEXTS:
            for record in records:
                retrieval.log_report(session, lead, record.id, Found.RETRIEVED, "it is there")
            stages.open_stage(session, lead, TEXTS)
        self.review_id, self.lead_id, self.judge_id = review.id, lead.id, judge.id
        self.people = [lead.id, *(one.id for one in team)]
        self.record_ids = [one.id for one in records]
        self.reasons = list(
            session.scalars(
                select(ExclusionReason.id).where(ExclusionReason.review_id == review.id).order_by(ExclusionReason.id)
            )
        )


@cache
def base(template: Path, folder: Path, stage: Stage, variant: str) -> Base:
    """Each kind of stage is built once."""
    path = folder / f"{stage}-{variant}.sqlite"
    shutil.copy(template, path)
    return Base(path, stage, variant)


@cache
def opened(path: Path) -> Sessions:
    """One way into the file in which each run takes place, so that no statement is compiled anew for each."""
    return open_sessions(f"sqlite:///{path}")


class StageMachine(RuleBasedStateMachine):
    """Draws deeds, does them in the house and in the model, and compares."""

    template: Path
    folder: Path

    @initialize(
        stage=st.sampled_from(list(Stage)),
        variant=st.sampled_from(
            [stage_model.DUAL] * 4 + [stage_model.LIBERAL, stage_model.SINGLE, stage_model.CHECKED]
        ),
        present=st.sampled_from([2, 3, 4]),
    )
    def begin(self, stage, variant, present):
        self.stage = stage
        self.base = base(self.template, self.folder, stage, variant)
        run = self.folder / f"run-{stage}-{variant}.sqlite"  # what is remembered of a protocol holds for one address
        self.sessions = opened(run)
        self.sessions.engine.dispose()
        shutil.copy(self.base.path, run)
        memo.forget()  # the same file with other facts in it
        protocols._known.clear()  # and with another protocol
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.numbers = itertools.count()
        self.model = StageModel(
            stage is TEXTS,
            variant,
            self.base.record_ids,
            self.base.people,
            [self.base.lead_id, self.base.judge_id],
            stage_model.drawn(SEED, self.base.record_ids, PERCENT) if variant == stage_model.CHECKED else frozenset(),
            IN_HAND,
        )
        self.last_sent = None
        for who in self.base.people[present:]:
            self._leave(who)

    def teardown(self):
        if hasattr(self, "sessions"):
            self.sessions.engine.dispose()
            self.clock.stop()

    # Doing the same in both

    def do(self, deed: Callable, *, refused: bool | None = None):
        """Let the house do a deed; it refuses it where the model does (None: as it likes). Gives what it gave, or None."""
        try:
            self.traveller.shift(timedelta(seconds=1))
            with self.sessions.write.begin() as session:
                given = deed(session)
        except WorkbenchError as error:
            assert refused is not False, f"the house refuses, the model does not: {error!r}"
            return None
        assert not refused, "the model refuses, the house does not"
        return given if given is not None else True

    def key(self) -> str:
        return f"key{next(self.numbers)}"

    def who(self, n: int) -> int:
        """One of those who are in the team."""
        active = self.model.active()
        return active[n % len(active)]

    def ballot(self, said: Said) -> Ballot:
        return Ballot(Decision(said.what), said.reason, said.questions, Design(said.design) if said.design else None)

    def said(self, decision: str, detail: int) -> Said:
        if self.stage is TITLES or decision == stage_model.UNCLEAR:
            return Said(decision)
        if decision == stage_model.EXCLUDE:
            return Said(decision, reason=self.base.reasons[detail % 2])
        return Said(decision, questions=("pico1", "pico2")[: 1 + detail % 2], design="other")

    def verdict(self, decision: str, detail: int) -> tuple[Said, dict]:
        said = self.said(decision, detail)
        if self.stage is TITLES and decision == stage_model.UNCLEAR:
            said = self.said(stage_model.INCLUDE, detail)
        words = {"include": "included", "exclude": "excluded", "unclear": "awaiting classification"}
        as_settled = Said(words[said.what], said.reason, said.questions, said.design)
        ballot = self.ballot(said)
        return as_settled, {"reason_id": ballot.reason_id, "questions": ballot.questions, "design": ballot.design}

    DECISIONS = st.sampled_from([stage_model.INCLUDE, stage_model.INCLUDE, stage_model.EXCLUDE, stage_model.UNCLEAR])
    DETAILS = st.sampled_from([0, 0, 0, 1])

    def cast(self, who: int, record: int, said: Said) -> None:
        self.last_sent = (who, record, self.key(), said)
        key = self.last_sent[2]
        may = self.model.may_vote(who, record)
        self.do(
            lambda session: voting.cast_vote(
                session, session.get_one(Member, who), record, self.stage, self.ballot(said), key
            ),
            refused=not may,
        )
        if may:
            self.model.vote(who, record, said)
        else:
            self.last_sent = None

    @rule(n=PEOPLE, place=st.integers(0, 1), decision=DECISIONS, detail=DETAILS)
    def vote_on_what_waits(self, n, place, decision, detail):
        who = self.who(n)
        waiting = self.model.queue(who)
        if not (place < len(waiting)):
            return
        self.cast(who, waiting[place], self.said(decision, detail))

    @rule(decision=DECISIONS, detail=DETAILS, place=st.integers(0, 2))
    def all_vote_on_what_waits_and_finish(self, decision, detail, place):
        for who in self.model.active():
            waiting = self.model.queue(who)
            if place < len(waiting):
                self.cast(who, waiting[place], self.said(decision, detail))
                self.finish(who)

    @rule(n=PEOPLE, at=WHICH, decision=DECISIONS, detail=DETAILS)
    def vote_on_any(self, n, at, decision, detail):
        self.cast(self.who(n), self.base.record_ids[at], self.said(decision, detail))

    @rule()
    def send_the_last_vote_again(self):
        if not (self.last_sent and self.last_sent[0] not in self.model.gone):
            return
        who, record, key, said = self.last_sent
        self.do(
            lambda session: voting.cast_vote(
                session, session.get_one(Member, who), record, self.stage, self.ballot(said), key
            )
        )

    @rule(n=PEOPLE, at=WHICH)
    def change_or_take_back_a_vote(self, n, at):
        who = self.who(n)
        mine = self.model.in_hand(who)
        record = mine[at % len(mine)].record if mine else self.base.record_ids[at]
        place = self.model.place_of(who, record)
        there = self.model.current(who, place)
        acts = there is not None and there.said.what != stage_model.WITHDRAWN
        may = self.model.may_vote(who, record, withdraws=True)
        key = self.key()
        self.do(
            lambda session: voting.withdraw(session, session.get_one(Member, who), record, self.stage, key),
            refused=acts and not may,
        )
        if acts and may:
            self.model.vote(who, record, Said(stage_model.WITHDRAWN))

    def finish(self, who):
        self.do(lambda session: voting.hand_in(session, session.get_one(Member, who), self.stage), refused=False)
        self.model.hand_in(self.model.in_hand(who))

    @rule(n=PEOPLE)
    def hand_in(self, n):
        self.finish(self.who(n))

    @rule()
    def a_day_passes(self):
        self.traveller.shift(timedelta(hours=stage_model.DAY + 1))
        self.do(voting.hand_in_after_a_day, refused=False)
        self.model.a_day_passes()

    @rule(n=PEOPLE, decision=DECISIONS, size=st.integers(1, 4))
    def vote_in_bulk(self, n, decision, size):
        if not (self.stage is TITLES and self.model.running):
            return
        who = self.who(n)
        listed = sorted(self.model.queue(who))[:size]
        if not (listed):
            return
        said, key = self.said(decision, 0), self.key()
        given = self.do(
            lambda session: (
                bulk.vote_in_bulk(
                    session,
                    session.get_one(Member, who),
                    self.stage,
                    listed,
                    Filter(words="trial"),
                    self.ballot(said),
                    key,
                ).id
            ),
            refused=False,
        )
        for record in listed:
            self.model.vote(who, record, said, bulk=given)
        self.model.hand_in_older(who)

    @rule(n=PEOPLE)
    def take_a_list_back(self, n):
        if not (self.model.running):
            return
        who = self.who(n)
        lists = [row.bulk for row in self.model.in_hand(who) if row.bulk]
        if not (lists):
            return
        mine = [row for row in self.model.in_hand(who) if row.bulk == lists[0]]
        self.do(
            lambda session: bulk.take_back(session, session.get_one(Member, who), self.stage, lists[0]), refused=False
        )
        for row in reversed(mine):  # the oldest first
            self.model.vote(who, row.record, Said(stage_model.WITHDRAWN), bulk=-1)

    @rule(n=PEOPLE, size=st.integers(1, 2))
    def serve(self, n, size):
        who = self.who(n)
        served = self.do(
            lambda session: [
                turn.record_id for turn in voting.serve(session, session.get_one(Member, who), self.stage, size)
            ],
            refused=False,
        )
        assert served == self.model.serve(who, size)

    @rule(n=PEOPLE, at=WHICH, back=st.booleans())
    def postpone(self, n, at, back):
        who, record, key = self.who(n), self.base.record_ids[at], self.key()
        deed = desk.call_back if back else desk.postpone
        rest = () if back else (key,)
        self.do(lambda session: deed(session, session.get_one(Member, who), record, self.stage, *rest), refused=False)
        (self.model.call_back if back else self.model.postpone)(who, record)

    # Conflicts

    def in_conflict(self, at: int) -> int:
        found = [one for one, where in self.model.outcomes().items() if where == stage_model.CONFLICT]
        return found[at % len(found)] if found else self.base.record_ids[at]

    @rule(at=WHICH, by_lead=st.booleans(), decision=DECISIONS, detail=DETAILS)
    def adjudicate(self, at, by_lead, decision, detail):
        record, who = self.in_conflict(at), self.base.lead_id if by_lead else self.base.judge_id
        as_settled, values = self.verdict(decision, detail)
        may = self.model.may_adjudicate(who, record)
        self.do(
            lambda session: conflicts.adjudicate(
                session, session.get_one(Member, who), record, self.stage, Verdict(as_settled.what), "So.", **values
            ),
            refused=not may,
        )
        if may:
            self.model.settle(record, as_settled)

    @rule(at=WHICH, n=PEOPLE, decision=DECISIONS, detail=DETAILS)
    def propose(self, at, n, decision, detail):
        record = self.in_conflict(at)
        said_so = sorted(self.model.counted(record) - self.model.gone)
        who = said_so[n % len(said_so)] if said_so and n else self.who(n)
        as_settled, values = self.verdict(decision, detail)
        may = self.model.may_propose(who, record)
        self.do(
            lambda session: conflicts.propose(
                session, session.get_one(Member, who), record, self.stage, Verdict(as_settled.what), "So.", **values
            ),
            refused=not may,
        )
        if may:
            self.model.propose(who, record, as_settled)

    @rule(at=WHICH, n=PEOPLE)
    def agree(self, at, n):
        record, who = self.in_conflict(at), self.who(n)
        newest = self.model.proposal(record)
        may = newest is not None and newest[1] != who and self.model.may_propose(who, record)

        def say_yes(session):
            found = queries.proposal(session, record, self.stage)
            conflicts.agree(session, session.get_one(Member, who), record, self.stage, found.id if found else 0)

        self.do(say_yes, refused=not may)
        if may:
            self.model.settle(record, newest[2])

    # The team and the stage

    @rule(opens=st.booleans())
    def open_or_close(self, opens):
        deed = stages.open_stage if opens else stages.close_stage
        refused = self.model.running is opens
        self.do(lambda session: deed(session, session.get_one(Member, self.base.lead_id), self.stage), refused=refused)
        self.model.running = opens

    def _leave(self, who):
        self.do(lambda session: reviews.part(session, session.get_one(Member, self.base.lead_id), who), refused=False)
        self.model.gone.add(who)

    @rule(n=PEOPLE)
    def somebody_leaves(self, n):
        who = self.who(n)
        if not (who != self.base.lead_id and len(self.model.active()) > 2):
            return
        self._leave(who)

    @rule(n=PEOPLE)
    def somebody_comes_back(self, n):
        if not (self.model.gone):
            return
        who = sorted(self.model.gone)[n % len(self.model.gone)]

        def join(session):
            member = session.get_one(Member, who)
            reviews.join(session, member.review, member.user, Role.REVIEWER)

        self.do(join, refused=False)
        self.model.gone.remove(who)

    @rule(n=PEOPLE, at=WHICH, lifts=st.booleans())
    def bar(self, n, at, lifts):
        who, record = self.who(n), self.base.record_ids[at]
        if lifts != ((who, record) in self.model.bars):
            return
        if lifts:

            def deed(session):
                standing = queries.standing_bar(session, who, record)
                stages.lift_bar(session, session.get_one(Member, self.base.lead_id), standing.id)
        else:

            def deed(session):
                stages.bar(session, session.get_one(Member, who), record, who, "Own work")

        self.do(deed, refused=False)
        self.model.bars ^= {(who, record)}
        if not lifts:
            self.model.places.pop((record, who), None)

    @rule(split=st.sampled_from(list(Split)), people=st.sets(PEOPLE, min_size=1), size=st.none() | st.integers(1, 3),
          again=st.booleans(), of=PEOPLE, seed=st.integers(0, 5))  # fmt: skip
    def allocate(self, split, people, size, again, of, seed):
        named = sorted({self.who(n) for n in people})
        share = 100 if split is Split.SHARES else 1
        of_member = self.base.people[of] if split is Split.HANDED_OVER else None
        shares = {} if split is Split.EVERYONE else {who: share for who in named if who != of_member}
        wish = Wish(split, shares, seed, chosen=Chosen(size=size, again=again, of_member=of_member))
        made = self.do(
            lambda session: allocation.allocate(session, session.get_one(Member, self.base.lead_id), self.stage, wish)
        )
        before = set(self.model.asked)
        now_asked = self.allocated()
        self.check_allocation(before, now_asked, wish, made)
        self.model.asked = now_asked

    def allocated(self) -> set[tuple[int, int]]:
        with self.sessions.read() as session:
            rows = session.execute(
                select(Assignment.record_id, Assignment.member_id).where(
                    Assignment.stage == self.stage, Assignment.ended_by.is_(None)
                )
            ).all()
        assert Counter(map(tuple, rows)).total() == len(set(rows)), "nobody is asked for the same record twice"
        return {tuple(row) for row in rows}

    def check_allocation(self, before, after, wish, made):
        """Who is drawn is the house's affair; what no draw may do is checked here."""
        model, places = self.model, 1 if self.model.variant in {stage_model.SINGLE, stage_model.CHECKED} else 2
        if made is None:
            assert after == before
            return
        assert all(not model.live(who, record) for record, who in before - after), "what one voted on stays one's own"
        for record, who in after - before:
            assert who in wish.shares and who not in model.gone and record in model.reports()
            assert not model.is_barred(who, record) and not model.live(who, record)
            people = model.on_it(record) | {other for one, other in after if one == record}
            assert len(people) <= max(places, len(model.on_it(record)))
        if wish.split is Split.EVERYONE:
            assert after == {(record, who) for record, who in before if model.live(who, record)}

    # Reports

    @rule(one=WHICH, other=WHICH, removed=st.booleans())
    def join_two_records(self, one, other, removed):
        low, high = (self.base.record_ids[n] for n in (one, other))
        if removed and self.model.removed:
            low = min(self.model.removed)
        if self.model.kept_of(low) == self.model.kept_of(high):
            return
        together = set(self.model.members(low)) | set(self.model.members(high))
        joined = self.do(
            lambda session: duplicates.answer(
                session, session.get_one(Member, self.base.lead_id), low, high, Answer.SAME
            )
        )
        self.follow_duplicates([together] if joined else [])

    @rule(at=WHICH)
    def part(self, at):
        record = self.base.record_ids[at]
        others = set(self.model.members(record)) - {record}
        self.do(
            lambda session: duplicates.part(session, session.get_one(Member, self.base.lead_id), record),
            refused=not others,
        )
        self.follow_duplicates([{record}, others] if others else [])

    @rule(at=WHICH)
    def part_what_was_joined(self, at):
        joined = sorted(self.model.kept)
        if not (joined):
            return
        self.part(self.base.record_ids.index(joined[at % len(joined)]))

    def follow_duplicates(self, changed):
        """Which record of a report is kept is for the room of duplicates to say; which are one report is checked."""
        untouched = [set(self.model.members(one)) for one in self.base.record_ids]
        moved = set().union(*changed)
        wanted = [some for some in untouched if not some & moved] + changed
        with self.sessions.read() as session:
            self.model.kept = dict(session.execute(select(Duplicate.record_id, Duplicate.kept_id)).all())
        assert all(set(self.model.members(one)) in wanted for one in self.base.record_ids)

    @rule(at=st.sets(WHICH, min_size=1, max_size=2))
    def remove_what_is_outside_limits(self, at):
        wanted = [self.base.record_ids[n] for n in sorted(at)]
        gone = [one for one in wanted if one in self.model.untouched() and self.stage is TITLES]

        def remove(session):
            lead = session.get_one(Member, self.base.lead_id)
            return stages.remove_outside_limits(session, lead, OUTSIDE, wanted, by_automation=True)

        n = self.do(remove, refused=False)
        assert n == len(gone)
        for record in gone:
            self.model.removed |= set(self.model.members(record))

    @rule()
    def put_back_what_was_removed(self):
        if not (self.model.removed):
            return
        people = {row.who for row in self.model.rows}
        voted = any((row := self.model.current(who, one)) and row.said.what != stage_model.WITHDRAWN
                    for who in people for one in self.model.removed)  # fmt: skip
        self.do(
            lambda session: stages.restore_removed(session, session.get_one(Member, self.base.lead_id), OUTSIDE),
            refused=voted,
        )
        if not voted:
            self.model.removed = set()

    # What is compared

    @invariant()
    def both_say_the_same(self):
        if not hasattr(self, "sessions"):
            return
        with self.sessions.read() as session:
            found = queries.stage_rule(session, self.base.review_id, self.stage)
            self.compare_outcomes(session, found)
            self.compare_queues(session, found)
            self.compare_counts(session, found)
            self.compare_agreement(session, found)

    def compare_outcomes(self, session, found):
        stood = {one.record_id: one for one in standings(session, self.base.review_id, found)}
        assert {one: stands.outcome.value for one, stands in stood.items()} == self.model.outcomes()
        for one, stands in stood.items():
            said = self.model.what(one)
            if said is not None:
                design = stands.design.value if stands.design else None
                assert (stands.reason_id, stands.questions, design) == (said.reason, said.questions, said.design)
            if stands.outcome.value == stage_model.CONFLICT:
                counted = queries.counted_votes(session, self.base.review_id, one, self.stage)
                assert {vote.reviewer_id for vote in counted} == self.model.counted(one)

    def compare_queues(self, session, found):
        for who in self.model.active():
            member = session.get_one(Member, who)
            turns = [turn.record_id for turn in queue.waiting_for(session, member, found, RECORDS + 3)]
            assert turns == self.model.queue(who), f"what waits for {who}"
            assert queue.how_many_wait(session, member, found) == len(turns)

    def compare_counts(self, session, found):
        counted = progress.progress(session, self.base.review_id, found)
        wanted = self.model.progress()
        assert {name: getattr(counted, name) for name in wanted} == wanted
        given = {share.member.id: share.given for share in counted.shares if share.given}
        assert given == self.model.given()
        numbers = flow(session, self.base.review_id)
        wanted = self.model.numbers()
        assert {name: numbers[name] for name in wanted} == wanted

    def compare_agreement(self, session, found):
        pairs = agreement.pairs(session, self.base.review_id, found).found
        figures = agreement.figures(pairs)
        assert [list(row) for row in figures.two.cells] == self.model.table()
        observed, kappa = self.model.agreement()
        assert figures.of_two.observed == pytest.approx(observed)
        assert figures.of_two.kappa == (None if kappa is None else pytest.approx(kappa))


def run_steps(template: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, how: settings) -> None:
    """Let the machine run; three newer votes hand an older one in, so that it happens among few records."""
    monkeypatch.setattr(voting, "IN_HAND", IN_HAND)
    made = type("Stage", (StageMachine,), {"template": template, "folder": folder})
    run_state_machine_as_test(made, settings=how)

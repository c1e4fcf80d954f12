"""Two worlds with one history (domain B1): several people vote, take back, hand in, are allocated records and settle.

In both worlds the same people do the same at the same times; they differ only in what others than the watcher say of
records that are not open in the end. The files are made once and copied, so that one history takes little time.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import time_machine
from hypothesis import strategies as st

from tests import factories
from tests.factories import a_member, a_record, a_review, an_import, minimal_document, the_lead
from tests.worlds import LATER, START, Seen, World, differences, looked_at
from workbench.accounts.rules import Scope
from workbench.accounts.service import make_token
from workbench.app import create_app, database_of
from workbench.errors import WorkbenchError
from workbench.reviews import queries as reviews
from workbench.reviews.rules import Role, Stage
from workbench.screening.queries import memo
from workbench.screening.rules import Ballot, Decision, Split, Verdict
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation, conflicts, desk, stages, voting

TITLES = Stage.TITLE_ABSTRACT
RECORDS = 5
WATCHER, JUDGE = "first", "judge"
OTHERS = ("second", "third")
VOTERS = (WATCHER, *OTHERS)

REPRESENTATIVE = [
    "/", "/trail", "/tags", "/team-questions", "/prisma", "/records", "/records/1", "/records/2", "/duplicates",
    "/prisma/records_undecided", "/stages/title-abstract", "/stages/title-abstract/pending",
    "/stages/title-abstract/conflict", "/stages/title-abstract/included", "/stages/title-abstract/progress",
    "/stages/title-abstract/agreement", "/stages/title-abstract/allocation", "/conflicts/title-abstract",
    "/conflicts/title-abstract/1", "/screen/title-abstract", "/screen/title-abstract/now?held=1",
    "/screen/title-abstract/mine", "/screen/title-abstract/find?words=trial",
]  # fmt: skip
"""A page of each kind that a voter can reach; all addresses are looked at in the long check."""

FOR_PROGRAMS = [
    "",
    "/stages/title-abstract",
    "/stages/title-abstract/votes",
    "/stages/title-abstract/conflicts",
    "/records",
]

SERVED = [
    "POST /reviews/spine/screen/title-abstract/queue", "POST /api/v1/reviews/spine/stages/title-abstract/queue"
]  # fmt: skip
"""How the desk and a program are served what waits, in its order; asked last, since serving holds places."""


@dataclass(frozen=True)
class Event:
    """One deed: what is done, by whom, on which record; a vote of others says one thing here and another there."""

    what: str
    who: str = "second"
    at: int = 0
    here: Decision = Decision.INCLUDE
    there: Decision = Decision.EXCLUDE


SAYS = st.sampled_from([Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR])
EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(["vote"] * 6 + ["undo", "hand in", "hand in", "allocate", "settle", "a day", "put off"]),
        st.sampled_from(VOTERS),
        st.integers(0, RECORDS - 1),
        SAYS,
        SAYS,
    ),
    min_size=6,
    max_size=24,
)


class Twins:
    """Two applications on two files, which each history begins anew."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.base = folder / "base.sqlite"
        shutil.copy(template, self.base)
        self.worlds = [self._world(folder / name) for name in ("one", "two")]
        self._furnish()

    def _world(self, folder: Path) -> World:
        folder.mkdir()
        app = create_app(folder, f"sqlite:///{folder / 'workbench.sqlite'}", "Testing", SECRET_KEY="k" * 32)
        app.config["WTF_CSRF_ENABLED"] = False
        return World(app, "spine", {}, [], [], [], {})

    def _furnish(self) -> None:
        """Fill the file that both begin with: a team of three who vote, one who judges, five records, an open stage."""
        factories.start_anew()
        self._begin_anew()
        world = self.worlds[0]
        with time_machine.travel(START, tick=False), database_of(world.app).write.begin() as session:
            review = a_review(session, "spine", document=minimal_document("spine"))
            people = dict(zip(VOTERS, (the_lead(session, review), a_member(session, review), a_member(session, review)),
                              strict=True))  # fmt: skip
            people[JUDGE] = a_member(session, review, Role.ADJUDICATOR)
            of = an_import(session, review, records_in_file=RECORDS)
            made = [a_record(session, review, of=of, number=n, title=f"Trial {n}") for n in range(1, RECORDS + 1)]
            stages.open_stage(session, people[WATCHER], TITLES)
            token = make_token(session, people[WATCHER].user, "script", Scope.FULL, 30)[1]
            for one in self.worlds:
                one.emails |= {name: person.user.email for name, person in people.items()}
                one.record_ids += [record.id for record in made]
                one.import_ids.append(of.id)
                one.tokens[WATCHER] = token
        with database_of(world.app).engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self._file(world), self.base)

    def _file(self, world: World) -> Path:
        return Path(database_of(world.app).engine.url.database)

    def _begin_anew(self) -> None:
        for world in self.worlds:
            database_of(world.app).engine.dispose()
            for rest in ("-wal", "-shm"):
                self._file(world).with_name(self._file(world).name + rest).unlink(missing_ok=True)
            shutil.copy(self.base, self._file(world))
        memo.forget()  # the same files with other facts in them

    def play(self, history: list[Event]) -> None:
        """Let the history happen in both worlds."""
        self._begin_anew()
        unopened = set(range(RECORDS)) - opened(history)
        for at_there, world in enumerate(self.worlds):
            for n, event in enumerate(history):
                differs = at_there and event.who != WATCHER and event.at in unopened
                self._do(world, n, event, event.there if differs else event.here)

    def _do(self, world: World, n: int, event: Event, says: Decision) -> None:
        with time_machine.travel(START + timedelta(minutes=n), tick=False):
            try:
                with database_of(world.app).write.begin() as session:
                    deed(session, world, n, event, says)
            except WorkbenchError:
                pass  # refused in both worlds alike; were it not so, the worlds would differ

    def differences(self, wanted: list[str]) -> list[str]:
        """The addresses at which the watcher can tell the worlds apart."""
        return differences(*(looked_at(world, WATCHER, wanted) for world in self.worlds))

    def seen(self, wanted: list[str]) -> dict[str, Seen]:
        """What the watcher sees in the first world."""
        return looked_at(self.worlds[0], WATCHER, wanted)


def deed(session, world: World, n: int, event: Event, says: Decision) -> None:
    """Do what an event says."""
    people = {name: reviews.member_by_email(session, "spine", email) for name, email in world.emails.items()}
    who, record, key = people[event.who], world.record_ids[event.at], f"k{n}"
    match event.what:
        case "vote":
            voting.cast_vote(session, who, record, TITLES, Ballot(says, note=f"it is {says}", tags=(says.value,)), key)
        case "undo":
            voting.withdraw(session, who, record, TITLES, key)
        case "hand in":
            voting.hand_in(session, who, TITLES)
        case "allocate":
            shares = {people[name].id: 1 for name in VOTERS if name != event.who}
            wish = Wish(Split.BATCH, shares, event.at, "batch", Chosen(size=2, again=True))
            allocation.allocate(session, people[WATCHER], TITLES, wish)
        case "settle":
            conflicts.adjudicate(session, people[JUDGE], record, TITLES, Verdict.INCLUDED, "It fits.")
        case "a day":
            with time_machine.travel(LATER + timedelta(days=1, minutes=n), tick=False):
                voting.hand_in_after_a_day(session)
        case "put off" if event.who != WATCHER:
            desk.postpone(session, who, record, TITLES, key)


def opened(history: list[Event]) -> set[int]:
    """The records that two people have handed in votes on in the end; which, never depends on what they say."""
    in_hand: dict[str, set[int]] = {who: set() for who in VOTERS}
    final: dict[str, set[int]] = {who: set() for who in VOTERS}
    for event in history:
        if event.what == "vote" and event.at not in final[event.who]:
            in_hand[event.who].add(event.at)
        elif event.what == "undo":
            in_hand[event.who].discard(event.at)
        elif event.what in {"hand in", "a day"}:
            for who in VOTERS if event.what == "a day" else (event.who,):
                final[who] |= in_hand[who]
                in_hand[who].clear()
    return {at for at in range(RECORDS) if sum(at in some for some in final.values()) > 1}


def representative(slug: str = "spine") -> list[str]:
    """One address of each kind."""
    pages = [f"/reviews/{slug}{page}" for page in REPRESENTATIVE]
    return [*pages, *(f"/api/v1/reviews/{slug}{asked}" for asked in FOR_PROGRAMS), *SERVED]

"""Two worlds for the non-interference tests (domain B1): the same deeds by the same people at the same times, which differ
only in what the second reviewer's votes, and decisions imported from another tool, say on records that are not open to
the first."""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests import factories
from tests.factories import (
    PASSWORD,
    a_member,
    a_record,
    a_review,
    an_import,
    an_imported_decision,
    minimal_document,
    the_lead,
)
from workbench.accounts.rules import Scope
from workbench.accounts.service import make_token
from workbench.app import create_app, database_of
from workbench.deduplication import service as duplicates
from workbench.deduplication.models import Answer, CandidatePair, LinkKind, RecordLink
from workbench.deduplication.rules.grouping import group_of
from workbench.files.stores import FolderStore
from workbench.protocols import service as protocols
from workbench.protocols.rules import Highlights
from workbench.records.rules.decisions import Choice
from workbench.reviews import queries as reviews
from workbench.reviews.rules import Role, Stage
from workbench.screening.rules import RAYYAN_KEYS, WORKBENCH_KEYS, Ballot, Decision, Design, Split
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation, desk, languages, retrieval, sent, stages, team, voting
from workbench.studies import service as studies

START = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
LATER = START + timedelta(hours=5)
PDF = b"%PDF-1.4\n%%EOF\n"


@dataclass(frozen=True)
class Saying:
    """What the second reviewer says of one record."""

    decision: Decision
    reason: int
    note: str
    tag: str
    question: str


@dataclass(frozen=True)
class Scene:
    """What happens with one record, in both worlds alike: who votes, who hands in."""

    first_votes: bool
    second_votes: bool
    is_handed_in: bool

    @property
    def is_open(self) -> bool:
        """Whether the record is open to the first reviewer: both voted and handed in."""
        return self.first_votes and self.second_votes and self.is_handed_in


@dataclass
class World:
    """One world: its application and the people in it."""

    app: Flask
    slug: str
    emails: dict[str, str]
    record_ids: list[int]
    full_text_ids: list[int]
    import_ids: list[int]
    tokens: dict[str, str]


def a_world(
    folder: Path,
    template: Path,
    at_title: list[tuple[Scene, Saying]],
    at_full_text: list[tuple[Scene, Saying]],
    *,
    joined: bool = False,
) -> World:
    """Let everything happen once: titles screened, some conflicts discussed, full texts attached and judged.

    Where `joined`, the first two titles prove to be one report in the end.
    """
    folder.mkdir(parents=True)
    factories.start_anew()
    shutil.copy(template, folder / "workbench.sqlite")
    app = create_app(folder, f"sqlite:///{folder / 'workbench.sqlite'}", "Testing")
    app.config["WTF_CSRF_ENABLED"] = False
    with time_machine.travel(START, tick=False), database_of(app).write.begin() as session:
        review = a_review(session, "spine", document=minimal_document("spine") | {"deduplication": {"people": 2}})
        first = the_lead(session, review)
        second = a_member(session, review, name="Jonas Lindqvist")
        judge = a_member(session, review, Role.ADJUDICATOR, name="Tove Eriksen")
        of = an_import(session, review, records_in_file=len(at_title) + len(at_full_text))
        records = [
            a_record(
                session,
                review,
                of=of,
                number=place,
                title=f"Trial number {place}",
                doi=f"10.5555/{place}",
                registry_ids=["NCT00000001"],
            )
            for place in range(1, len(at_title) + len(at_full_text) + 1)
        ]
        for record, (_scene, saying) in zip(records, [*at_title, *at_full_text], strict=True):
            decided_elsewhere(session, record, saying)
        stages.open_stage(session, first, Stage.TITLE_ABSTRACT)
        titles, reports = records[: len(at_title)], records[len(at_title) :]
        for record in reports:
            both(session, record, (first, second), Stage.TITLE_ABSTRACT, Ballot(Decision.INCLUDE))
        play(session, titles, at_title, first, second, Stage.TITLE_ABSTRACT)
        stages.open_stage(session, first, Stage.FULL_TEXT)
        files = [
            retrieval.attach(session, FolderStore(folder / "files"), first, record.id, PDF, "trial.pdf")
            for record in reports
        ]
        sent.hold(session, FolderStore(folder / "files"), first, PDF + b"sent", "sent.pdf")
        play(session, reports, at_full_text, first, second, Stage.FULL_TEXT)
        set_up_desk(session, second, titles, at_title)
        arrange(session, first, second)
        words_about(session, (first, second, judge), titles, at_title, Stage.TITLE_ABSTRACT)
        words_about(session, (first, second, judge), reports, at_full_text, Stage.FULL_TEXT)
        team.define_tag(session, first, "keep", "Read it first", carries_judgement=False)
        if len(records) > 1:
            session.add(
                CandidatePair(
                    review_id=review.id,
                    low_id=records[0].id,
                    high_id=records[1].id,
                    score=0.7,
                    reason="title 80 %",
                    evidence=[],
                )
            )
            session.flush()
            of_a_pair(session, second, records[0].id, records[1].id, at_title[0][1])
        told = one_report(session, review, first, second, of)
        if reports:
            studies.gather(session, first, [record.id for record in reports[:2]])
        if joined:
            duplicates.answer(session, first, records[0].id, records[1].id, Answer.SAME)
        amended = (
            b'{"limits": {"from": "2009"}, '
            + json.dumps(minimal_document("spine") | {"deduplication": {"people": 2}}).encode()[1:]
        )
        protocols.amend(session, first, amended, "spine.yaml", "Only newer trials")
        protocols.begin_draft(session, first)
        people = {"first": first.user.email, "second": second.user.email, "judge": judge.user.email}
        tokens = {
            name: make_token(session, one.user, "script", Scope.FULL, 30)[1]
            for name, one in (("first", first), ("second", second), ("judge", judge))
        }
        return World(
            app, review.slug, people, [*(record.id for record in records), told], [one.id for one in files], [of.id],
            tokens,
        )  # fmt: skip


def one_report(session, review, first, second, of) -> int:
    """Two records that a person joined, an erratum of them, and a pair that somebody left to others; gives the kept one."""
    kept, other, erratum, alike = (
        a_record(session, review, of=of, number=number, title=f"A report of its own, part {number}")
        for number in range(101, 105)
    )
    duplicates.answer(session, first, kept.id, other.id, Answer.SAME)
    link = {"first_id": erratum.id, "second_id": kept.id, "kind": "erratum-of", "rule": "kinds", "reason": "title 97 %"}
    session.add(RecordLink(review_id=review.id, **link))
    duplicates.suspect(session, second, erratum.id, alike.id)
    return kept.id


def arrange(session, first, second) -> None:
    """Some records are allocated, and the first reviewer says which languages they read."""
    for stage in Stage:
        wish = Wish(Split.BATCH, {first.id: 1, second.id: 1}, chosen=Chosen(size=1))
        if allocation.draft(session, first, stage, wish).given:
            allocation.allocate(session, first, stage, wish)
    languages.say_languages(session, first, ["en"])


def decided_elsewhere(session, record, saying: Saying) -> None:
    """Somebody said the same of this record in another tool, and it came along with the file."""
    choice = {Decision.INCLUDE: Choice.INCLUDE, Decision.EXCLUDE: Choice.EXCLUDE}.get(saying.decision, Choice.MAYBE)
    an_imported_decision(
        session, record, choice, reason=f"reason {saying.reason}", label=saying.tag, note=saying.note or None
    )
    text = f'RAYYAN-INCLUSION: {{"Emily"=>"{choice}"}} | RAYYAN-LABELS: {saying.tag}'
    record.raw = [["TI", record.title, record.first_line], ["N1", text, record.first_line]]


def of_a_pair(session, person, low: int, high: int, saying: Saying) -> None:
    """One of two people says of a pair what the other must not know: one report, two reports, or linked ones."""
    link = duplicates.Link(LinkKind.VERSION_OF, high)
    said = {Decision.INCLUDE: (Answer.SAME, None), Decision.EXCLUDE: (Answer.TWO, None)}
    duplicates.answer(session, person, low, high, *said.get(saying.decision, (Answer.LINKED, link)), "of-a-pair")


def both(session, record, people, stage, ballot) -> None:
    """Both vote alike and hand in, so that the record is open and decided."""
    for person in people:
        voting.cast_vote(session, person, record.id, stage, ballot, f"both-{person.id}-{record.id}-{stage}")
        voting.hand_in(session, person, stage)


def play(session, records, script, first, second, stage) -> None:
    """Cast the votes of a stage; those to be handed in come first, so that finishing takes only them."""
    reasons = reviews.reasons(session, first.review_id, stage)
    for is_handed_in in (True, False):
        for record, (scene, saying) in zip(records, script, strict=True):
            if scene.is_handed_in is not is_handed_in:
                continue
            if scene.second_votes:
                voting.cast_vote(
                    session, second, record.id, stage, as_ballot(saying, reasons, stage), f"b{record.id}{stage}"
                )
            if scene.first_votes:
                voting.cast_vote(
                    session,
                    first,
                    record.id,
                    stage,
                    Ballot(Decision.INCLUDE, questions=("pico1",), design=Design.OTHER),
                    f"a{record.id}{stage}",
                )
        if is_handed_in:
            voting.hand_in(session, first, stage)
            voting.hand_in(session, second, stage)


def set_up_desk(session, second, records, script) -> None:
    """What the second reviewer puts off, marks and types with follows what they think: it is nobody else's to see."""
    thought_out = [record for record, (_scene, saying) in zip(records, script, strict=True)
                   if saying.decision is Decision.EXCLUDE]  # fmt: skip
    for record in thought_out:
        desk.postpone(session, second, record.id, Stage.TITLE_ABSTRACT, f"later-{record.id}")
    words = tuple(dict.fromkeys(saying.tag for _scene, saying in script))
    desk.save_terms(session, second, Highlights(words), 0, for_review=False)
    desk.save_keys(session, second, RAYYAN_KEYS if thought_out else WORKBENCH_KEYS, are_on=not thought_out)


def words_about(session, people, records, script, stage) -> None:
    """The second asks the team about every record, and the judge replies; what is asked differs as the sayings do."""
    first, second, judge = people
    for record, (_scene, saying) in zip(records, script, strict=True):
        asked = team.ask(
            session, second, record.id, stage, f"Is it {saying.note or saying.tag}?", f"ask{record.id}{stage}"
        )
        team.reply(session, judge, asked.id, f"Yes, {saying.tag}", f"reply{record.id}{stage}")
    for record in records[:1]:
        mine = team.ask(session, first, record.id, stage, "Which language is it in?", f"mine{stage}")
        team.reply(session, judge, mine.id, "In German", f"answer{stage}")


def as_ballot(saying: Saying, reasons, stage) -> Ballot:
    """A saying as a ballot of this stage."""
    reason = reasons[saying.reason % len(reasons)].id if saying.decision is Decision.EXCLUDE else None
    includes = stage is Stage.FULL_TEXT and saying.decision is Decision.INCLUDE
    return Ballot(
        saying.decision,
        reason,
        (saying.question,) if includes else (),
        Design.GUIDELINE if includes else None,
        note=saying.note,
        private_note=saying.note,
        tags=(saying.tag,),
        page=saying.reason + 1 if stage is Stage.FULL_TEXT else None,
        quote=f"“{saying.tag}”" if stage is Stage.FULL_TEXT else None,
    )


MASKS = [
    (re.compile(rb'(name="csrf_token"[^>]*value=")[^"]*'), rb"\1-"),
    (re.compile(rb'(name="csrf-token" content=")[^"]*'), rb"\1-"),
    (re.compile(rb'(nonce=")[^"]*'), rb"\1-"),
    (re.compile(rb'(name="(?:key|act)"[^>]*value=")[^"]*'), rb"\1-"),
]


def masked(body: bytes) -> bytes:
    """The answer without what is drawn at random for each answer."""
    for pattern, plain in MASKS:
        body = pattern.sub(plain, body)
    return body


@dataclass(frozen=True)
class Seen:
    """What one GET gave: status, bytes, headers that could tell, and how many statements it took."""

    status: int
    body: bytes
    headers: tuple[str | None, ...]
    statements: int


def addresses(world: World) -> Iterator[str]:
    """Every GET of every route, for every record, file, import and both stages; a new parameter must be taught here."""
    values = {
        "slug": [world.slug],
        "stage": [stage.value for stage in Stage],
        "record_id": world.record_ids,
        "full_text_id": world.full_text_ids,
        "import_id": world.import_ids,
        "outcome": ["pending", "conflict", "included", "excluded", "awaiting"],
        "job_id": [1],
        "token": ["none"],
        "filename": ["workbench.css"],
        "upload_id": [1],
        "pdf_id": [1],
        "addition_id": [1],
        "key": KEYS,
        "kept_id": world.record_ids,
        "run_id": [1],
        "limit": ["year", "language"],
        "writer": ["ris", "csv", "xlsx"],
        "kind": ["svg", "json", "csv"],
        "version_id": [1],
        "number": [1, 2],
        "version": [1],
        "code": ["review", "steps", *groups_of_pairs(world)],
        "draft_id": [1],
        "step": [0],
        "source": [0],
        "way": ["earlier", "later"],
        "which": ["mine", "second", "unclear", "language"],
        "study_id": [1],
        "table": ["included", "excluded"],
    }
    for rule in world.app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint.startswith(("static", "bootstrap", "security")):
            continue
        unknown = set(rule.arguments) - set(values)
        assert not unknown, f"teach worlds.py what {unknown} of {rule.rule} may be"
        yield from filled(rule.rule, {name: values[name] for name in rule.arguments})
    yield from (f"/reviews/{world.slug}/{asked}" for asked in ASKED)
    yield from (f"/api/v1/reviews/{world.slug}/{asked}" for asked in ASKED_BY_PROGRAMS)


def groups_of_pairs(world: World) -> list[str]:
    """The codes of the groups of pairs that wait for anybody."""
    with database_of(world.app).read() as session:
        return [group_of(one.evidence, one.reason).code for one in session.scalars(select(CandidatePair))]


ASKED = [
    "full-texts?state=overdue", "full-texts/list/csv?state=sought", "full-texts/1/text?q=trial&part=1",
    "records?q=trial", "records?without=abstract&page=2", "prisma?question=pico1", "prisma/records_screened?q=trial",
    "searches/overlap/reports?source=database:MEDLINE", "searches/overlap/reports?source=database:MEDLINE&alone=yes",
    "searches/overlap/reports.ris?source=database:MEDLINE", "screen/title-abstract/1/duplicate?other=2",
    "screen/title-abstract/1/duplicate?q=trial", "screen/title-abstract?marked=1&with_record=2",
    "screen/title-abstract/find?words=trial", "screen/title-abstract/find?first_year=2010&no_abstract=1",
    "screen/title-abstract/find/bulk?words=trial", "screen/title-abstract?words=trial",
    "screen/title-abstract/now?held=1,2,3&words=trial", "screen/full-text/now?held=1,2,3",
    "screen/title-abstract/mine/earlier?than=2", "screen/title-abstract/mine/later?than=1",
    "stages/title-abstract/allocation/draft?split=shares&again=yes&share-1=100&share-2=100",
    "tags/records?tag=keep", "tags/records?tag=drop", "stages/title-abstract/agreement?by=week",
]  # fmt: skip
"""Addresses that ask for more than their route alone says."""

ASKED_BY_PROGRAMS = [
    "records?q=trial", "records?without=abstract&page=2", "prisma?question=pico1",
    "stages/title-abstract/votes?page=2", "duplicates?page=2",
]  # fmt: skip
"""The same of the addresses for programs."""

KEYS = ["records_screened", "records_excluded", "records_undecided", "dbr_undecided", "new_reports"]


def filled(rule: str, values: dict[str, list]) -> Iterator[str]:
    """The rule with each combination of its values."""
    if not values:
        assert "<" not in rule, f"{rule} was not filled, so nobody would look at this page"
        yield rule
        return
    name, choices = next(iter(values.items()))
    rest = {other: values[other] for other in values if other != name}
    for choice in choices:
        yield from filled(re.sub(rf"<(?:[^<>]*:)?{name}>", str(choice), rule), rest)


def seen_by(world: World, person: str, among: Sequence[str] = ()) -> dict[str, Seen]:
    """Everything this person gets; where `among` is given, at addresses with one of these in them."""
    wanted = [one for one in addresses(world) if not among or any(part in one for part in among)]
    return looked_at(world, person, wanted)


def looked_at(world: World, person: str, wanted: Iterable[str]) -> dict[str, Seen]:
    """What this person, signed in once, gets at each of these addresses."""
    browser = world.app.test_client()
    token = {"Authorization": f"Bearer {world.tokens[person]}"}
    found = {}
    with counted_statements(world) as statements, time_machine.travel(LATER, tick=False):
        answer = browser.post("/sign-in", data={"email": world.emails[person], "password": PASSWORD})
        assert answer.status_code == 302
        for address in wanted:
            statements.clear()
            answer = asked_for(browser, address, token if "/api/v1/" in address else {})
            assert answer.status_code < 500, f"{address} failed"
            headers = tuple(
                answer.headers.get(name) for name in ("Location", "ETag", "Content-Disposition", "Last-Modified")
            )
            found[address] = Seen(answer.status_code, masked(answer.data), headers, len(statements))
    return found


def asked_for(browser: FlaskClient, address: str, headers: Mapping[str, str]) -> TestResponse:
    """The answer to a GET; of "POST " and an address to a POST, which is how the queue is served."""
    if not address.startswith("POST "):
        return browser.get(address, headers=headers)
    return browser.post(address.removeprefix("POST "), json={"limit": 9} if headers else None, headers=headers)


@contextmanager
def counted_statements(world: World) -> Iterator[list[str]]:
    """Every statement that the world's database is sent meanwhile."""
    statements: list[str] = []

    def note(*sent: Any) -> None:
        statements.append(sent[2])

    engine = database_of(world.app).engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def differences(one: dict[str, Seen], other: dict[str, Seen]) -> list[str]:
    """Addresses at which the two worlds do not give the same."""
    return [address for address in one if one[address] != other[address]]


def gaze(tmp_path_factory, template: Path, scripts, person: str, *among: str) -> list[str]:
    """Where two worlds differ for this person; `among` keeps to addresses with one of these in them, to be quick."""
    folder = tmp_path_factory.mktemp("worlds")
    (title, other_title), (full, other_full) = scripts
    one, two = (
        a_world(folder / name, template, *script)
        for name, script in (("one", (title, full)), ("two", (other_title, other_full)))
    )
    return differences(seen_by(one, person, among), seen_by(two, person, among))


HIDDEN = (
    Scene(first_votes=False, second_votes=True, is_handed_in=True),
    Scene(first_votes=True, second_votes=True, is_handed_in=False),
)
SAYS_IN = Saying(Decision.INCLUDE, 0, "clearly in", "keep", "pico1")
SAYS_OUT = Saying(Decision.EXCLUDE, 1, "out", "drop", "pico2")


def opposite_scripts():
    """Every unopened record included in one world and excluded in the other: the widest difference there is."""
    return [(scene, SAYS_IN) for scene in HIDDEN], [(scene, SAYS_OUT) for scene in HIDDEN]

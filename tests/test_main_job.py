"""The main job on real files, over HTTP: from export files to PRISMA counts that equal a count from the scripted votes."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy import select

from tests.browsing import Person, a_file
from tests.pdfs import a_pdf
from tests.programs import Program
from workbench.accounts.queries import person
from workbench.accounts.rules import Scope
from workbench.accounts.service import first_link
from workbench.app import create_app, create_worker, database_of
from workbench.jobs.rules import Watch
from workbench.protocols.models import SearchRun
from workbench.reviews.models import ExclusionReason

EXPORTS = {
    "embase-ris": ("embase_ris/asreview+citation-file-formatting___baseline_embase.ris", 10),
    "embase-csv": ("embase_csv/asreview+citation-file-formatting___baseline_embase.csv", 10),
    "pubmed-1": ("medline_nbib/holub008+nbib__pubmed-balloongui-set.nbib", 75),
    "pubmed-2": ("medline_nbib/IEBH+Reflib__blue-light.nbib", 80),
    "pubmed-xml": ("pubmed_xml/zotero+translators__PubMed_XML_00.xml", 2),
    "cochrane": ("cochrane_ris/asreview+citation-file-formatting___baseline_cochrane_endnote.ris", 3),
}
"""Runs of the protocol: the real file each brought, and how many records it holds by an independent count."""

PROTOCOL = """
schema: search_protocol/1
review: {{id: real, title: Everything these searches found}}
questions:
  - {{id: pico1, text: First, population: adults, intervention: cement}}
  - {{id: pico2, text: Second, population: children, intervention: cement}}
exclusion_reasons:
  - {{id: population, label: Wrong population}}
  - {{id: intervention, label: Wrong intervention}}
  - {{id: design, label: Wrong design}}
screening:
  title-abstract: {title}
  full-text: {full}
steps:
  - id: s1
    title: Everything
    sources:
      - {{id: embase, name: Embase, prisma_lane: database, runs: [{{id: embase-ris, searched_on: "2026"}}, {{id: embase-csv, searched_on: "2026"}}]}}
      - {{id: pubmed, name: MEDLINE, prisma_lane: database, runs: [{{id: pubmed-1, searched_on: "2026"}}, {{id: pubmed-2, searched_on: "2026"}}, {{id: pubmed-xml, searched_on: "2026"}}]}}
      - {{id: cochrane, name: Cochrane, prisma_lane: database, runs: [{{id: cochrane, searched_on: "2026"}}]}}
"""
PDF = a_pdf(["Invented"])
TITLES, FULL = "title-abstract", "full-text"


def draw(*parts: object) -> int:
    """A number from 0 to 99 that anyone draws again from the same parts."""
    return int(hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:8], 16) % 100


@dataclass
class Ledger:
    """What the script said, kept by the script alone: the independent count is made from this."""

    votes: dict[str, dict[int, dict[str, tuple]]] = field(default_factory=lambda: {TITLES: {}, FULL: {}})
    settled: dict[str, dict[int, tuple]] = field(default_factory=lambda: {TITLES: {}, FULL: {}})
    not_retrieved: set[int] = field(default_factory=set)

    def say(self, stage: str, record_id: int, who: str, said: tuple) -> None:
        self.votes[stage].setdefault(record_id, {})[who] = said

    def outcome(self, stage: str, record_id: int) -> tuple:
        """The field's rule, written again here in its simplest words."""
        if record_id in self.settled[stage]:
            return self.settled[stage][record_id]
        said = list(self.votes[stage][record_id].values())
        if stage == TITLES:
            said = [("exclude",) if one[0] == "exclude" else ("include",) for one in said]
        if len(set(said)) > 1 or (stage == FULL and ("unclear",) in said):
            return ("conflict",)
        return said[0]

    def conflicts(self, stage: str) -> list[int]:
        return [one for one in self.votes[stage] if self.outcome(stage, one) == ("conflict",)]


class Play:
    """The review and its people, played over HTTP."""

    def __init__(self, home: Path, url: str, title_rule: str, full_rule: str) -> None:
        self.home, self.url = home, url
        self.app = create_app(home, url, "Testing")
        self.ledger = Ledger()
        self.people = {"lead": self._first_lead()}
        protocol = PROTOCOL.format(title=title_rule, full=full_rule).encode()
        self.people["lead"].send("/reviews/new", {"file": a_file(protocol, "real.yaml")})
        for who, role in (("second", "reviewer"), ("third", "adjudicator"), ("librarian", "search-specialist")):
            self.people[who] = self._invited(who, role)

    def _first_lead(self) -> Person:
        with database_of(self.app).write.begin() as session:
            link = first_link(session)
        return self._sign_up(f"/welcome/{link}", "lead")

    def _invited(self, who: str, role: str) -> Person:
        page = self.people["lead"].send("/reviews/real/team/invitations", {"role": role}, expect=200).text
        return self._sign_up(re.search(r"/join/[\w-]+", page)[0], who)

    def _sign_up(self, address: str, who: str) -> Person:
        person = Person(self.app, f"{who}@example.org", "a long enough password")
        person.send(
            address, {"name": who.title(), "email": person.email, "password": person.password}, token_of=address
        )
        return person

    def import_everything(self, folder: Path) -> None:
        with database_of(self.app).read() as session:
            runs = {run.code: run.id for run in session.scalars(select(SearchRun))}
        for code, (name, _n) in EXPORTS.items():
            data = (folder / "exports" / name).read_bytes()
            self.people["librarian"].send(
                f"/reviews/real/searches/{runs[code]}/imports", {"file": a_file(data, Path(name).name)}
            )
        worker, watch = create_worker(self.home, self.url, "Testing"), Watch(10)
        for _ in range(4):
            worker.sweep(watch)
        worker.sessions.engine.dispose()

    def screen(self, stage: str, who: str, decide) -> None:
        """Ask for records and vote until none is left, then finish."""
        person, base = self.people[who], f"/reviews/real/screen/{stage}"
        while batch := person.say(f"{base}/queue", {"skip": []}):
            for one in batch:
                said = decide(who, one["id"])
                person.say(
                    f"{base}/votes", {"record": one["id"], "key": f"{who}-{stage}-{one['id']}", **self._payload(said)}
                )
                self.ledger.say(stage, one["id"], who, said)
        person.say(f"{base}/finish", {})

    def _payload(self, said: tuple) -> dict:
        decision, *rest = said
        if decision == "exclude" and rest:
            return {"decision": decision, "reason": self.reasons()[rest[0]]}
        if decision == "include" and rest:
            return {"decision": decision, "questions": rest[0].split(), "design": rest[1]}
        return {"decision": decision}

    def reasons(self) -> dict[str, int]:
        with database_of(self.app).read() as session:
            return {reason.code: reason.id for reason in session.scalars(select(ExclusionReason))}

    def adjudicate(self, stage: str) -> None:
        """The third person decides every conflict."""
        for record_id in self.ledger.conflicts(stage):
            said = a_verdict(stage, record_id)
            self.people["third"].send(f"/reviews/real/conflicts/{stage}/{record_id}/decision", self._verdict(said))
            self.ledger.settled[stage][record_id] = said

    def agree(self, stage: str) -> None:
        """One of the two proposes, the other says yes."""
        for record_id in self.ledger.conflicts(stage):
            said, address = a_verdict(stage, record_id), f"/reviews/real/conflicts/{stage}/{record_id}"
            self.people["lead"].send(f"{address}/proposals", self._verdict(said))
            agree = re.search(rf"{address}/proposals/\d+/agree", self.people["second"].browser.get(address).text)[0]
            self.people["second"].send(agree, {})
            self.ledger.settled[stage][record_id] = said

    def _verdict(self, said: tuple) -> dict:
        form = {"statement": "After discussion."}
        match said:
            case ("include", questions, design):
                return form | {"verdict": "included", "questions": questions.split(), "design": design}
            case ("include",):
                return form | {"verdict": "included"}
            case ("exclude", reason):
                return form | {"verdict": "excluded", "reason": self.reasons()[reason]}
            case ("exclude",):
                return form | {"verdict": "excluded"}
            case _:
                return form | {"verdict": "awaiting classification"}

    def retrieve(self) -> None:
        """The librarian finds most full texts and says why not of the others."""
        for record_id in [one for one in self.ledger.votes[TITLES] if self.ledger.outcome(TITLES, one)[0] == "include"]:
            address = f"/reviews/real/full-texts/{record_id}"
            if draw("retrieval", record_id) < 15:
                self.people["librarian"].send(
                    f"{address}/log", {"found": "not-retrieved", "note": "No library holds it."}
                )
                self.ledger.not_retrieved.add(record_id)
            else:
                self.people["librarian"].send(
                    f"{address}/files", {"file": a_file(PDF + str(record_id).encode(), "report.pdf")}
                )

    @cached_property
    def program(self) -> Program:
        with database_of(self.app).read() as session:
            return Program(self.app, person(session, self.people["lead"].email), Scope.READ)

    def counts(self) -> dict:
        answer = self.program.ask("/reviews/real/prisma")
        assert answer.status_code == 200, answer.text
        return answer.json


def at_title(who: str, record_id: int) -> tuple:
    n = draw("title", record_id) if draw("agree", record_id) < 85 else draw("title", who, record_id)
    return ("include",) if n < 25 else ("unclear",) if n < 32 else ("exclude",)


def at_full_text(who: str, record_id: int) -> tuple:
    n = draw("full", record_id) if draw("agree too", record_id) < 70 else draw("full", who, record_id)
    if n < 40:
        return ("include", ("pico1", "pico2", "pico1 pico2")[n % 3], "randomised-trial")
    return ("unclear",) if n < 48 else ("exclude", ("population", "intervention", "design")[n % 3])


def a_verdict(stage: str, record_id: int) -> tuple:
    n = draw("verdict", record_id)
    if stage == TITLES:
        return ("include",) if n < 60 else ("exclude",)
    return ("include", "pico1", "guideline") if n < 40 else ("exclude", "design") if n < 80 else ("awaiting",)


def independent_count(ledger: Ledger) -> dict:
    """PRISMA's numbers from the script's own ledger and the independent record counts; no code of the house is used."""
    arrived = sum(n for _name, n in EXPORTS.values())
    titles = {one: ledger.outcome(TITLES, one)[0] for one in ledger.votes[TITLES]}
    sought = [one for one, outcome in titles.items() if outcome == "include"]
    finals = [ledger.outcome(FULL, one) for one in sought if one not in ledger.not_retrieved]
    return {
        "database_results": arrived,
        "duplicates": arrived - len(titles),
        "records_screened": len(titles),
        "records_excluded": sum(outcome == "exclude" for outcome in titles.values()),
        "dbr_sought_reports": len(sought),
        "dbr_notretrieved_reports": len(ledger.not_retrieved),
        "dbr_assessed": len(finals),
        "new_reports": sum(one[0] == "include" for one in finals),
        "awaiting_classification": sum(one[0] == "awaiting" for one in finals),
        "reasons": Counter(one[1] for one in finals if one[0] == "exclude"),
    }


LABELS = {"Wrong population": "population", "Wrong intervention": "intervention", "Wrong design": "design"}


def check(play: Play) -> None:
    found, wanted = play.counts(), independent_count(play.ledger)
    prisma = found["prisma"]
    reasons = {LABELS[name]: n for name, n in prisma["dbr_excluded"].items() if n}

    assert {key: prisma[key] for key in wanted if key != "reasons"} == {
        key: n for key, n in wanted.items() if key != "reasons"
    }
    assert reasons == dict(wanted["reasons"])
    assert [one["id"] for one in found["equations"] if one["holds"] is False] == []
    assert wanted["duplicates"] > 0 and wanted["dbr_notretrieved_reports"] > 0 and wanted["new_reports"] > 0


def test_two_reviewers_screen_real_files_over_http_and_the_counts_are_those_of_their_votes(
    shared_data, sqlite_url, tmp_path
):
    play = Play(
        tmp_path, sqlite_url, "{votes: 2, variant: full-dual, order: random, seed: 7}", "{votes: 2, variant: full-dual}"
    )
    play.import_everything(shared_data)
    lead = play.people["lead"]

    lead.send(f"/reviews/real/stages/{TITLES}/open", {})
    for who in ("lead", "second"):
        play.screen(TITLES, who, at_title)
    play.adjudicate(TITLES)
    play.retrieve()
    lead.send(f"/reviews/real/stages/{FULL}/open", {})
    for who in ("second", "lead"):
        play.screen(FULL, who, at_full_text)
    play.adjudicate(FULL)

    check(play)


def test_under_the_flagships_rule_the_lead_screens_titles_alone_and_the_two_agree_on_full_texts(
    shared_data, postgres_url, tmp_path
):
    play = Play(tmp_path, postgres_url, "{votes: 1, variant: single, voters: [lead]}", "{votes: 2, variant: full-dual}")
    play.import_everything(shared_data)
    lead = play.people["lead"]

    lead.send(f"/reviews/real/stages/{TITLES}/open", {})
    play.screen(TITLES, "lead", at_title)
    play.screen(TITLES, "second", at_title)
    play.retrieve()
    lead.send(f"/reviews/real/stages/{FULL}/open", {})
    for who in ("lead", "second"):
        play.screen(FULL, who, at_full_text)
    play.agree(FULL)

    assert all(set(votes) == {"lead"} for votes in play.ledger.votes[TITLES].values())
    check(play)

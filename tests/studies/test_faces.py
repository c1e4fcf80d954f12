"""The pages of studies: who sees and does what, what is refused, the tables and their files; the API and its deeds."""

import csv
import io

import pytest
from flask import Flask

from tests.factories import PASSWORD
from tests.programs import Program
from tests.studies.house import House
from workbench.accounts.rules import Scope
from workbench.app import database_of
from workbench.studies import queries

STUDIES = "/reviews/spine/studies"


class World:
    """A review with reports in every state, and a browser for each person."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.config["WTF_CSRF_ENABLED"] = False
        with database_of(app).write.begin() as session:
            house = House(session)
            self.review_id = house.review.id
            data = house.reason("not-cement", outcome_data=True)
            raw = [["RIN", "J Spine. 2013;5:1", 4]]
            authors = ["Klazen, Caroline A H", "Lohle, Paul"]
            self.first, self.second, self.third = (
                house.included(
                    year=year, authors=authors, registry_ids=["NCT00000001"], raw=raw if year == 2010 else []
                ).id
                for year in (2010, 2011, 2012)
            )
            self.excluded = house.excluded(year=2009, authors=[], title='=HYPERLINK("x")').id
            self.data_alone = house.excluded(data, year=2008, authors=["Aune, B"]).id
            self.awaiting = house.awaiting(year=2020, authors=["Falk, Ole"]).id
            people = {"lead": house.lead, "second": house.second, "observer": house.observer}
            self.users = {name: one.user for name, one in people.items()}
        self.emails = {name: user.email for name, user in self.users.items()}
        self.browsers: dict[str, object] = {}

    def browser(self, who: str):
        if who not in self.browsers:
            made = self.app.test_client()
            assert made.post("/sign-in", data={"email": self.emails[who], "password": PASSWORD}).status_code == 302
            self.browsers[who] = made
        return self.browsers[who]

    def get(self, address: str = "", who: str = "lead") -> str:
        answer = self.browser(who).get(STUDIES + address, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, address: str, expect: int = 303, who: str = "lead", **form) -> str:
        answer = self.browser(who).post(STUDIES + address, data=form)
        assert answer.status_code == expect, answer.text
        return answer.text

    def studies(self):
        with database_of(self.app).read() as session:
            return queries.studies(session, self.review_id)

    def gathered(self) -> list[int]:
        [found] = [one for one in self.studies() if one.study_id]
        return [report.id for report in found.reports]


@pytest.fixture
def world(app):
    return World(app)


def test_a_study_of_three_reports_is_gathered_named_parted_and_put_back_by_the_pages_alone(world):
    assert "3 studies are included, told in 3 reports." in " ".join(world.get().split())
    world.send("/gather", record=[world.first, world.second])
    world.send("/gather", record=f"{world.first}, {world.third}", study=1)
    world.send("/1/primary", record=world.third)
    world.send("/1/name", label="VERTOS", numbers="NCT00000001", note="Three reports")
    assert world.gathered() == [world.third, world.first, world.second]

    page = " ".join(world.get("/1").split())
    assert "3 reports were gathered into this study." in page and "VERTOS" in page and "Primary report" in page
    assert "1 study is included, told in 3 reports." in " ".join(world.get().split())
    world.send("/1/split", record=[world.second])
    assert world.gathered() == [world.third, world.first]
    world.send("/deeds/5/undo", study=1)
    assert world.gathered() == [world.third, world.first, world.second]
    prisma = world.browser("observer").get("/reviews/spine/prisma.json").json
    assert (prisma["new_studies"], prisma["new_reports"]) == (1, 3)


def test_suggestions_are_answered_and_different_is_taken_back_on_the_page(world):
    page = world.get("/suggestions")
    assert "Both name the trial NCT00000001" in page and page.count('data-key="d"') == 1
    world.send("/suggestions/answers", first=world.first, second=world.second, answer="different")
    world.send("/suggestions/answers", first=world.first, second=world.third, answer="later")
    world.send("/suggestions/answers", first=world.second, second=world.third, answer="same", back="study")

    assert "Nothing to decide" in world.get("/suggestions") and world.gathered() == [world.second, world.third]
    assert "Said to be different studies" in world.get(f"/of/{world.first}")
    world.send("/suggestions/take-back", first=world.first, second=world.second)
    assert "Both name the trial NCT00000001" in world.get("/suggestions")


def test_what_cannot_be_done_is_told_and_changes_nothing(world):
    world.send("/gather", record=[world.first, world.second])
    for address, form, status, words in (
        ("/gather", {}, 422, "No report was chosen"),
        ("/gather", {"record": "x9", "study": "1"}, 422, "is no number of a record"),
        ("/1/split", {"record": [world.first, world.second]}, 409, "All reports of the study"),
        ("/1/merge", {"other": 1}, 409, "merged with itself"),
        ("/1/name", {"label": " "}, 422, "needs a name"),
        ("/suggestions/answers", {"first": world.first, "second": world.third, "answer": "maybe"}, 422, "Say whether"),
        (f"/of/{world.first}/ongoing", {"said": "yes"}, 409, "does not await classification"),
    ):
        assert words in world.send(address, status, **form), address
    world.send("/7/merge", 404, other=1)
    world.send("/deeds/99/undo", 404)
    world.send("/gather", 403, who="second", record=[world.first])

    assert world.gathered() == [world.first, world.second]


def test_a_retraction_is_seen_on_every_page_of_the_report_until_and_after_somebody_looked(world):
    full_text = f"/reviews/spine/full-texts/{world.first}"
    for page in (world.get(), world.get(f"/of/{world.first}"), world.browser("second").get(full_text).text):
        assert "retracted" in page
    assert "I have looked at this" not in world.get(f"/of/{world.first}", "second")

    world.send(f"/of/{world.first}/seen")

    assert "late change waits" not in world.get()
    for page in (world.get(f"/of/{world.first}"), world.browser("lead").get(full_text).text):
        assert "Seen by Karen Holm" in " ".join(page.split())


def test_the_table_of_excluded_studies_is_in_the_order_of_author_and_year_and_warns_of_outcome_data(world):
    page = " ".join(world.get("/tables/excluded").split())
    assert (
        page.index("Aune 2008") < page.index("HYPERLINK") and "1 study is excluded for its outcome data alone." in page
    )
    assert "Nothing to print yet" not in world.get("/tables/included")

    answer = world.browser("observer").get(f"{STUDIES}/tables/excluded.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))

    assert [row["reason"] for row in rows] == ["Not cement", "Wrong design"]
    assert rows[1]["reference"].startswith("'=HYPERLINK")
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_ongoing_study_is_counted_as_such_in_the_diagram(world):
    world.send(f"/of/{world.awaiting}/ongoing", said="yes")

    assert "Falk 2020" in world.get("?state=ongoing")
    flow = world.browser("lead").get("/reviews/spine/prisma.json").json
    assert (flow["ongoing"], flow["awaiting_classification"]) == (1, 0)


def test_a_study_whose_reports_all_left_can_be_brought_back(world):
    world.send("/gather", record=[world.first])
    world.send("/gather", record=[world.second])
    world.send("/1/merge", other=2)

    assert "No report stands in this study any more" in world.get("/2")
    world.send("/deeds/3/undo", study=2)

    assert {one.study_id for one in world.studies() if one.study_id} == {1, 2}
    assert world.browser("lead").get(f"{STUDIES}/9").status_code == 404


def test_programs_gather_and_read_what_pages_show(world):
    program, reader = Program(world.app, world.users["lead"]), Program(world.app, world.users["observer"], Scope.READ)
    made = program.send(
        "/reviews/spine/studies", {"records": [world.first, world.second], "primary": world.second}
    ).json
    assert [one["record"] for one in made["reports"]] == [world.second, world.first]
    assert made["instruments"] == ["rob2"] and made["reports"][1]["late_changes"][0]["kind"] == "retraction"

    program.send("/reviews/spine/studies/1/name", {"label": "VERTOS"})
    program.send("/reviews/spine/studies/1/primary", {"record": world.first})
    said = {"first": world.first, "second": world.third, "answer": "same"}
    assert program.send("/reviews/spine/studies/suggestions/answers", said).json == {"items": []}
    assert len(program.send("/reviews/spine/studies/1/split", {"records": [world.third]}).json["reports"]) == 2
    newest = reader.ask("/reviews/spine/studies/1/deeds").json["items"][0]
    assert (newest["kind"], newest["left"], newest["can_be_undone"]) == ("split", [world.third], True)
    undone = program.send(f"/reviews/spine/studies/deeds/{newest['deed']}/undo").json["undone"]
    assert undone == newest["deed"] and reader.ask("/reviews/spine/studies/9/deeds").status_code == 404
    assert program.send("/reviews/spine/studies/1/split", {"records": [world.excluded]}).status_code == 409
    assert program.send("/reviews/spine/studies", {"records": []}).status_code == 422
    assert reader.send("/reviews/spine/studies", {"records": [world.first]}).status_code == 403

    told = reader.ask("/reviews/spine/studies").json
    assert (told["included_studies"], told["included_reports"], len(told["items"])) == (1, 3, 4)
    assert reader.ask("/reviews/spine/studies/1").json["label"] == "VERTOS"
    assert reader.ask("/reviews/spine/studies/suggestions").json == {"items": []}


def test_another_review_sees_nothing_of_it(world):
    with database_of(world.app).write.begin() as session:
        stranger = House(session, "other").lead.user.email
    browser = world.app.test_client()
    browser.post("/sign-in", data={"email": stranger, "password": PASSWORD})
    world.send("/gather", record=[world.first])

    for address in ("/reviews/other/studies/1", f"/reviews/other/studies/of/{world.first}", f"{STUDIES}/1"):
        assert browser.get(address).status_code == 404, address
    assert "Klazen" not in browser.get("/reviews/other/studies").text

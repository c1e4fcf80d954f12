"""The editor in the browser, without scripts: what is typed is kept, what does not hold is said, one deed puts it in force."""

import html
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.browsing import Person
from tests.factories import PASSWORD, a_member, a_person
from tests.protocols.test_form import EXPORTS
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.protocols import queries, service
from workbench.protocols.models import ProtocolDraft, ProtocolVersion
from workbench.protocols.rules import read_protocol
from workbench.reviews.queries import member_by_email, review_by_slug
from workbench.reviews.rules import Role

CEMENT = (Path(__file__).resolve().parent.parent / "data" / "protocol.yaml").read_bytes()
REVIEW = "/reviews/cement-spine/protocol"
DRAFT = f"{REVIEW}/draft"


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def lead(app):
    with database_of(app).write.begin() as session:
        email = service.begin(session, a_person(session), CEMENT, "protocol.yaml").user.email
    return Person(app, email, PASSWORD).sign_in()


def somebody(app, *roles, name="Birgitte Aagaard"):
    with database_of(app).write.begin() as session:
        email = a_member(session, review_by_slug(session, "cement-spine"), *roles, name=name).user.email
    return Person(app, email, PASSWORD).sign_in()


def form_on(person, address):
    """The form of a page of the editor as it stands: name -> values, as a browser would send it untouched."""
    text = person.browser.get(address).text
    body = re.search(r'<form class="sheet editor-form".*?</form>', text, re.S)[0]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        at = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if at.get("name") and at.get("type") != "file" and (at.get("type") != "checkbox" or " checked" in tag):
            sent.setdefault(html.unescape(at["name"]), []).append(html.unescape(at.get("value", "")))
    for name, value in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body, re.S):
        sent[html.unescape(name)] = [html.unescape(value)]
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', body, re.S):
        sent[html.unescape(name)] = [html.unescape(re.search(r'value="([^"]*)" selected', options)[1])]
    return sent


def write(person, address, act="save", expect=303, **changed):
    """Change fields on a page and press a button; names are given with dots and brackets as keys of a dict under `at`."""
    form = form_on(person, address) | {name: [value] for name, value in changed.pop("at", {}).items()}
    return person.send(address, form | {"act": act}, expect=expect)


def the_draft(app):
    with database_of(app).read() as session:
        return session.scalars(select(ProtocolDraft).order_by(ProtocolDraft.id.desc())).first()


def test_a_page_that_nobody_touched_changes_nothing_when_saved(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    before = the_draft(app).document
    codes = re.findall(rf'href="{DRAFT}/([a-z-]+)"', lead.browser.get(DRAFT).text)

    for code in set(codes) - {"in-force"}:
        write(lead, f"{DRAFT}/{code}")
    write(lead, f"{DRAFT}/sources/0/0")

    assert len(set(codes)) == 15 and the_draft(app).document == before


def test_what_is_typed_is_kept_whatever_button_is_pressed(app, lead):
    lead.send(f"{DRAFT}/begin", {})

    answer = write(
        lead, f"{DRAFT}/reasons", "add:exclusion_reasons", at={"exclusion_reasons[0].label": "Not cancer at all"}
    )

    draft = the_draft(app).document
    assert draft["exclusion_reasons"][0]["label"] == "Not cancer at all" and draft["exclusion_reasons"][-1] == {}
    assert "exclusion_reasons" in answer.location
    assert "“label” is missing." in html.unescape(lead.browser.get(f"{DRAFT}/reasons").text)


def test_a_row_taken_out_can_be_put_back(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    before = the_draft(app).document

    write(lead, f"{DRAFT}/reasons", "remove:exclusion_reasons[0]")
    assert len(the_draft(app).document["exclusion_reasons"]) == len(before["exclusion_reasons"]) - 1
    lead.send(f"{DRAFT}/undo", {"back": f"{DRAFT}/reasons"})

    assert the_draft(app).document == before


def test_an_amendment_shows_its_difference_before_it_comes_into_force(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    write(lead, f"{DRAFT}/limits", at={"limits.languages": "en\nda\nno"})

    page = html.unescape(lead.browser.get(f"{DRAFT}/in-force").text)
    assert "Limits, Languages" in page and "<ins>en, da, no</ins>" in page
    answer = lead.browser.post(f"{DRAFT}/in-force", data={"reason": " ", "csrf_token": lead.token()})
    assert answer.status_code == 422 and "Say why the protocol is amended." in html.unescape(answer.text)
    lead.send(f"{DRAFT}/in-force", {"reason": "Norwegian reports exist."})

    with database_of(app).read() as session:
        first, second = session.scalars(select(ProtocolVersion).order_by(ProtocolVersion.number))
        assert second.number == 2 and second.document["limits"]["languages"] == ["en", "da", "no"]
        assert queries.open_draft(session, first.review_id) is None
        read_protocol(second.source.encode(), "x")
        assert [line for line in CEMENT.decode().splitlines() if line.lstrip().startswith("#")] == [
            line for line in second.source.splitlines() if line.lstrip().startswith("#")
        ]
    page = html.unescape(lead.browser.get(REVIEW).text)
    assert "Norwegian reports exist." in page and "<ins>en, da, no</ins>" in page and "Before screening" in page


def test_a_draft_that_does_not_hold_does_not_come_into_force(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    write(lead, f"{DRAFT}/limits", at={"limits.languages": "dk"})

    page = html.unescape(lead.browser.get(f"{DRAFT}/limits").text)
    assert "Did you mean “da”?" in page and 'aria-invalid="true"' in page
    answer = lead.browser.post(f"{DRAFT}/in-force", data={"reason": "x", "csrf_token": lead.token()})

    assert answer.status_code == 422 and "Did you mean “da”?" in html.unescape(answer.text)


def test_hits_of_lines_are_kept_without_an_amendment_and_stand_in_the_file(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    place = next(
        (step, source, run, run_of)
        for step, its in enumerate(the_draft(app).document["steps"])
        for source, one in enumerate(its["sources"])
        for run, run_of in enumerate(one.get("runs") or [])
        if run_of.get("strategy")
    )
    step, source, run, run_of = place
    name = f"steps[{step}].sources[{source}].runs[{run}].strategy[0].hits"

    write(lead, f"{DRAFT}/sources/{step}/{source}", at={name: "4711"})
    assert "Hits that you noted are kept" in html.unescape(lead.browser.get(f"{DRAFT}/in-force").text)
    lead.send(f"{DRAFT}/in-force", {})

    with database_of(app).read() as session:
        [version] = session.scalars(select(ProtocolVersion))
        [run_row] = [row for row in queries.runs(session, version.review_id) if row.code == run_of["id"]]
        assert queries.line_hits(session, version.review_id)[run_row.id][str(run_of["strategy"][0]["n"])] == 4711
    assert "hits: 4711" in lead.browser.get("/reviews/cement-spine/protocol.yaml").text
    assert "4\u202f711" in lead.browser.get(REVIEW).text


def test_the_exported_file_holds_the_amendments_and_is_the_same_plan(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    write(lead, f"{DRAFT}/review", at={"review.title": "A better title"})
    lead.send(f"{DRAFT}/in-force", {"reason": "The old one said too little."})

    data = lead.browser.get("/reviews/cement-spine/protocol.yaml").data

    protocol = read_protocol(data, "x")
    [amendment] = protocol.document["amendments"]
    assert amendment["path"] == "review.title" and amendment["after"] == "A better title"
    assert amendment["why"] == "The old one said too little." and amendment["stage"] == "before_screening"
    with database_of(app).read() as session:
        newest = session.scalars(select(ProtocolVersion).order_by(ProtocolVersion.number.desc())).first()
        assert newest.plan_sha256 == protocol.plan_sha256
    answer = lead.browser.post(
        REVIEW,
        data={"file": (io.BytesIO(data), "again.yaml"), "reason": "none", "csrf_token": lead.token()},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 409 and "is the one in force" in html.unescape(answer.text)


def test_two_people_never_overwrite_each_other_unseen(app, lead):
    other = somebody(app, Role.METHODOLOGIST)
    lead.send(f"{DRAFT}/begin", {})
    mine, theirs = form_on(lead, f"{DRAFT}/review"), form_on(other, f"{DRAFT}/review")

    other.send(f"{DRAFT}/review", theirs | {"review.title": ["Theirs"], "act": "save"})
    answer = lead.send(f"{DRAFT}/review", mine | {"review.title": ["Mine"], "act": "save"}, expect=409)

    assert the_draft(app).document["review"]["title"] == "Theirs"
    assert 'value="Mine"' in answer.text and "Save mine all the same" in answer.text
    lead.send(f"{DRAFT}/review", mine | {"review.title": ["Mine"], "act": "anyway"})
    assert the_draft(app).document["review"]["title"] == "Mine"


def test_two_people_on_two_pages_of_one_draft_do_not_clash(app, lead):
    other = somebody(app, Role.METHODOLOGIST)
    lead.send(f"{DRAFT}/begin", {})
    mine = form_on(lead, f"{DRAFT}/review")

    write(other, f"{DRAFT}/around", at={"updates": "Every year"})
    lead.send(f"{DRAFT}/review", mine | {"review.title": ["Mine"], "act": "save"})

    found = the_draft(app).document
    assert (found["review"]["title"], found["updates"]) == ("Mine", "Every year")


def test_a_draft_on_an_older_version_is_brought_up_to_date_first(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    write(lead, f"{DRAFT}/around", at={"updates": "Every year"})
    write(lead, f"{DRAFT}/review", at={"review.title": "Mine"})
    with database_of(app).write.begin() as session:
        member = member_by_email(session, "cement-spine", lead.email)
        changed = re.sub(rb"(?m)^  title: .*$", b"  title: Theirs", CEMENT, count=1) + b"\ncontacts: [An author]\n"
        service.amend(session, member, changed, "x", "by a file")

    answer = lead.browser.post(f"{DRAFT}/in-force", data={"reason": "x", "csrf_token": lead.token()})
    assert answer.status_code == 409 and "Bring the draft up to date" in answer.text
    lead.send(f"{DRAFT}/catch-up", {})
    page = html.unescape(lead.browser.get(f"{DRAFT}/in-force").text)

    assert "Look at what both changed: Review." in page
    found = the_draft(app).document
    assert (found["review"]["title"], found["updates"], found["contacts"]) == ("Mine", "Every year", ["An author"])
    lead.send(f"{DRAFT}/in-force", {"reason": "both"})


def test_the_search_specialist_writes_the_draft_and_the_lead_puts_it_in_force(app, lead):
    specialist = somebody(app, Role.SEARCH_SPECIALIST)
    specialist.send(f"{DRAFT}/begin", {})
    write(specialist, f"{DRAFT}/around", at={"updates": "Every year"})

    assert "The lead or the methodologist puts the draft in force" in specialist.browser.get(f"{DRAFT}/in-force").text
    answer = specialist.browser.post(f"{DRAFT}/in-force", data={"reason": "x", "csrf_token": specialist.token()})
    assert answer.status_code == 403
    lead.send(f"{DRAFT}/in-force", {"reason": "As the specialist proposed."})

    assert "Every year" in lead.browser.get(f"{REVIEW}/versions/2.yaml").text


def test_a_draft_laid_aside_can_be_taken_up_again(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    write(lead, f"{DRAFT}/around", at={"updates": "Every year"})

    lead.send(f"{DRAFT}/lay-aside", {})
    assert lead.browser.get(DRAFT).status_code == 404
    assert "Take up the draft" in lead.browser.get(REVIEW).text
    lead.send(f"{DRAFT}/take-up", {})

    assert "Every year" in lead.browser.get(f"{DRAFT}/around").text


def test_a_strategy_is_pasted_and_taken_from_an_embase_table(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    steps = the_draft(app).document["steps"]
    place, run = f"{DRAFT}/sources/0/0", "steps[0].sources[0].runs[0]"
    there = len(steps[0]["sources"][0]["runs"][0].get("strategy") or [])

    write(lead, place, f"paste:{run}", at={f"{run}.paste": "cement\r\nspine"})
    form = form_on(lead, place) | {
        "act": f"embase:{run}",
        f"{run}.embase": ((EXPORTS / "embase.csv").open("rb"), "e.csv"),
    }
    lead.send(place, form)

    found = the_draft(app).document["steps"][0]["sources"][0]["runs"][0]["strategy"]
    assert [one["query"] for one in found[there:]] == [
        "cement", "spine", "'percutaneous vertebroplasty'/exp AND 'spine metastasis'/exp",
    ]  # fmt: skip
    form = form_on(lead, place) | {"act": f"embase:{run}", f"{run}.embase": (io.BytesIO(b"Title\nA"), "e.csv")}
    assert "does not begin with its search" in lead.send(place, form, expect=422).text


def test_a_review_begins_in_the_editor_from_nothing(app, client):
    with database_of(app).write.begin() as session:
        email = a_person(session).email
    person = Person(app, email, PASSWORD).sign_in()

    address = person.send("/reviews/new/drafts", {"from": ""}).location
    write(person, f"{address}/review", "next", at={"review.id": "new-one", "review.title": "A new one"})
    write(person, f"{address}/questions", at={"questions[0].text": "Does it help?", "questions[0].population": "Adults",
                                              "questions[0].intervention": "Cement"})  # fmt: skip
    write(
        person,
        f"{address}/steps",
        "sources:steps[0]",
        at={"steps[0].title": "Trials", "steps[0].paste": "Embase | database"},
    )
    answer = person.send(f"{address}/in-force", {})

    assert answer.location.endswith("/reviews/new-one/protocol")
    with database_of(app).read() as session:
        [version] = session.scalars(select(ProtocolVersion))
        assert version.document["steps"] == [
            {"id": "s1", "title": "Trials", "sources": [{"id": "embase", "name": "Embase", "prisma_lane": "database"}]}
        ]
    assert person.browser.get(address).status_code == 404


def test_a_set_up_is_copied_only_from_a_review_one_is_in(app, lead):
    with database_of(app).write.begin() as session:
        stranger = a_person(session).email
    other = Person(app, stranger, PASSWORD).sign_in()

    address = lead.send("/reviews/new/drafts", {"from": "cement-spine"}).location
    assert "runs" not in str(the_draft(app).document) and lead.browser.get(f"{address}/questions").status_code == 200
    assert (
        other.browser.post(
            "/reviews/new/drafts", data={"from": "cement-spine", "csrf_token": other.token()}
        ).status_code
        == 404
    )
    for page in ("", "/review", "/sources/0/0", "/protocol.yaml", "/in-force"):
        assert other.browser.get(f"{address}{page}").status_code == 404


def test_a_file_that_does_not_hold_is_opened_and_mended_in_the_editor(app, lead):
    broken = CEMENT.replace(b"type: new", b"type: newish")
    send = {"from": "file", "file": (io.BytesIO(broken), "broken.yaml")}

    address = lead.send("/reviews/new/drafts", send).location

    assert "“newish” is not one of the choices." in html.unescape(lead.browser.get(f"{address}/review").text)
    answer = lead.send("/reviews/new/drafts", {"from": "file", "file": (io.BytesIO(b"a: [1"), "x.yaml")}, expect=422)
    assert "cannot be opened" in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"act": "remove:steps[99]"},
        {"act": "add:review.title"},
        {"act": "paste:steps[0]"},
        {"act": "sources:review"},
        {"act": "up:"},
    ],
)
def test_a_form_that_no_page_sends_changes_nothing(app, lead, form):
    lead.send(f"{DRAFT}/begin", {})
    before = the_draft(app).document

    lead.send(f"{DRAFT}/steps", form, expect=422)

    assert the_draft(app).document == before
    assert lead.browser.get(f"{DRAFT}/nothing").status_code == 422
    assert lead.browser.get(f"{DRAFT}/sources/9/9").status_code == 422


def test_every_save_leaves_its_trace_and_an_empty_one_leaves_none(app, lead):
    lead.send(f"{DRAFT}/begin", {})
    write(lead, f"{DRAFT}/around", at={"updates": "Every year"})
    write(lead, f"{DRAFT}/around")

    with database_of(app).read() as session:
        events = list(session.scalars(select(AuditEntry.event).where(AuditEntry.event.like("protocols:draft:%"))))
    assert events == ["protocols:draft:begun", "protocols:draft:saved"]


def test_what_is_typed_is_text_and_nothing_else(app, lead):
    lead.send(f"{DRAFT}/begin", {})

    write(lead, f"{DRAFT}/around", at={"updates": "<script>alert(1)</script>\x00"})

    assert the_draft(app).document["updates"] == "<script>alert(1)</script>"
    for page in ("/around", "/in-force", ""):
        assert "<script>alert" not in lead.browser.get(f"{DRAFT}{page}").text

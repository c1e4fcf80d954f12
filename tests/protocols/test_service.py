"""A review begins from its protocol; amendments and searches are facts beside it."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import a_member, a_person, a_review, a_run, the_lead
from workbench.audit.models import AuditEntry
from workbench.audit.queries import broken_at
from workbench.errors import Clash, Invalid, NotAllowed, NotFound
from workbench.protocols import queries, service
from workbench.protocols.models import HitsReport, ProtocolVersion, SearchRun
from workbench.protocols.rules import InvalidProtocol, read_protocol
from workbench.protocols.writers import RunLog, with_log
from workbench.resources import resource
from workbench.reviews.models import ExclusionReason, Question, Review
from workbench.reviews.queries import questions, reasons
from workbench.reviews.rules import Lane, Role, Stage

CEMENT = (Path(__file__).resolve().parent.parent / "data" / "protocol.yaml").read_bytes()
FLAGSHIP = (resource("search_protocols") / "vertebral-augmentation.yaml").read_bytes()


def begun(session, data=CEMENT):
    return service.begin(session, a_person(session), data, "protocol.yaml")


def rows(session):
    return [
        session.scalar(select(func.count()).select_from(table))
        for table in (Review, ProtocolVersion, Question, ExclusionReason, SearchRun, HitsReport, AuditEntry)
    ]


def amended(data=CEMENT, old=b"title: Randomised trials", new=b"title: Trials"):
    assert old in data
    return data.replace(old, new)


def test_a_review_begins_from_its_protocol_with_questions_reasons_and_runs_in_its_order(session):
    member = begun(session)

    assert member.review.slug == "cement-spine" and member.roles == [Role.LEAD]
    assert [row.code for row in questions(session, member.review_id)] == ["solid", "myeloma", "technique"]
    at_full_text = [row.code for row in reasons(session, member.review_id, Stage.FULL_TEXT)]
    assert at_full_text == ["population", "instability", "intervention", "comparison", "design", "outcome-data"]
    assert [(run.code, run.lane) for run in queries.runs(session, member.review_id)][2:4] == [
        ("demo-websites", Lane.WEBSITE),
        ("demo-pubmed", Lane.DATABASE),
    ]
    assert queries.plan_in_force(session, member.review_id).review_id == "cement-spine"
    assert broken_at(session, member.review_id) is None


def test_the_flagship_begins_with_every_unknown_count_unknown(session):
    member = begun(session, FLAGSHIP)

    assert queries.hits(session, member.review_id) == {}
    assert len(queries.runs(session, member.review_id)) == len(list(read_protocol(FLAGSHIP, "").plan.runs()))


def test_hits_written_in_the_file_become_reports(session):
    known = CEMENT.replace(
        b"final_line: 5\n            hits_reported: null", b"final_line: 5\n            hits_reported: 61"
    )
    member = begun(session, known)

    run = queries.run_by_code(session, member.review_id, "demo-cochrane")
    assert queries.hits(session, member.review_id) == {run.id: 61}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.4",
        b"\xff\xfe\x00",
        CEMENT.replace(b"questions:", b"questons:", 1),
        CEMENT.replace(b'"2005"', b"2005"),
        CEMENT.replace(b"hits_reported: null", b"hits_reported: 3000000000"),
        b"a: &a [1]\nb: *a\n",
        b"x: " + b"[" * 5000,
    ],
    ids=[
        "empty",
        "pdf",
        "not text",
        "typo in a key",
        "year without quotes",
        "more hits than any database holds",
        "alias",
        "deep",
    ],
)
def test_a_file_that_does_not_hold_changes_nothing(session, data):
    person = a_person(session)
    before = rows(session)

    with pytest.raises(Invalid), session.begin_nested():
        service.begin(session, person, data, "protocol.yaml")

    assert rows(session) == before


def test_a_problem_names_its_line_and_the_way_out(session):
    with pytest.raises(InvalidProtocol) as caught:
        begun(session, CEMENT.replace(b'from: "2005"', b"from: 2005"))

    [problem] = caught.value.problems
    assert (problem.path, problem.remedy) == ("limits.from", 'Put it in quotes: from: "2005"')
    assert problem.line == CEMENT[: CEMENT.index(b'from: "2005"')].count(b"\n") + 1


def test_norwegian_stays_norwegian(session):
    plan = queries.plan_in_force(session, begun(session).review_id)

    assert "no" in plan.limits.languages


def test_two_reviews_cannot_share_an_address(session):
    begun(session)

    with pytest.raises(Clash):
        begun(session)


def test_an_amendment_is_a_new_version_with_its_reason(session):
    member = begun(session)

    version = service.amend(session, member, amended(), "new.yaml", " The step was named too long. ")

    assert (version.number, version.reason) == (2, "The step was named too long.")
    assert queries.version_in_force(session, member.review_id) is version
    assert [row.number for row, _who in queries.versions(session, member.review_id)] == [2, 1]
    assert queries.version_number(session, member.review_id, 1).source == CEMENT.decode()
    assert broken_at(session, member.review_id) is None


def test_what_leaves_the_protocol_is_retired_and_what_returns_keeps_its_row(session):
    member = begun(session)
    before = {row.code: row.id for row in reasons(session, member.review_id, Stage.FULL_TEXT)}
    shorter = amended(old=b'  - {id: comparison, label: "Comparison: none that is asked for"}\n', new=b"")

    service.amend(session, member, shorter, "new.yaml", "Never used.")
    without = [row.code for row in reasons(session, member.review_id, Stage.FULL_TEXT)]
    service.amend(session, member, CEMENT, "new.yaml", "It was needed after all.")
    again = {row.code: row.id for row in reasons(session, member.review_id, Stage.FULL_TEXT)}

    assert "comparison" not in without and again == before
    assert [row.position for row in reasons(session, member.review_id, Stage.FULL_TEXT)] == [1, 2, 3, 4, 5, 6]


def test_an_amendment_moves_a_run_and_keeps_it(session):
    member = begun(session)
    run = queries.run_by_code(session, member.review_id, "demo-websites")

    moved = amended(old=b"prisma_lane: website", new=b"prisma_lane: organisation")
    service.amend(session, member, moved, "new.yaml", "They are bodies.")

    assert (
        queries.run_by_code(session, member.review_id, "demo-websites").id == run.id and run.lane is Lane.ORGANISATION
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (CEMENT, "again"),
        (CEMENT.replace(b"hits_reported: null", b"hits_reported: 5"), "hits only"),
        (amended(), "  "),
        (FLAGSHIP, "another review"),
        (b"schema: 1", "broken"),
    ],
)
def test_what_is_no_amendment_is_refused_and_changes_nothing(session, data, reason):
    member = begun(session)
    before = rows(session)

    with pytest.raises((Clash, Invalid)), session.begin_nested():
        service.amend(session, member, data, "new.yaml", reason)

    assert rows(session) == before


def test_only_the_lead_and_the_methodologist_amend(session):
    member = begun(session)
    reviewer = a_member(session, member.review, Role.REVIEWER)

    with pytest.raises(NotAllowed):
        service.amend(session, reviewer, amended(), "new.yaml", "because")


def test_one_more_run_of_a_source_gets_a_name_of_its_own(session):
    member = begun(session)

    first = service.add_run(session, member, "pubmed", "2025-01-02", hits=12)
    second = service.add_run(session, member, "pubmed", "2025-01-02")

    assert (first.code, second.code) == ("pubmed-2025-01-02", "pubmed-2025-01-02-2")
    assert (first.step, first.source_name, first.lane) == ("trials", "MEDLINE", Lane.DATABASE)
    assert queries.hits(session, member.review_id) == {first.id: 12}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"source": "scopus", "searched_on": "2025"}, NotFound),
        ({"source": "pubmed", "searched_on": "soon"}, Invalid),
        ({"source": "pubmed", "searched_on": "2025-02-30"}, Invalid),
        ({"source": "pubmed", "searched_on": "٢٠٢٥"}, Invalid),
        ({"source": "pubmed", "searched_on": "2025", "code": "a b"}, Invalid),
        ({"source": "pubmed", "searched_on": "2025", "code": "DEMO-pubmed"}, Clash),
        ({"source": "pubmed", "searched_on": "2025", "hits": -1}, Invalid),
        ({"source": "pubmed", "searched_on": "2025", "hits": 10**11}, Invalid),
    ],
)
def test_a_run_that_cannot_be_is_refused(session, values, error):
    member = begun(session)
    before = rows(session)

    with pytest.raises(error), session.begin_nested():
        service.add_run(session, member, **values)

    assert rows(session) == before


def test_the_newest_report_of_hits_counts_and_the_others_stay(session):
    review = a_review(session)
    run = a_run(session, review)

    service.report_hits(session, the_lead(session, review), run.id, 0)
    service.report_hits(session, the_lead(session, review), run.id, 383)

    assert queries.hits(session, review.id) == {run.id: 383}
    assert session.scalar(select(func.count()).select_from(HitsReport)) == 2


def test_an_explanation_keeps_the_difference_it_explains(session):
    review = a_review(session)
    run = a_run(session, review)

    service.explain(session, the_lead(session, review), run.id, 3, "Withdrawn between search and export.")

    assert queries.explanations(session, review.id)[run.id].difference == 3
    assert "Withdrawn" not in str([row.payload for row in session.scalars(select(AuditEntry))])


def test_a_run_of_another_review_does_not_exist(session):
    review, other = a_review(session), a_review(session)
    run = a_run(session, other)

    with pytest.raises(NotFound):
        service.report_hits(session, the_lead(session, review), run.id, 1)


@pytest.mark.parametrize("name", ["demo-vertebroplasty", "vertebral-augmentation"])
def test_the_exported_file_holds_its_log_and_is_the_same_plan(name: str):
    source = (Path(resource("search_protocols")) / f"{name}.yaml").read_bytes()
    protocol = read_protocol(source, name)
    [(_step, _source, first), *_rest] = protocol.plan.runs()
    imports = [{"file": "a: #1.ris", "sha256": "0" * 64, "format": "ris", "records_in_file": 3, "records_imported": 3}]

    text = with_log(source.decode(), {first.id: RunLog("", "2024", 5, imports, 2, "two were withdrawn: # no")})

    again = read_protocol(text.encode(), name)
    assert again.plan_sha256 == protocol.plan_sha256
    run = next(run for _step, _source, run in again.plan.runs() if run.id == first.id)
    assert run.hits_reported == 5 and "two were withdrawn: # no" in str(again.document)
    comments = [line for line in source.decode().splitlines() if line.startswith("#")]
    assert all(line in text for line in comments)


def test_a_run_documented_later_stands_in_the_exported_file():
    text = with_log(CEMENT.decode(), {"pubmed-2025": RunLog("pubmed", "2025", 7)})

    runs = {run.id: run for _step, _source, run in read_protocol(text.encode(), "x").plan.runs()}
    assert runs["pubmed-2025"].hits_reported == 7 and len(runs) == 6

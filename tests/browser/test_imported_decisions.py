"""Decisions of other tools, on the page of a decided record, of one still to be judged, and of the import."""

import pytest

from tests.factories import EXCLUDE, a_member, a_record, a_review, a_vote, an_import, an_imported_decision, open_stage
from tests.factories import the_lead as lead_of
from workbench.app import database_of
from workbench.records.models import Record

pytestmark = pytest.mark.browser

NOTE = 'RAYYAN-INCLUSION: {"Emily"=>"Excluded", "Søren Bo"=>"Maybe"} | RAYYAN-EXCLUSION-REASONS: wrong population'


def test_imported_decisions_are_shown_without_a_barrier(app, sign_in_page, no_violations):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead, second = lead_of(session, review), a_member(session, review)
        of = an_import(session, review, source="rayyan", file_name="articles.csv", records_in_file=2)
        decided, waiting = (a_record(session, review, of=of).id for _ in range(2))
        for record_id in (decided, waiting):
            record = session.get_one(Record, record_id)
            record.raw = [["title", record.title, record.first_line], ["notes", NOTE, record.first_line]]
            place = {"tag": "notes", "line": record.first_line}
            an_imported_decision(session, record, **place)
            an_imported_decision(session, record, None, position=2, person=None, reason="wrong population", **place)
            an_imported_decision(session, record, None, position=3, note="look at table 2", **place)
        open_stage(session, review)
        for person in (lead, second):
            a_vote(session, person, session.get_one(Record, decided), EXCLUDE)
        import_id, user = of.id, lead.user
    page = sign_in_page(user)

    for address in (f"records/{decided}", f"records/{waiting}", f"imports/{import_id}"):
        page.goto(f"/reviews/spine/{address}")
        no_violations(page)

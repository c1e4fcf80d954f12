"""A review that has just begun, and its lead at a browser."""

import pytest

from tests.factories import a_person, sign_in
from tests.records.pages import CEMENT
from workbench.app import database_of
from workbench.protocols import queries as protocols
from workbench.protocols import service as protocol_deeds


@pytest.fixture
def house(app, client):
    """A review begun from the demonstration's protocol, its lead signed in."""
    with database_of(app).write.begin() as session:
        member = protocol_deeds.begin(session, a_person(session), CEMENT, "protocol.yaml")
        runs = {run.code: run.id for run in protocols.runs(session, member.review_id)}
    sign_in(client, member.user)
    return member, runs

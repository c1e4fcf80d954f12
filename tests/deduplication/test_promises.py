"""The engine and a review's search keep their promises on invented records; `tests/long` tries many more."""

import pytest
from hypothesis import HealthCheck, settings

from tests.deduplication import house_promises, promises
from tests.deduplication.inventions import a_form
from tests.factories import a_person
from workbench.deduplication.rules import NormalForm

FEW = settings(max_examples=25, deadline=None, derandomize=True)
FEWER = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("promise", promises.CHECKS)
def test_the_engine_keeps_its_promise(promise):
    check, drawn = promises.CHECKS[promise]

    promises.tried(check, drawn, FEWER if "crowd" in promise else FEW)


@pytest.mark.parametrize("promise", house_promises.CHECKS)
def test_a_review_keeps_its_promise(session, promise):
    a_person(session)
    check, drawn = house_promises.CHECKS[promise]

    promises.tried(house_promises.in_a_world(check), drawn, FEWER, session)


def test_a_year_of_nought_survives_storing():
    form = a_form(year=0)

    assert NormalForm.from_dict(form.as_dict()) == form

"""Promises of the search for duplicates on thousands of invented libraries, drawn anew each time.

A broken promise is told with the library that breaks it, the engine's with the smallest.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.deduplication import house_promises, promises
from tests.factories import a_person

pytestmark = pytest.mark.long
MANY = settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
"""In a database a smaller library is not looked for: that takes minutes."""


@pytest.mark.parametrize("promise", promises.CHECKS)
def test_the_engine_keeps_its_promise_on_thousands_of_libraries(promise):
    check, drawn = promises.CHECKS[promise]

    promises.tried(check, drawn, MANY)


@pytest.mark.parametrize("promise", house_promises.CHECKS)
def test_a_review_keeps_its_promise_on_many_libraries(session, promise):
    a_person(session)
    check, drawn = house_promises.CHECKS[promise]

    promises.tried(house_promises.in_a_world(check), drawn, SOME, session)

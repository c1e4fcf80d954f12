"""Five thousand deeds of a screening stage, in the house and in the model, drawn anew each time."""

import pytest
from hypothesis import HealthCheck, settings

from tests.screening.stage_machine import run_steps

pytestmark = pytest.mark.long
MANY = settings(max_examples=125, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_the_house_and_the_model_say_the_same_after_each_of_five_thousand_deeds(sqlite_template, tmp_path, monkeypatch):
    run_steps(sqlite_template, tmp_path, monkeypatch, MANY)

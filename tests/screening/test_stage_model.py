"""A whole stage, deed after deed, against a model that knows nothing of the house; a seeded share of the long check."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.screening.stage_machine import StageMachine, few_in_hand  # noqa: F401

SHARE = settings(
    max_examples=6, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_the_house_and_the_model_of_a_stage_say_the_same_after_each_deed(sqlite_template, tmp_path, few_in_hand):  # noqa: F811
    made = type("Made", (StageMachine,), {"template": sqlite_template, "folder": tmp_path})

    run_state_machine_as_test(made, settings=SHARE)

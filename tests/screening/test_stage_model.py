"""A whole stage, deed after deed, against a model that knows nothing of the house; a seeded share of the long check."""

from hypothesis import HealthCheck, Phase, settings

from tests.screening.stage_machine import run_steps

SHARE = settings(
    max_examples=5,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""A smaller history is not looked for here: that takes minutes, and the long check does it."""


def test_the_house_and_the_model_of_a_stage_say_the_same_after_each_deed(sqlite_template, tmp_path, monkeypatch):
    run_steps(sqlite_template, tmp_path, monkeypatch, SHARE)

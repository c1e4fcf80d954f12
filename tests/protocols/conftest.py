"""Protocols to test on: the two shipped ones and a small one, whole or with one thing changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = """\
schema: search_protocol/1
review:
  id: small
  title: A small review
questions:
  - id: q1
    text: Does it help?
    population: Adults
    intervention: Cement
eligibility:
  include:
    - {id: inc, text: Adults}
exclusion_reasons:
  - {id: design, label: Wrong design, criterion: inc}
limits: {from: "2009", to: "2019", languages: [en, no]}
screening:
  title-abstract: {votes: 1, variant: single}
  full-text: {votes: 2, variant: full-dual}
steps:
  - id: s1
    title: Trials
    questions: [q1]
    sources:
      - id: pm
        name: MEDLINE
        prisma_lane: database
        runs:
          - id: pm-1
            searched_on: "2019-05-31"
            strategy:
              - {n: 1, query: cement, hits: 10}
              - {n: 2, query: "#1", hits: null}
            final_line: 2
            hits_reported: null
"""

SHIPPED = Path(__file__).resolve().parents[2] / "search_protocols"


@pytest.fixture(scope="session")
def small() -> Callable[..., bytes]:
    """The small protocol as bytes, with one text in it exchanged for another."""

    def changed(old: str = "", new: str = "") -> bytes:
        assert old in SMALL
        return SMALL.replace(old, new, 1).encode()

    return changed


@pytest.fixture(params=["vertebral-augmentation", "demo-vertebroplasty"])
def shipped(request: pytest.FixtureRequest) -> Path:
    """A protocol that the project ships."""
    return SHIPPED / f"{request.param}.yaml"

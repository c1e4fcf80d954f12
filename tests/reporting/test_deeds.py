"""Every event of the house has its sentence in the trail."""

import importlib

from workbench.audit.events import Event
from workbench.reporting.rules.deeds import deed, particulars

ROOMS = ("reviews", "protocols", "records", "deduplication", "screening")


def events():
    """Every event of the rooms that write to a review's trail."""
    for room in ROOMS:
        module = importlib.import_module(f"workbench.{room}.events")
        yield from (
            one
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, Event) and one is not Event
        )


def test_every_event_has_a_sentence():
    without = [
        one.name
        for one in events()
        if ":" in one.name and deed(one.name, {}) == one.name.replace(":", ", ").replace("-", " ")
    ]
    assert not without


def test_several_deeds_are_told_in_one_line():
    assert deed("screening:vote:cast", {"stage": "title-abstract"}, 37) == "voted 37 times, title and abstract"


def test_hashes_are_no_particulars():
    told = dict(
        particulars({"record_id": 4, "decision": "include", "statement_sha256": "ab", "is_lifted": False, "turn": None})
    )
    assert told == {"decision": "include", "is lifted": "no"}

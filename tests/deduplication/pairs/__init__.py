"""Pairs of invented records that try to mislead the engine, each with the verdict a good librarian gives.

One file for each class of error. A pair says `id`, `verdict`, `why`, the fields that stand in `both` records, and those
of `one` and `other`. Verdicts: *same*: merged without a person, at cautious; *show or same*: merged or shown to a
person; *two*: never merged without a person; a kind of link, such as *erratum-of*: two reports, linked, `one` being
that of `other`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from workbench.deduplication.rules import NormalForm, normal_form
from workbench.records.rules import Item

HERE = Path(__file__).parent
LINKS = frozenset(
    "version-of erratum-of retraction-of comment-on abstract-of preprint-of same-trial".split()  # noqa: SIM905
)
DUPLICATES = frozenset(("same", "show or same"))
VERDICTS = DUPLICATES | LINKS | {"two"}
_TEXTS = frozenset(("volume", "issue", "pages"))


@dataclass(frozen=True, eq=False)
class Pair:
    """Two records, their class of error, the verdict and the librarian's reason."""

    id: str
    error_class: str
    verdict: str
    why: str
    one: Item
    other: Item

    @property
    def are_one_report(self) -> bool:
        """Whether a librarian holds them for one report, be it after a look."""
        return self.verdict in DUPLICATES

    @property
    def forms(self) -> list[NormalForm]:
        """Both records in normal form."""
        return [normal_form(self.one), normal_form(self.other)]


@cache
def all_pairs() -> tuple[Pair, ...]:
    """Every pair of every class, in the order of the files."""
    return tuple(_pair(path.stem, told) for path in sorted(HERE.glob("*.yaml")) for told in _read(path))


def _read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def _pair(error_class: str, told: Mapping[str, Any]) -> Pair:
    one, other = ({**told["both"], **told[side]} for side in ("one", "other"))
    return Pair(told["id"], error_class, told["verdict"], told["why"], _item(1, one), _item(2, other))


def _item(number: int, told: Mapping[str, Any]) -> Item:
    """A delivered record; authors in one text are parted at semicolons, a list is taken as delivered."""
    fields: dict[str, Any] = {name: str(value) if name in _TEXTS else value for name, value in told.items()}
    if isinstance(people := fields.get("authors"), str):
        fields["authors"] = people.split("; ")
    return Item(number=number, lines=(number, number), **fields)

"""The sections of a protocol as they are written, one page each, and what can be done to the rows of their lists."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import Invalid
from workbench.protocols.formats import Path, Problem, path_of
from workbench.protocols.rules.form import is_rows, schema_at, value_at
from workbench.protocols.rules.typed import put
from workbench.words import _


class NoSuchPlace(Invalid):
    """Rows are added, moved and removed in the lists of the section that is open."""

    hint = "Load the page again; somebody else may have changed this part in the meantime."


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the editor: where its group stands in the document, and which of its keys it is about."""

    code: str
    title: str
    lede: str
    path: Path = ()
    only: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def holds(self, problem: Problem) -> bool:
        """Whether the problem stands on this page."""
        place = path_of(problem.path)
        if place[: len(self.path)] != self.path:
            return False
        rest = place[len(self.path) :]
        inside = not self.only or (rest[:1] and rest[0] in self.only) or (len(self.path) > 0 and not rest)
        return bool(inside) and not any(part in self.hidden for part in rest)


def sections() -> list[Section]:
    """Every section but the sources, in the order in which a protocol is written."""
    return [
        Section(
            "review", _("Review"), _("What the review is called, and what is known about its plan."), only=("review",)
        ),
        Section(
            "questions",
            _("Questions"),
            _("What is asked, in the parts of PICO, with the outcomes that matter."),
            only=("questions",),
        ),
        Section(
            "criteria",
            _("Criteria"),
            _("Who is eligible. They stand beside every record on the screening desk."),
            only=("eligibility",),
        ),
        Section(
            "reasons",
            _("Reasons to exclude"),
            _("In order of priority: when several apply, the first one counts."),
            only=("exclusion_reasons",),
        ),
        Section(
            "limits",
            _("Limits"),
            _("Records outside are flagged with the rule, and taken out only by a person's act."),
            only=("limits",),
        ),
        Section(
            "screening",
            _("Screening"),
            _("Who decides at each stage. The rule is fixed when the stage opens."),
            ("screening",),
            ("title-abstract", "full-text"),
        ),
        Section(
            "highlights",
            _("Highlights"),
            _("Words that are marked in titles and abstracts."),
            ("screening",),
            ("highlights",),
        ),
        Section(
            "deduplication",
            _("Deduplication"),
            _("How records of one report are brought together."),
            only=("deduplication",),
        ),
        Section(
            "steps",
            _("Search"),
            _("The steps of the search; each searches its sources."),
            only=("steps",),
            hidden=("sources", "order"),
        ),
        Section(
            "peer-review",
            _("Peer review"),
            _("Who looked over the search strategies before they were run, such as with PRESS."),
            only=("peer_review",),
        ),
        Section(
            "around",
            _("Beside the search"),
            _("People asked, earlier work that was reused, and how the search is kept up to date."),
            only=("contacts", "prior_work", "updates"),
        ),
        Section(
            "known",
            _("Known studies"),
            _("Studies the team knows already: the searches must find them."),
            only=("known_studies",),
        ),
        Section(
            "appraisal",
            _("Appraisal"),
            _("Which instrument is used for which design, and its settings."),
            only=("appraisal",),
        ),
        Section(
            "amendments",
            _("Earlier amendments"),
            _("Those from before the review came here. What is amended here is written down by itself."),
            only=("amendments",),
        ),
    ]


def section(code: str) -> Section:
    """The section of this name.

    Raises:
        NoSuchPlace: there is none.
    """
    found = next((one for one in sections() if one.code == code), None)
    if found is None:
        raise NoSuchPlace(_("The protocol has no section “%(code)s”.", code=code))
    return found


def source_section(document: Mapping[str, Any], step: int, source: int) -> Section:
    """One source of one step with its runs; both are counted from 0.

    Raises:
        NoSuchPlace: there is no such source.
    """
    path: Path = ("steps", step, "sources", source)
    found = value_at(document, path)
    if not isinstance(found, dict):
        raise NoSuchPlace(_("There is no such source in this draft."))
    title = value_at(document, ("steps", step, "title")) or _("Step %(n)s", n=step + 1)
    return Section("source", str(found.get("name") or _("New source")), str(title), path)


def fresh() -> dict[str, Any]:
    """A protocol in which nothing is written yet."""
    return {"schema": "search_protocol/1", "review": {}, "questions": [{}], "steps": [{"sources": []}]}


def without_results(document: Mapping[str, Any]) -> dict[str, Any]:
    """The set-up of a review for another one: no address, no registration, no amendments, no runs."""
    review = {
        key: value for key, value in document["review"].items() if key not in {"id", "registration", "source_document"}
    }
    steps = [
        {
            **step,
            "sources": [{key: value for key, value in source.items() if key != "runs"} for source in step["sources"]],
        }
        for step in document["steps"]
    ]
    kept = {key: value for key, value in document.items() if key not in {"amendments", "peer_review"}}
    return {**kept, "review": review, "steps": steps}


def act_on(document: Mapping[str, Any], act: str, place: str) -> dict[str, Any]:
    """The document with a row added to a list, removed from it, or moved up or down.

    Args:
        document: the whole protocol.
        act: "add" (the place is the list), "remove", "up" or "down" (the place is the row).
        place: as `path_text` writes it.

    Raises:
        NoSuchPlace: there is no such list or row.
    """
    path = path_of(place)
    whole, row = (path, -1) if act == "add" else (path[:-1], path[-1] if path else -1)
    items = list(value_at(document, whole) or []) if _is_list_of_rows(whole) else None
    if items is None or not isinstance(row, int) or (act != "add" and not 0 <= row < len(items)):
        raise NoSuchPlace(_("There is no such row in this draft."))
    changed = _ACTS[act](items, row, whole)
    return put(document, whole, _numbered(changed) if whole == ("steps",) else changed)


def _is_list_of_rows(path: Path) -> bool:
    try:
        return bool(path) and is_rows(schema_at(path))
    except (KeyError, TypeError):
        return False


def _added(items: list[Any], _row: int, path: Path) -> list[Any]:
    return [*items, {"sources": []} if path == ("steps",) else {}]


def _removed(items: list[Any], row: int, _path: Path) -> list[Any]:
    return items[:row] + items[row + 1 :]


def _moved(by: int) -> Callable[[list[Any], int, Path], list[Any]]:
    def moved(items: list[Any], row: int, _path: Path) -> list[Any]:
        there = min(max(row + by, 0), len(items) - 1)
        items.insert(there, items.pop(row))
        return items

    return moved


_ACTS: Mapping[str, Callable[[list[Any], int, Path], list[Any]]] = {
    "add": _added,
    "remove": _removed,
    "up": _moved(-1),
    "down": _moved(1),
}


def _numbered(steps: Sequence[Any]) -> list[Any]:
    """Steps whose order is written out are counted anew, so that the order shown is the one that holds."""
    if not any("order" in step for step in steps):
        return list(steps)
    return [{**step, "order": place} for place, step in enumerate(steps, start=1)]


def named(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with a short name for everything that needs one and has none, made from what it is called."""
    taken = {str(node["id"]).casefold() for _path, node in _nodes(document) if node.get("id")}
    for path, node in list(_nodes(document)):
        if not node.get("id") and (wish := _wish(document, path, node)):
            name, n = wish, 1
            while name.casefold() in taken:
                n += 1
                name = f"{wish}-{n}"
            taken.add(name.casefold())
            document = put(document, path, {"id": name, **{key: value for key, value in node.items() if key != "id"}})
    return dict(document)


def _nodes(document: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Everything that carries a short name, the review apart."""
    lists: list[Path] = [("questions",), ("eligibility", "include"), ("eligibility", "exclude"), ("exclusion_reasons",)]
    for path in lists:
        yield from _rows(document, path)
    for step, node in _rows(document, ("steps",)):
        yield step, node
        for source, its in _rows(document, (*step, "sources")):
            yield source, its
            yield from _rows(document, (*source, "runs"))


def _rows(document: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    found = value_at(document, path)
    for place, node in enumerate(found if isinstance(found, list) else []):
        if isinstance(node, dict):
            yield (*path, place), node


def _wish(document: Mapping[str, Any], path: Path, node: Mapping[str, Any]) -> str:
    """The short name that this would like to have; empty while nothing is written of it."""
    names = [part for part in path if isinstance(part, str)]
    place = next(part for part in reversed(path) if isinstance(part, int)) + 1
    if not any(value not in (None, "", [], {}) for value in node.values()):
        return ""
    if names[-1] == "runs":
        return f"{value_at(document, (*path[:-2], 'id')) or 'run'}-{place}"
    numbered = {"questions": "q", "include": "inc-", "exclude": "exc-", "steps": "s"}
    if names[-1] in numbered:
        return f"{numbered[names[-1]]}{place}"
    return short_name(str(node.get("name") or node.get("label") or ""))


def short_name(text: str) -> str:
    """Letters and digits of a name, with hyphens between its words.

    >>> short_name("Folkehelseinstituttet (NO), søk")
    'folkehelseinstituttet-no-sok'
    """
    spelt = text.replace("ø", "o").replace("Ø", "O").replace("æ", "ae").replace("Æ", "Ae").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", plain.lower()))[:40].strip("-")


def fingerprint_part(document: Mapping[str, Any], of: Section) -> Any:
    """What a page of the editor is about, by which it is known whether somebody else changed it meanwhile."""
    found = value_at(document, of.path)
    inside = found if isinstance(found, dict) else {}
    return {key: value for key, value in inside.items() if (key in of.only if of.only else True)}

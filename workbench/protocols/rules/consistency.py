"""What a schema cannot say: names that must exist, numbers that must agree, dates that must be days.

Every check works on a document that may yet break the schema, so that a person sees all problems at once.
"""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from workbench.protocols.formats import Path, Problem, Written, path_text
from workbench.protocols.rules.languages import is_language, meant_language, short_code
from workbench.protocols.rules.plan import VOTES_OF_VARIANT, StrategyLine
from workbench.protocols.rules.strategies import Loose, line_name, unresolved, unused
from workbench.protocols.rules.terms import is_markable
from workbench.protocols.rules.wording import did_you_mean, quoted_list
from workbench.words import _

Found = tuple[Path, str, str]
"""A place, a message and its remedy."""

Node = dict[str, Any]

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_CITATION_METHODS = ("citation_backward", "citation_forward")


def consistency_problems(written: Written) -> Iterator[Problem]:
    """Say everything in the document that contradicts itself."""
    if isinstance(document := written.document, dict):
        for check in _CHECKS:
            for path, message, remedy in check(document):
                yield Problem(written.line(path), path_text(path), message, remedy)


def strategy_warnings(written: Written) -> Iterator[Problem]:
    """Say what may be meant as it is, yet deserves a look: lines of a strategy that its final line does not use."""
    if isinstance(document := written.document, dict):
        for path, message, remedy in _unused_lines(document):
            yield Problem(written.line(path), path_text(path), message, remedy)


def _group(node: object, key: str) -> Node:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}


def _texts(node: Node, key: str, path: Path) -> Iterator[tuple[Path, str]]:
    value = node.get(key)
    for place, each in enumerate(value if isinstance(value, list) else []):
        if isinstance(each, str):
            yield (*path, key, place), each


def _each(node: Node, key: str, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    value = node.get(key)
    for place, each in enumerate(value if isinstance(value, list) else []):
        if isinstance(each, dict):
            yield (*path, key, place), each


def _criteria(document: Node) -> Iterator[tuple[Path, Node]]:
    for key in ("include", "exclude"):
        yield from _each(_group(document, "eligibility"), key, ("eligibility",))


def _steps(document: Node) -> Iterator[tuple[Path, Node]]:
    return _each(document, "steps")


def _sources(document: Node) -> Iterator[tuple[Path, Node]]:
    return (found for path, step in _steps(document) for found in _each(step, "sources", path))


def _runs(document: Node) -> Iterator[tuple[Path, Node]]:
    return (found for path, source in _sources(document) for found in _each(source, "runs", path))


def _imports(document: Node) -> Iterator[tuple[Path, Node]]:
    return (found for path, run in _runs(document) for found in _each(run, "imports", path))


def _questions(document: Node) -> Iterator[tuple[Path, Node]]:
    return _each(document, "questions")


def _reasons(document: Node) -> Iterator[tuple[Path, Node]]:
    return _each(document, "exclusion_reasons")


def _limits(document: Node) -> Iterator[tuple[Path, Node]]:
    holders = [((), document), *_steps(document), *_runs(document)]
    for path, holder in holders:
        if limits := _group(holder, "limits"):
            yield (*path, "limits"), limits


def _ids(nodes: Iterator[tuple[Path, Node]]) -> list[str]:
    return [str(node["id"]) for _path, node in nodes if isinstance(node.get("id"), (str, int))]


def _names_are_unique(document: Node) -> Iterator[Found]:
    for nodes in (_questions, _criteria, _reasons, _steps, _sources, _runs):
        yield from _taken_twice(nodes(document), "id")


def _taken_twice(nodes: Iterator[tuple[Path, Node]], key: str) -> Iterator[Found]:
    first: dict[str, Path] = {}
    for path, node in nodes:
        if not isinstance(name := node.get(key), (str, int)):
            continue
        if (same := first.setdefault(str(name).casefold(), path)) != path:
            message = _("“%(name)s” is taken already, at %(place)s.", name=name, place=path_text(same))
            yield (*path, key), message, _("Give each its own; it must be unique in the whole protocol.")


def _named_questions_exist(document: Node) -> Iterator[Found]:
    known = _ids(_questions(document))
    for path, node in [*_criteria(document), *_steps(document)]:
        for place, name in _texts(node, "questions", path):
            if name not in known:
                yield place, _("There is no question “%(name)s”.", name=name), did_you_mean(name, known)


def _named_criteria_exist(document: Node) -> Iterator[Found]:
    known = _ids(_criteria(document))
    for path, reason in _reasons(document):
        name = reason.get("criterion")
        if isinstance(name, str) and name not in known:
            message = _("There is no criterion “%(name)s” under eligibility.", name=name)
            yield (*path, "criterion"), message, did_you_mean(name, known)


def _strategy_lines_agree(document: Node) -> Iterator[Found]:
    for path, run in _runs(document):
        yield from _repeated_lines(path, run)
        yield from _final_line(path, run)


def _repeated_lines(path: Path, run: Node) -> Iterator[Found]:
    seen = Counter[str]()
    for place, line in _each(run, "strategy", path):
        number = str(line.get("n"))
        seen[number] += 1
        if seen[number] == 2:
            message = _("Two lines of the strategy carry the number %(n)s.", n=number)
            yield (*place, "n"), message, _("Number the lines as the database shows them.")


def _final_line(path: Path, run: Node) -> Iterator[Found]:
    final = run.get("final_line")
    numbers = [str(line["n"]) for _path, line in _each(run, "strategy") if isinstance(line.get("n"), (int, str))]
    if isinstance(final, (int, str)) and str(final) not in numbers:
        message = _("The strategy has no line %(n)s.", n=final)
        remedy = _("Name the line whose records were exported: one of %(lines)s.", lines=quoted_list(numbers))
        yield (*path, "final_line"), message, remedy if numbers else _("Write the strategy, or leave this out.")


def _references_lead_somewhere(document: Node) -> Iterator[Found]:
    for path, run in _runs(document):
        places = _strategy(path, run)
        names = [line_name(line.n) for _place, line in places]
        at = {line_name(line.n): place for place, line in reversed(places)}
        for loose in unresolved([line for _place, line in places]):
            yield (*at[loose.line], "query"), *_loose_words(loose, names)


def _loose_words(loose: Loose, names: list[str]) -> tuple[str, str]:
    if loose.is_circle:
        message = _("Line %(n)s leads back to itself, through line %(to)s.", n=loose.line, to=loose.to)
        return message, _("Refer to lines that do not refer back to this one.")
    message = _("Line %(n)s refers to line %(to)s, which the strategy does not have.", n=loose.line, to=loose.to)
    lines = quoted_list(names)
    return message, _("Add that line, or mend the number: the lines are %(lines)s; quote what is no line.", lines=lines)


def _strategy(path: Path, run: Node) -> list[tuple[Path, StrategyLine]]:
    """The lines of a run that can be read as such, each with its place."""
    return [
        (place, StrategyLine(line["n"], line["query"], None, None, None))
        for place, line in _each(run, "strategy", path)
        if isinstance(line.get("n"), (int, str)) and isinstance(line.get("query"), str)
    ]


def _unused_lines(document: Node) -> Iterator[Found]:
    for path, run in _runs(document):
        if isinstance(final := run.get("final_line"), (int, str)):
            places = _strategy(path, run)
            at = {line_name(line.n): place for place, line in reversed(places)}
            for name in unused([line for _place, line in places], final):
                message = _("The final line %(final)s does not use line %(n)s.", final=final, n=name)
                yield at[name], message, _("Check the references; a line that was only tried may stay.")


def _stage_rules_agree(document: Node) -> Iterator[Found]:
    for name in ("title-abstract", "full-text"):
        path, stage = ("screening", name), _group(_group(document, "screening"), name)
        variant = stage.get("variant")
        yield from _votes_fit(path, variant, stage.get("votes"))
        yield from _check_fits(path, variant, "check_percent" in stage)
        yield from _seniors_fit(path, variant, stage)


def _votes_fit(path: Path, variant: object, votes: object) -> Iterator[Found]:
    wanted = VOTES_OF_VARIANT.get(variant) if isinstance(variant, str) else None
    if wanted is not None and votes in (1, 2) and votes != wanted:
        message = _("“%(name)s” asks for votes: %(wanted)s, not %(votes)s.", name=variant, wanted=wanted, votes=votes)
        others = [name for name, count in VOTES_OF_VARIANT.items() if count == votes]
        remedy = _("Change votes, or choose the variant %(others)s.", others=_(" or ").join(others))
        yield (*path, "votes"), message, remedy


def _check_fits(path: Path, variant: object, has_percent: bool) -> Iterator[Found]:
    checked = variant == "single-plus-check"
    if checked and not has_percent:
        message = _("It is not said how many of the excluded are checked.")
        yield (*path, "variant"), message, _("Add a line “check_percent: 20”, or whatever share it is.")
    if has_percent and not checked:
        message = _("A check of the excluded belongs to the variant single-plus-check alone.")
        yield (*path, "check_percent"), message, _("Delete this line, or write “variant: single-plus-check”.")


def _seniors_fit(path: Path, variant: object, stage: Node) -> Iterator[Found]:
    if variant == "single" and stage.get("senior_in_pair") is True:
        message = _("One person makes no pair, so no pair has a senior.")
        yield (*path, "senior_in_pair"), message, _("Delete this line, or choose a variant with two people.")
    if stage.get("seniors") and stage.get("senior_in_pair") is not True:
        message = _("Seniors are named, but no pair asks for one.")
        yield (*path, "seniors"), message, _("Add a line “senior_in_pair: true”, or delete this one.")


def _limits_make_sense(document: Node) -> Iterator[Found]:
    for path, limits in _limits(document):
        first, last = limits.get("from"), limits.get("to")
        if isinstance(first, str) and isinstance(last, str) and _is_later(first, last):
            message = _("The limit begins in %(first)s, after its end in %(last)s.", first=first, last=last)
            yield (*path, "from"), message, _("Exchange the two dates, or mend one.")
        yield from _languages(path, limits)


def _is_later(first: str, last: str) -> bool:
    shared = min(len(first), len(last))
    return first[:shared] > last[:shared]


def _languages(path: Path, limits: Node) -> Iterator[Found]:
    seen: set[str] = set()
    for place, code in _texts(limits, "languages", path):
        if re.fullmatch("[a-z]{2}", code) and not is_language(code):
            meant = meant_language(code)
            remedy = _("Did you mean “%(near)s”?", near=meant) if meant else _("Look the code up in ISO 639-1.")
            yield place, _("“%(code)s” is not the code of a language.", code=code), remedy
        if short_code(code) in seen:
            yield place, _("“%(code)s” is named twice.", code=code), _("Delete one of the two.")
        seen.add(short_code(code))


def _dates_are_days(document: Node) -> Iterator[Found]:
    for path, text in _dates(document):
        if (parts := _DATE.fullmatch(text)) and not _is_day(*(int(part or 1) for part in parts.groups())):
            message = _("There is no such day as %(date)s.", date=text)
            yield path, message, _('Write year, month, day, such as "2019-05-31".')


def _dates(document: Node) -> Iterator[tuple[Path, str]]:
    holders: list[tuple[Path, Node, tuple[str, ...]]] = []
    holders += [(path, node, ("from", "to")) for path, node in _limits(document)]
    holders += [(path, node, ("searched_on",)) for path, node in _runs(document)]
    holders += [(path, node, ("date",)) for path, node in _each(document, "amendments")]
    holders += [(path, node, ("exported_at",)) for path, node in _imports(document)]
    for path, node, keys in holders:
        yield from (((*path, key), node[key]) for key in keys if isinstance(node.get(key), str))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _highlights_make_sense(document: Node) -> Iterator[Found]:
    highlights, path = _group(_group(document, "screening"), "highlights"), ("screening", "highlights")
    seen: dict[str, str] = {}
    for key in ("include", "exclude"):
        for place, term in _texts(highlights, key, path):
            if not is_markable(term):
                message = _("“%(term)s” cannot be marked in a text.", term=term[:60])
                yield place, message, _("Write at least two letters; a * may stand at the end only.")
            elif (other := seen.setdefault(term.strip().casefold(), key)) != key:
                message = _("“%(term)s” stands on both lists.", term=term)
                yield place, message, _("Keep it on one: %(first)s or %(second)s.", first=other, second=key)


def _citation_searches_have_their_lane(document: Node) -> Iterator[Found]:
    """Citation searching belongs to the other methods of PRISMA 2020, never to the databases."""
    for path, source in _sources(document):
        if source.get("method") in _CITATION_METHODS and source.get("prisma_lane") in ("database", "register"):
            message = _("Citation searching does not count among databases and registers.")
            yield (*path, "prisma_lane"), message, _("Write “prisma_lane: citation”.")


def _log_adds_up(document: Node) -> Iterator[Found]:
    for path, run in _runs(document):
        yield from _difference(path, run)
    for path, each in _imports(document):
        yield from _rejected(path, each)


def _difference(path: Path, run: Node) -> Iterator[Found]:
    hits, said = run.get("hits_reported"), _group(run, "difference").get("n")
    files = [each.get("records_in_file") for _path, each in _each(run, "imports")]
    if not (isinstance(hits, int) and isinstance(said, int) and files and all(isinstance(n, int) for n in files)):
        return
    gap = hits - sum(n for n in files if isinstance(n, int))
    if gap != said:
        message = _("Hits less the records in the files make %(gap)s, not %(said)s.", gap=gap, said=said)
        yield (*path, "difference", "n"), message, _("Write n: %(gap)s, and say why.", gap=gap)


def _rejected(path: Path, each: Node) -> Iterator[Found]:
    whole, parts = each.get("records_in_file"), [each.get("records_imported"), each.get("records_rejected", 0)]
    if not all(isinstance(n, int) for n in [whole, *parts]):
        return
    imported, rejected = parts
    if whole != imported + rejected:
        message = _("%(a)s imported and %(b)s rejected do not make %(n)s in the file.", a=imported, b=rejected, n=whole)
        yield (*path, "records_in_file"), message, _("Copy the three numbers from the page of the import.")


_CHECKS: tuple[Callable[[Node], Iterator[Found]], ...] = (
    _names_are_unique,
    _named_questions_exist,
    _named_criteria_exist,
    _strategy_lines_agree,
    _references_lead_somewhere,
    _stage_rules_agree,
    _limits_make_sense,
    _dates_are_days,
    _highlights_make_sense,
    _citation_searches_have_their_lane,
    _log_adds_up,
)

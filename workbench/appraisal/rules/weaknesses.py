"""AMSTAR 2: the answer that ticked criteria give, and the confidence that critical and other weaknesses leave."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workbench.appraisal.instruments import Boxes, Instrument, Item, OfWeaknesses, WeaknessRule
from workbench.appraisal.rules.answers import Answers, Refusal
from workbench.appraisal.rules.finding import Finding
from workbench.appraisal.rules.settings import PartialYes, Settings
from workbench.words import _


@dataclass(frozen=True)
class Weaknesses:
    """How many items are weak."""

    critical: tuple[str, ...]
    others: tuple[str, ...]


def answer_of_boxes(boxes: Boxes, ticked: Collection[str]) -> str:
    """The answer that ticked criteria suggest: Y, PY or N. A full yes needs the criteria of a partial one too.

    Raises:
        ValueError: something is ticked that is no criterion.

    >>> boxes = Boxes({"reasons": "Each with its reason"}, {"list": "A list of them"})
    >>> [answer_of_boxes(boxes, ticked) for ticked in ([], ["list"], ["reasons"], ["list", "reasons"])]
    ['N', 'PY', 'N', 'Y']
    """
    if unknown := set(ticked) - set(boxes.full) - set(boxes.partial):
        raise ValueError(f"no criteria: {', '.join(sorted(unknown))}")
    has_partial = set(boxes.partial) <= set(ticked)
    has_full = bool(set(boxes.full) & set(ticked)) if boxes.is_one_enough else set(boxes.full) <= set(ticked)
    if has_partial and has_full:
        return "Y"
    return "PY" if boxes.partial and has_partial else "N"


def judge_weaknesses(instrument: Instrument, overall: OfWeaknesses, answers: Answers, settings: Settings) -> Finding:
    """Say what confidence the answers leave; a blank item never counts as a weakness, it leaves the whole open.

    Args:
        instrument: the instrument.
        overall: its table of weaknesses.
        answers: the answer to each item, or to each part of it (`9.rct`, `9.nrsi`); `9` may be given as a whole.
        settings: the critical items, and what a partial yes counts as.
    """
    given = {item: code.strip() for item, code in answers.items() if code.strip()}
    items = instrument.items
    wholes = _wholes(instrument)
    if refused := _refusals(items, wholes, given):
        return Finding(refused=refused)
    blank = tuple(part for whole, parts in wholes.items() if whole not in given for part in parts if part not in given)
    if blank:
        return Finding(needed=blank, blank=blank)
    weak = weaknesses(overall, whole_answers(instrument, overall, given), settings)
    rule = rule_for(overall, len(weak.critical), len(weak.others))
    return Finding(rule.then, (rule.id,), may_become=(rule.may_become,) if rule.may_become else (), notes=_said(weak))


def whole_answers(instrument: Instrument, overall: OfWeaknesses, given: Answers) -> dict[str, str | None]:
    """The answer to each item: of its parts, the worst that applies; None where none does, or none is answered."""
    return {whole: _combined(overall, whole, parts, given) for whole, parts in _wholes(instrument).items()}


def weaknesses(overall: OfWeaknesses, answers: Mapping[str, str | None], settings: Settings) -> Weaknesses:
    """Name the weak items; an item of which no part applies has no answer and is none."""
    critical: list[str] = []
    others: list[str] = []
    for item, code in answers.items():
        is_critical = item in settings.critical
        is_weak = code == overall.answer or (code == overall.partial and _counts(settings.partial_yes, is_critical))
        if is_weak:
            (critical if is_critical else others).append(item)
    return Weaknesses(tuple(critical), tuple(others))


def rule_for(overall: OfWeaknesses, critical: int, others: int) -> WeaknessRule:
    """The first line of the table that so many critical and other weaknesses reach."""
    return next(rule for rule in overall.rules if critical >= rule.critical and others >= rule.others)


def _counts(partial_yes: PartialYes, is_critical: bool) -> bool:
    return partial_yes is PartialYes.WEAKNESS or (partial_yes is PartialYes.NONCRITICAL and not is_critical)


def _wholes(instrument: Instrument) -> dict[str, list[str]]:
    """The items with their parts; an item without parts is its own only one."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for item in instrument.items.values():
        found[item.part_of or item.id].append(item.id)
    return dict(found)


def _combined(overall: OfWeaknesses, whole: str, parts: list[str], given: Answers) -> str | None:
    """The worst answer of the parts that apply."""
    codes = [given[whole]] if whole in given else [given[part] for part in parts if part in given]
    counted = [code for code in codes if code not in overall.left_out]
    return min(counted, key=overall.ranks.index) if counted else None


def _refusals(items: Mapping[str, Item], wholes: Mapping[str, list[str]], given: Answers) -> tuple[Refusal, ...]:
    found = []
    for name, code in given.items():
        if name not in items and name not in wholes:
            found.append(Refusal(name, _("there is no such item")))
            continue
        parts = [items[part] for part in wholes.get(name, [name])]
        if name not in items and any(part.id in given for part in parts):
            found.append(Refusal(name, _("it is answered as a whole and in parts; give one of the two")))
        taken = _taken(parts, is_whole=name not in items)
        if code not in taken:
            found.append(
                Refusal(name, _("“%(code)s” is none of its answers: %(all)s", code=code, all=", ".join(taken)))
            )
    return tuple(found)


def _taken(parts: list[Item], *, is_whole: bool) -> list[str]:
    """The answers an item takes; as a whole, those that all of its parts take."""
    common = [code for code in parts[0].responses if all(code in part.responses for part in parts)]
    return common if is_whole else list(parts[0].responses)


def _said(weak: Weaknesses) -> tuple[str, ...]:
    sides = ((_("critical"), weak.critical), (_("other"), weak.others))
    told = "; ".join(
        _("%(kind)s weaknesses: %(items)s", kind=kind, items=", ".join(items)) for kind, items in sides if items
    )
    return (told,) if told else ()

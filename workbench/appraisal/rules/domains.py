"""The judgement of one domain: the first rule that fits, or what must be answered before one can."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.appraisal.instruments import Combine, Domain, Instrument, Rule, Table
from workbench.appraisal.rules.answers import Answers, Form
from workbench.appraisal.rules.finding import Finding
from workbench.words import _

NOTHING_AGREED: Mapping[str, frozenset[str]] = {}


@dataclass(frozen=True)
class Fired:
    """How a list of rules came out: a rule that fits, or the items that would decide it; neither where none fits."""

    rule: Rule | None = None
    needed: tuple[str, ...] = ()


def judge_domain(
    instrument: Instrument, domain: Domain, answers: Answers, agreed: Mapping[str, frozenset[str]] = NOTHING_AGREED
) -> Finding:
    """Say what the table of a domain suggests for these answers.

    Args:
        instrument: whose domain it is.
        domain: the domain, in the variant that was agreed on.
        answers: the code given to each item; a blank where an item is not asked means NA.
        agreed: values of preliminaries, such as the deviations that are looked at; what is absent decides nothing.
    """
    form = Form.of(instrument, domain, answers, agreed)
    if refused := form.refusals(agreed):
        return Finding(refused=refused, blank=form.blank)
    if domain.table is None:
        return Finding(blank=form.blank, is_by_hand=True)
    return _looked_up(domain.table, form)


def first(rules: Iterable[Rule], form: Form) -> Fired:
    """Find the first rule that fits; one that cannot be told yet, met before, says what is needed."""
    for rule in rules:
        holds = [(item, _in(form, item, name)) for item, name in rule.clauses]
        if any(fits is False for _item, fits in holds):
            continue
        missing = tuple(item for item, fits in holds if fits is None)
        certain = tuple(item for item in missing if form.asked[item])
        return Fired(needed=certain or missing) if missing else Fired(rule)
    return Fired()


def _in(form: Form, item: str, name: str) -> bool | None:
    code = form.value(item)
    return None if code is None else code in form.instrument.sets[name]


def _looked_up(table: Table, form: Form) -> Finding:
    found = [first(part, form) for part in table.parts]
    needed = tuple(dict.fromkeys(item for one in found for item in one.needed))
    rules = [one.rule for one in found if one.rule]
    if needed or len(rules) < len(found):
        return _not_yet(needed, form)
    judgement = _combined(table.combine, [rule.then for rule in rules], form.domain.judgements)
    if table.after and judgement == table.after[0]:
        again = first(table.after[1], form)
        if again.rule is None:
            return _not_yet(again.needed, form)
        rules.append(again.rule)
        judgement = again.rule.then
    disputed = tuple(f"{rule.id}: {rule.disputed}" for rule in rules if rule.disputed)
    return Finding(judgement, tuple(rule.id for rule in rules), blank=form.blank, disputed=disputed)


def _not_yet(needed: tuple[str, ...], form: Form) -> Finding:
    """No judgement: something is missing, or the table has no line for these answers, which a person then judges."""
    if needed:
        return Finding(needed=needed, blank=form.blank)
    note = _("No rule covers these answers: judge by hand.")
    return Finding(blank=form.blank, is_by_hand=True, notes=(note,))


def _combined(how: Combine, judgements: Sequence[str], scale: Sequence[str]) -> str:
    """Make one judgement of those of the parts; the scale runs from best to worst."""
    steps = [scale.index(judgement) for judgement in judgements]
    return scale[min(sum(steps), len(scale) - 1)] if how is Combine.SUM else scale[max(steps)]

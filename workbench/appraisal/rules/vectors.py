"""Every way to fill in a domain, and those that its table has no answer for: what a new instrument is checked with."""

from collections.abc import Iterable, Iterator
from itertools import islice

from workbench.appraisal.instruments import NOT_ASKED, Domain, Instrument, Item
from workbench.appraisal.rules.answers import Form
from workbench.appraisal.rules.domains import judge_domain
from workbench.errors import Invalid
from workbench.words import _

MOST_WAYS = 50_000
"""So many ways to fill in a domain are tried; the largest table of ours has 152."""


class TooManyWays(Invalid):
    """Every way to fill in a domain is tried before its table is used."""

    hint = "Divide the domain into parts, or ask fewer items without a condition."


def legal_answers(instrument: Instrument, domain: Domain, *, all_codes: bool = False) -> Iterator[dict[str, str]]:
    """Hand out every set of answers that a correct form can hold: NA exactly where an item is not asked.

    Args:
        instrument: the instrument.
        domain: the domain.
        all_codes: whether answers that no rule and no condition tells apart, such as Y and PY, each get their turn.
    """
    items = list(domain.items.values())
    choices = {item.id: _told_apart(instrument, domain, item, all_codes) for item in items}
    yield from _filled(instrument, domain, items, choices, {})


def gaps(instrument: Instrument, domain: Domain) -> list[dict[str, str]]:
    """Find the legal answers for which a domain's table suggests nothing, unless it means to leave some to a person.

    Raises:
        TooManyWays: the domain can be filled in more often than can be tried.
    """
    if domain.table is None or domain.leaves_rest:
        return []
    if sum(1 for _answers in islice(legal_answers(instrument, domain), MOST_WAYS + 1)) > MOST_WAYS:
        raise TooManyWays(_("%(domain)s can be filled in in more than %(n)s ways.", domain=domain.label, n=MOST_WAYS))
    return [
        answers
        for answers in legal_answers(instrument, domain)
        if not judge_domain(instrument, domain, answers).is_known
    ]


def _filled(
    instrument: Instrument, domain: Domain, rest: list[Item], choices: dict[str, list[str]], answers: dict[str, str]
) -> Iterator[dict[str, str]]:
    if not rest:
        yield answers
        return
    item = rest[0]
    is_asked = Form.of(instrument, domain, answers, {}).asked[item.id] if item.is_conditional else True
    for code in choices[item.id] if is_asked else [NOT_ASKED]:
        if is_asked and code == NOT_ASKED and item.asked_if and not item.applicable_if:
            continue
        yield from _filled(instrument, domain, rest[1:], choices, {**answers, item.id: code})


def _told_apart(instrument: Instrument, domain: Domain, item: Item, all_codes: bool) -> list[str]:
    """The answers of an item, one of each kind that is treated alike."""
    if all_codes:
        return list(item.responses)
    sets = [instrument.sets[name] for asked, name in _clauses(domain) if asked == item.id]
    kinds = {(*tuple(code in one for one in sets), code == NOT_ASKED): code for code in reversed(item.responses)}
    return sorted(kinds.values(), key=item.responses.index)


def _clauses(domain: Domain) -> Iterable[tuple[str, str]]:
    for item in domain.items.values():
        if item.asked_if:
            yield from item.asked_if.clauses
    for rule in domain.table.rules() if domain.table else ():
        yield from rule.clauses

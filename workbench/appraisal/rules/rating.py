"""Ratings as they come in a table, one number a row, to the scores of each guideline's domains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from workbench.appraisal.instruments import Instrument, Scale
from workbench.appraisal.rules.answers import Refusal
from workbench.appraisal.rules.scales import Scored, score_domain
from workbench.appraisal.rules.settings import Settings
from workbench.words import _

FEWEST_APPRAISERS = 2


@dataclass(frozen=True)
class Rated:
    """The score of one domain of one guideline."""

    guideline: str
    domain: str
    label: str
    appraisers: int
    scored: Scored
    notes: tuple[str, ...] = ()


@dataclass
class _Given:
    """What was read of one guideline."""

    ratings: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)


def rated(instrument: Instrument, table: Iterable[Sequence[str]], settings: Settings) -> list[Rated]:
    """Score every domain of every guideline, in the order in which guidelines come.

    Args:
        instrument: one with a scale.
        table: guideline, appraiser, item and number, as texts; an empty number is no rating.
        settings: which items are skipped, and whether one that only some skipped counts.
    """
    scale = instrument.scale
    if scale is None:
        raise ValueError(f"{instrument.id} has no scale")
    guidelines: dict[str, _Given] = {}
    for guideline, appraiser, item, text in table:
        _take(instrument, guidelines.setdefault(guideline, _Given()), appraiser, item, text)
    return [one for name, given in guidelines.items() for one in _scored(instrument, scale, name, given, settings)]


def _take(instrument: Instrument, given: _Given, appraiser: str, item: str, text: str) -> None:
    ratings = given.ratings.setdefault(appraiser, {})
    closing = next((one for one in instrument.closing if one.id == item), None)
    if closing:
        if text and text not in closing.options:
            given.refused.append(Refusal(item, _("“%(code)s” is none of its answers", code=text)))
    elif item not in instrument.items:
        given.refused.append(Refusal(item, _("there is no such item")))
    elif item in ratings:
        given.refused.append(Refusal(item, _("%(who)s rated it twice", who=appraiser)))
    elif text.isascii() and text.isdecimal():
        ratings[item] = int(text[:9])
    elif text:
        given.refused.append(Refusal(item, _("“%(given)s” is no whole number", given=text)))


def _scored(instrument: Instrument, scale: Scale, name: str, given: _Given, settings: Settings) -> Iterable[Rated]:
    n = len(given.ratings)
    few = (_("%(n)s appraiser; two at least, better four", n=n),) if n < FEWEST_APPRAISERS else ()
    for domain in instrument.domains.values():
        scored = score_domain(scale, domain, given.ratings, settings)
        wrong = tuple(one for one in given.refused if one.item in domain.items)
        if wrong:
            scored = replace(scored, score=None, refused=(*scored.refused, *wrong))
        yield Rated(name, domain.id, domain.label, n, scored, few)
    items = instrument.items
    if stray := tuple(one for one in given.refused if one.item not in items):
        yield Rated(name, "", "", n, Scored(refused=stray))

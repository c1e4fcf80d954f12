"""Counts: AMSTAR's yes answers, the stars of Newcastle-Ottawa; bands only where the protocol has settled them."""

from workbench.appraisal.instruments import Instrument, OfCount
from workbench.appraisal.rules.answers import Answers, Refusal
from workbench.appraisal.rules.finding import Finding
from workbench.appraisal.rules.settings import LeftOut, Settings
from workbench.words import _


def judge_count(instrument: Instrument, overall: OfCount, answers: Answers, settings: Settings) -> Finding:
    """Count the answers that count; nothing is counted while an item is blank.

    Args:
        instrument: the instrument.
        overall: what counts.
        answers: the answer to each item.
        settings: the bands, and what an item that is not applicable does.
    """
    given = {item: code.strip() for item, code in answers.items() if code.strip()}
    if refused := _refusals(instrument, given):
        return Finding(refused=refused)
    if blank := tuple(item for item in instrument.items if item not in given):
        return Finding(needed=blank, blank=blank)
    n, most = _counted(instrument, overall, given, settings)
    what = _("stars") if overall.counts_stars else _("items met")
    note = _("%(n)s of %(most)s %(what)s", n=n, most=most, what=what)
    if not settings.bands:
        return Finding(str(n), ("count",), notes=(note,))
    place = next((place for place, start in enumerate(settings.bands) if n >= start), len(settings.bands))
    return Finding(
        str(n), ("count",), notes=(note, _("band %(n)s of %(all)s", n=place + 1, all=len(settings.bands) + 1))
    )


def _counted(instrument: Instrument, overall: OfCount, given: Answers, settings: Settings) -> tuple[int, int]:
    """How many count, and how many could."""
    items = instrument.items.values()
    if overall.counts_stars:
        return sum(given[item.id] in item.stars for item in items), sum(bool(item.stars) for item in items)
    left_out = overall.may_leave_out if settings.not_applicable is LeftOut.SMALLER else ()
    counted = [item for item in items if given[item.id] not in left_out]
    return sum(given[item.id] in overall.answers for item in counted), len(counted)


def _refusals(instrument: Instrument, given: Answers) -> tuple[Refusal, ...]:
    found = []
    for name, code in given.items():
        item = instrument.items.get(name)
        if item is None:
            found.append(Refusal(name, _("there is no such item")))
        elif code not in item.responses:
            words = ", ".join(item.responses)
            found.append(Refusal(name, _("“%(code)s” is none of its answers: %(all)s", code=code, all=words)))
    return tuple(found)

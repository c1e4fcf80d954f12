"""One question for every instrument: what do these answers suggest?"""

from collections.abc import Mapping

from workbench.appraisal.instruments import Domain, Instrument, OfCount, OfDomains, OfWeaknesses
from workbench.appraisal.rules.answers import Answers
from workbench.appraisal.rules.counts import judge_count
from workbench.appraisal.rules.domains import judge_domain
from workbench.appraisal.rules.finding import Finding
from workbench.appraisal.rules.overall import judge_overall
from workbench.appraisal.rules.settings import Settings
from workbench.appraisal.rules.weaknesses import judge_weaknesses
from workbench.errors import Invalid
from workbench.words import _

OVERALL = "overall"
"""The name under which the whole is asked for, beside those of the domains."""


class UnknownDomain(Invalid):
    """Where an instrument has domains, answers name one of them."""


def judge(instrument: Instrument, domain: str, answers: Answers, settings: Settings) -> Finding:
    """Say what answers suggest, for one domain or for the whole.

    Args:
        instrument: the instrument.
        domain: the name of a domain or of its variant, or "overall"; may be empty where only one can be meant.
        answers: the code of each item; for the whole of an instrument with domains, the judgement of each domain.
        settings: what the protocol settles.

    Raises:
        UnknownDomain: there is no such domain, or it is not said which.
    """
    found = None if domain == OVERALL or not _has_judged_domains(instrument) else _domain(instrument, domain)
    if found:
        return judge_domain(instrument, found, answers, settings.agreed)
    match instrument.overall:
        case OfDomains() as overall:
            return judge_overall(instrument, overall, answers, settings)
        case OfWeaknesses() as overall:
            return judge_weaknesses(instrument, overall, answers, settings)
        case OfCount() as overall:
            return judge_count(instrument, overall, answers, settings)
    return Finding(is_by_hand=True, notes=(_("The whole is judged by hand."),))


def _has_judged_domains(instrument: Instrument) -> bool:
    return any(domain.is_judged for domain in instrument.domains.values())


def _domain(instrument: Instrument, name: str) -> Domain:
    if name in instrument.domains:
        return instrument.domains[name]
    found = [domain for domain in instrument.domains.values() if name in {domain.slot, ""}]
    if len(found) == 1:
        return found[0]
    listed = ", ".join([*instrument.domains, *([OVERALL] if instrument.overall else [])])
    if name:
        problem = _("%(name)s has no domain “%(domain)s”.", name=instrument.short, domain=name)
    else:
        problem = _("The domain is missing.")
    raise UnknownDomain(problem, _("One of: %(all)s.", all=listed))


def variant(instrument: Instrument, slot: str, agreed: Mapping[str, str]) -> Domain:
    """The domain that stands under a name in tables, in the variant that was agreed on.

    Raises:
        UnknownDomain: there is none, or what chooses between its variants is not agreed.
    """
    found = [
        domain
        for domain in instrument.domains.values()
        if domain.slot == slot and (domain.when is None or agreed.get(domain.when[0]) == domain.when[1])
    ]
    if len(found) == 1:
        return found[0]
    raise UnknownDomain(_("%(slot)s of %(name)s is not settled.", slot=slot, name=instrument.short))

"""The judgement of the whole, from those of the domains."""

from collections.abc import Mapping, Sequence

from workbench.appraisal.instruments import Escalation, Instrument, Match, OfDomains, OverallRule
from workbench.appraisal.rules.answers import Refusal
from workbench.appraisal.rules.finding import Finding
from workbench.appraisal.rules.settings import Settings
from workbench.words import _


def judge_overall(instrument: Instrument, overall: OfDomains, judged: Mapping[str, str], settings: Settings) -> Finding:
    """Say what the domains' judgements make of the whole; nothing is suggested while one of them is missing.

    Several middling domains are made a worse whole by a person's reasoned statement, never by rule, unless the
    protocol has settled a number from which they do (`raise_from`).

    Args:
        instrument: the instrument.
        overall: its table for the whole.
        judged: the judgement of each domain, by its name in tables (`D2`) or that of its variant (`D2_adhering`).
        settings: what the protocol settles.
    """
    given = {_slot(instrument, name): judgement.strip() for name, judgement in judged.items() if judgement.strip()}
    if refused := _refusals(instrument, judged):
        return Finding(refused=refused)
    if overall.needs_key_domains and not settings.key_domains:
        note = _("There is a summary only where the protocol names key domains (setting key_domains).")
        return Finding(is_by_hand=True, notes=(note,))
    ended = next(
        (one for one in instrument.domains.values() if one.ends_at and given.get(one.slot) == one.ends_at), None
    )
    if ended:
        note = _("%(domain)s ends the appraisal.", domain=ended.label)
        return Finding(ended.ends_at, (f"{ended.slot}={ended.ends_at}",), notes=(note,))
    asked = settings.key_domains if overall.needs_key_domains else instrument.slots
    if missing := tuple(slot for slot in asked if slot not in given):
        return Finding(needed=missing, blank=missing)
    return _decided(overall, [given[slot] for slot in asked], settings)


def _decided(overall: OfDomains, judgements: Sequence[str], settings: Settings) -> Finding:
    rule = next((rule for rule in overall.rules if _fits(rule, judgements)), None)
    if rule is None:
        return Finding(is_by_hand=True, notes=(_("No rule covers these judgements: judge by hand."),))
    up = next((up for up in overall.escalations if up.start == rule.then), None)
    times = judgements.count(rule.then)
    if up and settings.raise_from and times >= settings.raise_from:
        note = _("Raised by a setting of the protocol: %(n)s domains at %(level)s.", n=times, level=rule.then)
        return Finding(up.end, (rule.id, f"raise_from={settings.raise_from}"), notes=(note,))
    may_raise = up is not None and times >= up.at_least
    return Finding(rule.then, (rule.id,), may_become=(up.end,) if up and may_raise else (), notes=_said(up, may_raise))


def _said(up: Escalation | None, may_raise: bool) -> tuple[str, ...]:
    if up is None or not may_raise:
        return ()
    return (_("A person may state %(level)s: %(condition)s.", level=up.end, condition=up.condition),)


def _fits(rule: OverallRule, judgements: Sequence[str]) -> bool:
    fits = (judgement in rule.judgements for judgement in judgements)
    return any(fits) if rule.match is Match.ANY else all(fits)


def _slot(instrument: Instrument, name: str) -> str:
    return instrument.domains[name].slot if name in instrument.domains else name


def _refusals(instrument: Instrument, judged: Mapping[str, str]) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    seen: set[str] = set()
    for name, judgement in judged.items():
        slot = _slot(instrument, name)
        allowed = {one for domain in instrument.domains.values() if domain.slot == slot for one in domain.judgements}
        if slot not in instrument.slots:
            found.append(Refusal(name, _("there is no such domain")))
        elif slot in seen:
            found.append(Refusal(name, _("the domain is given twice")))
        elif judgement.strip() and judgement.strip() not in allowed:
            words = ", ".join(one for one in instrument.judgements if one in allowed)
            found.append(Refusal(name, _("“%(code)s” is none of its judgements: %(all)s", code=judgement, all=words)))
        seen.add(slot)
    return tuple(found)

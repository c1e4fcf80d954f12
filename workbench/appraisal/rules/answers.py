"""Which items are asked after the answers so far (yes, no, not known yet), and which answers cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.appraisal.instruments import NOT_ASKED, Condition, Domain, Instrument, Item, Match
from workbench.words import _

Answers = Mapping[str, str]
"""The answer given to each item; an item that is absent or empty is blank."""


@dataclass(frozen=True)
class Refusal:
    """An answer that an item does not take, and why."""

    item: str
    reason: str


@dataclass(frozen=True)
class Form:
    """The answers to one domain, with what follows from them about asking."""

    instrument: Instrument
    domain: Domain
    answers: Answers
    asked: Mapping[str, bool | None]
    """Whether each item is asked; None while an earlier answer is missing that decides it."""

    @classmethod
    def of(
        cls, instrument: Instrument, domain: Domain, answers: Answers, agreed: Mapping[str, frozenset[str]]
    ) -> "Form":
        """Work out what is asked.

        Args:
            instrument: whose sets of answers the conditions name.
            domain: whose items are answered.
            answers: what was answered.
            agreed: values of preliminaries that are agreed; one that is absent decides nothing.
        """
        given = {item: code.strip() for item, code in answers.items() if code.strip()}
        asked: dict[str, bool | None] = {}
        for item in domain.items.values():
            is_applicable = _is_applicable(item, agreed)
            follows = _follows(item.asked_if, given, asked, instrument) if item.asked_if else True
            asked[item.id] = False if is_applicable is False else follows
        return cls(instrument, domain, given, asked)

    def value(self, item: str) -> str | None:
        """The answer that rules see: NA where an item is left out, None where one is missing."""
        return self.answers.get(item) or (NOT_ASKED if self.asked.get(item) is False else None)

    @property
    def blank(self) -> tuple[str, ...]:
        """Items that are asked for certain and have no answer."""
        return tuple(item for item, asked in self.asked.items() if asked and item not in self.answers)

    def refusals(self, agreed: Mapping[str, frozenset[str]]) -> tuple[Refusal, ...]:
        """Answers that cannot be, each with its reason."""
        unknown = [
            Refusal(item, _("%(domain)s has no such item", domain=self.domain.slot)) for item in self.strangers()
        ]
        reasons = ((item.id, self._against(item, agreed)) for item in self.domain.items.values())
        return (*unknown, *(Refusal(item, reason) for item, reason in reasons if reason))

    def strangers(self) -> list[str]:
        """Answered items that the domain does not have."""
        return [item for item in self.answers if item not in self.domain.items]

    def _against(self, item: Item, agreed: Mapping[str, frozenset[str]]) -> str:
        code, is_asked = self.answers.get(item.id), self.asked[item.id]
        if code is None:
            return ""
        if code not in item.responses:
            return _("“%(code)s” is none of its answers: %(all)s", code=code, all=", ".join(item.responses))
        if not item.is_conditional:
            return ""
        if code == NOT_ASKED and is_asked and _is_applicable(item, agreed) is not None:
            return _("it is asked, so NA is no answer")
        if code != NOT_ASKED and is_asked is False:
            return _("it is not asked after the answers before it")
        return ""


def _is_applicable(item: Item, agreed: Mapping[str, frozenset[str]]) -> bool | None:
    """Whether a preliminary makes an item applicable; None where that is not agreed yet, True for most items."""
    if item.applicable_if is None:
        return True
    name, option = item.applicable_if
    return option in agreed[name] if name in agreed else None


def _follows(
    condition: Condition, answers: Answers, asked: Mapping[str, bool | None], instrument: Instrument
) -> bool | None:
    """Whether a condition holds; None while a blank answer decides it."""
    found = [_holds(item, instrument.sets[name], answers, asked) for item, name in condition.clauses]
    decisive = condition.match is Match.ANY
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def _holds(item: str, codes: frozenset[str], answers: Answers, asked: Mapping[str, bool | None]) -> bool | None:
    code = answers.get(item) or (NOT_ASKED if asked.get(item) is False else None)
    return None if code is None else code in codes

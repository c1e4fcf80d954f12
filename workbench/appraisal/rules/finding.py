"""What is found when answers meet an instrument: a suggestion, the rule behind it, and what is still needed."""

from dataclasses import dataclass
from enum import StrEnum

from workbench.appraisal.rules.answers import Refusal


class Status(StrEnum):
    """How far answers have come."""

    COMPLETE = "complete"
    DECIDED = "decided"
    """A judgement is known although items that are asked are blank."""
    INCOMPLETE = "incomplete"
    ILLEGAL = "illegal"
    BY_HAND = "by-hand"
    """The instrument, or this part of it, has no algorithm: a person judges."""


@dataclass(frozen=True)
class Finding:
    """What the table says of some answers; that a judgement is known and that the form is complete are two things."""

    judgement: str | None = None
    rules: tuple[str, ...] = ()
    """The rules that fired, one for each part of the domain."""
    needed: tuple[str, ...] = ()
    """What the table asks next, while no judgement is known."""
    blank: tuple[str, ...] = ()
    """Items that are asked and have no answer."""
    refused: tuple[Refusal, ...] = ()
    is_by_hand: bool = False
    disputed: tuple[str, ...] = ()
    """What transcriptions of the instrument do not agree on, of the rules that fired."""
    may_become: tuple[str, ...] = ()
    """Judgements that a person may state instead, with a reason; never by rule."""
    notes: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether a judgement is suggested."""
        return self.judgement is not None

    @property
    def is_complete(self) -> bool:
        """Whether every item that is asked has an answer it takes."""
        return not (self.blank or self.refused or self.needed)

    @property
    def status(self) -> Status:
        """Both in one word."""
        if self.refused:
            return Status.ILLEGAL
        if self.is_known:
            return Status.COMPLETE if self.is_complete else Status.DECIDED
        return Status.BY_HAND if self.is_by_hand else Status.INCOMPLETE

"""Judgements as tables of other programs hold them: a line for each study, a column for each domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.appraisal.instruments import Level
from workbench.errors import Invalid

WORDS: Mapping[str, tuple[str, Level]] = {
    "low": ("Low", Level.LOW),
    "low risk": ("Low", Level.LOW),
    "low except uncontrolled confounding": ("Low except uncontrolled confounding", Level.LOW),
    "some concerns": ("Some concerns", Level.SOME),
    "moderate": ("Moderate", Level.SOME),
    "unclear": ("Unclear", Level.SOME),
    "unclear risk": ("Unclear", Level.SOME),
    "high": ("High", Level.HIGH),
    "high risk": ("High", Level.HIGH),
    "at risk of bias": ("At risk of bias", Level.HIGH),
    "serious": ("Serious", Level.HIGH),
    "critical": ("Critical", Level.CRITICAL),
    "very high": ("Very high", Level.CRITICAL),
    "no information": ("No information", Level.UNKNOWN),
    "ni": ("No information", Level.UNKNOWN),
    "not applicable": ("Not applicable", Level.NOT_APPLICABLE),
    "n/a": ("Not applicable", Level.NOT_APPLICABLE),
    "na": ("Not applicable", Level.NOT_APPLICABLE),
}
"""How judgements are written, in small letters: the full word, and how bad it is."""

LEVELS: Mapping[str, Level] = dict(WORDS.values())


class UnreadableJudgements(Invalid):
    """A table of judgements has studies, domains, and words that are known."""

    hint = "Write full words: Low, Some concerns, Moderate, Unclear, High, Serious, Critical, No information."


@dataclass(frozen=True)
class Mark:
    """The judgement of one domain, or of the whole, with what supports it."""

    judgement: str
    support: str = ""


@dataclass(frozen=True)
class Column:
    """One domain: what it is called above its column, and in full."""

    id: str
    name: str
    group: str = ""
    """The outcomes it is about, where there are several groups."""


@dataclass(frozen=True)
class Line:
    """One study, or one result of a study; a domain without a mark was not assessed."""

    study: str
    marks: Mapping[str, Mark]
    overall: Mark | None = None
    weight: float | None = None
    outcome: str = ""
    appraiser: str = ""


@dataclass(frozen=True)
class Judged:
    """A table of judgements."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = field(default=())
    """What was read otherwise than it is written, or not at all."""

    @property
    def has_overall(self) -> bool:
        """Whether any line judges the whole."""
        return any(line.overall for line in self.lines)

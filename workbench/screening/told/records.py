"""Records as a stage shows them, for programs; what a stage masks is masked here too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from markupsafe import Markup
from sqlalchemy.orm import Session

from workbench.protocols.queries import plan_in_force
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.queries import lists
from workbench.screening.queries.desk import terms_of
from workbench.screening.rules import LimitRule, StageRule
from workbench.screening.told.reports import FileTold, files_of
from workbench.screening.views.desk import show
from workbench.screening.views.reading import Shown

_MARK = re.compile(r"</?mark[^<>]*>")
"""The one tag that the desk puts into a text; everything else in it is escaped."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of an abstract, with its label where it has one."""

    label: str | None
    text: str


@dataclass(frozen=True)
class Card:
    """A record as the stage shows it; where the stage masks, authors, journal, identifiers and sources are not told."""

    record: Annotated[int, "Named by the vote on it."]
    title: str
    abstract: Annotated[Sequence[Paragraph], "Empty where no abstract came with the record."]
    keywords: Sequence[str]
    subject_headings: Sequence[str]
    publication_types: Sequence[str]
    year: int | None
    language: Annotated[str | None, "Two letters, null where not known."]
    is_masked: bool
    authors: Sequence[str]
    journal: str | None
    doi: str | None
    pmid: str | None
    sources: Sequence[str]
    full_texts: Annotated[Sequence[FileTold], "At full text the PDFs of the report."]
    outside_limits: Annotated[Sequence[LimitRule], "Limits of the protocol that it is outside of."]


@dataclass(frozen=True)
class Cards:
    """The next records for this person; empty where none waits, or the stage is not open to them."""

    items: Sequence[Card]


def cards(session: Session, reviewer: Member, rule: StageRule, record_ids: Sequence[int]) -> list[Card]:
    """These records as the stage shows them to this person."""
    records = lists.records_by_id(session, record_ids)
    plan = plan_in_force(session, reviewer.review_id)
    terms = terms_of(session, reviewer, plan).all
    return [card(session, one, rule.stage) for one in show(session, records, rule, plan, terms, reviewer.name)]


def card(session: Session, one: Shown, stage: Stage) -> Card:
    """A record as the desk shows it, without the marks of highlighted terms."""
    return Card(
        one.id, _bare(one.title), [Paragraph(part.label, _bare(part.text)) for part in one.abstract],
        [_bare(word) for word in one.keywords], [_bare(word) for word in one.headings], one.kinds, one.year,
        one.lang, one.is_masked, one.authors, one.journal, one.doi, one.pmid, one.sources,
        files_of(session, one.id) if stage is Stage.FULL_TEXT else [], one.outside,
    )  # fmt: skip


def _bare(text: str) -> str:
    """A text without our marks; what the record itself wrote in pointed brackets stays."""
    return Markup(_MARK.sub("", text)).unescape() if isinstance(text, Markup) else text  # noqa: S704

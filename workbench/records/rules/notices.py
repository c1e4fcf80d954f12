"""What a record says of its own later fate: that it was retracted, is under concern or has an erratum.

Sources: PubMed's comments and corrections (MEDLINE tags RIN, ROF, EIN, EFR, ECI, ECF; in its XML `CommentsCorrections`
with a RefType), its publication types, and the stamp that publishers print before the title.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

Raw = Sequence[Sequence[object]]
"""The tags of a record as delivered: tag, value, line."""


class NoticeKind(StrEnum):
    """What became of a report after it was printed."""

    RETRACTION = "retraction"
    CONCERN = "concern"
    ERRATUM = "erratum"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a record says of its later fate, and where the notice was printed, as far as it tells."""

    kind: NoticeKind
    source: str


TAGS = {"RIN": NoticeKind.RETRACTION, "ECI": NoticeKind.CONCERN, "EIN": NoticeKind.ERRATUM}
"""Tags of MEDLINE in the record that was retracted, doubted or mended; ROF, ECF and EFR stand in the notice."""
REF_TYPES = {
    "RetractionIn": NoticeKind.RETRACTION,
    "ExpressionOfConcernIn": NoticeKind.CONCERN,
    "ErratumIn": NoticeKind.ERRATUM,
}
"""The same in PubMed's XML."""
MARKS = ('"RIN"', '"ECI"', '"EIN"', *(f'"{name}"' for name in REF_TYPES))
"""What stands in the stored tags of every record that says such a thing; the database looks for it."""
STAMP = "retracted"
"""How a publication type or a title begins that tells of a retraction."""

_REF_TYPE = "CommentsCorrections/@RefType"
_REF_SOURCE = "CommentsCorrections/RefSource"
_STAMPED = re.compile(r"^\W*retracted(?: article)?\s*[:.\-–—]|[\[(]retracted(?: article)?[\])]\W*$", re.IGNORECASE)


def notices(raw: Raw, publication_types: Sequence[str], title: str | None) -> list[Notice]:
    """Say what a record tells of its own later fate, each thing once; of a notice itself nothing.

    >>> notices([["RIN", "J Foot. 2013;5:1. PMID: 9", 4]], [], "Foot baths")
    [Notice(kind=<NoticeKind.RETRACTION: 'retraction'>, source='J Foot. 2013;5:1. PMID: 9')]
    >>> notices([], ["Journal Article", "Retracted Publication"], None)[0].kind.value
    'retraction'
    >>> notices([["ROF", "J Foot. 2010;1:1", 4]], ["Retraction of Publication"], "Retraction: Foot baths")
    []
    """
    found = list(dict.fromkeys(_linked(raw)))
    told = any(one.lower().startswith(STAMP) for one in publication_types) or bool(_STAMPED.search(title or ""))
    if told and not any(one.kind is NoticeKind.RETRACTION for one in found):
        found.append(Notice(NoticeKind.RETRACTION, ""))
    return found


def _linked(raw: Raw) -> Iterator[Notice]:
    """What the comments and corrections say; in XML the source stands right after its kind."""
    for tag, value, *_line in raw:
        if str(tag) in TAGS:
            yield Notice(TAGS[str(tag)], " ".join(str(value).split()))
    for (tag, value, *_line), (next_tag, source, *_next_line) in pairwise([*raw, ("", "", 0)]):
        if str(tag).endswith(_REF_TYPE) and str(value) in REF_TYPES:
            named = str(next_tag).endswith(_REF_SOURCE)
            yield Notice(REF_TYPES[str(value)], " ".join(str(source).split()) if named else "")

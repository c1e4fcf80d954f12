"""The comparison in words: what agrees, then what differs; and how likely a person is to say duplicate."""

import math
from collections.abc import Mapping

from workbench.deduplication.rules.compare import Comparison
from workbench.deduplication.rules.settings import Numbers
from workbench.deduplication.rules.values import AGREE, CONFLICT
from workbench.words import _

REASONS = {
    "other-version": "versions of one review or preprint",
    "other-kind": "one is an erratum, a retraction, a comment, a preprint or a register's entry",
    "other-review": "different review or trial numbers",
    "other-numerals": "the numbers in the titles differ",
    "other-doi": "different DOIs",
    "other-pmid": "different PubMed numbers",
    "other-place": "volume and pages differ",
    "other-pages": "pages differ",
    "other-volume": "volumes differ",
    "other-year": "years differ",
    "other-authors": "no author in common",
    "other-wording": "a word of weight differs in the titles",
    "other-journal": "journals differ",
    "title-people-year": "same title, authors and year, too little on the place",
    "near-title-people": "like title by the same authors",
    "same-thesis": "a thesis and its entry in Dissertation Abstracts",
    "retitled": "same authors, journal and year, place unknown, the title changed",
    "place-without-title": "a title is missing, all else agrees",
    "person": "a person said so",
    "member-differs": "alike, but another record of the group speaks against it",
}
_NUMBERS = {
    "doi": "same DOI", "pmid": "same PubMed number", "accession": "same database number",
    "registry": "same trial number", "review": "same review or preprint number",
}  # fmt: skip
_FIELDS = ("authors", "journal", "year", "volume", "issue", "pages", "abstract")


def reason_for(name: str) -> str:
    """Say a veto or a bold rule in plain words."""
    return _(REASONS.get(name, name))


def evidence(c: Comparison) -> str:
    """Say the comparison in one line: "same DOI, title 97 %, pages agree; issue differs"."""
    same = [_(text) for field, text in _NUMBERS.items() if getattr(c, field) == AGREE]
    parts = [*same, _("title %(share)s %%", share=math.floor(c.title * 100))]
    agree = [field for field in _FIELDS if getattr(c, field) == AGREE]
    differ = [field for field in ("DOI", *_FIELDS) if getattr(c, field.lower()) == CONFLICT]
    if agree:
        parts.append(_("%(fields)s agree" if _several(agree) else "%(fields)s agrees", fields=_listed(agree)))
    said = ", ".join(parts)
    if differ:
        said += "; " + _("%(fields)s differ" if _several(differ) else "%(fields)s differs", fields=_listed(differ))
    return said


def speaking_of(reason: str, pair: tuple[int, int], shown: tuple[int, int]) -> str:
    """Name the two records that a reason speaks of, where it is shown of two others.

    >>> speaking_of("same DOI", (5, 6), (6, 5)), speaking_of("same DOI", (5, 6), (6, 1))
    ('same DOI', 'records 5 and 6: same DOI')
    """
    if set(pair) == set(shown):
        return reason
    return _("records %(first)s and %(second)s: %(reason)s", first=pair[0], second=pair[1], reason=reason)


def _several(fields: list[str]) -> bool:
    """Say whether the verb stands in the plural."""
    return len(fields) > 1 or fields[0] in ("authors", "pages")


def _listed(fields: list[str]) -> str:
    """List fields as one says them: authors, year and pages."""
    names = [_(field) for field in fields]
    return " ".join((", ".join(names[:-1]), _("and"), names[-1])) if len(names) > 1 else names[0]


def score(c: Comparison, n: Numbers) -> float:
    """Order pairs for a person, 0 to 1: agreeing and differing fields weighed; decides nothing by itself."""
    total = n.base + n.of_title * (c.title - n.near_title)
    total += _said(c, n.agrees, AGREE) + _said(c, n.differs, CONFLICT)
    return round(1 / (1 + math.exp(-total)), 4)


def _said(c: Comparison, weights: Mapping[str, float], value: int) -> float:
    """Add the weights of the fields that say so."""
    return sum(weight for field, weight in weights.items() if getattr(c, field) == value)

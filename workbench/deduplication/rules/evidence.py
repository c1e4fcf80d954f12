"""The comparison in words: what agrees, then what differs; and how likely a person is to say duplicate."""

import math

from workbench.deduplication.rules.compare import AGREE, CONFLICT, Comparison
from workbench.words import _

REASONS = {
    "other-version": "versions of one Cochrane review",
    "other-kind": "one is an erratum, a retraction or a comment",
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
    "person": "a person said so",
    "member-differs": "alike, but another record of the group speaks against it",
}
_NUMBERS = {
    "doi": "same DOI", "pmid": "same PubMed number", "accession": "same database number",
    "registry": "same trial number", "review": "same review number",
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


def _several(fields: list[str]) -> bool:
    """Say whether the verb stands in the plural."""
    return len(fields) > 1 or fields[0] in ("authors", "pages")


def _listed(fields: list[str]) -> str:
    """List fields as one says them: authors, year and pages."""
    names = [_(field) for field in fields]
    return " ".join((", ".join(names[:-1]), _("and"), names[-1])) if len(names) > 1 else names[0]


_WEIGHTS = {
    "doi": (3.0, -1.5), "pmid": (3.0, -1.5), "accession": (2.5, 0.0), "registry": (0.5, -2.0), "pages": (2.5, -1.5),
    "volume": (0.8, -1.2), "issue": (0.3, -0.1), "year": (0.6, -2.0), "journal": (0.7, -1.4), "authors": (1.0, -2.5),
    "first_author": (0.4, -0.6), "abstract": (2.0, -1.5), "numerals": (0.2, -2.0), "wording": (0.3, -1.5),
    "kinds": (0.2, -4.0), "version": (0.5, -3.0), "review": (1.0, -3.0),
}  # fmt: skip


def score(c: Comparison) -> float:
    """Order pairs for a person, 0 to 1: agreeing and differing fields weighed; decides nothing by itself."""
    total = -4.5 + 12 * (c.title - 0.8) + min(c.length, 80) / 40 + min(c.people, 5) / 5
    for field, (agrees, differs) in _WEIGHTS.items():
        says = getattr(c, field)
        total += agrees if says == AGREE else differs if says == CONFLICT else 0
    if c.conference or c.generic:
        total -= 1.5
    return round(1 / (1 + math.exp(-total / 2)), 4)

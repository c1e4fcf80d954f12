"""What a person adds to a record that lacks it: which fields, and what each may hold."""

from workbench.errors import Invalid
from workbench.records.rules import identifiers
from workbench.words import _

FIELDS = ("abstract", "doi", "pmid", "year")
"""What can be added by hand; everything else stays as the database delivered it."""

LONGEST = 50_000
FIRST_YEAR, LAST_YEAR = 1500, 2200


class BadAddition(Invalid):
    """What is added fits its field, and says where it was found."""

    hint = "Nothing was changed."


def value_of(field: str, text: str) -> str | int:
    """The typed text as the field holds it.

    Raises:
        BadAddition: it is empty, or no such value.

    >>> value_of("doi", "https://doi.org/10.1000/X"), value_of("year", " 2014 ")
    ('10.1000/x', 2014)
    """
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if field not in FIELDS:
        raise BadAddition(_("“%(field)s” cannot be added by hand.", field=field[:40]))
    if not text or len(text) > LONGEST:
        raise BadAddition(_("Nothing was typed.") if not text else _("This is too long."))
    value = {"abstract": lambda: text, "doi": lambda: identifiers.doi(text), "pmid": lambda: _pmid(text)}.get(
        field, lambda: _year(text)
    )()
    if value is None:
        raise BadAddition(_("“%(given)s” cannot stand there.", given=text[:80]))
    return value


def _pmid(text: str) -> str | None:
    return identifiers.digits(text) or identifiers.pmid_in_url(text) or identifiers.pmid_named(text)


def _year(text: str) -> int | None:
    whole = text.isascii() and text.isdecimal() and len(text) == 4
    return int(text) if whole and FIRST_YEAR <= int(text) <= LAST_YEAR else None

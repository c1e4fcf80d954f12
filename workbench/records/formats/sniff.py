"""Which format a text is, told by its content; the name of the file is not asked."""

import re

from workbench.records.formats import pubmed_xml
from workbench.records.formats.raw import Unreadable
from workbench.words import _

_SIGNS = (
    ("ris", re.compile(r"^TY {1,2}- ?", re.MULTILINE)),
    ("nbib", re.compile(r"^PMID ?- ?\d", re.MULTILINE)),
    ("nbib-eric", re.compile(r"^OWN ? - \S", re.MULTILINE)),
    ("ovid", re.compile(r"^ {0,3}<\d+\.? *>[ \t]*$", re.MULTILINE)),
    ("wos", re.compile(r"^PT [A-Z]$\n(?=[A-Z][A-Z0-9] )", re.MULTILINE)),
    ("refworks", re.compile(r"^RT [A-Z][\w, ]+$", re.MULTILINE)),
    ("refer", re.compile(r"^%[0ATJ](?: .*)?$", re.MULTILINE)),
    ("cochrane-text", re.compile(r"^Record #\d+ of \d+\n(?:.*\n){0,4}?(?:ID|AU|TI): ", re.MULTILINE)),
)
_RIS_WITHOUT_START = re.compile(r"^(?:[A-Z][A-Z0-9]  - .*\n){3}", re.MULTILINE)
_OVID_SHORT = re.compile(r"^ {0,3}[A-Z][A-Z0-9]{1,4} {1,2}- ", re.MULTILINE)
_BIBTEX = re.compile(r"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE)
_JSON = re.compile(r"[\[{]\s*[\"{\[]")

PART = 100_000
"""How many characters are looked at to tell the format."""

LATER = {
    "endnote-xml": "EndNote XML is not read yet. Export from EndNote as RIS (RefMan) instead.",
    "ictrp-xml": "ICTRP XML is not read yet. Export from ICTRP as RIS or CSV instead.",
    "bibtex": "BibTeX is not read yet. Export as RIS instead.",
    "json": "JSON is not read yet. Export as RIS or CSV instead.",
}


def tagged_dialect(text: str) -> str | None:
    """Name the dialect of a tagged text: the sign that comes first in the file decides."""
    text = text[:PART]
    found = [(match.start(), name) for name, sign in _SIGNS if (match := sign.search(text))]
    if not found:
        return "ris" if _RIS_WITHOUT_START.search(text) else None
    name = min(found)[1]
    if name == "ris":
        return _ris_shape(text)
    if name == "nbib-eric" and any(other == "nbib" for _start, other in found):
        return "nbib"
    if name == "ovid" and not _OVID_SHORT.search(text):
        return "ovid-long"
    return name


def _ris_shape(text: str) -> str:
    """Tell the blanks around the dash: Cochrane writes two after it, some tools one before it."""
    if re.search(r"^TY  -  \S", text, re.MULTILINE):
        return "ris-wide"
    return "ris" if re.search(r"^TY  -", text, re.MULTILINE) else "ris-narrow"


def refuse_other_markup(text: str) -> None:
    """Say no to what is recognised and not read here.

    Raises:
        Unreadable: a web page, XML of another kind, BibTeX or JSON.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if _JSON.match(start):
        raise Unreadable(_(LATER["json"]))
    if start.startswith("@") and _BIBTEX.search(start):
        raise Unreadable(_(LATER["bibtex"]))
    if not start.startswith("<"):
        return
    if re.match(r"<(!doctype\s+html|html|head|body)\b", start, re.IGNORECASE):
        raise Unreadable(_("This is a web page, not an export. Use the database's own export button."))


def is_pubmed_xml(text: str) -> bool:
    """Say whether this is PubMed XML.

    Raises:
        Unreadable: it is XML of another kind, or XML that defines entities.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if not re.match(r"<[?!A-Za-z]", start):
        return False
    root = pubmed_xml.root_of(start)
    if root in pubmed_xml.ROOTS:
        return True
    if root in {"xml", "records"} and "<record" in text:
        raise Unreadable(_(LATER["endnote-xml"]))
    if root == "Trials_downloaded_from_ICTRP" or "<TrialID>" in text:
        raise Unreadable(_(LATER["ictrp-xml"]))
    raise Unreadable(_("This XML (%(root)s) is not PubMed's export of records.", root=root or "?"))

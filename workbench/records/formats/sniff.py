"""Which format a text is, told by its content; the name of the file is not asked."""

import re

from workbench.records.formats import pubmed_xml
from workbench.records.formats.raw import Unreadable
from workbench.words import _

_SIGNS = (
    ("ris", re.compile(r"^TY {1,2}- ?", re.MULTILINE)),
    ("nbib", re.compile(r"^PMID ?- ?\d", re.MULTILINE)),
    ("nbib", re.compile(r"^PMID- ?\nOWN - workbench$", re.MULTILINE)),
    ("nbib-eric", re.compile(r"^OWN ? - \S", re.MULTILINE)),
    ("ovid", re.compile(r"^ {0,3}<\d+\.? *>[ \t]*$", re.MULTILINE)),
    ("wos", re.compile(r"^PT [A-Z]$\n(?=[A-Z][A-Z0-9] )", re.MULTILINE)),
    ("refworks", re.compile(r"^RT [A-Z][\w, ]+$", re.MULTILINE)),
    ("refer", re.compile(r"^%[0ATJ](?: .*)?$", re.MULTILINE)),
    (
        "bibtex",
        re.compile(r"^[ \t]*@(?!comment|preamble)\w+[ \t]*[{(][^={}()\"]*(?:,|=)", re.MULTILINE | re.IGNORECASE),
    ),
    ("cochrane-text", re.compile(r"^Record #\d+ of \d+\n(?:.*\n){0,4}?(?:ID|AU|TI): ", re.MULTILINE)),
)
_RIS_WITHOUT_START = re.compile(r"^(?:[A-Z][A-Z0-9]  - .*\n){3}", re.MULTILINE)
_OVID_SHORT = re.compile(r"^ {0,3}[A-Z][A-Z0-9]{1,4} {1,2}- ", re.MULTILINE)
_CSL = re.compile(r'"(?:title|type|author|issued|container-title|DOI)"\s*:')
_OTHER_XML = (
    (
        r"(?:\w+:)?mods(?:Collection)?",
        "This is MODS (%(root)s), the format of library catalogues, which is not read here.",
    ),
    (r"(?:rdf:)?RDF", "This is RDF (%(root)s), which is not read here. Zotero exports the same items as RIS."),
    (
        r"(?:article|pmc-articleset|OAI-PMH|book-part-wrapper)",
        "This is the text of an article (JATS XML, %(root)s), not an export of records.",
    ),
    (
        r"e(?:Search|Info|Link|Post|Spell|Summary|Citation)\w*",
        "This is an answer of PubMed's programming interface (%(root)s) without records. Use Save on its page.",
    ),
)
"""Roots of XML that people have at hand and that holds no export, with what it is."""
_JSON = re.compile(r"[\[{]\s*[\"{\[]")

PART = 100_000
"""How many characters are looked at to tell the format."""


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


def markup_format(text: str) -> str | None:
    """Name the format of XML or JSON; None where the text is neither.

    Raises:
        Unreadable: it is a web page, XML that defines entities, or XML or JSON of a kind that is not read here.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if _JSON.match(start):
        return _json_format(start[:PART])
    if not re.match(r"<[?!A-Za-z]", start):
        return None
    if re.match(r"<(!doctype\s+html|html|head|body)\b", start, re.IGNORECASE):
        raise Unreadable(_("This is a web page, not an export. Use the database's own export button."))
    return _xml_format(start)


def _json_format(start: str) -> str:
    """Name the format of JSON by the keys it begins with."""
    if '"protocolSection"' in start:
        return "ctgov-json"
    if _CSL.search(start):
        return "csl-json"
    message = _("This JSON is neither a list of references (CSL-JSON) nor studies of ClinicalTrials.gov.")
    raise Unreadable(message)


def _xml_format(start: str) -> str:
    """Name the format of XML by its root, or say what it is."""
    root = pubmed_xml.root_of(start)
    if root in pubmed_xml.ROOTS:
        return "pubmed-xml"
    if root in {"xml", "records"} and "<record" in start:
        return "endnote-xml"
    if root == "Trials_downloaded_from_ICTRP" or "<TrialID>" in start:
        return "ictrp-xml"
    for pattern, reason in _OTHER_XML:
        if re.fullmatch(pattern, root):
            raise Unreadable(_(reason, root=root))
    raise Unreadable(_("This XML (%(root)s) is no export of records that is known here.", root=root or "?"))

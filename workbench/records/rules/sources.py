"""Which database or tool wrote a RIS file, told by habits in its first part; reference managers hide the database."""

import re

_SIGNS = (
    ("workbench", r"^ID  - workbench:"),
    ("rayyan", r"^(?:AN|ID)  - rayyan-|RAYYAN-INCLUSION"),
    ("covidence", r"^NS  -.*\n(?:.*\n){0,3}?ER  -|^PD  -.*\n(?:.*\n){0,12}?NS  -"),
    ("refworks", r"^ID {1,2}- RefID:"),
    ("cochrane", r"^Record #\d+ of \d+|^AN {1,2}- {1,2}CN-\d|^UR {1,2}- {1,2}https?://\S*cochranelibrary\.com"),
    ("embase", r"^U2  - L\d{6,}|^UR  - https?://www\.embase\.com\S*\n(?:.*\n){0,2}?U2  -"),
    ("endnote", r"^ID  - \d+\nER  -"),
    ("zotero", r"^(?:DA  - \d{4}/\d\d/(?:\d\d)?/|DA  - \d{4}///|L[12]  - .*\nKW  - )"),
    ("ovid", r"^(?:L2|UR) {1,2}- \S*ovidsp\.|^NL {1,2}- |^\d+\.\nTY {1,2}- \w+\nID {1,2}- "),
    ("ebsco", r"^(?:UR|L2) {1,2}- \S*ebscohost\.com|^N1 {1,2}- Accession Number: "),
    ("proquest", r"^(?:UR|L2|N1) {1,2}- .*proquest"),
    ("scopus", r"^UR {1,2}- \S*scopus\.com|^DB {1,2}- Scopus"),
    ("wos", r"^AN {1,2}- (?:WOS|MEDLINE|BCI|CCC):|^[UA]N {1,2}- ISI:"),
    ("lens", r"^UR {1,2}- \S*lens\.org"),
    ("citavi", r"^(?:N1|C\d) {1,2}- Citavi"),
)
_PATTERNS = tuple((name, re.compile(sign, re.MULTILINE)) for name, sign in _SIGNS)
_OWN_NBIB = re.compile(r"^OWN - workbench$", re.MULTILINE)
_PLAIN = {"wos": "wos", "nbib": "pubmed", "nbib-eric": "eric", "ovid": "ovid", "ovid-long": "ovid"}
_NAMED = {"refworks": "refworks", "cochrane-text": "cochrane", "refer": "endnote", "pubmed-xml": "pubmed"}
PART = 200_000


def source_of(text: str, dialect: str) -> str | None:
    """Name the source of a tagged text, or None where nothing gives it away."""
    if dialect == "nbib" and _OWN_NBIB.search(text[:PART]):
        return "workbench"
    if not dialect.startswith("ris"):
        return (_PLAIN | _NAMED).get(dialect)
    start = text[:PART]
    return next((name for name, sign in _PATTERNS if sign.search(start)), None)

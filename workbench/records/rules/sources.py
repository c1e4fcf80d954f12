"""Which database or tool wrote a tagged file, told by its habits: screening tools first, then reference managers,
then databases. A tool that passed a file on is its source, since its habits decide what a tag means.
"""

import re

_OWN = (("workbench", r"^ID  - workbench:"),)
_SCREENING = (
    ("rayyan", r"^(?:AN|ID)  - rayyan-|RAYYAN-INCLUSION"),
    ("covidence", r"^NS  -.*\n(?:.*\n){0,3}?ER  -|^PD  -.*\n(?:.*\n){0,12}?NS  -"),
    ("eppi", r"^KW {1,2}- eppi-reviewer\b"),
    ("asreview", r"ASReview_(?:relevant|irrelevant|not_seen|prior)\b"),
)
_MANAGERS = (
    ("refworks", r"^ID {1,2}- RefID:"),
    ("citavi", r"^(?:M4|N1|C\d) {1,2}- Citavi"),
    ("endnote", r"^ID  - \d+\nER  -"),
    ("zotero", r"^(?:DA  - \d{4}/\d\d/(?:\d\d)?/|DA  - \d{4}///|L[12]  - .*\nKW  - )"),
    (
        "mendeley",
        # Tags in alphabetical order but for T2 behind TI, and no blank line between records.
        r"^TY  - .*\n(?:(?:A[1-9B]|AU|C\d|CY|DO|ED|EP|IS|KW|N1|PB|PY|SN|SP)  - .*\n)+TI  - .*\nT2  - .*\n"
        r"(?:UR  - .*\n)*(?:VL  - .*\n)?ER  - *\n(?:TY  -|\Z)",
    ),
)
_DATABASES = (
    ("cochrane", r"^Record #\d+ of \d+|^AN {1,2}- {1,2}CN-\d|^UR {1,2}- {1,2}https?://\S*cochranelibrary\.com"),
    ("embase", r"^U2  - L\d{6,}|^UR  - https?://www\.embase\.com\S*\n(?:.*\n){0,2}?U2  -"),
    (
        "ovid",
        r"^(?:L2|UR) {1,2}- \S*ovidsp\.|^NL {1,2}- |^\d+\.[ \t]*\nTY {1,2}- \w+[ \t]*\n(?:DB {1,2}- .*\n)?ID {1,2}- ",
    ),
    ("ebsco", r"^(?:UR|L2) {1,2}- \S*ebscohost\.com|^N1 {1,2}- Accession Number: |^DP {1,2}- EBSCOhost"),
    ("proquest", r"^(?:UR|L2|N1) {1,2}- .*(?i:proquest)"),
    ("scopus", r"^UR {1,2}- \S*scopus\.com|^DB {1,2}- Scopus"),
    ("wos", r"^AN {1,2}- (?:WOS|MEDLINE|BCI|CCC):|^[UA]N {1,2}- ISI:|^WE {1,2}- .*\((?:SCI|SSCI|ESCI|CPCI)"),
    ("lens", r"^UR {1,2}- \S*lens\.org"),
    ("dimensions", r"^UR {1,2}- https?://app\.dimensions\.ai/|^AN {1,2}- pub\.\d{6,}"),
    ("jstor", r"^Provider: JSTOR|^DB {1,2}- JSTOR"),
    ("psycinfo", r"^Provider: American Psychological Association"),
    ("trid", r"^UR {1,2}- https?://trid\.trb\.org/"),
    ("ieee", r"^VO {1,2}- .*\nVL {1,2}- .*\n(?:JA {1,2}- .*\n)?Y1 {1,2}- |^UR {1,2}- \S*ieeexplore\.ieee"),
    ("mdpi", r"^TY {1,2}- EJOUR\n(?:.*\n){0,40}?DO {1,2}- 10\.3390/"),
    ("openalex", r"^UR {1,2}- https?://openalex\.org/|^AU {1,2}- .*\n(?:C1 {1,2}- .*\n)+AU {1,2}- .*\nC1 {1,2}- "),
    ("publish-or-perish", r"^N1 {1,2}- (?:\d+ cites: |Query date: )"),
    (
        "google-scholar",
        r"\A\s*TY {1,2}- \w+\nT1 {1,2}- .*\n(?:A1 {1,2}- .*\n)+(?:(?:JO|VL|IS|SP|EP|SN) {1,2}- .*\n)*"
        r"Y1 {1,2}- \d{4}\n(?:PB {1,2}- .*\n)?ER",
    ),
)
_PATTERNS = tuple(
    (name, re.compile(sign, re.MULTILINE)) for name, sign in (*_OWN, *_SCREENING, *_MANAGERS, *_DATABASES)
)
_OWN_NBIB = re.compile(r"^OWN - workbench$", re.MULTILINE)
_PLAIN = {"wos": "wos", "nbib": "pubmed", "nbib-eric": "eric", "ovid": "ovid", "ovid-long": "ovid"}
_NAMED = {"refworks": "refworks", "cochrane-text": "cochrane", "refer": "endnote", "pubmed-xml": "pubmed"}
PART = 200_000
"""How many characters are looked at to tell the source."""

# EBSCO names its databases by short codes, in addresses and in DB.
_EBSCO = {
    "amed": "AMED",
    "a9h": "Academic Search Complete",
    "aph": "Academic Search Premier",
    "asn": "Academic Search Ultimate",
    "c8h": "CINAHL Plus",
    "ccm": "CINAHL Complete",
    "cin20": "CINAHL",
    "cmedm": "MEDLINE",
    "cul": "CINAHL Ultimate",
    "eoh": "EconLit",
    "eric": "ERIC",
    "mdc": "MEDLINE Complete",
    "mnh": "MEDLINE",
    "pdh": "APA PsycArticles",
    "psyh": "APA PsycInfo",
    "rzh": "CINAHL",
    "s3h": "SPORTDiscus",
    "8gh": "GreenFILE",
}
_EBSCO_ADDRESS = re.compile(r"ebscohost\.com/\S*?[?&]db=([a-z0-9]+)")


def source_of(text: str, dialect: str) -> str | None:
    """Name the source of a tagged text, or None where nothing gives it away."""
    if dialect == "nbib" and _OWN_NBIB.search(text[:PART]):
        return "workbench"
    if not dialect.startswith("ris"):
        return (_PLAIN | _NAMED).get(dialect)
    start = text[:PART]
    return next((name for name, sign in _PATTERNS if sign.search(start)), None)


def ebsco_database(address: str) -> str | None:
    """Name the database an address of EBSCO leads into.

    >>> ebsco_database("https://search.ebscohost.com/login.aspx?direct=true&db=ccm&AN=1&site=ehost-live")
    'CINAHL Complete'
    """
    found = _EBSCO_ADDRESS.search(address) if "ebscohost" in address else None
    return database_name(found[1]) if found else None


def database_name(told: str) -> str:
    """Return a database's name, where an export gives only EBSCO's code for it.

    >>> database_name("aph"), database_name("Embase")
    ('Academic Search Premier', 'Embase')
    """
    return _EBSCO.get(told, told)

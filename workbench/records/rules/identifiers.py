"""Identifiers and where they come from: typed tag before prefix before URL before free text ("inferred")."""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from workbench.records.rules.values import folded

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_URL = re.compile(r"(?:doi\.org/|[?&](?:id=doi:|doi=))(10\.\d{4,9}/[^\s&?#]+)", re.IGNORECASE)
_DOI_TEXT = re.compile(r"\bdoi:?\s*(10\.\d{4,9}/[^\s;,]+)", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", ">": "<", "}": "{"}
_PMID_URL = re.compile(r"(?:ncbi\.nlm\.nih\.gov/(?:m/)?pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(?:\?term=)?(\d{1,9})\b")
_PMID_TEXT = re.compile(r"(?:PMID|PUBMED)\W{0,3}(\d{1,9})\b|\b(\d{1,9})\s?\[pmid\]", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\s?(\d{3,9})\b", re.IGNORECASE)
_PMCID_NAMED = re.compile(r"PMCID\W{0,3}PMC\s?(\d{3,9})\b|\bPMC(\d{3,9})\s?\[pmcid\]", re.IGNORECASE)
_PMCID_URL = re.compile(
    r"(?:ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/(?:articles/)?PMC(\d{3,9})\b", re.IGNORECASE
)
_MEDLINE_ACCESSION = re.compile(r"MEDLINE:(\d{1,9})\b")
_EMBASE_URL = re.compile(r"embase\.com/\S*?\bid=(L\d{6,12})")
_EMBASE_PREFIX = re.compile(r"EMBASE\W{1,3}(\d{6,12})", re.IGNORECASE)
_EMBASE = re.compile(r"\bL?(\d{6,12})\b")
_EMBASE_NOTE = re.compile(r"\bL(\d{8,12})\b")
_CENTRAL = re.compile(r"\bCN-\d{6,9}\b")
_REVIEW = re.compile(r"14651858\.((?:CD|MR|ED)\d{6})", re.IGNORECASE)

# One alternative per register, as its ids are printed (ClinicalTrials.gov, EU CTIS and the primary registries of WHO
# ICTRP with those they grew out of); the group's name tells the spelling. Alternatives begin with a capital, so that
# plain text is passed over quickly; the number of CTIS, which begins with a digit, is looked for by itself.
_REGISTER = re.compile(
    r"NCT[ :-]?(?P<NCT>\d{8})(?!\d)"
    r"|ISRCTN[ :-]?(?P<ISRCTN>\d{8})(?!\d)"
    r"|[EC](?:UCTR|TIS) ?(?P<CTIS>20\d\d-5\d{5}-\d{2}-\d{2})(?!\d)"
    r"|EUCTR ?(?P<EUCTR>\d{4}-\d{6}-\d{2}(?:-[A-Z]{2,3}(?![A-Za-z]))?)"
    r"|E[Uu][Dd][Rr][Aa]CT\W{0,4}(?:(?:[Nn]umber|[Nn]o)\W{0,4})?(?P<EudraCT>\d{4}-\d{6}-\d{2})(?!-?\d)"
    r"|ACTRN ?(?P<ACTRN>\d{14})(?!\d)"
    r"|C[hH][iI]CTR(?P<ChiCTR>(?:-[A-Z]{2,4})?-?\d{8,10})(?!\d)"
    r"|ITMCTR(?P<ITMCTR>\d{10})(?!\d)"
    r"|UMIN(?P<UMIN>\d{9})(?!\d)"
    r"|jRCT(?P<jRCT>s?\d{9,10})(?!\d)"
    r"|JapicCTI-?(?P<JapicCTI>\d{6})(?!\d)"
    r"|JMA-IIA(?P<JMA>\d{5})(?!\d)"
    r"|DRKS-?(?P<DRKS>\d{8})(?!\d)"
    r"|NTR ?(?P<NTR>\d{3,5})(?!\d)"
    r"|NL-OMON(?P<NLOMON>\d{4,6})(?!\d)"
    r"|CTRI/(?P<CTRI>\d{4}/\d{2,3}/\d{6})(?!\d)"
    r"|IRCT ?(?P<IRCT>\d{8,16}N\d{1,3}|\d{12,16})(?!\d)"
    r"|KCT ?(?P<KCT>\d{7})(?!\d)"
    r"|PACTR ?(?P<PACTR>\d{15,16})(?!\d)"
    r"|TCTR ?(?P<TCTR>\d{11})(?!\d)"
    r"|SLCTR/(?P<SLCTR>\d{4}/\d{3})(?!\d)"
    r"|RBR-(?P<RBR>[0-9a-z]{6,8})\b"
    r"|RPCEC(?P<RPCEC>\d{8})(?!\d)"
    r"|PER-(?P<PER>\d{3}-\d{2})(?!\d)"
    r"|LBCTR(?P<LBCTR>\d{10})(?!\d)"
    r"|U1111-(?P<UTN>\d{4}-\d{4})(?!\d)"
)
_SPELLED = {
    **{"EudraCT": "EUCTR", "UMIN": "JPRN-UMIN", "jRCT": "JPRN-jRCT", "JapicCTI": "JPRN-JapicCTI-"},
    **{"JMA": "JPRN-JMA-IIA", "NLOMON": "NL-OMON", "CTRI": "CTRI/", "SLCTR": "SLCTR/"},
    **{"RBR": "RBR-", "PER": "PER-", "UTN": "U1111-"},
}
_LOWER = re.compile(r"\b(?:nct|isrctn)(?=[ :-]?\d)")
_CTIS = re.compile(r"(?<![\w-])20\d\d-5\d{5}-\d{2}-\d{2}(?![\d-])")
# In a field made for registrations a number may stand without its register's name.
_BARE = re.compile(r"(?<![\w-])(?:(?P<EUCTR>20\d\d-\d{6}-\d{2})(?:-[A-Z]{2})?|NL(?P<NL>\d{3,5}))(?![\w-])")
_WITH_CT = re.compile(r"NCT|CTR|RCT|[Rr][Aa]CT|KCT|CTIS|CTCTI|cCTI|CTI-")


def doi(value: str) -> str | None:
    """Return a DOI lower case, without resolver or prefix; None where the value holds none.

    >>> doi("https://doi.org/10.1016/J.SPINEE.2010.01.001."), doi("doi:10.1201/b19107-2")
    ('10.1016/j.spinee.2010.01.001', '10.1201/b19107-2')
    """
    value = unquote(value) if "%2" in value else value
    found = _DOI.search(folded(html.unescape(value) if "&" in value else value))
    if not found:
        return None
    cut = found[0].rstrip(".,;:'\"")
    while cut and cut[-1] in _CLOSING and cut.count(cut[-1]) > cut.count(_CLOSING[cut[-1]]):
        cut = cut[:-1].rstrip(".,;:'\"")
    return cut.lower() if not cut.startswith("10.1002/central") else None


def doi_in_url(value: str) -> str | None:
    """Return the DOI of a doi.org address, or one that a link to a library or to Scopus carries.

    >>> doi_in_url("http://sfx.example/lib?sid=EMBASE&issn=22267190&id=doi:10.4103%2F2303-9027.13878&aulast=Liu")
    '10.4103/2303-9027.13878'
    """
    if "doi" not in value:
        return None
    found = _DOI_URL.search(unquote(value) if "%2" in value else value)
    return doi(found[1]) if found else None


def doi_in_text(value: str) -> str | None:
    """Return a DOI that free text names as one."""
    found = _DOI_TEXT.search(value) if "10." in value else None
    return doi(found[1]) if found else None


def digits(value: str) -> str | None:
    """Return a value that is a number and nothing else; 41562143.0 of a spreadsheet is 41562143."""
    value = value.strip().removesuffix(".0")
    return value if value.isdecimal() and len(value) <= 12 and value.isascii() else None


def pmid_in_url(value: str) -> str | None:
    """Return the PMID of a PubMed address."""
    found = _PMID_URL.search(value) if "pubmed" in value else None
    return found[1] if found else None


def pmid_named(value: str) -> str | None:
    """Return a number the value names as a PMID: `PUBMED 34176716`, `PMID: 123`, `123[pmid]`."""
    found = _PMID_TEXT.search(value)
    return (found[1] or found[2]) if found else None


def pmcid(value: str) -> str | None:
    """Return a PubMed Central id as PMC and digits."""
    found = _PMCID.search(value)
    return f"PMC{found[1]}" if found else None


def pmcid_named(value: str) -> str | None:
    """Return a number the value names as a PubMed Central id: `PMC9359172 [PMCID]`."""
    found = _PMCID_NAMED.search(value) if "pmcid" in value.casefold() else None
    return f"PMC{found[1] or found[2]}" if found else None


def pmcid_in_url(value: str) -> str | None:
    """Return the id of an address of PubMed Central."""
    found = _PMCID_URL.search(value) if "pmc" in value else None
    return f"PMC{found[1]}" if found else None


def medline_accession(value: str) -> str | None:
    """Return the PMID in Web of Science's number of a MEDLINE record: `MEDLINE:31234567`."""
    found = _MEDLINE_ACCESSION.match(value.strip())
    return found[1] if found else None


def embase(value: str) -> str | None:
    """Return an Embase number as L and digits, whether the field writes the L or not."""
    found = _EMBASE.fullmatch(value.strip().removesuffix(".0"))
    return f"L{found[1]}" if found else None


def embase_named(value: str) -> str | None:
    """Return a number named as Embase's: `EMBASE 643589775`."""
    found = _EMBASE_PREFIX.search(value)
    return f"L{found[1]}" if found else None


def embase_in_url(value: str) -> str | None:
    """Return the Embase number of an Embase.com address."""
    found = _EMBASE_URL.search(value) if "embase.com" in value else None
    return found[1] if found else None


def embase_in_text(value: str) -> str | None:
    """Return a number written as Embase writes its own (L and eight digits or more)."""
    found = _EMBASE_NOTE.search(value)
    return f"L{found[1]}" if found else None


def central(value: str) -> str | None:
    """Return the CENTRAL id (CN-…) of a value."""
    found = _CENTRAL.search(folded(value)) if "CN" in value else None
    return found[0] if found else None


def review(value: str) -> str | None:
    """Return the id of a Cochrane review (CD…) from its DOI."""
    found = _REVIEW.search(value)
    return found[1].upper() if found else None


def _may_name_register(value: str) -> bool:
    """Say quickly that a text names no register, as most abstracts do not."""
    if "CT" in value and _WITH_CT.search(value):
        return True
    if "nct" in value or "isrctn" in value or "UMIN" in value or "DRKS" in value or "NTR" in value or "RPCEC" in value:
        return True
    return "RBR" in value or "PER" in value or "U1111" in value or "OMON" in value or "JMA" in value


def registry_ids(value: str, *, typed: bool = False) -> Iterator[str]:
    """Hand out every trial-register id in a value, dashes folded, in one spelling per register.

    Args:
        value: a field or free text.
        typed: whether the field is made for registrations, where a number may stand without its register's name.

    >>> list(registry_ids("see NCT 01234567 and EUCTR2020‐001234‐12‐GB"))
    ['NCT01234567', 'EUCTR2020-001234-12-GB']
    >>> list(registry_ids("2022-003405-30; 2022-501234-12-00", typed=True))
    ['CTIS2022-501234-12-00', 'EUCTR2022-003405-30']
    """
    if _may_name_register(value):
        yield from _named_ids(value)
    if "-" in value or "\u2010" in value or typed:
        yield from _bare_ids(value, typed=typed)


def _named_ids(value: str) -> Iterator[str]:
    """Hand out ids that carry their register's name."""
    value = folded(value)
    if "nct" in value or "isrctn" in value:
        value = _LOWER.sub(lambda found: found[0].upper(), value)
    for found in _REGISTER.finditer(value):
        start = found.start()
        name = found.lastgroup
        if name and (start == 0 or not value[start - 1].isalnum()):
            yield _SPELLED.get(name, name) + found[name]


def _bare_ids(value: str, *, typed: bool) -> Iterator[str]:
    """Hand out numbers that tell their register by their shape: CTIS anywhere, others only in a field of their own."""
    value = folded(value)
    if "-5" in value:
        yield from ("CTIS" + found[0] for found in _CTIS.finditer(value))
    if typed:
        for found in _BARE.finditer(value):
            yield "EUCTR" + found["EUCTR"] if found["EUCTR"] else "NL" + found["NL"]

"""Identifiers and where they come from: typed tag before prefix before URL before free text ("inferred")."""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from workbench.records.rules.values import folded

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_URL = re.compile(r"doi\.org/(10\.\d{4,9}/[^\s&?#]+)", re.IGNORECASE)
_DOI_TEXT = re.compile(r"\bdoi:?\s*(10\.\d{4,9}/[^\s;,]+)", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", ">": "<", "}": "{"}
_PMID_URL = re.compile(r"(?:ncbi\.nlm\.nih\.gov/(?:m/)?pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(?:\?term=)?(\d{1,9})\b")
_PMID_TEXT = re.compile(r"(?:PMID|PUBMED)\W{0,3}(\d{1,9})\b|\b(\d{1,9})\s?\[pmid\]", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\s?(\d{3,9})\b", re.IGNORECASE)
_EMBASE_URL = re.compile(r"embase\.com/\S*?\bid=(L\d{6,12})")
_EMBASE_PREFIX = re.compile(r"EMBASE\W{1,3}(\d{6,12})", re.IGNORECASE)
_EMBASE = re.compile(r"\bL?(\d{6,12})\b")
_EMBASE_NOTE = re.compile(r"\bL(\d{8,12})\b")
_CENTRAL = re.compile(r"\bCN-\d{6,9}\b")
_REVIEW = re.compile(r"14651858\.((?:CD|MR|ED)\d{6})", re.IGNORECASE)

# One pattern per register, as its ids are printed; WHO ICTRP's list of primary registries and ClinicalTrials.gov.
_REGISTERS = (
    (("NCT", "nct"), re.compile(r"\bNCT[ :-]?(\d{8})(?!\d)", re.IGNORECASE), "NCT{}"),
    (("ISRCTN", "isrctn"), re.compile(r"\bISRCTN[ :-]?(\d{8})(?!\d)", re.IGNORECASE), "ISRCTN{}"),
    (("EUCTR",), re.compile(r"\bEUCTR ?(\d{4}-\d{6}-\d{2}(?:-[A-Z]{2,3}(?![A-Za-z]))?)"), "EUCTR{}"),
    (("udra",), re.compile(r"\bEudraCT\W{0,4}(?:(?:number|no)\W{0,4})?(\d{4}-\d{6}-\d{2})", re.IGNORECASE), "EUCTR{}"),
    (("ACTRN",), re.compile(r"\bACTRN ?(\d{14})(?!\d)"), "ACTRN{}"),
    (("hiCTR", "HICTR"), re.compile(r"\bChiCTR((?:-[A-Z]{2,4})?-?\d{8,10})(?!\d)", re.IGNORECASE), "ChiCTR{}"),
    (("UMIN",), re.compile(r"\b(?:JPRN-)?UMIN(\d{9})(?!\d)"), "JPRN-UMIN{}"),
    (("jRCT",), re.compile(r"\b(?:JPRN-)?jRCT(s?\d{9,10})(?!\d)"), "jRCT{}"),
    (("DRKS",), re.compile(r"\bDRKS-?(\d{8})(?!\d)"), "DRKS{}"),
    (("NTR", "NL-OMON"), re.compile(r"\b(NTR ?\d{3,5}|NL-OMON\d{4,6})(?!\d)"), "{}"),
    (("CTRI/",), re.compile(r"\bCTRI/(\d{4}/\d{2,3}/\d{6})(?!\d)"), "CTRI/{}"),
    (("IRCT",), re.compile(r"\bIRCT ?(\d{8,16}N\d{1,3}|\d{12,16})(?!\d)"), "IRCT{}"),
    (("KCT",), re.compile(r"\bKCT ?(\d{7})(?!\d)"), "KCT{}"),
    (("PACTR",), re.compile(r"\bPACTR ?(\d{15,16})(?!\d)"), "PACTR{}"),
    (("TCTR",), re.compile(r"\bTCTR ?(\d{11})(?!\d)"), "TCTR{}"),
    (("SLCTR",), re.compile(r"\bSLCTR/(\d{4}/\d{3})(?!\d)"), "SLCTR/{}"),
    (("RBR-",), re.compile(r"\bRBR-([0-9a-z]{6,8})\b"), "RBR-{}"),
    (("RPCEC",), re.compile(r"\bRPCEC(\d{8})(?!\d)"), "RPCEC{}"),
    (("PER-",), re.compile(r"\bPER-(\d{3}-\d{2})(?!\d)"), "PER-{}"),
    (("U1111-",), re.compile(r"\b(U1111-\d{4}-\d{4})(?!\d)"), "{}"),
)
_BY_SIGN = tuple((sign, pattern, form) for signs, pattern, form in _REGISTERS for sign in signs)


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
    """Return the DOI of a doi.org address."""
    found = _DOI_URL.search(unquote(value) if "%2" in value else value) if "doi.org/" in value else None
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
    """Say quickly that a text holds no register's id, as most abstracts do not."""
    if "CT" in value and ("NCT" in value or "CTR" in value or "RCT" in value or "KCT" in value or "SRCTN" in value):
        return True
    if "nct" in value or "isrctn" in value or "udra" in value or "UMIN" in value or "DRKS" in value:
        return True
    if "NTR" in value or "NL-OMON" in value or "RBR" in value or "RPCEC" in value:
        return True
    return "PER" in value or "U1111" in value


def registry_ids(value: str) -> Iterator[str]:
    """Hand out every trial-register id in a value, dashes folded, in one spelling per register.

    >>> list(registry_ids("see NCT 01234567 and EUCTR2020‐001234‐12‐GB"))
    ['NCT01234567', 'EUCTR2020-001234-12-GB']
    """
    if not _may_name_register(value):
        return
    value = folded(value)
    for sign, pattern, form in _BY_SIGN:
        if sign in value:
            for found in pattern.finditer(value):
                yield form.format(found[1].replace(" ", ""))

"""PubMed over the network: NCBI's E-utilities through Bio.Entrez, politely spaced and silent about the key."""

from workbench.records.entrez.answers import Found, History, Refused, joined
from workbench.records.entrez.pubmed import BATCH, MOST_AT_ONCE, Batch, Part, PubMed, Whole, any_of, within
from workbench.records.entrez.transport import AT_A_PAGE, Access, BadSetting, NoAnswer, Pace, Patience, Transport

__all__ = [
    "AT_A_PAGE",
    "BATCH",
    "MOST_AT_ONCE",
    "Access",
    "BadSetting",
    "Batch",
    "Found",
    "History",
    "NoAnswer",
    "Pace",
    "Part",
    "Patience",
    "PubMed",
    "Refused",
    "Transport",
    "Whole",
    "any_of",
    "joined",
    "within",
]

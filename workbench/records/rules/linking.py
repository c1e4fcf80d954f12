"""The identifiers of one record, each with the tag, the line and the way it was found."""

import re
from collections.abc import Callable, Iterator
from typing import cast

from workbench.records.formats.raw import Pair
from workbench.records.rules import identifiers
from workbench.records.rules.items import Found
from workbench.records.rules.tags import Tags

Finder = Callable[[str], str | None]
Step = tuple[str, Finder, str]
"""Which field's tags to look in, what to look for, and how sure that is."""

_OVID_DATABASE = re.compile(r"[?&]D=([a-z]+)")
_MARKED_DOI = re.compile(r"\s*(10\.\S+)\s*\[doi\]")
_MARKED_OTHER = re.compile(r"\[(?!doi)[a-z]+\]\s*$")


def _typed_doi(value: str) -> str | None:
    """Read a DOI field; PubMed's LID and AID name their kind at the end (`[doi]`, `[pii]`)."""
    if value.endswith("]"):
        if marked := _MARKED_DOI.match(value):
            return identifiers.doi(marked[1])
        if _MARKED_OTHER.search(value):
            return None
    return identifiers.doi(value)


_DOI: tuple[Step, ...] = (
    ("doi", _typed_doi, "tag"),
    ("doi_urls", identifiers.doi_in_url, "url"),
    ("doi_notes", identifiers.doi_in_text, "inferred"),
    ("source", identifiers.doi_in_text, "inferred"),
)
_PMID: tuple[Step, ...] = (
    ("pmid", lambda value: identifiers.digits(value) or identifiers.pmid_named(value), "tag"),
    ("references", identifiers.pmid_named, "prefix"),
    ("accession", identifiers.medline_accession, "prefix"),
    ("urls", identifiers.pmid_in_url, "url"),
)
_PMCID: tuple[Step, ...] = (
    ("pmcid", identifiers.pmcid, "tag"),
    ("accession", identifiers.pmcid, "prefix"),
    ("references", identifiers.pmcid_named, "prefix"),
    ("urls", identifiers.pmcid_in_url, "url"),
)
_EMBASE: tuple[Step, ...] = (
    ("embase", lambda value: identifiers.embase(value) or identifiers.embase_named(value), "tag"),
    ("references", identifiers.embase_named, "prefix"),
    ("urls", identifiers.embase_in_url, "url"),
    ("notes", identifiers.embase_in_text, "inferred"),
)
_COCHRANE: tuple[Step, ...] = (("accession", identifiers.central, "tag"), ("urls", identifiers.central, "url"))


_STEPS: dict[str, tuple[Step, ...]] = {
    "doi": _DOI,
    "pmid": _PMID,
    "pmcid": _PMCID,
    "embase_id": _EMBASE,
    "cochrane_id": _COCHRANE,
}
Ways = tuple[tuple[str, tuple[tuple[tuple[str, ...], Finder, str], ...]], ...]
"""For each identifier the tags of a record to look in, in turn."""


def _ways(tags: Tags) -> Ways:
    """Return the steps that a record with these tags can take."""
    if tags.present.ways is None:
        there = tags.present
        ways = {
            name: tuple((there[field], finder, how) for field, finder, how in steps if field in there)
            for name, steps in _STEPS.items()
        }
        tags.present.ways = tuple((name, found) for name, found in ways.items() if found)
    return cast(Ways, tags.present.ways)


def identify(tags: Tags, databases: list[str]) -> tuple[dict[str, str], Found]:
    """Return the identifiers of a record and where each was found, the surest place first."""
    ids: dict[str, str] = {}
    found: Found = {}
    accession = _accession(tags, databases) if "accession" in tags.present else None
    for name, ways in _ways(tags):
        if accession and accession[0] == name:
            ids[name], found[name] = accession[1], _where(accession[2], accession[3])
            continue
        for at, finder, how in ways:
            hit = _first(tags.by, at, finder)
            if hit:
                ids[name], found[name] = hit[0], _where(hit[1], how)
                break
    if "doi" in ids and "cochrane_id" not in ids and (review := identifiers.review(ids["doi"])):
        ids["cochrane_id"], found["cochrane_id"] = review, found["doi"] | {"how": "prefix"}
    return ids, found


def _first(by: dict[str, list[Pair]], at: tuple[str, ...], finder: Finder) -> tuple[str, Pair] | None:
    """Take the first identifier that is found under these tags."""
    for tag in at:
        for pair in by[tag]:
            if value := finder(pair[1]):
                return value, pair
    return None


def _where(pair: Pair, how: str) -> dict[str, str | int]:
    """Say where a value stands."""
    return {"tag": pair[0], "line": pair[2], "how": how}


def _accession(tags: Tags, databases: list[str]) -> tuple[str, str, Pair, str] | None:
    """Read a database's own number by the database that the record names: it may be PubMed's or Embase's."""
    for pair in tags.every("accession"):
        if not (number := identifiers.digits(pair[1])):
            continue
        owners = _owners(tags, databases)
        if owners == {"pubmed"}:
            return "pmid", number, pair, "tag"
        if owners == {"embase"} and (embase := identifiers.embase(number)):
            return "embase_id", embase, pair, "tag"
    return None


def _owners(tags: Tags, databases: list[str]) -> set[str]:
    """Say whose numbers the record carries, by its database or by the code in Ovid's address."""
    named = {
        owner
        for database in databases
        for owner, words in (("embase", ("embase",)), ("pubmed", ("medline", "pubmed", "nlm")))
        if any(word in database.casefold() for word in words)
    }
    for _tag, value, _line in tags.every("doi_urls") if not named else ():
        if code := _OVID_DATABASE.search(value):
            named |= {"embase"} if code[1].startswith(("emed", "oemez", "emef", "emcl")) else set()
            named |= {"pubmed"} if code[1].startswith(("med", "ppez", "prem", "mesx", "pmnm")) else set()
    return named


def registry_ids(tags: Tags) -> tuple[list[str], Found]:
    """Return trial-register ids, the surest first; `found` has one entry for each beside the field's own."""
    found: Found = {}
    for pair in tags.every("registered"):
        one = pair[1].strip()
        found[f"registry_ids/{next(identifiers.registry_ids(one), one)}"] = _where(pair, "tag")
    for pair, how in _registry_places(tags):
        for one in identifiers.registry_ids(pair[1], typed=how == "tag"):
            found.setdefault(f"registry_ids/{one}", _where(pair, how))
    if not found:
        return [], {}
    ids = [name.partition("/")[2] for name in found]
    return ids, {"registry_ids": next(iter(found.values()))} | found


def _registry_places(tags: Tags) -> Iterator[tuple[Pair, str]]:
    """Say where register ids stand, the surest place first; a tag that feeds two fields is looked at once."""
    seen = set()
    for name, how in _REGISTRY:
        for tag in tags.present.get(name, ()):
            if tag not in seen:
                seen.add(tag)
                for pair in tags.by[tag]:
                    is_prefix = name == "registry" and pair[1].lstrip().startswith(("CTgov", "ICTRP"))
                    yield pair, "prefix" if is_prefix else how


_REGISTRY = (
    ("registry", "tag"),
    ("urls", "url"),
    ("title", "inferred"),
    ("abstract", "inferred"),
    ("notes", "inferred"),
)

"""From tags to the canonical form of a record: every field by its table, nothing overwritten, raw kept."""

import re
from functools import lru_cache
from typing import Any

from workbench.records.formats.raw import RawRecord
from workbench.records.rules import citations, values
from workbench.records.rules.items import Found, Item
from workbench.records.rules.kinds import kind_of
from workbench.records.rules.languages import language_codes
from workbench.records.rules.linking import identify, registry_ids
from workbench.records.rules.sources import database_name, ebsco_database
from workbench.records.rules.tags import Tags, each_once

LONGEST_ISSUE = 40
MOST_REPEATED = 1000
_COPYRIGHT = re.compile(r"\s*Copyright of .{1,300}? is the property of .*", re.DOTALL)
_GLUED = re.compile(r"(?<=\.)(?=[^\W\d_]{2})")
_WITH_INITIALS = re.compile(r".*\s(?:[A-Z]{1,4}|(?:[A-Z]\.[ -]?)+)$")
_ADDRESS = re.compile(r"https?://")
_WITHIN_ADDRESS = frozenset("=?&/:%")
_ISSUE = re.compile(r"(?=.*\d)[\w .()/-]{1,20}$")
_IN_BRACKETS = re.compile(r"\[.+\]\.?$", re.DOTALL)
_FULL_STOP = re.compile(r"(?<!\.[A-Z])\.+$")
_SEMICOLON_OR_LINE = re.compile(r";|\n")
_NO_TERM = "ASReview_"
"""How a keyword begins that says what ASReview's user decided; it is kept apart from what the record is about."""
_COMMA_OR_LINE = re.compile(r"[,\n]")
_QUOTED_LIST = re.compile(r"^\['|', '|'\]$")
_PLAIN_TYPE = re.compile(r"(?i)(?!doi:|10\.\d)\w")


def canonical(number: int, record: RawRecord, tags: Tags, *, from_table: bool = False) -> Item:
    """Return one record in canonical form.

    Args:
        number: its place in the file, from 1.
        record: the record as delivered; goes into `raw` untouched.
        tags: its pairs, to be asked by field (for XML under the names of PubMed's tags).
        from_table: whether it is a row of a table, which joins authors in one cell.
    """
    present = tags.present
    databases = _databases(tags) if "databases" in present else []
    ids, found = identify(tags, databases)
    registered, where = registry_ids(tags)
    year = _year(tags)
    types, kind = _types(tags)
    has_issn = "issn" in present
    item = Item(  # in the order of the fields: names would cost more than the record's identifiers
        number,
        (record.first, record.last),
        _title(tags, found),
        tags.one("original_title") if "original_title" in present else None,
        _split_authors(tags) if from_table else _authors(tags),
        year,
        _date(tags, year),
        tags.repeated("journal"),
        tags.repeated("journal_abbreviation") if "journal_abbreviation" in present else None,
        tags.repeated("volume"),
        _issue(tags) if "issue" in present else None,
        _pages(tags) if "start" in present else None,
        ids.get("doi"),
        ids.get("pmid"),
        ids.get("pmcid"),
        ids.get("embase_id"),
        ids.get("cochrane_id"),
        registered,
        _numbers(tags, "issn", values.issns) if has_issn else [],
        _isbns(tags) if has_issn or "isbn" in present else [],
        _abstract(tags) if "abstract" in present else None,
        _terms(tags, "keywords", from_table=from_table) if "keywords" in present else [],
        _terms(tags, "subject_headings", from_table=from_table) if "subject_headings" in present else [],
        _languages(tags) if "languages" in present else [],
        types,
        _named_databases(databases, tags, ids),
        _urls(tags) if "urls" in present else [],
        kind,
        found,
        record.pairs,
    )
    if "source" in present:
        _add_citation(tags, item)
    if item.journal and _ADDRESS.match(item.journal):
        _take_as_address(item, item.journal)
    found.update(where)
    return item


def _take_as_address(item: Item, address: str) -> None:
    """Take what CENTRAL writes for the journal of an entry in a trial register as what it is: the entry's address."""
    item.journal = None
    if address not in item.urls:
        item.urls.append(address)


def _types(tags: Tags) -> tuple[list[str], str | None]:
    """Return the types of publication, and the kind that they make up."""
    delivered = tags.several("publication_types") if "publication_types" in tags.present else ()
    types, kind = _of_types(tuple(delivered), _usual_kind(tags))
    return list(types), kind


@lru_cache(maxsize=MOST_REPEATED)
def _of_types(delivered: tuple[str, ...], usual: str | None) -> tuple[tuple[str, ...], str | None]:
    """Tell types from other things in their field, and the kind; most records share their types with others."""
    types = tuple(_FULL_STOP.sub("", one) for one in delivered if _PLAIN_TYPE.match(one))
    return types, kind_of(types, usual)


def _year(tags: Tags) -> int | None:
    """Return the first year the record tells."""
    for pair in tags.every("year"):
        if at := values.year(pair[1]):
            return at
    return None


def _languages(tags: Tags) -> list[str]:
    """Return the codes of the record's languages, each once."""
    return list(dict.fromkeys(code for pair in tags.every("languages") for code in _codes(pair[1])))


@lru_cache(maxsize=MOST_REPEATED)
def _codes(value: str) -> tuple[str, ...]:
    """Return the codes of the languages in a field, which is the same in most records."""
    return tuple(language_codes(value))


def _usual_kind(tags: Tags) -> str | None:
    """Say what a record is where its types do not: of PubMed a book or an article, of ClinicalTrials.gov a trial."""
    if tags.table.database == "PubMed":
        return "book" if "BTI" in tags.by else "article"
    return "registry" if tags.table.database == "ClinicalTrials.gov" else None


def _title(tags: Tags, found: Found) -> str | None:
    """Return the title; one in brackets is a translation, kept so and noted."""
    title = tags.one("title")
    if title and title[0] == "[" and _IN_BRACKETS.match(title) and (pair := tags.first("title")):
        found["title"] = {"tag": pair[0], "line": pair[2], "how": "in brackets: translated"}
    return title


def _authors(tags: Tags) -> list[str]:
    """Return authors in the order of the file, groups among them; full names where the format gives both.

    Two people may have one name; a name that a second tag says again is the same person.
    """
    fields = tags.table.fields
    full = fields.get("authors", ("",))
    short = "authors_short" in fields and full and full[0] not in tags.by
    name = "authors_short" if short else "authors"
    split = tags.table.splits.get(name)
    if len(tags.present.get(name, ())) < 2:
        return [author for part in tags.parts(name, split) if (author := values.text(part).strip(" ;,"))]
    pairs = sorted(tags.every(name), key=lambda pair: pair[2])
    named: dict[str, str] = {}
    authors = []
    for tag, value, _line in pairs:
        for part in split.split(value) if split else (value,):
            author = values.text(part).strip(" ;,")
            if author and named.setdefault(author, tag) == tag:
                authors.append(author)
    return authors


def _split_authors(tags: Tags) -> list[str]:
    """Return the authors of the first column that has any; Embase's vertical layout has a cell for each."""
    split = tags.table.splits.get("authors")
    pairs = list(tags.every("authors"))
    names = [name for pair in pairs if pair[0] == pairs[0][0] for name in _names(pair[1], split)]
    return [name for one in names if (name := values.text(one).strip(" ;,"))]


def _names(value: str, split: re.Pattern[str] | None) -> list[str]:
    """Split a cell of authors by what stands between them, or by initials where nothing does."""
    if value.startswith("['"):
        return value.strip("[']").split("', '")
    for mark in (";", " and "):
        if mark in value:
            return value.split(mark)
    if split or "\n" in value:
        return split.split(value) if split else value.split("\n")
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 1 and all(_WITH_INITIALS.match(part) for part in parts):
        return parts
    return _GLUED.split(value)


def _date(tags: Tags, year: int | None) -> str | None:
    """Return the date as exact as the record tells it."""
    pair = tags.first("date")
    return values.date(values.text(pair[1]), year) if pair else None


def _issue(tags: Tags) -> str | None:
    """Return the issue; M1 counts as one only where its tool writes issues there, and an address never does."""
    for tag, value, _line in tags.every("issue"):
        if tag == "M1" and not _ISSUE.match(value.strip()):
            continue
        if tag == "IS" and values.issns(value):
            continue
        if len(value) > LONGEST_ISSUE:
            continue
        return values.text(value) or None
    return None


def _pages(tags: Tags) -> str | None:
    """Return pages from first to last, an article number where there are none."""
    last = tags.first("end")
    first = tags.first("start") or last
    if first is None:
        return None
    return values.pages(first[1], last[1] if last and first[0] not in ("C7", "AR") else "")


def _numbers(tags: Tags, name: str, finder: Any) -> list[str]:
    """Return every number of a kind in a field, each once."""
    pairs = tags.every(name)
    if len(pairs) == 1:
        return list(dict.fromkeys(finder(pairs[0][1])))
    return list(dict.fromkeys(number for pair in pairs for number in finder(pair[1])))


def _isbns(tags: Tags) -> list[str]:
    """Return book numbers, which RIS writes into the journal's field."""
    return _numbers(tags, "isbn" if tags.table.fields.get("isbn") else "issn", values.isbns)


def _abstract(tags: Tags) -> str | None:
    """Return the abstract without the copyright notice that EBSCO appends, as a part or as a field of its own."""
    pairs = list(tags.every("abstract"))
    parts: list[str] = []
    for tag, value, _line in pairs:
        if tag != pairs[0][0]:
            break
        own = _COPYRIGHT.sub("", value) if "Copyright of " in value else value
        if (part := values.text(own)) and part not in parts:
            parts.append(part)
    return "\n".join(parts) or None


def _terms(tags: Tags, name: str, *, from_table: bool) -> list[str]:
    """Return keywords or subject headings without the star that marks the major ones."""
    pairs = tags.every(name)
    split = tags.table.splits.get(name)
    if from_table and any(";" in pair[1] for pair in pairs):
        split = _SEMICOLON_OR_LINE
    elif from_table and split is None:
        split = _COMMA_OR_LINE
    if from_table and pairs and pairs[0][1].startswith("['"):
        split = _QUOTED_LIST
    terms = dict.fromkeys(term for part in each_once(tags.parts(name, split)) if (term := part.lstrip("* ")))
    return [term for term in terms if not term.startswith(_NO_TERM)]


def _databases(tags: Tags) -> list[str]:
    """Return the databases the record names, or the one that its address at EBSCO leads into."""
    named = [database_name(name) for one in tags.several("databases") if (name := one.split("<")[0].strip())]
    return named or [leads for pair in tags.every("urls")[:1] if (leads := ebsco_database(pair[1]))]


def _named_databases(databases: list[str], tags: Tags, ids: dict[str, str]) -> list[str]:
    """Return the databases the record names, or the one its source implies."""
    own = [tags.table.database] if tags.table.database else []
    if "STAT" in tags.by and tags.by["STAT"][0][1].strip() == "MEDLINE":
        own.append("MEDLINE")
    central = ids.get("cochrane_id", "")
    if not databases and central and not own:
        own = ["CENTRAL" if central.startswith("CN-") else "CDSR"]
    return list(dict.fromkeys(databases + own))


def _urls(tags: Tags) -> list[str]:
    """Return addresses, each once; a field may hold several, even without a blank between them."""
    return list(dict.fromkeys(url for pair in tags.every("urls") for url in _addresses(pair[1])))


def _addresses(value: str) -> list[str]:
    """Cut a value where an address begins; one inside another's query is part of it.

    >>> _addresses("http://a.example/xhttps://b.example/?u=http://c.example; http://d.example")
    ['http://a.example/x', 'https://b.example/?u=http://c.example', 'http://d.example']
    """
    found = [one.start() for one in _ADDRESS.finditer(value)]
    starts = [at for at in found if at == 0 or value[at - 1] not in _WITHIN_ADDRESS]
    ends = [*starts[1:], len(value)]
    return [value[at:end].split(None, 1)[0].rstrip(";,") for at, end in zip(starts, ends, strict=False)]


def _add_citation(tags: Tags, item: Item) -> None:
    """Fill what only a citation in one field tells, where the record has no field for it."""
    pair = tags.first("source")
    if pair is None or (item.journal and item.volume and item.pages):
        return
    told = citations.parts(pair[1])
    told["pages"] = values.pages(told.get("pages", "")) or ""
    for name in ("journal", "volume", "issue", "pages"):
        if not getattr(item, name) and told.get(name):
            setattr(item, name, told[name])
            item.found[name] = {"tag": pair[0], "line": pair[2], "how": "from the citation"}
    item.year = item.year or values.year(told.get("year", ""))

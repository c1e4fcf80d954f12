"""Records as CSL-JSON, BibTeX and EndNote XML.

CSL-JSON carries everything: what it has no variable for stands under `custom`. EndNote XML carries everything: custom
fields 1 to 7 hold what EndNote has no field for, one value on each line. BibTeX carries everything in fields of any
name; lists are apart by semicolons, or each value on a line. None can hold control characters, which XML forbids.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from workbench.records.rules import own
from workbench.records.writers.record import Entry, Losses

_CSL_CUSTOM = (
    *("date", "kind", "embase_id", "cochrane_id", "registry_ids", "issn", "isbn", "keywords", "subject_headings"),
    *("languages", "publication_types", "databases", "urls"),
)
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_MEANT = {
    **{"\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}"},
    **{"^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_"},
}
_ESCAPED = str.maketrans(_MEANT)
_ADDRESS = str.maketrans({sign: _MEANT[sign] for sign in "\\{}"})
_LIGATURE = re.compile(r"-(?=-)|[`'](?=[`'])")
_BIBTEX = {field: name for name, field in own.BIBTEX.items() if name not in ("journal", "booktitle")}
_WITHIN_BOOK = ("chapter", "conference")


def csl_json(entries: Iterable[Entry], losses: Losses) -> Iterator[str]:
    """Write a list of CSL-JSON items, one on each line."""
    before = "[\n"
    for entry in entries:
        yield before + json.dumps(_csl(entry, losses), ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _csl(entry: Entry, losses: Losses) -> dict[str, Any]:
    """Return one item: what CSL knows, then what it does not, without what is unknown."""
    record, one, several = entry.record, losses.one, losses.several
    named = {name: getattr(record, field) for name, field in own.CSL.items() if field not in ("authors", "abstract")}
    item: dict[str, Any] = {
        "id": one(entry.id),
        "type": own.CSL_TYPES.get(record.kind or "", own.NO_CSL_TYPE),
        **{name: one(value) for name, value in named.items()},
        "author": [_csl_name(name) for name in several(record.authors)],
        "issued": _csl_date(one(record.date), record.year),
        "abstract": "\n".join(losses.lines(record.abstract)),
        "keyword": ", ".join(several(record.keywords)),
        "language": next(iter(several(record.languages)), ""),
        "ISSN": next(iter(several(record.issn)), ""),
        "ISBN": next(iter(several(record.isbn)), ""),
        "URL": next(iter(several(record.urls)), ""),
        "source": next(iter(several(record.databases)), ""),
        "genre": next(iter(several(record.publication_types)), ""),
    }
    custom = {name: _csl_custom(getattr(record, name), losses) for name in _CSL_CUSTOM}
    item["custom"] = {own.SOURCE: {"year": record.year, **custom, "id": one(entry.id)}}
    item["custom"][own.SOURCE] = {name: value for name, value in item["custom"][own.SOURCE].items() if value}
    return {name: value for name, value in item.items() if value}


def _csl_custom(value: str | Sequence[str] | None, losses: Losses) -> str | list[str]:
    return losses.one(value) if value is None or isinstance(value, str) else losses.several(value)


def _csl_name(name: str) -> dict[str, str]:
    family, comma, given = name.partition(", ")
    return {"family": family, "given": given} if comma else {"literal": name}


def _csl_date(date: str, year: int | None) -> dict[str, Any]:
    if found := _ISO_DATE.fullmatch(date):
        return {"date-parts": [[int(part) for part in found.groups() if part]]}
    return {"date-parts": [[year]]} if year else {"raw": date} if date else {}


def bibtex(entries: Iterable[Entry], losses: Losses) -> Iterator[str]:
    """Write BibTeX in UTF-8; a name without a comma is that of a group and stands in braces."""
    yield f"% {own.NAME}\n"
    for entry in entries:
        kind = own.BIBTEX_TYPES.get(entry.record.kind or "", own.NO_BIBTEX_TYPE)
        fields = "".join(f",\n  {name} = {{{value}}}" for name, value in _bibtex(entry, losses) if value)
        key = re.sub(r"[^A-Za-z0-9:._-]+", "-", losses.one(entry.id)) or "record"
        yield f"\n@{kind}{{{key}{fields}\n}}\n"


def _bibtex(entry: Entry, losses: Losses) -> Iterator[tuple[str, str]]:
    """Hand out the fields of one entry."""
    record = entry.record
    yield own.BIBTEX_MARK, _escaped(losses.one(entry.id))
    yield "author", " and ".join(_bibtex_name(name) for name in losses.several(record.authors))
    yield "title", _escaped(losses.one(record.title))
    yield "booktitle" if record.kind in _WITHIN_BOOK else "journal", _escaped(losses.one(record.journal))
    yield "pages", _escaped(losses.one(record.pages).replace("-", "–")).replace("–", "--")
    yield "abstract", _escaped("\n".join(losses.lines(record.abstract)))
    urls = losses.several(record.urls)
    yield "url", urls[0].translate(_ADDRESS) if urls else ""
    yield "urls", losses.joined(urls).translate(_ADDRESS) if len(urls) > 1 else ""
    for field, name in _BIBTEX.items():
        if name not in ("author", "title", "pages", "abstract", "url", "urls"):
            value = getattr(record, field)
            text = losses.joined(value) if field in own.LISTS else losses.one(value)
            yield name, text.translate(_ADDRESS) if field == "doi" else _escaped(text)


def _bibtex_name(name: str) -> str:
    is_group = ", " not in name or re.search(r"\band\b", name, re.IGNORECASE)
    return f"{{{_escaped(name)}}}" if is_group else _escaped(name)


def _escaped(text: str) -> str:
    """Return a text whose signs LaTeX takes for nothing but themselves."""
    return _LIGATURE.sub(lambda found: found[0] + "{}", text.translate(_ESCAPED))


def endnote_xml(entries: Iterable[Entry], losses: Losses) -> Iterator[str]:
    """Write EndNote XML, one reference on each line."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
    for number, entry in enumerate(entries, 1):
        yield f"<record>{''.join(_endnote(number, entry, losses))}</record>\n"
    yield "</records></xml>\n"


def _endnote(number: int, entry: Entry, losses: Losses) -> Iterator[str]:
    """Hand out the elements of one reference, in the order in which EndNote writes them."""
    record, one, several = entry.record, losses.one, losses.several
    name, code = own.ENDNOTE_TYPES.get(record.kind or "", own.NO_ENDNOTE_TYPE)
    yield f'<source-app name={quoteattr(own.NAME)} version="1">{own.NAME}</source-app>'
    yield f"<rec-number>{number}</rec-number><foreign-keys><key>{escape(one(entry.id))}</key></foreign-keys>"
    yield f"<ref-type name={quoteattr(name)}>{code}</ref-type>"
    yield _within("contributors", _within("authors", *(_element("author", who) for who in several(record.authors))))
    titles = {
        "title": one(record.title),
        "secondary-title": one(record.journal),
        "translated-title": one(record.original_title),
    }
    yield _within("titles", *(_element(tag, value) for tag, value in titles.items()))
    abbreviation = one(record.journal_abbreviation)
    yield _within("periodical", _element("full-title", one(record.journal)), _element("abbr-1", abbreviation))
    yield from (_element(tag, one(value)) for tag, value in (("pages", record.pages), ("volume", record.volume)))
    yield _element("number", one(record.issue))
    headings = several(record.subject_headings)
    yield _within("keywords", *(_element("keyword", term) for term in [*several(record.keywords), *headings]))
    date = _within("pub-dates", _element("date", one(record.date)))
    yield _within("dates", _element("year", one(record.year)), date)
    yield _element("isbn", "\n".join(several([*record.issn, *record.isbn])))
    yield _element("accession-num", one(record.pmid))
    yield from (_element(tag, "\n".join(several(getattr(record, field)))) for tag, field in own.ENDNOTE_LISTS.items())
    yield from (
        _element(tag, one(value))
        for tag, value in (("custom2", record.pmcid), ("custom3", record.embase_id), ("custom4", record.cochrane_id))
    )
    yield _element("electronic-resource-num", one(record.doi))
    yield _element("abstract", "\n".join(losses.lines(record.abstract)))
    yield _within("urls", _within("related-urls", *(_element("url", url) for url in several(record.urls))))


def _element(tag: str, value: str) -> str:
    return f"<{tag}>{escape(value)}</{tag}>" if value else ""


def _within(tag: str, *elements: str) -> str:
    inside = "".join(elements)
    return f"<{tag}>{inside}</{tag}>" if inside else ""

"""PRISMA-S, the 16 items of reporting a search, filled from the protocol and from what its runs brought.

An item is filled where nothing of it is missing. What the protocol is silent about is missing and named, never guessed:
"none" is said by an empty list or an empty group. Sources that are not there, such as registries, are a fact.

Source: Rethlefsen et al., PRISMA-S, Syst Rev 2021;10:39; the places in the protocol stand beside each item.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.reviews.rules import FIRST_COLUMN, Lane
from workbench.words import _, several, spaced

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brought:
    """What one documented run brought (R16); `hits` is None where not known, `elsewhere` came by a shared file."""

    run: str
    source: str
    name: str
    lane: Lane
    searched_on: str
    hits: int | None
    imported: int
    elsewhere: int
    rejected: int
    unexplained: int
    explained: int
    explanation: str
    files: int


@dataclass(frozen=True, slots=True)
class OfSource:
    """One source before deduplication, what the program and people removed of it, and what stands after."""

    name: str
    before: int
    automatic: int
    by_person: int
    after: int


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """How duplicates were removed: records compared, removed by the program and by people, pairs that wait.

    `engines` are the versions whose decisions stand, the one of the last search last; none: nobody searched yet.
    `by_one` and `by_several` count the pairs that one person answered, and those that two or more did.
    """

    engines: tuple[str, ...]
    strictness: str
    versions: str
    records: int
    automatic: int
    by_person: int
    waiting: int
    by_one: int = 0
    by_several: int = 0
    sources: Sequence[OfSource] = ()
    people: int = 1
    """How many people were asked about each pair that the program left to them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the house knows of the searches beside the protocol."""

    runs: Sequence[Brought]
    deduplicated: Deduplicated


@dataclass(frozen=True, slots=True)
class Missing:
    """What an item lacks, and what to do."""

    what: str
    remedy: str


Said = str | Missing


@dataclass(frozen=True, slots=True)
class Item:
    """One item of PRISMA-S: its number, section and name, what is reported, and what is missing."""

    number: int
    section: str
    name: str
    lines: tuple[str, ...]
    missing: tuple[Missing, ...]

    @property
    def is_filled(self) -> bool:
        """Whether something is reported and nothing is missing."""
        return bool(self.lines) and not self.missing


@dataclass(frozen=True, slots=True)
class Strategy:
    """One run's strategy as it was run, for the appendix; no lines where it is not recorded."""

    source: str
    platform: str
    run: str
    searched_on: str
    provenance: str
    lines: tuple[tuple[str, str, int | None, str], ...]


def prisma_s(document: Node, facts: Facts) -> list[Item]:
    """Fill the 16 items.

    Args:
        document: a protocol that holds.
        facts: what its runs brought and how duplicates were removed.
    """
    return [_item(number, section, name, list(fill(document, facts))) for number, section, name, fill in _ITEMS]


def strategies(document: Node) -> list[Strategy]:
    """The strategies of all runs, in the order of the protocol."""
    return [
        Strategy(
            source["name"],
            _platform(source),
            run["id"],
            run["searched_on"],
            run.get("provenance", ""),
            tuple(
                (str(line["n"]), line["query"], line.get("hits"), line.get("note", ""))
                for line in run.get("strategy") or ()
            ),
        )
        for source, run in _runs(document)
    ]


def _item(number: int, section: str, name: str, said: list[Said]) -> Item:
    lines = tuple(one for one in said if isinstance(one, str))
    return Item(number, _(section), _(name), lines, tuple(one for one in said if isinstance(one, Missing)))


def _sources(document: Node) -> list[Node]:
    return [source for step in document["steps"] for source in step["sources"]]


def _runs(document: Node) -> Iterator[tuple[Node, Node]]:
    return ((source, run) for source in _sources(document) for run in source.get("runs", ()))


def _in_lane(document: Node, *lanes: Lane) -> list[Node]:
    return [source for source in _sources(document) if source["prisma_lane"] in lanes]


def _platform(source: Node) -> str:
    return ", ".join(source[key] for key in ("platform", "vendor") if source.get(key))


def _named(source: Node) -> str:
    parts = [_platform(source), source.get("url", "")]
    return f"{source['name']} ({'; '.join(filter(None, parts))})" if any(parts) else str(source["name"])


def _unique(lines: Iterator[Said]) -> Iterator[Said]:
    """Each line once: a source that is searched in several steps is one source."""
    return iter(dict.fromkeys(lines))


def _databases(document: Node, _facts: Facts) -> Iterator[Said]:
    found = _in_lane(document, Lane.DATABASE)
    if not found:
        yield Missing(_("No database is among the sources."), _("Add each database as a source of a step."))
    yield from _unique(_named(source) for source in found)
    for name in dict.fromkeys(source["name"] for source in found if not source.get("platform")):
        yield Missing(
            _("The platform of %(name)s is not named.", name=name), _("Write “platform: …” beside the source.")
        )


def _together(document: Node, _facts: Facts) -> Iterator[Said]:
    together = [source for source in _sources(document) if source.get("multi_database")]
    for source in together:
        names = ", ".join(source["multi_database"])
        yield _("%(source)s: searched together were %(names)s.", source=_named(source), names=names)
    if not together:
        yield _("No databases were searched together: each source has its own runs.")


def _registries(document: Node, _facts: Facts) -> Iterator[Said]:
    found = _in_lane(document, Lane.REGISTER)
    yield from _unique(_named(source) for source in found)
    if not found:
        yield _("No study registry was searched.")


def _online(document: Node, _facts: Facts) -> Iterator[Said]:
    ways = {"browse": _("browsed"), "handsearch": _("searched by hand"), "query": _("searched"), "alert": _("alert")}
    found = _in_lane(document, Lane.WEBSITE, Lane.ORGANISATION)
    found += [one for one in _sources(document) if one.get("method") in {"browse", "handsearch"} and one not in found]
    for source in found:
        way = ways.get(source.get("method", ""))
        yield f"{_named(source)}: {way}" if way else _named(source)
        if not way:
            name = source["name"]
            yield Missing(
                _("How %(name)s was searched is not said.", name=name),
                _("Write “method: browse”, or query, handsearch."),
            )
        if not source.get("url"):
            yield Missing(_("The address of %(name)s is not given.", name=source["name"]), _("Write “url: …”."))
    if not found:
        yield _("No website or print source was browsed.")


def _citations(document: Node, _facts: Facts) -> Iterator[Said]:
    ways = {"citation_backward": _("cited references"), "citation_forward": _("citing reports")}
    found = [one for one in _sources(document) if one["prisma_lane"] == Lane.CITATION or one.get("method") in ways]
    for source in found:
        way = ways.get(source.get("method", ""))
        yield f"{_named(source)}: {way}" if way else _named(source)
        if not way:
            what = _("Whether %(name)s means cited references or citing reports is not said.", name=source["name"])
            yield Missing(what, _("Write “method: citation_backward” or “citation_forward”."))
    if not found:
        yield _("No cited references or citing reports were examined.")


def _contacts(document: Node, _facts: Facts) -> Iterator[Said]:
    found = [_named(source) for source in _sources(document) if source.get("method") == "contact"]
    yield from found
    if document.get("contacts") or not found:
        yield from _listed(document, "contacts", _("Nobody was contacted."), _("Whether anybody was contacted"))


def _listed(document: Node, key: str, none: str, what: str) -> Iterator[Said]:
    """A list of the protocol; an empty one says "none", a missing one says nothing."""
    if key not in document:
        remedy = _("List it under “%(key)s”; write “%(key)s: []” where there was none.", key=key)
        yield Missing(_("%(what)s is not said.", what=what), remedy)
    yield from document.get(key) or ([none] if key in document else [])


def _others(document: Node, _facts: Facts) -> Iterator[Said]:
    found = _in_lane(document, Lane.OTHER)
    yield from _unique(_named(source) for source in found)
    if not found:
        yield _("No other method was used.")


def _full_strategies(document: Node, facts: Facts) -> Iterator[Said]:
    known = {run["id"] for _source, run in _runs(document)}
    recorded = 0
    for source, run in _runs(document):
        if run.get("strategy"):
            recorded += 1
            yield from _as_run(source, run)
        elif source["prisma_lane"] in FIRST_COLUMN or source.get("method") == "query":
            what = _("The strategy of %(name)s, run %(run)s, is not recorded.", name=source["name"], run=run["id"])
            yield Missing(what, _("Copy it line by line, as it was run, under “strategy”."))
    if recorded:
        yield several(
            recorded,
            _("1 strategy is given in full in the appendix."),
            _("%(n)s strategies are given in full in the appendix."),
        )
    for one in facts.runs:
        if one.run not in known:
            what = _("Run %(run)s of %(name)s is not in the protocol.", run=one.run, name=one.name)
            yield Missing(what, _("Add it with its strategy, as an amendment."))


def _as_run(source: Node, run: Node) -> Iterator[Said]:
    if (provenance := run.get("provenance")) in {"planned", "reconstructed"}:
        words = {"planned": _("planned, not run"), "reconstructed": _("put together later, not copied as run")}
        what = _("The strategy of %(name)s, run %(run)s, is %(how)s.", name=source["name"], run=run["id"],
                 how=words[str(provenance)])  # fmt: skip
        yield Missing(what, _("Copy it as it was run, and write “provenance: verbatim”."))


def _limits(document: Node, _facts: Facts) -> Iterator[Said]:
    places = [(_("Whole review"), document.get("limits"))]
    places += [(_("Step “%(title)s”", title=step["title"]), step.get("limits")) for step in document["steps"]]
    places += [
        (_("%(name)s, run %(run)s", name=source["name"], run=run["id"]), run.get("limits"))
        for source, run in _runs(document)
    ]
    stated = [(where, limits) for where, limits in places if limits is not None]
    for where, limits in stated:
        words = "; ".join(_limit_words(limits))
        yield f"{where}: {words}" if words else _("%(where)s: no limits.", where=where)
        if words and not limits.get("justification"):
            what = _("%(where)s: the limits are not justified.", where=where)
            yield Missing(what, _("Write “justification: …” beside them."))
    if not stated:
        yield Missing(_("Whether there were limits is not said."), _("Write “limits: {}” where there were none."))


def _limit_words(limits: Node) -> Iterator[str]:
    if limits.get("from") or limits.get("to"):
        yield _("published %(first)s to %(last)s", first=limits.get("from", "…"), last=limits.get("to", "…"))
    if limits.get("languages"):
        yield _("languages: %(codes)s", codes=", ".join(limits["languages"]))
    yield from limits.get("publication_types", ())
    yield from limits.get("other", ())
    if justification := limits.get("justification"):
        yield _("because: %(why)s", why=justification)


def _filters(document: Node, _facts: Facts) -> Iterator[Said]:
    silent: dict[str, None] = {}
    for source in _in_lane(document, Lane.DATABASE, Lane.REGISTER):
        if "search_filters" not in source:
            silent[source["name"]] = None
        for one in source.get("search_filters", ()):
            yield _filter_words(source["name"], one)
            if not one.get("citation"):
                what = _("%(name)s: the source of the filter “%(filter)s” is not given.", name=source["name"],
                         filter=one["name"])  # fmt: skip
                yield Missing(what, _("Write “citation: …” beside it."))
    if silent:
        what = _("Whether a filter was used is not said for: %(names)s.", names=", ".join(silent))
        yield Missing(
            what, _("List it under “search_filters” of the source; write “search_filters: []” where none was used.")
        )
    elif not any(source.get("search_filters") for source in _sources(document)):
        yield _("No search filter was used.")


def _filter_words(name: str, one: Node) -> str:
    words = [one["name"], one.get("citation", "")]
    if "modified" in one:
        words.append(_("modified") if one["modified"] else _("not modified"))
    return f"{name}: {', '.join(filter(None, words))}"


def _prior(document: Node, _facts: Facts) -> Iterator[Said]:
    none = _("No strategy was taken over from earlier work.")
    yield from _listed(document, "prior_work", none, _("Whether strategies of earlier work were used"))


def _updates(document: Node, _facts: Facts) -> Iterator[Said]:
    later = [(source, run) for source, run in _runs(document) if run.get("kind") in {"update", "rerun"}]
    if text := document.get("updates"):
        yield text
    for source, run in later:
        yield _("%(name)s was searched again on %(day)s (run %(run)s).", name=source["name"], day=run["searched_on"],
                run=run["id"])  # fmt: skip
    if not text and not later:
        what = _("How the search was or will be kept up to date is not said.")
        yield Missing(what, _("Write “updates: …”, such as “rerun before publication” or “none planned”."))


def _dates(document: Node, facts: Facts) -> Iterator[Said]:
    days = {one.run: (one.name, one.searched_on) for one in facts.runs}
    days |= {run["id"]: (source["name"], run["searched_on"]) for source, run in _runs(document)}
    for run, (name, day) in days.items():
        yield f"{name}, {run}: {day}"
        if len(day) < len("2019-05-31"):
            what = _("The day of %(name)s, run %(run)s, is not given.", name=name, run=run)
            yield Missing(what, _("Write the whole date, such as “2019-05-31”."))
    for source in _sources(document):
        if source["id"] not in {one.source for one in facts.runs} and not source.get("runs"):
            what = _("%(name)s has no run, so no day.", name=source["name"])
            yield Missing(what, _("Document its run, or take the source out."))


def _review(document: Node, _facts: Facts) -> Iterator[Said]:
    review = document.get("peer_review", {})
    if "done" not in review:
        yield Missing(_("Whether the strategies were peer reviewed is not said."), _("Write it under “peer_review”."))
    elif not review["done"]:
        yield _("The strategies were not peer reviewed.")
    else:
        said = [review[key] for key in ("tool", "by", "date") if review.get(key)]
        yield _("The strategies were peer reviewed: %(how)s.", how=", ".join(said) or _("no particulars"))
        words = {"tool": _("with what tool"), "by": _("by whom"), "date": _("when")}
        for key in (key for key in words if not review.get(key)):
            what = _("The peer review does not say %(what)s.", what=words[key])
            yield Missing(what, _("Write “%(key)s: …” under “peer_review”.", key=key))


def _totals(_document: Node, facts: Facts) -> Iterator[Said]:
    for one in facts.runs:
        named = {"name": one.name, "run": one.run}
        yield _total(one)
        if one.hits is None:
            yield Missing(
                _("The hits of %(name)s, run %(run)s, are not recorded.", **named), _("Enter them under Searches.")
            )
        elif one.hits and not one.files:
            yield Missing(_("No file of %(name)s, run %(run)s, is imported.", **named), _("Import it under Searches."))
        elif one.unexplained:
            what = _(
                "A difference of %(n)s in %(name)s, run %(run)s, is not explained.", n=abs(one.unexplained), **named
            )
            yield Missing(what, _("Say under Searches where the difference comes from."))
    if facts.runs:
        total = sum(one.imported for one in facts.runs)
        yield several(total, _("All sources together: 1 record."), _("All sources together: %(n)s records."))
    else:
        yield Missing(_("No run is documented."), _("Document each run under Searches."))


def _total(one: Brought) -> str:
    hits = _("hits unknown") if one.hits is None else several(one.hits, _("1 hit"), _("%(n)s hits"))
    parts = [hits, several(one.imported, _("1 record imported"), _("%(n)s records imported"))]
    if one.elsewhere:
        parts.append(_("%(n)s imported with another run", n=one.elsewhere))
    if one.rejected:
        parts.append(_("%(n)s rejected", n=one.rejected))
    if one.explained:
        parts.append(_("a difference of %(n)s: %(why)s", n=one.explained, why=one.explanation))
    return f"{one.name}, {one.run}: {', '.join(parts)}"


def _duplicates(document: Node, facts: Facts) -> Iterator[Said]:
    own, found = document.get("deduplication", {}), facts.deduplicated
    named = ", ".join(own[key] for key in ("software", "version") if own.get(key))
    if named or own.get("method"):
        yield ". ".join(filter(None, (named, own.get("method"))))
    if not found.engines:
        yield Missing(
            _("Nobody has looked for duplicates yet."), _("Import a file: the search for duplicates follows.")
        )
        return
    yield _engine_words(found)
    yield (
        _("Versions of one work, such as updates of a Cochrane review, were kept apart and linked.")
        if found.versions == "apart"
        else _("Versions of one work, such as updates of a Cochrane review, were counted as one report.")
    )
    if own.get("scope") == "within_step":
        yield _("Records that different steps of the search brought were not compared with each other.")
    yield _(
        "Of %(records)s records %(automatic)s were removed as duplicates by the program and %(by_person)s by a person.",
        records=spaced(found.records),
        automatic=spaced(found.automatic),
        by_person=spaced(found.by_person),
    )
    yield from _by_people(found)
    if found.people > 1:
        yield _("Each pair left to people was answered by two of them, neither knowing what the other said.")
    yield from map(_of_source, found.sources)
    if found.waiting:
        what = several(found.waiting, _("1 pair waits for a person."), _("%(n)s pairs wait for a person."))
        yield Missing(what, _("Answer them under Duplicates."))


def _engine_words(found: Deduplicated) -> str:
    """Which versions of the program decided, and how boldly."""
    how = _(found.strictness)
    if len(found.engines) == 1:
        return _("Screening workbench, engine %(engine)s, strictness %(how)s.", engine=found.engines[0], how=how)
    engines = ", ".join(found.engines)
    return _("Screening workbench, engines %(engines)s, strictness %(how)s.", engines=engines, how=how)


def _by_people(found: Deduplicated) -> Iterator[str]:
    """Whether one person answered a doubtful pair, or several."""
    if found.by_one or found.by_several:
        yield _(
            "Of %(pairs)s doubtful pairs that people answered, %(one)s were answered by one person and %(several)s"
            " by two or more.",
            pairs=spaced(found.by_one + found.by_several),
            one=spaced(found.by_one),
            several=spaced(found.by_several),
        )


def _of_source(one: OfSource) -> str:
    return _(
        "%(name)s: %(before)s records before deduplication, %(after)s after (%(automatic)s removed by the program,"
        " %(by_person)s by a person).",
        name=one.name,
        before=spaced(one.before),
        after=spaced(one.after),
        automatic=spaced(one.automatic),
        by_person=spaced(one.by_person),
    )


Fill = Callable[[Node, Facts], Iterator[Said]]

SOURCES, STRATEGIES, REVIEW, RECORDS = (
    "Information sources and methods", "Search strategies", "Peer review", "Managing records",
)  # fmt: skip

_ITEMS: tuple[tuple[int, str, str, Fill], ...] = (
    (1, SOURCES, "Database name", _databases),
    (2, SOURCES, "Multi-database searching", _together),
    (3, SOURCES, "Study registries", _registries),
    (4, SOURCES, "Online resources and browsing", _online),
    (5, SOURCES, "Citation searching", _citations),
    (6, SOURCES, "Contacts", _contacts),
    (7, SOURCES, "Other methods", _others),
    (8, STRATEGIES, "Full search strategies", _full_strategies),
    (9, STRATEGIES, "Limits and restrictions", _limits),
    (10, STRATEGIES, "Search filters", _filters),
    (11, STRATEGIES, "Prior work", _prior),
    (12, STRATEGIES, "Updates", _updates),
    (13, STRATEGIES, "Dates of searches", _dates),
    (14, REVIEW, "Peer review", _review),
    (15, RECORDS, "Total records", _totals),
    (16, RECORDS, "Deduplication", _duplicates),
)
"""Number, section and name of every item as PRISMA-S has them, and what fills it."""

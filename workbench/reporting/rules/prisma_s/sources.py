"""Items 1 to 7 of PRISMA-S: information sources and methods."""

from collections.abc import Iterator

from workbench.reporting.rules.prisma_s.facts import Facts
from workbench.reporting.rules.prisma_s.said import Missing, Node, Said, in_lane, listed, named, sources_of, unique
from workbench.reviews.rules import Lane
from workbench.words import _


def databases(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 1: every database with its platform."""
    found = in_lane(document, Lane.DATABASE)
    if not found:
        yield Missing(_("No database is among the sources."), _("Add each database as a source of a step."))
    yield from unique(named(source) for source in found)
    for name in dict.fromkeys(source["name"] for source in found if not source.get("platform")):
        yield Missing(
            _("The platform of %(name)s is not named.", name=name), _("Write “platform: …” beside the source.")
        )


def together(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 2: databases that were searched together on one platform."""
    together = [source for source in sources_of(document) if source.get("multi_database")]
    for source in together:
        names = ", ".join(source["multi_database"])
        yield _("%(source)s: searched together were %(names)s.", source=named(source), names=names)
    if not together:
        yield _("No databases were searched together: each source has its own runs.")


def registries(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 3: study registries."""
    found = in_lane(document, Lane.REGISTER)
    yield from unique(named(source) for source in found)
    if not found:
        yield _("No study registry was searched.")


def online(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 4: websites and print sources, how they were searched, and where they are."""
    ways = {"browse": _("browsed"), "handsearch": _("searched by hand"), "query": _("searched"), "alert": _("alert")}
    found = in_lane(document, Lane.WEBSITE, Lane.ORGANISATION)
    found += [one for one in sources_of(document) if one.get("method") in {"browse", "handsearch"} and one not in found]
    for source in found:
        way = ways.get(source.get("method", ""))
        yield f"{named(source)}: {way}" if way else named(source)
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


def citations(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 5: cited references and citing reports."""
    ways = {"citation_backward": _("cited references"), "citation_forward": _("citing reports")}
    found = [one for one in sources_of(document) if one["prisma_lane"] == Lane.CITATION or one.get("method") in ways]
    for source in found:
        way = ways.get(source.get("method", ""))
        yield f"{named(source)}: {way}" if way else named(source)
        if not way:
            what = _("Whether %(name)s means cited references or citing reports is not said.", name=source["name"])
            yield Missing(what, _("Write “method: citation_backward” or “citation_forward”."))
    if not found:
        yield _("No cited references or citing reports were examined.")


def contacts(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 6: people and companies that were asked."""
    found = [named(source) for source in sources_of(document) if source.get("method") == "contact"]
    yield from found
    if document.get("contacts") or not found:
        yield from listed(document, "contacts", _("Nobody was contacted."), _("Whether anybody was contacted"))


def others(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 7: any other method."""
    found = in_lane(document, Lane.OTHER)
    yield from unique(named(source) for source in found)
    if not found:
        yield _("No other method was used.")

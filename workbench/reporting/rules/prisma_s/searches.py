"""Items 8 to 14 of PRISMA-S: search strategies and their peer review; and the strategies for the appendix."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.reporting.rules.prisma_s.facts import Facts
from workbench.reporting.rules.prisma_s.said import (
    Missing,
    Node,
    Said,
    in_lane,
    listed,
    platform_of,
    runs_of,
    sources_of,
)
from workbench.reviews.rules import FIRST_COLUMN, Lane
from workbench.words import _, several


@dataclass(frozen=True, slots=True)
class Strategy:
    """One run's strategy as it was run, for the appendix; no lines where it is not recorded."""

    source: str
    platform: str
    run: str
    searched_on: str
    provenance: str
    lines: tuple[tuple[str, str, int | None, str], ...]


def strategies(document: Node) -> list[Strategy]:
    """The strategies of all runs, in the order of the protocol."""
    return [
        Strategy(
            source["name"],
            platform_of(source),
            run["id"],
            run["searched_on"],
            run.get("provenance", ""),
            tuple(
                (str(line["n"]), line["query"], line.get("hits"), line.get("note", ""))
                for line in run.get("strategy") or ()
            ),
        )
        for source, run in runs_of(document)
    ]


def full_strategies(document: Node, facts: Facts) -> Iterator[Said]:
    """Item 8: the strategies in full, each as it was run."""
    known = {run["id"] for _source, run in runs_of(document)}
    recorded = 0
    for source, run in runs_of(document):
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


def limits(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 9: limits with their justification."""
    places = [(_("Whole review"), document.get("limits"))]
    places += [(_("Step “%(title)s”", title=step["title"]), step.get("limits")) for step in document["steps"]]
    places += [
        (_("%(name)s, run %(run)s", name=source["name"], run=run["id"]), run.get("limits"))
        for source, run in runs_of(document)
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


def filters(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 10: search filters with their source."""
    silent: dict[str, None] = {}
    for source in in_lane(document, Lane.DATABASE, Lane.REGISTER):
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
    elif not any(source.get("search_filters") for source in sources_of(document)):
        yield _("No search filter was used.")


def _filter_words(name: str, one: Node) -> str:
    words = [one["name"], one.get("citation", "")]
    if "modified" in one:
        words.append(_("modified") if one["modified"] else _("not modified"))
    return f"{name}: {', '.join(filter(None, words))}"


def prior(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 11: strategies taken over from earlier work."""
    none = _("No strategy was taken over from earlier work.")
    yield from listed(document, "prior_work", none, _("Whether strategies of earlier work were used"))


def updates(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 12: how the search was or will be kept up to date."""
    later = [(source, run) for source, run in runs_of(document) if run.get("kind") in {"update", "rerun"}]
    if text := document.get("updates"):
        yield text
    for source, run in later:
        yield _("%(name)s was searched again on %(day)s (run %(run)s).", name=source["name"], day=run["searched_on"],
                run=run["id"])  # fmt: skip
    if not text and not later:
        what = _("How the search was or will be kept up to date is not said.")
        yield Missing(what, _("Write “updates: …”, such as “rerun before publication” or “none planned”."))


def dates(document: Node, facts: Facts) -> Iterator[Said]:
    """Item 13: the day of each search."""
    days = {one.run: (one.name, one.searched_on) for one in facts.runs}
    days |= {run["id"]: (source["name"], run["searched_on"]) for source, run in runs_of(document)}
    for run, (name, day) in days.items():
        yield f"{name}, {run}: {day}"
        if len(day) < len("2019-05-31"):
            what = _("The day of %(name)s, run %(run)s, is not given.", name=name, run=run)
            yield Missing(what, _("Write the whole date, such as “2019-05-31”."))
    for source in sources_of(document):
        if source["id"] not in {one.source for one in facts.runs} and not source.get("runs"):
            what = _("%(name)s has no run, so no day.", name=source["name"])
            yield Missing(what, _("Document its run, or take the source out."))


def review(document: Node, _facts: Facts) -> Iterator[Said]:
    """Item 14: whether and how the strategies were peer reviewed."""
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

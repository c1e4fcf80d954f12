"""Items 15 and 16 of PRISMA-S: total records and deduplication."""

from collections.abc import Iterator

from workbench.reporting.rules.prisma_s.facts import Brought, Deduplicated, Facts, OfSource
from workbench.reporting.rules.prisma_s.said import Missing, Node, Said
from workbench.words import _, several, spaced


def totals(_document: Node, facts: Facts) -> Iterator[Said]:
    """Item 15: how many records each source brought."""
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


def duplicates(document: Node, facts: Facts) -> Iterator[Said]:
    """Item 16: how duplicates were removed."""
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

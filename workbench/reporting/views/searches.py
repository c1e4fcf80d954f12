"""What the searches found: known studies, yield and overlap of sources, what is new, PRISMA-S, search histories."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup

from workbench.deduplication import queries as deduplication
from workbench.errors import NotFound
from workbench.protocols import queries as protocols
from workbench.protocols.models import ProtocolVersion
from workbench.records.queries import canonical, live
from workbench.records.views import written
from workbench.records.writers import WRITERS, Entry, as_csv
from workbench.reporting.pictures import draw_overlap, is_possible, pdf, png
from workbench.reporting.queries.known_items import known_items
from workbench.reporting.queries.news import news, news_of
from workbench.reporting.queries.searched import checklist, histories
from workbench.reporting.queries.yields import SourceName, Yields, shared_reports, yields
from workbench.reporting.rules import strategies
from workbench.reporting.writers import as_zip, history_json, history_name, prisma_s_markdown
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.queries.lists import records_by_id
from workbench.web.paging import page_of
from workbench.web.transactions import current_session
from workbench.words import _

bp = Blueprint("searched", __name__)

AT_ONCE = 500
"""Records that are fetched together to be written."""


class NoSuchOverlap(NotFound):
    """Reports are listed of one source, or of some that share them."""

    hint = "Open the list from the page Yield and overlap."


@bp.get("/reviews/<slug>/searches/known-items")
@door(Deed.LOOK)
def known(slug: str) -> str:
    """Show which of the known studies the searches found, and which not."""
    session, review_id = current_session(), asking_member().review_id
    items = known_items(session, review_id, live.line_finds(session, review_id))
    runs = {run.id: run for run in protocols.runs(session, review_id)}
    return render_template("reporting/known_items.html", items=items, runs=runs)


@bp.get("/reviews/<slug>/searches/overlap")
@door(Deed.LOOK)
def overlap(slug: str) -> str:
    """Show what each source and run brought, alone and together with others."""
    found = _yields()
    return render_template(
        "reporting/overlap.html",
        found=found, address_of=address_of, addresses=lambda some: [address_of(one) for one in some],
        picture=Markup(_picture(found, links=True)),  # noqa: S704  # our template escapes
        by_source=deduplication.by_source(current_session(), asking_member().review_id),
        kinds=[kind for kind in PICTURES if is_possible(kind)],
    )  # fmt: skip


@bp.get('/reviews/<slug>/searches/overlap.<any("svg", "png", "pdf"):kind>')
@door(Deed.LOOK)
def overlap_picture(slug: str, kind: str) -> Response:
    """Give the picture of the overlap as a file."""
    mimetype, write = PICTURES[kind]
    return _attached(write(_picture(_yields(), links=False)), mimetype, f"{slug}-overlap.{kind}")


def _picture(found: Yields, *, links: bool) -> str:
    """Draw how the sources overlap; with links, each bar leads to its reports (R18)."""
    names = [one.source for one in found.sources]
    place, slug = {name: at for at, name in enumerate(names)}, asking_member().review.slug

    def of_source(at: int) -> str:
        return url_for(".shared", slug=slug, source=address_of(names[at])) if links else ""

    def of_set(some: Sequence[int]) -> str:
        alone = {"source": [address_of(names[at]) for at in some], "alone": "yes"}
        return url_for(".shared", slug=slug, **alone) if links else ""  # type: ignore[arg-type]

    return draw_overlap(
        [name.name for name in names],
        [one.reports for one in found.sources],
        [([place[name] for name in some], n) for some, n in found.sets],
        source_link=of_source,
        set_link=of_set,
        standalone=not links,
    )


PICTURES: Mapping[str, tuple[str, Callable[[str], str | bytes]]] = {
    "svg": ("image/svg+xml", str),
    "png": ("image/png", png),
    "pdf": ("application/pdf", lambda svg: pdf(svg, _("Overlap of sources"))),
}


@bp.get("/reviews/<slug>/searches/overlap.csv")
@door(Deed.LOOK)
def overlap_file(slug: str) -> Response:
    """Give yield and overlap of the sources as a table."""
    found = _yields()
    names = [one.source for one in found.sources]
    header = ["source", "lane", "records", "reports", "unique", "only_included", *(name.name for name in names)]
    rows = (
        [one.source.name, one.source.lane.value, one.records, one.reports, one.unique, one.only_included]
        + [found.between.shared(one.source, name) for name in names]
        for one in found.sources
    )
    return _attached(as_csv(header, rows), "text/csv", f"{slug}-overlap.csv")


@bp.get("/reviews/<slug>/searches/overlap/reports")
@door(Deed.LOOK)
def shared(slug: str) -> str:
    """List the reports that a source brought, that it alone brought, or that two sources share."""
    sources, alone = _named_sources(_yields())
    ids = shared_reports(current_session(), asking_member().review_id, sources, alone=alone)
    page = page_of(len(ids))
    asked: dict[str, Any] = {"source": request.args.getlist("source"), "alone": "yes" if alone else None}
    return render_template(
        "reporting/shared_reports.html",
        sources=sources,
        alone=alone,
        total=len(ids),
        page=page,
        records=records_by_id(current_session(), ids[page.first : page.end]),
        address=lambda number: url_for(".shared", slug=slug, page=number, **asked),
        writers=WRITERS,
        file_address=lambda writer: url_for(".shared_file", slug=slug, writer=writer, **asked),
    )


@bp.get("/reviews/<slug>/searches/overlap/reports.<writer>")
@door(Deed.LOOK)
def shared_file(slug: str, writer: str) -> Response:
    """Give these reports as a file, each by its kept record."""
    sources, alone = _named_sources(_yields())
    ids = shared_reports(current_session(), asking_member().review_id, sources, alone=alone)
    return written(writer, _entries(ids), f"{slug}-{'alone' if alone else 'reports'}")


@bp.get("/reviews/<slug>/searches/updates")
@door(Deed.LOOK)
def updates(slug: str) -> str:
    """Show every run over time, source by source, with what was new in it."""
    session, review_id = current_session(), asking_member().review_id
    log = news(session, review_id)
    return render_template(
        "reporting/updates.html",
        sources=[list(some) for _source, some in groupby(log, key=lambda one: one.run.source)],
        later=[one for one in log if one.is_later],
        **_not_compared(review_id),
    )


@bp.get("/reviews/<slug>/searches/<int:run_id>/new")
@door(Deed.LOOK)
def new(slug: str, run_id: int) -> str:
    """List the reports that a run brought and that were not there before."""
    one = news_of(current_session(), asking_member().review_id, run_id)
    page = page_of(len(one.new))
    return render_template(
        "reporting/new_records.html",
        one=one,
        page=page,
        records=records_by_id(current_session(), sorted(one.new)[page.first : page.end]),
        address=lambda number: url_for(".new", slug=slug, run_id=run_id, page=number),
        writers=WRITERS,
        file_address=lambda writer: url_for(".new_file", slug=slug, run_id=run_id, writer=writer),
        **_not_compared(asking_member().review_id),
    )


@bp.get("/reviews/<slug>/searches/<int:run_id>/new.<writer>")
@door(Deed.LOOK)
def new_file(slug: str, run_id: int, writer: str) -> Response:
    """Give the new reports of a run as a file."""
    one = news_of(current_session(), asking_member().review_id, run_id)
    return written(writer, _entries(sorted(one.new)), f"{slug}-{one.run.code}-new")


@bp.get("/reviews/<slug>/searches/prisma-s")
@door(Deed.REPORT)
def prisma_s(slug: str) -> str:
    """Show the 16 items of PRISMA-S with what is missing, and all strategies."""
    version, items = _checklist()
    return render_template(
        "reporting/prisma_s.html",
        version=version,
        sections=[(name, list(some)) for name, some in groupby(items, key=lambda item: item.section)],
        filled=sum(item.is_filled for item in items),
        unfilled=[item for item in items if not item.is_filled],
        strategies=strategies(version.document),
    )


@bp.get("/reviews/<slug>/searches/prisma-s.md")
@door(Deed.REPORT)
def prisma_s_file(slug: str) -> Response:
    """Give the PRISMA-S report as Markdown."""
    version, items = _checklist()
    stand = _("Protocol version %(n)s, in force since %(day)s.", n=version.number,
              day=version.registered_at.date().isoformat())  # fmt: skip
    text = prisma_s_markdown(asking_member().review.title, stand, items, strategies(version.document))
    return _attached(text, "text/markdown; charset=utf-8", f"{slug}-prisma-s.md")


@bp.get("/reviews/<slug>/searches/<int:run_id>/search-history.json")
@door(Deed.LOOK)
def history_file(slug: str, run_id: int) -> Response:
    """Give the search history of one run."""
    session, review_id = current_session(), asking_member().review_id
    protocols.run_of(session, review_id, run_id)
    history = dict(histories(session, review_id))[run_id]
    return _attached(history_json(history), "application/json", history_name(history))


@bp.get("/reviews/<slug>/searches/search-histories.zip")
@door(Deed.LOOK)
def histories_file(slug: str) -> Response:
    """Give the search histories of all runs in one archive."""
    every = (history for _run, history in histories(current_session(), asking_member().review_id))
    return _attached(as_zip(every), "application/zip", f"{slug}-search-histories.zip")


def _yields() -> Yields:
    return yields(current_session(), asking_member().review_id)


def _checklist() -> tuple[ProtocolVersion, Sequence[Any]]:
    session, review_id = current_session(), asking_member().review_id
    version = protocols.version_in_force(session, review_id)
    return version, checklist(session, review_id, version)


def _not_compared(review_id: int) -> dict[str, int]:
    """How many records the engine has not seen yet, and how many pairs wait: both may turn new reports into known."""
    session = current_session()
    last = deduplication.last_run(session, review_id)
    return {
        "not_compared": deduplication.newer_records(session, review_id, last),
        "waiting": len(deduplication.waiting_pairs(session, review_id)),
    }


def _entries(record_ids: Sequence[int]) -> Iterator[Entry]:
    """Each of these records in canonical form, to be written."""
    for start in range(0, len(record_ids), AT_ONCE):
        for record_id, item in canonical(current_session(), record_ids[start : start + AT_ONCE]):
            yield Entry(str(record_id), item)


def _named_sources(found: Yields) -> tuple[list[SourceName], bool]:
    """The sources that the address names, each by its lane and name, and whether reports of no other are asked for.

    Raises:
        NoSuchOverlap: it names none, or one that brought nothing.
    """
    known = {address_of(one.source): one.source for one in found.sources}
    asked = request.args.getlist("source")
    if not asked or any(name not in known for name in asked):
        raise NoSuchOverlap(_("No such sources brought records."))
    return [known[name] for name in dict.fromkeys(asked)], bool(request.args.get("alone"))


def address_of(source: SourceName) -> str:
    """A source as an address names it."""
    return f"{source.lane.value}:{source.name}"


def _attached(body: str | bytes, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, content_type=mimetype, headers=headers)

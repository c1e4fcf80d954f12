"""The flow diagram: on the page with every box leading to its records, and as files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, render_template, request, url_for
from markupsafe import Markup

from workbench.deduplication.queries import merged
from workbench.errors import NotFound
from workbench.protocols import queries as protocols
from workbench.records.queries import canonical
from workbench.records.views import written
from workbench.records.writers import WRITERS
from workbench.records.writers import Entry as Told
from workbench.reporting import queries
from workbench.reporting.pictures import draw, is_possible, pdf, png
from workbench.reporting.queries import Behind, Counted, Scope
from workbench.reporting.queries.entries import AT_ONCE, BOXES
from workbench.reporting.rules import LISTS, Template, equations, is_draft, unknown_keys
from workbench.reporting.views.wording import name_of, open_numbers, sum_in_words
from workbench.reporting.writers import as_csv, as_json
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.paging import page_of
from workbench.web.transactions import current_session
from workbench.words import _


class NoSuchFormat(NotFound):
    """The diagram comes as SVG, PNG, PDF, JSON and CSV."""


@dataclass(frozen=True)
class Choice:
    """One diagram the reader may choose: the whole review, one question, one step."""

    name: str
    url: str
    is_shown: bool


@door(Deed.REPORT)
def prisma(slug: str) -> str:
    """Show the diagram, what is open in it, and whether its sums hold."""
    found = _asked()
    checks = equations(found.flow)
    return render_template(
        "reporting/prisma.html",
        flow=found.flow, draft=is_draft(found.flow, checks), unknown=unknown_keys(found.flow),
        sums=[sum_in_words(one) for one in checks],
        diagram=Markup(draw(found.flow, _template(found), _links(found))),  # noqa: S704  # our template escapes
        open_numbers=open_numbers(found, _address_of(found.scope)), choices=_choices(found.scope),
        files=[(kind, _files_url(found.scope, kind)) for kind in FILES if is_possible(kind)],
        missing=[kind for kind in FILES if not is_possible(kind)], name_of=name_of, scope=found.scope,
    )  # fmt: skip


@door(Deed.REPORT)
def prisma_file(slug: str, kind: str) -> Response:
    """Give the diagram or its counts as a file."""
    if kind not in FILES:
        raise NoSuchFormat(_("The diagram does not come as “%(kind)s”.", kind=kind))
    mimetype, write = FILES[kind]
    found = _asked()
    name = "-".join(part for part in (slug, "prisma", found.scope.question, found.scope.step) if part)
    return _attached(write(found), mimetype, f"{name}.{kind}")


@door(Deed.REPORT)
def box(slug: str, key: str) -> str:
    """Show the records behind one number of the diagram, each with why it stands there."""
    text = request.args.get("q", "")
    scope, behind = _behind(key, text)
    page = page_of(len(behind))
    entries = list(queries.describe(current_session(), asking_member().review_id, behind[page.first : page.end]))
    return render_template(
        "reporting/box.html", key=key, name=name_of(key), text=text, total=len(behind), page=page, entries=entries,
        scope=scope, address=_pages(scope, key, text), back=_url("reporting.prisma", scope),
        writers=WRITERS,
        file_address=lambda writer: _url("reporting.box_file", scope, key=key, writer=writer, q=text or None),
    )  # fmt: skip


@door(Deed.REPORT)
def box_file(slug: str, key: str, writer: str) -> Response:
    """Give the records behind one number as a file; a table also says why each stands there."""
    _scope, behind = _behind(key, request.args.get("q", ""))
    name = "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in key)
    return written(writer, _told(behind), f"{slug}-{name}")


def _told(behind: list[Behind]) -> Iterator[Told]:
    """Each record in canonical form, beside it what the list says of it; a list of reports tells each as all its
    records tell it together.
    """
    session, review_id = current_session(), asking_member().review_id
    of_reports = all(one.place.leads for one in behind)
    for start in range(0, len(behind), AT_ONCE):
        some = behind[start : start + AT_ONCE]
        items = dict(canonical(session, [one.record_id for one in some]))
        told = merged.told_by_others(session, items if of_reports else ())
        for one in queries.describe(session, review_id, some):
            beside = {
                "report_id": str(one.report_id),
                "found_in": one.run.source_name,
                "run": one.run.code,
                "why": one.why,
                "fields_of_other_records": told[one.record.id].listed if one.record.id in told else "",
            }
            values = told[one.record.id].values if one.record.id in told else {}
            yield Told(str(one.record.id), replace(items[one.record.id], **values), beside)


def _asked() -> Counted:
    """The counts of the diagram that the address asks for."""
    return queries.counted(current_session(), asking_member().review_id, _scope())


def _scope() -> Scope:
    args = request.args
    return queries.scope_of(
        current_session(), asking_member().review_id, args.get("question") or None, args.get("step") or None
    )


def _behind(key: str, text: str) -> tuple[Scope, list[Behind]]:
    scope = _scope()
    return scope, queries.box(current_session(), asking_member().review_id, key, scope, text)


def _template(found: Counted) -> Template:
    """The lane of other methods is drawn once any of them was searched, whatever it brought."""
    return Template.NEW_OTHER if found.scope.has_other_methods else found.flow.template


def _links(found: Counted) -> dict[str, str]:
    """The address of the records behind every number of the diagram (R18)."""
    address = _address_of(found.scope)
    keys = [*BOXES, *(f"{key}:{name}" for key in LISTS for name in found.flow.listed(key))]
    return {key: address(key) for key in [*keys, "duplicates_waiting", "new_studies"]}


def _address_of(scope: Scope) -> Callable[[str], str]:
    """Where a number leads: to its records, to its studies, or to the pairs that wait for a person."""
    slug = asking_member().review.slug

    def address(key: str) -> str:
        if key == "duplicates_waiting":
            return url_for("deduplication.pairs", slug=slug)
        if key == "new_studies" and scope.step is None:
            return url_for("studies.index", slug=slug, state="included", question=scope.question)
        return _url("reporting.box", scope, key="new_reports" if key == "new_studies" else key)

    return address


def _url(endpoint: str, scope: Scope, **values: Any) -> str:
    slug = asking_member().review.slug
    return url_for(endpoint, slug=slug, question=scope.question, step=scope.step, **values)


def _files_url(scope: Scope, kind: str) -> str:
    return _url("reporting.prisma_file", scope, kind=kind)


def _pages(scope: Scope, key: str, text: str) -> Callable[[int], str]:
    return lambda number: _url("reporting.box", scope, key=key, q=text or None, page=number)


def _choices(scope: Scope) -> Mapping[str, list[Choice]]:
    """The diagrams to choose from: of the whole, of each question, of each step."""
    session, member = current_session(), asking_member()
    plan = protocols.plan_in_force(session, member.review_id)
    codes = [one.code for one in reviews.questions(session, member.review_id)]
    steps = {one.id: one.title for one in plan.steps}

    def at(question: str | None = None, step: str | None = None) -> str:
        return url_for("reporting.prisma", slug=member.review.slug, question=question, step=step)

    return {
        _("Review"): [Choice(_("The whole review"), at(), scope.is_whole)],
        _("By question"): [Choice(code, at(question=code), scope.question == code) for code in codes],
        _("By search step"): [Choice(name, at(step=code), scope.step == code) for code, name in steps.items()],
    }


def _attached(body: str | bytes, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, mimetype=mimetype, headers=headers)


def _svg(found: Counted) -> str:
    return draw(found.flow, _template(found), standalone=True)


def _counts_json(found: Counted) -> str:
    return as_json(found.flow)


FILES: Mapping[str, tuple[str, Callable[[Counted], str | bytes]]] = {
    "svg": ("image/svg+xml", _svg),
    "png": ("image/png", lambda found: png(_svg(found))),
    "pdf": ("application/pdf", lambda found: pdf(_svg(found))),
    "json": ("application/json", _counts_json),
    "csv": ("text/csv", lambda found: as_csv(found.flow)),
}

"""The editor: a protocol written section by section, kept as it is typed, put in force by one deed.

Every page stands under two addresses: in a review, behind its door, where the draft is the team's; and, before a review
has begun, for the draft's author alone. All of it works by sending forms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as Answer

from workbench.accounts.models import User
from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols import queries, service, writers
from workbench.protocols.formats import path_of, read_yaml
from workbench.protocols.models import ProtocolDraft, ProtocolVersion
from workbench.protocols.rules import (
    InvalidProtocol,
    NoSuchPlace,
    Problem,
    Section,
    act_on,
    check_document,
    differences,
    embase_query,
    form_of,
    named,
    pasted_sources,
    put,
    read_form,
    section,
    sections,
    source_section,
    strategy_lines,
    value_at,
)
from workbench.protocols.rules.labels import label
from workbench.protocols.views.blueprint import bp
from workbench.protocols.views.pages import refusal, upload, yaml_file
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, may
from workbench.web.access import signed_in
from workbench.web.transactions import current_session, transaction
from workbench.words import _

LARGEST_EXPORT = 1_000_000
"""Bytes read of an export whose first row is looked at."""

Reply = Answer | Response | str | tuple[str, int]


class NotAProtocol(Invalid):
    """A file can be opened in the editor where it is YAML with keys and values; what does not hold is mended there."""


class NoQuery(Invalid):
    """The search stands in the first row of a table that Embase.com exported."""

    hint = "Export from Embase.com as CSV with the search in it, or paste the strategy as text."


@dataclass(frozen=True)
class Desk:
    """Where a draft is written: in a review (`member`), or before one has begun."""

    draft: ProtocolDraft
    member: Member | None

    @property
    def user_id(self) -> int:
        """Who writes."""
        found: int = current_user.id
        return found

    @property
    def may_put_in_force(self) -> bool:
        """Whether the draft can become a version by this person's deed."""
        return self.member is None or may(self.member.roles, Deed.AMEND_PROTOCOL)

    def address(self, page: str, **values: Any) -> str:
        """The address of a page of the editor."""
        if self.member is None:
            return url_for(f"protocols.new_{page}", draft_id=self.draft.id, **values)
        return url_for(f"protocols.draft_{page}", slug=self.member.review.slug, **values)

    def address_of(self, of: Section, **values: Any) -> str:
        """The address of the page of one section, or of one source."""
        if of.code == "source":
            return self.address("source", step=of.path[1], source=of.path[3], **values)
        return self.address("section", code=of.code, **values)


View = Callable[..., Reply]


def _both(rule: str, *methods: str) -> Callable[[View], View]:
    """Put a page of the editor under its two addresses, each behind its door."""

    def register(view: View) -> View:
        @wraps(view)
        def in_review(slug: str, **values: Any) -> Reply:
            return view(_team_desk(), **values)

        @wraps(view)
        def before(draft_id: int, **values: Any) -> Reply:
            return view(_own_desk(draft_id), **values)

        name, allowed = view.__name__.removesuffix("_page"), list(methods) or ["GET"]
        guarded = door(Deed.DRAFT_PROTOCOL)(in_review)
        bp.add_url_rule(f"/reviews/<slug>/protocol/draft{rule}", f"draft_{name}", guarded, methods=allowed)
        bp.add_url_rule(f"/reviews/new/drafts/<int:draft_id>{rule}", f"new_{name}", signed_in(before), methods=allowed)
        return view

    return register


def _writes() -> bool:
    return request.method == "POST"


def _team_desk() -> Desk:
    member = asking_member()
    return Desk(queries.draft_of(current_session(), member.review_id, to_write=_writes()), member)


def _own_desk(draft_id: int) -> Desk:
    return Desk(queries.own_draft(current_session(), current_user.id, draft_id, to_write=_writes()), None)


@bp.post("/reviews/<slug>/protocol/draft/begin")
@door(Deed.DRAFT_PROTOCOL)
def draft_begin(slug: str) -> Answer:
    """Begin a draft of the next version, or go on with the one that is open."""
    with transaction() as session:
        service.begin_draft(session, asking_member())
    return redirect(url_for(".draft_overview", slug=slug), 303)


@bp.post("/reviews/<slug>/protocol/draft/take-up")
@door(Deed.DRAFT_PROTOCOL)
def draft_take_up(slug: str) -> Answer:
    """Go on with the draft that was laid aside last."""
    with transaction() as session:
        service.take_up(session, asking_member())
    return redirect(url_for(".draft_overview", slug=slug), 303)


@bp.post("/reviews/new/drafts")
@signed_in
def new_begin() -> Answer:
    """Begin a draft for a review to come: from nothing, from the set-up of a review one is in, or from a file."""
    with transaction() as session:
        document, source = _start(request.form.get("from", ""))
        draft = service.begin_new(session, current_user._get_current_object(), document, source)
    return redirect(url_for(".new_overview", draft_id=draft.id), 303)


def _start(begin_from: str) -> tuple[Mapping[str, Any] | None, str | None]:
    if begin_from == "file":
        return _from_file()
    if not begin_from:
        return None, None
    session = current_session()
    return service.copy_of(session, reviews.member_of(session, begin_from, current_user.id)), None


def _from_file() -> tuple[Mapping[str, Any], str]:
    data, name = upload()
    written = read_yaml(data)
    if written.problems or not isinstance(written.document, dict):
        told = str(written.problems[0]) if written.problems else _("it holds no keys")
        raise NotAProtocol(_("“%(name)s” cannot be opened: %(why)s", name=name, why=told), _("Mend the file first."))
    return written.document, data.decode("utf-8-sig")


@_both("")
def overview(desk: Desk) -> Reply:
    """Show the draft as a whole: its sections, what does not hold yet, and what it would change."""
    return _overview(desk, None)


@_both("/<code>", "GET", "POST")
def section_page(desk: Desk, code: str) -> Reply:
    """Show one section, or keep what was typed in it."""
    return _page_of(desk, section(code))


@_both("/sources/<int:step>/<int:source>", "GET", "POST")
def source(desk: Desk, step: int, source: int) -> Reply:
    """Show one source with its runs, or keep what was typed there."""
    return _page_of(desk, source_section(desk.draft.document, step, source))


@_both("/protocol.yaml")
def file(desk: Desk) -> Reply:
    """Give the draft as a file."""
    name = f"{desk.member.review.slug if desk.member else 'new-review'}-draft.yaml"
    return yaml_file(writers.as_yaml(desk.draft.document, desk.draft.source), name)


@_both("/in-force", "GET", "POST")
def in_force(desk: Desk) -> Reply:
    """Show what the draft changes and ask why, or put it in force."""
    if not _writes():
        return _in_force_page(desk, None)
    try:
        with transaction() as session:
            return _put_in_force(session, desk)
    except (Invalid, Clash) as error:
        return _in_force_page(desk, error), 409 if isinstance(error, Clash) else 422


@_both("/undo", "POST")
def undo(desk: Desk) -> Reply:
    """Put back what stood there before the last change."""
    with transaction() as session:
        service.put_back(session, desk.user_id, desk.draft)
    flash(_("The last change is undone. Undo once more, and it is there again."))
    return redirect(request.form["back"] if _is_ours(request.form.get("back")) else desk.address("overview"), 303)


@_both("/lay-aside", "POST")
def lay_aside(desk: Desk) -> Reply:
    """Stop writing the draft."""
    with transaction() as session:
        service.lay_aside(session, desk.user_id, desk.draft)
    if desk.member is None:
        flash(_("The draft is laid aside."))
        return redirect(url_for(".begin"), 303)
    flash(_("The draft is laid aside. The protocol in force stays as it was."))
    return redirect(url_for(".protocol", slug=desk.member.review.slug), 303)


@_both("/catch-up", "POST")
def catch_up(desk: Desk) -> Reply:
    """Base the draft on the version in force."""
    with transaction() as session:
        both = service.bring_up_to_date(session, desk.user_id, desk.draft) if desk.member else []
    if both:
        flash(_("The draft is up to date. Look at what both changed: %(parts)s.", parts=", ".join(map(_named, both))))
    else:
        flash(_("The draft is up to date."))
    return redirect(desk.address("in_force"), 303)


def _named(key: str) -> str:
    return label((key,))


def _is_ours(address: str | None) -> bool:
    return bool(address) and str(address).startswith("/reviews/") and "//" not in str(address)


def _put_in_force(session: Any, desk: Desk) -> Answer:
    if desk.member is None:
        slug = service.begin_from_draft(session, current_user._get_current_object(), desk.draft).review.slug
        flash(_("The review has begun. Its protocol is in force as version 1."))
    else:
        slug = desk.member.review.slug
        version = service.put_in_force(session, desk.member, desk.draft, request.form.get("reason", ""))
        told = _("Version %(n)s of the protocol is in force.", n=version.number) if version else _("The hits are kept.")
        flash(told)
    return redirect(url_for(".protocol", slug=slug), 303)


def _page_of(desk: Desk, of: Section) -> Reply:
    if not _writes():
        return _section_page(desk, of, desk.draft.document, service.fingerprint(desk.draft, of))
    typed = put(desk.draft.document, of.path, _typed(desk, of))
    act, _colon, place = request.form.get("act", "save").partition(":")
    try:
        with transaction() as session:
            document = _acted(named(typed), act, place)
            anyway = act == "anyway"
            seen = request.form.get("seen", "")
            value = value_at(document, of.path)
            service.save(session, desk.user_id, desk.draft, of, value, seen, anyway=anyway)
    except (Invalid, Clash) as error:
        page = _section_page(desk, of, typed, request.form.get("seen", ""), error)
        return page, 409 if isinstance(error, Clash) else 422
    return redirect(_onward(desk, of, document, act, place), 303)


def _typed(desk: Desk, of: Section) -> Any:
    form = request.form.to_dict(flat=False)
    return read_form(form, desk.draft.document, of.path, of.only, of.hidden)


def _acted(document: dict[str, Any], act: str, place: str) -> dict[str, Any]:
    """The document after the button that was pressed."""
    if act in {"add", "remove", "up", "down"}:
        return act_on(document, act, place)
    if act in {"paste", "embase"}:
        return _with_strategy(document, place, act)
    if act == "sources":
        return _with_sources(document, place)
    return document


def _with_strategy(document: dict[str, Any], place: str, act: str) -> dict[str, Any]:
    path = _place(document, place, "runs")
    run = value_at(document, path)
    lines = run.get("strategy") or []
    if act == "embase":
        file = request.files.get(f"{place}.embase")
        text = embase_query(file.read(LARGEST_EXPORT)) if file else None
        if text is None:
            raise NoQuery(_("This file does not begin with its search."))
        text = " ".join(text.split())
    else:
        text = request.form.get(f"{place}.paste", "")
    return named(put(document, path, {**run, "strategy": [*lines, *strategy_lines(text, lines)]}))


def _with_sources(document: dict[str, Any], place: str) -> dict[str, Any]:
    path = _place(document, place, "steps")
    step = value_at(document, path)
    pasted = pasted_sources(request.form.get(f"{place}.paste", ""))
    return named(put(document, path, {**step, "sources": [*step.get("sources", []), *pasted]}))


def _place(document: dict[str, Any], place: str, among: str) -> Any:
    path = path_of(place)
    if len(path) < 2 or path[-2] != among or not isinstance(value_at(document, path), dict):
        raise NoSuchPlace(_("There is no such row in this draft."))
    return path


def _onward(desk: Desk, of: Section, document: dict[str, Any], act: str, place: str) -> str:
    """Where one goes on after a save: to the row one worked on, to the next section, or where one was."""
    if act == "add":
        rows = value_at(document, path_of(place)) or []
        if place.endswith(".sources"):
            return desk.address("source", step=path_of(place)[1], source=len(rows) - 1)
        return desk.address_of(of, _anchor=f"{place}[{len(rows) - 1}]")
    if act == "next":
        return _next(desk, of)
    if act in {"up", "down", "paste", "embase", "sources"}:
        return desk.address_of(of, _anchor=place)
    if act == "remove":
        return desk.address_of(of, _anchor=place.rpartition("[")[0])
    flash(_("Saved. Nothing of the draft is in force yet."))
    return desk.address_of(of)


def _next(desk: Desk, of: Section) -> str:
    if of.code == "source":
        return desk.address("section", code="steps", _anchor=f"steps[{of.path[1]}]")
    codes = [one.code for one in sections()]
    place = codes.index(of.code) + 1
    return desk.address("section", code=codes[place]) if place < len(codes) else desk.address("overview")


def _frame(desk: Desk, told: list[Problem]) -> dict[str, Any]:
    """What every page of the editor shows: the sections with what does not hold in each."""
    return {
        "desk": desk,
        "draft": desk.draft,
        "nav": [(one, sum(one.holds(problem) for problem in told)) for one in sections()],
        "in_sources": sum(".sources[" in problem.path for problem in told),
        "saved_by": current_session().get_one(User, desk.draft.saved_by).name,
        "told": told,
        "base": _base(desk),
    }


def _section_page(
    desk: Desk, of: Section, document: Mapping[str, Any], seen: str, error: WorkbenchError | None = None
) -> str:
    told = check_document(document)
    hidden = [*of.hidden, *(["review.id"] if of.code == "review" and desk.member else [])]
    form = form_of(document, of.path, of.only, hidden, told)
    return render_template(
        "protocols/section.html",
        of=of,
        form=form,
        seen=seen,
        error=error,
        document=document,
        told_at=lambda place: sum(one.path.startswith(place) for one in told),
        **_frame(desk, told),
    )


def _overview(desk: Desk, error: WorkbenchError | None) -> str:
    told = check_document(desk.draft.document)
    return render_template("protocols/draft.html", error=error, all_changes=_changes(desk), **_frame(desk, told))


def _in_force_page(desk: Desk, error: WorkbenchError | None) -> str:
    told = error.problems if isinstance(error, InvalidProtocol) else check_document(desk.draft.document)
    current = queries.version_in_force(current_session(), desk.member.review_id) if desk.member else None
    return render_template(
        "protocols/in_force.html",
        all_changes=_changes(desk),
        address_of_problem=lambda one: _address_of_problem(desk, one),
        current=current,
        refused=refusal(error) if error and not told else None,
        reason=request.form.get("reason", ""),
        **_frame(desk, told),
    )


def _address_of_problem(desk: Desk, one: Problem) -> str:
    """The page on which a problem is mended, at its field."""
    path = path_of(one.path)
    if len(path) > 3 and path[0] == "steps" and path[2] == "sources":
        return desk.address("source", step=path[1], source=path[3], _anchor=one.path)
    code = next((each.code for each in sections() if each.holds(one)), "review")
    return desk.address("section", code=code, _anchor=one.path)


def _base(desk: Desk) -> ProtocolVersion | None:
    if desk.draft.base_version_id is None:
        return None
    return current_session().get_one(ProtocolVersion, desk.draft.base_version_id)


def _changes(desk: Desk) -> list[Any]:
    base = _base(desk)
    return differences(base.document, desk.draft.document) if base else []

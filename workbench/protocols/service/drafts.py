"""Writing a protocol in the browser: a draft is kept as it is typed, and comes into force by one deed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.audit import service as audit
from workbench.audit.models import HOUSE
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.protocols import queries
from workbench.protocols.events import DraftBegun, DraftEnded, DraftSaved
from workbench.protocols.formats import LARGEST_FILE
from workbench.protocols.models import ProtocolDraft, ProtocolVersion
from workbench.protocols.rules import (
    Section,
    fingerprint_part,
    fresh,
    plan_sha256,
    put,
    read_protocol,
    without_results,
)
from workbench.protocols.service.versions import SamePlan, amend, begin, write_log
from workbench.protocols.writers import as_yaml
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _


class DraftChanged(Clash):
    """Two people write in one draft; what one saved is never overwritten unseen by the other."""

    hint = "What you typed is still in the form. Save it all the same, or load the page again to see what stands there."


class DraftOutdated(Clash):
    """A draft comes into force on the version it was written on."""

    hint = "Bring the draft up to date first: what you did not change is taken from the version in force."


class DraftTooLarge(Invalid):
    """A protocol is at most as large as its file may be."""

    hint = "Nothing of this was saved. Export results belong in imports, not in the protocol."


def begin_draft(session: Session, member: Member) -> ProtocolDraft:
    """Begin the draft of the next version, on the one in force; where somebody has begun one, that is it."""
    allowed(member.roles, Deed.DRAFT_PROTOCOL)
    if (found := queries.open_draft(session, member.review_id)) is not None:
        return found
    version = queries.version_in_force(session, member.review_id)
    document, source = with_known_hits(session, version), version.source
    return _begin(session, member.user_id, document, source, version)


def with_known_hits(session: Session, version: ProtocolVersion) -> dict[str, Any]:
    """The document of a version with the hits that were written down since: a draft shows what is known."""
    rows = {run.code: run.id for run in queries.runs(session, version.review_id)}
    hits, lines = queries.hits(session, version.review_id), queries.line_hits(session, version.review_id)
    document: dict[str, Any] = json.loads(json.dumps(version.document))
    for run in (run for step in document["steps"] for source in step["sources"] for run in source.get("runs") or []):
        row = rows.get(run["id"], 0)
        if row in hits:
            run["hits_reported"] = hits[row]
        for line in run.get("strategy") or []:
            if (n := lines.get(row, {}).get(str(line["n"]))) is not None:
                line["hits"] = n
    return document


def begin_new(
    session: Session, user: User, document: Mapping[str, Any] | None = None, source: str | None = None
) -> ProtocolDraft:
    """Begin a draft for a review to come: from nothing, from a copy, or from a file."""
    return _begin(session, user.id, dict(document or fresh()), source, None)


def copy_of(session: Session, member: Member) -> dict[str, Any]:
    """The set-up of a review one is in, for another review: without its results and what is its own."""
    allowed(member.roles, Deed.LOOK)
    return without_results(queries.version_in_force(session, member.review_id).document)


def save(
    session: Session, user_id: int, draft: ProtocolDraft, of: Section, value: Any, seen: str, *, anyway: bool = False
) -> None:
    """Keep what was typed on one page of the editor.

    Args:
        session: the transaction of the deed.
        user_id: who types.
        draft: the draft, locked.
        of: the page.
        value: the group of the document that the page is about.
        seen: the fingerprint of what the page showed when it was loaded.
        anyway: whether to overwrite what somebody else saved there since.

    Raises:
        DraftChanged: somebody else saved this part since.
    """
    document = put(draft.document, of.path, value)
    stands = fingerprint(draft, of)
    if seen != stands and not anyway and document != draft.document:
        raise DraftChanged(_("This part of the draft was changed since you opened the page."))
    write(session, user_id, draft, document)


def write(session: Session, user_id: int, draft: ProtocolDraft, document: Mapping[str, Any]) -> None:
    """Keep this document as the draft's; what stood there before can be put back once."""
    if document == draft.document:
        return
    text = json.dumps(document, sort_keys=True)
    if len(text) > LARGEST_FILE:
        raise DraftTooLarge(_("The protocol would be larger than 1 MB."))
    draft.earlier, draft.document = draft.document, dict(document)
    draft.saved_by, draft.saved_at = user_id, now()
    session.flush()
    _tell(session, user_id, draft, DraftSaved(draft.id, hashlib.sha256(text.encode()).hexdigest()))


def fingerprint(draft: ProtocolDraft, of: Section) -> str:
    """What a page of the editor showed, in 16 hex digits: the same as long as nobody changed that part."""
    text = json.dumps(fingerprint_part(draft.document, of), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def put_back(session: Session, user_id: int, draft: ProtocolDraft) -> None:
    """Undo the last change of a draft; once more, and the change is there again."""
    if draft.earlier is not None:
        write(session, user_id, draft, draft.earlier)


def lay_aside(session: Session, user_id: int, draft: ProtocolDraft) -> None:
    """Stop writing a draft; it is kept, and can be taken up again."""
    _end(session, user_id, draft, "laid aside")


def take_up(session: Session, member: Member) -> ProtocolDraft:
    """Go on with the draft that was laid aside last on the version in force."""
    allowed(member.roles, Deed.DRAFT_PROTOCOL)
    found = queries.laid_aside(session, queries.version_in_force(session, member.review_id))
    if found is None or queries.open_draft(session, member.review_id) is not None:
        return begin_draft(session, member)
    found.ended_at = None
    session.flush()
    _tell(session, member.user_id, found, DraftEnded(found.id, "taken up"))
    return found


def bring_up_to_date(session: Session, user_id: int, draft: ProtocolDraft) -> list[str]:
    """Base a draft on the version in force: parts the draft did not change are taken from it.

    Gives the parts, as the file names them, that both changed; there the draft stands, and a person looks at it.
    """
    base = session.get_one(ProtocolVersion, draft.base_version_id)
    now_in_force = queries.version_in_force(session, base.review_id)
    mine, theirs = _changed(base.document, draft.document), _changed(base.document, now_in_force.document)
    merged = {**now_in_force.document, **{key: draft.document[key] for key in mine if key in draft.document}}
    for key in mine - set(draft.document):
        merged.pop(key, None)
    draft.base_version_id, draft.source = now_in_force.id, now_in_force.source
    write(session, user_id, draft, merged)
    session.flush()
    return sorted(mine & theirs)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def put_in_force(session: Session, member: Member, draft: ProtocolDraft, reason: str) -> ProtocolVersion | None:
    """Make a draft the version in force, with the reason why; None where only results of runs were written down.

    Raises:
        InvalidProtocol: it does not hold yet.
        DraftOutdated: another version came into force since it was begun.
        ReasonMissing: the plan is changed, and nobody said why.
        SamePlan: nothing differs.
    """
    version = queries.version_in_force(session, member.review_id)
    if draft.base_version_id != version.id:
        raise DraftOutdated(_("Version %(n)s came into force while this draft was written.", n=version.number))
    data = as_yaml(draft.document, draft.source).encode()
    protocol = read_protocol(data, _("The draft"))
    if plan_sha256(version.document) == protocol.plan_sha256:
        allowed(member.roles, Deed.DOCUMENT_SEARCH)
        if not write_log(session, member, protocol.plan):
            raise SamePlan(_("The plan in this draft is the one in force, version %(n)s.", n=version.number), "")
        made = None
    else:
        made = amend(session, member, data, _("The draft"), reason)
    _end(session, member.user_id, draft, "in force")
    return made


def begin_from_draft(session: Session, user: User, draft: ProtocolDraft) -> Member:
    """Begin the review that a draft describes; who begins it leads it.

    Raises:
        InvalidProtocol: it does not hold yet.
        SlugTaken: a review of this address exists.
    """
    member = begin(session, user, as_yaml(draft.document, draft.source).encode(), _("The draft"))
    _end(session, user.id, draft, "in force")
    return member


def _begin(
    session: Session, user_id: int, document: Mapping[str, Any], source: str | None, base: ProtocolVersion | None
) -> ProtocolDraft:
    draft = ProtocolDraft(
        review_id=base.review_id if base else None,
        base_version_id=base.id if base else None,
        author_id=user_id,
        document=dict(document),
        source=source,
        begun_at=now(),
        saved_by=user_id,
        saved_at=now(),
    )
    session.add(draft)
    session.flush()
    _tell(session, user_id, draft, DraftBegun(draft.id))
    return draft


def _end(session: Session, user_id: int, draft: ProtocolDraft, how: str) -> None:
    draft.ended_at = now()
    session.flush()
    _tell(session, user_id, draft, DraftEnded(draft.id, how))


def _tell(session: Session, user_id: int, draft: ProtocolDraft, event: DraftBegun | DraftSaved | DraftEnded) -> None:
    """Write it in the trail of the review, or in the house's where there is no review yet."""
    if draft.review_id is None:
        audit.record(session, HOUSE, user_id, event)
        return
    wanted = select(Member.id).where(Member.review_id == draft.review_id, Member.user_id == user_id)
    audit.record(session, draft.review_id, session.scalars(wanted).one(), event)

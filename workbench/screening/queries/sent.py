"""Files sent together: those that wait to be read, for a yes, or for a report; and the reports they may be of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.errors import NotFound
from workbench.files.formats import REFUSED, Carries, Reading, State
from workbench.records.models import Record
from workbench.screening.models import FullText, SentPdf
from workbench.screening.queries import reports
from workbench.screening.rules.matching import Match, Sought, from_json
from workbench.words import _

NEWEST = 200
"""Files that the program attached by itself, of which so many are listed."""


class NoSuchPdf(NotFound):
    """A file that was sent waits in its review until it is attached or let go."""

    hint = "Load the list of files again; somebody else may have settled it."


@dataclass(frozen=True)
class Waiting:
    """A file that waits, what was found in it, and the reports that it may be, each with what speaks for it."""

    pdf: SentPdf
    reading: Reading
    first_lines: str
    proposals: list[tuple[Match, Record]]
    same_as: int | None


@dataclass
class Lists:
    """Everything that was sent and is not let go, by what it waits for."""

    unread: list[SentPdf] = field(default_factory=list)
    to_confirm: list[Waiting] = field(default_factory=list)
    without_report: list[Waiting] = field(default_factory=list)
    refused: list[Waiting] = field(default_factory=list)
    automatic: list[tuple[SentPdf, FullText, Record, Match | None]] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many files wait for a person."""
        return len(self.to_confirm) + len(self.without_report) + len(self.refused)


def sent(session: Session, review_id: int, pdf_id: int) -> SentPdf:
    """One file that waits in this review.

    Raises:
        NoSuchPdf: it is another review's, or was attached or let go.
    """
    one = session.get(SentPdf, pdf_id)
    if one is None or one.review_id != review_id or one.settled_at is not None:
        raise NoSuchPdf(_("No file of number %(id)s waits here.", id=pdf_id))
    return one


def attached_alone(session: Session, review_id: int, pdf_id: int) -> tuple[SentPdf, FullText]:
    """A file that the program attached by itself, and as what.

    Raises:
        NoSuchPdf: it is another review's, a person attached it, or it was taken off since.
    """
    one = session.get(SentPdf, pdf_id)
    if one is None or one.review_id != review_id or one.full_text_id is None or one.settled_by is not None:
        raise NoSuchPdf(_("No file of number %(id)s was attached here by the program.", id=pdf_id))
    return one, session.get_one(FullText, one.full_text_id)


def came_with(session: Session, full_text_id: int) -> SentPdf | None:
    """The file, sent among others, that was attached as this full text."""
    return session.scalars(select(SentPdf).where(SentPdf.full_text_id == full_text_id)).first()


def same_waiting(session: Session, review_id: int, sha256: str) -> SentPdf | None:
    """The file with these bytes that waits already."""
    wanted = select(SentPdf).where(
        SentPdf.review_id == review_id, SentPdf.sha256 == sha256, SentPdf.settled_at.is_(None)
    )
    return session.scalars(wanted).first()


def unread(session: Session, review_id: int) -> Sequence[SentPdf]:
    """The files that nobody has read yet, in the order they came."""
    wanted = select(SentPdf).where(SentPdf.review_id == review_id, SentPdf.read_at.is_(None))
    return session.scalars(wanted.order_by(SentPdf.id)).all()


def how_many_wait(session: Session, review_id: int) -> int:
    """How many files wait in this review, read or not."""
    wanted = select(func.count(SentPdf.id)).where(SentPdf.review_id == review_id, SentPdf.settled_at.is_(None))
    return session.scalar(wanted) or 0


def lists(session: Session, review_id: int) -> Lists:
    """All files that were sent, by what they wait for; those attached by the program newest first."""
    found = Lists()
    wanted = select(SentPdf).where(SentPdf.review_id == review_id, SentPdf.settled_at.is_(None)).order_by(SentPdf.id)
    rows = session.scalars(wanted).all()
    records = _records(session, (one["record"] for row in rows for one in row.matches or []))
    for row in rows:
        if row.read_at is None:
            found.unread.append(row)
        else:
            waiting = _waiting(row, records)
            _place_of(found, waiting).append(waiting)
    found.automatic = _automatic(session, review_id)
    return found


def _place_of(found: Lists, waiting: Waiting) -> list[Waiting]:
    if waiting.reading.state in REFUSED:
        return found.refused
    return found.to_confirm if waiting.proposals and waiting.pdf.none_fits_at is None else found.without_report


def _records(session: Session, ids: Iterable[int]) -> dict[int, Record]:
    return {one.id: one for one in session.scalars(select(Record).where(Record.id.in_(set(ids))))}


def _waiting(row: SentPdf, records: dict[int, Record]) -> Waiting:
    matches = [from_json(one) for one in row.matches or []]
    return Waiting(
        row,
        reading_of(row),
        (row.reading or {}).get("first", ""),
        [(match, records[match.record_id]) for match in matches if match.record_id in records],
        (row.reading or {}).get("same_as"),
    )


def reading_of(row: SentPdf) -> Reading:
    """What was found in a file, as far as it is kept."""
    kept = row.reading or {"state": State.READ}
    return Reading(
        State(kept["state"]),
        kept.get("pages"),
        carries=frozenset(Carries(word) for word in kept.get("carries", ())),
        is_really=kept.get("is_really"),
    )


def _automatic(session: Session, review_id: int) -> list[tuple[SentPdf, FullText, Record, Match | None]]:
    wanted = (
        select(SentPdf, FullText, Record)
        .join(FullText, FullText.id == SentPdf.full_text_id)
        .join(Record, Record.id == FullText.record_id)
        .where(SentPdf.review_id == review_id, SentPdf.settled_by.is_(None), FullText.detached_at.is_(None))
    )
    rows = session.execute(wanted.order_by(SentPdf.settled_at.desc(), SentPdf.id.desc()).limit(NEWEST))
    return [(row[0], row[1], row[2], from_json(row[0].matches[0]) if row[0].matches else None) for row in rows]


def attached_with(session: Session, review_id: int, sha256: str) -> int | None:
    """The report of this review to which these bytes are attached."""
    wanted = (
        select(FullText.record_id)
        .join(Record, Record.id == FullText.record_id)
        .where(Record.review_id == review_id, FullText.sha256 == sha256, FullText.detached_at.is_(None))
    )
    return session.scalars(wanted.limit(1)).first()


def sought(session: Session, review_id: int) -> list[Sought]:
    """Every report that is sought, as far as a file can name it: by the fields of each of its records."""
    found = {one.record.id: one for one in reports.reports(session, review_id)}
    wanted = (
        select(Duplicate.kept_id, Record)
        .join(Record, Record.id == Duplicate.record_id)
        .where(Record.review_id == review_id)
    )
    others = [(kept, record) for kept, record in session.execute(wanted) if kept in found]
    return [
        _as_sought(kept, record, has_file=found[kept].files > 0)
        for kept, record in [*((one.record.id, one.record) for one in found.values()), *others]
    ]


def _as_sought(kept: int, record: Record, *, has_file: bool) -> Sought:
    titles = tuple(title for title in (record.title, record.original_title) if title)
    return Sought(
        kept, titles, tuple(record.authors or ()), record.year, record.doi, record.pmid, record.pmcid, has_file
    )

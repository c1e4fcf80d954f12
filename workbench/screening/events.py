"""Facts of screening, as the trail keeps them; what votes say stays hidden until their record is open (B11)."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class VoteCast(Event):
    """A ballot was put on record, in hand."""

    name: ClassVar[str] = "screening:vote:cast"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    decision: str
    reason_id: int | None
    turn: int


@dataclass(frozen=True)
class VotesHandedIn(Event):
    """Votes became final for their author."""

    name: ClassVar[str] = "screening:votes:handed-in"
    stage: str
    how: str
    n: int


@dataclass(frozen=True)
class VotedInBulk(Event):
    """A filtered list was voted on at once; each vote has its own entry too, hidden until its record is open."""

    name: ClassVar[str] = "screening:votes:in-bulk"
    stage: str
    n: int
    wish_sha256: str | None


@dataclass(frozen=True)
class TermsSaved(Event):
    """The words that the whole review marks at the desk were changed."""

    name: ClassVar[str] = "screening:terms:saved"
    n: int


@dataclass(frozen=True)
class StageMoved(Event):
    """A stage was opened, closed or reopened."""

    name: ClassVar[str] = "screening:stage:moved"
    stage: str
    deed: str
    protocol_version_id: int


@dataclass(frozen=True)
class Proposed(Event):
    """A voter proposed a way out of a conflict."""

    name: ClassVar[str] = "screening:consensus:proposed"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    verdict: str
    statement_sha256: str | None


@dataclass(frozen=True)
class Settled(Event):
    """A conflict ended."""

    name: ClassVar[str] = "screening:conflict:settled"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    verdict: str
    path: str
    reason_id: int | None
    statement_sha256: str | None


@dataclass(frozen=True)
class Said(Event):
    """Something was said in the discussion of a conflict."""

    name: ClassVar[str] = "screening:discussion:said"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    text_sha256: str | None


@dataclass(frozen=True)
class LookedAt(Event):
    """An adjudicator asked for the reasons, or for the names."""

    name: ClassVar[str] = "screening:conflict:looked-at"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    what: str


@dataclass(frozen=True)
class Barred(Event):
    """A person was barred from voting on a record, or the bar was lifted."""

    name: ClassVar[str] = "screening:bar:set"
    about: ClassVar[str] = "record_id"
    record_id: int
    member_id: int
    is_lifted: bool
    reason_sha256: str | None


@dataclass(frozen=True)
class PassedOn(Event):
    """A person passed a record on to others, since they do not read its language."""

    name: ClassVar[str] = "screening:record:passed-on"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    member_id: int


@dataclass(frozen=True)
class ReportLogged(Event):
    """Something happened on the way to a full text."""

    name: ClassVar[str] = "screening:report:logged"
    record_id: int
    found: str
    note_sha256: str | None
    channel: str | None = None
    expected_by: str | None = None


@dataclass(frozen=True)
class FileAttached(Event):
    """A full text was attached to a report, or taken off it."""

    name: ClassVar[str] = "screening:full-text:attached"
    record_id: int
    sha256: str
    is_detached: bool
    kind: str = "article"
    is_automatic: bool = False


@dataclass(frozen=True)
class ReportWithdrawn(Event):
    """A word on where a full text stands was taken back, since the file it came with was another report's."""

    name: ClassVar[str] = "screening:report:withdrawn"
    record_id: int
    found: str


@dataclass(frozen=True)
class PdfSent(Event):
    """A PDF was sent among others, to find its report."""

    name: ClassVar[str] = "screening:pdf:sent"
    pdf_id: int
    file_sha256: str | None


@dataclass(frozen=True)
class PdfSetAside(Event):
    """Somebody said that none of the proposed reports is the one of a PDF."""

    name: ClassVar[str] = "screening:pdf:none-fits"
    pdf_id: int


@dataclass(frozen=True)
class PdfLetGo(Event):
    """A PDF that was sent among others was let go without being attached."""

    name: ClassVar[str] = "screening:pdf:let-go"
    pdf_id: int


@dataclass(frozen=True)
class Removed(Event):
    """A rule's whole list was removed before screening by one person's act."""

    name: ClassVar[str] = "screening:records:removed"
    rule: str
    n: int
    by_automation: bool


@dataclass(frozen=True)
class PutBack(Event):
    """A rule's list that was removed came back to screening."""

    name: ClassVar[str] = "screening:records:put-back"
    rule: str
    n: int


@dataclass(frozen=True)
class Allocated(Event):
    """Records were allocated to people, or freed for everybody."""

    name: ClassVar[str] = "screening:records:allocated"
    stage: str
    split: str
    allocation_id: int
    n: int
    seed: int


@dataclass(frozen=True)
class PilotBegun(Event):
    """A sample was drawn on which all voters vote."""

    name: ClassVar[str] = "screening:pilot:begun"
    stage: str
    number: int
    n: int
    seed: int


@dataclass(frozen=True)
class PilotOpened(Event):
    """All votes of a pilot round are handed in; what everybody said may be seen."""

    name: ClassVar[str] = "screening:pilot:opened"
    stage: str
    number: int


@dataclass(frozen=True)
class PilotReleased(Event):
    """A pilot round waits no longer for one person."""

    name: ClassVar[str] = "screening:pilot:released"
    stage: str
    number: int
    member_id: int


@dataclass(frozen=True)
class LanguagesSaid(Event):
    """A person said which languages they read."""

    name: ClassVar[str] = "screening:languages:said"
    member_id: int
    languages: str


@dataclass(frozen=True)
class TagDefined(Event):
    """A tag got its meaning in the review, or is used no more."""

    name: ClassVar[str] = "screening:tag:defined"
    tag_id: int
    name_sha256: str | None
    meaning_sha256: str | None
    carries_judgement: bool
    is_retired: bool


@dataclass(frozen=True)
class TeamAsked(Event):
    """Somebody asked the team about a record."""

    name: ClassVar[str] = "screening:team:asked"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    inquiry_id: int
    text_sha256: str | None


@dataclass(frozen=True)
class TeamReplied(Event):
    """Somebody replied to a question to the team."""

    name: ClassVar[str] = "screening:team:replied"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    inquiry_id: int
    text_sha256: str | None


@dataclass(frozen=True)
class RepliesRead(Event):
    """Who asked has read the replies."""

    name: ClassVar[str] = "screening:replies:read"
    about: ClassVar[str] = "record_id"
    record_id: int
    stage: str
    inquiry_id: int

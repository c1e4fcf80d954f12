"""Tags of a review: those with a meaning, and which records bear a tag as far as a person may know.

What a vote was tagged with opens with the vote (B1). Only a tag that is said to carry no judgement shows earlier, and
only to those who do not vote at the stage. One's own tags one always sees.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Tag, Vote
from workbench.screening.queries import votes as queries
from workbench.screening.queries.ballots import is_current
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import Standing, kept_id, of_team, standing_records
from workbench.screening.rules import Decision, Outcome, StageRule


@dataclass(frozen=True)
class Used:
    """A tag and the kept records that bear it as far as the reader may know; `tag` is None where it has no meaning."""

    name: str
    tag: Tag | None
    record_ids: Sequence[int]


@dataclass(frozen=True)
class _Sight:
    """What one reader may know of the tags of one stage."""

    reader: Member
    votes: bool
    """The reader may vote at the stage, so nothing of others shows before a record is open."""
    judges: bool
    """The reader may decide conflicts, so of an open one nothing shows that carries a judgement (B5)."""
    stood: Mapping[int, Standing]

    def may_know(self, kept: int, author: int, tag: Tag | None) -> bool:
        """Whether a tag that this author gave a record may be shown; what nobody explained may carry a judgement."""
        if author == self.reader.id:
            return True
        is_plain = tag is not None and not tag.carries_judgement
        if kept not in self.stood:
            return is_plain and not self.votes
        in_conflict = self.stood[kept].outcome is Outcome.CONFLICT
        return is_plain or not (in_conflict and self.judges and not self.votes)


def defined(session: Session, review_id: int) -> Sequence[Tag]:
    """The tags that have a meaning and are in use, by name."""
    wanted = select(Tag).where(Tag.review_id == review_id, Tag.retired_at.is_(None))
    return session.scalars(wanted.order_by(Tag.name)).all()


def used(session: Session, reader: Member) -> list[Used]:
    """Every tag with a meaning, then the others that the reader may know of, each with its records, at both stages."""
    known = {tag.name: tag for tag in defined(session, reader.review_id)}
    found: dict[str, set[int]] = {name: set() for name in known}
    for stage in Stage:
        sight = _sight(session, reader, stage)
        for kept, author, names in _tagged(session, reader, stage):
            for name in names:
                if sight.may_know(kept, author, known.get(name)):
                    found.setdefault(name, set()).add(kept)
    standing = set(session.scalars(standing_records(reader.review_id)))
    return [
        Used(name, known.get(name), sorted(ids & standing))
        for name, ids in sorted(found.items(), key=lambda item: (item[0] not in known, item[0].casefold()))
    ]


def of_records(session: Session, reader: Member, record_ids: AbstractSet[int]) -> dict[int, list[str]]:
    """The tags of some kept records, as far as the reader may know."""
    found: dict[int, list[str]] = {one: [] for one in record_ids}
    for one in used(session, reader):
        for record_id in record_ids & set(one.record_ids):
            found[record_id].append(one.name)
    return found


def _sight(session: Session, reader: Member, stage: Stage) -> _Sight:
    rule: StageRule = queries.stage_rule(session, reader.review_id, stage)
    judges = queries.may_adjudicate(reader, rule) and not rule.reasons_at_once
    return _Sight(reader, queries.may_vote(reader, rule), judges, decided_standings(session, reader.review_id, rule))


def _tagged(session: Session, reader: Member, stage: Stage) -> Sequence[tuple[int, int, list[str]]]:
    """Record, author and tags of every vote that has some: handed in, or the reader's own as it stands."""
    handed_in = exists(HandIn.id).where(HandIn.vote_id == Vote.id)
    rows = session.execute(
        select(kept_id(Vote.record_id), Vote.reviewer_id, Vote.tags)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            of_team(reader.review_id), Vote.stage == stage, Vote.tags.is_not(None), Vote.decision != Decision.WITHDRAWN,
            handed_in | ((Vote.reviewer_id == reader.id) & is_current(Vote)),
        )
        .order_by(Vote.id)
    )  # fmt: skip
    return [(kept, author, list(names or ())) for kept, author, names in rows]

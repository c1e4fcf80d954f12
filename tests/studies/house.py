"""A review whose full texts are being read, and reports in every state."""

import itertools
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.orm import Session

from tests.factories import a_document, a_member, a_record, a_review, the_lead
from workbench.db import now
from workbench.protocols.models import ProtocolVersion
from workbench.records.models import Record
from workbench.reviews.models import ExclusionReason, Member, Review
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import HandIn, Retrieval, Settlement, Vote
from workbench.screening.rules import Decision, Design, Found, HandedInBy, Origin, Path, Verdict

_keys = itertools.count(1)
BY_DESIGN = {
    "guideline": "agree2",
    "systematic-review": "amstar2",
    "randomised-trial": "rob2",
    "non-randomised": "robins_i",
}


@dataclass
class House:
    """A review with a lead, a second reviewer, a judge and an observer; rows are put in bare, to be quick."""

    session: Session
    slug: str = "spine"
    review: Review = field(init=False)

    def __post_init__(self) -> None:
        document = a_document(self.slug) | {"appraisal": {"by_design": BY_DESIGN}}
        self.review = a_review(self.session, self.slug, document=document)
        self.lead = the_lead(self.session, self.review)
        self.second = a_member(self.session, self.review)
        version = self.session.query(ProtocolVersion.id).filter_by(review_id=self.review.id).one()
        self.version = version[0]

    @cached_property
    def judge(self) -> Member:
        return a_member(self.session, self.review, Role.ADJUDICATOR, name="Tove Eriksen")

    @cached_property
    def observer(self) -> Member:
        return a_member(self.session, self.review, Role.OBSERVER, name="Ida Vind")

    def reason(self, code: str = "wrong-design", *, outcome_data: bool = False) -> ExclusionReason:
        found = self.session.query(ExclusionReason).filter_by(review_id=self.review.id, code=code).one()
        found.concerns_outcome_data = found.concerns_outcome_data or outcome_data
        return found

    def sought(self, **values) -> Record:
        """A record that both include at title and abstract."""
        record = a_record(self.session, self.review, **({"authors": ["Holm, Karen A"], "kind": "article"} | values))
        self._votes(record, Stage.TITLE_ABSTRACT, decision=Decision.INCLUDE)
        return record

    def retrieved(self, **values) -> Record:
        record = self.sought(**values)
        self._add(Retrieval(record_id=record.id, found=Found.RETRIEVED, note=None, member_id=self.lead.id, at=now()))
        return record

    def included(self, *, design: Design = Design.RANDOMISED_TRIAL, questions: str = "pico1", **values) -> Record:
        record = self.retrieved(**values)
        self._votes(record, Stage.FULL_TEXT, decision=Decision.INCLUDE, design=design, questions=questions)
        return record

    def excluded(self, reason: ExclusionReason | None = None, **values) -> Record:
        record = self.retrieved(**values)
        self._votes(record, Stage.FULL_TEXT, decision=Decision.EXCLUDE, reason_id=(reason or self.reason()).id)
        return record

    def awaiting(self, **values) -> Record:
        record = self.retrieved(**values)
        self._add(
            Settlement(record_id=record.id, stage=Stage.FULL_TEXT, verdict=Verdict.AWAITING, path=Path.ADJUDICATION,
                       statement="No results yet.", member_id=self.lead.id, settled_at=now())
        )  # fmt: skip
        return record

    def _votes(self, record: Record, stage: Stage, **ballot) -> None:
        for voter in (self.lead, self.second):
            vote = Vote(record_id=record.id, reviewer_id=voter.id, stage=stage, turn=1, origin=Origin.CAST,
                        protocol_version_id=self.version, idempotency_key=f"k{next(_keys)}", cast_at=now(), **ballot)  # fmt: skip
            self._add(vote)
            self._add(HandIn(vote_id=vote.id, how=HandedInBy.FINISH, handed_in_at=now()))

    def _add(self, row: object) -> None:
        self.session.add(row)
        self.session.flush()

"""A review, its team, and what the protocol in force asks of its records."""

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workbench.accounts.models import User
from workbench.db import Base, Key, Long, Timestamp
from workbench.reviews.rules import Role

if TYPE_CHECKING:
    from collections.abc import Collection


class Review(Base):
    """One systematic review; its slug is its address."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[Long]
    created_at: Mapped[Timestamp]


class Member(Base):
    """One person in one review; the acting person of every deed."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("review_id", "user_id"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    joined_at: Mapped[Timestamp]
    left_at: Mapped[Timestamp | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    review: Mapped[Review] = relationship(lazy="joined", innerjoin=True)
    grants: Mapped[list["RoleGrant"]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def roles(self) -> "Collection[Role]":
        """What this person is in the review; nothing once they left."""
        return [] if self.left_at else [grant.role for grant in self.grants]

    @property
    def name(self) -> str:
        """How the person is called."""
        return str(self.user.name)


class RoleGrant(Base):
    """One role of one member."""

    __tablename__ = "role_grant"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class Invitation(Base):
    """A link that lets one person join with one role, once, until it expires."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", "accepted_by_somebody"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    role: Mapped[Role]
    token_sha256: Mapped[str] = mapped_column(String(64))
    invited_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[Timestamp]
    expires_at: Mapped[Timestamp]
    accepted_at: Mapped[Timestamp | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_at: Mapped[Timestamp | None]


class Question(Base):
    """One question (PICO) of the review; its code is the protocol's id."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("review_id", "code"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    code: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    text: Mapped[Long]
    retired_at: Mapped[Timestamp | None]


class ExclusionReason(Base):
    """One reason of the protocol's ordered list; the first that applies is the primary reason."""

    __tablename__ = "exclusion_reason"
    __table_args__ = (UniqueConstraint("review_id", "code"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    code: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    label: Mapped[Long]
    at_title_abstract: Mapped[bool]
    at_full_text: Mapped[bool]
    concerns_outcome_data: Mapped[bool]
    retired_at: Mapped[Timestamp | None]

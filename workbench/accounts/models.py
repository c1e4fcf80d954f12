"""Who may sign in. Flask-Security names the columns; the name is ours."""

from datetime import datetime

from flask_security.models import sqla
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.accounts.rules import Scope
from workbench.db import Base, Key, Long, Timestamp

sqla.FsModels.set_db_info(base_model=Base)  # type: ignore[no-untyped-call]


class Role(Base, sqla.FsRoleMixin):
    """A role in the house, apart from reviews: operator."""

    __tablename__ = "role"


class WebAuthn(Base, sqla.FsWebAuthnMixin):
    """A passkey of one person."""

    __tablename__ = "webauthn"


class User(Base, sqla.FsUserMixin):
    """A person who may sign in; what they may do in a review is their membership's."""

    __tablename__ = "user"

    name: Mapped[Long]


class FirstLink(Base):
    """The one-time link by which the first lead signs up on an empty house."""

    __tablename__ = "first_link"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[Timestamp]


class Token(Base):
    """One token by which a program acts as a person, with no more rights than that person has."""

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        Index(
            "uq_token_standing_name", "user_id", "name", unique=True,
            sqlite_where=text("revoked_at IS NULL"), postgresql_where=text("revoked_at IS NULL"),
        ),
        CheckConstraint("expires_at > made_at", "lives_for_a_while"),
    )  # fmt: skip

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[Scope]
    token_sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Timestamp]
    expires_at: Mapped[Timestamp]
    last_used_at: Mapped[Timestamp | None]
    """The day of the last use and no more: midnight UTC."""
    revoked_at: Mapped[Timestamp | None]

    def works_at(self, moment: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and moment < self.expires_at

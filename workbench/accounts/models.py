"""Who may sign in. Flask-Security names the columns; the name is ours."""

from flask_security.models import sqla
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Long, Timestamp

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

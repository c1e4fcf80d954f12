"""Flask-Security in this house: on the request's own session, its signals turned into entries of the trail."""

from datetime import timedelta
from typing import Any, cast

from flask import Flask
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_security.signals import password_changed, user_authenticated
from sqlalchemy.orm import Session, scoped_session
from werkzeug.local import LocalProxy

from workbench.accounts.events import PasswordChanged, SignedIn
from workbench.accounts.models import Role, User, WebAuthn
from workbench.audit import service as audit
from workbench.audit.models import HOUSE
from workbench.web.transactions import current_session

SETTINGS = {
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_URL": "/account/password",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/change_password.html",
    "SECURITY_POST_CHANGE_VIEW": "/",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2", "plaintext"],
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [
        {"email": {"mapper": lambda text: text.strip().lower(), "case_insensitive": True}}
    ],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
    "SECURITY_UNAUTHORIZED_VIEW": None,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_MSG_UNAUTHENTICATED": ("", "info"),
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_FRESHNESS": timedelta(days=-1),  # no deed asks for a second sign-in, so there is no page for one
}


def init_app(app: Flask) -> None:
    """Put the sign-in on the application."""
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    session = cast("scoped_session[Session]", LocalProxy(current_session))  # one session a request, theirs and ours
    datastore = SQLAlchemySessionUserDatastore(session, User, Role, WebAuthn)
    Security(app, datastore)
    user_authenticated.connect(_signed_in, app)
    password_changed.connect(_password_changed, app)


def _signed_in(_app: Flask, user: User, **_more: Any) -> None:
    audit.record(current_session(), HOUSE, user.id, SignedIn())


def _password_changed(_app: Flask, user: User, **_more: Any) -> None:
    audit.record(current_session(), HOUSE, user.id, PasswordChanged())

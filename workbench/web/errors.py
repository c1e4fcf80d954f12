"""Errors as people and programs read them; the only place that knows status codes."""

import logging
import secrets

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.exceptions import HTTPException

from workbench.errors import Clash, Invalid, NotAllowed, NotFound, NotKnown, TooOften, WorkbenchError
from workbench.web.api import PREFIX, BodyNotJson, BodyTooLarge, Refused, as_json
from workbench.words import _

log = logging.getLogger(__name__)
STATUS: dict[type[WorkbenchError], int] = {
    BodyNotJson: 400,
    BodyTooLarge: 413,
    NotKnown: 401,
    NotFound: 404,
    NotAllowed: 403,
    Clash: 409,
    Invalid: 422,
    TooOften: 429,
}
"""The first that fits; narrow kinds stand before wide ones."""
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}


class AlreadyThere(Clash):
    """Two clicks at once meet the same rule of the database; the first one stands."""

    hint = "Load the page again to see what stands."


def show(error: WorkbenchError) -> ResponseReturnValue:
    """Render any WorkbenchError: a problem document for programs, a page for people."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return _answer(status, error.slug, str(error), error.way_out)


def _answer(status: int, slug: str, title: str, hint: str = "", number: str = "") -> ResponseReturnValue:
    if request.path.startswith(f"{PREFIX}/"):
        answer = as_json(Refused(slug, title, hint or number), status)
        answer.headers.update(HEADERS.get(status, {}))
        return answer
    problem = {"type": slug, "title": title, "hint": hint, "status": status}
    if request.is_json:
        return jsonify(problem), status, {"Content-Type": "application/problem+json"}
    return render_template("error.html", number=number, **problem), status


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, CSRFError):
        return _answer(
            400,
            "form-too-old",
            _("This form is no longer valid."),
            _("Go back, load the page again and repeat what you did. Nothing was changed."),
        )
    titles = {
        404: _("There is no such page"),
        405: _("This address cannot be used that way"),
        413: _("This file is too large"),
    }
    hints = {
        413: _("Send it in smaller parts, one after the other. Nothing was changed."),
        404: _("The address may be incomplete, or the page belongs to a review you are not a member of."),
    }
    code = error.code or 500
    if code < 400:
        return error.get_response()
    return _answer(code, error.name.lower().replace(" ", "-"), titles.get(code, error.name), hints.get(code, ""))


def _unexpected(error: Exception) -> ResponseReturnValue:
    number = secrets.token_hex(4)
    log.exception("request failed, number %s", number, exc_info=error)
    return _answer(500, "unexpected", _("Something went wrong on our side"), number=number)


def _clash(_error: IntegrityError) -> ResponseReturnValue:
    if "session" in g:
        g.session.rollback()
    return show(AlreadyThere(_("This was just done already, by you or by somebody else.")))


def _no_such_number(_error: Exception) -> ResponseReturnValue:
    """A number that no row can have, such as an id beyond 64 bits."""
    if "session" in g:
        g.session.rollback()
    return _answer(404, "not-found", _("There is no such page"), _("The number in the address cannot be one of ours."))


def init_app(app: Flask) -> None:
    """Every error becomes a page that says what happened and what to do."""
    app.register_error_handler(WorkbenchError, show)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _clash)
    app.register_error_handler(DataError, _no_such_number)
    app.register_error_handler(OverflowError, _no_such_number)
    app.register_error_handler(Exception, _unexpected)

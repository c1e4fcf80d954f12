"""What templates may call, the security headers, and the language of the reader."""

import re
from functools import cache
from importlib.resources import files

from flask import Flask, Response, current_app, request
from flask_babel import Babel, get_locale, gettext
from flask_bootstrap import Bootstrap5
from markupsafe import Markup

from workbench.words import spaced, speak

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors '{ancestors}'"
)


@cache
def _sprite() -> str:
    return (files("flask_bootstrap") / "static/bootstrap5/icons/bootstrap-icons.svg").read_text(encoding="utf-8")


@cache
def icon(name: str) -> Markup:
    """One symbol cut out of the installed icon sprite; always decorative, beside a word or a label."""
    found = re.search(rf'<symbol(?=[^>]*id="{re.escape(name)}")[^>]*>(.*?)</symbol>', _sprite(), re.S)
    inner = found[1] if found else ""
    frame = 'class="icon" viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true"'
    return Markup(f"<svg {frame}>{inner}</svg>")  # noqa: S704  # the sprite is ours, the name is a template's


def number(value: object) -> object:
    """1405 -> 1 405 with a narrow no-break space; words pass through, and nothing becomes a dash.

    >>> number(None)
    '–'
    """
    if value is None:
        return "–"
    return spaced(value) if isinstance(value, int) else value


def few(names: list[str], most: int = 5) -> str:
    """A long author list cut to its first names; the record's page has them all."""
    if len(names) <= most:
        return ", ".join(names)
    return str(gettext("%(names)s and %(n)s more", names=", ".join(names[: most - 2]), n=len(names) - most + 2))


def _locale() -> str | None:
    known = {"no": "nb", "nn": "nb"}
    wished = [known.get(code.split("-")[0].lower(), code) for code in request.accept_languages.values()]
    return next((code for code in wished if code in _languages()), "en")


def _languages() -> tuple[str, ...]:
    return tuple(current_app.config["LANGUAGES"])


def _harden(response: Response) -> Response:
    ancestors = "self" if response.mimetype == "application/pdf" else "none"
    response.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors=ancestors))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if response.mimetype in {"text/html", "application/json"}:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _speak() -> None:
    speak(gettext)


def init_app(app: Flask) -> None:
    """Dress the application."""
    Bootstrap5(app)
    Babel(app, locale_selector=_locale)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(icon=icon, get_locale=get_locale)
    app.jinja_env.filters.update(number=number, few=few)
    app.before_request(_speak)
    app.after_request(_harden)
    app.context_processor(lambda: {"theme": request.cookies.get("theme", "auto")})
    app.add_url_rule("/favicon.ico", "favicon", lambda: app.send_static_file("mark.svg"))

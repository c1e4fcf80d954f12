"""Words people read: every text of the house passes through `_`, so a catalogue can translate it."""

from collections.abc import Callable
from contextvars import ContextVar

_translate: ContextVar[Callable[[str], str] | None] = ContextVar("translate", default=None)


def speak(translate: Callable[[str], str] | None) -> None:
    """Set who translates in this request; None means English as written."""
    _translate.set(translate)


def _(text: str, **values: object) -> str:
    """Translate a text and fill in its %(name)s places.

    >>> _("%(n)s records", n=3)
    '3 records'
    """
    translate = _translate.get()
    spoken = translate(text) if translate else text
    return spoken % values if values else spoken

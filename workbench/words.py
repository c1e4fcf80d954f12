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


def spaced(n: int) -> str:
    """A number as people read it: a narrow no-break space between thousands.

    >>> spaced(1405) == "1\u202f405"
    True
    """
    return f"{n:,}".replace(",", "\u202f").replace("-", "\u2212")


def several(n: int, one: str, many: str) -> str:
    """Say how many: the words for one, or those for several, with the number in them where they have its place.

    >>> several(2, "1 pair", "%(n)s pairs")
    '2 pairs'
    """
    return one if n == 1 else many % {"n": spaced(n)}

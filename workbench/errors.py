"""What can go wrong, in six kinds; each narrow error lives beside the deed that raises it.

The docstring of an error is the rule that was broken, its message the case at hand, its hint the way out.
"""

import re
from typing import ClassVar


class WorkbenchError(Exception):
    """Something a person asked for cannot be done, and the person can be told why."""

    hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.way_out = hint if hint is not None else self.hint

    @property
    def slug(self) -> str:
        """The kind of error as one word for machines: AlreadyHandedIn -> already-handed-in."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()


class NotFound(WorkbenchError):
    """There is no such thing here, or it belongs to another review."""


class NotAllowed(WorkbenchError):
    """The person who asks may not do this."""


class Clash(WorkbenchError):
    """It contradicts something that already stands."""


class Invalid(WorkbenchError):
    """What was given cannot be read or is not complete."""


class NotKnown(WorkbenchError):
    """A program that asks has not said, with a token that works, for whom it asks."""


class TooOften(WorkbenchError):
    """The same was tried in vain too many times in a short while."""

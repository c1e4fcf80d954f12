"""Secrets of links and of programs: the bearer carries them, the database keeps their hash only."""

import hashlib
import secrets
from collections import OrderedDict, deque
from datetime import timedelta
from enum import StrEnum
from typing import Any

LINK_LIVES = timedelta(days=14)
SHORTEST_PASSWORD = 10
TOKEN_MARK = "wb_"  # noqa: S105
"""Begins every token of a program, so that one that slipped into a file can be found."""
TOKEN_DAYS = (7, 30, 90, 365)
"""How long a program's token may live."""
LONGEST_NAME = 80


class Scope(StrEnum):
    """What a program may do with a token; each allows what stands before it, and none more than the person may do."""

    READ = "read"
    VOTE = "vote"
    FULL = "full"

    def covers(self, wanted: "Scope") -> bool:
        """Say whether a token of this scope is enough where another is asked.

        >>> Scope.VOTE.covers(Scope.READ), Scope.READ.covers(Scope.VOTE)
        (True, False)
        """
        return list(Scope).index(self) >= list(Scope).index(wanted)


class Throttle:
    """Counts wrong tries by where they come from, in memory: so many in a while, then none; what was right passes."""

    def __init__(self, most: int = 20, seconds: float = 60.0, places: int = 10_000) -> None:
        self._most, self._seconds, self._places = most, seconds, places
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        self._right: OrderedDict[str, None] = OrderedDict()

    def is_shut(self, place: str, mark: str, now: float) -> bool:
        """Whether this place has used up its tries; one whose mark was right before shares a place with others."""
        tries = self._tries.get(place)
        used_up = tries is not None and len(tries) >= self._most and now - tries[0] < self._seconds
        return used_up and mark not in self._right

    def was_right(self, mark: str) -> None:
        """Remember the mark of one that was right."""
        self._right[mark] = None
        _forget(self._right, self._places)

    def was_wrong(self, place: str, now: float) -> None:
        """Count one wrong try; the place that was quiet for longest is forgotten where there are too many."""
        self._tries.setdefault(place, deque(maxlen=self._most)).append(now)
        self._tries.move_to_end(place)
        _forget(self._tries, self._places)


def _forget(known: OrderedDict[str, Any], most: int) -> None:
    while len(known) > most:
        known.popitem(last=False)


def new_token() -> str:
    """A secret of 256 bits for one link."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What the database keeps of a link's secret."""
    return hashlib.sha256(token.encode()).hexdigest()

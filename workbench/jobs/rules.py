"""Where a job stands, and when its holder counts as gone."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST_ATTEMPTS = 5
"""A job that five workers died on is not tried again by itself."""


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def state_of(*, owner: str | None, finished: bool, failed: bool, cancelled: bool = False) -> State:
    """Ask the facts where the job stands."""
    if cancelled:
        return State.CANCELLED
    if finished:
        return State.FAILED if failed else State.DONE
    return State.RUNNING if owner else State.WAITING


def seconds_left(done: int, total: int, worked: float) -> int | None:
    """Estimate how long the rest takes at the pace so far; None while nothing can be said.

    Args:
        done: how much is done.
        total: of how much.
        worked: seconds since the work was asked for.

    >>> seconds_left(250, 1000, 10.0)
    30
    """
    if not 0 < done < total or worked <= 0:
        return None
    return round(worked * (total - done) / done)


@dataclass
class Watch:
    """Sees whose beat stands still, on the watcher's own monotonic clock, so a stepped wall clock does no harm."""

    lease: float
    seen: dict[int, tuple[int, float]] = field(default_factory=dict)

    def is_gone(self, job_id: int, beat: int, at: float) -> bool:
        """Say whether the same beat has now been seen for the length of the lease (seconds)."""
        last = self.seen.get(job_id)
        if last is None or last[0] != beat:
            self.seen[job_id] = (beat, at)
            return False
        return at - last[1] >= self.lease

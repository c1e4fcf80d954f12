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


def state_of(*, owner: str | None, finished: bool, failed: bool) -> State:
    """Ask the facts where the job stands."""
    if finished:
        return State.FAILED if failed else State.DONE
    return State.RUNNING if owner else State.WAITING


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

"""Facts about long work."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class JobCancelled(Event):
    """Somebody ended a piece of long work before it was done; the worker drops what it was about to write."""

    name: ClassVar[str] = "jobs:job:cancelled"
    job_id: int
    kind: str

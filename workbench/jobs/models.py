"""Long work as a row: what is to be done, how far it is, who holds it. Its state is asked of these facts."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.jobs.rules import State, state_of


class Job(Base):
    """One piece of long work; a worker holds it by beating, and another takes over when the beat stops."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done >= 0 AND total >= 0", "progress_not_negative"),
        CheckConstraint("failure IS NULL OR finished_at IS NOT NULL", "failed_means_finished"),
        CheckConstraint(
            "cancelled_by IS NULL OR (finished_at IS NOT NULL AND failure IS NULL AND result IS NULL)",
            "cancelled_means_finished_without_result",
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(80))
    payload: Mapped[Json]
    review_id: Mapped[int | None] = mapped_column(index=True)
    started_by: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    beat: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[Json | None]
    failure: Mapped[Long | None]
    created_at: Mapped[Timestamp]
    finished_at: Mapped[Timestamp | None] = mapped_column(index=True)
    cancelled_by: Mapped[int | None]

    @property
    def state(self) -> State:
        """Where the work stands, asked of the facts."""
        return state_of(
            owner=self.owner,
            finished=self.finished_at is not None,
            failed=self.failure is not None,
            cancelled=self.cancelled_by is not None,
        )

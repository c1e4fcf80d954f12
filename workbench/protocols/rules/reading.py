"""A protocol file, read and checked as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import Invalid
from workbench.protocols.formats import Problem, Written, read_yaml
from workbench.protocols.rules.consistency import consistency_problems, strategy_warnings
from workbench.protocols.rules.plan import Plan, plan_of
from workbench.protocols.rules.versions import plan_sha256
from workbench.protocols.rules.wording import schema_problems
from workbench.words import _


class InvalidProtocol(Invalid):
    """A protocol is taken only if all of it holds; `problems` says line by line what does not."""

    def __init__(self, problems: Sequence[Problem], name: str) -> None:
        self.problems = list(problems)
        more = len(self.problems) - 1
        hint = _("%(n)s more: `workbench protocols check` lists them all.", n=more) if more else ""
        super().__init__(_("%(name)s, %(problem)s", name=name, problem=self.problems[0]), hint)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol that holds: the document as plain JSON values, its plan, and the plan's fingerprint."""

    document: dict[str, Any]
    plan: Plan
    plan_sha256: str


def check(data: bytes, name: str = "") -> list[Problem]:  # noqa: ARG001
    """Everything in a protocol file that does not hold, by line; empty where it holds.

    Never raises, whatever the bytes. A file that cannot be read as YAML is not checked further.
    """
    return _problems(read_yaml(data))


def warnings(data: bytes) -> list[Problem]:
    """What deserves a look in a protocol file although it holds, by line; empty where the file cannot be read."""
    written = read_yaml(data)
    return [] if written.problems else sorted(set(strategy_warnings(written)))


def check_document(document: object) -> list[Problem]:
    """Everything in a protocol that does not hold, in the words of `check`; there are no lines to tell."""
    return _problems(Written(document))


def _problems(written: Written) -> list[Problem]:
    if written.problems:
        return sorted(written.problems)
    return sorted({*schema_problems(written), *consistency_problems(written)})


def read_protocol(data: bytes, name: str) -> Protocol:
    """Read a protocol file; `name` is what the person calls it.

    Raises:
        InvalidProtocol: something in it does not hold.
    """
    written = read_yaml(data)
    if problems := _problems(written):
        raise InvalidProtocol(problems, name)
    document: dict[str, Any] = written.document  # type: ignore[assignment]  # the schema asks for an object
    return Protocol(document, plan_of(document), plan_sha256(document))

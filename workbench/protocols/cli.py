"""`workbench protocols`: check a protocol before it is used."""

import gzip
import json
import zlib
from dataclasses import asdict
from pathlib import Path

import click

from workbench.errors import Invalid
from workbench.protocols.formats import LARGEST_FILE
from workbench.protocols.rules import Plan, Problem, check, read_protocol
from workbench.words import _


class CannotOpen(Invalid):
    """A file named on the command line must be there and be readable."""

    hint = "Give the path of a protocol, such as search_protocols/vertebral-augmentation.yaml."


@click.group()
def protocols() -> None:
    """Documented searches: one YAML file per review."""


@protocols.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_context
def check_file(context: click.Context, file: Path, as_json: bool) -> None:
    """Say whether a protocol holds and, line by line, what does not. Exit 0: it holds; 1: it does not."""
    data = _content(file)
    problems = check(data, file.name)
    click.echo(_as_json(problems) if as_json else _as_text(file, data, problems))
    context.exit(1 if problems else 0)


def _content(file: Path) -> bytes:
    """The file's bytes, unpacked if it ends in .gz; no more than is needed to see that it is too large."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotOpen(_("%(file)s cannot be opened: %(reason)s.", file=file, reason=reason)) from error


def _as_json(problems: list[Problem]) -> str:
    answer = {"holds": not problems, "problems": [asdict(problem) for problem in problems]}
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _as_text(file: Path, data: bytes, problems: list[Problem]) -> str:
    if problems:
        return "\n".join(f"{file}, {problem}" for problem in problems)
    protocol = read_protocol(data, file.name)
    return f"{_('%(file)s holds:', file=file)} {_counts(protocol.plan)}\n" + _("Plan %(sha)s", sha=protocol.plan_sha256)


def _counts(plan: Plan) -> str:
    return _(
        "%(questions)s questions, %(reasons)s exclusion reasons, %(steps)s steps, %(sources)s sources, %(runs)s runs",
        questions=len(plan.questions),
        reasons=len(plan.exclusion_reasons),
        steps=len(plan.steps),
        sources=sum(1 for _each in plan.sources()),
        runs=sum(1 for _each in plan.runs()),
    )

"""`workbench protocols`: check a protocol before it is used. `workbench reviews`: begin a review from one."""

import gzip
import json
import secrets
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.errors import Invalid
from workbench.protocols.formats import LARGEST_FILE
from workbench.protocols.rules import Plan, Problem, check, read_protocol, warnings
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.accounts.models import User


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
    """Say whether a protocol holds and, line by line, what does not. Exit 0: it holds; 1: it does not.

    What holds but deserves a look, such as a line of a strategy that is not used, is a warning.
    """
    data = _content(file)
    problems, looks = check(data, file.name), warnings(data)
    click.echo(_as_json(problems, looks) if as_json else _as_text(file, data, problems))
    for look in [] if as_json else looks:
        click.echo(_("%(file)s, %(problem)s", file=file, problem=look), err=True)
    context.exit(1 if problems else 0)


def _content(file: Path) -> bytes:
    """The file's bytes, unpacked if it ends in .gz; no more than is needed to see that it is too large."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotOpen(_("%(file)s cannot be opened: %(reason)s.", file=file, reason=reason)) from error


def _as_json(problems: list[Problem], looks: list[Problem]) -> str:
    answer = {
        "holds": not problems,
        "problems": [asdict(problem) for problem in problems],
        "warnings": [asdict(look) for look in looks],
    }
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


@click.group()
def reviews() -> None:
    """Reviews of this house."""


@reviews.command("create")
@click.option("--protocol", "file", type=click.Path(path_type=Path), required=True, help="The protocol, a YAML file.")
@click.option("--lead", "email", required=True, help="The address with which the lead signs in.")
@click.option("--name", default="", help="The lead's name, where the house does not know them yet.")
def create_review(file: Path, email: str, name: str) -> None:
    """Begin a review from a protocol; its lead gets an account with a first password, if there is none yet."""
    from workbench.db import house
    from workbench.protocols import service

    data = _content(file)
    sessions, _home = house()
    with sessions.write.begin() as session:
        lead, password = _lead(session, email, name)
        review = service.begin(session, lead, data, file.name).review
        slug, title = review.slug, review.title
    click.echo(_("Review %(slug)s has begun: %(title)s", slug=slug, title=title))
    if password:
        click.echo(_("%(email)s signs in with this password, shown only now: %(word)s", email=email, word=password))
        click.echo(_("It can be changed in the browser, in the menu under the name."))


def _lead(session: "Session", email: str, name: str) -> tuple["User", str | None]:
    """The person with this address; a new one with a password made for the first sign-in."""
    from argon2 import PasswordHasher

    from workbench.accounts.queries import person_or_none
    from workbench.accounts.service import sign_up

    if known := person_or_none(session, email):
        return known, None
    password = secrets.token_urlsafe(12)
    return sign_up(session, name or email.partition("@")[0], email, password, PasswordHasher().hash(password)), password


@reviews.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def list_reviews(as_json: bool) -> None:
    """Name every review of this house."""
    from workbench.db import house
    from workbench.reviews.queries import all_reviews

    sessions, _home = house()
    with sessions.read() as session:
        found = [
            {"review": one.slug, "title": one.title, "created": f"{one.created_at:%Y-%m-%d}"}
            for one in all_reviews(session)
        ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    for one in [] if as_json else found:
        click.echo(f"{one['review']}  {one['created']}  {one['title']}")
    if not found and not as_json:
        click.echo(_("There is no review yet: `workbench reviews create` begins one."), err=True)

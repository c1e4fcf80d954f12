"""`workbench prisma`: check the sums of a flow, draw it, and show the flow of a review."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from workbench.errors import Invalid
from workbench.reporting.pictures import draw, pdf, png
from workbench.reporting.rules import Equation, Flow, Template, equations, is_draft, read_flows
from workbench.words import _


class UnreadableFile(Invalid):
    """A file must be there, and readable or writable."""


class UnknownPicture(Invalid):
    """A diagram is written as SVG, PNG or PDF; the ending of the file says which."""


class WhichFlow(Invalid):
    """One diagram shows one flow."""

    hint = "Name it with --flow."


KINDS: dict[str, Callable[[str], bytes]] = {".svg": str.encode, ".png": png, ".pdf": pdf}


@click.group()
def prisma() -> None:
    """Check the numbers of a PRISMA 2020 flow and draw its diagram."""


@prisma.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print every equation as JSON.")
def check(file: Path, as_json: bool) -> int:
    """Print one line for each sum in FILE that fails; exit code 1 if one of them is an error.

    FILE is a JSON object, an object of named objects, or the CSV of the PRISMA2020 R package.
    """
    checked = [(flow, equations(flow)) for flow in _read(file)]
    if as_json:
        click.echo(json.dumps({"flows": [_told(*pair) for pair in checked]}, ensure_ascii=False, indent=1))
    else:
        _say_failures(checked)
    return 0 if all(_holds(checks) for _flow, checks in checked) else 1


@prisma.command("draw")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A file ending in .svg, .png or .pdf.")
@click.option(
    "--template", type=click.Choice([t.value for t in Template]), help="Another diagram than the numbers ask for."
)
@click.option("--flow", "name", help="Which flow to draw, where FILE holds several.")
def draw_diagram(file: Path, output: Path, template: str | None, name: str | None) -> None:
    """Draw the PRISMA 2020 diagram of the counts in FILE."""
    kind = output.suffix.lower()
    if kind not in KINDS:
        raise UnknownPicture(_("%(output)s ends in none of .svg, .png and .pdf.", output=output))
    flow = _one_of(_read(file), name, file)
    svg = draw(flow, Template(template) if template else None, standalone=True)
    try:
        output.write_bytes(KINDS[kind](svg))
    except OSError as error:
        raise UnreadableFile(_("%(file)s cannot be written: %(why)s.", file=output, why=error.strerror)) from error


@prisma.command()
@click.argument("review")
@click.option("--question", help="The diagram of one question of the protocol, by its short name.")
@click.option("--step", help="The diagram of one step of the search, by its short name.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts and every equation as JSON.")
def show(review: str, question: str | None, step: str | None, as_json: bool) -> int:
    """Print the PRISMA counts of REVIEW as its facts give them; exit code 1 if a sum fails."""
    from workbench.db import house
    from workbench.reporting import queries
    from workbench.reviews.queries import review_by_slug

    sessions, _folder = house()
    with sessions.read() as session:
        flow = queries.flow(session, review_by_slug(session, review).id, question=question, step=step)
    checks = equations(flow)
    if as_json:
        click.echo(json.dumps(_asked(flow, checks), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_readable(flow, checks)))
    return 0 if _holds(checks) else 1


def _asked(flow: Flow, checks: list[Equation]) -> dict[str, object]:
    """Give one flow as `prisma show --json` prints it."""
    told = [{"id": check.id, "holds": check.holds} for check in checks]
    return {"prisma": flow.as_dict(), "equations": told, "draft": is_draft(flow, checks)}


def _readable(flow: Flow, checks: list[Equation]) -> Iterator[str]:
    """Write the numbers one below the other, then what each sum says."""
    for key, value in flow.as_dict().items():
        if isinstance(value, dict):
            yield from (f"{key}: {name}: {n}" for name, n in value.items())
        elif value is not None:
            yield f"{key}: {value}"
    yield from (check.text for check in checks)
    yield _("Draft: work remains.") if is_draft(flow, checks) else _("Final: every number is decided.")


def _one_of(flows: list[Flow], name: str | None, file: Path) -> Flow:
    """Choose the flow to draw: the only one, or the one that is named."""
    found = [flow for flow in flows if name in {None, flow.name}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(flow.name for flow in flows)
    if found:
        raise WhichFlow(_("%(file)s holds several flows: %(names)s.", file=file.name, names=names))
    raise WhichFlow(_("%(file)s holds no flow “%(name)s”, but %(names)s.", file=file.name, name=name, names=names))


def _read(file: Path) -> list[Flow]:
    """Read the flows of a file; keys nobody knows are said on standard error."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UnreadableFile(_("%(file)s cannot be read: %(why)s.", file=file, why=error.strerror)) from error
    found = read_flows(data, file.name)
    if found.unknown_keys:
        keys = ", ".join(found.unknown_keys)
        click.echo(_("Not read, since these are no names of PRISMA counts: %(keys)s", keys=keys), err=True)
    return found.flows


def _holds(checks: list[Equation]) -> bool:
    """Say whether no equation of severity error fails."""
    return not any(check.holds is False and check.severity == "error" for check in checks)


def _told(flow: Flow, checks: list[Equation]) -> dict[str, object]:
    """Give one flow as `prisma check --json` prints it."""
    return {
        "name": flow.name,
        "template": flow.template.value,
        "draft": is_draft(flow, checks),
        "holds": _holds(checks),
        "equations": [check.as_dict() for check in checks],
    }


def _say_failures(checked: list[tuple[Flow, list[Equation]]]) -> None:
    """Print what fails, with the flow's name where there are several."""
    for flow, checks in checked:
        start = f"{flow.name}: " if len(checked) > 1 else ""
        for check in checks:
            if check.holds is False:
                click.echo(start + check.text)

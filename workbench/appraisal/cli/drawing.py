"""`workbench appraisal draw` and `convert`: judgements of other programs as pictures, and as each other's files."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from workbench.appraisal.cli.files import content, write
from workbench.appraisal.formats import Judged, UnreadableJudgements, read_covidence, read_revman5, read_robvis
from workbench.appraisal.instruments import Instrument, load
from workbench.appraisal.pictures import PALETTES, Style, of_outcome, summary, traffic_light
from workbench.appraisal.writers import as_revman_csv, as_robvis_csv
from workbench.drawing.files import pdf, png
from workbench.errors import Invalid
from workbench.words import _

SOURCES = ("robvis", "covidence", "revman5")
WRITERS: Mapping[str, Callable[[Judged], str]] = {"robvis": as_robvis_csv, "revman": as_revman_csv}


class UnknownPicture(Invalid):
    """A picture is written as SVG, PNG or PDF; the ending of the file says which."""

    hint = "Name the file so that it ends in .svg, .png or .pdf."


class NoSuchOutcome(Invalid):
    """Judgements are drawn for an outcome that they are about."""


_file = click.argument("file", type=click.Path(path_type=Path))
_source = click.option("--from", "source", type=click.Choice(SOURCES), help="What FILE is, where it is not recognised.")


@click.command("draw")
@_file
@_source
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A file ending in .svg, .png or .pdf.")
@click.option("--plot", type=click.Choice(["traffic-light", "summary"]), default="traffic-light", help="Which picture.")
@click.option(
    "--style", type=click.Choice([one.value for one in Style]), default="robvis", help="Whose symbols and layout."
)
@click.option("--palette", type=click.Choice(list(PALETTES)), help="The colours; those of the style if not given.")
@click.option("--instrument", "name", help="The instrument, for full names and a full legend.")
@click.option("--outcome", help="One outcome alone.")
@click.option("--weighted", is_flag=True, help="Let studies count by their weight, in a summary.")
def draw_judgements(
    file: Path,
    source: str | None,
    output: Path,
    plot: str,
    style: str,
    palette: str | None,
    name: str | None,
    outcome: str | None,
    weighted: bool,
) -> None:
    """Draw the judgements in FILE: a CSV of robvis or Covidence, or a file of RevMan 5."""
    kind = kind_of(output)
    instrument = load(name) if name else None
    judged = _of(_read(file, source, instrument), outcome)
    if plot == "summary":
        svg = summary(judged, style=Style(style), palette=palette, weighted=weighted, instrument=instrument)
    else:
        svg = traffic_light(judged, style=Style(style), palette=palette, instrument=instrument)
    write(output, in_kind(svg, kind, _("Risk of bias")))


def kind_of(output: Path) -> str:
    """Tell by its ending what a picture is to be.

    Raises:
        UnknownPicture: it is none that is drawn.
    """
    kind = output.suffix.lower()
    if kind not in {".svg", ".png", ".pdf"}:
        raise UnknownPicture(_("%(output)s ends in none of .svg, .png and .pdf.", output=output))
    return kind


def in_kind(svg: str, kind: str, title: str) -> bytes:
    """The bytes of a picture in the kind that is wanted."""
    makers: Mapping[str, Callable[[str], bytes]] = {
        ".svg": str.encode,
        ".png": png,
        ".pdf": lambda one: pdf(one, title),
    }
    return makers[kind](svg)


@click.command("convert")
@_file
@_source
@click.option("--to", "target", type=click.Choice(list(WRITERS)), required=True, help="What to write.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The CSV file to write.")
def convert_judgements(file: Path, source: str | None, target: str, output: Path) -> None:
    """Write the judgements in FILE as the CSV of another program."""
    judged = _read(file, source, None)
    write(output, WRITERS[target](judged).encode())
    click.echo(_("%(n)s studies, %(m)s domains.", n=len(judged.lines), m=len(judged.columns)), err=True)


def _read(file: Path, source: str | None, instrument: Instrument | None) -> Judged:
    data = content(file)
    readers: Mapping[str, Callable[[], Judged]] = {
        "robvis": lambda: read_robvis(data, instrument),
        "covidence": lambda: read_covidence(data),
        "revman5": lambda: read_revman5(data),
    }
    try:
        judged = readers[source or source_of(data)]()
    except UnreadableJudgements as error:
        raise UnreadableJudgements(f"{file}: {error}", error.way_out) from error
    for note in judged.notes:
        click.echo(note, err=True)
    return judged


def source_of(data: bytes) -> str:
    """Tell by its beginning what a file is.

    >>> source_of(b"<COCHRANE_REVIEW/>"), source_of(b"Study ID,Reviewer Name"), source_of(b"Study,D1,Overall")
    ('revman5', 'covidence', 'robvis')
    """
    head = data[:4000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"<"):
        return "revman5"
    header = head.split(b"\n", 1)[0].lower()
    signs = (b"study id", b"covidence #", b"reviewer", b"support", b"judgement", b"judgment")
    return "covidence" if any(sign in header for sign in signs) else "robvis"


def _of(judged: Judged, outcome: str | None) -> Judged:
    if outcome is None:
        return judged
    found = of_outcome(judged, outcome)
    if not found.lines:
        known = ", ".join(dict.fromkeys(line.outcome for line in judged.lines if line.outcome)) or _("none is named")
        raise NoSuchOutcome(
            _("There is no judgement for “%(outcome)s”.", outcome=outcome), _("Outcomes: %(all)s.", all=known)
        )
    return found

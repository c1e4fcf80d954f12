"""The PRISMA 2020 diagram and the overlap of sources as SVG, drawn by our own templates; from that PNG and PDF."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from workbench.drawing import files
from workbench.drawing.files import PicturesMissing, is_possible, png
from workbench.reporting.pictures.drawing import templates
from workbench.reporting.pictures.layout import lay_out
from workbench.reporting.pictures.overlap import draw_overlap
from workbench.reporting.rules import Flow, Template
from workbench.words import _, spaced

__all__ = ["PicturesMissing", "draw", "draw_overlap", "is_possible", "pdf", "png"]

NO_LINKS: Mapping[str, str] = MappingProxyType({})


def draw(
    flow: Flow,
    template: Template | None = None,
    links: Mapping[str, str] = NO_LINKS,
    *,
    number: Callable[[int], str] = spaced,
    standalone: bool = False,
    ident: str = "prisma",
) -> str:
    """Draw a flow as SVG, to stand in an HTML page or in a file of its own.

    Args:
        flow: the numbers; what is not known is drawn as "not known", what is open gets a pill beside its box.
        template: the official diagram to draw; the one the numbers ask for where not given.
        links: addresses by the name of a number (`records_screened`), of a name in a list
            (`dbr_excluded:Wrong population`), or of a box that holds several numbers (`identified`, `removed`,
            `other_identified`, `previous`, `included`, `total`, `not_counted`).
        number: how a number is written, in the reader's language.
        standalone: whether to lay a white ground, for a file that has no page around it.
        ident: start of the ids, so that several diagrams can stand on one page.
    """
    picture = lay_out(flow, template or flow.template, links, number)
    return templates().get_template("flow.svg").render(p=picture, id=ident, standalone=standalone)


def pdf(svg: str, title: str | None = None) -> bytes:
    """Print a picture; called the PRISMA 2020 flow diagram where it has no title of its own."""
    return files.pdf(svg, title or _("PRISMA 2020 flow diagram"))

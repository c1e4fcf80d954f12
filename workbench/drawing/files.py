"""A picture as PNG and PDF, by packages that need no system library and are installed only where wanted."""

import io
import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.errors import Invalid
from workbench.words import _

FAMILY = "WorkbenchSans"
PACKAGES = {"png": ("resvg_py", "reportlab"), "pdf": ("svglib", "reportlab")}
LARGEST_SIDE = 16_000
"""Pixels of a PNG's side; a picture longer than that is drawn smaller."""

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/System/Library/Fonts/Supplemental", "/Library/Fonts", os.path.expandvars("%WINDIR%/Fonts"),
)  # fmt: skip
FONTS = (
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
)
"""Regular and bold of the fonts to embed, in order of preference; ReportLab's own Vera where there is none."""


class PicturesMissing(Invalid):
    """PNG and PDF need the optional packages of `pictures`; SVG needs nothing."""

    hint = "Install them with: pip install 'screening-workbench[pictures]', or write a file that ends in .svg."


def is_possible(kind: str) -> bool:
    """Whether this installation has the packages that a file of this kind needs."""
    return all(find_spec(package) for package in PACKAGES.get(kind, ()))


def png(svg: str) -> bytes:
    """Paint a picture on white, two pixels to one of the SVG."""
    resvg, vera = _optional("resvg_py", "PNG"), _vera()
    width, height = (float(svg.split(f' {side}="', 1)[1].split('"', 1)[0]) for side in ("width", "height"))
    return bytes(
        resvg.svg_to_bytes(
            svg_string=svg,
            zoom=min(2.0, LARGEST_SIDE / max(width, height)),
            background="white",
            font_files=[str(path) for path in vera],
            sans_serif_family="Bitstream Vera Sans",
        )
    )


def pdf(svg: str, title: str) -> bytes:
    """Print a picture on one page of its own size; its text stays text, in an embedded font.

    Args:
        svg: the picture.
        title: what the file is called inside.
    """
    names = ("svglib.svglib", "reportlab.graphics.renderPDF", "reportlab.pdfgen.canvas")
    svglib, render, canvas = (_optional(name, "PDF") for name in names)
    _embed_fonts()
    families = svg.split('font-family="', 1)[1].split('"', 1)[0]
    plain = svg.replace(f'font-family="{families}"', f'font-family="{FAMILY}"').replace("\u202f", "\u00a0")
    drawing = svglib.svg2rlg(io.BytesIO(plain.encode()))
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(drawing.width, drawing.height), invariant=1)
    page.setTitle(title)
    page.setAuthor("")
    render.draw(drawing, page, 0, 0)
    page.save()
    return out.getvalue()


def _optional(module: str, kind: str) -> Any:
    """Import a package of the extra `pictures`, or say how to get it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise PicturesMissing(_("%(kind)s needs packages that are not installed.", kind=kind)) from error


@cache
def _embed_fonts() -> None:
    """Make a regular and a bold font known under our own name; common PDF fonts lack most letters of Europe."""
    fonts = _optional("svglib.fonts", "PDF")
    add: Callable[..., object] = fonts.register_font
    regular, bold = _font_files()
    add(FAMILY, str(regular))
    add(FAMILY, str(bold), weight="bold")


def _font_files() -> tuple[Path, Path]:
    """Find a regular and a bold font on this computer, else the pair that comes with ReportLab."""
    folders = [folder for name in FOLDERS if (folder := Path(name).expanduser()).is_dir()]
    files = {path.name: path for folder in folders for path in folder.rglob("*.ttf")}
    for regular, bold in FONTS:
        if regular in files and bold in files:
            return files[regular], files[bold]
    return _vera()


def _vera() -> tuple[Path, Path]:
    """Find Bitstream Vera Sans, which ships with ReportLab."""
    folder = Path(str(_optional("reportlab", "PNG").__file__)).parent / "fonts"
    return folder / "Vera.ttf", folder / "VeraBd.ttf"

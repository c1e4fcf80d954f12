"""An SVG being drawn: shapes in pixels, everything that is written in it escaped."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from workbench.drawing.text import legal, width, wrap

FONTS = "Arial, Helvetica, Liberation Sans, DejaVu Sans, sans-serif"
INK = "#1b1f23"
SIZE = 13
LINE = 16
"""Pixels from line to line."""


class Canvas:
    """Shapes one after the other; what comes later lies on top."""

    def __init__(self, title: str, description: str, ident: str) -> None:
        self.root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
        self.root.set("aria-labelledby", f"{ident}-title {ident}-description")
        self.root.set("font-family", FONTS)
        self.root.set("fill", INK)
        ET.SubElement(self.root, "title", id=f"{ident}-title").text = legal(title)
        ET.SubElement(self.root, "desc", id=f"{ident}-description").text = legal(description)
        self.ground = ET.SubElement(self.root, "rect", fill="#ffffff")
        self.into = self.root

    def svg(self, wide: float, high: float) -> str:
        """End the drawing, as wide and as high as it has become."""
        for element in (self.root, self.ground):
            element.set("width", _n(wide))
            element.set("height", _n(high))
        self.root.set("viewBox", f"0 0 {_n(wide)} {_n(high)}")
        return ET.tostring(self.root, encoding="unicode")

    @contextmanager
    def group(self, name: str, says: str, **about: str) -> Iterator[None]:
        """Draw shapes that belong together, with what a pointer shows and what a program reads of them."""
        outer = self.into
        self.into = ET.SubElement(outer, "g", {"class": name, **{f"data-{k}": legal(v) for k, v in about.items()}})
        ET.SubElement(self.into, "title").text = legal(says)
        yield
        self.into = outer

    def rect(self, x: float, y: float, w: float, h: float, fill: str, stroke: str = "", rounded: float = 0) -> None:
        """Draw a box."""
        about = {"x": _n(x), "y": _n(y), "width": _n(w), "height": _n(h), "fill": fill}
        ET.SubElement(self.into, "rect", about | _stroke(stroke) | ({"rx": _n(rounded)} if rounded else {}))

    def disc(self, x: float, y: float, r: float, fill: str, stroke: str = "") -> None:
        """Draw a disc."""
        ET.SubElement(self.into, "circle", {"cx": _n(x), "cy": _n(y), "r": _n(r), "fill": fill} | _stroke(stroke))

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, dash: str = "") -> None:
        """Draw a straight line."""
        about = {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2), "stroke": stroke}
        ET.SubElement(self.into, "line", about | ({"stroke-dasharray": dash} if dash else {}))

    def text(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float = SIZE,
        anchor: str = "start",
        bold: bool = False,
        fill: str = "",
        turned: bool = False,
    ) -> None:
        """Write one line; `turned` reads upwards."""
        about = {"x": _n(x), "y": _n(y), "font-size": _n(size)}
        about |= {"text-anchor": anchor} if anchor != "start" else {}
        about |= {"font-weight": "bold"} if bold else {}
        about |= {"fill": fill} if fill else {}
        about |= {"transform": f"rotate(-90 {_n(x)} {_n(y)})"} if turned else {}
        ET.SubElement(self.into, "text", about).text = legal(text)

    def lines(
        self, lines: Sequence[str], x: float, middle: float, *, anchor: str = "start", bold: bool = False
    ) -> None:
        """Write lines around a middle."""
        top = middle - LINE * (len(lines) - 1) / 2 + SIZE * 0.35
        for place, text in enumerate(lines):
            self.text(text, x, top + LINE * place, anchor=anchor, bold=bold)


def fitted(text: str, room: float, most: int = 3, *, bold: bool = False) -> list[str]:
    """Break a text into no more lines than there is room for; what is cut off ends in an ellipsis."""
    found = wrap(text, "", room, bold=bold) or [""]
    if len(found) <= most:
        return found
    last = found[most - 1]
    while last and width(f"{last}…", bold=bold) > room:
        last = last[:-1].rstrip()
    return [*found[: most - 1], f"{last}…"]


def widest(texts: Sequence[str], *, bold: bool = False) -> float:
    """The width of the widest of some texts."""
    return max((width(legal(text), bold=bold) for text in texts), default=0.0)


def _n(value: float) -> str:
    return f"{round(value, 2):g}"


def _stroke(stroke: str) -> dict[str, str]:
    return {"stroke": stroke} if stroke else {}

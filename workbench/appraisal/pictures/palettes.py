"""Colours and symbols of judgements, as robvis and as RevMan show them; a symbol is always drawn with its colour."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from workbench.appraisal.instruments import Level

OTHER = Level.UNKNOWN


class Style(StrEnum):
    """Whose pictures ours are like: `-` is some concerns in robvis and high in RevMan, so styles are never mixed."""

    ROBVIS = "robvis"
    REVMAN = "revman"


SYMBOLS: Mapping[Style, Mapping[Level, str]] = {
    Style.ROBVIS: dict(zip(Level, ("+", "-", "x", "!", "?", " "), strict=True)),
    Style.REVMAN: dict(zip(Level, ("+", "?", "-", "!", "NI", " "), strict=True)),
}

PALETTES: Mapping[str, Mapping[Level, str]] = {
    "cochrane": dict(zip(Level, ("#02C100", "#E2DF07", "#BF0000", "#820000", "#4EA1F7", "#cccccc"), strict=True)),
    "colourblind": dict(zip(Level, ("#fed98e", "#fe9929", "#d95f0e", "#993404", "#ffffff", "#cccccc"), strict=True)),
    "okabe-ito": dict(zip(Level, ("#0072B2", "#F0E442", "#D55E00", "#7A1F00", "#FFFFFF", "#cccccc"), strict=True)),
    "revman": dict(zip(Level, ("#00B050", "#FFD700", "#FF0000", "#8B0000", "#FFFFFF", "#cccccc"), strict=True)),
}
"""The first two are those of robvis; the colours of RevMan itself are not published, so those are near them."""

DEFAULT: Mapping[Style, str] = {Style.ROBVIS: "cochrane", Style.REVMAN: "revman"}


class Look:
    """How judgements are drawn in one picture."""

    def __init__(self, style: Style, palette: str, levels: Mapping[str, Level]) -> None:
        self.style = style
        self.colours = PALETTES[palette]
        self.levels = levels

    def level(self, judgement: str) -> Level:
        """How bad a judgement is; a word that nobody knows says nothing."""
        return self.levels.get(judgement, OTHER)

    def fill(self, judgement: str) -> str:
        """The colour of a judgement."""
        return self.colours[self.level(judgement)]

    def symbol(self, judgement: str) -> str:
        """The symbol of a judgement."""
        return SYMBOLS[self.style][self.level(judgement)]

    def ordered(self, judgements: Iterable[str]) -> list[str]:
        """Judgements from best to worst, then those that say nothing."""
        order = list(Level)
        return sorted(dict.fromkeys(judgements), key=lambda one: order.index(self.level(one)))


def ink_on(fill: str) -> str:
    """Black or white, whichever is read more easily on a colour.

    >>> ink_on("#820000"), ink_on("#E2DF07")
    ('#ffffff', '#000000')
    """
    red, green, blue = (_linear(int(fill[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) ** 2 >= 0.05 * 1.05 else "#ffffff"


def mixed(fill: str, share: float) -> str:
    """A colour thinned with white.

    >>> mixed("#000000", 0.5)
    '#808080'
    """
    parts: Sequence[int] = [int(fill[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)

"""Pictures of judgements as SVG: traffic lights, weighted bars, the grid of AMSTAR 2 and the bars of AGREE II."""

from workbench.appraisal.pictures.bars import NoWeights, summary
from workbench.appraisal.pictures.grids import Reviewed, grid
from workbench.appraisal.pictures.lights import of_outcome, traffic_light
from workbench.appraisal.pictures.palettes import PALETTES, SYMBOLS, Style
from workbench.appraisal.pictures.scores import Scores, score_bars

__all__ = [
    "PALETTES",
    "SYMBOLS",
    "NoWeights",
    "Reviewed",
    "Scores",
    "Style",
    "grid",
    "of_outcome",
    "score_bars",
    "summary",
    "traffic_light",
]

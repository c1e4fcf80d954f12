"""The protocol as a file: YAML with the line of every value, and the JSON Schema that is its contract."""

from workbench.protocols.formats.contract import MOST_TOLD, Violation, contract, violations
from workbench.protocols.formats.problem import Path, Problem, path_of, path_text
from workbench.protocols.formats.yaml_text import LARGEST_FILE, Place, Written, read_yaml

__all__ = [
    "LARGEST_FILE",
    "MOST_TOLD",
    "Path",
    "Place",
    "Problem",
    "Violation",
    "Written",
    "contract",
    "path_of",
    "path_text",
    "read_yaml",
    "violations",
]

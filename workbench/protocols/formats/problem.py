"""What does not hold in a protocol: where, why, and what to do."""

import re
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that does not hold: the line (from 1), the place in the document, what is wrong, the way out."""

    line: int
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Say it in one line: `line 7, limits.from: … …`."""
        where = f"line {self.line}, {self.path}" if self.path else f"line {self.line}"
        return f"{where}: {self.message} {self.remedy}"


def path_text(path: Path) -> str:
    """Write a place in the document as people type it.

    >>> path_text(("steps", 2, "sources", 0, "id"))
    'steps[2].sources[0].id'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def path_of(text: str) -> Path:
    """Read a place in the document as `path_text` writes it.

    >>> path_of("steps[2].sources[0].id")
    ('steps', 2, 'sources', 0, 'id')
    """
    parts = re.findall(r"([^.\[\]]+)|\[([0-9]{1,6})\]", text)
    return tuple(key or int(number) for key, number in parts)

"""Where migrations, protocols and configuration lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Raises:
        FileNotFoundError: neither a checkout nor a wheel holds it.
    """
    for base in (_PACKAGE / "_bundled", _PACKAGE.parent):
        if (path := base / name).exists():
            return path
    raise FileNotFoundError(name)

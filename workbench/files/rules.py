"""Names of files as people send them."""

import re
import unicodedata
from pathlib import PurePosixPath

from workbench.words import _

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def plain_name(name: str) -> str:
    r"""The last part of a file's name as a browser sent it, without what no name should hold.

    >>> plain_name("..\\..\\etc/pass\nwd"), plain_name("a/../..")
    ('passwd', 'file without a name')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(sign for sign in _CONTROL.sub("", last) if unicodedata.category(sign) not in {"Cf", "Cs"})
    return clean[:255].strip() if clean.strip(". ") else _("file without a name")

"""What a file that was sent as a PDF is: opened in a process of its own, so that none can take the server down."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from workbench.files.formats import pdf
from workbench.words import _


class State(StrEnum):
    """What became of a file that was to be read as a PDF."""

    READ = "read"
    NO_TEXT = "no-text"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    EMPTY = "empty"
    NOT_PDF = "not-pdf"
    TOO_LARGE = "too-large"
    TOO_MANY_PAGES = "too-many-pages"
    TOO_HEAVY = "too-heavy"


REFUSED = frozenset(State) - {State.READ, State.NO_TEXT, State.ENCRYPTED}
"""States in which a file is no full text."""


class Carries(StrEnum):
    """What a PDF may carry besides its pages."""

    JAVASCRIPT = "javascript"
    LAUNCH = "launch"
    FILES = "files"
    FORM = "form"
    MEDIA = "media"
    APPENDED = "appended"


@dataclass(frozen=True)
class Limits:
    """How large a PDF may be, and what may be spent on reading one."""

    bytes: int = 100 << 20
    pages: int = 2000
    seconds: int = 20
    memory: int = 1 << 30

    @classmethod
    def stated(cls) -> Self:
        """The limits as WORKBENCH_MAX_PDF_BYTES and WORKBENCH_MAX_PDF_PAGES state them, for commands."""
        size, pages = os.environ.get("WORKBENCH_MAX_PDF_BYTES"), os.environ.get("WORKBENCH_MAX_PDF_PAGES")
        return cls(int(size) if size else cls.bytes, int(pages) if pages else cls.pages)


@dataclass(frozen=True)
class Reading:
    """What was found in a file: its state, and of a PDF the pages, the text of the first ones, and its properties."""

    state: State
    pages: int | None = None
    text: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    carries: frozenset[Carries] = frozenset()
    is_really: str | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it is no full text."""
        return self.state in REFUSED


_SIGNS = (
    (re.compile(rb"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*>\s*)?(?:<!doctype svg[^>]*>\s*)?<svg", re.I | re.S), "svg"),
    (re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|script)", re.I | re.S), "html"),
    (re.compile(rb"\s*<\?xml", re.I), "xml"),
    (re.compile(rb"PK\x03\x04"), "zip"),
    (re.compile(rb"\xd0\xcf\x11\xe0|\{\\rtf"), "word"),
    (re.compile(rb"%!PS"), "postscript"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*"), "picture"),
)
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]{0,32}%PDF-\d")


def first_look(head: bytes, size: int, limits: Limits) -> Reading | None:
    """Say what is wrong with a file as far as its first kilobyte and its size tell; None where nothing is.

    A PDF begins with its sign: what begins otherwise and holds the sign later is two files in one.

    >>> first_look(b"<!DOCTYPE html><p>%PDF-1.7", 26, Limits()).is_really
    'html'
    """
    if size == 0:
        return Reading(State.EMPTY)
    if not _HEADER.match(head):
        return Reading(State.NOT_PDF, is_really=next((word for sign, word in _SIGNS if sign.match(head)), None))
    return Reading(State.TOO_LARGE) if size > limits.bytes else None


class Reader:
    """Reads PDFs one after the other; the process that does so is started once, and anew after a file that ended it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process that reads."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        process.wait()

    def read(self, source: Path | BinaryIO | bytes, text_of: int = 3) -> Reading:
        """Say what a file is and holds; of so many pages, from the first, with its text."""
        with _lying(source) as path:
            with path.open("rb") as file:
                wrong = first_look(file.read(1024), path.stat().st_size, self.limits)
            return wrong or _reading(self._ask(path, text_of))

    def _ask(self, path: Path, text_of: int) -> dict[str, Any]:
        limits = {name: getattr(self.limits, name) for name in ("pages", "seconds", "memory")}
        request = json.dumps({"path": str(path), "text": text_of, **limits}).encode() + b"\n"
        process = self._running()
        try:
            process.stdin.write(request)  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = _line(process, self.limits.seconds + 10)
        except OSError:
            line = b""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.close()
        return {"state": State.TOO_HEAVY}

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-I", pdf.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        return self._process


def _line(process: "subprocess.Popen[bytes]", seconds: int) -> bytes:
    """The next line that the process answers; nothing where it died or took too long."""
    out = process.stdout
    if out is None:
        return b""
    if sys.platform != "win32" and not select.select([out], [], [], seconds)[0]:
        return b""
    return out.readline()


@contextmanager
def _lying(source: Path | BinaryIO | bytes) -> Iterator[Path]:
    """Where the bytes lie on this machine, for as long as they are read."""
    if isinstance(source, Path):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="workbench-pdf-") as folder:
        path = Path(folder) / "sent"
        if isinstance(source, bytes):
            path.write_bytes(source)
        else:
            source.seek(0)
            with path.open("wb") as file:
                while block := source.read(1 << 20):
                    file.write(block)
        yield path


def _reading(answer: Mapping[str, Any]) -> Reading:
    return Reading(
        state=State(answer["state"]),
        pages=answer.get("pages"),
        text=tuple(answer.get("text", ())),
        told=answer.get("told", {}),
        carries=frozenset(Carries(word) for word in answer.get("carries", ())),
    )


def read(source: Path | BinaryIO | bytes, limits: Limits | None = None, text_of: int = 3) -> Reading:
    """Read one file; for several, a `Reader` is quicker."""
    with Reader(limits) as reader:
        return reader.read(source, text_of)


def in_words(reading: Reading, limits: Limits | None = None) -> str:
    """Say in a sentence what is wrong with a file, and what to do; empty where nothing is."""
    most = limits or Limits()
    return {
        State.READ: "",
        State.NO_TEXT: _("It holds pictures of pages and no text, so nothing in it can be matched or searched."),
        State.ENCRYPTED: _("It opens with a password only. Save a copy without the password and send that."),
        State.BROKEN: _("It is damaged and cannot be opened. Download it again."),
        State.EMPTY: _("It is empty, 0 bytes. Download it again."),
        State.NOT_PDF: _what_it_is(reading.is_really),
        State.TOO_LARGE: _("It is larger than %(n)s MB, the limit here. Save a smaller copy.", n=most.bytes >> 20),
        State.TOO_MANY_PAGES: _(
            "It has %(pages)s pages, and the limit is %(n)s. Cut out the pages of the report.",
            pages=reading.pages,
            n=most.pages,
        ),
        State.TOO_HEAVY: _("Opening it takes more time or memory than a full text may. Print it to a new PDF."),
    }[reading.state]


def _what_it_is(word: str | None) -> str:
    return {
        "html": _("It is a web page and not a PDF. Open it in a browser and print it as PDF."),
        "svg": _("It is an SVG picture and not a PDF. Print it as PDF."),
        "xml": _("It is an XML file and not a PDF."),
        "zip": _("It is an archive or an Office document and not a PDF. Unpack it, or save the document as PDF."),
        "word": _("It is a Word document and not a PDF. Save it as PDF."),
        "postscript": _("It is a PostScript file and not a PDF. Convert it to PDF."),
        "picture": _("It is a picture and not a PDF. Print it as PDF."),
    }.get(word or "", _("It does not begin as a PDF does. Download it again, or save the document as PDF."))


def carried_in_words(carries: Carries) -> str:
    """Name what a PDF carries besides its pages."""
    return {
        Carries.JAVASCRIPT: _("a script"),
        Carries.LAUNCH: _("a command that starts programs"),
        Carries.FILES: _("other files"),
        Carries.FORM: _("a form that sends data"),
        Carries.MEDIA: _("sound or film"),
        Carries.APPENDED: _("another file after its end"),
    }[carries]

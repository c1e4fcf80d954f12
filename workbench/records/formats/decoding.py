"""From bytes to lines, in flat memory: unpack, find the encoding, split on every kind of line end.

A file is gone through once before anything is read of it (`Delivered.of`): its fingerprint, its encoding, how many
lines it has and how long the longest is are known then. After that it is read as often as wanted, part by part.
"""

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from workbench.records.formats import xlsx
from workbench.records.formats.raw import Unreadable
from workbench.words import _

MOST_BYTES = 1_000_000_000
"""Bytes inside a packed file; more is no export, but an attack."""
MOST_IN_LINE = 10_000_000
"""Bytes of one line; no database writes a tenth of that."""
AT_ONCE = 1 << 18
"""Characters that are held at a time while a file is read."""
HEAD = 200_000
"""Characters from which the format and the source of a file are told."""

MEGABYTE = 1 << 20
ENOUGH_SIGNS = 3
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_BLANK = b"\x00 \t\r\n" + codecs.BOM_UTF8 + b"".join(_UTF_16)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf]|â€[\u0080-\u2122]")
_STRAY_MARK = re.compile("^[ \t]*\ufeff", re.MULTILINE)

_NOT_TEXT = (
    (b"%PDF", "This is a PDF, not an export of records."),
    (b"\xd0\xcf\x11\xe0", "This is an old Word or Excel file, which is not read here. Save the sheet as CSV."),
    (b"\x89PNG", "This is a picture, not an export of records."),
    (b"\xff\xd8\xff", "This is a picture, not an export of records."),
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file as delivered, gone through once.

    Attributes:
        file: the open file; it must be one that can be read again from its beginning.
        sha256: of the bytes as delivered.
        is_packed: whether it is a .gz file, known by its first bytes; it is then read as what is inside.
        encoding: how its text is decoded: UTF-8, UTF-16 by its mark, cp1252, latin-1, in this order; an XML file may
            name its own.
        lines: how many it has, ended by any kind of line end.
        longest: how long the longest line is at least: in bytes, and where that matters, exactly.
        line_ended: whether the last line is ended.
        is_marked: whether a mark of the encoding stands elsewhere than at the beginning.
        start: the first bytes inside.
    """

    file: BinaryIO
    sha256: str
    is_packed: bool
    encoding: str
    lines: int
    longest: int
    line_ended: bool
    is_marked: bool
    start: bytes

    @property
    def is_workbook(self) -> bool:
        """Whether it is an archive (zip), as Excel workbooks are; its text is then that of the first sheet's rows."""
        return self.start.startswith(xlsx.SIGNATURE)

    @classmethod
    def of(cls, file: BinaryIO) -> "Delivered":
        """Go through a file once.

        Raises:
            Unreadable: it is empty, or packed and damaged or too large inside, or an archive that is no workbook.
        """
        survey = _Survey()
        sha256, is_packed = _fingerprint(file, survey)
        if is_packed:
            for block in _unpacked(file):
                survey.take(block)
        seen = survey.told(file, sha256, is_packed=is_packed)
        if not seen.is_workbook:
            return seen
        return replace(seen, encoding="utf-8", lines=xlsx.rows(seen.inside()), longest=0, line_ended=True)

    def inside(self) -> BinaryIO:
        """Return what is inside, from its beginning."""
        self.file.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=self.file)) if self.is_packed else self.file

    def blocks(self) -> Iterator[str]:
        r"""Hand out the text in parts, every line end as \n; a part may end within a line."""
        if self.is_workbook:
            yield from (line + "\n" for line in xlsx.lines(self.inside()))
            return
        decoder = io.IncrementalNewlineDecoder(_decoder(self.encoding), translate=True)
        source = self.inside()
        while data := source.read(AT_ONCE):
            if text := decoder.decode(data):
                yield text
        if rest := decoder.decode(b"", final=True):
            yield rest

    def parts(self) -> Iterator[str]:
        r"""Hand out the text in parts of whole lines, without stray marks of the encoding; the last may lack its \n."""
        kept: list[str] = []
        for block in self.blocks():
            at = block.rfind("\n") + 1
            if at:
                yield self._clean("".join((*kept, block[:at])))
                kept = [block[at:]] if at < len(block) else []
            else:
                kept.append(block)
        if kept:
            yield self._clean("".join(kept))

    def _clean(self, text: str) -> str:
        return _STRAY_MARK.sub("", text) if self.is_marked else text

    def each_line(self) -> Iterator[str]:
        """Hand out the lines one by one, without their ends."""
        for part in self.parts():
            yield from part.removesuffix("\n").split("\n")

    def head(self) -> str:
        """Return the beginning of the text, from which its format is told: whole lines, if there are any."""
        found: list[str] = []
        size = 0
        for part in self.blocks() if self.longest > MOST_IN_LINE else self.parts():
            found.append(part)
            size += len(part)
            if size >= HEAD:
                break
        return "".join(found)

    def refuse_long_lines(self) -> None:
        """Refuse a text whose lines are longer than any export's, before one is held in memory.

        Raises:
            Unreadable: there is such a line.
        """
        if self.longest > MOST_IN_LINE:
            message = _(
                "A line is longer than %(n)s million characters, so this is no export.", n=MOST_IN_LINE // 10**6
            )
            raise Unreadable(message)


def refuse_what_is_no_text(delivered: Delivered, head: str) -> None:
    """Refuse what no reader of text can read.

    Raises:
        Unreadable: the file is a document, a picture, or binary.
    """
    for start, reason in _NOT_TEXT:
        if delivered.start.startswith(start):
            raise Unreadable(_(reason))
    if len(_CONTROL.findall(head[:100_000])) > max(3, len(head[:100_000]) // 1000):
        raise Unreadable(_("The file holds no text (it is binary), so it is no export of records."))


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return what decodes a file part by part; a mark at its beginning is proof enough to replace what is damaged."""
    is_certain = encoding in ("utf-8-sig", "utf-16")
    return codecs.getincrementaldecoder(encoding)("replace" if is_certain else "strict")


def _fingerprint(file: BinaryIO, survey: "_Survey") -> tuple[str, bool]:
    """Return the sha256 of a file and whether it is packed; one that is not is surveyed on the way."""
    file.seek(0)
    digest, is_packed = hashlib.sha256(), False
    while block := file.read(MEGABYTE):
        is_packed = is_packed or (not survey.start and block.startswith(b"\x1f\x8b"))
        digest.update(block)
        if not is_packed:
            survey.take(block)
    return digest.hexdigest(), is_packed


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Hand out what is inside a .gz file.

    Raises:
        Unreadable: it is damaged, or larger than a billion bytes inside.
    """
    file.seek(0)
    size = 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while block := packed.read(MEGABYTE):
                size += len(block)
                if size > MOST_BYTES:
                    raise Unreadable(_("The packed file (.gz) is too large inside."))
                yield block
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(_("The packed file (.gz) is damaged or cut off.")) from error


class _Survey:
    """Looks at the bytes of a file as they go by: which encodings still fit, how many lines there are."""

    def __init__(self) -> None:
        self.start = self.last = b""
        self.certain = ""
        self.fitting: dict[str, codecs.IncrementalDecoder] = {}
        self.is_blank, self.is_plain, self.is_marked = True, True, False
        self.lines = self.running = self.longest = 0

    def take(self, block: bytes) -> None:
        """Look at the next bytes."""
        if not self.start:
            self._begin(block)
        self.is_blank = self.is_blank and not block.strip(_BLANK)
        if not (self.is_plain and block.isascii() and not _is_waiting(self.fitting)):
            self._fit(block)
        self._measure(block)
        self.last = block[-2:]

    def _begin(self, block: bytes) -> None:
        """Set out with the encodings that may be; a mark at the beginning leaves one."""
        self.start = block[:200]
        if block.startswith(codecs.BOM_UTF8):
            self.certain = "utf-8-sig"
        elif block.startswith(_UTF_16):
            self.certain, self.is_marked = "utf-16", True
        else:
            declared = _declared(self.start)
            self.is_plain = not declared or declared == ["utf-8"]
            names = dict.fromkeys((*declared, "utf-8", "cp1252"))
            self.fitting = {name: codecs.getincrementaldecoder(name)() for name in names}

    def _fit(self, block: bytes) -> None:
        """Give up the encodings in which these bytes mean nothing, and look for marks within."""
        within = block.find(codecs.BOM_UTF8, 0 if self.last else 1) >= 0
        self.is_marked = self.is_marked or within or codecs.BOM_UTF8 in self.last + block[:2]
        self.fitting = {name: one for name, one in self.fitting.items() if _fits(name, one, block)}

    def _measure(self, block: bytes) -> None:
        """Count line ends, and the bytes of the line that is under way."""
        returns = block.count(b"\r")
        pairs = block.count(b"\r\n") if returns else 0
        self.lines += block.count(b"\n") + returns - pairs - (self.last[-1:] == b"\r" and block[:1] == b"\n")
        ends = [at for at in (block.find(b"\n"), block.find(b"\r") if returns else -1) if at >= 0]
        self.longest = max(self.longest, self.running + (min(ends) if ends else len(block)))
        last = max(block.rfind(b"\n"), block.rfind(b"\r") if returns else -1)
        self.running = self.running + len(block) if last < 0 else len(block) - last - 1

    def told(self, file: BinaryIO, sha256: str, *, is_packed: bool) -> Delivered:
        """Say what was seen.

        Raises:
            Unreadable: nothing was.
        """
        if self.is_blank:
            raise Unreadable(_("The file is empty."))
        encoding = self.certain or next((name for name, one in self.fitting.items() if _is_whole(one)), "latin-1")
        line_ended = self.last[-1:] in (b"\n", b"\r")
        lines = self.lines + (not line_ended)
        seen = Delivered(file, sha256, is_packed, encoding, lines, self.longest, line_ended, self.is_marked, self.start)
        return seen if "\r\n".encode(encoding) == b"\r\n" or encoding == "utf-8-sig" else _counted(seen)


def _counted(seen: Delivered) -> Delivered:
    """Count the lines of a text whose line ends are not those of ASCII."""
    lines, last = 0, ""
    for block in seen.blocks():
        lines, last = lines + block.count("\n"), block[-1:]
    return replace(seen, lines=lines + (last != "\n"), line_ended=last == "\n")


def _is_waiting(decoders: dict[str, codecs.IncrementalDecoder]) -> bool:
    """Say whether a decoder waits for the rest of a character."""
    return any(one.getstate()[0] for one in decoders.values())


def _fits(name: str, decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    """Say whether bytes mean something in an encoding."""
    if name == "cp1252":
        return not any(one in block for one in _NOT_IN_CP1252)
    try:
        decoder.decode(block)
    except UnicodeError:
        return False
    return True


def _is_whole(decoder: codecs.IncrementalDecoder) -> bool:
    """Say whether the file does not end within a character."""
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _declared(start: bytes) -> list[str]:
    """Name the encoding an XML declaration gives, where it can be: the declaration itself was read as ASCII."""
    found = _DECLARED.match(start)
    if not found:
        return []
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
        codecs.getincrementaldecoder(name)
        is_wider_ascii = "<?xml\r\n".encode(name) == b"<?xml\r\n"
    except (LookupError, UnicodeError):
        return []
    return [name] if is_wider_ascii else []


class Garbled:
    """Watches whether a text looks decoded twice (`Ã©` for é); it is only reported, never mended silently.

    Attributes:
        has_gaps: whether a character stands in it for one that could not be read.
    """

    def __init__(self) -> None:
        self.signs = 0
        self.has_gaps = False

    def watched(self, text: str) -> str:
        """Look at the next part of the text; it is handed on as it is."""
        if text.isascii():
            return text
        self.has_gaps = self.has_gaps or "\ufffd" in text
        if self.signs < ENOUGH_SIGNS and ("Ã" in text or "â€" in text):
            self.signs += len(_MOJIBAKE.findall(text))
        return text

    @property
    def is_likely(self) -> bool:
        """Whether there are more such signs than a text may hold by chance."""
        return self.signs >= ENOUGH_SIGNS

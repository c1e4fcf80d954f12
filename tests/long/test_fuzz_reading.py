"""Spoilt files: whatever is done to an export, it is read or refused with a word, quickly, and no line is lost.

A seeded share runs every time; `--long` runs 20,000.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.records.rules import Reading, Unreadable, read

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"
SPECIMENS = sorted(path for path in EXPORTS.iterdir() if path.is_file())
LONGEST = 6.0
LARGEST = 1_000_000
"""Bytes of a spoilt file: what is repeated twice over is cut off here, since a larger file takes its time by right."""
SHARE, ALL = 300, 20_000
SIGNS = [
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b'"',
    b"<",
    b">",
    b"&",
    b"\xc3",
    b"  - ",
    b"ER  - ",
    b"{",
    b",",
]


def flipped(draw: random.Random, data: bytes) -> bytes:
    """Some bytes are others."""
    spoilt = bytearray(data)
    for _ in range(draw.randint(1, 1 + len(data) // 50)):
        spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
    return bytes(spoilt)


def truncated(draw: random.Random, data: bytes) -> bytes:
    """The file is cut off, at its end or at its beginning."""
    at = draw.randrange(len(data))
    return data[:at] if draw.random() < 0.7 else data[at:]


def shuffled(draw: random.Random, data: bytes) -> bytes:
    """Some lines, or all, stand elsewhere."""
    lines = data.splitlines(keepends=True)
    for _ in range(draw.choice([1, 5, len(lines)])):
        one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def mixed(draw: random.Random, data: bytes) -> bytes:
    """A part of the text is in another encoding."""
    text = data.decode("utf-8", errors="replace")
    at, end = sorted(draw.randrange(len(text) + 1) for _ in range(2))
    encoding = draw.choice(["latin-1", "utf-16", "utf-16-le", "cp1252", "utf-8-sig", "shift_jis"])
    strange = (text[at:end] + draw.choice(["", "é", "Ã©", "\u2010", "\U0001f600"])).encode(encoding, errors="ignore")
    return text[:at].encode() + strange + text[end:].encode()


def repeated(draw: random.Random, data: bytes) -> bytes:
    """Lines come again, a few times or very often."""
    lines = data.splitlines(keepends=True)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(lines))
        lines[at:at] = lines[at : at + draw.randint(1, 3)] * draw.choice([1, 2, 2, 500])
    return b"".join(lines)


def strewn(draw: random.Random, data: bytes) -> bytes:
    """Signs that mean something to some reader stand where they do not belong."""
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(data) + 1)
        data = data[:at] + draw.choice(SIGNS) * draw.choice([1, 1, 1, 3000]) + data[at:]
    return data


def spliced(draw: random.Random, data: bytes) -> bytes:
    """A file of another kind goes on where this one ends."""
    other = draw.choice(SPECIMENS).read_bytes()
    return data[: draw.randrange(len(data) + 1)] + other[draw.randrange(len(other)) :]


DAMAGES: list[Callable[[random.Random, bytes], bytes]] = [
    flipped,
    truncated,
    shuffled,
    mixed,
    repeated,
    strewn,
    spliced,
]


def spoilt(seed: int) -> tuple[bytes, str]:
    """One specimen, damaged once or more, and what was done to it."""
    draw = random.Random(seed)
    path = draw.choice(SPECIMENS)
    data, told = path.read_bytes(), [path.name]
    for _ in range(draw.choice([1, 1, 2, 3])):
        damage = draw.choice(DAMAGES)
        data = damage(draw, data)[:LARGEST] or b"\n"
        told.append(damage.__name__)
    return data, " ".join(told)


def uncovered(found: Reading) -> str:
    """What is wrong with the ranges of lines; "" where they cover the file without overlap."""
    spans = [item.lines for item in found.items] + [(one.line, one.last_line) for one in found.rejected]
    at = 1
    for first, last in sorted(span for span in (*spans, *found.skipped) if span[1] >= span[0]):
        if first != at:
            return f"line {at} or {first}"
        at = last + 1
    return "" if at == found.lines + 1 else f"ends at {at - 1} of {found.lines}"


def faults(seeds: range) -> list[str]:
    """Everything that went wrong, each with the seed that brings it back."""
    found = []
    for seed in seeds:
        data, told = spoilt(seed)
        start = time.process_time()
        try:
            wrong = uncovered(read(data, told))
        except Unreadable as refusal:
            wrong = "" if str(refusal) else "refused without a word"
        except Exception as error:
            wrong = repr(error)
        if time.process_time() - start > LONGEST:
            wrong = "takes too long"
        if wrong:
            found.append(f"seed {seed}: {told}: {wrong}")
    return found


def test_spoilt_files_are_read_or_refused_and_no_line_is_lost():
    assert faults(range(SHARE)) == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_twenty_thousand_spoilt_files_are_read_or_refused_and_no_line_is_lost(part):
    size = ALL // 20
    assert faults(range(SHARE + part * size, SHARE + (part + 1) * size)) == []

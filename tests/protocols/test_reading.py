"""How a file is read: YAML 1.2, nothing guessed, every problem with its line."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.protocols.formats import LARGEST_FILE, read_yaml
from workbench.protocols.rules import check

Small = Callable[..., bytes]


def the_problem(data: bytes) -> tuple[int, str, str]:
    """Line, path and words of the one problem there must be."""
    [problem] = check(data)
    return problem.line, problem.path, f"{problem.message} {problem.remedy}"


def test_no_is_text_and_a_date_stays_as_written() -> None:
    written = read_yaml(b"language: no\nyes: on\nday: 2019-05-01\nmonth: 2019-05\nyear: 2019\nfact: true\nnone:\n")
    assert written.document == {
        "language": "no",
        "yes": "on",
        "day": "2019-05-01",
        "month": "2019-05",
        "year": 2019,
        "fact": True,
        "none": None,
    }


def test_every_value_knows_its_line_and_how_it_was_written() -> None:
    written = read_yaml(b"# a comment\na:\n  - x\n  - b: 2019\n")
    assert written.line(("a", 1, "b")) == 4
    assert written.places["a", 1, "b"].written == "2019"
    assert written.line(("a", 1, "missing")) == 4


def test_a_byte_order_mark_and_windows_line_ends_are_read(small: Small) -> None:
    assert check(b"\xef\xbb\xbf" + small().replace(b"\n", b"\r\n")) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"a: &x 1\n", 1, "anchor"),
        (b"a: 1\nb: *x\n", 2, "alias"),
        (b"a: 1\n<<: {b: 2}\n", 2, "merge key"),
        (b"a: 1\nb: !!str 2\n", 2, "tag"),
        (b"a: 1\nb: 2\na: 3\n", 3, "given twice; the first is in line 1"),
        (b"a: 1\n---\nb: 2\n", 2, "one protocol per file"),
        (b"", 1, "empty"),
        (b"# nothing but a comment\n", 1, "empty"),
        (b"a: 1\nb: caf\xe9\n", 2, "UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, "UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "character"),
        (b'a: 1\nb: "\\0"\n', 2, "control character"),
        (b"a:\n\t- b\n", 2, "tab"),
        (b"a: 1\nb: c: d\n", 2, "colon"),
        (b'a: 1\nb: "spine"[Mesh]\n', 2, "quotes"),
        (b'a: 1\nb: "open\nc: d\n', 2, "does not end"),
        (b"a: [1, 2\nb: 3\n", 2, "bracket"),
        (b"a: 1\nb: 1 AND #2\n", 2, "comment"),
        (b"a: " + b"[" * 5000, 1, "nested too deep"),
        (b"? [a]\n: b\n", 1, "key"),
        (b"a: %x\n", 1, "meaning in YAML"),
        (b"%PDF-1.7\n\x01\x02\n", 2, "character"),
    ],
)
def test_what_hinders_reading_is_told_with_its_line(text: bytes, line: int, words: str) -> None:
    at, _path, said = the_problem(text)
    assert (at, words in said) == (line, True), (at, said)


def test_a_file_over_one_megabyte_is_refused_unread(small: Small) -> None:
    line, _path, words = the_problem(small() + b"#" * LARGEST_FILE)
    assert line == 1
    assert "more than 1 MB" in words


def test_an_ordinary_comment_is_no_problem(small: Small) -> None:
    assert check(small("votes: 2,", "votes: 2,   # 2 people, see #1\n   ")) == []


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
@example(b"- ")
@example(b"schema: search_protocol/1\nsteps: [[]]\nquestions: {}\nscreening: 3\n")
@settings(deadline=None)
def test_no_file_makes_the_check_fall_over(data: bytes) -> None:
    assert all(problem.line >= 1 and problem.message and problem.remedy for problem in check(data))

"""Pages of a long list."""

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True)
class Page:
    """One page of a long list; pages are numbered from 1. `first` and `end` cut its rows out of the whole."""

    number: int
    last: int
    first: int
    end: int


def page_of(total: int, size: int = 50) -> Page:
    """The page that the address asks for, or the nearest that a list of so many rows has."""
    return cut(total, request.args.get("page", 1, type=int), size)


def cut(total: int, number: int, size: int) -> Page:
    """The page of this number, or the nearest that a list of so many rows has.

    >>> cut(51, 9, 25)
    Page(number=3, last=3, first=50, end=51)
    """
    last = max(1, -(-total // size))
    number = min(max(1, number), last)
    return Page(number, last, (number - 1) * size, min(number * size, total))

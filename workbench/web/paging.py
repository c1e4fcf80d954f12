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
    last = max(1, -(-total // size))
    number = min(max(1, request.args.get("page", 1, type=int)), last)
    return Page(number, last, (number - 1) * size, min(number * size, total))

"""What an event is: a frozen dataclass with a name `room:thing:deed`; its fields are the payload of its entry."""

import hashlib
from dataclasses import fields
from typing import ClassVar


class Event:
    """One deed, told in plain ids and words of the field; free text goes in as its hash only (B11)."""

    name: ClassVar[str]
    about: ClassVar[str] = ""
    """Name of the field that holds the record this deed is about; B1 hides the payload while it is not open."""

    def payload(self) -> dict[str, object]:
        """The fields as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


def text_hash(text: str | None) -> str | None:
    """Hash of free text, so that the trail proves it and a person can still be erased later."""
    return hashlib.sha256(text.encode()).hexdigest() if text else None

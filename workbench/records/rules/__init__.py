"""From an export file to records in canonical form; what is malformed, and why. Pure: no database, no web."""

from workbench.records.formats.raw import Rejected, Unreadable, Warning_
from workbench.records.rules.items import Item, Reading
from workbench.records.rules.reading import Stream, open_reading, read

__all__ = ["Item", "Reading", "Rejected", "Stream", "Unreadable", "Warning_", "open_reading", "read"]

"""Which records are one report, and which of them is kept."""

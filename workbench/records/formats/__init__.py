"""Export files as they come: bytes in, (tag, value, line) out; nothing is interpreted here."""

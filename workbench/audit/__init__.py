"""The append-only, salted, hash-chained trail of every deed."""

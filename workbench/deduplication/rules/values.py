"""What a field of two records says: unknown is not conflict."""

AGREE, UNKNOWN, CONFLICT = 1, 0, -1

"""Pages of screening: the stages, the desk where votes are cast, conflicts, full texts, and what waits for whom."""

"""What reporting gives as files: counts and tables, the PRISMA-S report as Markdown, search histories as JSON."""

from workbench.reporting.writers.counts import as_csv, as_json
from workbench.reporting.writers.histories import as_zip, history_json, history_name
from workbench.reporting.writers.markdown import prisma_s_markdown

__all__ = ["as_csv", "as_json", "as_zip", "history_json", "history_name", "prisma_s_markdown"]

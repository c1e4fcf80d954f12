"""Commands that report: `workbench prisma` on the flow; `searches` and `prisma-s` on what the searches did."""

from workbench.reporting.cli.flow import prisma
from workbench.reporting.cli.searches import prisma_s, searches

__all__ = ["prisma", "prisma_s", "searches"]

"""PRISMA flow, the trail's pages, the overview; asks every room and writes nothing."""

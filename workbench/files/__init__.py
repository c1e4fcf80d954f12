"""Content-addressed store of import files and full texts."""

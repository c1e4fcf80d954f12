"""Documented searches: read, checked, and tied to the imports they brought."""

"""Screening from a program: a script can be a reviewer, with the rights of its person and none more."""

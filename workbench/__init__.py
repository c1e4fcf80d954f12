"""The screening workbench: one room per step of a systematic review."""

__version__ = "0.1.0"

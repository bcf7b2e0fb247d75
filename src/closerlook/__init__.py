"""Closer Look carries every woman from a screening mammogram to a settled answer."""

__version__ = "0.1.0"

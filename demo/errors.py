"""What can keep the demo from running, told to the person who started it."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""

"""What can keep the demo from running, told to the person who started it."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do, ``log`` is the end of a log that helps."""

    def __init__(self, text: str, log: str = "") -> None:
        super().__init__(text)
        self.log = log

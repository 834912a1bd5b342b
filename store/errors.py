"""What can go wrong between Ringback and its database."""

from __future__ import annotations


class StoreError(Exception):
    """The database did not do what was asked; nothing of that transaction is on disk. Names no number."""


class DatabaseUnusableError(StoreError):
    """The database cannot be used as it is. The text tells the operator which one, why, and what to do."""


class UnknownCallError(StoreError):
    """A call is to be finished that was never opened: a fault of ours."""

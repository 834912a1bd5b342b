"""What may be done with one element of a shopper's page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flags:
    """An element as the mirror knows it; :func:`cobrowse.actions.judge` decides by this."""

    #: In lower case.
    tag: str
    #: A rule hides it, or something around it: nothing can be done with it but show where it is.
    masked: bool = False
    never_fill: bool = False
    never_click: bool = False
    #: Whether it takes a value: a text field, a select, a checkbox; no file input, hidden one or editor.
    fillable: bool = False
    #: Whether it is there to be clicked; False for what no agent's page shows, such as a hidden field.
    clickable: bool = True
    #: What it is called on the page, for the list of what was done; empty where that is hidden or unknown.
    label: str = ""

"""Words that say how something on a page is, and nothing of the shopper."""

from __future__ import annotations

#: Values of ``data-`` and ``aria-`` attributes that are passed on, as style sheets name them.
STATES = frozenset(
    {"", "true", "false", "mixed", "on", "off", "open", "opened", "closed", "active", "inactive", "checked",
     "unchecked", "indeterminate", "selected", "expanded", "collapsed", "visible", "hidden", "shown",
     "show", "enabled", "disabled", "loading", "loaded", "idle", "dark", "light", "horizontal", "vertical",
     "left", "right", "top", "bottom", "start", "end", "center", "page", "step", "dialog", "menu",
     "listbox", "none", "sm", "md", "lg", "xl", "small", "medium", "large", "primary", "secondary"}
)  # fmt: skip

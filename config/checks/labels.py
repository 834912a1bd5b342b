"""The check of labels that people are shown."""

from __future__ import annotations

from config.draft import Draft

LONGEST_LABEL = 100
#: Quotes as word processors make them: “, ”, „, ‟, the single ones, « and ».
_CURLY = tuple("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb")


def check_labels(draft: Draft, section: str) -> None:
    """Warnings for labels that no page has room for, and for quotes that became part of them."""
    for loc, label in draft.at((section, "*", "label")):
        if len(label) > LONGEST_LABEL:
            draft.doubtful(loc, f"longer than {LONGEST_LABEL} characters: pages show all of it")
        elif label[:1] in _CURLY or label[-1:] in _CURLY:
            draft.doubtful(loc, "these quotes become part of the text: use straight quotes, or none")

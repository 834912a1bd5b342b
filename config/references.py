"""Names that point at other sections: each must exist, and what nothing points at is doubtful."""

from __future__ import annotations

from config.draft import Draft
from config.problems import Loc, shorten, suggest

#: Where names stand, and the section they must be found in.
REFERENCES: tuple[tuple[Loc, str], ...] = (
    (("sites", "*", "trunk"), "trunks"),
    (("sites", "*", "route"), "routes"),
    (("sites", "*", "greeting"), "prompts"),
    (("sites", "*", "music"), "prompts"),
    (("destinations", "*", "trunk"), "trunks"),
    (("routes", "*", "steps", "*", "destinations", "*"), "destinations"),
)


def check_references(draft: Draft) -> None:
    """Problems for names that lead nowhere, warnings for items that nothing names."""
    used: dict[str, set[str]] = {section: set() for _, section in REFERENCES}
    for pattern, section in REFERENCES:
        known = draft.named(section)
        for loc, name in draft.at(pattern):
            used[section].add(name)
            if name not in known:
                one = section.removesuffix("s")
                draft.wrong(
                    loc, f'there is no {one} called "{shorten(name)}": {suggest(name, known, section)}'
                )
    for section, names in used.items():
        for name in draft.named(section):
            if name not in names:
                draft.doubtful((section, name), "nothing uses this: name it somewhere, or take it out")

"""What the portal's pages send to edit settings, and what they are answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from config.sections.portal import EditableSection

LocSteps = list[str | int]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextTyped(_Said):
    """The text of a file, as it was typed: kept whatever it says."""

    text: str = Field(max_length=4 * 1024 * 1024)


class WishedEdit(_Said):
    """One edit. What each field means depends on `do`."""

    do: Literal["set", "add", "remove", "rename", "move"]
    at: LocSteps = Field(max_length=32, description="The setting; of `add`, the section or list.")
    value: Any = Field(default=None, description="Of `set` and `add`.")
    key: str | int | None = Field(default=None, description="Of `add` and `rename`: the new name or index.")
    after: str | None = Field(default=None, description="Of `add`: the entry before it; empty for none.")
    before: str | int | None = Field(
        default=None, description="Of `move`: the entry behind it; null for none."
    )
    mentions: bool = Field(
        default=False, description="Of `remove`, of an item of a section: also of what names it."
    )
    shared: Literal["ask", "all", "here"] = Field(
        default="ask", description="What to do where several places use the setting by an anchor."
    )


class WishedEdits(_Said):
    """Edits, made one after the other or not at all."""

    edits: list[WishedEdit] = Field(min_length=1, max_length=200)


class ConflictChoice(_Said):
    """Which side holds for a setting that two people changed."""

    file: str = Field(max_length=1024)
    at: LocSteps = Field(max_length=32)
    take: Literal["mine", "theirs"]


class ConflictChoices(_Said):
    """Choices, for as many conflicts as one likes."""

    choices: list[ConflictChoice] = Field(min_length=1, max_length=1000)


class WishedApply(_Said):
    """Put the draft into force."""

    why: str = Field(default="", max_length=500)
    publish_at: float | None = Field(default=None, description="Seconds since the epoch; null for now.")
    despite_tests: bool = Field(default=False, description="Also where tests of the routes fail.")


class WishedUndo(_Said):
    """Take a change back."""

    why: str = Field(default="", max_length=500)
    despite_tests: bool = False
    agents_return: bool = Field(default=False, description="Also where agents can log in again by that.")


class WishedTrial(_Said):
    """A click to try, with the draft and with what is in force."""

    site: str = Field(max_length=64)
    number: str | None = Field(default=None, max_length=32)
    page: str = Field(default="", max_length=2000)
    at: str = Field(default="", max_length=32, description="In the site's zone, as 2026-12-24T15:00.")


class WishedPage(_Said):
    """A page to try the engagement rules with."""

    site: str = Field(max_length=64)
    page: str = Field(default="/", max_length=2000)
    at: str = Field(default="", max_length=32, description="In the site's zone, as 2026-12-24T15:00.")
    language: str = Field(default="", max_length=16)
    device: Literal["phone", "tablet", "desktop"] = "desktop"
    visitor: str = Field(default="", max_length=64, description="The visitor's id; empty: no consent.")
    untouched: bool = Field(default=False, description="Nobody has touched the page yet.")
    facts: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        default={}, max_length=100, description='Such as {"cart.value": "120", "hours.shop": "false"}.'
    )


class WishedQuestion(_Said):
    """What a shopper types into a site's panel, or nothing: then what is suggested on the page."""

    site: str = Field(max_length=64)
    question: str = Field(default="", max_length=200)
    page: str = Field(default="/", max_length=2000)
    language: str = Field(default="", max_length=16)


class WishedHours(_Said):
    """A week of opening hours, to be written as text."""

    days: list[list[list[int]]] = Field(min_length=7, max_length=7, description="Minutes past midnight.")
    rest: list[str] = Field(default=[], max_length=50, description="Rules that a week cannot show.")


class DraftView(BaseModel):
    """A draft, as its operator sees it."""

    revision: int = Field(description="For `If-Match`; 0 where nothing is typed.")
    saved_at: float | None
    files: list[str] = Field(description="The files that it changes.")
    behind: bool = Field(description="Whether one of them was changed by somebody else since.")


class BesideView(BaseModel):
    """A file beside the settings: a table of stores, or the answers of a site."""

    file: str
    section: Literal["stores", "answers"]
    item: str


class SettingsView(BaseModel):
    """The settings with the draft in them."""

    main: str
    files: list[str]
    beside: list[BesideView] = Field(description="Those of the files that are no settings.")
    may: list[EditableSection] = Field(description="The sections that this operator may change.")
    may_text: bool = Field(description="Whether they may edit the files as text.")
    may_publish: bool
    tree: dict[str, Any] = Field(description="All files as one tree; without passwords.")
    problem: str | None = Field(description="Why there is no tree: then the text is all there is.")
    draft: DraftView


class MentionsView(BaseModel):
    """Where settings name an item of a section."""

    mentions: list[str] = Field(description='Such as "routes.sales.steps[0].destinations[1]".')


class TextView(BaseModel):
    """The text of a file, with the draft in it."""

    file: str
    text: str
    draft: DraftView


class PlacedProblem(BaseModel):
    """Something that is wrong or doubtful, where it stands."""

    file: str
    line: int
    column: int
    path: str
    text: str


class ConflictView(BaseModel):
    """A setting that two people changed; without `at` it is the whole file."""

    file: str
    at: LocSteps
    base: Any
    theirs: Any
    mine: Any


class SentenceView(BaseModel):
    """One thing that changes, in words."""

    kind: Literal["added", "removed", "renamed", "changed"]
    at: LocSteps
    text: str


class FailedTestView(BaseModel):
    """A test of the routes that fails."""

    name: str
    failures: list[str]


class ReviewView(BaseModel):
    """What the draft would do to what is on disk now."""

    draft: DraftView
    sentences: list[SentenceView]
    diffs: dict[str, str]
    problems: list[PlacedProblem]
    warnings: list[PlacedProblem]
    conflicts: list[ConflictView]
    tests: int
    failed: list[FailedTestView]
    missing: list[str] = Field(description="Sections that it changes and this operator may not.")


class ChangeView(BaseModel):
    """A change."""

    id: int
    at: float
    by: str = Field(description="An operator; empty for what was done on disk.")
    label: str
    via: str
    why: str
    sentences: list[str]
    files: list[str]
    undoes: int | None
    state: Literal["applied", "waiting", "refused", "cancelled"]
    publish_at: float | None
    problem: str


class ChangeList(BaseModel):
    """Changes, the newest first."""

    changes: list[ChangeView]
    next: int | None = Field(description="Where the next page begins: its `before`.")


class ChangeDetails(BaseModel):
    """A change with what it did to each file."""

    change: ChangeView
    diffs: dict[str, str]


class TrialLine(BaseModel):
    """A line of an explanation."""

    depth: int
    text: str
    tone: Literal["head", "yes", "no", "plain"]


class TriedVersion(BaseModel):
    """What becomes of a click with one version of the settings."""

    route: str
    rings: list[str]
    ending: str
    queue: str | None
    lines: list[TrialLine]


class TrialView(BaseModel):
    """What becomes of a click; null where the version has no such site."""

    now: TriedVersion | None
    draft: TriedVersion | None


class TriedRule(BaseModel):
    """What one engagement rule came to."""

    rule: str
    text: str
    shown: bool
    held: bool = Field(description="Whether it holds, and something keeps it back.")


class TriedPage(BaseModel):
    """What a page shows with one version of the settings."""

    shows: str
    buttons: list[str]
    rules: list[TriedRule]


class EngageTrialView(BaseModel):
    """What the engagement rules do with a page; null where the version has no such site."""

    now: TriedPage | None
    draft: TriedPage | None


class AnswerTried(BaseModel):
    """An answer that a shopper is shown."""

    name: str
    question: str
    answer: str


class AnswersTrialView(BaseModel):
    """What a site answers by itself; null where the version has no answers for it."""

    now: list[AnswerTried] | None
    draft: list[AnswerTried] | None


class WeekSpan(BaseModel):
    """A part of the week in which the same people ring."""

    begins: float
    ends: float
    rings: list[str]
    ending: str


class WeekView(BaseModel):
    """Who answers when."""

    time_zone: str
    now: list[WeekSpan]
    draft: list[WeekSpan]


class LedView(BaseModel):
    """Where a click leads."""

    route: str
    rings: list[str]
    ending: str
    queue: str | None


class DifferingView(BaseModel):
    """A recorded click that would lead somewhere else."""

    call: str
    at: float
    site: str
    page: str
    before: LedView | None
    after: LedView | None


class ReplayView(BaseModel):
    """Recorded clicks with the draft."""

    clicks: int
    differing: list[DifferingView]


class HoursView(BaseModel):
    """Opening hours as a week; null where the text says more than a week."""

    days: list[list[list[int]]] | None
    rest: list[str]


class HoursText(BaseModel):
    """Opening hours as text."""

    text: str

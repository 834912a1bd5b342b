"""Checks the files of answers that a config file names: a check of the loader's, for its ``further``."""

from __future__ import annotations

from config.answers_file import load_answers
from config.draft import Draft
from config.problems import ConfigError
from config.sections.sites import Site


def check_answer_files(draft: Draft) -> None:
    """Problems and warnings of each file, with line and column."""
    for name, site in draft.items(Site).items():
        if site.answers is None:
            continue
        try:
            loaded = load_answers(site.answers.file, site.page_languages)
        except ConfigError as error:
            draft.wrong_elsewhere(error, ("sites", name, "answers", "file"))
        else:
            draft.doubtful_elsewhere(site.answers.file, loaded.warnings)

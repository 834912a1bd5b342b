"""A file of answers: what is wrong is told with its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.answers_file import load_answers
from config.problems import ConfigError
from tests.config.files import EXAMPLES

GOOD = """\
answers:
  returns:
    question: {en: How do I send it back?, de: Wie geht das zurück?}
    answer:
      en: Print [a label](/returns). See https://shop.example/help.
      de: Mit einem Schein.
    also: {en: [refund]}
    pages: [/orders/**]
  hours:
    question: {en: When are you open?}
    answer: {en: "Always. 24 hours."}
"""


def test_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(GOOD)
    loaded = load_answers(file, ["en", "de"])
    assert list(loaded.entries) == ["returns", "hours"]
    assert loaded.entries["returns"].also == {"en": ("refund",)}
    assert [problem.line(file) for problem in loaded.warnings] == [
        f"{file}:10:5: answers.hours.question: not in every language of the pages: add de"
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("/returns)", "javascript:evil)", "5:11: answers.returns.answer.en: a link must begin with"),
        ("/returns)", "//evil.example/)", "5:11: answers.returns.answer.en: a link must begin with"),
        ("https://shop.example/help", "http://shop.example/help", "5:11: answers.returns.answer.en: a link"),
        ("[/orders/**]", "[orders]", "8:13: answers.returns.pages[0]: write a path, such as /returns"),
        (", de: Wie geht das zurück?", "", '6:11: answers.returns.answer.de: there is no "question"'),
        ("also: {en:", "also: {fr:", 'answers.returns.also.fr: there is no "question" in this language'),
        ("pages:", "page:", '8:5: answers.returns.page: no such setting: did you mean "pages"?'),
        ("    answer: {en: \"Always. 24 hours.\"}\n", "", '9:3: answers.hours.answer: missing: add "answer"'),
        ("When are you open?", "x" * 201, "hours.question.en: write a text of at most 200 characters"),
        ("{en: When", "{english: When", "question.english: not a valid name: write a language's two"),
        ("answers:\n", "answer:\n", '1:1: answer: no such setting: did you mean "answers"?'),
        ("[refund]", "[refund", "is not closed"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(wrong: str, right: str, told: str, tmp_path: Path) -> None:
    assert wrong in GOOD
    file = tmp_path / "answers.yaml"
    file.write_text(GOOD.replace(wrong, right, 1))
    with pytest.raises(ConfigError) as caught:
        load_answers(file)
    assert any(told in problem.line(file) for problem in caught.value.problems), [
        problem.line(file) for problem in caught.value.problems
    ]


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_answers(tmp_path / "none.yaml")


def test_the_example_is_in_every_language_of_the_panel() -> None:
    loaded = load_answers(EXAMPLES / "answers" / "bikes.yaml", ["en", "de", "es", "fr"])
    assert len(loaded.entries) == 4
    assert loaded.warnings == ()

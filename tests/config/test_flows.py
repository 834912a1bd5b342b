"""Settings of guided chats: what is refused, with its place, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from chat.flow_compile import check_flow_conditions
from config.choices import LONGEST_CELL, MOST_ROWS, read_choices
from config.loader import read
from config.problems import ConfigError
from tests.config.files import ENVIRONMENT, GOOD, write_wav

VEHICLES = "make,model\nFord,Focus\nFord,F-150\nHonda,Civic\n"
FLOW = """\
flows:
  radiator:
    say: "Hi from {site}."
    questions:
      - {ask: "Year?", as: vehicle.year, kind: year, between: [1960, 2027]}
      - {ask: "Make?", as: vehicle.make, kind: choice, table: vehicles.csv, column: make}
      - {ask: "Model?", as: vehicle.model, kind: choice, table: vehicles.csv, column: model, where: {make: vehicle.make}}
      - {ask: "ZIP?", as: postal_code, kind: postal_code}
    then:
      - {when: "nearest.open && vehicle.year > 1990", say: "{nearest.label}[, {nearest.miles} miles]", offer: [call, chat]}
      - {say: "Closed.", offer: [message, later]}
"""


def told(folder: Path, *pairs: tuple[str, str], table: str = VEHICLES) -> list[str]:
    """What is wrong with the flow after these replacements, each line without the file's name."""
    text = FLOW
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    write_wav(folder / "welcome.wav")
    (folder / "vehicles.csv").write_text(table)
    try:
        loaded = read(GOOD + text, folder / "ringback.yaml", ENVIRONMENT, [check_flow_conditions])
    except ConfigError as error:
        lines = str(error).splitlines()
    else:
        lines = [f"warning: {problem.line(loaded.file)}" for problem in loaded.warnings]
    begins = GOOD.count("\n")
    return [_counted(line.replace(f"{folder}/", ""), begins) for line in lines]


def _counted(line: str, begins: int) -> str:
    """The line with lines counted from that of ``flows:``."""
    head, mark, rest = line.partition("ringback.yaml:")
    if not mark:
        return line
    number, _, rest = rest.partition(":")
    return f"{head}{int(number) - begins}:{rest}"


def test_the_flow_is_right(tmp_path: Path) -> None:
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("nearest.open &&", "nearest.opne &&", '10:25: flows.radiator.then[0].when: nearest has no field opne: did you mean "open"?'),
        ("vehicle.year > 1990", "vehicle.yaer > 1990", '10:41: flows.radiator.then[0].when: vehicle has no field yaer: did you mean "year"?'),
        ("vehicle.year > 1990", "vehicle.year", "10:41: flows.radiator.then[0].when: vehicle.year is a whole number, and must be true or false"),
        ("vehicle.year > 1990", "vehicle.make > 1990", "10:46: flows.radiator.then[0].when: these are never equal: vehicle.make is a text and 1990 is a whole number"),
        ("vehicle.year > 1990", "answers.zip == '1'", '10:41: flows.radiator.then[0].when: answers has no field zip: the fields of answers are: postal_code'),
        ("{nearest.miles} miles", "{nearest.mile} miles", '10:79: flows.radiator.then[0].say: {nearest.mile} is not a placeholder: did you mean "nearest.miles"?'),
        ("[, {nearest.miles} miles]", "[, {nearest.miles} miles", "10:76: flows.radiator.then[0].say: an unmatched bracket, or one within another"),
        ("column: make}", "column: mkae}", '6:85: flows.radiator.questions[1].column: the table has no column "mkae": did you mean "make"?'),
        ("{make: vehicle.make}", "{brand: vehicle.make}", '7:109: flows.radiator.questions[2].where.brand: the table has no column "brand": the columns are: make, model'),
        ("{make: vehicle.make}", "{make: vehicle.mark}", '7:108: flows.radiator.questions[2].where.make: no earlier question has the key "vehicle.mark": did you mean "vehicle.make"?'),
        ("kind: choice, table: vehicles.csv, column: make", "kind: text, column: make", '6:62: flows.radiator.questions[1].column: only a choice has this: set kind to "choice", or remove it'),
        ("table: vehicles.csv, column: make}", "choices: []}", '6:9: flows.radiator.questions[1]: give either "choices", or a "table" with a "column"'),
        ("table: vehicles.csv, column: make}", "choices: [Ford, Ford]}", "6:72: flows.radiator.questions[1].choices[1]: is here twice: remove one"),
        ("between: [1960, 2027]", "between: [2027, 1960]", "5:54: flows.radiator.questions[0].between: write the first year and the last one, such as [1960, 2027]"),
        ("as: vehicle.model", "as: vehicle.make", "7:29: flows.radiator.questions[2].as: an earlier question has the same key: choose another"),
        ("as: postal_code", "as: call.number", '8:27: flows.radiator.questions[3].as: "call" means something else in conditions: choose another name'),
        ("as: postal_code", "as: a.b.c", "8:27: flows.radiator.questions[3].as: write the key that the answer gets, such as vehicle.year"),
        ("{say: \"Closed.\",", "{when: \"!nearest.open\", say: \"Closed.\",", '11:16: flows.radiator.then[1].when: where this is false the shopper would be left with nothing: remove it, or add an ending without a condition behind it'),
        ("{when: \"nearest.open && vehicle.year > 1990\", say", "{say", '10:15: flows.radiator.then[0].say: always counts, so that no ending behind it does: add "when", or make it last'),
        ("[message, later]", "[message, message]", "11:43: flows.radiator.then[1].offer[1]: is here twice: remove one"),
        ("[message, later]", "[]", "11:26: flows.radiator.then[1].offer: needs at least one item"),
        ("kind: postal_code", "kind: zip", "8:46: flows.radiator.questions[3].kind: not a known value: the values are: choice, email, phone, postal_code, text, year"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert told(tmp_path, (old, new)) == [line]


def test_a_doubt_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, ("kind: postal_code", "kind: postal_code, between: [1, 2]"))
    assert told(tmp_path, ("offer: [call, chat]}", "offer: [chat]}"), ("[message, later]}", "[later]}\n    number: {ask: Number?}")) == [
        "warning: 12:5: flows.radiator.number: has no effect: no ending offers a call, a callback or a message"
    ]  # fmt: skip


SPEAKING = """\
flows:
  asking:
    say: {en: "Hi from {site}.", es: "Hola de {site}."}
    questions:
      - {ask: {en: "Colour?"}, as: colour, kind: choice, choices: [{en: Blue, es: Azul}, Red]}
      - {ask: "ZIP?", as: postal_code, kind: postal_code}
    then: [{say: {en: "{wrong}", es: "Bien."}, offer: [later]}]
"""


def test_what_a_language_lacks_is_told_with_its_place(tmp_path: Path) -> None:
    write_wav(tmp_path / "welcome.wav")

    def lines(text: str) -> list[str]:
        try:
            loaded = read(GOOD + text, tmp_path / "ringback.yaml", ENVIRONMENT, [check_flow_conditions])
        except ConfigError as error:
            return [
                _counted(line.replace(f"{tmp_path}/", ""), GOOD.count("\n"))
                for line in str(error).splitlines()
            ]
        found = [problem.line(loaded.file).replace(f"{tmp_path}/", "") for problem in loaded.warnings]
        return [_counted(line, GOOD.count("\n")) for line in found]

    assert lines(SPEAKING) == [
        "7:24: flows.asking.then[0].say.en: {wrong} is not a placeholder: the placeholders are: context.KEY, nearest.km, nearest.label, nearest.miles, signed.KEY, site"
    ]
    right = SPEAKING.replace("{wrong}", "Fine.")
    assert lines(right) == [
        "5:10: flows.asking.questions[0].ask: no text in es: these shoppers get en",
        "6:15: flows.asking.questions[1].ask: one text for all languages, and others of this flow are in en, es",
    ]
    assert lines(right.replace('{en: "Colour?"}', "{}")) == [
        "5:10: flows.asking.questions[0].ask: write it in one language at least"
    ]
    assert lines(right.replace('{en: "Colour?"}', "[Colour]")) == [
        "5:10: flows.asking.questions[0].ask: write a question of at most 300 characters, or one for each language: {en: Which year?, es: ¿Qué año?}"
    ]


def test_a_table_is_read_within_bounds(tmp_path: Path) -> None:
    assert told(tmp_path, table="make;model\nFord;Focus\n") == [
        "vehicles.csv:1:1: the columns must be separated by commas"
    ]
    assert told(tmp_path, table="make,model\n") == [
        "vehicles.csv:1:1: the table has a header and no rows: add some"
    ]
    assert told(tmp_path, table=f"make,model\nFord,{'x' * (LONGEST_CELL + 1)}\n") == [
        f"vehicles.csv:2:6: model: longer than {LONGEST_CELL} characters: write a shorter choice"
    ]
    file = tmp_path / "many.csv"
    file.write_text("make\n" + "Ford\n" * (MOST_ROWS + 1))
    with pytest.raises(ConfigError, match=f"more than {MOST_ROWS} rows"):
        read_choices(file)
    with pytest.raises(ConfigError, match="no such file"):
        read_choices(tmp_path / "none.csv")


def test_an_empty_column_offers_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, table="make,model\n,Focus\n") == [
        "6:85: flows.radiator.questions[1].column: this column of the table is empty: there is nothing to choose"
    ]

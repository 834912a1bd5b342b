"""What Ringback says by itself, in the language of the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from api.shop.callback_texts import words_in
from bridge.callback import CallbackState
from config.sections.sites import Site
from routing import language
from routing.callback_times import in_words
from routing.language import SHIPPED, in_minutes, translated
from routing.load import check, load
from routing.plan import OfferCallback, Prompt, Speech
from tests.config.files import ENVIRONMENT, changed, write_config
from tests.routing.settings import TUESDAY, click, decide

QUEUE = (
    ("    message: office\n", "    callback: soon\n    queue: line\n"),
    ("mailboxes:\n  office: {label: Office}\n", "callbacks: {soon: {}}\nqueues: {line: {}}\n"),
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_keeps_its_placeholders_in_every_language() -> None:
    for english, others in language._TEXTS.items():
        assert set(others) == set(SHIPPED) - {"en"}
        for text in others.values():
            assert fields(text) == fields(english)
            assert len(text) <= 600
            assert translated(english, "it") == english


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, ("less than a minute", "weniger als eine Minute", "menos de un minuto", "moins d'une minute")),
        (60, ("1 minute", "1 Minute", "1 minuto", "1 minute")),
        (61, ("2 minutes", "2 Minuten", "2 minutos", "2 minutes")),
    ],
)
def test_minutes(seconds: float, said: tuple[str, ...]) -> None:
    assert tuple(in_minutes(seconds, each) for each in SHIPPED) == said


BERLIN, MADRID, PARIS = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Madrid"), ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # 9 o'clock there, a Tuesday


@pytest.mark.parametrize(
    ("day", "hour", "minute", "said"),
    [
        (24, 9, 1, ("in wenigen Augenblicken", "en un momento", "dans un instant")),
        (24, 9, 21, ("in etwa 20 Minuten", "en unos 20 minutos", "dans environ 20 minutes")),
        (24, 16, 30, ("heute um 16 Uhr 30", "hoy a las 4 y media de la tarde", "aujourd'hui à 16 heures 30")),
        (25, 9, 0, ("morgen um 9 Uhr", "mañana a las 9 de la mañana", "demain à 9 heures")),
        (25, 13, 15, ("morgen um 13 Uhr 15", "mañana a la 1 y cuarto de la tarde", "demain à 13 heures 15")),
        (27, 12, 0, ("am Freitag um 12 Uhr", "el viernes a mediodía", "vendredi à midi")),
        (27, 1, 5, ("am Freitag um 1 Uhr 5", "el viernes a la 1 y 5 de la mañana", "vendredi à 1 heure 5")),
    ],
)
def test_times_as_people_say_them(day: int, hour: int, minute: int, said: tuple[str, ...]) -> None:
    at = datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)
    zones = (BERLIN, MADRID, PARIS)
    for tongue, zone, words in zip(("de", "es", "fr"), zones, said, strict=True):
        assert in_words(at, NOW, [zone], zone, tongue) == words


def test_days_far_away_and_clocks_that_differ() -> None:
    at = datetime(2026, 12, 1, 9, 0, tzinfo=BERLIN)
    assert in_words(at, NOW, [BERLIN], BERLIN, "de") == "am Dienstag, dem 1. Dezember, um 9 Uhr"
    assert in_words(at, NOW, [BERLIN], BERLIN, "fr") == "le mardi 1er décembre à 9 heures"
    assert in_words(at, NOW, [BERLIN], BERLIN, "es") == "el martes 1 de diciembre a las 9 de la mañana"
    london = ZoneInfo("Europe/London")
    assert in_words(at, NOW, [BERLIN, london], BERLIN, "de").endswith(", Ortszeit Berlin")
    assert in_words(at, NOW, [BERLIN], BERLIN, "it") == "on Tuesday, December 1, at 9 a m"


@pytest.mark.parametrize(
    ("setting", "voice", "begins"),
    [
        ("language: de", "de", "Leider kann"),
        ("language: fr", "fr-fr", "Nous sommes"),
        ("voice: es-419", "es-419", "Lo sentimos"),
        ("language: fr\n    voice: fr-be", "fr-be", "Nous sommes"),
        ("language: en", "en-us", "We are sorry"),
        ("language: it", "it", "We are sorry"),
    ],
)
def test_a_site_speaks_its_language(tmp_path: Path, setting: str, voice: str, begins: str) -> None:
    file = write_config(
        tmp_path, changed(("    greeting: welcome\n", f"    greeting: welcome\n    {setting}\n"), *QUEUE)
    )
    loaded = load(file, ENVIRONMENT)
    plan = decide(loaded.router, click("+16175550123"), TUESDAY).plan
    assert isinstance(plan.ending, OfferCallback)
    assert isinstance(plan.ending.booked, Speech)
    assert plan.ending.booked.voice == voice
    assert plan.ending.booked.text.startswith(begins)
    assert "{when}" in plan.ending.booked.text
    assert plan.queue
    assert isinstance(plan.queue.announcement, Speech)
    assert {"{position}", "{minutes}"} <= {f"{{{name}}}" for name in fields(plan.queue.announcement.text)}
    assert any("Ringback has no texts" in each.text for each in loaded.warnings) == (voice == "it")


def test_an_operators_own_text_is_said_as_it_is_and_a_recording_is_played(tmp_path: Path) -> None:
    own = (
        QUEUE[0],
        (
            QUEUE[1][0],
            "callbacks: {soon: {booked_text: 'Va bene, {when}.'}}\nqueues: {line: {prompt: welcome}}\n",
        ),
    )
    file = write_config(
        tmp_path, changed(("    greeting: welcome\n", "    greeting: welcome\n    language: de\n"), *own)
    )
    plan = decide(load(file, ENVIRONMENT).router, click("+16175550123"), TUESDAY).plan
    assert isinstance(plan.ending, OfferCallback)
    assert isinstance(plan.ending.booked, Speech)
    assert plan.ending.booked.text == "Va bene, {when}."
    assert plan.queue
    assert isinstance(plan.queue.announcement, Prompt)


def test_names_are_composed_before_they_are_spoken(tmp_path: Path) -> None:
    text = changed(
        ('    number: "+16175550123"\n', '    number: "+16175550123"\n    screening: press_1\n'),
        ("    greeting: welcome\n", "    greeting: welcome\n    language: de\n"),
    )
    router = load(write_config(tmp_path, text), ENVIRONMENT).router
    asked = replace(click("+16175550123"), context={"customer.name": "Zoe\u0308 Mu\u0308ller"})
    (step,) = decide(router, asked, TUESDAY).plan.steps
    screening = step.endpoints[0].screening
    assert screening
    assert isinstance(screening.prompt, Speech)
    assert ", von Zo\u00eb M\u00fcller." in screening.prompt.text


def test_a_voice_of_another_language_than_the_site(tmp_path: Path) -> None:
    setting = "    greeting: welcome\n    language: de\n    voice: en-us\n"
    report = check(write_config(tmp_path, changed(("    greeting: welcome\n", setting))), ENVIRONMENT)
    assert ["speaks a different language from the site" in each.text for each in report.warnings] == [True]


def test_the_page_of_a_callback_has_all_words_in_every_language() -> None:
    for tongue in SHIPPED:
        words = words_in(tongue)
        assert words.language == tongue
        assert set(words.states) == set(CallbackState)
        assert fields(words.states[CallbackState.BOOKED][1]) == {"when", "number"}
    assert words_in("it").language == "en"
    at = datetime(2026, 12, 1, 16, 5, tzinfo=BERLIN)
    assert language.written(at, "Berlin", "de") == "am Dienstag, 1. Dezember, um 16:05 Uhr (Ortszeit Berlin)"


def test_a_site_without_a_word_of_it_speaks_english() -> None:
    site = Site.model_construct(language=None, voice=None)
    assert (site.tongue, site.spoken_by) == ("en", "en-us")


@pytest.mark.parametrize(
    ("tongue", "morning", "evening"),
    [
        ("en", "Fri, Jan 15, 9:05 a.m.", "8:30 p.m."),
        ("de", "Freitag, 15.1., 9:05", "20:30"),
        ("es", "viernes, 15/1, 9:05", "20:30"),
        ("fr", "vendredi, 15/1, 9 h 05", "20 h 30"),
        ("nl", "Fri, Jan 15, 9:05 a.m.", "8:30 p.m."),
    ],
)
def test_a_moment_where_there_is_little_room(tongue: str, morning: str, evening: str) -> None:
    assert language.short_moment(datetime(2027, 1, 15, 9, 5), tongue) == morning
    assert language.clock_words(datetime(2027, 1, 15, 20, 30), tongue) == evening

"""The settings of pages and rules: what is right, and what the check tells of the rest, with its place."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from config.checks.contrast import contrast
from config.loader import LoadedConfig
from config.loader import load as load_config
from config.problems import ConfigError
from config.sections.page import DarkTheme, Theme
from engage.load import check_engagement
from engage.rules import SiteRules
from expressions.vocabulary import Type
from tests.config.files import ENVIRONMENT, GOOD, changed, write_config

RULES = """\
    page:
      languages: [en, es]
      facts:
        shop.weight: {}
        errors.text: {type: text, selector: .error}
    engage:
      holdout: 5%
      caps: {cool_down: {declined: never}}
      rules:
        rescue:
          when: promo.failed >= 2 && page.path.startsWith("/checkout")
          only_if: agents.free > 0 && queue.wait < 60 && hours.office
          show: {invitation: phone, text: {en: Trouble?, es: ¿Problemas?}}
          since: 2026-11-01
          control: 12.5%
          variants: {short: {share: 50}, long: {share: 50, text: {en: Trouble with a code?, es: ¿Un código?}}}
        heavy: {when: shop.weight > 3.5 && customer.tier == "gold", show: {button: phone}}
hours:
  office: {opening_hours: Mo-Fr 09:00-17:00}
"""
SHOP = changed(("    greeting: welcome\n", "    greeting: welcome\n" + RULES))


def load(tmp_path: Path, text: str) -> LoadedConfig:
    return load_config(write_config(tmp_path, text), ENVIRONMENT, [check_engagement])


def told(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    """Problems and warnings after these changes: line, column and text."""
    text = changed(*changes, text=SHOP)
    try:
        found = load(tmp_path, text).warnings
    except ConfigError as error:
        found = error.problems
    return [
        f"{each.place.line}:{each.place.column}: {each.path.removeprefix('sites.shop.')}: {each.text}"
        for each in found
    ]


def test_what_is_right_has_neither_problems_nor_warnings_and_is_compiled(tmp_path: Path) -> None:
    loaded = load(tmp_path, SHOP)
    assert loaded.warnings == ()
    site = loaded.config.sites["shop"]
    assert (site.engage.holdout, site.engage.rules["rescue"].control) == (0.05, 0.125)
    assert site.engage.caps.cool_down.declined == inf
    assert site.contact_ways == ("phone",)
    rules = SiteRules.of(loaded.config, "shop")
    assert [rule.name for rule in rules.rules] == ["rescue", "heavy"]
    assert rules.used[("shop", "weight")] is Type.NUMBER
    assert rules.used[("customer", "tier")] is Type.TEXT
    again = type(loaded.config).model_validate_json(loaded.config.model_dump_json(context={"reveal": True}))
    assert again == loaded.config


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("promo.failed >=", "promo.faild >="),
            '28:23: engage.rules.rescue.when: promo has no field faild: did you mean "failed"?',
        ),
        (
            ("promo.failed >= 2", "prono.failed >= 2"),
            '28:17: engage.rules.rescue.when: no variable prono: did you mean "promo"?',
        ),
        (
            ("promo.failed >= 2", 'promo.failed >= "2"'),
            "28:30: engage.rules.rescue.when: these are never equal: promo.failed is a whole number and "
            '"2" is a text',
        ),
        (
            ("hours.office\n", "hours.ofice\n"),
            '29:64: engage.rules.rescue.only_if: hours has no field ofice: did you mean "office"?',
        ),
        (
            ("queue.wait < 60", "cart.value < 60"),
            '29:20: engage.rules.rescue.only_if: cart.value belongs into "when": this is a condition on '
            "agents, queue, hours, now alone",
        ),
        (
            ('customer.tier == "gold"', 'signed.customer.tier == "gold"'),
            '34:23: engage.rules.heavy.when: signed.customer.tier is never known: add "data_pass.signing" '
            "to the site",
        ),
        (
            ("shop.weight: {}", "time.weight: {}"),
            "21:9: page.facts['time.weight']: time is Ringback's own: choose another name, such as "
            "shop.weight",
        ),
        (
            ("shop.weight: {}", "promo.failed: {type: text}"),
            "21:30: page.facts['promo.failed'].type: every page has this fact, and it is a whole number",
        ),
        (
            (", es: ¿Problemas?", ""),
            "30:37: engage.rules.rescue.show.text: no text in es: these shoppers get en",
        ),
        (
            ("invitation: phone", "invitation: chat"),
            "30:30: engage.rules.rescue.show.invitation: the site's pages do not offer this way: they offer "
            "phone (page.buttons.ways)",
        ),
        (
            ("invitation: phone, text", "place: bar, text"),
            '30:11: engage.rules.rescue.show: give one of "invitation", "button" and "nothing"',
        ),
        (
            ("customer.tier == \"gold\"", "device.kind == 'mobile'"),
            '34:59: engage.rules.heavy.when: device.kind is never "mobile", so this is never true: '
            "the values are: desktop, phone, tablet",
        ),
        (
            ("customer.tier == \"gold\"", "scroll.depth > 80 && scroll.depth < 70"),
            "34:78: engage.rules.heavy.when: never true: these contradict each other for scroll.depth",
        ),
        (
            ("customer.tier == \"gold\"", "visit.number == 0"),
            "34:60: engage.rules.heavy.when: visit.number is never 0, so this is never true: it is 1 or more",
        ),
        (
            ("agents.free > 0", "now.hour >= 24"),
            "29:29: engage.rules.rescue.only_if: never true: no value fits now.hour",
        ),
        (
            ("page.path.startsWith(\"/checkout\")", "page.path == 'checkout'"),
            '28:51: engage.rules.rescue.when: page.path is never "checkout", so this is never true: '
            'it begins with / and has no "?": see page.query',
        ),
        (("holdout: 5%", "holdout: 51%"), "24:16: engage.holdout: too large: the maximum is 50%"),
        (("holdout: 5%", "holdout: 5"), "24:16: engage.holdout: write a percentage, such as 5%"),
        (
            ("          since: 2026-11-01\n", ""),
            '27:9: engage.rules.rescue: an experiment needs to know when it began: add "since" with the '
            "date, such as 2026-12-01",
        ),
        (
            ("languages: [en, es]", 'languages: [en, es]\n      theme: {accent: "#ffd400"}'),
            "20:23: page.theme.accent: hard to read: on_accent #ffffff on accent #ffd400 has a contrast of "
            "1.43:1, and needs 4.5:1 (WCAG 2.2)",
        ),
        (
            (" 12.5%\n", " 12.5%\n          caps: {cool_down: {ignored: 12h}}\n"),
            "33:39: engage.rules.rescue.caps.cool_down.ignored: has no effect: the site's own is 1d",
        ),
        (
            ("languages: [en, es]", "languages: [en, es]\n      buttons: {ways: [phone, pc]}"),
            '20:31: page.buttons.ways[1]: shoppers do not talk by pc here: add it to "talk_methods"',
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert expected in told(tmp_path, change)


def test_the_themes_that_come_with_ringback_can_be_read(tmp_path: Path) -> None:
    text = changed(("languages: [en, es]", "languages: [en, es]\n      dark_theme: {}"), text=SHOP)
    assert [each for each in load(tmp_path, text).warnings if "hard to read" in each.text] == []
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the well-known lightest grey
    assert Theme.model_fields.keys() == DarkTheme.model_fields.keys()
    assert len(Theme.model_fields) == 10


def test_a_site_without_rules_needs_nothing(tmp_path: Path) -> None:
    assert SiteRules.of(load(tmp_path, GOOD).config, "shop").rules == ()

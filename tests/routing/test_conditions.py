"""Conditions: read, checked by name and type, evaluated; what they cannot be is told with its column."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from expressions.conditions import compile_condition, try_out
from expressions.syntax import ConditionError, parse, write
from expressions.type_check import TypeCheck
from routing.facts import Wanted, facts_of
from routing.places import Place
from routing.plan import ClickToCall
from routing.vocabulary import ROUTE_NAMES

AT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
BOSTON = Place("US", "MA", "Boston", latitude=42.36, longitude=-71.06, source="number")


def holds(text: str, place: Place = BOSTON, page: str = "https://shop.example/b?x=1", **context: str) -> bool:
    return evaluated(text, place, page, context)[0]


def evaluated(text: str, place: Place, page: str, context: dict[str, str]) -> tuple[bool, str]:
    words = TypeCheck(ROUTE_NAMES)
    condition = compile_condition(text, words, "here")
    try_out(condition, words)
    passed = {key.replace("__", "."): value for key, value in context.items()}
    asked = ClickToCall("shop", "+16175550123", page, passed, "203.0.113.7")
    facts = facts_of(Wanted.of(words.used), asked, lambda: place, AT)
    return condition.holds(facts), condition.why_not(facts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call.site == 'shop'", True),
        ("call.country == 'US' && geo.region == \"MA\"", True),
        ("call.number.startsWith('+1617')", True),
        ("geo.latitude > 42 && geo.longitude < -71.0", True),
        ("now.weekday in ['tuesday', 'friday'] && now.hour == 15 && now.minute >= 30", True),
        ("now.date == '2026-11-24' && now.time > '15:00'", True),
        ("page.path == '/b' && page.host.endsWith('.example')", True),
        ("page.query.x == '1'", True),
        ("page.query.y == '1'", False),
        ("page.url.matches('^https://[a-z.]+/b')", True),
        ("cart.value > 100", True),
        ("cart.value * 2.0 == 240.0", True),
        ("cart.value in [1, 120]", True),
        ("cart['value'] <= 120.0", True),
        ("customer.gold", True),
        ("!customer.gold", False),
        ("customer.id == '0042'", True),
        ("customer.nothing == 'x'", False),
        ("customer.nothing != 'x'", False),
        ("customer.nothing == 'x' || cart.value > 1", True),
        ("has(customer.id) && !has(customer.nothing)", True),
        ("'id' in customer && !('nothing' in customer)", True),
        ("!has(visitor.since)", True),
        ("visitor.words.size() > 3 && size(visitor.words) < 20", True),
        ("['red', 'blue'].exists(colour, visitor.words.contains(colour))", True),
        ("page.context.segment == 'b2b'", True),
        ("call.country == 'GB' ? cart.value > 1000 : cart.value > 100", True),
        ("int(customer.id) == 42", True),
        ("-geo.longitude > 71.0", True),
    ],
)
def test_what_conditions_say(text: str, expected: bool) -> None:
    passed = {
        "cart__value": "120", "customer__gold": "true", "customer__id": "0042",
        "visitor__words": "a red bike", "segment": "b2b",
    }  # fmt: skip
    assert holds(text, **passed) is expected
    assert parse(write(parse(text))) is not None
    again = write(parse(text))
    assert write(parse(again)) == again
    assert holds(again, **passed) is expected


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("cart.value >", 13, "a value expected, not the end"),
        ("cart.value > 1 and true", 16, "write && for and"),
        ("call.site = 'x'", 11, "write == to compare"),
        ("(cart.value > 1", 1, "this ( is never closed"),
        ("cart.value > 'abc", 14, "never closed"),
        ("cart.value > #", 14, "unexpected character"),
        ("crt.value > 1", 1, 'no variable crt: did you mean "cart"?'),
        ("call.contry == 'US'", 6, 'call has no field contry: did you mean "country"?'),
        ("cart.value > 1 && page.pth == '/'", 24, "page has no field pth"),
        ("cart.a.b == 1", 8, "cart.a is a value"),
        ("call.site == 1", 11, "never equal: call.site is a text and 1 is a whole number"),
        ("now.hour == '9'", 10, "never equal"),
        ("now.hour + 1.5 > 3.0", 5, "write double(now.hour)"),
        ("cart.value * 2 > 3.0", 14, "write 2.0"),
        ("call.site + 1 == 'x'", 6, "+ needs numbers on both sides: call.site is a text"),
        ("cart.value > 1 && cart.value == 'x'", 30, "never equal: cart.value is a number"),
        ("cart", 1, "this is a map"),
        ("now.hour", 5, "a condition must be true or false"),
        ("call.site.startWith('x')", 11, 'no method startWith: did you mean "startsWith"?'),
        ("lower(call.site) == 'x'", 1, "no function lower"),
        ("call.site.matches('(')", 19, "no valid regular expression"),
        ("call.site.size(1) > 1", 11, "size takes 0 arguments"),
        ("cart.exists(x, x)", 1, "exists needs a list"),
        ("[1].exists(cart, true)", 12, "cart is a variable already"),
        ("[1, 2].exists(x, x > 'a')", 20, "never equal"),
        ("cart[call.site] == 'x'", 5, "write the key as a text"),
        ("call.site in 'abc'", 14, "in needs a list"),
        ("call.site && true", 6, "call.site is a text, and must be true or false"),
        ("'a\\q' == call.site", 3, "no such escape"),
        ("(" * 300 + "true" + ")" * 300, 34, "nested too deeply"),
        ("cart" + ".a" * 900, 1604, "too many operators"),
        ("true" + " && true" * 200, 798, "too many operators"),
    ],
)
def test_what_they_cannot_say(text: str, column: int, words: str) -> None:
    with pytest.raises(ConditionError) as raised:
        holds(text)
    assert words in raised.value.text
    assert raised.value.offset + 1 == column


@pytest.mark.parametrize("words", ["", "bike", "größe", "日本語の靴", "🚲🚲", "e\u0301"])
def test_size_counts_code_points(words: str) -> None:
    length = len(words)
    for text in (
        f"size(visitor.words) == {length}",
        f"visitor.words.size() == {length}",
        f"['x'].exists(each, size(visitor.words + each) == {length + 1})",
        f"(visitor.words + '€').size() == {length + 1} && !(size(visitor.words) > {length})",
        "['a', 'bb'].size() == 2 && size(['ä']) == 1",
    ):
        assert holds(text, visitor__words=words), text
    assert not holds(f"visitor.words.size() == {length + 1}", visitor__words=words)


def test_two_conditions_must_agree_on_what_a_value_is() -> None:
    words = TypeCheck(ROUTE_NAMES)
    compile_condition("cart.value > 100", words, "routes.big")
    with pytest.raises(ConditionError, match=r"cart\.value is a number in routes\.big"):
        compile_condition("cart.value == 'high'", words, "routes.high")


@pytest.mark.parametrize(
    ("text", "context", "words"),
    [
        ("cart.value > 100", {}, "cart.value > 100 is false: cart.value was not passed"),
        ("cart.value > 100", {"cart__value": "80"}, "cart.value is 80.0"),
        ("cart.value > 100", {"cart__value": "lots"}, 'cart.value is "lots", not a number'),
        ("cart.value > 100", {"cart__value": "nan"}, 'cart.value is "nan", not a number'),
        (
            "call.country == 'US' && customer.gold",
            {"customer__gold": "no"},
            'customer.gold is "no", not true',
        ),
        ("1 / now.hour == 0 && 1 / (now.minute - 30) > 0", {}, "1 / (now.minute - 30) > 0 is false"),
        ("int(customer.id) > 1", {"customer__id": "x"}, 'customer.id is "x"'),
        ("geo.latitude > 0", {}, "geo.latitude is not known"),
    ],
)
def test_why_a_condition_is_false(text: str, context: dict[str, str], words: str) -> None:
    found, why = evaluated(text, Place(), "", context)
    assert not found
    assert words in why


ANY_TEXT = st.text(max_size=30)
TYPED = {
    "cart.value": st.floats(0, 100).map(repr) | st.integers(0, 9).map(str),
    "customer.gold": st.sampled_from(["true", "false"]),
    "customer.tier": st.text(max_size=3),
}


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """A comparison of a value of each type with a constant of that type."""
    number = draw(st.integers(0, 9) | st.floats(0, 100, allow_subnormal=False))
    text = json.dumps(draw(st.text(max_size=3)), ensure_ascii=False)
    sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    return draw(
        st.sampled_from(
            [
                f"cart.value {sign} {number}",
                f"customer.tier {sign} {text}",
                f"now.hour {sign} 15",
                f"cart.value in [{number}, 1, 2.5]",
                f"customer.tier in [{text}, 'a']",
                "customer.gold",
                "customer.gold == true",
                "customer.gold != false",
            ]
        )
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(comparisons(), min_size=1, max_size=3), st.fixed_dictionaries({}, optional=TYPED))
def test_comparisons_say_what_the_evaluator_says(parts: list[str], context: dict[str, str]) -> None:
    words = TypeCheck(ROUTE_NAMES)
    condition = compile_condition(" && ".join(parts), words, "here")
    assert condition.comparisons is not None
    facts = facts_of(Wanted.of(words.used), ClickToCall("shop", "+1", "", context, ""), Place, AT)
    assert condition.holds(facts) is replace(condition, comparisons=None).holds(facts)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | st.text(alphabet="cart.value()[]&|!<>='\"x1 in?:+-*/,", max_size=40))
def test_any_text_is_a_condition_or_a_located_error(text: str) -> None:
    try:
        condition = compile_condition(text, TypeCheck(ROUTE_NAMES), "here")
    except ConditionError as error:
        problem = error
    else:
        assert write(condition.tree)
        return
    assert 0 <= problem.offset <= len(text)
    assert problem.text


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["cart.value", "customer.gold", "segment", "cart.n"]), ANY_TEXT),
    ANY_TEXT,
)
def test_no_click_makes_a_condition_fail(context: dict[str, str], page: str) -> None:
    words = TypeCheck(ROUTE_NAMES)
    texts = (
        "cart.value > 100 && customer.gold",
        "page.context.segment.matches('^b') || page.query.x == 'y'",
        "int(cart.n) * 9223372036854775807 > 0",
        "page.path.size() / (now.hour - 15) > 0",
    )
    conditions = [compile_condition(text, words, "here") for text in texts]
    asked = ClickToCall("shop", "+1", page, context, "")
    facts = facts_of(Wanted.of(words.used), asked, Place, AT)
    for condition in conditions:
        assert condition.holds(facts) in (True, False)
        assert condition.why_not(facts)

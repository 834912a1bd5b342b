from bridge.reference import PAGE, page


def test_the_page_on_calls_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m bridge.reference"

"""Other shoppers' clicks, so that a line is there to stand in."""

from __future__ import annotations

import httpx

from demo.cast import Click
from demo.errors import DemoError
from demo.settings import SITE_KEY
from demo.stories import Story


def clicks(ringback: httpx.AsyncClient, page_url: str) -> Click:
    """How another shopper asks for a call: as the page does, over Ringback's HTTP API."""

    async def click(story: Story) -> None:
        wish = {"site_key": SITE_KEY, "number": story.number, "country": story.country, "page": page_url}
        answer = await ringback.post("/v1/calls", json=wish, headers={"Origin": page_url})
        if answer.is_error:
            raise DemoError(f"Ringback does not call {story.title}.", answer.text)

    return click

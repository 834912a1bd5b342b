"""A phone number and its country, as shoppers type and choose them: fields of what pages send."""

from __future__ import annotations

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field


def _known_country(country: str) -> str:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("write a country by its two letters (ISO 3166-1), such as US")
    return country


TypedNumber = Annotated[str, Field(min_length=1, max_length=40)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_known_country)]

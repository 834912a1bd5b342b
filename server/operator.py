"""The operator's commands as a client of a running server's API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from api.wire import CallList, CdrList
from bridge.cdr import CallRecord
from bridge.progress import CallProgress
from config.loader import load_server


class OperatorError(Exception):
    """A command could not be carried out; the text says what to do."""


class Operator:
    """Talks to the server that runs with this config file, with the file's admin key."""

    def __init__(self, file: Path) -> None:
        server = load_server(file)
        if server.admin_key is None:
            raise OperatorError(
                f"{file} sets no server.admin_key_file: the operator's side of the API is closed"
            )
        self._client = httpx.Client(
            base_url=f"http://{server.listen}",
            headers={"Authorization": f"Bearer {server.admin_key.get_secret_value()}"},
            timeout=10.0,
        )

    def live_calls(self) -> list[CallProgress]:
        """Where every live call stands."""
        return CallList.model_validate_json(self._ask("GET", "/v1/calls")).calls

    def cdrs(self, filters: Mapping[str, str], limit: int) -> Iterator[CallRecord]:
        """Finished calls, the newest first, page by page."""
        cursor: str | None = None
        while limit > 0:
            wanted = {**filters, "limit": str(min(limit, 500)), **({"cursor": cursor} if cursor else {})}
            page = CdrList.model_validate_json(self._ask("GET", "/v1/cdrs", params=wanted))
            yield from page.cdrs
            limit -= len(page.cdrs)
            cursor = page.next
            if cursor is None:
                return

    def reload(self) -> None:
        """Have the server read its config file again."""
        self._ask("POST", "/v1/reload")

    def _ask(self, method: str, path: str, **options: Any) -> bytes:
        try:
            answer = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise OperatorError(
                f"no server answers at {self._client.base_url} ({error}). Start it with: ringback serve FILE"
            ) from error
        if answer.is_error:
            raise OperatorError(_problem(answer))
        return answer.content


def _problem(answer: httpx.Response) -> str:
    """An RFC 9457 problem as text."""
    try:
        problem = answer.json()
        lines = [f"{problem['title']}: {problem['detail']}"]
        lines += [f"{error['path']}: {error['message']}" for error in problem.get("errors") or ()]
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
    return "\n".join(lines)

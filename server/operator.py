"""The operator's commands as a client of a running server's API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

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

    def live_calls(self) -> list[dict[str, Any]]:
        """Where every live call stands."""
        return list(self._ask("GET", "/v1/calls")["items"])

    def cdrs(self, filters: Mapping[str, str], limit: int) -> Iterator[dict[str, Any]]:
        """Finished calls, the newest first, page by page."""
        cursor: str | None = None
        while limit > 0:
            wanted = {**filters, "limit": str(min(limit, 500)), **({"cursor": cursor} if cursor else {})}
            page = self._ask("GET", "/v1/cdrs", params=wanted)
            yield from page["items"]
            limit -= len(page["items"])
            cursor = page["next"]
            if cursor is None:
                return

    def reload(self) -> None:
        """Have the server read its config file again."""
        self._ask("POST", "/v1/reload")

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise OperatorError(
                f"no server answers at {self._client.base_url} ({error}). Start it with: ringback serve FILE"
            ) from error
        if answer.is_error:
            raise OperatorError(_problem(answer))
        return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> str:
    """An RFC 9457 problem as text."""
    try:
        problem = answer.json()
        lines = [f"{problem['title']}: {problem['detail']}"]
        lines += [f"{error['path']}: {error['message']}" for error in problem.get("errors") or ()]
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
    return "\n".join(lines)

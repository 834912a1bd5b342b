"""The OpenAPI document is valid, complete, and what the server really answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.problems import OF_CONNECTIONS, Problem
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import admin
from tests.store.records import a_callback, a_delivery, a_message

OPERATIONS = {
    ("post", "/v1/calls"): 201,
    ("get", "/v1/calls/{call_id}"): 200,
    ("delete", "/v1/calls/{call_id}"): 202,
    ("post", "/v1/threads"): 201,
    ("post", "/v1/views/codes"): 201,
    ("post", "/v1/threads/{thread}/transcript"): 200,
    ("get", "/v1/calls"): 200,
    ("get", "/v1/cdrs"): 200,
    ("post", "/v1/page"): 200,
    ("post", "/v1/page/events"): 204,
    ("get", "/v1/page/{key}/now"): 200,
    ("post", "/v1/page/explain"): 200,
    ("post", "/v1/conversions"): 200,
    ("get", "/v1/agent/leads"): 200,
    ("get", "/v1/agent/leads/{lead_id}"): 200,
    ("post", "/v1/agent/leads/{lead_id}/take"): 200,
    ("post", "/v1/agent/leads/{lead_id}/release"): 200,
    ("post", "/v1/agent/leads/{lead_id}/answered"): 200,
    ("post", "/v1/agent/leads/{lead_id}/call"): 200,
    ("post", "/v1/agent/leads/{lead_id}/done"): 200,
    ("get", "/v1/leads"): 200,
    ("get", "/v1/leads/{lead_id}"): 200,
    ("get", "/v1/reports/promises"): 200,
    ("get", "/v1/portal/leads"): 200,
    ("get", "/v1/portal/leads/{lead_id}"): 200,
    ("get", "/v1/portal/promises"): 200,
    ("get", "/v1/reports/engagement"): 200,
    ("get", "/v1/calls/{call_id}/callback"): 200,
    ("get", "/v1/callbacks/{secret}"): 200,
    ("delete", "/v1/callbacks/{secret}"): 200,
    ("get", "/v1/callbacks"): 200,
    ("get", "/v1/messages"): 200,
    ("get", "/v1/messages/{message_id}/audio"): 200,
    ("delete", "/v1/messages/{message_id}"): 204,
    ("get", "/v1/recordings"): 200,
    ("get", "/v1/recordings/{recording_id}/audio"): 200,
    ("delete", "/v1/recordings/{recording_id}"): 204,
    ("post", "/v1/person/export"): 200,
    ("post", "/v1/person/erase"): 200,
    ("post", "/v1/calls/token"): 201,
    ("post", "/v1/page/challenge"): 200,
    ("get", "/v1/page/{site_key}/answers"): 200,
    ("post", "/v1/page/answers/helped"): 204,
    ("get", "/v1/reports/questions"): 200,
    ("post", "/v1/page/number"): 200,
    ("post", "/v1/page/lead"): 204,
    ("get", "/v1/page/{site_key}/times"): 200,
    ("get", "/v1/retention"): 200,
    ("get", "/v1/reports/calls"): 200,
    ("get", "/v1/reports/threads"): 200,
    ("post", "/v1/reports/rebuild"): 200,
    ("get", "/v1/spend"): 200,
    ("get", "/v1/deliveries"): 200,
    ("post", "/v1/deliveries/{delivery_id}/resend"): 202,
    ("get", "/v1/trunks"): 200,
    ("post", "/v1/agent/login"): 200,
    ("get", "/v1/agent/me"): 200,
    ("post", "/v1/agent/logout"): 204,
    ("post", "/v1/portal/login"): 200,
    ("get", "/v1/portal/me"): 200,
    ("post", "/v1/portal/logout"): 204,
    ("get", "/v1/portal/audit"): 200,
    ("get", "/v1/portal/settings"): 200,
    ("get", "/v1/portal/settings/schema"): 200,
    ("get", "/v1/portal/settings/mentions"): 200,
    ("get", "/v1/portal/settings/text"): 200,
    ("put", "/v1/portal/settings/text"): 200,
    ("post", "/v1/portal/settings/edits"): 200,
    ("get", "/v1/portal/settings/review"): 200,
    ("post", "/v1/portal/settings/choices"): 200,
    ("delete", "/v1/portal/settings/draft"): 204,
    ("get", "/v1/portal/settings/hours"): 200,
    ("post", "/v1/portal/settings/hours"): 200,
    ("post", "/v1/portal/settings/apply"): 201,
    ("get", "/v1/portal/settings/prompts/{name}"): 200,
    ("put", "/v1/portal/settings/prompts/{name}"): 200,
    ("post", "/v1/portal/settings/speak"): 200,
    ("get", "/v1/portal/settings/changes"): 200,
    ("get", "/v1/portal/settings/changes/{change_id}"): 200,
    ("post", "/v1/portal/settings/changes/{change_id}/undo"): 201,
    ("delete", "/v1/portal/settings/changes/{change_id}"): 204,
    ("post", "/v1/portal/settings/try/route"): 200,
    ("post", "/v1/portal/settings/try/week"): 200,
    ("post", "/v1/portal/settings/try/engage"): 200,
    ("post", "/v1/portal/settings/try/answers"): 200,
    ("post", "/v1/portal/settings/try/replay"): 200,
    ("get", "/v1/portal/kiosks"): 200,
    ("post", "/v1/portal/kiosks"): 201,
    ("delete", "/v1/portal/kiosks/{kiosk_id}"): 204,
    ("get", "/v1/portal/conversions"): 200,
    ("get", "/v1/portal/conversions/csv"): 200,
    ("get", "/v1/portal/reports/choices"): 200,
    ("get", "/v1/portal/reports/agents"): 200,
    ("get", "/v1/portal/reports/agents/csv"): 200,
    ("get", "/v1/portal/reports/agents/spans"): 200,
    ("get", "/v1/portal/reports/{channel}"): 200,
    ("get", "/v1/portal/reports/{channel}/csv"): 200,
    ("get", "/v1/portal/reports/{channel}/at-once"): 200,
    ("get", "/v1/portal/reports/{channel}/at-once/csv"): 200,
    ("get", "/v1/portal/talks/{channel}"): 200,
    ("get", "/v1/portal/talks/{channel}/{talk_id}"): 200,
    ("get", "/v1/portal/recordings/{recording_id}/audio"): 200,
    ("post", "/v1/reload"): 200,
    ("put", "/v1/log-level"): 200,
    ("get", "/v1/trace"): 200,
    ("get", "/healthz"): 200,
    ("get", "/v1/receivers"): 200,
    ("post", "/v1/receivers/resume"): 200,
    ("get", "/v1/sessions"): 200,
    ("delete", "/v1/sessions/{session_id}"): 204,
    ("get", "/readyz"): 200,
    ("get", "/metrics"): 200,
}


def references(node: Any) -> set[str]:
    """Every $ref in a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def resolve(document: Any, reference: str) -> Any:
    """What a $ref points at; KeyError if nothing."""
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


@asyncio_test
async def test_the_document(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        document = (await server.http.get("/openapi.json")).json()
        assert document["openapi"].startswith("3.1")
        found = {
            (method, path): each for path, item in document["paths"].items() for method, each in item.items()
        }
        assert found.keys() == OPERATIONS.keys()
        for key, success in OPERATIONS.items():
            operation = found[key]
            assert str(success) in operation["responses"]
            assert "422" not in operation["responses"]
            assert operation["summary"]
            assert operation["description"]
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")) and key != ("get", "/readyz"):
                    assert set(answer["content"]) == {"application/problem+json"}, (key, status)
        assert len({each["operationId"] for each in found.values()}) == len(found)
        for reference in references(document):
            resolve(document, reference)
        told = {
            problem
            for operation in found.values()
            for answer in operation["responses"].values()
            if "application/problem+json" in answer.get("content", {})
            for problem in answer["content"]["application/problem+json"]["examples"]
        }
        of_no_operation = {Problem.NOT_FOUND.id, Problem.METHOD_NOT_ALLOWED.id}
        assert told == {each.id for each in set(Problem) - OF_CONNECTIONS} - of_no_operation
        assert found["get", "/v1/cdrs"]["security"] == [{"admin_key": []}]
        assert found["delete", "/v1/calls/{call_id}"]["security"] == [{"call_token": []}]
        assert found["get", "/v1/calls/{call_id}/callback"]["security"] == [{"call_token": []}]
        assert "security" not in found["post", "/v1/calls"]
        assert "security" not in found["delete", "/v1/callbacks/{secret}"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
@asyncio_test
async def test_no_page_that_loads_scripts_of_others(tmp_path: Path, path: str) -> None:
    async with serving(tmp_path) as server:
        assert (await server.http.get(path)).status_code == 404


def conforms(schema: Any, value: Any, document: Any) -> bool:
    """Whether a value has the shape of a schema: its types, required and known properties, and choices."""
    if "$ref" in schema:
        return conforms(resolve(document, schema["$ref"]), value, document)
    if "anyOf" in schema:
        return any(conforms(each, value, document) for each in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    match schema.get("type"):
        case "object":
            known = schema.get("properties", {})
            more = schema.get("additionalProperties")
            if not isinstance(value, dict) or not set(schema.get("required", ())) <= value.keys():
                return False
            if not more and value.keys() - known.keys():
                return False
            return all(conforms(known.get(name) or more, each, document) for name, each in value.items())
        case "array":
            items = schema.get("items", {})
            return isinstance(value, list) and all(conforms(items, each, document) for each in value)
        case "null":
            return value is None
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return "const" not in schema or value == schema["const"]


@asyncio_test
async def test_answers_have_the_documented_shape(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        document = (await server.http.get("/openapi.json")).json()

        def check(answer: httpx.Response, method: str, path: str) -> None:
            documented = document["paths"][path][method]["responses"][str(answer.status_code)]
            kind = answer.headers["Content-Type"]
            assert conforms(documented["content"][kind]["schema"], answer.json(), document), answer.text

        placed = await server.place()
        call = f"/v1/calls/{placed.json()['id']}"
        check(placed, "post", "/v1/calls")
        check(await server.place("911"), "post", "/v1/calls")
        check(await server.place(country="", surprise=1), "post", "/v1/calls")
        check(await server.http.get(call, headers=admin()), "get", "/v1/calls/{call_id}")
        check(await server.http.get("/v1/calls", headers=admin()), "get", "/v1/calls")
        check(await server.http.delete(call, headers=admin()), "delete", "/v1/calls/{call_id}")
        check(await server.http.delete(call), "delete", "/v1/calls/{call_id}")
        await server.engine.end(placed.json()["id"])
        check(await server.http.get("/v1/cdrs", headers=admin()), "get", "/v1/cdrs")
        check(await server.http.get("/v1/cdrs"), "get", "/v1/cdrs")
        await server.messages.keep_message(a_message(), "m1", [a_delivery("msg_a")])
        await server.callbacks.add_callback(a_callback("c1", call_id=placed.json()["id"]))
        check(await server.http.get("/v1/messages", headers=admin()), "get", "/v1/messages")
        check(await server.http.get("/v1/deliveries", headers=admin()), "get", "/v1/deliveries")
        check(await server.http.get("/v1/trunks", headers=admin()), "get", "/v1/trunks")
        sent = await server.http.post("/v1/deliveries/msg_a/resend", headers=admin())
        check(sent, "post", "/v1/deliveries/{delivery_id}/resend")
        check(await server.http.get("/v1/callbacks", headers=admin()), "get", "/v1/callbacks")
        of_call = await server.http.get(f"{call}/callback", headers=admin())
        check(of_call, "get", "/v1/calls/{call_id}/callback")
        shown = await server.http.get("/v1/callbacks/secret-of-c1")
        check(shown, "get", "/v1/callbacks/{secret}")
        check(await server.http.get("/v1/callbacks/none"), "get", "/v1/callbacks/{secret}")
        check(await server.http.post("/v1/reload", headers=admin()), "post", "/v1/reload")
        level = await server.http.put("/v1/log-level", json={"level": "debug"}, headers=admin())
        check(level, "put", "/v1/log-level")
        check(await server.http.get("/readyz"), "get", "/readyz")
        check(await server.http.get("/readyz", headers=admin()), "get", "/readyz")
        server.engine.draining = True
        check(await server.http.get("/readyz"), "get", "/readyz")
        check(await server.http.get("/healthz"), "get", "/healthz")

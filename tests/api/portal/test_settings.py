"""Operators edit settings over HTTP: draft, review, try, apply, undo, and who may what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.api.portal.house import OWN, log_in, staffed
from tests.api.serving import Server, serving
from tests.api.test_browser_legs import QUICK

HOURS = ["hours", "shop", "opening_hours"]
SHORTER = "Mo-Fr 09:00-18:00; Sa 10:00-13:00"
BASE = "/v1/portal/settings"


async def ask(
    server: Server, method: str, path: str, body: Any = None, revision: int | None = None
) -> httpx.Response:
    headers = dict(OWN)
    if revision is not None:
        headers["If-Match"] = f'"{revision}"'
    return await server.http.request(method, f"{BASE}{path}", json=body, headers=headers)


def set_to(at: list[str | int], value: Any, **more: Any) -> dict[str, Any]:
    return {"edits": [{"do": "set", "at": at, "value": value, **more}]}


@asyncio_test
async def test_saturday_closes_earlier_and_then_not(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        file = tmp_path / "settings.yaml"
        await log_in(server)
        view = (await ask(server, "GET", "")).json()
        assert (view["main"], view["draft"]["revision"], view["may_text"]) == ("settings.yaml", 0, True)
        week = (
            await server.http.get(
                f"{BASE}/hours", params={"text": view["tree"]["hours"]["shop"]["opening_hours"]}
            )
        ).json()
        week["days"][5] = [[600, 780]]
        text = (await ask(server, "POST", "/hours", week)).json()["text"]
        assert text == SHORTER
        edited = await ask(server, "POST", "/edits", set_to(HOURS, text), 0)
        assert edited.json()["draft"] | {"saved_at": 0} == {
            "revision": 1, "saved_at": 0, "files": ["settings.yaml"], "behind": False
        }  # fmt: skip
        review = (await ask(server, "GET", "/review")).json()
        assert [each["text"] for each in review["sentences"]] == [
            "Opening hours shop: Saturday closes at 13:00 instead of 14:00."
        ]
        assert (review["tests"], review["failed"], review["conflicts"], review["missing"]) == (1, [], [], [])
        assert "-    opening_hours" in review["diffs"]["settings.yaml"]
        applied = (await ask(server, "POST", "/apply", {"why": "Summer"}, 1)).json()
        assert (applied["label"], applied["why"], applied["state"]) == ("Olivia", "Summer", "applied")
        assert file.read_text() == TEXT.replace("14:00", "13:00")
        undone = await ask(server, "POST", f"/changes/{applied['id']}/undo", {})
        assert (undone.status_code, undone.json()["undoes"]) == (201, applied["id"])
        assert file.read_text() == TEXT
        listed = (await ask(server, "GET", "/changes")).json()["changes"]
        assert [each["id"] for each in listed] == [undone.json()["id"], applied["id"]]
        shown = (await ask(server, "GET", f"/changes/{applied['id']}")).json()
        assert "+    opening_hours" in shown["diffs"]["settings.yaml"]
        trail = (await server.http.get("/v1/portal/audit")).json()["entries"]
        assert [each["what"] for each in trail][:2] == ["settings_undone", "settings_changed"]


@asyncio_test
async def test_text_is_kept_whatever_it_says_and_its_problems_have_places(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        broken = TEXT.replace("route: sales", "route: sale")
        typed = await server.http.put(
            f"{BASE}/text",
            params={"file": "settings.yaml"},
            json={"text": broken},
            headers=OWN | {"If-Match": '"0"'},
        )
        assert typed.json()["revision"] == 1
        (problem,) = (await ask(server, "GET", "/review")).json()["problems"]
        assert (problem["file"], problem["path"]) == ("settings.yaml", "sites.shop.route")
        assert broken.splitlines()[problem["line"] - 1][problem["column"] - 1 :] == "sale"
        refused = await ask(server, "POST", "/apply", {}, 1)
        assert (refused.status_code, refused.json()["id"]) == (409, "config_invalid")
        stale = await server.http.put(
            f"{BASE}/text",
            params={"file": "settings.yaml"},
            json={"text": "x"},
            headers=OWN | {"If-Match": '"0"'},
        )
        assert (stale.status_code, stale.json()["id"]) == (412, "draft_stale")
        assert (await server.http.get(f"{BASE}/text", params={"file": "settings.yaml"})).json()[
            "text"
        ] == broken
        assert (await server.http.get(f"{BASE}/text", params={"file": "../etc/passwd"})).status_code == 404
        assert (await ask(server, "DELETE", "/draft")).status_code == 204
        assert (await server.http.get(f"{BASE}/text", params={"file": "settings.yaml"})).json()[
            "text"
        ] == TEXT


@asyncio_test
async def test_conflicts_are_shown_with_both_sides_and_chosen(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        file = tmp_path / "settings.yaml"
        await log_in(server)
        await ask(server, "POST", "/edits", set_to(HOURS, SHORTER), 0)
        file.write_text(TEXT.replace("10:00-14:00", "11:00-14:00"))
        (conflict,) = (await ask(server, "GET", "/review")).json()["conflicts"]
        assert (conflict["at"], conflict["mine"]) == (HOURS, SHORTER)
        assert conflict["theirs"] == "Mo-Fr 09:00-18:00; Sa 11:00-14:00"
        assert (await ask(server, "POST", "/apply", {}, 1)).json()["id"] == "draft_conflict"
        choice = {"choices": [{"file": "settings.yaml", "at": HOURS, "take": "mine"}]}
        assert (await ask(server, "POST", "/choices", choice, 1)).json()["revision"] == 2
        assert (await ask(server, "POST", "/apply", {}, 2)).status_code == 201
        assert "Sa 10:00-13:00" in file.read_text()


@asyncio_test
async def test_rights_open_their_sections_alone(tmp_path: Path) -> None:
    config = staffed()
    operators = dict(config.operators)
    operators["hal"] = operators["olivia"].model_copy(update={"rights": ("look", "hours", "publish")})
    config = config.model_copy(update={"operators": operators})
    async with serving(tmp_path, config) as server:
        await log_in(server, "hal")
        assert (await ask(server, "GET", "")).json()["may"] == ["hours"]
        assert (await server.http.get(f"{BASE}/text", params={"file": "settings.yaml"})).status_code == 403
        label = await ask(server, "POST", "/edits", set_to(["sites", "shop", "label"], "Mine"), 0)
        assert (label.status_code, label.json()["id"]) == (403, "right_missing")
        server_key = await ask(server, "POST", "/edits", set_to(["server", "listen_address"], "0.0.0.0:1"), 0)
        assert server_key.status_code == 403
        assert (await ask(server, "POST", "/edits", set_to(HOURS, SHORTER), 0)).status_code == 200
        assert (await ask(server, "POST", "/apply", {}, 1)).status_code == 201
        # As text one could change anything: applying looks at what differs.
        await log_in(server, "olivia")
        text = TEXT.replace("host: sip.carrier.example", "host: sip.evil.example")
        await server.http.put(
            f"{BASE}/text",
            params={"file": "settings.yaml"},
            json={"text": text},
            headers=OWN | {"If-Match": '"0"'},
        )
        assert (await ask(server, "GET", "/review")).json()["missing"] == ["trunks"]
        assert (await ask(server, "POST", "/apply", {}, 1)).json()["id"] == "right_missing"


@asyncio_test
async def test_a_click_a_week_and_a_failing_test_with_both_versions(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        await ask(server, "POST", "/edits", set_to(HOURS, "Mo-Fr 09:00-18:00"), 0)
        tried = (await ask(server, "POST", "/try/route", {"site": "shop", "at": "2026-03-07T12:00"})).json()
        assert (tried["now"]["rings"], tried["draft"]["rings"]) == (["counter"], [])
        assert any("closed" in line["text"] for line in tried["draft"]["lines"])
        week = (await ask(server, "POST", "/try/week", {"site": "shop", "at": "2026-03-04T12:00"})).json()
        opened = [
            sum(span["ends"] - span["begins"] for span in week[version] if span["rings"])
            for version in ("now", "draft")
        ]
        assert opened == [49 * 3600.0, 45 * 3600.0]
        assert (await ask(server, "POST", "/try/replay")).json() == {"clicks": 0, "differing": []}
        failed = (await ask(server, "GET", "/review")).json()["failed"]
        assert [each["name"] for each in failed] == ["Saturday noon"]
        refused = await ask(server, "POST", "/apply", {}, 1)
        assert (refused.json()["id"], refused.json()["errors"][0]["path"]) == ("tests_fail", "Saturday noon")
        assert (await ask(server, "POST", "/apply", {"despite_tests": True}, 1)).status_code == 201


@asyncio_test
async def test_passwords_are_not_in_the_tree(tmp_path: Path) -> None:
    agent = f"agents:\n  ann: {{label: Ann, password_hash: {QUICK}, phones: [counter]}}\n"
    (tmp_path / "settings.yaml").write_text(TEXT + agent.replace(QUICK, f"'{QUICK}'"))
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        answer = await ask(server, "GET", "")
        assert answer.json()["tree"]["agents"]["ann"]["label"] == "Ann"
        assert "argon2" not in answer.text


@asyncio_test
async def test_a_change_waits_and_can_be_cancelled(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        await ask(server, "POST", "/edits", set_to(HOURS, SHORTER), 0)
        waiting = (await ask(server, "POST", "/apply", {"publish_at": 4e9}, 1)).json()
        assert (waiting["state"], (tmp_path / "settings.yaml").read_text()) == ("waiting", TEXT)
        assert (await ask(server, "DELETE", f"/changes/{waiting['id']}")).status_code == 204
        assert (await ask(server, "DELETE", f"/changes/{waiting['id']}")).json()["id"] == "change_unknown"


@asyncio_test
async def test_the_rules_of_a_page_are_tried_with_both_versions(tmp_path: Path) -> None:
    rules = """    page: {facts: {promo.failed: {type: number}}}
    engage:
      rules:
        promo: {when: promo.failed >= 2, show: {invitation: phone, text: {en: "Trouble with a code?"}}}
hours:
"""
    (tmp_path / "settings.yaml").write_text(TEXT.replace("hours:\n", rules, 1))
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        when = ["sites", "shop", "engage", "rules", "promo", "when"]
        edited = await ask(server, "POST", "/edits", set_to(when, "promo.failed >= 3"), 0)
        assert edited.status_code == 200
        page = {"site": "shop", "page": "/cart", "at": "2026-03-06T12:00", "facts": {"promo.failed": "2"}}
        tried = (await ask(server, "POST", "/try/engage", page)).json()
        assert tried["now"]["shows"] == 'invites to phone: "Trouble with a code?"'
        assert tried["draft"]["shows"] == "no invitation"
        assert [(each["rule"], each["shown"]) for each in tried["now"]["rules"]] == [("promo", True)]
        nonsense = await ask(server, "POST", "/try/engage", page | {"facts": {"promo.faild": "2"}})
        assert (nonsense.status_code, nonsense.json()["errors"][0]["path"]) == (400, "body.facts")
        assert 'did you mean "failed"?' in nonsense.json()["errors"][0]["message"]

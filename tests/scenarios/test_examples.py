"""Two examples as they are shipped, with phones in the place of their carriers: who sees what, who talks."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import jwt
from ruamel.yaml import YAML

from phones import wire
from phones.control import Phone
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound
from tests.aio import asyncio_test
from tests.scenarios.pages import PASSWORD_HASH, agent_page
from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN, Settings
from tests.scenarios.world import RINGS, Click, World, answers, refuses, world

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
SECRET = "a-secret-that-the-retailer-and-we-know-and-nobody-else-in-the-world"
#: The first note of the greeting.
CHIME_HZ = 659
#: The phone that presses a key to take the call.
TAKES_IT = answers(after=0.1, dtmf="1", dtmf_after=1.0)


def example(here: World, name: str, **hosts: str) -> Settings:
    """The example's settings on this machine, at any time of the week; ``hosts`` stand for its trunks'."""
    text = json.dumps(YAML(typ="safe").load(EXAMPLES / f"{name}.yaml"))
    found: Settings = json.loads(text)
    for trunk, host in hosts.items():
        found = json.loads(json.dumps(found).replace(found["trunks"][trunk]["host"], host))
    (site,) = found["sites"].values()
    site["origins"].append(ORIGIN)
    site["data_pass"]["signing"] = {"secret_file": "signing.key"}
    (here.folder / "signing.key").write_text(SECRET)
    (here.folder / "signing.key").chmod(0o600)
    for hours in found["hours"].values():
        hours["opening_hours"] = "24/7"
    for agent in found.get("agents", {}).values():
        agent["password_hash"] = PASSWORD_HASH
    files = [(found["prompts"], prompt) for prompt in found["prompts"]]
    files += [(table, "file") for table in found.get("stores", {}).values()]
    files += [(found["geo"], "postal_codes")] if "geo" in found else []
    questions = [each for flow in found.get("flows", {}).values() for each in flow["questions"]]
    files += [(question, "table") for question in questions if "table" in question]
    for holder, key in files:
        holder[key] = str(EXAMPLES / holder[key])
    return found | {section: here.settings[section] for section in ("server", "sip", "media")}


async def serve(here: World, settings: Settings) -> None:
    here.settings = settings
    here._server = Server(here.write(), settings["server"]["listen_address"])
    await here.server.start()


async def click(here: World, context: dict[str, Any], signed: dict[str, Any]) -> Click:
    """As the shop's page, with what the shop's server signed for it."""
    ((name, site),) = here.settings["sites"].items()
    now = time.time()
    claims = {"aud": name, "iat": now, "exp": now + 60, "jti": str(now), "context": signed}
    return await here.click(
        site_key=site["key"], context=context, signed=jwt.encode(claims, SECRET, algorithm="HS256")
    )


async def both_talk(here: World, call: Click, shopper: Phone, business: Phone, leg: wire.Incoming) -> str:
    """The business hangs up after a while, in which each heard the other alone; the shopper's recording."""
    since = call.at("bridged") + 0.7
    await asyncio.sleep(2.0)
    await business.send(wire.HangUpCall(leg.call))
    await call.over()
    until = call.at("ending") - 0.05
    theirs = await here.heard(business, leg.call)
    ours = await here.heard(shopper)
    assert theirs.mostly(SHOPPER_HZ, since=since, until=until), theirs.story()
    assert ours.mostly(BUSINESS_HZ, since=since, until=until), ours.story()
    return ours.path


@asyncio_test(timeout=90)
async def test_the_local_franchise_sees_the_vehicle_before_answering(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        counters = await here.phone("counters", RINGS)
        await serve(here, example(here, "radiator", carrier=shopper.address, pbx=counters.address))
        async with agent_page(here.server, "hank") as hank, agent_page(here.server, "beth") as beth:
            vehicle = {"make": "Ford", "model": "Taurus", "year": 1998, "engine": "3.0 V6"}
            call = await click(
                here,
                {"vehicle": vehicle, "postal_code": "06103", "part": {"price": 1}, "tracking": "x"},
                {"part": {"number": "RD-1193", "price": 189.9}},
            )
            leg = await counters.expect(wire.Incoming, within=20)
            assert "sip:hartford@" in leg.request_uri
            octets = bytes.fromhex((leg.header("User-to-User") or "").removesuffix(";encoding=hex"))
            assert octets == b"\x001998 Ford Taurus; 3.0 V6; 06103; part RD-1193"
            assert leg.header("Call-Info") == f"<https://orders.coolway.example/calls/{call.id}>;purpose=info"

            # It rings, and nobody has answered: Hank sees who it is, Beth in Boston does not.
            offered = await hank.tells(type="pop", state="offered")
            pop = offered["pop"]
            claimed = {field["label"]: field["value"] for field in pop["claimed"]}
            assert claimed["Make"] == "Ford"
            assert (claimed["Year"], claimed["Engine"]) == ("1998", "3.0 V6")
            assert {field["label"]: field["value"] for field in pop["signed"]} == {
                **{"Part": "RD-1193", "Price shown, $": "189.9"},
            }
            assert pop["number"] == call.number

            await counters.send(wire.Answer(leg.call))
            answered = await counters.expect(wire.Answered)
            await counters.send(wire.Speak(leg.call, wire.PhoneSpeech(hz=BUSINESS_HZ)))
            bridged = await call.reaches("bridged", within=30)
            assert bridged["connected_to"] == "Coolway Hartford"
            assert bridged["at"] - answered.at > 2.0, "a sentence about the vehicle comes first"
            await hank.tells(type="pop", state="answered")
            await both_talk(here, call, shopper, counters, leg)
            await hank.tells(type="pop", state="over")
            assert [told for told in beth.told if told["type"] == "pop"] == []
        record = (await call.record()).raw
        assert record["context"] == {
            "postal_code": "06103", "part.price": "1", "vehicle.make": "Ford", "vehicle.model": "Taurus",
            "vehicle.year": "1998", "vehicle.engine": "3.0 V6",
        }  # fmt: skip
        assert record["signed"] == {"part.number": "RD-1193", "part.price": "189.9"}


@asyncio_test(timeout=120)
async def test_a_branded_greeting_the_local_centre_and_the_national_line(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        centres = await here.phone("centres", TAKES_IT)
        national = await here.phone("national", answers(after=0.1))
        settings = example(here, "jenny_craig", carrier=shopper.address)
        for name, phone in (("centres", centres), ("national", national)):
            settings["trunks"][name] = {"host": phone.address}
        settings["stores"]["centres"]["trunk"] = "centres"
        settings["destinations"]["advice_line"]["trunk"] = "national"
        await serve(here, settings)
        told = {"postal_code": "02116", "customer": {"name": "Ann"}, "programme": "Spring start"}

        call = await click(here, told, {"member": {"id": "LS-7", "goal": "ten pounds"}})
        bridged = await call.reaches("bridged", within=30)
        assert bridged["connected_to"] == "Lightstep Back Bay"
        leg = await centres.expect(wire.Incoming)
        path = await both_talk(here, call, shopper, centres, leg)
        heard = [tones for _, tones in Sound.read(path).timeline((CHIME_HZ, SHOPPER_HZ, BUSINESS_HZ))]
        assert (CHIME_HZ,) in map(tuple, heard), "the brand's greeting"
        assert (await call.record()).raw["signed"] == {"member.id": "LS-7", "member.goal": "ten pounds"}

        await centres.send(wire.SetScript(refuses(486, after=0.1)))
        await centres.expect(wire.ScriptSet)
        call = await click(here, told, {})
        bridged = await call.reaches("bridged", within=30)
        assert bridged["connected_to"] == "National advice line"
        leg = await national.expect(wire.Incoming)
        await both_talk(here, call, shopper, national, leg)
        rung = [destination for destination, _ in (await call.record()).causes]
        assert rung == ["shopper", "centres/back_bay", "centres/quincy", "advice_line"]

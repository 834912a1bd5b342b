"""A folder with a config file, the secrets and the recordings it names."""

from __future__ import annotations

import wave
from pathlib import Path

from config.loader import LoadedConfig, load
from config.problems import ConfigError

ENVIRONMENT = {
    "PBX_PASSWORD": "zebra-crossing-71",
    "RINGBACK_ADMIN_KEY": "quiet-otter-of-the-north",
    "CARRIER_PASSWORD": "amber-lantern-93",
    "AMI_SECRET": "indigo-harvest-57",
    "TURN_SECRET": "violet-harbour-64",
    "COOLWAY_SIGNING_SECRET": "seven-brown-radiators-in-a-row-of-nine-88",
    "OUTDOOR_SIGNING_SECRET": "three-green-tents-by-the-cold-lake-44",
    "LIGHTSTEP_SIGNING_SECRET": "twelve-green-apples-on-the-long-table-17",
    "SMTP_PASSWORD": "copper-kettle-28",
    "WEBHOOK_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}
EXAMPLES = Path(__file__).parents[2] / "config" / "examples"

#: Line 1 is ``server:``; every table of bad lines replaces parts of this.
GOOD = """\
server:
  trusted_proxies: [127.0.0.1]
trunks:
  carrier:
    host: sip.carrier.example
    username: "4412345"
    password_env: PBX_PASSWORD
sites:
  shop:
    key: shop-example-1
    label: Shop
    origins: [https://shop.example]
    countries: [US]
    trunk: carrier
    caller_id: {number: "+16175550100"}
    route: sales
    greeting: welcome
destinations:
  store:
    label: Store
    number: "+16175550123"
    trunk: carrier
routes:
  sales:
    steps:
      - destinations: [store]
    message: office
prompts:
  welcome: welcome.wav
mailboxes:
  office: {label: Office}
"""


def write_wav(path: Path, channels: int = 1, width: int = 2, rate: int = 8000, frames: int = 800) -> None:
    with wave.open(str(path), "wb") as out:
        out.setparams((channels, width, rate, frames, "NONE", ""))
        out.writeframes(bytes(channels * width * frames))


def write_config(folder: Path, text: str | bytes) -> Path:
    file = folder / "ringback.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    file.chmod(0o600)
    write_wav(folder / "welcome.wav")
    return file


def changed(*changes: tuple[str, str], text: str = GOOD) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def load_text(folder: Path, text: str | bytes) -> LoadedConfig:
    return load(write_config(folder, text), ENVIRONMENT)


def complaints(folder: Path, text: str | bytes) -> list[str]:
    """The problems as printed, without the file's name; a file that loads is a failed test."""
    try:
        load_text(folder, text)
    except ConfigError as error:
        prefix = f"{error.file}:"
        lines = str(error).split("\n")
        assert all(line.startswith(prefix) for line in lines)
        return [line.removeprefix(prefix) for line in lines]
    raise AssertionError("the file loads")


def warnings(folder: Path, text: str) -> list[str]:
    loaded = load_text(folder, text)
    return [problem.line(loaded.file).removeprefix(f"{loaded.file}:") for problem in loaded.warnings]

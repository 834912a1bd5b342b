from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load_server
from config.problems import ConfigError

FILE = """\
server:
  listen_address: 127.0.0.1:9000
  admin_key_env: KEY
trunks:
  carrier:
    host: sip.carrier.example
    username: u
    password_env: NOT_SET_HERE
"""


def test_the_server_section_needs_no_other_secret(tmp_path: Path) -> None:
    file = tmp_path / "ringback.yaml"
    file.write_text(FILE)
    server = load_server(file, {"KEY": "k" * 32})
    assert str(server.listen_address) == "127.0.0.1:9000"
    assert server.admin_key is not None
    assert server.admin_key.get_secret_value() == "k" * 32


def test_its_own_problems_have_their_place(tmp_path: Path) -> None:
    file = tmp_path / "ringback.yaml"
    file.write_text("server:\n  listen_address: nowhere\n  admin_key_env: KEY\n")
    with pytest.raises(ConfigError) as caught:
        load_server(file, {})
    assert [problem.place[:2] for problem in caught.value.problems] == [(2, 19), (3, 18)]

"""Check config files as ``ringback check`` does, in one process, whose start takes longer than all the files.

``python scripts/check_examples.py FILE...``
"""

from __future__ import annotations

import sys

from server.cli import app


def main() -> int:
    """Check each of them; 1 where one has a problem."""
    bad = False
    for file in sys.argv[1:]:
        bad |= bool(app(["check", file], standalone_mode=False))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())

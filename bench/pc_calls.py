"""Calls by PC through Ringback, and through Asterisk's WebRTC for comparison: one JSON object on stdout.

``.venv/bin/python bench/pc_calls.py --preset load --peer asterisk``; see README.md beside this file.
"""

import sys
from pathlib import Path

# Run as a file, Python would look for modules beside it instead of in the tree.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.pc_command import main  # noqa: E402

if __name__ == "__main__":
    main()

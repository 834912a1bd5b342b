"""Phone calls through Ringback, and through Asterisk for comparison: one line of JSON on stdout.

``bench/phone_calls.py --preset load --servers pjsua2,rtpengine,asterisk``; see README.md beside this file.
"""

import sys
from pathlib import Path

# Run as a file, Python would look for modules beside it instead of in the tree.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.command import main  # noqa: E402

if __name__ == "__main__":
    main()

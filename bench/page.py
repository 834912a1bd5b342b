"""What the page costs: decisions and events on the server. One line of JSON on stdout.

``bench/page.py --decisions 20000 --events 50000``; see README.md beside this file.
"""

import sys
from pathlib import Path

# Run as a file, Python would look for modules beside it instead of in the tree.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.page_server import main  # noqa: E402

if __name__ == "__main__":
    main()

"""``python -m demo``: the demo without the ``ringback`` command around it."""

import argparse
import sys

from demo.main import DEFAULT_PORT, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m demo", description=run.__doc__)
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="of the shop's page; Ringback takes the next"
    )
    sys.exit(run(parser.parse_args().port))

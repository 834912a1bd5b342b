"""The portal: ``python -m bench.portal [PART …]`` prints a JSON object with the figures of each part.

``reports``: a report over 90 days and a million calls. ``month``: a month of a million calls beside a
plain count. ``leads``: a page of 10,000 open leads. ``board``: a wallboard that 100 pages look at.
``two_parts``: reports of two parts over a million kept calls. ``agents``: a report of 40 agents' time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

from bench import portal_agents, portal_board, portal_leads, portal_month, portal_reports, portal_two_parts

#: Each part has a file of its own.
PARTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "reports": portal_reports.measure,
    "month": portal_month.measure,
    "leads": portal_leads.measure,
    "board": portal_board.measure,
    "two_parts": portal_two_parts.measure,
    "agents": portal_agents.measure,
}


def main() -> None:
    """Measure the parts that are named, or all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    chosen = options.parse_args().parts or list(PARTS)
    print(json.dumps({name: PARTS[name]() for name in chosen}, indent=2))


if __name__ == "__main__":
    main()

"""What the server and the command line check of a config file, beyond what the file itself can tell."""

from __future__ import annotations

from collections.abc import Callable

from answers.load import check_answer_files
from chat.flow_compile import check_flow_conditions
from config.draft import Draft
from engage.load import check_engagement
from server.fitness import check_host

FURTHER_CHECKS: tuple[Callable[[Draft], None], ...] = (
    check_host,
    check_engagement,
    check_flow_conditions,
    check_answer_files,
)

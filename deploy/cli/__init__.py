"""`guichuang`: the operator's commands (docs/operations)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from deploy.cli.commands import guichuang
from deploy.cli.execution import PARSE_ONLY
from deploy.private_files import restrict_new_files


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit. The exit status is 0 on success, 2 for an invalid argument or setting."""
    restrict_new_files()
    guichuang.main(arguments, prog_name="guichuang")


def parse(arguments: Sequence[str]) -> Mapping[str, Any]:
    """Check the arguments of a command without running it, and return their values. Raises click.UsageError if the command does
    not accept them."""
    return cast(Mapping[str, Any], guichuang.main(arguments, prog_name="guichuang", standalone_mode=False, obj=PARSE_ONLY))

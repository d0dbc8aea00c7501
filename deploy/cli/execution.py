"""Execute a command: pass it the settings, and turn its result and its errors into the exit status."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import click

from deploy.private_files import tighten
from services.kernel.errors import DomainError, Unavailable
from services.kernel.settings import InvalidSetting, Settings, unknown_variables

P = ParamSpec("P")

#: The `obj` of a click context whose command is not to be run: only its arguments are checked.
PARSE_ONLY = "parse only"


class Failure(click.ClickException):
    """A command failed. The message is printed to standard error as it is, without click's prefix."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        print(self.message, file=file or sys.stderr)


class InvalidSettings(Failure):
    """A setting is not usable."""

    exit_code = 2


def with_settings(
    *, writes: bool = False, serves: bool = False
) -> Callable[[Callable[Concatenate[Settings, P], int]], Callable[P, None]]:
    """Decorate a command: pass it the settings of the environment, and exit with the status that it returns. Invalid settings
    give status 2, an error of the domain 1.

    `writes`: the command first makes files private that earlier versions left readable; other commands only read. `serves`: the
    command runs until it is stopped, and reports unknown settings.
    """

    def decorate(command: Callable[Concatenate[Settings, P], int]) -> Callable[P, Any]:
        @wraps(command)
        def execute(*args: P.args, **kwargs: P.kwargs) -> Any:
            context = click.get_current_context()
            if context.obj == PARSE_ONLY:
                return context.params
            if not serves:
                # The command then ends without an error if the program that reads its output ends first, as in `… | head`.
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            try:
                settings = Settings.from_environment()
                if serves:
                    _report_unknown_settings()
                if writes:
                    _make_files_private(settings)
                status = command(settings, *args, **kwargs)
            except InvalidSetting as error:
                raise InvalidSettings(str(error)) from error
            except DomainError as error:
                raise Failure(_error_text(error)) from error
            return context.exit(status)

        return execute

    return decorate


def _report_unknown_settings() -> None:
    for name, suggestion in unknown_variables().items():
        print(f"{name} is no setting{f'; is {suggestion} meant?' if suggestion else ''}", file=sys.stderr)


def _make_files_private(settings: Settings) -> None:
    if changed := tighten(settings):
        print(f"{len(changed)} files and folders were readable by others and now are not, such as {changed[0]}", file=sys.stderr)


def _error_text(error: DomainError) -> str:
    cause = f" ({str(error.__cause__).splitlines()[0]})" if error.__cause__ else ""
    advice = "\n`guichuang doctor` says what is away." if isinstance(error, Unavailable) else ""
    return f"{error.text.zh}\n{error.text.en}{cause}{advice}"

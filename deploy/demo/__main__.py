"""`make demo`: evaluate the formation cases, then take one consortium through the formation up to the register and through the
years after it. Exit status 1 if any result differs from the expected one."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from deploy.demo.cases import Case, judge, load_cases, print_verdicts
from deploy.demo.life import play
from deploy.demo.narration import chapter, console, tell
from deploy.demo.people import People
from deploy.demo.platform import platform
from deploy.demo.years import play_years
from services.kernel.settings import Settings

#: The folder with the cases in the repository.
CASES = Path(__file__).parents[2] / "tests" / "examples" / "formation"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument(
        "--cases",
        type=Path,
        default=Path(os.environ.get("GUICHUANG_CASES") or CASES),
        help="folder of formation cases (default: GUICHUANG_CASES, else those of the repository)",
    )
    try:
        cases = load_cases(parser.parse_args().cases)
        with platform(Settings.from_environment()) as people:
            return demonstrate(people, cases)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1


def demonstrate(people: People, cases: list[Case]) -> int:
    """Run both parts on one platform; the second part only if every verdict is as expected. Return the exit status."""
    tell(f"平台：{people.server.base}", f"The platform: {people.server.base}", see=console(people.server, "/"))
    chapter("一、组建条件预审", "Formation cases, judged by the platform")
    verdicts = judge(people, cases)
    print_verdicts(verdicts)
    unexpected = [verdict.case["id"] for verdict in verdicts if not verdict.as_expected]
    if unexpected:
        tell(
            f"{len(unexpected)} 个案例的结论与预期不符：{'、'.join(unexpected)}",
            f"{len(unexpected)} verdicts are not as expected.",
            see=console(people.officer(), "/admin/calls"),
        )
        return 1
    tell(
        f"{len(verdicts)} 个案例的结论全部符合预期。",
        f"All {len(verdicts)} verdicts are as expected.",
        see=console(people.officer(), "/admin/calls"),
    )
    case = play(people)
    play_years(case)
    return 0


if __name__ == "__main__":
    sys.exit(main())

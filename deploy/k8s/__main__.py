"""`python -m deploy.k8s generate` writes what follows from tenants.toml; `check` says what has drifted from it, and what is
wrong with the overlays as they would be applied."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.k8s.generated import drift, write
from deploy.k8s.tenants import BadTable, read

HERE = Path(__file__).parent


def main() -> int:
    """Exit status 1 when the table is wrong or, for `check`, when something differs from it."""
    parser = argparse.ArgumentParser(prog="python -m deploy.k8s", description=__doc__)
    parser.add_argument("what", choices=("generate", "check"))
    what = parser.parse_args().what
    try:
        table = read(HERE / "tenants.toml")
    except BadTable as error:
        print(f"tenants.toml: {error}", file=sys.stderr)
        return 1
    if what == "generate":
        for name in write(table, HERE):
            print(f"written: {name}")
        return 0
    differing = drift(table, HERE)
    for name in differing:
        print(f"{name} is not what tenants.toml says", file=sys.stderr)
    if differing:
        print("Change tenants.toml, not the overlays; then `make overlays`.", file=sys.stderr)
        return 1
    return _complain(HERE / "overlays")


def _complain(overlays: Path) -> int:
    # Needs what only the development environment has.
    from deploy.k8s.checks import complaints
    from deploy.k8s.checks.rendered import NotBuilt, render

    wrong = []
    for folder in sorted(overlays.iterdir()):
        try:
            wrong += complaints(render(folder))
        except NotBuilt as error:
            wrong.append(str(error))
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main())

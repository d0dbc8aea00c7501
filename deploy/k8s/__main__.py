"""`python -m deploy.k8s generate` writes the files that are generated from tenants.toml; `check` reports files that differ from
it, and the faults of the overlays as they would be applied; `secrets` writes passwords, addresses and keys as Secrets."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.k8s.generated import drift, write
from deploy.k8s.tenants import BadTable, Table, read

HERE = Path(__file__).parent


def main() -> int:
    """Run the command. Return exit status 1 if the table of tenants is wrong or, for `check`, if a file differs from the table or
    an overlay has a fault."""
    parser = argparse.ArgumentParser(prog="python -m deploy.k8s", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("generate", help="write the overlays")
    commands.add_parser("check", help="what has drifted, and what is wrong")
    making = commands.add_parser("secrets", help="write the Secrets that the platform can generate: passwords, addresses, keys")
    making.add_argument("folder", type=Path, help="where to; it holds every password and key afterwards")
    making.add_argument("--broker-ca", type=Path, required=True, help="the authority of the broker's certificate (PEM)")
    options = parser.parse_args()
    task = options.what
    try:
        table = read(HERE / "tenants.toml")
    except BadTable as error:
        print(f"tenants.toml: {error}", file=sys.stderr)
        return 1
    if task == "secrets":
        return _secrets(table, options.folder, options.broker_ca)
    if task == "generate":
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


def _secrets(table: Table, folder: Path, broker_ca: Path) -> int:
    from deploy.k8s.secrets import BROUGHT, Maker
    from deploy.private_files import restrict_new_files

    restrict_new_files()
    written = Maker(table, folder, broker_ca.read_text(encoding="utf-8")).make()
    print(f"{len(written)} manifests are in {folder}/<namespace>; keep {folder}/kept apart, it is what they were made of.")
    print(f"Others make: {', '.join(BROUGHT)} (docs/operations/secrets.md).")
    return 0


def _complain(overlays: Path) -> int:
    # Imported here, because it needs packages of the development environment.
    from deploy.k8s.checks import complaints
    from deploy.k8s.checks.rendered import NotBuilt, render

    faults = []
    for folder in sorted(overlays.iterdir()):
        try:
            faults += complaints(render(folder))
        except NotBuilt as error:
            faults.append(str(error))
    for complaint in faults:
        print(complaint, file=sys.stderr)
    return min(len(faults), 1)


if __name__ == "__main__":
    sys.exit(main())

"""The next Debian release in a folder below `build`, fetched once by debootstrap: its Python, PostgreSQL and RabbitMQ.

Its RabbitMQ runs by chroot (`RABBITMQ_ROOT`) beside this machine's other programs. Its Python runs the tests in a view of this
machine, in which `/usr` is the release's and `.venv` an environment of its Python; everything else, the checkout included, is the
machine's. The view is a mount namespace, so its mounts end with its last process, even if that is killed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
RELEASE = "trixie"
#: The release's default Python.
PYTHON = "/usr/bin/python3.13"
PACKAGES = ("rabbitmq-server", "postgresql", "python3.13-venv", "make", "git")
#: The folder of the release, and that of the environment that its Python uses; both remain between runs.
FOLDER = ROOT / "build" / RELEASE
ENVIRONMENT = ROOT / "build" / f"{RELEASE}-venv"
#: Seconds that debootstrap may take. It took one minute when it was tried.
FETCH_SECONDS = 900.0
#: A file that is there once the folder is complete.
COMPLETE = FOLDER / "complete"
#: Runs a command ($3…) with $0's programs as /usr and $1 as $2.
_VIEW = 'mount --bind "$0/usr" /usr && mount --bind "$1" "$2" || exit 1; shift 2; exec "$@"'


def fetch() -> str | None:
    """Ensure that the Debian release is in `FOLDER`; fetch it by debootstrap if it is not. Return None, or the reason why it
    cannot be there or cannot be used."""
    if os.geteuid() != 0:
        return "chroot needs root"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        return "this machine allows no mounts"
    if not Path("/bin").is_symlink():
        return "this machine has programs outside /usr"
    if COMPLETE.exists():
        return None
    if shutil.which("debootstrap") is None:
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "debootstrap"]):
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                return "debootstrap is not installed, and apt-get cannot install it"
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.parent.mkdir(exist_ok=True)
    print(f"fetching Debian {RELEASE} into {FOLDER}", flush=True)
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", RELEASE, str(FOLDER)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
        failed = (done.stdout + done.stderr).strip().splitlines()[-1] if done.returncode != 0 else ""
    except subprocess.TimeoutExpired:
        failed = f"it took longer than {FETCH_SECONDS:.0f} s"
    if failed:
        shutil.rmtree(FOLDER, ignore_errors=True)
        return f"debootstrap failed: {failed}"
    # In the view it would change the machine's list of packages and the release's files.
    (FOLDER / "usr/bin/apt-get").unlink()
    COMPLETE.touch()
    return None


def view(command: Sequence[str]) -> list[str]:
    """The command as it runs in the view of the release. The current folder stays."""
    environment = ROOT / ".venv"
    for folder in (ENVIRONMENT, environment):
        folder.mkdir(parents=True, exist_ok=True)
    return ["unshare", "--mount", "sh", "-c", _VIEW, str(FOLDER), str(ENVIRONMENT), str(environment), *command]


def postgres_programs(folder: Path) -> Path:
    """Write a script for each program of the release's PostgreSQL below `folder`; return the folder of the scripts. They run it
    with the release's own loader and libraries, so that both versions run on this machine side by side, as pg_upgrade needs
    them. Below `folder` PostgreSQL finds its files in the same places as in the release."""
    [version] = (FOLDER / "usr/lib/postgresql").iterdir()
    [loader] = FOLDER.glob("usr/lib*/ld-linux-*")
    [libraries] = FOLDER.glob("usr/lib/*-linux-gnu")
    home, shared = folder / version.relative_to(FOLDER), folder / "usr/share/postgresql"
    (home / "bin").mkdir(parents=True)
    shared.mkdir(parents=True)
    (home / "lib").symlink_to(version / "lib")
    (shared / version.name).symlink_to(FOLDER / "usr/share/postgresql" / version.name)
    for program in (version / "bin").iterdir():
        command = shlex.join([str(loader), "--library-path", str(libraries)])
        script = home / "bin" / program.name
        script.write_text(f'#!/bin/sh\nexec {command} --argv0 "$0" {shlex.quote(str(program))} "$@"\n')
        script.chmod(0o755)
    return home / "bin"

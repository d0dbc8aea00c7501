"""Only one platform at a time may use a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.instance_lock import Taken, hold_instance_lock, is_locked

HOLDS = """
import sys, time
from pathlib import Path
from deploy.embedded.instance_lock import hold_instance_lock
with hold_instance_lock(Path(sys.argv[1])):
    print("has it", flush=True)
    time.sleep(60)
"""


def test_a_second_platform_on_a_folder_is_told_who_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from deploy.cli import main

    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path))
    with hold_instance_lock(tmp_path), pytest.raises(SystemExit) as ended:
        main(["run"])
    assert ended.value.code == 1
    assert f"process {os.getpid()} has {tmp_path} already. Stop it first" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["platform.lock"]


def test_the_folder_of_a_platform_that_was_killed_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"has it\n"
    assert is_locked(tmp_path)
    with pytest.raises(Taken, match=f"process {holder.pid} "), hold_instance_lock(tmp_path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert not is_locked(tmp_path)
    with hold_instance_lock(tmp_path):
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)

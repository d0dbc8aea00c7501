"""A private ClamAV daemon. Its own database contains only the signature of the harmless test file of the anti-virus industry."""

from __future__ import annotations

import hashlib
import os
import pwd
import socket
from collections.abc import Mapping, Sequence

from deploy.local_services.install import CLAMD
from deploy.local_services.local_service import LocalService

#: The content of EICAR's test file, written in two pieces, so that no scanner reports this source file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamav(LocalService):
    """The daemon; `url` is the value for GUICHUANG_SCANNER."""

    name = "clamd"
    port_names = ("tcp",)

    @property
    def url(self) -> str:
        return f"clamd://127.0.0.1:{self.port('tcp')}"

    def prepare(self) -> None:
        database = self.folder / "database"
        database.mkdir(exist_ok=True)
        digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
        (database / "test.hdb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test-Signature\n")
        user = pwd.getpwuid(os.geteuid()).pw_name
        (self.folder / "clamd.conf").write_text(
            f"DatabaseDirectory {database}\nTCPSocket {self.port('tcp')}\nTCPAddr 127.0.0.1\nForeground yes\nUser {user}\n"
            "StreamMaxLength 50M\n"
        )

    def command(self) -> Sequence[str]:
        return [str(CLAMD), f"--config-file={self.folder / 'clamd.conf'}"]

    def environment(self) -> Mapping[str, str]:
        return dict(os.environ)

    def ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port("tcp")), timeout=1) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(16) == b"PONG\0"
        except OSError:
            return False

"""`python -m deploy.contract release | client [FOLDER]`: record the public contract (the OpenAPI and AsyncAPI documents) as
released; generate a typed client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from gateway.app import create_app
from gateway.openapi import asyncapi, openapi_document
from services.contracts.payload import JsonObject
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.settings import Settings
from services.kernel.vault import Vault, new_vault_key

ROOT = Path(__file__).parents[1]
#: The folder with the documents as they were last released; later versions only add to them.
RELEASED = ROOT / "docs" / "api"
#: The file with the reviewed exceptions to "later versions only add": each break as tests/contract/compatibility.py words it, and
#: its reason. After a release the file contains no exception.
REVIEWED_BREAKS = "reviewed-breaks.json"
CLIENT = ROOT / "build" / "client"


def documents() -> dict[str, JsonObject]:
    """Return the two documents that this version of the code generates, by file name."""
    keys = {"signer": Signer("gateway", new_key()), "verifier": Verifier({}), "vault": Vault(new_vault_key())}
    app = create_app(None, Settings(), identity=None, store=None, **keys)  # type: ignore[arg-type]
    reader = app.test_client()
    return {
        "openapi.json": reader.get(openapi_document.PATH).get_json(),
        "asyncapi.json": reader.get(asyncapi.PATH).get_json(),
    }


def release() -> None:
    """Write the documents as the released ones, with an empty list of reviewed exceptions."""
    RELEASED.mkdir(parents=True, exist_ok=True)
    for name, document in (documents() | {REVIEWED_BREAKS: {}}).items():
        (RELEASED / name).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def client(folder: Path = CLIENT) -> None:
    """Generate the package `guichuang_client` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    described = folder / "openapi.json"
    described.write_text(json.dumps(documents()["openapi.json"], ensure_ascii=False), encoding="utf-8")
    # Formatting is switched off: formatting 600 files with ruff takes longer than writing them, and the generated code is not
    # meant to be read.
    settings = folder / "generator.yml"
    settings.write_text("post_hooks: []\n")
    generator = Path(sys.executable).with_name("openapi-python-client")
    command: list[str | Path] = [generator, "generate", "--path", described, "--meta", "none", "--overwrite"]
    subprocess.run([*command, "--output-path", folder / "guichuang_client", "--config", settings], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["release"]:
            release()
        case ["client"]:
            client()
        case ["client", where]:
            client(Path(where))
        case _:
            sys.exit(__doc__)

"""The console's static files: third-party files extracted from locked wheels at set-up, and our own files read at startup.

`python -m console.assets WHEELS` runs at set-up. It extracts the files that assets.toml names from the wheels in that folder,
refuses a file whose SHA-256 differs, compresses each file and writes it into the environment
(`<sys.prefix>/share/guichuang-console`). Every file is served under a path that contains a digest of its folder's contents, so
that a browser may cache it for a year.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
from flask import Blueprint, Response, abort, request

from console.access import public

#: The folder into which set-up installs the third-party files.
INSTALLED = Path(sys.prefix) / "share" / "guichuang-console"
#: The folder with the console's own style sheet and JavaScript modules.
OWN = Path(__file__).parent / "static"
_LIST = Path(__file__).with_name("assets.toml")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class AssetsMissing(RuntimeError):
    """The third-party files are not installed, or their SHA-256 differs from that in assets.toml."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file: its bytes without compression, and compressed by two methods."""

    content_type: str
    plain: bytes
    gzip: bytes
    brotli: bytes

    def answer(self, accepted: str) -> Response:
        """Return the file in the best encoding that the browser accepts."""
        encodings = {"br": self.brotli, "gzip": self.gzip}
        encoding = next((name for name in encodings if re.search(rf"\b{name}\b", accepted)), None)
        response = Response(encodings.get(encoding or "", self.plain), content_type=self.content_type)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class Assets:
    """All static files of a console process, by the path under which each is served."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._served: dict[str, Asset] = {}
        self._paths: dict[str, str] = {}
        for folder, path in folders.items():
            files = {file.name: file.read_bytes() for file in sorted(path.iterdir()) if file.suffix in _TYPES}
            digest = hashlib.sha256(b"".join(name.encode() + content for name, content in files.items())).hexdigest()[:12]
            for name, content in files.items():
                self._paths[name] = f"{folder}-{digest}/{name}"
                self._served[self._paths[name]] = _asset(path / name, content)

    @classmethod
    def installed(cls) -> Assets:
        """Return the files of this environment. Raises AssetsMissing if set-up did not install the third-party ones."""
        listed = [*(file["name"] for file in _listed_files()["files"]), _listed_files()["icons"]["name"]]
        if missing := [name for name in listed if not (INSTALLED / name).is_file()]:
            raise AssetsMissing(f"{INSTALLED} lacks {', '.join(missing)}; run `make setup`")
        return cls({"lib": INSTALLED, "own": OWN})

    def url(self, name: str) -> str:
        """Return the address of a file, which is given by its name, such as `console.css`."""
        return f"/assets/{self._paths[name]}"

    def blueprint(self) -> Blueprint:
        """Return the blueprint with the route that serves the files."""
        pages = Blueprint("assets", __name__)

        @pages.get("/assets/<path:path>")
        @public
        def asset(path: str) -> Response:
            served = self._served.get(path)
            if served is None:
                abort(404)
            return served.answer(request.headers.get("Accept-Encoding", ""))

        return pages


def _asset(path: Path, plain: bytes) -> Asset:
    """Return one file with its encodings. For third-party files the compressed copies that set-up wrote are used; our own small
    files are compressed here."""
    compressed = {suffix: path.with_name(path.name + suffix) for suffix in (".gz", ".br")}
    return Asset(
        _TYPES[path.suffix],
        plain,
        compressed[".gz"].read_bytes() if compressed[".gz"].exists() else gzip.compress(plain, mtime=0),
        compressed[".br"].read_bytes() if compressed[".br"].exists() else brotli.compress(plain, mode=brotli.MODE_TEXT),
    )


def install(wheels: Path, into: Path = INSTALLED) -> None:
    """Extract the third-party files from the wheels in a folder. Raises AssetsMissing if a wheel or a file is missing, or if a
    file's SHA-256 differs from that in assets.toml."""
    listed = _listed_files()
    into.mkdir(parents=True, exist_ok=True)
    for file in listed["files"]:
        _write(into / file["name"], _file_in_wheel(wheels, file))
    icons = listed["icons"]
    _write(into / icons["name"], _sprite_of(_file_in_wheel(wheels, icons).decode(), icons["symbols"]))


def _listed_files() -> dict[str, Any]:
    listed: dict[str, Any] = tomllib.loads(_LIST.read_text(encoding="utf-8"))
    return listed


def _file_in_wheel(wheels: Path, file: Mapping[str, str]) -> bytes:
    wheel = next(wheels.glob(f"{file['wheel']}-*.whl"), None)
    if wheel is None:
        raise AssetsMissing(f"no wheel of {file['wheel']} in {wheels}")
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(file["member"])
    if (digest := hashlib.sha256(content).hexdigest()) != file["sha256"]:
        raise AssetsMissing(f"{file['member']} has the SHA-256 {digest}, not the one in assets.toml")
    return content


def _sprite_of(sprite: str, names: list[str]) -> bytes:
    """Return an SVG sprite with only the named symbols. A page refers to a symbol as `icons.svg#name`."""
    symbols = []
    for name in names:
        match = re.search(rf'<symbol class="[^"]*" (viewBox="[^"]*" id="{re.escape(name)}">.*?</symbol>)', sprite, re.DOTALL)
        if match is None:
            raise AssetsMissing(f"there is no icon {name}")
        symbols.append(f"<symbol {match[1]}")
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'.encode()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, mtime=0))
    path.with_name(path.name + ".br").write_bytes(brotli.compress(content, mode=brotli.MODE_TEXT))


if __name__ == "__main__":
    install(Path(sys.argv[1]))

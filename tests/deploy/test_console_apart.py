"""Consoles in processes of their own: they share sessions, report the reader's address to the gateway, and continue to run while
the gateway is down."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask import Flask

from deploy.cli import main
from deploy.console import Front, front
from deploy.demo.platform import Embedded, accounts
from deploy.keys.key_folder import make
from deploy.local_services import Process
from deploy.local_services.local_service import free_ports
from services.kernel.settings import Settings

#: The number of requests that the gateway accepts from one address in a minute.
LIMIT = 60
POOL = urllib3.PoolManager(retries=False)


@dataclass(frozen=True, slots=True)
class Apart:
    """One gateway, and the two consoles that call it. `probes`: the address of the first console's probes; `keys`: the consoles'
    folder of keys."""

    gateway: Embedded
    consoles: tuple[str, str]
    probes: str
    keys: Path


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    folder = tmp_path_factory.mktemp("apart")
    keys = folder / "keys"
    make(keys, [], ["console"])
    ports = free_ports(["one", "other", "probes"])
    addresses = tuple(f"127.0.0.1:{ports[name]}" for name in ("one", "other"))
    gateway = Embedded(folder / "gateway", GUICHUANG_PROXIES="1", GUICHUANG_RATE_LIMIT=str(LIMIT))
    with gateway:
        told = {
            "GUICHUANG_CONSOLE_API": gateway.server.base,
            "GUICHUANG_KEYS": str(keys),
            "GUICHUANG_VAR": str(folder / "console"),
            "GUICHUANG_PROXIES": "1",
            "GUICHUANG_WORKERS": "1",
        }
        running = [
            _console(folder, f"console-{number}", told | {"GUICHUANG_HTTP": address} | extra)
            for number, (address, extra) in enumerate(
                zip(addresses, ({"GUICHUANG_PROBES": f"127.0.0.1:{ports['probes']}"}, {}), strict=True)
            )
        ]
        try:
            for process, address in zip(running, addresses, strict=True):
                process.wait_until(lambda address=address: _answers(address), 60)  # type: ignore[misc]
            one, other = (f"http://{address}" for address in addresses)
            yield Apart(gateway, (one, other), f"http://127.0.0.1:{ports['probes']}", keys)
        finally:
            for process in running:
                process.stop()


def _console(folder: Path, name: str, told: dict[str, str]) -> Process:
    process = Process(name, folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GUICHUANG_")}
    process.start([sys.executable, "-m", "deploy.cli", "serve", "console"], environment | told)
    return process


def _answers(address: str) -> bool:
    try:
        return POOL.request("GET", f"http://{address}/regulation").status == 200
    except urllib3.exceptions.HTTPError:
        return False


def ask(url: str, *, reader: str, cookie: str = "", fields: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
    """Send a request in the form in which the ingress forwards it for a reader."""
    headers = {"X-Forwarded-For": reader, "Accept-Language": "zh-CN", "Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    given: dict[str, Any] = {} if fields is None else {"fields": fields, "encode_multipart": False}
    return POOL.request("GET" if fields is None else "POST", url, headers=headers, redirect=False, **given)


def log_in(apart: Apart, reader: str) -> str:
    """Log in at the first console, as a reader at this address; return the session's cookie."""
    account = accounts(apart.gateway.folder)[0]
    fields = {"/username": account["username"], "/password": account["password"]}
    answer = ask(f"{apart.consoles[0]}/login", reader=reader, fields=fields)
    assert answer.status == 303, answer.data
    return answer.headers["Set-Cookie"].split(";")[0]


def test_a_session_begun_at_one_console_is_open_at_every_other(apart: Apart) -> None:
    cookie = log_in(apart, "198.51.100.1")
    for console in apart.consoles:
        assert ask(f"{console}/account", reader="198.51.100.1", cookie=cookie).status == 200


def test_the_gateway_counts_each_reader_by_their_own_address(apart: Apart) -> None:
    # Given a reader who sends more requests than one address may send in a minute
    pages = [ask(f"{apart.consoles[0]}/calls", reader="198.51.100.2") for _ in range(LIMIT + 5)]
    # Then the console shows this reader a page that says when to try again
    assert pages[-1].status == 429
    assert int(pages[-1].headers["Retry-After"]) > 0
    assert "操作过于频繁" in pages[-1].data.decode()
    # and the console still serves a reader at another address
    assert ask(f"{apart.consoles[0]}/calls", reader="198.51.100.3").status == 200


def test_a_page_and_its_calls_are_found_by_one_request_id(apart: Apart) -> None:
    answer = ask(f"{apart.consoles[0]}/calls", reader="198.51.100.4")
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])
    log = (apart.keys.parent / "console-0.log").read_text()
    [line] = [json.loads(line) for line in log.splitlines() if answer.headers["X-Request-Id"] in line]
    assert (line["message"], line["route"], line["status"]) == ("page", "public.calls", 200)


def test_probes_and_metrics_are_off_the_public_address(apart: Apart) -> None:
    with urllib.request.urlopen(f"{apart.probes}/readyz") as answer:
        assert json.load(answer)["status"] == "ready"
    with urllib.request.urlopen(f"{apart.probes}/metrics") as answer:
        shown = answer.read().decode()
    assert re.search(r'guichuang_console_seconds_count\{method="GET",route="public.regulation",status="200"\} \d', shown)
    assert re.search(r'guichuang_console_api_seconds_count\{method="GET",status="200"\} \d', shown)
    for path in ("/metrics", "/readyz", "/api/v1/calls"):
        assert ask(apart.consoles[0] + path, reader="198.51.100.5").status == 404


def test_a_console_cannot_be_started_without_an_api_or_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path))
    monkeypatch.setenv("GUICHUANG_HTTP", f"127.0.0.1:{free_ports(['http'])['http']}")
    for told, status, words in (({}, 1, "GUICHUANG_CONSOLE_API"), ({"GUICHUANG_CONSOLE_API": "http://127.0.0.1:1"}, 2, "keys")):
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(["serve", "console"])
        assert ended.value.code == status
        assert words in capsys.readouterr().err


def test_where_consoles_run_apart_the_gateways_process_serves_the_api_alone(tmp_path: Path) -> None:
    make(tmp_path / "keys", [], ["console"])
    gateway = Flask("gateway")
    assert front(gateway, Settings(var=str(tmp_path), console_api="http://gateway")) is gateway
    assert isinstance(front(gateway, Settings(var=str(tmp_path))), Front)


def test_a_platform_in_one_process_refuses_the_settings_of_a_console_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path))
    monkeypatch.setenv("GUICHUANG_CONSOLE_API", "http://gateway")
    with pytest.raises(SystemExit) as ended:
        main(["run"])
    assert ended.value.code == 2
    assert "GUICHUANG_CONSOLE_API" in capsys.readouterr().err


def test_the_doctor_in_a_consoles_pod_looks_at_what_a_console_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], apart: Apart
) -> None:
    # Given a console's pod, which contains all public keys and the console's own key, Then the doctor in the pod finds no fault
    folder = tmp_path / "keys"
    make(folder, ["application", "review", "evaluation", "notification", "documents", "gateway"], [])
    for private in folder.glob("*.key"):
        private.unlink()
    shutil.copy(apart.keys / "console.vault", folder)
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("GUICHUANG_KEYS", str(folder))
    monkeypatch.setenv("GUICHUANG_CONSOLE_API", apart.gateway.server.base)
    monkeypatch.setenv("GUICHUANG_PROXIES", "1")
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert (ended.value.code, "✗" in capsys.readouterr().out) == (0, False)
    (folder / "console.vault").unlink()
    with pytest.raises(SystemExit):
        main(["doctor"])
    assert "console.vault" in capsys.readouterr().out


def test_while_the_gateway_is_away_consoles_stay_up_and_say_so(apart: Apart) -> None:
    """This test must be the last of the file, because it stops the gateway and does not start it again."""
    cookie = log_in(apart, "198.51.100.6")
    apart.gateway.stop()
    with urllib.request.urlopen(f"{apart.probes}/readyz") as answer:
        assert (answer.status, json.load(answer)["missing"]) == (200, ["api"])
    answer = ask(f"{apart.consoles[0]}/account", reader="198.51.100.6", cookie=cookie)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "服务暂不可用" in answer.data.decode()

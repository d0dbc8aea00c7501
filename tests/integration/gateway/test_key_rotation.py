"""Keys are changed on a running platform while people work: no request is refused because of a signature, and the old key becomes
invalid."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from deploy import composition
from deploy.demo.formation import draft_body
from deploy.demo.review_actions import RUBRIC
from deploy.embedded.host import Embedded
from deploy.keys import key_folder
from deploy.keys.rotation import SEEN_AFTER, keys_of, run, sealed_before
from gateway.identity.tables import accounts
from gateway.serve import application
from services.kernel.errors import Forbidden
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from services.kernel.vault import Vault

#: The parties whose signing keys the test changes. They sign requests and tokens (gateway), grants (application) and statements
#: (documents).
ROTATED = ("gateway", "application", "documents")
#: Seconds after which a running service checks again whether its keys have changed.
LOOK_EVERY = 0.05


class Platform:
    """The whole platform in this process. Each service has loaded its keys separately, as separate processes do."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(var=str(folder), seed="demo", rate_limit="0")
        composition.make_keys(self.settings)
        composition.migrate_all(self.settings)
        self.host = Embedded.of(self.settings)
        caller = Caller(self.host, composition.signer("gateway", self.settings))
        self.app = application(caller, self.host.runtimes["gateway"], self.settings)
        self.people = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
        self.applicant = self.who("applicant", None)

    def who(self, role: str, bureau: str | None) -> dict[str, Any]:
        return next(one for one in self.people if one["roles"] == [role] and one["bureau"] == bureau)

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def log_in(self, who: dict[str, Any] | None = None, **more: str) -> Any:
        given = {name: (who or self.applicant)[name] for name in ("username", "password")}
        return self.ask("POST", "/auth/token", given | more)

    def draft(self, token: str) -> str:
        """Create an application that names a document, so that the documents service signs a statement whenever the application's
        eligibility is determined; return its id."""
        now, chief = datetime.now(UTC), self.log_in(self.who("chief", "450000")).get_json()["access_token"]
        call = {"title": "通知", "kind": "formation", "fields": ["糖业"], "rubric": RUBRIC, "min_reviewers": 5, "places": 3}
        opens = {"opens_at": (now - timedelta(days=1)).isoformat(), "closes_at": (now + timedelta(days=9)).isoformat()}
        id = self.ask("POST", "/calls", call | opens, chief).get_json()["id"]
        lead = {"uscc": self.applicant["organisation"], "region": "450200"}
        answer = self.ask("POST", "/applications", draft_body([lead], call_id=id), token)
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["id"])

    def step(self, what: str, name: str | None = None, *, later: bool = True, now: bool = False) -> int:
        """Take one step of a key's rotation (prepare, switch or retire), by default as if the time before that step had passed.
        Wait until every service has noticed the change; return the command's exit status."""
        if later:
            for path in self.settings.keys_folder.iterdir():
                since = path.stat().st_mtime - int(self.settings.token_minutes) * 60 - 3600
                os.utime(path, (since, since))
        status = run(what, name, self.settings, now=now)
        time.sleep(2 * LOOK_EVERY)
        return status

    def key(self, name: str) -> list[str]:
        return next(key.known for key in keys_of(self.settings) if key.name == name)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_folder, "LOOK_EVERY", LOOK_EVERY)
        platform = Platform(tmp_path_factory.mktemp("platform"))
        yield platform
    for runtime in platform.host.runtimes.values():
        runtime.database.close()


@contextmanager
def at_work(platform: Platform, token: str, draft: str) -> Iterator[list[Any]]:
    """Run clients that log in, and that send requests with `token` and with their own new tokens; yield the list of the refusals
    that they get."""
    refused: list[Any] = []
    over = threading.Event()
    subject = f"organisation/{platform.applicant['organisation']}"

    def work() -> None:
        while not over.is_set():
            for used in (token, platform.log_in().get_json().get("access_token")):
                for path in ("/me", f"/documents?subject={subject}", f"/applications/{draft}/eligibility"):
                    answer = platform.ask("GET", path, token=used)
                    if answer.status_code != 200:
                        refused.append((path, answer.get_json()))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        yield refused
    finally:
        over.set()
        for worker in workers:
            worker.join()


def test_signing_keys_are_changed_while_people_work(platform: Platform) -> None:
    token = platform.log_in().get_json()["access_token"]
    draft = platform.draft(token)
    before = {name: platform.key(name) for name in ROTATED}
    old = {name: composition.signer(name, platform.settings).wrap(b"body") for name in ROTATED}
    # Given clients that send requests all the time, When the keys are rotated step by step
    with at_work(platform, token, draft) as refused:
        for step in ("prepare", "switch"):
            for name in ROTATED:
                assert platform.step(step, name) == 0
            time.sleep(0.5)
        # Then no request was refused, and tokens and statements signed with the old keys stay valid
        assert platform.ask("GET", "/me", token=token).status_code == 200
    assert refused == []
    verifier = composition.verifier(platform.settings)
    assert [verifier.unwrap(old[name])[0] for name in ROTATED] == list(ROTATED)
    # When the old keys are retired, Then signatures of the old keys are refused, and signatures of the new keys are accepted
    for name in ROTATED:
        assert platform.step("retire", name) == 0
        assert len(platform.key(name)) == 1
        assert platform.key(name) != before[name]
    for name in ROTATED:
        with pytest.raises(Forbidden):
            platform.host.runtimes["application"].verifier.unwrap(old[name])
    answer = platform.ask("GET", "/me", token=token)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")
    with at_work(platform, platform.log_in().get_json()["access_token"], draft) as refused:
        time.sleep(0.2)
    assert refused == []


def test_a_step_too_early_or_out_of_order_is_refused(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    for step in ("switch", "retire"):
        assert platform.step(step, "gateway") == 1
    assert platform.step("prepare", "gateway") == 0
    known = platform.key("gateway")
    # The gateway may not sign with the new key yet, because a process may not have read its public key.
    assert platform.step("switch", "gateway", later=False) == 1
    assert platform.key("gateway") == known
    # A second preparation changes nothing, even if the first was killed before other processes could read the new key.
    (platform.settings.keys_folder / "gateway.pub").write_text(known[1])
    assert platform.step("prepare", "gateway") == 0
    assert platform.key("gateway") == known
    assert platform.step("switch", "gateway") == 0
    # The old key cannot be retired yet: tokens that it signed are still valid.
    assert platform.step("retire", "gateway", later=False) == 1
    assert "with --now" in capsys.readouterr().err
    since = (platform.settings.keys_folder / "gateway.key").stat().st_mtime - SEEN_AFTER.total_seconds() * 10
    os.utime(platform.settings.keys_folder / "gateway.key", (since, since))
    assert platform.step("retire", "gateway", later=False) == 1, "a token lives longer than that"
    assert platform.step("prepare", "gateway") == 1, "one change at a time"
    assert platform.step("retire", "gateway", later=False, now=True) == 0
    assert platform.step("prepare", "nobody") == 2, "that is a word nobody knows"


def test_the_list_says_how_far_each_change_is(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    assert platform.step("prepare", "review") == 0
    capsys.readouterr()
    assert run("list", None, platform.settings, now=False) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(lines) == {*composition.PARTIES, *(f"{party}.vault" for party in composition.SEALING)}
    assert "the next one is made" in lines["review"]
    assert "next" not in lines["gateway"]


def test_a_vaults_key_is_changed_and_what_it_sealed_is_sealed_anew(platform: Platform) -> None:
    # Given a login with a second factor
    token = platform.log_in().get_json()["access_token"]
    secret = platform.ask("POST", "/me/second-factor", {"password": platform.applicant["password"]}, token).get_json()["secret"]
    totp = pyotp.TOTP(secret)
    answer = platform.ask("POST", "/me/second-factor/confirmation", {"code": totp.now()}, token)
    assert answer.status_code < 300, answer.get_json()
    copy = "/me/working-copies/opinion/1"
    assert platform.ask("PUT", copy, {"content": {"comment": "材料属实"}}, token).status_code == 200
    old = Vault((platform.settings.keys_folder / "gateway.vault").read_text())
    # When the vault's key is rotated
    assert platform.step("prepare", "gateway.vault") == 0
    assert platform.step("switch", "gateway.vault") == 0
    # Then the old key cannot be retired, because stored secrets are still encrypted with it
    assert platform.step("retire", "gateway.vault") == 1
    # and the next sweep encrypts the secret and the account's working copy with the new key
    identity = platform.host.runtimes["gateway"]
    assert sealed_before("gateway", platform.settings) == 2
    done = {one["sweep"]: one["did"] for one in identity.sweep()}
    assert done == {"seal_anew": "sealed", "seal_working_copies_anew": "sealed"}
    assert sealed_before("gateway", platform.settings) == 0
    assert platform.step("retire", "gateway.vault") == 0
    with identity.database.read() as session:
        mine = accounts.c.username == platform.applicant["username"]
        sealed = session.execute(select(accounts.c.second_factor).where(mine)).scalar_one()["secret"]
    with pytest.raises(ValueError, match="not here"):
        old.open(sealed)
    assert platform.ask("GET", copy, token=token).get_json()["content"] == {"comment": "材料属实"}
    # and the account can log in with a code of the same authenticator app
    assert platform.log_in(code=totp.at(int(time.time()) + 30)).status_code == 200

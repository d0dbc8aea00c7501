"""Messages reach people by e-mail and SMS, once and at the times that they chose. The operator sees the letters that a mail
server or SMS gateway did not accept."""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from services.kernel import clock as real
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.tables import inbox
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.delivery import transport
from services.notification.delivery.preferences import DEFAULTS, Wishes
from services.notification.registry import registry
from services.notification.tables import letters as letter_table
from tests.integration.notification.mailbox import Mailbox
from tests.integration.notification.sample_events import body

LEAD = Actor("lead", ("applicant",), organisation="9145020098MA369042")
OPERATOR = Actor("operator", ("operator",))
[ERRAND] = [errand for errand in registry.jobs if errand.name == "letters"]
LOCAL = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Ten in the morning in Beijing, a Monday.


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mail").start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def bench(tmp_path: Path, mailbox: Mailbox) -> ServiceHarness:
    settings = Settings(seed="demo", smtp=mailbox.url, smtp_ca=mailbox.authority, mail_from="桂创 <no-reply@example.cn>")
    return ServiceHarness(registry, tmp_path / "n.db", policies=None, settings=settings, vault=Vault(new_vault_key()))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    passed = timedelta()

    def advance(**delta: float) -> None:
        nonlocal passed
        passed += timedelta(**delta)

    for module in ("dispatch", "delivery_log"):
        monkeypatch.setattr(f"services.notification.delivery.{module}.real_now", lambda: real.real_now() + passed)
    return advance


def known(bench: ServiceHarness, account: str = "lead", **more: Any) -> None:
    """Deliver the event that gives an account of the lead's organisation an e-mail address and a phone number."""
    said = {
        "username": account,
        "email": f"{account}@example.cn",
        "phone": "13800000000",
        "roles": ["applicant"],
        "bureau": None,
        "organisation": "9145020098MA369042",
        "active": True,
    } | more
    bench.react(body(bench, "account.contact_changed", subject=f"account/{account}", **said))


def prefers(bench: ServiceHarness, actor: Actor = LEAD, **wishes: Any) -> None:
    bench.tell("set_preferences", actor, **({**DEFAULTS, **wishes}))


def happens(bench: ServiceHarness, type: str = "application.submitted", **more: Any) -> None:
    bench.react(body(bench, type, **more))


def post(bench: ServiceHarness) -> None:
    while bench.runtime.run_job(ERRAND):
        pass


def letters(bench: ServiceHarness, **asked: Any) -> list[dict[str, Any]]:
    asked = {"state": None, "channel": None, "limit": 50, "cursor": None} | asked
    return list(bench.ask("list_letters", OPERATOR, **asked)["items"])


def test_who_is_concerned_gets_an_e_mail_over_tls(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench)
    known(bench, "stranger", organisation="91450200MA5KAAAA09")
    happens(bench)
    post(bench)
    [mail] = mailbox.taken
    assert (mail["To"], mail["Auto-Submitted"]) == ("lead@example.cn", "auto-generated")
    assert "广西糖业创新联合体" in mail["Subject"]
    text = mail.get_body(("plain",))
    assert text is not None and "广西糖业创新联合体" in text.get_content()
    [letter] = letters(bench)
    assert (letter["state"], letter["to"]) == ("sent", "l***@example.cn")
    assert letter["id"] in mail["Message-ID"]


def test_a_letter_is_in_the_language_one_has_chosen(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench)
    prefers(bench, language="en")
    happens(bench)
    post(bench)
    text = mailbox.taken[0].get_body(("plain",))
    assert text is not None and "Sent by Guichuang" in text.get_content()


@pytest.mark.parametrize("wish", [{"channels": {"email": False, "sms": False}}, {"muted": ["application.submitted"]}])
def test_who_does_not_want_letters_gets_none(bench: ServiceHarness, mailbox: Mailbox, wish: dict[str, Any]) -> None:
    known(bench)
    prefers(bench, **wish)
    happens(bench)
    post(bench)
    assert mailbox.taken == []


def test_who_was_closed_or_has_no_address_gets_none(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench, active=False)
    known(bench, "other", email=None)
    happens(bench)
    post(bench)
    assert mailbox.taken == []


def test_a_mailbox_that_is_full_is_tried_for_a_day_and_then_shown_to_the_operator(bench: ServiceHarness, later: Any) -> None:
    known(bench, "full")
    happens(bench)
    for _ in range(40):
        post(bench)
        later(hours=1)
    [letter] = letters(bench, state="failed")
    assert (letter["code"], letter["to"]) == ("SMTP 452", "f***@example.cn")
    assert letter["tries"] >= 9
    waiting = bench.ask("todo", OPERATOR)
    assert [(item["kind"], item["subject"]) for item in waiting["items"]] == [("letter", {"kind": "letter", "id": letter["id"]})]
    assert bench.ask("todo", LEAD)["items"] == []
    # and when the account has another address, the operator can have the letter sent again
    known(bench, "full", email="lead@example.cn")
    bench.tell("retry_letter", OPERATOR, id=letter["id"])
    post(bench)
    assert [letter["state"] for letter in letters(bench)] == ["sent"]
    assert bench.ask("todo", OPERATOR)["items"] == []
    with pytest.raises(Conflict, match="not_failed"):
        bench.tell("retry_letter", OPERATOR, id=letter["id"])


def test_an_address_that_is_not_there_fails_at_once(bench: ServiceHarness) -> None:
    known(bench, "gone")
    happens(bench)
    post(bench)
    assert [(letter["state"], letter["code"], letter["tries"]) for letter in letters(bench)] == [("failed", "SMTP 550", 1)]


def test_a_letter_given_back_later_has_failed_after_all(bench: ServiceHarness) -> None:
    known(bench)
    happens(bench)
    post(bench)
    [letter] = letters(bench)
    assert bench.tell("bounce_letter", OPERATOR, id=letter["id"], code="5.1.1")["state"] == "failed"


def test_while_the_mail_server_is_away_letters_wait(bench: ServiceHarness, mailbox: Mailbox, later: Any) -> None:
    known(bench)
    mailbox.stop()
    happens(bench)
    post(bench)
    assert [(letter["state"], letter["code"]) for letter in letters(bench)] == [("waiting", "ConnectionRefusedError")]
    mailbox.start()
    later(minutes=1)
    post(bench)
    assert len(mailbox.taken) == 1


def test_a_server_whose_certificate_is_nobodys_gets_nothing(tmp_path: Path, mailbox: Mailbox) -> None:
    settings = Settings(seed="demo", smtp=mailbox.url)
    bench = ServiceHarness(registry, tmp_path / "m.db", policies=None, settings=settings, vault=Vault(new_vault_key()))
    known(bench)
    happens(bench)
    post(bench)
    assert mailbox.taken == []
    assert [letter["code"] for letter in letters(bench)] == ["SSLCertVerificationError"]


def test_a_daily_digest_gathers_what_is_not_urgent(bench: ServiceHarness, mailbox: Mailbox, later: Any) -> None:
    known(bench)
    prefers(bench, digest="daily")
    happens(bench, subject="application/1")
    happens(bench, "application.stage_passed", subject="application/1")
    happens(bench, "application.returned", subject="application/2")  # urgent: sent without waiting for the digest
    post(bench)
    assert len(mailbox.taken) == 1
    later(days=1)
    post(bench)
    assert [("2 条新消息" in mail["Subject"]) for mail in mailbox.taken] == [False, True]
    assert {letter["state"] for letter in letters(bench)} == {"sent"}


def test_quiet_hours_and_digests_are_kept_in_beijing_time() -> None:
    def at(now: datetime, *, urgent: bool = False, **wishes: Any) -> str:
        made = Wishes(None, (), {}, wishes.get("quiet_hours"), wishes.get("digest", "none"))
        return made.send_at(now, urgent=urgent).astimezone(real.SHANGHAI).strftime("%a %H:%M")

    night = {"from": "22:00", "to": "07:00"}
    late = LOCAL.replace(hour=15)  # 23:00 in Beijing
    assert at(LOCAL) == "Mon 10:00"
    assert at(late, quiet_hours=night) == "Tue 07:00"
    assert at(late + timedelta(hours=4), quiet_hours=night) == "Tue 07:00"
    assert at(LOCAL, quiet_hours=night) == "Mon 10:00"
    assert at(LOCAL, quiet_hours={"from": "09:00", "to": "12:00"}) == "Mon 12:00"
    assert at(LOCAL, digest="daily") == "Tue 08:00"
    assert at(LOCAL, digest="weekly") == "Mon 08:00"
    assert at(LOCAL, digest="weekly", urgent=True) == "Mon 10:00"


@contextmanager
def texting() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run an SMS gateway that follows our contract; yield its URL and the messages that it accepted. It refuses numbers that end
    in 9."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            good = self.headers["Authorization"] == "Bearer sesame" and not said["to"].endswith("9")
            if good:
                taken.append(said)
            self.send_response(202 if good else 422)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sms", taken
    server.shutdown()
    server.server_close()


def test_what_is_urgent_goes_by_sms_to_who_wants_that(tmp_path: Path) -> None:
    with texting() as (url, taken):
        settings = Settings(seed="demo", sms_url=url, sms_token="sesame")
        bench = ServiceHarness(registry, tmp_path / "n.db", policies=None, settings=settings, vault=Vault(new_vault_key()))
        known(bench)
        known(bench, "other", phone="13800000009")
        for actor in (LEAD, Actor("other", ("applicant",), organisation="9145020098MA369042")):
            prefers(bench, actor, channels={"email": True, "sms": True})
        happens(bench, subject="application/1")
        happens(bench, "application.returned", subject="application/2")
        post(bench)
        assert [(said["to"], "补正" in said["text"]) for said in taken] == [("13800000000", True)]
        assert sorted((letter["state"], letter["code"]) for letter in letters(bench)) == [("failed", "HTTP 422"), ("sent", None)]


def test_no_address_and_no_name_is_in_the_logs(bench: ServiceHarness, mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for account in ("lead", "full", "gone"):
            known(bench, account)
        happens(bench)
        post(bench)
        mailbox.stop()
        happens(bench, subject="application/2")
        post(bench)
    said = "\n".join(f"{record.getMessage()} {record.__dict__} {record.exc_text}" for record in caplog.records)
    assert "@example.cn" not in said
    assert "13800000000" not in said


def test_a_forgotten_person_is_forgotten_here_too(bench: ServiceHarness) -> None:
    known(bench)
    happens(bench)
    post(bench)
    assert bench.ask("own_letters", LEAD)["contact"] == {"email": "lead@example.cn", "phone": "13800000000"}
    bench.react(body(bench, "account.erased", subject="account/lead", username="lead"))
    assert bench.ask("own_letters", LEAD) == {"contact": None, "letters": []}
    assert letters(bench) == []


def test_a_line_break_in_a_name_is_none_in_the_subject(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench)
    happens(bench, title="甲\n乙\r\nBcc: other@example.cn")
    post(bench)
    [mail] = mailbox.taken
    assert "甲 乙" in mail["Subject"]
    assert mail["Bcc"] is None


def test_characters_that_nothing_shows_are_in_no_letter(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench)
    happens(bench, title="智能\u000b装\u202e备\ufffe\u200b糖业")
    post(bench)
    [mail] = mailbox.taken
    text = mail.get_body(("plain",))
    assert "智能 装备糖业" in mail["Subject"]
    assert text is not None
    assert not set(text.get_content()) & set("\u000b\u202e\ufffe\u200b")


def test_a_delegates_letters_end_with_the_delegation(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench, until=(real.local_date(real.real_now()) - timedelta(days=1)).isoformat())
    happens(bench)
    post(bench)
    assert mailbox.taken == []


def test_who_moved_on_while_a_letter_waited_is_told_nothing(bench: ServiceHarness, mailbox: Mailbox, later: Any) -> None:
    known(bench)
    prefers(bench, digest="daily")
    happens(bench)
    post(bench)
    known(bench, organisation="91450200MA5KAAAA09")
    later(days=2)
    post(bench)
    assert mailbox.taken == []
    assert [letter["code"] for letter in letters(bench)] == ["nobody_to_tell"]


def test_a_password_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    settings = Settings(smtp="smtp://user:secret@mail.invalid:25")

    class Listening:
        def __init__(self, *_: Any, **__: Any) -> None: ...
        def __enter__(self) -> Listening:
            return self

        def __exit__(self, *_: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport.smtplib, "SMTP", Listening)
        assert transport.send_mail(settings, "a@example.cn", "1", "s", "t").code == "PlainLogin"


def test_a_forgotten_persons_addresses_are_in_no_event_kept(bench: ServiceHarness) -> None:
    known(bench)
    bench.react(body(bench, "account.erased", subject="account/lead", username="lead"))
    with bench.database.read() as session:
        kept = session.execute(select(inbox.c.body).where(inbox.c.type == "account.contact_changed")).scalars().all()
    assert kept == ["{}"]


def test_an_address_that_could_not_be_kept_does_not_come_back_after_the_person_was_forgotten(bench: ServiceHarness) -> None:
    known(bench)
    with bench.database.write() as session:
        text = body(bench, "account.contact_changed", subject="account/lead", phone="13800000000")
        session.execute(update(inbox).values(state="parked", done_at=None, body=text, error="KeyError: 'email'"))
    bench.react(body(bench, "account.erased", subject="account/lead", username="lead"))
    with bench.database.read() as session:
        [row] = session.execute(select(inbox).where(inbox.c.type == "account.contact_changed"))
    assert (row.state, row.body, row.error) == ("done", "{}", None)
    assert row.done_at is not None  # set, so that the row is deleted after its retention period


def test_without_a_channel_nothing_is_made_out(tmp_path: Path) -> None:
    bench = ServiceHarness(registry, tmp_path / "n.db", policies=None, vault=Vault(new_vault_key()))
    known(bench)
    happens(bench)
    post(bench)
    assert letters(bench) == []


# Letters that contain a secret link or code


def in_half_an_hour() -> str:
    return (real.real_now() + timedelta(minutes=30)).isoformat()


def reset_asked(bench: ServiceHarness, **more: Any) -> None:
    said = {"username": "lead", "reset": "r1", "until": in_half_an_hour(), "language": "zh"} | more
    bench.react(body(bench, "password.reset_requested", subject="account/lead", **said))


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def secrets_kept(bench: ServiceHarness) -> list[Any]:
    with bench.database.read() as session:
        return list(session.execute(select(letter_table.c.secret)).scalars())


@pytest.mark.parametrize(("language", "subject"), [("zh", "重设桂创平台密码"), ("en", "Set a new Guichuang password")])
def test_the_link_of_a_reset_is_signed_when_it_is_sent_and_kept_nowhere(
    bench: ServiceHarness, mailbox: Mailbox, language: str, subject: str
) -> None:
    # Given an account that has switched off all letters
    known(bench)
    prefers(bench, channels={"email": False, "sms": False}, digest="weekly")
    # When the owner of the account requests a reset of the password
    reset_asked(bench, language=language)
    post(bench)
    # Then the letter is sent all the same, with a link that this service signed
    [mail] = mailbox.taken
    assert (mail["To"], mail["Subject"]) == ("lead@example.cn", subject)
    [token] = re.findall(r"/login/reset\?token=([\w-]+)", text_of(mail))
    statement = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    assert Verifier({"notification": bench.signers["notification"].public}).read(statement, "notification") == {"reset": "r1"}
    # And the platform stores the link neither in the message nor in the letter
    [message] = bench.ask("list_notifications", LEAD, unread=None, type=None, limit=50, cursor=None)["items"]
    assert token not in json.dumps(message)
    assert secrets_kept(bench) == [None]


def test_a_code_goes_to_the_address_that_it_proves(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench)
    said = {"username": "lead", "channel": "email", "to": "new@example.cn", "code": "04815162", "until": in_half_an_hour()}
    bench.react(body(bench, "contact.code_sent", subject="account/lead", **said, language="zh"))
    post(bench)
    [mail] = mailbox.taken
    assert mail["To"] == "new@example.cn"
    assert "04815162" in text_of(mail)
    assert secrets_kept(bench) == [None]
    [message] = bench.ask("list_notifications", LEAD, unread=None, type=None, limit=50, cursor=None)["items"]
    assert "04815162" not in json.dumps(message)


def test_a_link_that_is_over_is_not_sent_and_cannot_be_sent_again(bench: ServiceHarness, mailbox: Mailbox) -> None:
    known(bench)
    reset_asked(bench, until=(real.real_now() - timedelta(seconds=1)).isoformat())
    post(bench)
    [letter] = letters(bench)
    assert (mailbox.taken, letter["state"], secrets_kept(bench)) == ([], "failed", [None])
    assert bench.ask("todo", OPERATOR)["items"] == []
    with pytest.raises(Conflict, match="secret_gone"):
        bench.tell("retry_letter", OPERATOR, id=letter["id"])

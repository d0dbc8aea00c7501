"""Carry out the changes of the register and of the bureaus' own people: acting chiefs, the pool of reviewers, members that leave,
the watch list, integrity records, planned matters, nominations, legal holds and changes of recommender. This repeats until the
test ends."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from deploy.cluster.local_cluster import CITY
from deploy.demo.client import Account, Refused, until
from deploy.demo.formation import open_call, put_organisation, register
from deploy.demo.invented import EIGHT, consortium, organisation
from deploy.demo.oversight import Calendar, Change, Member
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import sign

T = TypeVar("T")


class Registrar(threading.Thread):
    """A thread that takes one consortium after another through all these changes. `ends` counts the consortia; `error` is an
    exception that the kills do not explain."""

    def __init__(self, people: People, stop: threading.Event) -> None:
        super().__init__(name="registrar", daemon=True)
        self._people = people
        self._stop_asked = stop
        self.ends: Counter[str] = Counter()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            calendar = Calendar(self._people)
            deputy = self._people.new(["officer"], bureau=CITY, name="代理负责人甲")
            while not self._stop_asked.is_set():
                self._play(calendar.today, deputy)
                self.ends["consortium kept"] += 1
        except Exception as error:
            self.error = error

    def _play(self, today: date, deputy: Account) -> None:
        units = consortium(EIGHT)
        register(self._people, units)
        # The consortium was graded recently, so that no evaluation round of the overseer obliges it to take part.
        issued, published = (today - timedelta(days=days) for days in (90, 10))
        graded = {"grade": "good", "issued_on": issued.isoformat(), "published_on": published.isoformat()}
        member = self._step(lambda: Member.imported(self._people, units, history={"grades": [graded]}))
        self._pool()
        self._leave(member, today, deputy)
        self._records(member, today)
        self._merge(member, today)
        self._planned(member, today)
        self._nominate(member)
        self._hold(member)
        body = {"recommender": "GX-MIIT", "reason": "按行业归口管理。"}
        self._people.chief().post(f"{member.path}/hand-over", body)

    def _pool(self) -> None:
        """Add a third-party institution to the pool of reviewers, renew its term, and remove it."""
        officer, username = self._people.officer(), f"pool-{secrets.token_hex(5)}"
        body = {"kind": "third_party", "username": username, "password": secrets.token_urlsafe(12), "name": "评审机构"}
        officer.post("/reviewers", body | {"organisation": organisation("450100", "service_agency")["uscc"]})
        officer.post(f"/reviewers/{username}/renewal", {"reason": "续聘。"})
        officer.post(f"/reviewers/{username}/closing", {"reason": "退出。"})

    def _leave(self, member: Member, today: date, deputy: Account) -> None:
        """Let one member declare that it leaves, and withdraw the declaration. Let another member leave, with the consent of the
        city's acting chief and of the province."""
        staying, leaving = (member.units[place]["uscc"] for place in (4, 5))
        path = f"{member.path}/departures"
        declared = self._people.applicant(staying).post(path, {"reason": "主营业务调整。"})
        self._people.applicant(staying).post(f"{path}/{declared['id']}/withdrawal", {"reason": "仍参加。"})
        self._people.applicant(leaving).post(path, {"reason": "主营业务调整。"})
        detail = {"organisation": leaving}
        change = Change.reported(member, "remove_member", today - timedelta(days=1), detail=detail)
        self._in_the_chiefs_name(change, deputy, today)
        waiver = {"rule": "C1", "reason": "尽快补充成员。"}
        self._step(lambda: change.decide(reason="同意退出。", waivers=[waiver]))
        self._step(lambda: change.reaches("effective"))

    def _in_the_chiefs_name(self, change: Change, deputy: Account, today: date) -> None:
        chief = self._people.chief(CITY)
        body = {"account": deputy.username, "until": (today + timedelta(days=2)).isoformat(), "reason": "负责人外出。"}
        appointment = chief.post("/acting-chiefs", body)
        review = self._step(lambda: change.review(CITY, "recommendation"))
        opinion = {"stage": "recommendation", "outcome": "pass", "comment": "经审核，材料属实。", "waivers": []}
        draft = self._people.officer(CITY).post(f"/reviews/{review}/opinions", opinion)
        self._step(lambda: until(lambda: _signed(deputy, review, draft), "the acting chief's signature"))
        chief.post(f"/acting-chiefs/{appointment['id']}/ending", {"reason": "提前返回。"})

    def _records(self, member: Member, today: date) -> None:
        """Record an integrity record of the lead, which is a ground for revocation until the record is withdrawn. Then record by
        mistake that the lead is no longer a legal person, and correct the mistake."""
        officer, lead = self._people.officer(), member.units[0]
        record = {"uscc": lead["uscc"], "reason": "科研失信行为", "recorded_on": today.isoformat()}
        (id,) = officer.post("/integrity-records", {"records": [record]})["ids"]
        self._step(lambda: member.revocation(status="proposed"))
        paper = officer.upload(f"organisation/{lead['uscc']}", "basis", "决定.pdf", pdf(f"repair of {id}"))
        repair = {"kind": "withdrawn", "reason": "原处理决定已撤销。", "documents": [paper]}
        officer.post(f"/integrity-records/{id}/repair", repair)
        self._step(lambda: member.revocation(status="void"))
        put_organisation(member.lead, lead | {"legal_person": False})
        self._step(lambda: member.revocation(status="proposed"))
        put_organisation(member.lead, lead)
        self._step(lambda: until(lambda: not self._proposed(member), "the second proposal being void"))

    def _proposed(self, member: Member) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._people.officer().get("/revocations", consortium=member.id, status="proposed")["items"]
        return items

    def _merge(self, member: Member, today: date) -> None:
        """Let the province record that a member has merged into another organisation of the same kind."""
        old = member.units[3]
        new = organisation(old["region"], old["kind"])
        put_organisation(self._people.applicant(new["uscc"]), new)
        merger = {"kind": "merged", "successor": new["uscc"], "effective_on": today.isoformat(), "reason": "吸收合并。"}
        self._people.officer().post(f"/organisations/{old['uscc']}/succession", merger)

    def _planned(self, member: Member, today: date) -> None:
        """Let the lead announce a planned major matter, and let the province object to it."""
        matter = {
            "kind": "academic_event",
            "title": "专题研讨会",
            "detail": "拟召开。",
            "occurred_on": (today + timedelta(days=30)).isoformat(),
        }
        filed = member.lead.post(f"{member.path}/major-matters", matter)
        path = f"{member.path}/major-matters/{filed['id']}/objection"
        self._people.role("officer", PROVINCE).post(path, {"reason": "与重大活动冲突。"})

    def _nominate(self, member: Member) -> None:
        """Let the province open a round of nominations, the lead nominate a person by mistake, and the province replace this
        person."""
        round = open_call(self._people, kind="young_talent", title="青年拔尖人才推荐通知", fields=[])["id"]
        wrong, right = ({"name": name, "organisation": member.units[0]["uscc"]} for name in ("填错的人", "青年人才甲"))
        body = {"measure": "young_talent", "round": round, "person": wrong, "reason": "推荐人选。"}
        path = f"{member.path}/support-requests"
        nominated = member.lead.post(path, body)
        self._people.officer().post(f"{path}/{nominated['id']}/replacement", {"person": right, "reason": "人选填写有误。"})

    def _hold(self, member: Member) -> None:
        """Let a chief of the province place a legal hold on the consortium's case file, and lift it."""
        chief = self._people.chief()
        hold = chief.post("/legal-holds", {"subject": f"consortium/{member.id}", "reason": "行政诉讼。"})
        chief.post(f"/legal-holds/{hold['id']}/lifting", {"reason": "判决已生效。"})

    def _step(self, act: Callable[[], T]) -> T:
        """Run a step; after a timeout repeat it, at most five times."""
        for _ in range(5):
            try:
                return act()
            except TimeoutError:
                continue
        return act()


def _signed(deputy: Account, review: str, draft: dict[str, Any]) -> dict[str, Any] | None:
    """Sign the draft in the chief's name, and return the opinion; None while a service has not received the acting chief's
    appointment."""
    try:
        return sign(deputy, review, draft)
    except Refused as refused:
        if refused.status != 403:
            raise
        return None

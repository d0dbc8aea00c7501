"""The certificate of recognition (A6(2))."""

from __future__ import annotations

from services.contracts.labels import LABELS
from services.documents.generated.labels import LAW, bureau
from services.documents.generated.layout import DEPARTMENT, Facts, Sheet, day, said


def certificate(facts: Facts) -> Sheet:
    """Compose the certificate of recognition from the facts of the present register (A6(2))."""
    gone = LABELS["consortium_status"][facts["status"]].zh if facts["status"] in ("revoked", "dissolved") else None
    sheet = Sheet("广西创新联合体认定证书", template="certificate", number=f"编号：{facts['number']}", watermark=gone)
    sheet.issuer, sheet.date = DEPARTMENT, day(facts["recognised_on"])
    sheet.qr, sheet.qr_caption = facts["verify_at"], "扫码核验证书真伪与现行状态\n以核验结果为准"
    sheet.text(f"依据{LAW}，认定{said(facts['lead']['name'])}牵头组建的“{facts['name']}”为广西创新联合体。")
    sheet.rows(
        ("技术领域", facts["field"]),
        ("牵头单位", facts["lead"]["name"]),
        ("组成单位", f"{len(facts['units'])} 家"),
        ("推荐单位", bureau(facts["recommender"])),
        ("认定日期", day(facts["recognised_on"])),
    )
    return sheet

"""One sensible example of every command, and of a complaint: in the OpenAPI document and on docs/commands.md."""

from __future__ import annotations

from typing import Any

COMPLAINT: dict[str, Any] = {
    "source": "crm",
    "reference": "2031",
    "channel": "phone",
    "customer": {"name": "王秀英", "contact": "+86 138 0000 2031", "language": "zh-CN"},
    "category": "billing",
    "description": "三月电费比上月多了三倍,电表读数和账单对不上。",
    "asked_remedy": "重新抄表,退还多收的电费",
}

_LATER = "2026-12-01T09:00:00+08:00"
_CNY_300 = {"amount_minor": 30000, "currency": "CNY"}

COMMANDS: dict[str, dict[str, Any]] = {
    "Register": COMPLAINT,
    "RecordFirstContact": {
        "listened": True,
        "restated": True,
        "customer_confirmed": True,
        "apology_or_understanding": True,
        "emotional_intensity": 4,
        "customer_type": "grumbler",
    },
    "Classify": {"category": "billing", "severity": "high", "justified": "yes"},
    "Assign": {"department": "billing", "handler": "zhang.wei"},
    "ResolveAtFirstContact": {"kind": "refund", "what": "当场退还多收的 128 元"},
    "Decline": {"reason": "The meter belongs to the landlord.", "customer_told": True},
    "Transfer": {"to": "市水务局", "customer_told": True},
    "LinkDuplicate": {"of": "hotline-2017"},
    "FillForm": {"details": {"meter": "0420-7731"}},
    "Accept": {"grounds": "It is for our department to answer."},
    "RecordInterests": {"asks": "Twice the money back.", "needs": "That the next bill is right."},
    "RequestVerification": {"department": "metering", "question": "Who read the meter in March, and what?"},
    "AnswerVerification": {"verification": "V1", "answer": "Read by Sun Hao on the 3rd: 4 817, not 7 817."},
    "RecordFindings": {
        "root_cause": "抄表员把 4 看成了 7",
        "justified": "yes",
        "responsible_department": "metering",
        "evidence": "Photograph of the meter, 3 March",
    },
    "DisputeLiability": {"reason": "The photograph shows another meter."},
    "JudgeLiability": {"responsible_department": "billing", "reason": "照片与户号不符"},
    "PrepareOption": {
        "what": "退还多收电费并免收滞纳金",
        "standard": "供电营业规则第八十一条",
        "compensation": _CNY_300,
    },
    "OfferOption": {"option": "O1", "customer_told": True, "valid_until": _LATER},
    "AcceptOption": {"option": "O1"},
    "RejectOption": {"option": "O1", "reason": "太少了"},
    "CounterOffer": {
        "option": "O1",
        "position": "一千元,一分不能少",
        "interest": "She wants to be believed.",
    },
    "RequestApproval": {"option": "O1"},
    "Approve": {"option": "O1"},
    "RefuseApproval": {"option": "O1", "reason": "No standard supports it."},
    "Mediate": {"summary": "Both sides agree to have the meter tested by a third party."},
    "AdmitUnsolvable": {"reason": "The readings before 2019 are lost.", "customer_told": True},
    "SetExpectations": {"said": "阶梯电价不能个别调整,能做的是逐月核对", "channel": "phone"},
    "Decide": {"what": "责令限期恢复原状", "standard": "供电营业规则第八十一条"},
    "PlanAction": {"what": "退款到账", "kind": "refund", "owner": "zhang.wei", "due_at": _LATER},
    "CompleteAction": {"action": "A1", "evidence": "Bank receipt 90-1187"},
    "MakePromise": {"what": "明天下午五点前回电", "due_at": _LATER},
    "KeepPromise": {"promise": "P1", "evidence": "Called at 16:40"},
    "GiveGoodwill": {"what": "上门送一盒节能灯", "cost": {"amount_minor": 3000, "currency": "CNY"}},
    "GiveFeedback": {"message": "还没有进展,明天再联系您。", "channel": "phone"},
    "AcknowledgeReceipt": {"channel": "e-mail", "states_deadlines": True},
    "StopFeedback": {"reason": "有结果再打电话,不要天天打"},
    "ResumeFeedback": {"reason": "还是每天说一声吧"},
    "AwaitCustomer": {"what": "A photograph of the meter"},
    "CustomerReplied": {"message": "照片发过去了"},
    "Reassign": {"department": "metering", "handler": "sun.hao", "reason": "She knows the meter."},
    "ChangeSeverity": {"severity": "critical", "reason": "The press has called."},
    "Escalate": {"reason": "客户情绪激动,要求见经理"},
    "AcknowledgeEscalation": {"escalation": "E1"},
    "ResolveEscalation": {"escalation": "E1", "resolution": "Talked to both; the meter is read again."},
    "ReassignEscalation": {"escalation": "E1", "department": "metering", "reason": "It is their meter."},
    "DeclineEscalation": {"escalation": "E1", "reason": "我无权处理"},
    "SummonDepartments": {
        "departments": [
            {"department": "metering", "part": "responsible"},
            {"department": "east", "part": "local"},
        ],
        "what": "周三上午到用户家中一起核对电表",
    },
    "SendSomeone": {"summons": "S1", "person": "qian.duo"},
    "DeclareEmergency": {"what": "电表箱冒烟"},
    "AttendEmergency": {"emergency": "H1", "found": "A loose clamp; replaced.", "made_safe": True},
    "CallForSupport": {"what": "客户情绪激动,请来支援"},
    "ConvertNature": {"reason": "She asked three times, and nobody called back."},
    "Recuse": {"person": "sun.hao", "reason": "他就是被投诉的抄表员"},
    "MigratePolicy": {
        "policy": "{… what GET /v1/policies/{name} answers as policy, as one JSON text …}",
        "approver": "li.na",
        "reason": "The new rules hold from March.",
    },
    "GrantExtension": {
        "clock": "overall/1",
        "until": _LATER,
        "reason": "The laboratory needs three weeks.",
        "customer_told": True,
    },
    "RaiseImprovement": {"what": "每块电表抄两次", "department": "metering", "owner": "wu.gang"},
    "JoinIncident": {"incident": "incident.flood-7"},
    "AddNote": {"text": "客户耳背,请打电话时慢一点。"},
    "Withdraw": {"reason": "她儿子已经交了电费,不想追究了"},
    "RecordFollowUp": {"satisfied": True, "score": 5, "words": "满意,谢谢"},
    "RecordAttempt": {"channel": "phone"},
    "RecordSecondCall": {"still_settled": True, "words": "一切正常"},
    "RecordAfterClosing": {"contact": "win_back", "still_settled": True, "words": "都好"},
    "Reopen": {"reason": "四月的账单又错了"},
    "AttachFile": {
        "attachment": "dms-4711",
        "file_name": "reading.jpg",
        "media_type": "image/jpeg",
        "size_bytes": 184320,
        "sha256": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    },
    "RemoveFile": {"attachment": "dms-4711", "reason": "It is the neighbour's meter."},
}
"""The fields of each, without its `type`."""


def command(name: str) -> dict[str, Any]:
    """Return an example as it is sent."""
    return {"type": name, **COMMANDS[name]}

"""How an explanation is put into words, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from complaints.forms import Names
from complaints.working_time import Budget, Ends, Zone, local_time


class Language(StrEnum):
    """What the command line can explain in."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True)
class Words:
    """Says things in one language, at the times of one zone."""

    language: Language
    zone: Zone

    def __call__(self, text: str, **values: object) -> str:
        """Say one of the sentences below."""
        en, zh = SENTENCES[text]
        return (zh if self.language == Language.ZH else en).format(**values)

    def term(self, term: str) -> str:
        """Name a term of the system; an unknown one is said as it is."""
        en, zh = TERMS.get(term, (term.replace("_", " "), term))
        return zh if self.language == Language.ZH else en

    def of(self, names: Names) -> str:
        """Choose the name in this language."""
        return names.zh if self.language == Language.ZH else names.en

    def budget(self, budget: Budget, severity: str | None = None) -> str:
        """Say how much, and of what: 5 business days, by the close of the last."""
        unit = self.term(budget.unit)
        if self.language == Language.ZH:
            said = f"{budget.amount} 个{unit}"
        else:
            said = f"{budget.amount} {unit.removesuffix('s') if budget.amount == 1 else unit}"
        if severity:
            said += self("for_severity", severity=self.term(severity))
        if budget.ends == Ends.SAME_TIME:
            return said
        said += self("by_close" if budget.ends == Ends.CLOSE else "by_midnight")
        return said + self("with_first" if budget.counts_first_day else "without_first")

    # --- time

    def moment(self, instant: datetime) -> str:
        """Write an instant on the organisation's clock."""
        local = local_time(self.zone, instant)
        return f"{self.day(local.date())} {_time(local)}"

    def clock_time(self, instant: datetime, on: date) -> str:
        """Write the time of day; after midnight as 24:00 and so on, for what belongs to the day before."""
        local = local_time(self.zone, instant)
        days_on = (local.date() - on).days
        if days_on <= 0:
            return _time(local)
        return f"{local.hour + 24 * days_on:02}{_time(local)[2:]}"

    def day(self, on: date, *, with_year: bool = True) -> str:
        """Write a day with its weekday."""
        en, zh = _WEEKDAYS[on.weekday()]
        shown = f"{on}" if with_year else f"{on:%m-%d}"
        return f"{shown} {zh}" if self.language == Language.ZH else f"{en} {shown}"

    def length(self, length: timedelta) -> str:
        """Write a length of time in hours, minutes and seconds; working time has no days."""
        seconds = round(abs(length).total_seconds())
        said = self._amounts(seconds // 3600, seconds // 60 % 60, seconds % 60)
        return f"-{said}" if length < timedelta() else said

    def on_the_wall(self, length: timedelta) -> str:
        """Write a length of time as it passes, in days too."""
        seconds = round(length.total_seconds())
        if seconds < 86400:
            return self.length(length)
        days = f"{seconds // 86400}{self('days_short')}"
        return f"{days} {self._amounts(seconds // 3600 % 24, seconds // 60 % 60, 0, zero='')}".rstrip()

    def _amounts(self, hours: int, minutes: int, seconds: int, zero: str | None = None) -> str:
        units = (" h", " min", " s") if self.language == Language.EN else (" 小时", " 分", " 秒")
        parts = zip((hours, minutes, seconds), units, strict=True)
        said = " ".join(f"{amount}{unit}" for amount, unit in parts if amount)
        return said or (f"0{units[1]}" if zero is None else zero)


def _time(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


_WEEKDAYS = (
    ("Mon", "周一"),
    ("Tue", "周二"),
    ("Wed", "周三"),
    ("Thu", "周四"),
    ("Fri", "周五"),
    ("Sat", "周六"),
    ("Sun", "周日"),
)

TERMS = {
    # what a clock watches
    "first_contact": ("hearing the customer", "首次联系客户"),
    "intake": ("taking it in", "受理"),
    "investigation": ("investigating", "调查"),
    "solution": ("agreeing on a solution", "达成解决方案"),
    "execution": ("doing what was agreed", "执行方案"),
    "follow_up": ("asking whether it helped", "回访"),
    "overall": ("settling it as a whole", "整体办结"),
    "feedback": ("telling the customer today", "当日反馈"),
    "verification": ("an answer from another department", "其他部门核实"),
    "approval": ("a decision on an approval", "审批"),
    "action": ("an action", "措施落实"),
    "promise": ("a promise to the customer", "对客户的承诺"),
    "waiting": ("an end to the waiting", "等待期限"),
    "acknowledgement": ("somebody taking up an escalation", "升级确认"),
    "statutory": ("a statutory duty", "法定时限"),
    "second_call": ("calling a second time", "二次回访"),
    "admission": ("judging the report", "受理决定"),
    "next_offer": ("the next option", "提出下一方案"),
    "attendance": ("sending somebody", "派人到场"),
    "emergency": ("being on site", "应急到场"),
    "after_closing": ("contact after closing", "结案后联系"),
    "receipt": ("acknowledgement to the customer", "受理告知"),
    "news": ("news to the customer", "进展告知"),
    "summons": ("call to send somebody", "到场通知"),
    "appeal": ("the appeal window", "申诉期"),
    # how it stands
    "running": ("running", "计时中"),
    "paused": ("stands still", "暂停"),
    "overdue": ("OVERDUE", "已超时"),
    "met": ("met", "按时完成"),
    "breached": ("MISSED", "未按时完成"),
    "void": ("fell away", "已失效"),
    # units
    "business_minutes": ("business minutes", "工作分钟"),
    "business_hours": ("business hours", "工作小时"),
    "business_days": ("business days", "工作日"),
    "calendar_hours": ("hours around the clock", "自然小时"),
    "calendar_days": ("calendar days", "自然日"),
    # kinds of days
    "working": ("working day", "工作日"),
    "off": ("day off", "休息日"),
    "holiday": ("holiday", "节假日"),
    "make_up": ("make-up day", "调休上班"),
    "altered": ("other hours", "作息调整"),
    # on whom we wait
    "customer": ("the customer", "客户"),
    "vendor": ("a vendor", "供应商"),
    "us": ("ourselves", "我方"),
    # what a notice is about, and how far it has come
    "warning": ("warning", "预警"),
    "escalation": ("escalation", "升级"),
    "queued": ("not sent yet", "待发送"),
    "routed": ("passed on to people", "已转给具体人员"),
    "delivered": ("delivered", "已送达"),
    "withdrawn": ("settled before it was sent", "事已办结,不再发送"),
    "outbox": ("in the outbox", "在发件箱"),
    "failed": ("NOT DELIVERED", "发送失败"),
    # severities
    "low": ("low", "低"),
    "normal": ("normal", "一般"),
    "high": ("high", "高"),
    "critical": ("critical", "严重"),
}
"""English and Chinese, by the value that the system has for it."""

SENTENCES = {
    "all_clocks": ("All clocks", "全部时限"),
    "clock": ("clock", "时限"),
    "watches": ("what it watches", "监督事项"),
    "due": ("due", "到期"),
    "stands": ("how it stands", "状态"),
    "left": ("{standing}, {left} left", "{standing}，剩余 {left}"),
    "late": ("{standing} by {left}", "{standing} {left}"),
    "keeps": ("{standing}, {left} left when it goes on", "{standing}，恢复后剩余 {left}"),
    "ended": ("{standing} {at}", "{standing} {at}"),
    "named": ("named with the duty itself, no budget", "由事项本身约定，无预算时限"),
    "daily": ("a time of day, by the rule for daily feedback", "按每日反馈规则的固定时刻"),
    "rule": ("rule", "规则"),
    "rule_is": (
        "{path} in {policy}@{version} ({place}), sha256 {sha256}",
        "{policy}@{version} 的 {path}（{place}），sha256 {sha256}",
    ),
    "no_place": ("place not recorded", "未记录位置"),
    "source": ("source", "依据"),
    "began": ("start", "起算"),
    "by": ("{what} ({by})", "{what}({by})"),
    "the_clock": ("time itself", "到时自动"),
    "budget": ("budget", "时限预算"),
    "for_severity": (" for severity {severity}", "（严重程度：{severity}）"),
    "by_close": (", by the close of business on the last", "，至末日下班"),
    "by_midnight": (", by the end of the last", "，至末日终了"),
    "with_first": (", the day of the start counted", "，含起算当日"),
    "without_first": (", the day of the start not counted", "，不含起算当日"),
    "calendar": ("calendar", "日历"),
    "on_calendar": ("{calendar}, times are those of {zone}", "{calendar}，时间为 {zone} 时间"),
    "around_the_clock": (
        "{calendar}, but every hour counts; times are those of {zone}",
        "{calendar}（不分工作时间），时间为 {zone} 时间",
    ),
    "provisional": (
        "PROVISIONAL: it reaches into days whose holidays are not announced yet",
        "暂定：跨入尚未公布节假日安排的日期",
    ),
    "day_by_day": ("Day by day", "逐日计算"),
    "day": ("day", "日期"),
    "what": ("what it is", "性质"),
    "hours": ("hours", "时段"),
    "used": ("counted", "计入"),
    "skipped": ("skipped", "跳过"),
    "all_day": ("all day", "全天"),
    "number": ("day {number}", "第 {number} 日"),
    "forward": ("clocks go forward {length}", "时钟拨快 {length}"),
    "back": ("clocks go back {length}", "时钟拨慢 {length}"),
    "not_announced": ("holidays not announced yet", "节假日尚未公布"),
    "still": ("{hours} paused for {owner}", "{hours} 暂停，等待{owner}"),
    "sum_days": ("In all: {last} of {amount} days", "合计：{last} / {amount} 日"),
    "sum_time": ("In all: {used} of {allowed}", "合计：{used} / {allowed}"),
    "no_target": (
        "NONE: the policy gives this duty no time; it is a fault of the policy, never met",
        "无：规则未规定该事项的时限，属规则缺陷，不视为完成",
    ),
    "stood_still": (
        "stood still from {since} until it was settled, waiting for {owner}; {left} were left",
        "自 {since} 起暂停直至结束，等待{owner}；当时剩余 {left}",
    ),
    "moves": ("What moved it", "时限变动"),
    "when": ("when", "时间"),
    "why": ("why", "原因"),
    "who": ("by whom", "操作人"),
    "from_to": ("due before → after", "原到期 → 现到期"),
    "days_short": (" d", " 天"),
    "resumed": (
        "stood still for {length} since {since}, waiting for {owner}; {left} were left, and are left now",
        "自 {since} 起暂停 {length}，等待{owner}；当时剩余 {left}，恢复后仍剩余同样时长",
    ),
    "resumed_days": (
        "stood still for {length} since {since}, waiting for {owner}; its last day moved by as many days",
        "自 {since} 起暂停 {length}，等待{owner}；末日顺延相应天数",
    ),
    "extended": ("extended", "延期"),
    "severity": ("another severity, counted anew from the start", "严重程度变更，自起点重新计算"),
    "migrated": ("another policy or calendar, counted anew from the start", "规则或日历变更，自起点重新计算"),
    "standing_still": (
        "stands still since {since}, waiting for {owner}; {left} are left when it goes on",
        "自 {since} 起暂停，等待{owner}；恢复后剩余 {left}",
    ),
    "times": ("What came of it", "结果"),
    "detected": ("missed, seen", "发现超时"),
    "after": ("{at} ({length} after it was due)", "{at}（到期后 {length}）"),
    "told_first": ("first told", "首次送达"),
    "settled": ("settled", "结束"),
    "warned": ("warning at {percent} %", "{percent}% 预警"),
    "sent": ("{at}, sent", "{at}，已发"),
    "not_sent": ("{at}", "{at}"),
    "told": ("Who was told", "通知对象"),
    "recipient": ("who", "对象"),
    "about": ("of what", "事项"),
    "adds_up": ("The steps lead to the deadline on record.", "以上各步推算结果与记录的到期时间一致。"),
    "adds_not_up": (
        "THE STEPS DO NOT LEAD TO THE DEADLINE ON RECORD: ledger, policy or calendar were altered.",
        "以上各步推算结果与记录的到期时间不一致：台账、规则或日历曾被改动。",
    ),
}
"""English and Chinese."""

BEGINNINGS = {
    "Registered": ("the complaint was received", "收到投诉"),
    "Reopened": ("the complaint was reopened", "投诉重新打开"),
    "FollowUpRecorded": ("the customer was not satisfied", "客户不满意"),
    "StageEntered": ("the stage began", "进入该阶段"),
    "VerificationRequested": ("question {about} was asked", "发出核实请求 {about}"),
    "ApprovalRequested": ("approval {about} was asked for", "提交审批 {about}"),
    "ActionPlanned": ("action {about} was planned", "制定措施 {about}"),
    "PromiseMade": ("promise {about} was made", "作出承诺 {about}"),
    "CustomerAwaited": ("the waiting began", "开始等待"),
    "CustomerReplied": ("the waiting was over", "等待结束"),
    "FirstContactRecorded": ("the customer was heard", "已首次联系客户"),
    "FeedbackGiven": ("the customer was told how it goes", "已向客户反馈"),
    "OptionOffered": ("the customer was made an offer", "已向客户提出方案"),
    "ClockBreached": ("{about} was missed", "{about} 超时"),
    "EscalationOpened": ("escalation {about} was opened", "发起升级 {about}"),
    "EscalationClimbed": ("escalation {about} climbed a rung", "升级 {about} 上升一级"),
}
"""What sets clocks going, by the fact's name; English and Chinese."""

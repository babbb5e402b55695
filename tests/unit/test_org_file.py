"""An organisation file is read as a whole or refused as a whole, and every mistake names its line and field."""

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from activities.channels import sender_for
from complaints.org import Leave, Org, Roster, Shift, WeeklyShift
from complaints.org_file import load
from complaints.policy import QuietHours
from complaints.vocabulary import Role
from complaints.wire import Malformed
from complaints.working_time import Interval

SAMPLE = Path(__file__).parents[2] / "cli" / "samples" / "org.yaml"

FILE = """\
zone: Asia/Shanghai
departments:
  head: {name: {en: Head office, zh: 本部}}
  billing: {name: {en: Billing, zh: 计费部}, parent: head, calendar: china}
members:
  chen.jing:
    name: 陈静
    department: billing
    roles: [lead]
    hours: {mon-fri: "08:30-12:00, 14:00-18:00", sat: ["09:00-12:00"]}
    quiet: "22:00-07:00"
    targets: ["wecom://KEY"]
    deputy: li.wei
    leave:
      - {from: 2026-04-27, until: 2026-05-03, delegate: li.wei}
      - {from: 2026-06-01T13:00, until: 2026-06-01T18:00}
  li.wei: {name: 李伟, department: billing, roles: [handler, desk], language: en}
rosters:
  - role: lead
    department: billing
    weekly: [{member: li.wei, days: mon-fri, hours: "20:00-08:00"}]
    shifts: [{member: chen.jing, from: 2026-05-01T08:00, until: 2026-05-01T20:00}]
"""

SHEET = """\
id,name,department,department_zh,department_en,parent,roles,hours,quiet,targets,deputy,active,leave
,,head,本部,Head office,,,,,,,,
chen.jing,陈静,billing,计费部,Billing,head,lead,"mon-fri 08:30-12:00 14:00-18:00; sat 09:00-12:00",22:00-07:00,wecom://KEY,li.wei,yes,2026-04-27/2026-05-03 li.wei; 2026-06-01T13:00/2026-06-01T18:00
li.wei,李伟,billing,,,,handler desk,,,,,,
"""


def read(folder: Path, text: str | bytes, name: str = "org.yaml", present: Org | None = None) -> Org:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, present=present, check_target=sender_for)


def refused(folder: Path, text: str | bytes, name: str = "org.yaml") -> list[str]:
    with pytest.raises(Malformed) as caught:
        read(folder, text, name)
    return [str(problem) for problem in caught.value.problems]


# --- what is read


def test_a_member_is_read_with_everything_said_of_them(tmp_path: Path):
    org = read(tmp_path, FILE)
    chen = org.member("chen.jing")
    assert chen is not None
    assert (chen.name, chen.department, chen.roles) == ("陈静", "billing", (Role.LEAD,))
    assert (chen.language, chen.deputy, chen.targets, chen.active) == ("zh", "li.wei", ("wecom://KEY",), True)
    assert chen.quiet == QuietHours(start=time(22), end=time(7))
    assert chen.hours is not None
    assert chen.hours[4] == (Interval(start=510, end=720), Interval(start=840, end=1080))
    assert chen.hours[5:] == ((Interval(start=540, end=720),), ())


def test_a_leave_in_days_includes_its_last_day_on_local_clocks(tmp_path: Path):
    chen = read(tmp_path, FILE).member("chen.jing")
    assert chen is not None
    assert chen.leave == (
        Leave(
            begins_at=datetime(2026, 4, 26, 16, tzinfo=UTC),
            ends_at=datetime(2026, 5, 3, 16, tzinfo=UTC),
            delegate="li.wei",
        ),
        Leave(begins_at=datetime(2026, 6, 1, 5, tzinfo=UTC), ends_at=datetime(2026, 6, 1, 10, tzinfo=UTC)),
    )


def test_a_roster_is_read_with_night_shifts_and_swaps(tmp_path: Path):
    assert read(tmp_path, FILE).rosters == (
        Roster(
            role=Role.LEAD,
            department="billing",
            weekly=(
                WeeklyShift(member="li.wei", days=(0, 1, 2, 3, 4), hours=Interval(start=1200, end=1920)),
            ),
            shifts=(
                Shift(
                    member="chen.jing",
                    begins_at=datetime(2026, 5, 1, 0, tzinfo=UTC),
                    ends_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
                ),
            ),
        ),
    )


def test_departments_have_parents_and_calendars(tmp_path: Path):
    billing = read(tmp_path, FILE).department("billing")
    assert billing is not None
    assert (billing.name.zh, billing.parent, billing.calendar) == ("计费部", "head", "china")


def test_the_sample_is_read():
    org = load(SAMPLE, check_target=sender_for)
    assert {role for member in org.members for role in member.roles} == set(Role) - {Role.SYSTEM}


# --- what is refused

EDITS = {
    "unknown part": ("zone:", "zones: x\nzone:", 1, "zones", "is not a field here"),
    "unknown zone": ("Asia/Shanghai", "Asia/Beijing", 1, "zone", "not a time zone"),
    "unknown field": ("deputy: li.wei", "deputies: li.wei", 13, "members.chen.jing.deputies", "field"),
    "missing name": ("    name: 陈静\n", "", 6, "members.chen.jing.name", "missing"),
    "blank name": ("陈静", '" "', 7, "members.chen.jing.name", "blank"),
    "unknown department": ("department: billing\n    roles", "department: metering\n    roles", 8,
                           "members.chen.jing.department", "no department 'metering'"),
    "unknown role": ("[lead]", "[boss]", 9, "members.chen.jing.roles.0", "'boss' is no role"),
    "no role": ("[lead]", "[]", 9, "members.chen.jing.roles", "at least 1"),
    "a program's role": ("[lead]", "[system]", 9, "members.chen.jing.roles.0", "'system' is no role"),
    "unknown weekday": ("mon-fri:", "mon-frei:", 10, "members.chen.jing.hours", "days such as"),
    "hours that overlap": ("14:00-18:00", "11:00-18:00", 10, "members.chen.jing.hours", "overlap"),
    "no hours": ("08:30-12:00", "half past eight", 10, "members.chen.jing.hours", "hours such as"),
    "a day twice": ("sat:", "fri:", 10, "members.chen.jing.hours", "fri twice"),
    "quiet hours": ("22:00-07:00", "22-7", 11, "members.chen.jing.quiet", "hours such as"),
    "unknown scheme": ("wecom://KEY", "telegram://S3CRET", 12, "members.chen.jing.targets.0", "scheme"),
    "a target's option": ("wecom://KEY", "wecom://KEY?secret=S3CRET", 12, "members.chen.jing.targets.0", "option"),
    "unknown deputy": ("deputy: li.wei", "deputy: nobody", 13, "members.chen.jing.deputy", "'nobody'"),
    "own deputy": ("deputy: li.wei", "deputy: chen.jing", 13, "members.chen.jing.deputy", "other active"),
    "leave backwards": ("until: 2026-05-03", "until: 2026-04-03", 15, "members.chen.jing.leave.0.until", "after"),
    "leave without end": (", until: 2026-05-03", "", 15, "members.chen.jing.leave.0.until", "missing"),
    "no such day": ("2026-04-27", "2026-04-31", 15, "members.chen.jing.leave.0.from", "a day such as"),
    "unknown delegate": ("delegate: li.wei", "delegate: nobody", 15, "members.chen.jing.leave.0.delegate", "'nobody'"),
    "other language": ("language: en", "language: fr", 17, "members.li.wei.language", "zh"),
    "bad id": ("  li.wei: {", "  李伟: {", 17, "members.李伟.id", "letters"),
    "member twice": ("rosters:", "  li.wei: {name: x}\nrosters:", 18, "members.li.wei", "twice"),
    "unknown parent": ("parent: head", "parent: heads", 4, "departments.billing.parent", "no department"),
    "circle of parents": ("zh: 本部}}", "zh: 本部}, parent: billing}", 3, "departments.head.parent", "circle"),
    "roster's role": ("role: lead", "role: boss", 19, "rosters.0.role", "lead"),
    "roster's department": ("    department: billing\n    weekly", "    department: x\n    weekly", 20,
                            "rosters.0.department", "no department"),
    "roster's member": ("{member: li.wei", "{member: nobody", 21, "rosters.0.weekly.0.member", "'nobody'"),
    "roster's days": ("days: mon-fri", "days: workdays", 21, "rosters.0.weekly.0.days", "days such as"),
    "shift backwards": ("until: 2026-05-01T20:00", "until: 2026-05-01T08:00", 22, "rosters.0.shifts.0.until", "after"),
    "no yaml": ("[lead]", "[lead", 10, "", "YAML"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_mistake_is_refused_with_its_line_and_field(tmp_path: Path, name: str):
    old, new, line, field, rule = EDITS[name]
    text = FILE.replace(old, new, 1)
    assert text != FILE
    told = refused(tmp_path, text)
    assert any(one.startswith(f"org.yaml:{line}: {field}") and rule in one for one in told), told
    assert "S3CRET" not in "".join(told)


def test_all_mistakes_are_told_at_once_in_the_order_of_lines(tmp_path: Path):
    text = FILE.replace("[lead]", "[boss]").replace("wecom://KEY", "x://KEY").replace("mon-fri, ", "never, ")
    lines = [int(problem.split(":")[1]) for problem in refused(tmp_path, text)]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_a_department_with_a_mistake_is_not_called_unknown_by_its_members(tmp_path: Path):
    told = refused(tmp_path, FILE.replace("calendar: china", "calendars: china"))
    assert told == ["org.yaml:4: departments.billing.calendars: is not a field here"]


@pytest.mark.parametrize("text", ["", "- a list", "members: {}", "departments: {}"])
def test_a_file_that_names_nobody_is_refused(tmp_path: Path, text: str):
    assert refused(tmp_path, text)


def test_a_second_roster_for_the_same_is_refused(tmp_path: Path):
    again = (
        '  - {role: lead, department: billing, weekly: [{member: li.wei, days: sun, hours: "08:00-20:00"}]}\n'
    )
    assert refused(tmp_path, FILE + again) == [
        "org.yaml:23: rosters.1: is the second roster for this role and department"
    ]


def test_a_file_in_another_encoding_is_refused(tmp_path: Path):
    assert refused(tmp_path, FILE.encode("gb18030")) == ["org.yaml:1: is not UTF-8"]


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(Malformed, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")


# --- sheets


def test_a_sheet_says_the_same_as_yaml(tmp_path: Path):
    yaml, sheet = read(tmp_path, FILE), read(tmp_path, SHEET, "org.csv")
    assert sheet.member("chen.jing") == yaml.member("chen.jing")
    assert sheet.department("head") == yaml.department("head")
    billing = sheet.department("billing")
    assert billing is not None
    assert (billing.name.zh, billing.parent) == ("计费部", "head")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sheet_from_a_spreadsheet_is_read(tmp_path: Path, encoding: str, delimiter: str):
    sheet = "工号,姓名,部门,部门名称,角色,在职\r\nchen.jing,陈静,billing,计费部,lead,是\r\n"
    org = read(tmp_path, sheet.replace(",", delimiter).encode(encoding), "org.csv")
    assert [(m.name, m.roles) for m in org.members] == [("陈静", (Role.LEAD,))]
    assert [(d.id, d.name.zh) for d in org.departments] == [("billing", "计费部")]


def test_a_sheet_keeps_zone_and_rosters_as_they_are(tmp_path: Path):
    present = replace(read(tmp_path, FILE.replace("Asia/Shanghai", "Asia/Urumqi")))
    org = read(tmp_path, SHEET, "org.csv", present)
    assert (org.zone.name, org.rosters) == ("Asia/Urumqi", present.rosters)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id,name", "id,nickname", "org.csv:1: nickname: is no column"),
        ("id,name", "id,id", "org.csv:1: name: the column is missing"),
        (",lead,", ",boss,", "org.csv:3: members.chen.jing.roles.0: "),
        ("wecom://KEY", "telegram://S3CRET", "org.csv:3: members.chen.jing.targets.0: unknown scheme"),
        (",yes,", ",perhaps,", "org.csv:3: members.chen.jing.active: must be yes or no"),
        ("2026-04-27/", "2026-04-27 to ", "org.csv:3: members.chen.jing.leave: must be FROM/UNTIL"),
        ("li.wei,李伟", "chen.jing,李伟", "org.csv:4: members.chen.jing: stands here twice; the first is on line 3"),
        ("li.wei,李伟", ",李伟", "org.csv:4: name: belongs to a member"),
        ("li.wei,李伟,billing", "li.wei,李伟,", "org.csv:4: members.li.wei.department: is missing"),
        (",head,lead", ",metering,lead", "org.csv:3: departments.billing.parent: there is no department"),
        ("handler desk,,,,,,", "handler desk,,,,,,,,", "org.csv:4: has more cells"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_sheet_is_refused_with_its_row(tmp_path: Path, old: str, new: str, said: str):
    text = SHEET.replace(old, new, 1)
    assert text != SHEET
    told = refused(tmp_path, text, "org.csv")
    assert any(one.startswith(said) for one in told), told
    assert "S3CRET" not in "".join(told)


def test_a_department_may_be_described_in_any_of_its_rows_but_in_one_way_only(tmp_path: Path):
    later = SHEET.replace("li.wei,李伟,billing,,,", "li.wei,李伟,billing,计量部,,head")
    department = read(tmp_path, later, "org.csv").department("billing")
    assert department is not None
    assert (department.name.zh, department.parent) == ("计量部", "head")
    told = refused(tmp_path, later.replace("计量部,,head", "计量部,,billing"), "org.csv")
    assert "org.csv:4: departments.billing.parent: says something else than a row above" in told


def test_a_sheet_that_is_no_text_is_refused(tmp_path: Path):
    assert refused(tmp_path, b"\xff\xfe\x00\xd8", "org.csv") == ["org.csv:1: is neither UTF-8 nor GB18030"]

"""One spelling of days and times: what people read is spelled in `yuanhang.core.words` alone."""

import io
import re
import subprocess
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.formats import date_format, localize
from openpyxl import load_workbook

from yuanhang.core import excel, words

ROOT = Path(__file__).resolve().parent.parent

# Where days and times are spelled for people; Django's own formats stand beside the words.
SPELLED_IN = {
    "yuanhang/core/words.py",
    "yuanhang/core/formats/zh_Hans/formats.py",
    "yuanhang/core/excel.py",
}
# What a machine reads: numbers, keys, file names, the calendar's own format, a programmer's error.
FOR_MACHINES = {
    "hazards/cases/models/numbers.py": {"%Y%m%d"},
    "hazards/cases/notifications.py": {"%Y%m%d"},
    "hazards/deadline_reminders/deadline_reminders.py": {"%Y%m%d%H%M", "%Y%m%d%H%M%S"},
    "hazards/review/export_views.py": {"%Y%m%d-%H%M"},
    "hazards/deadlines/working_time.py": {"%H:%M"},
    "volunteers/record/views.py": {"%Y%m%d"},
    "volunteers/activities/ical.py": {"%Y%m%dT%H%M%SZ"},
    "volunteers/activities/reminders.py": {"%Y%m%d%H%M", "%Y%m%d%H%M%S"},
}
# In templates: the attribute of <time>, and the month of an address.
TEMPLATE_FORMATS = {"c", "Y-m"}
# A year of its own, a month of its own: no day is told. The script puts in what `words` puts in.
PARTS_ALLOWED = {
    ("templates/hazards/fixed_wall/fixed_wall.html", "{{ year }} 年 {{ month }} 月修好的"),
    ("templates/core/place/_words.html", "{month} 月 {day} 日 {time}"),
    ("volunteers/record/forms.py", "%(year)s 年"),
}
FORMATTERS = r"strftime|date_format|time_format|isoformat\(sep|ctime\(|timesince|naturaltime"
MOMENTS = r"(?:_at|_on|_until|_since|_day|\.on|\.at|\.day|\.date|\.start|\.end|\.since|\.until)"


def tracked(*endings):
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z", "--"]
        + [f"*.{ending}" for ending in endings],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [path for path in listed.stdout.decode().split("\0") if path]
    return {
        path: (ROOT / path).read_text()
        for path in paths
        if (ROOT / path).exists() and not path.startswith("tests/") and "/migrations/" not in path
    }


def breaches_in_code(path, text):
    """Formats in Python that are neither a machine's nor in the one place for people."""
    if path in SPELLED_IN:
        return []
    text = re.sub(r'""".*?"""|(?m:#.*$)', "", text, flags=re.DOTALL)
    found = re.findall(r":((?:[^\s{}'\"]*%[YmdHMSyjBbIpZz][^\s{}'\"]*)+)\}", text)
    found = [one for one in found if one not in FOR_MACHINES.get(path, ())]
    return found + re.findall(FORMATTERS, text) + parts(path, text)


def breaches_in_template(path, text):
    """Filters for days and times other than our own, and moments without any."""
    text = re.sub(r"\{#.*?#\}", "", text)
    found = [
        one
        for one in re.findall(r"\|(?:date|time)\b(?::[\"']([^\"']*)[\"'])?", text)
        if one not in TEMPLATE_FORMATS
    ]
    found += re.findall(r"\|(?:timesince|timeuntil|naturaltime|naturalday)", text)
    found += re.findall(rf"\{{\{{ [\w.]*{MOMENTS} \}}\}}", text)
    # 「16:00 前」 has a space everywhere.
    found += re.findall(r"\}\}前", text)
    return found + parts(path, text)


def parts(path, text):
    """A day put together by hand from its year, month and day."""
    hole = r"(?:%\(\w+\)[sd]|\{\{ ?[\w.]+ ?\}\}|\{\w+\}|%[sd])"
    found = re.findall(rf"{hole} ?[年月日](?:[^\"'\n<]*)", text)
    allowed = [one for where, one in PARTS_ALLOWED if where == path]
    return [one for one in found if not any(it.strip().startswith(one[:8]) for it in allowed)]


def test_nobody_else_spells_days_and_times_in_code():
    found = {path: breaches_in_code(path, text) for path, text in tracked("py").items()}
    assert {path: broken for path, broken in found.items() if broken} == {}


def test_nobody_else_spells_days_and_times_in_templates():
    found = {
        path: breaches_in_template(path, text)
        for path, text in tracked("html", "txt").items()
        if path.startswith("templates/")
    }
    assert {path: broken for path, broken in found.items() if broken} == {}


def test_the_list_for_machines_names_nothing_that_is_gone():
    texts = tracked("py")
    for path, formats in FOR_MACHINES.items():
        assert all(f":{one}" in texts[path] for one in formats), path


@pytest.mark.parametrize(
    "planted",
    [
        'said = f"{day:%H:%M}"',
        'said = day.strftime("%d/%m")',
        'said = date_format(day, "m-d")',
        'said = _("%(m)d 月 %(d)d 日") % facts',
    ],
)
def test_a_planted_spelling_in_code_is_found(planted):
    assert breaches_in_code("hazards/cases/words.py", planted)


@pytest.mark.parametrize(
    "planted",
    [
        '{{ step.at|date:"m-d H:i" }}',
        "{{ step.at|date }}",
        "{{ step.at|time:'H:i' }}",
        "{{ step.at|timesince }}",
        "{{ hazard.submitted_at }}",
        "{{ training.on }}",
        "{{ year }} 年 {{ month }} 月 {{ day }} 日",
        "{{ due }}前",
    ],
)
def test_a_planted_spelling_in_a_template_is_found(planted):
    assert breaches_in_template("templates/hazards/x.html", planted)


# --- the spellings themselves -----------------------------------------------------------------


@pytest.fixture
def noon(monkeypatch):
    """It is Thursday, 26 November 2026, 12:00 in the community."""
    now = timezone.make_aware(datetime(2026, 11, 26, 12))
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def at(*moment):
    return timezone.make_aware(datetime(*moment))


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ((2026, 11, 26, 16, 5), "今天 16:05"),
        ((2026, 11, 25, 9, 0), "昨天 9:00"),
        ((2026, 11, 27, 0, 0), "明天 0:00"),
        ((2026, 11, 5, 9, 0), "11 月 5 日 9:00"),
        ((2025, 12, 31, 9, 0), "2025 年 12 月 31 日 9:00"),
    ],
)
def test_moments_are_spelled_alike(noon, moment, said):
    assert words.spoken(at(*moment)) == said
    kept = words.dated(at(*moment))
    assert kept == said.replace("今天", "11 月 26 日").replace("昨天", "11 月 25 日").replace(
        "明天", "11 月 27 日"
    )
    # With its year the day is spelled as the words, the admin and Excel spell it.
    assert words.full_moment(at(*moment)).endswith(kept)
    assert localize(at(*moment)) == words.full_moment(at(*moment))
    assert words.full_day(at(*moment)) == date_format(at(*moment).date())


def test_every_filter_of_times_is_one_of_the_words(noon):
    page = Template("{% load time_words %}{{ at|dated }}，{{ at|full_day }}，{{ at|clock }}")
    shown = page.render(Context({"at": at(2026, 11, 5, 8, 30)}))
    assert shown == "11 月 5 日 8:30，2026 年 11 月 5 日，8:30"


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        (time(8), time(21), "8:00–21:00"),
        (time(8, 30), time(0), "8:30–24:00"),
        (time(0), time(12, 5), "0:00–12:05"),
    ],
)
def test_hours_of_the_day(opens, closes, said):
    assert words.hours_span(opens, closes) == said


def test_excel_shows_days_as_the_pages_do():
    row = [datetime(2026, 11, 5, 8, 30), date(2026, 11, 5), None, "2026", 7]
    (cells,) = load_workbook(io.BytesIO(excel.workbook({"a": [row]}))).active.iter_rows()
    assert [cell.number_format for cell in cells] == [
        'yyyy" 年 "m" 月 "d" 日" h:mm',
        'yyyy" 年 "m" 月 "d" 日"',
        "General",
        "General",
        "General",
    ]
    assert [cell.value for cell in cells[:2]] == [row[0], datetime(2026, 11, 5)]


# --- lengths and how long ago -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=-90), "不到 1 分钟"),
        (timedelta(seconds=59), "不到 1 分钟"),
        (timedelta(minutes=59, seconds=59), "59 分钟"),
        (timedelta(hours=23, minutes=59), "23 小时"),
        (timedelta(hours=24), "1 天"),
        (timedelta(hours=39), "1 天"),
        (timedelta(hours=48), "2 天"),
        (timedelta(days=400), "400 天"),
    ],
)
def test_a_day_and_more_is_said_in_days(noon, length, said):
    assert words.length_words(length.total_seconds()) == said
    short = length < timedelta(minutes=1)
    assert words.took(length.total_seconds()) == (f"{said}就好" if short else f"用了 {said}")
    assert words.waited(noon - length) == f"等了 {said}"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ((2026, 11, 26, 12, 0), "刚刚"),
        ((2026, 11, 26, 12, 5), "刚刚"),
        ((2026, 11, 26, 11, 52), "8 分钟前"),
        ((2026, 11, 26, 0, 0), "12 小时前"),
        ((2026, 11, 25, 23, 30), "12 小时前"),
        ((2026, 11, 25, 12, 1), "23 小时前"),
        ((2026, 11, 25, 12, 0), "昨天"),
        ((2026, 11, 25, 0, 0), "昨天"),
        # 39 hours: two days ago by the calendar or one, never a number of hours.
        ((2026, 11, 24, 21, 0), "2 天前"),
        ((2026, 11, 24, 23, 59), "2 天前"),
        ((2026, 11, 19, 13, 0), "7 天前"),
    ],
)
def test_how_long_ago_goes_by_the_calendar_from_a_day_on(noon, moment, said):
    assert words.ago(at(*moment)) == said


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("说好11 月 27 日 9:12 前修好", "说好 11 月 27 日 9:12 前修好"),
        ("列入计划，到2027 年 4 月 24 日", "列入计划，到 2027 年 4 月 24 日"),
        ("11 月 27 日，到 12 月 1 日", "11 月 27 日，到 12 月 1 日"),
        ("「11 月 27 日」", "「11 月 27 日」"),
        ("南6街12号楼3月没灯", "南6街12号楼3月没灯"),
    ],
)
def test_a_date_stands_apart_from_the_character_before_it(sentence, told):
    assert words.spaced(sentence) == told

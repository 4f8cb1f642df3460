"""How many SMS may leave: to one number in a day, and to all together in a month.

Counted before sending and given back where nothing left; what may have left counts. A number is
kept as a digest, and for two months.
"""

import hashlib
import hmac
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from .models import SmsCount

# The last tenth of a month is for codes: who cannot log in is worse off than who is not told.
FOR_CODES = 10
# A full number is tried again at this hour of the next day, when nobody is woken.
MORNING_HOUR = 8
FULL_MONTH_PAUSE = timedelta(hours=1)
KEPT = timedelta(days=62)
TOTAL = ""  # the number under which all are counted


def take(phone: str, now: datetime, *, is_code: bool = False) -> datetime | None:
    """Count one SMS; None where it may leave, else the moment before which none may, uncounted."""
    day = timezone.localdate(now)
    month_max = settings.SMS_MONTH_MAX if is_code else for_notices(settings.SMS_MONTH_MAX)
    with transaction.atomic():
        if not _count(day, digest(phone), settings.SMS_NUMBER_DAY_MAX):
            morning = timezone.localtime(now).replace(hour=MORNING_HOUR, minute=0, second=0)
            return morning + timedelta(days=1)
        _count(day, TOTAL, 0)  # and with it the lock of the day
        if month_max and month_count(day) > month_max:
            give_back(phone, now)
            return now + FULL_MONTH_PAUSE
    return None


def for_notices(month_max: int) -> int:
    """How many of a month's SMS are not kept for codes."""
    return month_max - month_max // FOR_CODES


def _count(day: date, number: str, most: int) -> bool:
    """One more, unless there are as many already; 0: no limit. In one statement, so never more."""
    table = connection.ops.quote_name(SmsCount._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (day, number, count) VALUES (%(day)s, %(number)s, 1) "  # noqa: S608 - a table of ours
            f"ON CONFLICT (day, number) DO UPDATE SET count = {table}.count + 1 "
            f"WHERE %(most)s = 0 OR {table}.count < %(most)s",
            {"day": day, "number": number, "most": most},
        )
        return cursor.rowcount == 1


def give_back(phone: str, when: datetime) -> None:
    """An SMS that was counted at this moment did certainly not leave."""
    day = timezone.localdate(when)
    with transaction.atomic():
        for number in (digest(phone), TOTAL):  # in the order of `take`, else two wait in a circle
            rows = SmsCount.objects.filter(day=day, number=number, count__gt=0)
            rows.update(count=F("count") - 1)


def month_count(day: date) -> int:
    """How many were sent in the month of this day."""
    days = SmsCount.objects.filter(number=TOTAL, day__gte=day.replace(day=1), day__lte=day)
    return days.aggregate(sum=Sum("count"))["sum"] or 0


def digest(phone: str) -> str:
    """Tells one number from another and is no number."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"sms {phone}".encode(), hashlib.sha256).hexdigest()[:32]


def forget_old(now: datetime) -> int:
    """Delete counts that nobody asks for any more; returns how many."""
    return SmsCount.objects.filter(day__lt=timezone.localdate(now) - KEPT).delete()[0]

"""What every Excel export shares."""

from django.utils import timezone
from openpyxl.cell import WriteOnlyCell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cell(sheet, value):
    """A cell of a write-only sheet; what a stranger wrote stays text, also behind a `=`."""
    made = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        made.data_type = "s"
    return made


def local_time(moment):
    """Excel knows no zones: the moment as local wall time, or None."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0) if moment else None

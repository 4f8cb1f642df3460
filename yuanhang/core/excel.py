"""What every Excel export shares: no cell of ours makes a workbook that does not open."""

import io
from datetime import date, datetime

from django.utils import timezone
from django.utils.functional import Promise

from yuanhang.core.text import clean

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_MAX = 32_767  # UTF-16 units in a cell, by Excel's specification; a longer text spoils the file
TITLE_MAX = 31
DATE_FORMAT = 'yyyy" 年 "m" 月 "d" 日"'  # as `yuanhang.core.words` spells days
NO_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def cell(sheet, value):
    """A cell of a write-only sheet; what a stranger wrote stays text, also behind a `=`."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - 29 MB that few processes need

    if isinstance(value, str | Promise):
        made = WriteOnlyCell(sheet, value=cut(clean(str(value))))
        made.data_type = "s"
        return made
    made = WriteOnlyCell(sheet, value=value)
    if isinstance(value, date):
        made.number_format = DATE_FORMAT + (" h:mm" if isinstance(value, datetime) else "")
    return made


def cut(text):
    """The text, or its beginning and `…`, in as many UTF-16 units as a cell takes."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_MAX:
        return text
    return units[: 2 * (CELL_MAX - 1)].decode("utf-16-le", "ignore") + "…"


def workbook(sheets):
    """The bytes of an xlsx file; `sheets` maps titles to rows of plain values.

    Rows may be a generator: it is read once, and never held whole.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - 29 MB that few processes need

    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        name = clean(str(title)).translate(NO_TITLE).strip(" '")[:TITLE_MAX]
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def local_time(moment):
    """Excel knows no zones: the moment as local wall time, or None."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0) if moment else None

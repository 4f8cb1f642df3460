"""Case numbers: gapless, one row of counters a subdistrict and day."""

from datetime import datetime

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Subdistrict


class NumberCounter(models.Model):
    """The last number a subdistrict gave out on a day; locked only while a case is inserted.

    One row a subdistrict, so that a province does not queue behind one.
    """

    subdistrict = models.ForeignKey(
        Subdistrict, models.CASCADE, related_name="+", db_index=False, verbose_name=_("街道")
    )
    day = models.DateField(_("日期"))
    last = models.PositiveIntegerField(_("最后一号"), default=0)

    class Meta:
        verbose_name = _("编号计数")
        verbose_name_plural = _("编号计数")
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "day"], name="number_counter_once")
        ]

    def __str__(self):
        return f"{self.subdistrict_id} {self.day} {self.last}"

    @classmethod
    def next_number(cls, subdistrict_id: int, moment: datetime) -> str:
        """The next `YH20261123-0007` of the local day; gapless, as it rolls back with the case."""
        day = timezone.localtime(moment).date()
        quote = connection.ops.quote_name
        table, places = quote(cls._meta.db_table), quote(Subdistrict._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (subdistrict_id, day, last) "  # noqa: S608 - our own tables
                "VALUES (%s, %s, 1) ON CONFLICT (subdistrict_id, day) "
                f"DO UPDATE SET last = {table}.last + 1 RETURNING last, "
                f"(SELECT number_prefix FROM {places} WHERE id = %s)",
                [subdistrict_id, day, subdistrict_id],
            )
            last, prefix = cursor.fetchone()
        return f"{prefix}{day:%Y%m%d}-{last:04d}"

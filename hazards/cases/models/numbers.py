"""The case itself."""

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NumberCounter(models.Model):
    """The last number given out on a day; one row a day, locked only while a case is inserted."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("编号计数")
        verbose_name_plural = _("编号计数")

    def __str__(self):
        return f"{self.day} {self.last}"

    @classmethod
    def next_number(cls, moment):
        """The next `YH20261123-0007` of the local day; gapless, as it rolls back with the case."""
        day = timezone.localtime(moment).date()
        table = connection.ops.quote_name(cls._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (day, last) VALUES (%s, 1) "  # noqa: S608 - our own table
                f"ON CONFLICT (day) DO UPDATE SET last = {table}.last + 1 RETURNING last",
                [day],
            )
            return f"YH{day:%Y%m%d}-{cursor.fetchone()[0]:04d}"

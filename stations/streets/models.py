"""The drawn ground of a community: streets, blocks, green and water, as lines and polygons."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from yuanhang.core.models import Timestamped

NAME_MAX = 30


class StreetMap(Timestamped):
    """底图: what staff uploaded last for a community. It is replaced as a whole."""

    community = models.OneToOneField(
        Community,
        models.CASCADE,
        related_name="street_map",
        verbose_name=_("社区"),
        error_messages={"unique": _("这个社区已经有底图了，打开那一份来换。")},
    )
    source = models.CharField(
        _("从哪儿来的"), max_length=60, blank=True, help_text=_("自己看的，如：社区自己画的。")
    )

    class Meta:
        verbose_name = _("底图")
        verbose_name_plural = _("底图")
        ordering = ["community"]

    def __str__(self):
        return str(self.community)


class MapShape(models.Model):
    """One street or one patch of a street map; points are (longitude, latitude) pairs in WGS-84."""

    class Kind(models.TextChoices):
        """What is drawn: streets as lines, the rest as patches."""

        MAIN = "main", _("大路")
        STREET = "street", _("小路")
        BLOCK = "block", _("房子")
        GREEN = "green", _("绿地")
        WATER = "water", _("水面")

    LINES = (Kind.MAIN, Kind.STREET)

    street_map = models.ForeignKey(
        StreetMap, models.CASCADE, related_name="shapes", verbose_name=_("底图")
    )
    kind = models.CharField(_("种类"), max_length=6, choices=Kind.choices)
    name = models.CharField(_("名字"), max_length=NAME_MAX, blank=True)
    points = models.JSONField(_("点"))
    south = models.FloatField(editable=False)
    west = models.FloatField(editable=False)
    north = models.FloatField(editable=False)
    east = models.FloatField(editable=False)

    class Meta:
        verbose_name = _("图形")
        verbose_name_plural = _("图形")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="map_shape_box_is_a_box",
                condition=Q(south__lte=F("north")) & Q(west__lte=F("east")),
            )
        ]
        indexes = [models.Index(fields=["south", "north", "west", "east"], name="map_shape_box")]

    def __str__(self):
        return self.name or str(self.get_kind_display())

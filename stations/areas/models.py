"""Subdistrict, community, grid, landmark: the ground that everything stands on."""

from itertools import product
from string import ascii_uppercase

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from stations.areas.boundaries import geojson_of, polygon_of
from yuanhang.core import geo
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Located, Timestamped

FIRST_PREFIX = "YH"  # 远航, the first community of the first subdistrict


class Subdistrict(Timestamped):
    """街道; its governance centre dispatches repairs."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    code = models.CharField(_("统计代码"), max_length=12, blank=True)
    centre_phone = models.CharField(_("综治中心电话"), max_length=20, blank=True)
    number_prefix = models.CharField(
        _("编号前缀"),
        max_length=6,
        unique=True,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2,6}$", _("2 到 6 个大写字母。"))],
        help_text=_("上报编号以它开头，印在回执上；留空会自动给一个。"),
    )

    class Meta:
        verbose_name = _("街道")
        verbose_name_plural = _("街道")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        # The first subdistrict's numbers begin with YH, each further one's with YH and letters.
        if not self.number_prefix:
            taken = set(Subdistrict.objects.values_list("number_prefix", flat=True))
            free = (prefix for prefix in _prefixes() if prefix not in taken)
            self.number_prefix = next(free)
        super().save(*args, **kwargs)


def _prefixes():
    """`YH`, `YHA` … `YHZ`, `YHAA` …: enough for a province."""
    yield FIRST_PREFIX
    for length in (1, 2, 3):
        for letters in product(ascii_uppercase, repeat=length):
            yield FIRST_PREFIX + "".join(letters)


class CommunityQuerySet(models.QuerySet):
    def home(self):
        """Where reports without any place go: the marked community, else the oldest."""
        return self.order_by("-is_home", "pk").first()

    def nearest(self, latitude, longitude):
        """The community whose grids' middle is nearest to a WGS-84 point, with metres.

        Returns (community, metres) or (None, None) when no grid exists.
        """
        best, best_metres = None, None
        for grid in Grid.objects.select_related("community"):
            metres = geo.distance(latitude, longitude, *grid.centre)
            if best_metres is None or metres < best_metres:
                best, best_metres = grid.community, metres
        return best, best_metres


class Community(Timestamped):
    """社区: community."""

    subdistrict = KeptForeignKey(
        Subdistrict, models.PROTECT, related_name="communities", verbose_name=_("街道")
    )
    name = models.CharField(_("名称"), max_length=60, unique=True)
    desk_phone = models.CharField(_("值班电话"), max_length=20, blank=True)
    is_home = models.BooleanField(
        _("收无位置的上报"),
        default=False,
        help_text=_("没说地方的上报先归这个社区，全站只选一个。"),
    )

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("社区")
        verbose_name_plural = _("社区")
        constraints = [
            models.UniqueConstraint(
                fields=["is_home"], name="one_home_community", condition=Q(is_home=True)
            )
        ]

    def __str__(self):
        return self.name


class GridQuerySet(models.QuerySet):
    def containing(self, latitude, longitude):
        """The grid a WGS-84 point lies in, or None; a point on a shared edge goes to the first.

        The bounding box in columns narrows the choice, the polygon decides.
        """
        from shapely.geometry import Point  # noqa: PLC0415 - 18 MB that few pages need

        point = Point(longitude, latitude)
        boxes = self.filter(
            south__lte=latitude, north__gte=latitude, west__lte=longitude, east__gte=longitude
        ).select_related("community")
        return next((grid for grid in boxes.order_by("pk") if grid.polygon.covers(point)), None)


class Grid(Timestamped):
    """网格: the patch of one grid worker. The boundary is GeoJSON in WGS-84."""

    community = KeptForeignKey(
        Community, models.PROTECT, related_name="grids", verbose_name=_("社区")
    )
    number = models.PositiveSmallIntegerField(_("编号"))
    name = models.CharField(_("名称"), max_length=60)
    boundary = models.JSONField(
        _("边界"), help_text=_("GeoJSON 多边形，先经度后纬度，WGS-84。"), validators=[polygon_of]
    )
    south = models.FloatField(editable=False)
    west = models.FloatField(editable=False)
    north = models.FloatField(editable=False)
    east = models.FloatField(editable=False)

    objects = GridQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格")
        verbose_name_plural = _("网格")
        ordering = ["community_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["community", "number"], name="grid_number_once"),
            models.CheckConstraint(
                name="grid_box_is_a_box",
                condition=Q(south__lt=F("north")) & Q(west__lt=F("east")),
            ),
        ]
        indexes = [models.Index(fields=["south", "north", "west", "east"], name="grid_box")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        # One plain polygon, whatever it was wrapped in, and its bounding box beside it.
        self.boundary = geojson_of(self.polygon)
        self.west, self.south, self.east, self.north = self.polygon.bounds
        super().save(*args, **kwargs)

    @property
    def polygon(self):
        """The boundary as a Shapely polygon."""
        return polygon_of(self.boundary)

    @property
    def centre(self):
        """A (latitude, longitude) in the middle, for naming and distances."""
        return (self.south + self.north) / 2, (self.west + self.east) / 2

    def clean(self):
        # Grids tile the ground: no two of them may share area.
        try:
            polygon = self.polygon
        except ValidationError:
            return  # the field says so
        west, south, east, north = polygon.bounds
        near = Grid.objects.exclude(pk=self.pk).filter(
            south__lte=north, north__gte=south, west__lte=east, east__gte=west
        )
        for other in near:
            # A shared edge has no area; drawing leaves slivers, which do not count. The smaller
            # of the two decides, so that a large grid cannot swallow a small one.
            smaller = min(polygon.area, other.polygon.area)
            if polygon.intersection(other.polygon).area > 0.01 * smaller:
                raise ValidationError(
                    {"boundary": _("和%(name)s重叠了。") % {"name": other.name}}, code="overlap"
                )


class Landmark(Located, Timestamped):
    """地标: a place people call by name, for when a phone finds no position."""

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="landmarks", verbose_name=_("社区")
    )
    name = models.CharField(_("名称"), max_length=60)

    class Meta:
        verbose_name = _("地标")
        verbose_name_plural = _("地标")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["community", "name"], name="landmark_once"),
            Located.point_constraint("landmark_point"),
        ]

    def __str__(self):
        return self.name

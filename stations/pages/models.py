"""Pages and cards whose title and text staff edit: plain words, no markup of the web's."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import Timestamped

TITLE_MAX, TEXT_MAX = 40, 6000


class Page(Timestamped):
    """A page of the site, found by its slug; a card is one in large type, to hand on and to print.

    Those that come with the product are linked from other pages, so none is deleted: an empty
    text says that nothing is written yet.
    """

    slug = models.SlugField(_("地址"), max_length=30, unique=True)
    title = models.CharField(_("标题"), max_length=TITLE_MAX)
    text = models.TextField(
        _("正文"),
        max_length=TEXT_MAX,
        blank=True,
        help_text=_(
            "空一行是新的一段；「# 」开头是小标题；「- 」开头是一条。"
            "「应急电话」里有的号码会自动变成能点的电话。不用写网页代码，写了也只当文字。"
        ),
    )
    is_card = models.BooleanField(_("大字卡片"), default=False, help_text=_("能转发、能打印。"))
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)

    class Meta:
        verbose_name = _("页面和卡片")
        verbose_name_plural = _("页面和卡片")
        ordering = ["order", "pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("pages:page", args=[self.slug])

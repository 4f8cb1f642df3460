"""What people tap (categories) and what grid workers file it under (standard cases)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.postings.models import Organisation
from yuanhang.core.kept_answers import kept
from yuanhang.core.models import Timestamped


class Urgency(models.IntegerChoices):
    """紧急程度, most urgent first, so that it sorts."""

    URGENT = 1, _("紧急")
    SOON = 2, _("较急")
    NORMAL = 3, _("一般")
    HARD = 4, _("疑难")


class Category(models.Model):
    """A button on the report form: one character, one short word. At most twelve are active.

    A new one is closed in every respect, and spoken of as if about a person, until somebody
    chooses: what nobody has thought about is shown to nobody.
    """

    class Kind(models.TextChoices):
        """What a report of this category is about; it chooses words, clocks and standards."""

        THING = "thing", _("物")
        PERSON = "person", _("人")
        AGREEMENT = "agreement", _("约定")

    class Warns(models.TextChoices):
        """When riders are warned of its open cases."""

        NEVER = "", _("不提醒")
        ACCEPTED = "accepted", _("受理以后")
        AT_ONCE = "at_once", _("一报上来")

    key = models.SlugField(_("代号"), primary_key=True, max_length=20)
    seal = models.CharField(_("印章字"), max_length=1)
    name = models.CharField(_("名称"), max_length=20)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    urgency = models.PositiveSmallIntegerField(
        _("默认紧急程度"), choices=Urgency.choices, default=Urgency.NORMAL
    )
    advice = models.CharField(
        _("提醒"), max_length=80, blank=True, help_text=_("选中时显示的一句安全提醒。")
    )
    kind = models.CharField(
        _("关于"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.PERSON,
        help_text=_("用词、时限和立案标准跟着它走。"),
    )
    is_dangerous = models.BooleanField(
        _("只报不靠近"), default=True, help_text=_("不请路过的人去看。")
    )
    may_be_published = models.BooleanField(
        _("办结后可公开"), default=False, help_text=_("关于人的、约定的，一律不公开。")
    )
    shows_open_pictures = models.BooleanField(
        _("没办完也可公开照片"),
        default=False,
        help_text=_("盖好的照片在「附近的隐患」里先给人看，好认出是哪一处。"),
    )
    ask_passers_by = models.BooleanField(_("问路过的人还在不在"), default=False)
    offer_as_duplicate = models.BooleanField(
        _("上报时提示附近同类"), default=False, help_text=_("会让别人知道附近已有一件。")
    )
    warns_riders = models.CharField(
        _("路况里提醒"),
        max_length=10,
        choices=Warns.choices,
        blank=True,
        default=Warns.NEVER,
        help_text=_("没办完就让大家知道有这一处：只有类别、地标或网格，没有上报人的话。"),
    )
    warns_hours = models.PositiveSmallIntegerField(
        _("提醒几小时"),
        default=72,
        help_text=_("这么久没人再说还在，就不提醒了。"),
    )
    is_active = models.BooleanField(_("显示"), default=True)

    class Meta:
        verbose_name = _("隐患类别")
        verbose_name_plural = _("隐患类别")
        ordering = ["order", "key"]
        constraints = [
            models.CheckConstraint(name="category_urgency", condition=Q(urgency__range=(1, 4))),
            models.CheckConstraint(
                name="category_shows_things_alone",
                condition=Q(kind="thing")
                | Q(
                    may_be_published=False,
                    ask_passers_by=False,
                    offer_as_duplicate=False,
                    warns_riders="",
                ),
                violation_error_message=_("关于人的、约定的，不公开、不问路人、不提示别人。"),
            ),
            models.CheckConstraint(
                name="category_shows_open_what_it_shows_closed",
                condition=Q(shows_open_pictures=False) | Q(may_be_published=True),
                violation_error_message=_("办结后都不公开的，没办完更不公开。"),
            ),
            models.CheckConstraint(
                name="category_sends_nobody_into_danger",
                condition=Q(ask_passers_by=False) | Q(is_dangerous=False),
                violation_error_message=_("只报不靠近的，不请路过的人去看。"),
            ),
        ]

    def __str__(self):
        return self.name


class ReplyTemplate(models.Model):
    """常用的话: a sentence staff choose instead of typing it for the fortieth time."""

    class Verb(models.TextChoices):
        """The moves whose words reach the reporter."""

        ACCEPT = "accept", _("受理")
        ASK_INFO = "ask_info", _("请补充")
        REJECT = "reject", _("不受理")
        ESCALATE = "escalate", _("上报街道")
        DISPATCH = "dispatch", _("派单")
        SECURE = "secure", _("现场已围护")
        EXTEND = "extend", _("延期")
        SUSPEND = "suspend", _("挂起")
        FIX = "fix", _("办好了（修好、联系上、答复）")
        REDO = "redo", _("没办好，退回")
        CLOSE = "close", _("核查办结")
        END_UNREPAIRED = "end_unrepaired", _("了结")

    verb = models.CharField(_("动作"), max_length=20, choices=Verb.choices)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("类别"),
        help_text=_("不选就对所有类别。"),
    )
    kind = models.CharField(
        _("关于"),
        max_length=10,
        choices=Category.Kind.choices,
        blank=True,
        help_text=_("只用在说物、说人或说约定的类别；不选就都用。"),
    )
    text = models.CharField(_("这句话"), max_length=200)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("常用的话")
        verbose_name_plural = _("常用的话")
        ordering = ["verb", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["verb", "category", "text"],
                name="reply_template_once",
                nulls_distinct=False,
                violation_error_message=_("这句话已经有了。"),
            )
        ]

    def __str__(self):
        return self.text

    @classmethod
    def by_verb(cls, category):
        """Verb to its sentences for a category, its own first; kept until one changes."""
        return _sentences(category.pk, category.kind)


@kept("hazards_replytemplate")
def _sentences(category_key, kind):
    found = {}
    own = Q(category=category_key) | Q(category=None)
    rows = ReplyTemplate.objects.filter(own, Q(kind="") | Q(kind=kind), is_active=True)
    for row in rows.order_by(models.F("category").asc(nulls_last=True), "order", "pk"):
        found.setdefault(row.verb, []).append(row.text)
    return found


@kept("hazards_category")
def kept_categories():
    """The categories in use, in their order; kept until one changes."""
    return tuple(Category.objects.filter(is_active=True))


@kept("hazards_endreason")
def kept_end_reasons():
    """The reasons in use, in their order; kept until one changes."""
    return tuple(EndReason.objects.filter(is_active=True))


class EndReason(models.Model):
    """Why a case ends without a repair: the closed list of 已了结·未修.

    A new one ends only the case it is chosen for; whoever followed that case goes on alone.
    """

    class Asks(models.TextChoices):
        """What the reason needs said beside it."""

        NOTHING = "nothing", _("不用填")
        PARTY = "party", _("转给谁、对方单号")
        DAY = "day", _("到哪天")
        WORDS = "words", _("写一句")

    key = models.SlugField(_("代号"), unique=True, max_length=20)
    text = models.CharField(_("原因"), max_length=60, help_text=_("上报人会读到。"))
    kind = models.CharField(
        _("关于"),
        max_length=10,
        choices=Category.Kind.choices,
        blank=True,
        help_text=_("不选就对所有类别。"),
    )
    asks = models.CharField(_("还要填"), max_length=10, choices=Asks.choices, default=Asks.WORDS)
    holds_for_place = models.BooleanField(
        _("对这一处都成立"),
        default=False,
        help_text=_("并进来的上报一起了结；不勾，最早的一件接着办。"),
    )
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("了结原因")
        verbose_name_plural = _("了结原因")
        ordering = ["order", "pk"]

    def __str__(self):
        return self.text


class StandardCase(Timestamped):
    """立案/结案条件 of a published scheme, with the limit for the repair.

    Cities differ, so every value is editable; a code means nothing without scheme and version.
    """

    class Kind(models.TextChoices):
        """部件 are things, 事件 are events."""

        PART = "part", _("部件")
        EVENT = "event", _("事件")

    class Unit(models.TextChoices):
        """What the limit counts; hazards/deadlines/working_time.py says how."""

        CLOCK_HOURS = "clock_hours", _("紧急工作时")
        WORK_HOURS = "work_hours", _("工作时")
        WORK_DAYS = "work_days", _("工作日")

    scheme = models.CharField(_("标准"), max_length=40)
    version = models.CharField(_("版本"), max_length=20)
    kind = models.CharField(_("大类"), max_length=5, choices=Kind.choices)
    code = models.CharField(_("代码"), max_length=12)
    variant = models.PositiveSmallIntegerField(_("条件序号"), default=1)
    name = models.CharField(_("名称"), max_length=40)
    open_condition = models.CharField(_("立案条件"), max_length=120)
    close_condition = models.CharField(_("结案条件"), max_length=120)
    limit = models.PositiveSmallIntegerField(_("时限"))
    unit = models.CharField(_("单位"), max_length=12, choices=Unit.choices)
    categories = models.ManyToManyField(
        Category, blank=True, related_name="standard_cases", verbose_name=_("对应类别")
    )
    # Who repairs it, in each subdistrict: whoever takes a case on has the telephone at hand.
    organisations = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="standard_cases",
        limit_choices_to={"kind": Organisation.Kind.RESPONSIBLE},
        verbose_name=_("归谁修"),
        help_text=_("每个街道选自己的责任单位。受理时会显示它的电话。"),
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("立案标准")
        verbose_name_plural = _("立案标准")
        ordering = ["kind", "code", "variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "version", "kind", "code", "variant"], name="standard_case_once"
            ),
            models.CheckConstraint(name="standard_case_limit", condition=Q(limit__gt=0)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.code} {self.name}：{self.open_condition}"

    @property
    def limit_words(self):
        """「2 紧急工作时」."""
        return f"{self.limit} {self.get_unit_display()}"


class Symptom(models.Model):
    """情形: one word that a reporter may tap, such as 翘了 for a cover.

    It says which standard the reviewer finds chosen beforehand, and no more.
    """

    category = models.ForeignKey(
        Category, models.CASCADE, related_name="symptoms", verbose_name=_("类别")
    )
    text = models.CharField(_("情形"), max_length=8, help_text=_("上报人点的那个词。"))
    standard_case = models.ForeignKey(
        StandardCase,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("先选上的标准"),
        help_text=_("网格员受理时先选上这一条，可以换。"),
    )
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    is_active = models.BooleanField(_("显示"), default=True)

    class Meta:
        verbose_name = _("情形")
        verbose_name_plural = _("情形")
        ordering = ["category", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "text"],
                name="symptom_once",
                violation_error_message=_("这一类已经有这个词了。"),
            )
        ]

    def __str__(self):
        return self.text

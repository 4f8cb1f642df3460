"""What is said of a thing, of a person, and of an agreement: people are not manholes.

Every sentence of a case that names its repair stands here once for each kind of category.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from hazards.catalogue.models import Category
from yuanhang.core.words import spaced

THING, PERSON, AGREEMENT = Category.Kind.THING, Category.Kind.PERSON, Category.Kind.AGREEMENT

SENTENCES = {
    # Buttons.
    "fix": {THING: _("已修好"), PERSON: _("已联系上"), AGREEMENT: _("已答复")},
    "redo": {
        THING: _("没修好，退回"),
        PERSON: _("没联系上，退回"),
        AGREEMENT: _("没答复好，退回"),
    },
    "reopen": {THING: _("还没修好"), PERSON: _("还没人管"), AGREEMENT: _("还没解决")},
    "end_unrepaired": {THING: _("了结，不修"), PERSON: _("了结"), AGREEMENT: _("了结")},
    # What its reporter is asked when it is done, and the answer that ends it.
    "is_it_done": {
        THING: _("现在修好了吗？"),
        PERSON: _("现在有人管了吗？"),
        AGREEMENT: _("现在解决了吗？"),
    },
    "thanks": {
        THING: _("修好了，谢谢"),
        PERSON: _("有人管了，谢谢"),
        AGREEMENT: _("解决了，谢谢"),
    },
    # What whoever does it is told on the telephone, to be copied.
    "copy_text": {
        THING: _("抄下报修话"),
        PERSON: _("抄下这件的情况"),
        AGREEMENT: _("抄下这件的情况"),
    },
    # The state of an end that nobody brought about.
    "unrepaired": {THING: _("已了结·未修"), PERSON: _("已了结"), AGREEMENT: _("已了结")},
    # The second clock, and what is to be done by then.
    "clock": {THING: _("修复"), PERSON: _("联系上"), AGREEMENT: _("答复")},
    "task": {THING: _("修好"), PERSON: _("联系上"), AGREEMENT: _("给答复")},
    "due": {THING: _("%(when)s修好"), PERSON: _("%(when)s联系上"), AGREEMENT: _("%(when)s给答复")},
    # Steps of the story.
    "fix_title": {
        THING: _("修好了，等核查"),
        PERSON: _("联系上了，等核对"),
        AGREEMENT: _("答复了，等核对"),
    },
    "redo_title": {
        THING: _("没修好，再去修"),
        PERSON: _("没联系上，再去找"),
        AGREEMENT: _("没答复好，再去办"),
    },
    "reopen_title": {
        THING: _("%(who)s说还没修好"),
        PERSON: _("%(who)s说还没人管"),
        AGREEMENT: _("%(who)s说还没解决"),
    },
    "extend_title": {THING: _("修复延期"), PERSON: _("要多等一会儿"), AGREEMENT: _("答复延期")},
    "suspend_title": {
        THING: _("挂起，暂时修不了"),
        PERSON: _("挂起，暂时办不了"),
        AGREEMENT: _("挂起，暂时办不了"),
    },
    "end_title": {THING: _("了结，没有修"), PERSON: _("了结"), AGREEMENT: _("了结")},
    # What the reporter may expect.
    "escalated": {
        THING: _("街道综治中心会派单位来修。"),
        PERSON: _("街道综治中心会安排人去看。"),
        AGREEMENT: _("街道综治中心会给答复。"),
    },
    "dispatched": {
        THING: _("已交给%(organisation)s，修好了告诉你。"),
        PERSON: _("已交给%(organisation)s，联系上了告诉你。"),
        AGREEMENT: _("已交给%(organisation)s，有答复告诉你。"),
    },
    "suspended": {
        THING: _("暂时修不了，原因在经过里。"),
        PERSON: _("暂时办不了，原因在经过里。"),
        AGREEMENT: _("暂时办不了，原因在经过里。"),
    },
    "fixed": {
        THING: _("修好了，网格员再去看一眼。"),
        PERSON: _("联系上了，网格员再核对一下。"),
        AGREEMENT: _("答复了，网格员再核对一下。"),
    },
    "ended": {
        THING: _("了结了，没有修：%(reason)s"),
        PERSON: _("了结了：%(reason)s"),
        AGREEMENT: _("了结了：%(reason)s"),
    },
    # Notices: what follows 「你报的「…」，」, and the sentence below.
    "told_dispatch": {
        THING: _("已经派人去修了"),
        PERSON: _("已经派人去看了"),
        AGREEMENT: _("已经交给人办了"),
    },
    "told_escalate": {
        THING: _("街道综治中心会安排单位来修。"),
        PERSON: _("街道综治中心会安排人去看。"),
        AGREEMENT: _("街道综治中心会给答复。"),
    },
    "told_extend": {
        THING: _("要晚几天修好"),
        PERSON: _("要多等一会儿"),
        AGREEMENT: _("答复要晚些"),
    },
    "told_fix": {THING: _("修好了"), PERSON: _("已联系上"), AGREEMENT: _("有答复了")},
    "told_fix_next": {
        THING: _("网格员再去看一眼就办结。"),
        PERSON: _("网格员再核对一下就办结。"),
        AGREEMENT: _("网格员再核对一下就办结。"),
    },
    "told_close": {THING: _("已经处理好。"), PERSON: _("已经办好。"), AGREEMENT: _("已经办好。")},
    "told_redo": {
        THING: _("还没修好，再去修"),
        PERSON: _("还没联系上，再去找"),
        AGREEMENT: _("还没答复好，再去办"),
    },
    "told_go_on": {THING: _("接着修。"), PERSON: _("接着办。"), AGREEMENT: _("接着办。")},
    "told_resume": {THING: _("接着修了"), PERSON: _("接着办了"), AGREEMENT: _("接着办了")},
    "told_suspend": {THING: _("暂时修不了"), PERSON: _("暂时办不了"), AGREEMENT: _("暂时办不了")},
    "told_end": {THING: _("了结了，没有修"), PERSON: _("了结了"), AGREEMENT: _("了结了")},
    "staff_fix": {
        THING: _("说是修好了，请去看一眼再办结。"),
        PERSON: _("说是联系上了，请核对一下再办结。"),
        AGREEMENT: _("说是答复了，请核对一下再办结。"),
    },
    "staff_extend": {
        THING: _("修复延到%(due)s。"),
        PERSON: _("延到%(due)s联系上。"),
        AGREEMENT: _("答复延到%(due)s。"),
    },
    # To those who followed a case that ended without a repair.
    "first_ended": {
        THING: _("先报的那件了结了，没有修：%(reason)s"),
        PERSON: _("先报的那件了结了：%(reason)s"),
        AGREEMENT: _("先报的那件了结了：%(reason)s"),
    },
    # What passers-by said; a case may have become one about a person since.
    "people_say_done": {
        THING: _("%(n)d 人说已修好"),
        PERSON: _("%(n)d 人说没事了"),
        AGREEMENT: _("%(n)d 人说已解决"),
    },
    "look_again": {
        THING: _("去看一眼，真没修好就在下面重新打开。"),
        PERSON: _("去看一眼，真没人管就在下面重新打开。"),
        AGREEMENT: _("去看一眼，真没解决就在下面重新打开。"),
    },
    # Forms and pictures.
    "photo_after": {THING: _("修好后"), PERSON: _("处理后"), AGREEMENT: _("处理后")},
    # A repair's picture that something newer speaks against, and what is newer.
    "photo_claimed": {THING: _("说修好时"), PERSON: _("上次处理后"), AGREEMENT: _("上次处理后")},
    "photo_since": {THING: _("修好后又拍的"), PERSON: _("后来拍的"), AGREEMENT: _("后来拍的")},
    "photos_after": {
        THING: _("修好后的照片（可不拍）"),
        PERSON: _("照片（可不拍，别拍脸）"),
        AGREEMENT: _("照片（可不拍）"),
    },
    "what_is_wrong": {
        THING: _("哪里还没好"),
        PERSON: _("怎么还没人管"),
        AGREEMENT: _("哪里还没解决"),
    },
    "condition_asked": {
        THING: _("先确认结案条件已经达到，再办结。"),
        PERSON: _("先核对过本人已经联系上，再办结。"),
        AGREEMENT: _("先核对过已经答复，再办结。"),
    },
    "condition_met": {
        THING: _("结案条件已达到"),
        PERSON: _("核对过，本人已经联系上"),
        AGREEMENT: _("核对过，已经答复"),
    },
}


def says(hazard: Any, key: str, **values: Any) -> str:
    """The sentence `key` as it is said of this case."""
    sentence = str(SENTENCES[key][Category.Kind(hazard.category.kind)])
    return spaced(sentence % values) if values else sentence

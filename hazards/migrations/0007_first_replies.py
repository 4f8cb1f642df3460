"""A few sentences to begin with; staff edit them."""

from django.db import migrations

FIRST = {
    "accept": ["马上过去看。", "知道了，今天就去。"],
    "ask_info": ["是路口哪一边？旁边有什么店？", "能再拍一张远一点的吗？"],
    "reject": ["去看过，已经好了，没有再动。", "这处归小区物业管，已经替你转告。"],
    "secure": ["摆了警示桩，先围上了。"],
    "escalate": ["要专业单位来修，报给街道。"],
    "dispatch": ["已经派单，对方在路上。"],
    "extend": ["在等配件。", "天冷上冻，要晚几天。"],
    "suspend": ["上冻了，开春再修。"],
    "fix": ["换了新的，现场也收拾了。"],
    "redo": ["去看过，还没修好。"],
    "close": ["现场看过了，没问题。谢谢你！"],
}


def add(apps, schema_editor):
    """Only into an empty table."""
    model = apps.get_model("hazards", "ReplyTemplate")
    if model.objects.exists():
        return
    for verb, texts in FIRST.items():
        for order, text in enumerate(texts):
            model.objects.create(verb=verb, text=text, order=order)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("hazards", "0006_reply_templates")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

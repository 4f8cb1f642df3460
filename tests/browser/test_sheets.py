"""Style sheets as they are sent mean what they mean as they are written."""

from pathlib import Path

import pytest
from django.conf import settings

from yuanhang.core.static import BundleFinder

# What a custom property holds is kept as it is written, blanks after commas too.
RULES = r"""text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return [...sheet.cssRules].map(rule => rule.cssText.replace(/,\s+/g, ","));
}"""
SHEETS = [name for name in settings.STATIC_BUNDLES if name.endswith(".css")]


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_without_comments_has_the_same_rules(person, name):
    page = person()
    source = Path(settings.STATICFILES_DIRS[0])
    written = "".join((source / part).read_text() for part in settings.STATIC_BUNDLES[name])
    sent = Path(BundleFinder().find(name)).read_text()
    rules = page.evaluate(RULES, written)
    assert len(rules) > 50
    assert page.evaluate(RULES, sent) == rules

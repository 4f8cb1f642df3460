"""What a browser would send of a form on a page: each control with the value that it stands at."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.fields = {}, None
        self.select, self.textarea, self.must_choose = None, None, False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.fields = self.found.setdefault(given.get("action") or "", {})
        if self.fields is None or "disabled" in given:
            return
        name = given.get("name")
        if tag == "input" and name:
            self._input(given, name)
        elif tag == "select":
            self.select, self.must_choose = name, "required" in given
        elif tag == "option" and self.select:
            self._option(given.get("value", ""), "selected" in given)
        elif tag == "textarea" and name:
            self.textarea, self.fields[name] = name, ""

    def _option(self, value, is_selected):
        """The first stands until another is selected; who must choose takes the first that is one.

        The blank one of a browser's list is no choice.
        """
        now = self.fields.get(self.select)
        if is_selected or now is None or (self.must_choose and not now):
            self.fields[self.select] = value

    def _input(self, given, name):
        kind = given.get("type", "text")
        if kind in ("submit", "button", "file", "image"):
            return
        if kind in ("radio", "checkbox") and "checked" not in given:
            return
        self.fields[name] = given.get("value") or ""

    def handle_data(self, data):
        if self.textarea:
            self.fields[self.textarea] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.fields = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.textarea = None


def forms(page):
    """{address: {name: value}} of a page's forms; one value a name is enough for ours."""
    parser = _Forms()
    parser.feed(page)
    return parser.found

"""Addresses nobody was given: no part of a path, however odd, is an error of ours."""

import re
from time import monotonic

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, get_resolver
from django.urls.converters import IntConverter, SlugConverter, StringConverter

ODD = {
    IntConverter: ["0", "9" * 30],
    SlugConverter: ["x" * 300, "-"],
    StringConverter: ["%00", "a%00b", "%F0%9F%90%A7", "%ED%A0%80", "x" * 3000, "..", "%2e%2e%2f"],
}


def patterns(resolver, before=""):
    """(route, converters) of every address, those of the admin included."""
    for part in resolver.url_patterns:
        route = before + str(part.pattern)
        if isinstance(part, URLPattern):
            yield route, part.pattern.converters
        else:
            yield from patterns(part, route)


def odd_addresses():
    """Each address with plain parts, and with one part that is odd and the others plain."""
    for route, _converters in patterns(get_resolver()):
        if "(?P" in route:
            continue
        parts = re.split(r"(<[^>]+>)", re.sub(r"[\^$]", "", route))
        plain = ["1" if part.startswith("<") else part for part in parts]
        yield "/" + "".join(plain)
        for at, part in enumerate(parts):
            if part.startswith("<"):
                kind = part.strip("<>").partition(":")[0] if ":" in part else "str"
                for odd in odd_values(kind):
                    yield "/" + "".join([*plain[:at], odd, *plain[at + 1 :]])


def odd_values(kind):
    by_kind = {"int": IntConverter, "slug": SlugConverter}
    return ODD[by_kind.get(kind, StringConverter)]


@pytest.mark.parametrize("who", [None, "rider", "admin"])
def test_no_odd_part_of_an_address_is_an_error_of_ours(visit, town, who):
    client = visit(getattr(town, who) if who else None)
    addresses, broken = sorted(set(odd_addresses())), []
    for address in addresses:
        try:
            answer = client.get(address)
        except Exception as error:  # what the client raises is a 500
            broken.append((address[:80], type(error).__name__, str(error)[:80]))
            continue
        if answer.status_code >= 500:
            broken.append((address[:80], answer.status_code, ""))
    assert len(addresses) > 100
    assert broken == []


def test_the_admins_way_to_the_site_leads_nowhere_without_failing(visit, town):
    """`/admin/r/` looks for the page of any row of any model."""
    client, seen = visit(town.admin), 0
    for kind in ContentType.objects.all():
        model = kind.model_class()
        row = model._default_manager.first() if model else None
        for key in (row.pk if row else 1, 10**30, "x", "-"):
            answer = client.get(f"/admin/r/{kind.pk}/{key}/")
            assert answer.status_code in (302, 404), (kind, key)
            seen += 1
    assert seen > 100


@pytest.mark.parametrize("charset", ["gbk", "utf-16", "latin-1"])
def test_a_form_in_another_encoding_is_refused_at_once(visit, town, settings, charset):
    settings.DEBUG = settings.DEMO = True
    body = "description=%C4%E3&" + "&".join(f"a{n}=1" for n in range(500))
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    start = monotonic()
    answer = visit(town.rider).post("/hazards/report/", body, content_type=kind)
    assert answer.status_code == 400
    assert "DEBUG" not in answer.content.decode()
    assert monotonic() - start < 3

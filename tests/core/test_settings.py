"""The settings are loud when wrong: a start that must not happen ends with one clear line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "0",
    "DEMO": "0",
    "SECRET_KEY": "0123456789" * 6,
    "ALLOWED_HOSTS": "yuanhang.example",
    "SITE_URL": "https://yuanhang.example",
}


def run(command, folder, environment):
    """A Python process with nothing in its environment but what is given."""
    base = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "yuanhang.settings",
        "VAR_DIR": str(folder),
    }
    return subprocess.run(
        [sys.executable, *command],
        env=base | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(folder, **environment):
    return run(["-c", "import django; django.setup()"], folder, environment)


def read(folder, names, **environment):
    """The values of some settings, one a line, in a process of its own."""
    program = "from django.conf import settings\n"
    program += "\n".join(f"print(settings.{name})" for name in names)
    done = run(["-c", program], folder, environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_behind_a_pooler_nothing_outlives_a_transaction(tmp_path):
    names = [
        "DATABASES['default']['CONN_MAX_AGE']",
        "DATABASES['default'].get('DISABLE_SERVER_SIDE_CURSORS')",
    ]
    url = {"DATABASE_URL": "postgres://yuanhang@127.0.0.1:6432/yuanhang"}
    assert read(tmp_path, names, **PRODUCTION, **url) == ["60", "False"]
    assert read(tmp_path, names, **PRODUCTION, **url, DB_POOLED="1") == ["0", "True"]


def test_a_complete_production_environment_starts(tmp_path):
    done = start(tmp_path, **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"SECRET_KEY": ""}, "With DEBUG off, set SECRET_KEY to a long random text."),
        (
            {"SECRET_KEY": "insecure-yuanhang-demo-key"},
            "With DEBUG off, set SECRET_KEY to a long random text.",
        ),
        ({"SECRET_KEY": "x"}, "With DEBUG off, set SECRET_KEY to a long random text."),
        ({"SECRET_KEY": "k" * 60}, "With DEBUG off, set SECRET_KEY to a long random text."),
        ({"HSTS_PRELOAD": "1"}, "HSTS_PRELOAD needs HSTS_SUBDOMAINS"),
        ({"DEMO": "1"}, "With DEBUG off, demo mode must be off too: set DEMO=0."),
        ({"ALLOWED_HOSTS": ""}, "With DEBUG off, set ALLOWED_HOSTS to the site's host names."),
        ({"ALLOWED_HOSTS": " , "}, "With DEBUG off, set ALLOWED_HOSTS to the site's host names."),
        ({"SITE_URL": ""}, "With DEBUG off, set SITE_URL to the address people open"),
        ({"SITE_URL": " "}, "With DEBUG off, set SITE_URL to the address people open"),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "With DEBUG off, set SITE_URL to the address"),
        ({"SITE_URL": "https://localhost/"}, "With DEBUG off, set SITE_URL to the address people"),
        ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0, not 'maybe'."),
        ({"HTTPS": "2"}, "HTTPS must be 1 or 0, not '2'."),
        ({"STAFF_SESSION_HOURS": "twelve"}, "STAFF_SESSION_HOURS must be a whole number"),
        ({"REMINDER_HOURS": "-1"}, "REMINDER_HOURS must be 0 (no reminder) or more."),
        ({"FAR_AWAY_METRES": "1.5"}, "FAR_AWAY_METRES must be a whole number, not '1.5'."),
        ({"TRUSTED_PROXY_COUNT": "x"}, "TRUSTED_PROXY_COUNT must be a whole number, not 'x'."),
        (
            {"TIANDITU_KEY": "k"},
            "With TIANDITU_KEY, set TIANDITU_NUMBER: the map's 审图号 is shown.",
        ),
        ({"QUEUE_WORKERS": "many"}, "QUEUE_WORKERS must be a whole number, not 'many'."),
    ],
)
def test_a_dangerous_or_mistyped_value_stops_the_start_with_one_clear_line(tmp_path, changes, line):
    done = start(tmp_path, **(PRODUCTION | changes))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {line}")


def test_without_any_environment_it_is_the_demo_on_this_machine(tmp_path):
    names = ["DEBUG", "DEMO", "ALLOWED_HOSTS", "HTTPS", "SMS_GATEWAY", "SITE_URL"]
    assert read(tmp_path, names) == [
        "True",
        "True",
        "['localhost', '127.0.0.1', '[::1]']",
        "False",
        "",
        "http://127.0.0.1:8000",
    ]


def test_production_speaks_https_and_knows_no_demo(tmp_path):
    names = ["DEBUG", "DEMO", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "ALLOWED_HOSTS"]
    environment = PRODUCTION | {"DEMO": "", "ALLOWED_HOSTS": " a.example , b.example "}
    assert read(tmp_path, names, **environment) == [
        "False",
        "False",
        "True",
        "True",
        "['a.example', 'b.example']",
    ]


@pytest.mark.parametrize(
    ("value", "debug"),
    [("1", "True"), ("TRUE", "True"), (" yes ", "True"), ("on", "True"), ("No", "False")],
)
def test_yes_and_no_are_read_in_their_usual_spellings(tmp_path, value, debug):
    environment = PRODUCTION | {"DEBUG": value, "DEMO": "off"}
    assert read(tmp_path, ["DEBUG", "DEMO"], **environment) == [debug, "False"]


def test_tiles_open_the_policy_for_their_hosts_alone(tmp_path):
    names = ["CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']"]
    (usual,) = read(tmp_path, names)
    assert usual == """["'self'", 'data:', 'blob:']"""
    (opened,) = read(tmp_path, names, TIANDITU_KEY="k", TIANDITU_NUMBER="GS(2024)0568号")
    hosts = [f"https://t{n}.tianditu.gov.cn" for n in range(8)]
    assert opened == str(["'self'", "data:", "blob:", *hosts])


# --- checks ---------------------------------------------------------------------------------


def found():
    return {error.id for error in run_checks() if error.id.startswith("yuanhang.")}


def test_the_settings_as_they_are_pass():
    assert found() == set()


@pytest.mark.parametrize("path", ["nowhere.Gateway", "yuanhang.core.sms.NoGateway", "Gateway"])
def test_a_gateway_that_is_nowhere_is_found_at_the_start(settings, path):
    settings.SMS_GATEWAY = path
    assert found() == {"yuanhang.E001"}


def test_the_console_gateway_is_for_developers(settings):
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.ConsoleGateway"
    settings.DEBUG = False
    assert found() == {"yuanhang.E002"}
    settings.DEBUG = True
    assert found() == set()


def test_a_real_gateway_passes(settings):
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.MemoryGateway"
    assert found() == set()


@pytest.mark.parametrize("url", ["", "yuanhang.example", "ftp://yuanhang.example"])
def test_links_in_messages_start_with_an_address(settings, url):
    settings.SITE_URL = url
    assert found() == {"yuanhang.E003"}


def test_the_checks_stop_a_command(tmp_path):
    done = run(
        [str(ROOT / "manage.py"), "check"],
        tmp_path,
        PRODUCTION | {"SITE_URL": "ftp://yuanhang.example"},
    )
    assert done.returncode == 1
    assert "(yuanhang.E003) SITE_URL must start with http:// or https://" in done.stderr

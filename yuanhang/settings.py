"""Settings, all read from the environment; the README explains each variable.

A wrong value stops the start with one line that says what to do.
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from yuanhang.aid_key import own_keys
from yuanhang.environment import env, env_bool, env_int, env_list
from yuanhang.queue_settings import Q_CLUSTER, QUEUE_WORKERS  # noqa: F401 - settings of ours
from yuanhang.static_bundles import STATIC_BUNDLES  # noqa: F401 - a setting of ours

BASE_DIR = Path(__file__).resolve().parent.parent
DEFAULT_SECRET_KEY = "insecure-yuanhang-demo-key"  # noqa: S105 - refused below when DEBUG is off


TESTING = env("YUANHANG_ENV") == "test"
DEBUG = env_bool("DEBUG", not TESTING)
DEMO = env_bool("DEMO", DEBUG)
SECRET_KEY = env("SECRET_KEY", DEFAULT_SECRET_KEY)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
ALLOWED_HOSTS_GIVEN, SITE_URL_GIVEN = bool(ALLOWED_HOSTS), bool(env("SITE_URL"))
if DEBUG and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
if TESTING:
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["testserver", "localhost", "127.0.0.1"]
elif not DEBUG:
    # What Django's own check asks for: 50 characters, 5 of them different.
    if SECRET_KEY == DEFAULT_SECRET_KEY or len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        raise ImproperlyConfigured("With DEBUG off, set SECRET_KEY to a long random text.")
    if DEMO:
        raise ImproperlyConfigured("With DEBUG off, demo mode must be off too: set DEMO=0.")
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("With DEBUG off, set ALLOWED_HOSTS to the site's host names.")
    # Posters and certificates are printed: a link to this machine cannot be called back.
    if urlsplit(env("SITE_URL")).hostname in {None, "localhost", "127.0.0.1", "::1", "0.0.0.0"}:  # noqa: S104 - refused, not listened on
        raise ImproperlyConfigured(
            "With DEBUG off, set SITE_URL to the address people open, such as https://example.org."
        )
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
SITE_URL = env("SITE_URL", f"http://127.0.0.1:{env('PORT', '8000')}").rstrip("/")

VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / "var"))).absolute()

INSTALLED_APPS = [
    "yuanhang.desk.apps.DeskConfig",
    "yuanhang.run",
    "yuanhang.backup.apps.BackupConfig",
    *(["yuanhang.demo"] if DEMO else []),
    "hazards",
    "volunteers",
    "workers",
    "stations",
    "yuanhang.core",
    "yuanhang.desk.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "django_q",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yuanhang.core.middleware.PackedPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "yuanhang.core.middleware.PermissionsPolicyMiddleware",
    "yuanhang.core.outage.OutageMiddleware",
    "yuanhang.core.middleware.KeptAnswersMiddleware",
    "yuanhang.core.middleware.PlainErrorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yuanhang.core.middleware.OddRequestsMiddleware",
    "yuanhang.core.known_devices.KnownDevicesMiddleware",
    "yuanhang.core.middleware.BackToThePageMiddleware",
]

ROOT_URLCONF = "yuanhang.urls"
WSGI_APPLICATION = "yuanhang.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# Our own pack: templates/yuanhang/. A layout that names a field which is not there is a mistake.
CRISPY_ALLOWED_TEMPLATE_PACKS = ["yuanhang"]
CRISPY_TEMPLATE_PACK = "yuanhang"
CRISPY_FAIL_SILENTLY = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yuanhang.core.context.site",
            ],
        },
    },
]

# --- database -------------------------------------------------------------------------------
EMBEDDED_DATABASE = {
    "ENGINE": "yuanhang.postgres",
    "NAME": "yuanhang",
    "OPTIONS": {
        "data_dir": str(VAR_DIR / ("test-postgres" if TESTING else "postgres")),
        "durable": not TESTING,
    },
}
DATABASES = {
    "default": (
        dj_database_url.parse(env("DATABASE_URL"), conn_max_age=60, conn_health_checks=True)
        if env("DATABASE_URL")
        else EMBEDDED_DATABASE | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    )
}
# Behind a pooler that lends a connection for a transaction (PgBouncer) nothing may outlive one: no
# cursor on the server, and no connection kept, which would only take another's place there.
DB_POOLED = env_bool("DB_POOLED", False)
if DB_POOLED:
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "DISABLE_SERVER_SIDE_CURSORS": True}
if TESTING:
    # A live server's threads must not hold the test database open behind the last test.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
# Elsewhere a start waits; pages have a bound of their own, see postgres/bounded_waits.py.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Throttles must count over all processes, so the cache is a table and not a process's memory.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "yuanhang_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Where the queues put how they are, twice a second each: nobody reads it.
    "nowhere": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# --- people ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "yuanhang.User"
AUTHENTICATION_BACKENDS = ["yuanhang.core.accounts.RightsInCodeBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "yuanhang.core.sentences.NotLikeOneself",
        "OPTIONS": {"user_attributes": ("phone", "display_name")},
    },
    {
        "NAME": "yuanhang.core.sentences.LongEnough",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "yuanhang.core.sentences.NotCommon"},
    {"NAME": "yuanhang.core.sentences.NotDigitsAlone"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

SMS_GATEWAY = env("SMS_GATEWAY")  # dotted path of a gateway class; empty: no SMS at all
# What the provider calls our templates: "code=SMS_101,hazards.case=SMS_102".
SMS_TEMPLATES = dict(word.partition("=")[::2] for word in env_list("SMS_TEMPLATES"))
if not all(SMS_TEMPLATES.values()):
    raise ImproperlyConfigured("SMS_TEMPLATES must be like code=SMS_101,notice=SMS_102.")
# So many to one number in a day, and to all together in a month; 0: no limit.
SMS_NUMBER_DAY_MAX = env_int("SMS_NUMBER_DAY_MAX", 10)
SMS_MONTH_MAX = env_int("SMS_MONTH_MAX", 5000)
if SMS_NUMBER_DAY_MAX < 0 or SMS_MONTH_MAX < 0:
    raise ImproperlyConfigured("SMS_NUMBER_DAY_MAX and SMS_MONTH_MAX must be 0 (no limit) or more.")
# For `yuanhang.core.outbox.http_gateway.HttpGateway`: a relay of one's own.
SMS_HTTP_URL = env("SMS_HTTP_URL")
SMS_HTTP_SECRET = env("SMS_HTTP_SECRET")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "yuanhang.core.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = bool(SMS_GATEWAY)
ACCOUNT_LOGIN_BY_CODE_ENABLED = bool(SMS_GATEWAY)
# Without SMS there is no other channel to say "you already have an account", so the form says it;
# guesses are held back by the sign-up throttle.
ACCOUNT_PREVENT_ENUMERATION = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_FORMS = {
    "login": "yuanhang.core.accounts.LoginForm",
    "signup": "workers.forms.SignupForm",
    "change_password": "yuanhang.core.account_forms.ChangePasswordForm",
    "reauthenticate": "yuanhang.core.account_forms.ReauthenticateForm",
    "request_login_code": "yuanhang.core.account_forms.RequestLoginCodeForm",
    "confirm_login_code": "yuanhang.core.account_forms.ConfirmLoginCodeForm",
    "verify_phone": "yuanhang.core.account_forms.VerifyPhoneForm",
    "change_phone": "yuanhang.core.account_forms.ChangePhoneForm",
}
ACCOUNT_SIGNUP_REDIRECT_URL = "workers:welcome"
# Per account ("key") and per device strict, per address generous: a whole station shares one.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "120/m/ip,5/5m/key",
    "login_failed_device": "20/10m/key",
    "signup": "60/h/ip",
    "lookup": "10/10m/key,300/h/ip",
    # A few times a report, and a whole station may share one address.
    "nearby": "600/h/ip",
    "reset_password": "60/h/ip,5/h/key",
    "sighting": "40/10m/user",
    # Taps at the door: a whole station may share one address.
    "fault": "60/h/ip",
    "complaint": "200/h/ip",
    "complaint_device": "10/h/key",
    # Calls for help: a few from a phone, many from a station's address.
    "help": "120/h/ip",
    "help_device": "8/h/key",
    "sms_code": "3/10m/key",
    # Wrong codes of a slip: of one device, and of all that share its network.
    "slip_code": "5/15m/key",
    "slip_code_network": "100/h/ip",
}
# Passkeys wait for pages without inline scripts, which our CSP forbids.
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "庆小驿"
# Clocks differ and thumbs are slow: the code before is taken too, and each code once.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "yuanhang.core.second_factor.AuthenticateForm",
    "reauthenticate": "yuanhang.core.second_factor.ReauthenticateForm",
    "activate_totp": "yuanhang.core.second_factor.ActivateTOTPForm",
}

RIDER_SESSION_DAYS = 90
STAFF_SESSION_HOURS = env_int("STAFF_SESSION_HOURS", 12)
SESSION_COOKIE_AGE = RIDER_SESSION_DAYS * 24 * 3600
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE
SESSION_COOKIE_NAME = "yuanhang_session"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- security -------------------------------------------------------------------------------
HTTPS = env_bool("HTTPS", not (DEBUG or TESTING))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Other names under the same domain are not ours to promise HTTPS for, unless somebody says so.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = env_bool("HSTS_PRELOAD", False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_SUBDOMAINS: browsers list whole domains.")
# What a page of ours may ask the browser for; a stranger's frame in it nothing at all.
PERMISSIONS_POLICY = ", ".join(
    [
        "geolocation=(self)",
        "microphone=(self)",
        "clipboard-write=(self)",
        *(f"{name}=()" for name in ("camera", "payment", "usb", "bluetooth", "display-capture")),
    ]
)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "yuanhang.core.aged_forms.csrf_failure"
# Proxies in front of the server; their X-Forwarded-* headers are believed only then.
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Tiles under our own map; off without a key. Whoever looks at a map then tells that host which part
# of the town, and the law wants the approval number beside the picture.
TIANDITU_KEY = env("TIANDITU_KEY")
TIANDITU_NUMBER = env("TIANDITU_NUMBER")
if TIANDITU_KEY and not TIANDITU_NUMBER:
    raise ImproperlyConfigured("With TIANDITU_KEY, set TIANDITU_NUMBER: the map's 审图号 is shown.")
TILE_HOSTS = [f"https://t{n}.tianditu.gov.cn" for n in range(8)] if TIANDITU_KEY else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *TILE_HOSTS],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
FORMAT_MODULE_PATH = "yuanhang.core.formats"
LANGUAGES = [("zh-hans", _("简体中文"))]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "yuanhang.core.static.LeafletFiles",
    "yuanhang.core.static.BundleFinder",
]
MEDIA_ROOT = VAR_DIR / ("test-media" if TESTING else "media")
# What is being written into it, until its rows are committed: see core/stored_files.
WRITING_NOTES = VAR_DIR / "writing"
MEDIA_URL = "/never-served/"  # private files leave only through views that ask visible_to
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
STORAGES = {
    "default": {"BACKEND": "yuanhang.core.stored_files.whole_files.WholeFileStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if TESTING
            else "yuanhang.core.static.HashedStaticFiles"
        )
    },
}
WHITENOISE_AUTOREFRESH = False
# Pages name hashed files only; the others would be packed for nobody, and take half of the time.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = TESTING
# A location the web server hands files out from (X-Accel-Redirect); empty: Django streams them.
FILES_ACCEL_PREFIX = env("FILES_ACCEL_PREFIX")
# Four photos of 30 MB, a voice note and the text; more is cut off before it fills the disk.
# What a full disk does not take is left out, and the words of the form are read all the same.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "yuanhang.core.uploads.on_their_way.OnDiskHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FILES = 12

# --- backups --------------------------------------------------------------------------------
# The list of what was erased lies there too, also while no backup is made by the schedule.
# Keys of what is confidential (the first one seals, all open); `make run` keeps one in var/.
AID_KEYS = env_list("AID_KEYS") or (own_keys(VAR_DIR) if DEBUG or TESTING else [])
BACKUP_DAILY, BACKUP_KEY = bool(env("BACKUP_DIR")), env("BACKUP_KEY")
BACKUP_DIR = Path(env("BACKUP_DIR", str(VAR_DIR / "backups"))).absolute()
BACKUP_KEEP = env("BACKUP_KEEP", "7,4,12")  # days, weeks, months
RESTORE_TEST_DATABASE_URL = env("RESTORE_TEST_DATABASE_URL")

# --- the operator's name, shown in the footer -----------------------------------------------
SITE_OPERATOR = env("SITE_OPERATOR")
SITE_PHONE = env("SITE_PHONE")
ICP_NUMBER = env("ICP_NUMBER")
POLICE_NUMBER = env("POLICE_NUMBER")

# --- chat robots ----------------------------------------------------------------------------
# Group robots of WeCom stay off until an administrator enters one. They may be on this host only
# (host or host:port); a private deployment may bring the bundle of its own certificate authority.
ROBOT_HOST = env("ROBOT_HOST", "qyapi.weixin.qq.com")
ROBOT_CA_FILE = env("ROBOT_CA_FILE")

# --- places ---------------------------------------------------------------------------------
# A point farther than this from every grid is taken for a mistake (metres).
FAR_AWAY_METRES = env_int("FAR_AWAY_METRES", 20_000)

# --- activities -----------------------------------------------------------------------------
# So many hours before a session those who come are reminded; 0: never.
REMINDER_HOURS = env_int("REMINDER_HOURS", 20)
if REMINDER_HOURS < 0:
    raise ImproperlyConfigured("REMINDER_HOURS must be 0 (no reminder) or more.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
        # A line for each request that waits for a thread would drown the others under load.
        "waitress.queue": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}

"""Django's settings, read from CLOSERLOOK_* variables; all have working defaults and all are checked at start.

CLOSERLOOK_DATA_DIR      folder for the database, the outbox and the secret key (default: ./data)
CLOSERLOOK_DATABASE_URL  sqlite:///path or postgres://user:password@host/name (default: SQLite in the data folder)
CLOSERLOOK_SECRET_KEY    signs sessions and personal links (default: made once, kept in the data folder)
CLOSERLOOK_PROTOCOL      the programme's rules: a shipped name or a .toml file (default: the site's own, else us)
CLOSERLOOK_HOSTS         names the pages may be asked under, comma separated (default: localhost and loopback)
CLOSERLOOK_PUBLIC_URL    how patients reach the pages from outside (default: http://localhost:8000)
CLOSERLOOK_HTTPS         1 where the pages are served over https: cookies then travel nowhere else
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

HERE = Path(__file__).parent
DATA_DIR = Path(os.environ.get("CLOSERLOOK_DATA_DIR") or "data").resolve()


def _secret_key() -> str:
    given = os.environ.get("CLOSERLOOK_SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured("CLOSERLOOK_SECRET_KEY is too short: use at least 32 random characters.")
        return given
    kept = DATA_DIR / "secret_key"
    try:
        DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {DATA_DIR} cannot be written ({error.strerror}). Set CLOSERLOOK_DATA_DIR to one that can."
        ) from error
    key = kept.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise ImproperlyConfigured(
            f"{kept} is damaged: restore it from a backup, or remove it (everyone signs in again)."
        )
    return key


def _database() -> dict[str, Any]:
    url = os.environ.get("CLOSERLOOK_DATABASE_URL") or f"sqlite:///{DATA_DIR / 'closerlook.sqlite3'}"
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            f"CLOSERLOOK_DATABASE_URL cannot be read ({error}); write sqlite:///path."
        ) from error
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE: two writers settle who goes first when they begin, not half-way. FULL: what was acknowledged
        # survives a power cut.
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON",
        }
    elif found["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("CLOSERLOOK_DATABASE_URL names a database that is neither SQLite nor PostgreSQL.")
    found["CONN_MAX_AGE"] = None
    found["CONN_HEALTH_CHECKS"] = True
    return found


SECRET_KEY = _secret_key()
DATABASES = {"default": _database()}
DEBUG = False
HTTPS = os.environ.get("CLOSERLOOK_HTTPS", "") == "1"
_LOCAL = f"http://localhost:{os.environ.get('CLOSERLOOK_PORT') or 8000}"
PUBLIC_URL = (os.environ.get("CLOSERLOOK_PUBLIC_URL") or _LOCAL).rstrip("/")
PROTOCOL = os.environ.get("CLOSERLOOK_PROTOCOL", "")
ALLOWED_HOSTS = [h for h in os.environ.get("CLOSERLOOK_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
if urlsplit(PUBLIC_URL).hostname:
    ALLOWED_HOSTS.append(str(urlsplit(PUBLIC_URL).hostname))
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "closerlook.look",
    "closerlook.record",
    "closerlook.people",
    "closerlook.letters",
    "closerlook.exchange",
    "closerlook.desk",
    "closerlook.portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "closerlook.look.security.ContentPolicy",
    "closerlook.look.language.HerLanguage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "closerlook.urls"
WSGI_APPLICATION = "closerlook.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / app / "templates" for app in ("desk", "portal", "letters")],
        "OPTIONS": {
            "environment": "closerlook.look.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "closerlook.look.language.context",
            ],
        },
    },
]
LOGIN_URL = "desk:sign_in"
LOGIN_REDIRECT_URL = "desk:home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "closerlook.desk.errors.forged"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("ar", "العربية"), ("fr", "Français")]  # a catalogue for each
LOCALE_PATHS = [HERE / "locale"]
HER_PAGES = ("portal",)  # namespaces of addresses whose pages are in the patient's language; all others in English
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = None  # few and small: WhiteNoise serves them from the packages themselves
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}

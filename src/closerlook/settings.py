"""Django's settings, read from CLOSERLOOK_* variables; all have working defaults and all are checked at start.

CLOSERLOOK_DATA_DIR      folder for the database, the outbox and the secret key (default: ./data)
CLOSERLOOK_DATABASE_URL  sqlite:///path or postgres://user:password@host/name (default: SQLite in the data folder)
CLOSERLOOK_SECRET_KEY    signs sessions and personal links (default: made once, kept in the data folder)
CLOSERLOOK_PROTOCOL      the programme's rules: a shipped name or a .toml file (default: the site's own, else us)
CLOSERLOOK_HOSTS         names the pages may be asked under, comma separated (default: localhost and loopback)
CLOSERLOOK_PUBLIC_URL    how patients reach the pages from outside (default: http://localhost:8000)
CLOSERLOOK_HTTPS         1 where the pages are served over https: cookies then travel nowhere else
CLOSERLOOK_VIEWER_URL    address of a study in the unit's viewer, {study} for its UID (default: no link to pictures)
CLOSERLOOK_PROXIES       how many proxies stand in front and write X-Forwarded-For (default: 0, none is believed)

Where the unit has an identity provider of its own (OpenID Connect), people may sign in through it:

CLOSERLOOK_OIDC_ISSUER         its address; without it there is none
CLOSERLOOK_OIDC_CLIENT_ID      under which it knows us, and
CLOSERLOOK_OIDC_CLIENT_SECRET  the secret that goes with it
CLOSERLOOK_OIDC_NAME           what people call it, on the button (default: its host)
CLOSERLOOK_OIDC_CLAIM          which claim is the sign-in name here (default: preferred_username)
CLOSERLOOK_OIDC_SECOND_FACTOR  what proves a second factor there: amr=mfa, or acr=<value>; several, comma separated
                               (default: nothing does, and ours is asked too)
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from closerlook.accounts import oidc

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
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA recursive_triggers=ON"  # a row that REPLACE would put aside is deleted, and that is refused
            ),
        }
    elif found["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("CLOSERLOOK_DATABASE_URL names a database that is neither SQLite nor PostgreSQL.")
    found["CONN_MAX_AGE"] = None
    found["CONN_HEALTH_CHECKS"] = True
    return found


def _viewer_url() -> str:
    """Return the template of a link to the viewer, "" for none. It carries the study's UID and nothing else of hers."""
    url = os.environ.get("CLOSERLOOK_VIEWER_URL", "").strip()
    if not url:
        return ""
    said = f"CLOSERLOOK_VIEWER_URL cannot be used ({url})"
    if url.count("{study}") != 1 or {"{", "}"} & set(url.replace("{study}", "")):
        raise ImproperlyConfigured(
            f"{said}: write {{study}} once, where the Study Instance UID goes, and no other field."
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise ImproperlyConfigured(f"{said}: {error}.") from error
    here = parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
    if not (parts.scheme == "https" or here) or not host or "{study}" in parts.netloc or parts.username is not None:
        raise ImproperlyConfigured(
            f"{said}: write an address that begins with https:// and a host (http:// for this machine alone), no user."
        )
    return url


def _proxies() -> int:
    given = os.environ.get("CLOSERLOOK_PROXIES") or "0"
    if not given.isdecimal() or int(given) > 9:
        raise ImproperlyConfigured(f"CLOSERLOOK_PROXIES is {given!r}: write how many proxies stand in front, 0 to 9.")
    return int(given)


SECRET_KEY = _secret_key()
DATABASES = {"default": _database()}
DEBUG = False
HTTPS = os.environ.get("CLOSERLOOK_HTTPS", "") == "1"
_LOCAL = f"http://localhost:{os.environ.get('CLOSERLOOK_PORT') or 8000}"
PROXIES = _proxies()
OIDC = oidc.read(os.environ)
PUBLIC_URL = (os.environ.get("CLOSERLOOK_PUBLIC_URL") or _LOCAL).rstrip("/")
PROTOCOL = os.environ.get("CLOSERLOOK_PROTOCOL", "")
VIEWER_URL = _viewer_url()
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
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "closerlook.limits",
    "closerlook.look",
    "closerlook.record",
    "closerlook.people",
    "closerlook.visits",
    "closerlook.letters",
    "closerlook.exchange",
    "closerlook.accounts",
    "closerlook.desk",
    "closerlook.portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "closerlook.look.security.ContentPolicy",
    "closerlook.look.security.NoNul",
    "closerlook.look.language.HerLanguage",
    "closerlook.accounts.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "closerlook.accounts.sessions.Doorkeeper",
]
ROOT_URLCONF = "closerlook.urls"
WSGI_APPLICATION = "closerlook.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / app / "templates" for app in ("desk", "accounts", "portal", "letters")],
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
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# For the things that must be known to every process: a one-time code that was used, above all.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_cache"}}

# Signing in (allauth): a name and a password, passkeys, one-time codes. How long it holds: accounts/sessions.py; after
# how many wrong tries it is closed: limits/counting.py.
ACCOUNT_ADAPTER = "closerlook.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # ours are exact over several processes, allauth's are not
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_FORMS = {
    "login": "closerlook.accounts.forms.SignInForm",
    "change_password": "closerlook.accounts.forms.ChangePasswordForm",
}
MFA_ADAPTER = "closerlook.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "closerlook.accounts.forms.CodeForm",
    "activate_totp": "closerlook.accounts.forms.FirstCodeForm",
    "add_webauthn": "closerlook.accounts.forms.PasskeyForm",
    "login_webauthn": "closerlook.accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "closerlook.accounts.forms.SecondPasskeyForm",
}
MFA_RATE_LIMITS = False
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # half a minute either way, for clocks that differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody has a mail address here
SOCIALACCOUNT_ADAPTER = "closerlook.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = OIDC.apps() if OIDC else {}
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# Only over https can a cookie be held to this very host; elsewhere a browser would refuse the name.
_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST}desk"
HER_COOKIE_NAME = f"{_HOST}hers"
CSRF_COOKIE_NAME = f"{_HOST}form"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Lax"  # strict, it would be made anew by every link from elsewhere, and open forms would expire
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # other services of the unit may share its name
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and PROXIES else None
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

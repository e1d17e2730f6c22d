"""Every setting of an installation, read from the environment. docs/configuration.md is the list for operators."""

import hashlib
import logging
from pathlib import Path

from config import env
from config.logs import logging_settings
from config.master_key import read_or_make

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where things are -------------------------------------------------------------------------------------------------

VAR = Path(env.text("KEELWAY_VAR", str(BASE_DIR / "var"))).absolute()
PORT = env.integer("KEELWAY_PORT", 8000, least=1, most=65535)
PUBLIC_URL = env.text("KEELWAY_URL", f"http://localhost:{PORT}").rstrip("/")


def _redis_url() -> str:
    given = env.secret("REDIS_URL")
    if given:
        return given
    own = VAR / "redis.url"  # written by bin/up, which starts a Redis of its own
    return own.read_text().strip() if own.exists() else "redis://127.0.0.1:6379/0"


REDIS_URL = _redis_url()
DATABASES = {"default": env.database(env.secret("DATABASE_URL"), VAR / "keelway.sqlite3")}

# --- keys -------------------------------------------------------------------------------------------------------------

VAR.mkdir(parents=True, exist_ok=True, mode=0o700)
# Encrypts what the vault keeps. Outside the database on purpose: a copy of the database opens nothing.
MASTER_KEY = env.secret("KEELWAY_MASTER_KEY") or read_or_make(VAR / "master.key")
SECRET_KEY = env.secret("KEELWAY_SECRET_KEY") or read_or_make(VAR / "django.key")
# Labels all that we make in Docker. Derived from what every process of an installation shares.
INSTALLATION = hashlib.sha256(b"keelway installation" + MASTER_KEY.encode()).hexdigest()[:12]

# --- what is allowed --------------------------------------------------------------------------------------------------

DEBUG = env.flag("KEELWAY_DEBUG")
ALLOW_LOCAL_GIT = env.flag("KEELWAY_ALLOW_LOCAL_GIT")
# Not restricted by default: the address under which people will reach a new server is not known when it starts, and
# no link is ever built from the Host header, only from KEELWAY_URL.
ALLOWED_HOSTS = env.names("KEELWAY_ALLOWED_HOSTS", "*")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *env.names("KEELWAY_TRUSTED_ORIGINS")]

# --- limits -----------------------------------------------------------------------------------------------------------

SLOTS = env.integer("KEELWAY_SLOTS", 2, least=1, most=256)
HTTP_THREADS = env.integer("KEELWAY_HTTP_THREADS", 16, least=2, most=256)
HTTP_QUEUE = env.integer("KEELWAY_HTTP_QUEUE", 256, least=0, most=10_000)
WEBHOOK_MAX_BYTES = env.integer("KEELWAY_WEBHOOK_MAX_BYTES", 25 * 1024**2, least=1024, most=100 * 1024**2)
DELIVERIES_KEPT = env.integer("KEELWAY_DELIVERIES_KEPT", 1000, least=10, most=1_000_000)
LEASE_SECONDS = env.integer("KEELWAY_LEASE_SECONDS", 20, least=2, most=3600)
CANCEL_GRACE_SECONDS = env.integer("KEELWAY_CANCEL_GRACE_SECONDS", 10, least=1, most=600)
SWEEP_SECONDS = env.integer("KEELWAY_SWEEP_SECONDS", 5, least=1, most=300)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Docker -----------------------------------------------------------------------------------------------------------

DOCKER_HOST = env.text("DOCKER_HOST")  # empty: the local engine

# --- Django -----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "accounts",
    "events",
    "vault",
    "projects",
    "builds",
    "pipelines",
    "monitoring",
    "config",
]

MIDDLEWARE = [
    "config.connections.HandBack",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False  # the REST API answers with and without; pages have one form each

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
            ],
            "builtins": ["config.templatetags.keelway"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # served from the checkout: nothing to collect, nothing to forget
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0  # asked again each time and answered with 304: after an upgrade no page mixes old and new

# --- people -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("KEELWAY_TRUSTED_PROXIES", 0, most=10)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
if SESSION_COOKIE_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Two installations on one machine share the host name, and cookies do not know ports.
SESSION_COOKIE_NAME = f"keelway_{PORT}"
CSRF_COOKIE_NAME = f"keelway_csrf_{PORT}"

# --- security headers -------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", "ws:", "wss:"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- background work --------------------------------------------------------------------------------------------------

_patience = {
    "socket_connect_timeout": 3,
    "socket_timeout": 30,
    "socket_keepalive": True,
    # Whoever rings the doorbell does not wait for somebody to mend it: a sweep rings again.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = _patience
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"builds.tasks.run_job": {"queue": "jobs"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE = {
    "sweep-builds": {"task": "builds.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "sweep-deliveries": {
        "task": "pipelines.tasks.sweep_deliveries",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "clean-up": {"task": "builds.tasks.clean_up", "schedule": 60.0, "options": {"expires": 60}},
    "prune-events": {"task": "events.tasks.prune", "schedule": 3600.0, "options": {"expires": 3600}},
}

CHANNEL_LAYERS = {
    "default": {
        # The pub/sub layer: the other one closes sockets that stay idle for five seconds with redis-py 8.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": f"keelway{PORT}"},
    }
}

# --- REST -------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "config.rest.Pagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.rest.Json"],
    "DEFAULT_METADATA_CLASS": None,  # what OPTIONS would tell stands in the schema
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.problems.problem",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Keelway",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Everything that Keelway's pages do, for scripts.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["config.schema.one_form_of_each_path"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.schema.problems_and_strictness"],
    "ENUM_NAME_OVERRIDES": {
        "State": "builds.states.State",
        "Role": "accounts.roles.Role",
        "Reach": "projects.models.Project.Reach",
        "Verdict": "pipelines.models.Delivery.Verdict",
        "Trigger": "builds.models.Build.Trigger",
        "Access": "accounts.models.ApiToken.Access",
    },
}

# --- logs -------------------------------------------------------------------------------------------------------------

LOG_FORMAT = env.choice("KEELWAY_LOG_FORMAT", "console", ("console", "json"))
LOG_LEVEL = env.choice("KEELWAY_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_settings(LOG_FORMAT, LOG_LEVEL)
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, when it is finished

"""Settings, one class per place the workbench runs; any of them can be set as WORKBENCH_<NAME> in the environment."""


class Default:
    """One person or a small team on one machine, SQLite, loopback."""

    BOOTSTRAP_SERVE_LOCAL = True
    MAX_CONTENT_LENGTH = 200 * 1024 * 1024
    MAX_PDF_BYTES = 100 * 1024 * 1024
    MAX_PDF_PAGES = 2000
    FILES_URL = ""  # where files lie: empty for the folder beside the database, else s3://bucket/prefix?endpoint=…
    MAX_FORM_MEMORY_SIZE = 4 * 1024 * 1024
    MAX_FORM_PARTS = 10_000
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_NAME = "workbench"
    REMEMBER_COOKIE_SAMESITE = "Lax"
    WTF_CSRF_TIME_LIMIT = None
    LANGUAGES = ("en",)
    BEHIND_PROXY = False
    LEASE_SECONDS = 15


class Testing(Default):
    """The test suite: cheap passwords, no waiting."""

    TESTING = True
    SECRET_KEY = "only for tests"  # noqa: S105
    LEASE_SECONDS = 1
    SECURITY_PASSWORD_HASH = "plaintext"  # noqa: S105
    SECURITY_PASSWORD_SCHEMES = ["plaintext"]  # noqa: RUF012

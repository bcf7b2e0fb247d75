from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Signing in: who somebody is, how they prove it, and how long that holds."""

    name = "closerlook.accounts"
    label = "accounts"

    def ready(self) -> None:
        from closerlook.accounts import hearing  # noqa: F401  what allauth and Django tell of is heard from now on

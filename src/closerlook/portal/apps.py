from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "closerlook.portal"
    label = "portal"

    def ready(self) -> None:
        from closerlook.portal.quiet_logs import keep_quiet

        keep_quiet()

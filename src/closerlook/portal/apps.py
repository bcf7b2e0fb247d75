from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "closerlook.portal"
    label = "portal"

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "closerlook.limits"
    label = "limits"

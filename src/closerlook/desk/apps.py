from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "closerlook.desk"
    label = "desk"

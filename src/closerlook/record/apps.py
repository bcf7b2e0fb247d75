from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "closerlook.record"
    label = "record"

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "closerlook.people"
    label = "people"

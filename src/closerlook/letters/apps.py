from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "closerlook.letters"
    label = "letters"

"""Lets Django find the style sheet of this package."""

from django.apps import AppConfig


class LookConfig(AppConfig):
    """The look of every page; it stores nothing."""

    name = "closerlook.look"
    label = "look"
    verbose_name = "Look"

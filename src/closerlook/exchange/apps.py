from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "closerlook.exchange"
    label = "exchange"

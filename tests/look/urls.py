"""Two addresses for pages that the tests render."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("patients/<int:number>/", lambda request, number: HttpResponse(), name="patient"),
    path("calls/", lambda request: HttpResponse(), name="calls"),
]

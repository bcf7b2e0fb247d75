"""The addresses of her page, mounted at "my/". Only the first of a visit holds a token; it is in none of the others."""

from django.urls import path, re_path

from closerlook.portal import leaning, notebook, sharing, views, visits, wishes

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("birth-date/", views.birth_date, name="birth_date"),
    path("code/", views.code, name="code"),
    path("code/send/", views.send_code, name="send_code"),
    path("result/<str:exam>/open/", views.open_result, name="open_result"),
    path("result/<str:exam>/print/", views.print_result, name="print"),
    path("call/", views.call, name="call"),
    path("round/<str:episode>/confirm/", views.confirm_visit, name="confirm_visit"),
    path("round/<str:episode>/go-on/", views.go_on, name="go_on"),
    path("round/<str:episode>/visit.ics", visits.calendar, name="calendar"),
    path("round/<str:episode>/not-today/", visits.not_today, name="not_today"),
    path("round/<str:episode>/change/", visits.change, name="change"),
    path("round/<str:episode>/older-pictures/", visits.older, name="older"),
    path("notebook/", notebook.notebook, name="notebook"),
    path("notebook/add/", notebook.add, name="add_note"),
    path("notebook/add-relative/", notebook.add_relative, name="add_relative"),
    path("notebook/<str:what>/<int:number>/remove/", notebook.remove, name="remove_note"),
    path("notebook/share/", notebook.share, name="share_notes"),
    path("notebook/unshare/", notebook.unshare, name="unshare_notes"),
    path("support/", leaning.support, name="support"),
    path("support/<str:name>/", leaning.exercise, name="exercise"),
    path("share/", sharing.share, name="share"),
    path("share/<int:number>/end/", sharing.revoke, name="revoke_share"),
    path("shared/", sharing.shared, name="shared"),
    re_path(r"^shared/(?P<token>[0-9A-Za-z-]{16,64})/$", sharing.follow, name="shared_link"),
    path("wishes/", wishes.wishes, name="wishes"),
    path("wishes/reach/", wishes.reach, name="reach"),
    path("wishes/details/", wishes.details, name="details"),
    path("wishes/wait/", wishes.wait, name="wait"),
    path("wishes/copies/", wishes.copies, name="copies"),
    path("leave/", views.leave, name="leave"),
    re_path(r"^(?P<token>[0-9A-Za-z-]{16,64})/$", views.link, name="link"),
]

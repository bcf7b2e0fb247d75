"""The addresses of signing in and of one's own account, and no others of allauth's: it asks for them by its names."""

from django.urls import path, re_path

from closerlook.accounts import oidc, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/second-factor/", views.second_factor, name="mfa_authenticate"),
    path("sign-in/passkey/", views.passkey_sign_in, name="mfa_login_webauthn"),
    path("sign-in/elsewhere/", views.with_provider, name="with_provider"),
    re_path(
        rf"^sign-in/elsewhere/(?P<provider_id>{oidc.PROVIDER})/$",
        views.provider_answers,
        name="openid_connect_callback",
    ),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("again/", views.again, name="account_reauthenticate"),
    path("account/", views.own_account, name="mfa_index"),
    path("account/password/", views.password, name="account_change_password"),
    path("account/app/", views.app, name="mfa_activate_totp"),
    path("account/app/remove/", views.remove_app, name="mfa_deactivate_totp"),
    path("account/passkey/", views.new_passkey, name="mfa_add_webauthn"),
    path("account/passkey/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("account/recovery-codes/", views.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", views.new_recovery_codes, name="mfa_generate_recovery_codes"),
]

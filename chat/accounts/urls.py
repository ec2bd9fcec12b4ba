"""Everything about one's own account, under /accounts/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.account, name="account"),
    path("sign-up/", views.SignUp.as_view(), name="sign_up"),
    path("log-in/", views.LogIn.as_view(), name="log_in"),
    path("log-out/", views.LogOut.as_view(), name="log_out"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("reset/", views.PasswordReset.as_view(), name="password_reset"),
    path("reset/sent/", views.PasswordResetSent.as_view(), name="password_reset_done"),
    path("reset/confirm/", views.PasswordResetConfirm.as_view(), name="password_reset_confirm"),
    path("email/", views.Email.as_view(), name="account_email"),
    path("email/confirm/", views.EmailConfirm.as_view(), name="account_email_confirm"),
    path("claim/", views.claim_rooms, name="account_claim"),
    path("export/", views.export_account, name="account_export"),
    path("delete/", views.Delete.as_view(), name="account_delete"),
]

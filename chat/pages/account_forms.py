"""The forms of the account pages."""

from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..limits import NAME_MAX
from ..models.participant import clean_participant_name, is_claimed


def _ask_in_short(form: forms.BaseForm, first: str, second: str) -> None:
    """Django's list of rules in one line: who breaks one is told which."""
    form.fields[first].help_text = _("At least 8 characters, not a common one and not only digits.")
    form.fields[second].label = _("The same once more")
    form.fields[second].help_text = ""


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_in_short(self, "new_password1", "new_password2")


class OtherPasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_in_short(self, "new_password1", "new_password2")


class SignUpForm(BaseUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username = self.fields["username"]
        username.widget.attrs["maxlength"] = NAME_MAX
        username.help_text = _("Letters, digits and @ . + - _")
        self.fields["email"].help_text = _("Optional. Only for a new password, if you forget yours.")
        _ask_in_short(self, "password1", "password2")

    def clean_username(self) -> str:
        """Neither a username nor the name of another account is one that it can be taken for."""
        username: str = self.cleaned_data["username"]
        clean_participant_name(username)
        if is_claimed(username) or User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Somebody has this name, or one that looks like it."), code="name_taken")
        return username


class NameForm(forms.Form):
    """Whether the name may be taken is the journal's to say."""

    name = forms.CharField(
        label=_("Your name in rooms"),
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )


class PasswordAskedForm(forms.Form):
    """What it does needs more than an open browser."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."), code="password_incorrect")
        return password


class EmailForm(PasswordAskedForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("Empty: none. Without one a forgotten password cannot be replaced."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("email", "password")


class DeleteForm(PasswordAskedForm):
    messages = forms.ChoiceField(
        label=_("What you have said"),
        choices=[
            ("stay", _("stays in the rooms, under “Deleted account”")),
            ("go", _("goes: “This message was deleted” stands in its place")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("messages", "password")

from typing import Any

from django import forms

from accounts.models import ApiToken

LASTS = [("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("0", "Until it is revoked")]


_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="What it is for, so that you know later which one to revoke.")
    access = forms.ChoiceField(choices=ApiToken.Access.choices, initial=ApiToken.Access.WRITE)
    days = forms.ChoiceField(label="Lasts", choices=LASTS, initial="90")


class PersonForm(forms.Form):
    username = forms.CharField(label="User name", max_length=150, widget=forms.TextInput(attrs=_PLAIN))
    email = forms.EmailField(label="E-mail address", required=False, widget=forms.EmailInput(attrs=_PLAIN))
    administrator = forms.BooleanField(label="Administrator", required=False)


def tidy(form: Any) -> Any:
    """Django's own password forms, with what phones and password managers want to know."""
    for name, field in form.fields.items():
        field.widget.attrs.setdefault("autocomplete", "current-password" if name == "old_password" else "new-password")
    return form

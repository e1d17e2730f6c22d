from django.urls import path

from accounts.views import entrance, people, tokens

app_name = "accounts"

urlpatterns = [
    path("sign-in/<str:key>/", entrance.sign_in_once, name="sign_in_once"),
    path("you/password/", entrance.password, name="password"),
    path("you/tokens/", tokens.tokens, name="tokens"),
    path("you/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("people/", people.people, name="people"),
    path("people/<int:person_id>/link/", people.link, name="person_link"),
    path("people/<int:person_id>/activity/", people.activity, name="person_activity"),
    # allauth has pages of its own for these, which ask for the old password of someone who came by a link.
    path("accounts/password/set/", entrance.password),
    path("accounts/password/change/", entrance.password),
]

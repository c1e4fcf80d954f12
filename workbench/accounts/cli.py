"""`workbench tokens`: tokens by which programs act as a person, made and revoked on the host."""

import json

import click

from workbench.accounts.rules import TOKEN_DAYS, Scope
from workbench.words import _

USER = click.option("--user", required=True, metavar="EMAIL", help="Whose: the address the person signs in with.")


@click.group()
def tokens() -> None:
    """Tokens by which programs act as a person."""


@tokens.command("create")
@USER
@click.option("--name", required=True, help="What uses it, such as “reading script on my laptop”.")
@click.option("--scope", type=click.Choice([scope.value for scope in Scope]), default=Scope.READ.value,
              show_default=True, help="What it may do, and never more than the person.")  # fmt: skip
@click.option("--days", type=click.Choice([str(days) for days in TOKEN_DAYS]), default="30", show_default=True,
              help="How long it lives.")  # fmt: skip
def create(user: str, name: str, scope: str, days: str) -> None:
    """Make a token and print it, this once."""
    from workbench.accounts import queries, service
    from workbench.db import house

    sessions, _folder = house()
    with sessions.write.begin() as session:
        _token, secret = service.make_token(session, queries.person(session, user), name, Scope(scope), int(days))
    click.echo(secret)
    click.echo(_("Keep it like a password: it is not shown again."), err=True)


@tokens.command("list")
@USER
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def list_tokens(user: str, as_json: bool) -> None:
    """List a person's tokens that were not revoked, newest first; tabs between."""
    from workbench.accounts import queries
    from workbench.db import house

    sessions, _folder = house()
    with sessions.read() as session:
        found = [
            {
                "name": one.name,
                "scope": one.scope.value,
                "made": one.made_at.date().isoformat(),
                "expires": one.expires_at.date().isoformat(),
                "last_used": one.last_used_at.date().isoformat() if one.last_used_at else None,
            }
            for one in queries.tokens_of(session, queries.person(session, user).id)
        ]
    rows = ["\t".join(str(value or "-") for value in one.values()) for one in found]
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else "\n".join(rows))


@tokens.command("revoke")
@click.argument("name")
@USER
def revoke(name: str, user: str) -> None:
    """Take the token of this name back; it opens nothing from here on."""
    from workbench.accounts import queries, service
    from workbench.db import house

    sessions, _folder = house()
    with sessions.write.begin() as session:
        person = queries.person(session, user)
        token = service.token_named(session, person, name)
        service.revoke_token(session, person, token.id)
    click.echo(_("“%(name)s” is revoked.", name=name))

"""Pages around signing in that are not Flask-Security's own."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import hash_password, login_user
from werkzeug import Response

from workbench.accounts import service
from workbench.web.access import public
from workbench.web.transactions import current_session, transaction

bp = Blueprint("accounts", __name__)


@bp.get("/welcome/<token>")
@public
def welcome(token: str) -> str:
    """Show the first lead the form by which they sign up."""
    service.find_first_link(current_session(), token)
    return render_template("accounts/welcome.html", token=token, invitation=None)


@bp.post("/welcome/<token>")
@public
def sign_up(token: str) -> Response:
    """Sign the first lead up and in."""
    form = request.form
    with transaction() as session:
        service.use_first_link(session, token)
        password = form.get("password", "")
        user = service.sign_up(session, form.get("name", ""), form.get("email", ""), password, hash_password(password))
        login_user(user)
    return redirect(url_for("reviews.home"), 303)


@bp.post("/settings/theme")
@public
def set_theme() -> Response:
    """Keep how the reader wants the pages: as the system, light or dark."""
    wish = request.form.get("theme", "auto")
    back = request.form.get("back", "")
    answer = redirect(back if _is_here(back) else url_for("reviews.home"), 303)
    answer.set_cookie("theme", wish if wish in {"auto", "light", "dark"} else "auto", samesite="Lax", max_age=31536000)
    return answer


def _is_here(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))

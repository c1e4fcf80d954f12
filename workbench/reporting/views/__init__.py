"""Pages that tell where a review stands: its home page, the flow diagram with the records behind it, the trail."""

from flask import Blueprint

from workbench.reporting.views.flow import box, box_file, prisma, prisma_file
from workbench.reporting.views.overview import overview
from workbench.reporting.views.trail import trail, verify_trail

bp = Blueprint("reporting", __name__)

bp.add_url_rule("/reviews/<slug>/", view_func=overview)
bp.add_url_rule("/reviews/<slug>/prisma", view_func=prisma)
bp.add_url_rule("/reviews/<slug>/prisma.<kind>", view_func=prisma_file)
bp.add_url_rule("/reviews/<slug>/prisma/<path:key>", view_func=box)
bp.add_url_rule("/reviews/<slug>/prisma/<path:key>/records.<writer>", view_func=box_file)
bp.add_url_rule("/reviews/<slug>/trail", view_func=trail)
bp.add_url_rule("/reviews/<slug>/trail/verify", view_func=verify_trail, methods=["POST"])

"""Pages that tell where a review stands: its home page, the flow diagram with the records behind it, the trail."""

from flask import Blueprint

from workbench.reporting.views import flow, overview, trail

bp = Blueprint("reporting", __name__)

bp.add_url_rule("/reviews/<slug>/", view_func=overview.overview)
bp.add_url_rule("/reviews/<slug>/prisma", view_func=flow.prisma)
bp.add_url_rule("/reviews/<slug>/prisma.<kind>", view_func=flow.prisma_file)
bp.add_url_rule("/reviews/<slug>/prisma/<path:key>", view_func=flow.box)
bp.add_url_rule("/reviews/<slug>/prisma/<path:key>/records.csv", view_func=flow.box_file)
bp.add_url_rule("/api/v1/reviews/<slug>/prisma", view_func=flow.prisma_json)
bp.add_url_rule("/reviews/<slug>/trail", view_func=trail.trail)
bp.add_url_rule("/reviews/<slug>/trail/verify", view_func=trail.verify_trail, methods=["POST"])

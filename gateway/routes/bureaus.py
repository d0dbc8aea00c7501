"""The authorities that act in the system."""

from __future__ import annotations

from typing import Any

from gateway.access import allow
from gateway.blueprint import Blueprint
from gateway.language import localised
from services.contracts.gateway import BureauTree
from services.policy.bureaus import bureau_tree

blueprint = Blueprint("bureaus", __name__, url_prefix="/api/v1", description="主管部门 bureaus")


@blueprint.route("/bureaus", methods=["GET"])
@allow()
@blueprint.response(200, BureauTree)
def bureaus() -> Any:
    """主管部门树：层级、代码、名称 · The tree of bureaus: tiers, codes, names."""
    return localised(bureau_tree())

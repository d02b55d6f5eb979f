"""API operations on safety rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.twin.aws.routing_control.control_plane.config_state import ConfigState
from leeward.twin.aws.routing_control.state.routing_resource_factory import make_rule
from leeward.twin.aws.routing_control.state.routing_resources import SafetyRule, SafetyRuleConfig
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_control_config.type_defs import (
        CreateSafetyRuleRequestTypeDef,
        DeleteSafetyRuleRequestTypeDef,
        DescribeSafetyRuleRequestTypeDef,
        ListSafetyRulesRequestTypeDef,
        NewAssertionRuleTypeDef,
        NewGatingRuleTypeDef,
        RuleConfigTypeDef,
        UpdateSafetyRuleRequestTypeDef,
    )


class SafetyRuleOperations(ConfigState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def create_safety_rule(self, params: CreateSafetyRuleRequestTypeDef) -> OperationResult:
        """Implement CreateSafetyRule. The request contains exactly one assertion or gating rule."""
        assertion, gating = params.get("AssertionRule"), params.get("GatingRule")
        if assertion is not None and gating is None:
            rule = self._create_assertion_rule(assertion)
        elif gating is not None and assertion is None:
            rule = self._create_gating_rule(gating)
        else:
            raise ValidationException("exactly one of AssertionRule and GatingRule is needed")
        self.state.tags[rule.arn] = dict(params.get("Tags", {}))
        return self._rule_result(rule)

    def describe_safety_rule(self, params: DescribeSafetyRuleRequestTypeDef) -> OperationResult:
        """Implement DescribeSafetyRule."""
        return self._rule_result(self.get_rule(params["SafetyRuleArn"]))

    def list_safety_rules(self, params: ListSafetyRulesRequestTypeDef) -> OperationResult:
        """Implement ListSafetyRules for a control panel."""
        panel = self.get_panel(params["ControlPanelArn"])
        rules = [r for r in self.state.rules.values() if r.panel_arn == panel.arn]
        page, token = paginate(rules, lambda r: r.arn, params.get("NextToken"), params.get("MaxResults"))
        items = [{rule.kind: self._rule_view(rule)} for rule in page]
        return {"SafetyRules": items, "NextToken": token} if token else {"SafetyRules": items}

    def update_safety_rule(self, params: UpdateSafetyRuleRequestTypeDef) -> OperationResult:
        """Implement UpdateSafetyRule, which changes the name and the wait period."""
        update = params.get("AssertionRuleUpdate") or params.get("GatingRuleUpdate")
        if update is None:
            raise ValidationException("one of AssertionRuleUpdate and GatingRuleUpdate is needed")
        rule = self.get_rule(update["SafetyRuleArn"])
        rule.name, rule.wait_period_ms = update["Name"], update["WaitPeriodMs"]
        return self._rule_result(rule)

    def delete_safety_rule(self, params: DeleteSafetyRuleRequestTypeDef) -> OperationResult:
        """Implement DeleteSafetyRule."""
        del self.state.rules[self.get_rule(params["SafetyRuleArn"]).arn]
        return {}

    def _create_assertion_rule(self, request: NewAssertionRuleTypeDef) -> SafetyRule:
        panel_arn = request["ControlPanelArn"]
        asserted = self._require_known_controls(request["AssertedControls"], panel_arn)
        return make_rule(
            self.state,
            request["Name"],
            panel_arn,
            "ASSERTION",
            condition_controls=asserted,
            config=_read_rule_config(request["RuleConfig"], len(asserted)),
            wait_period_ms=request["WaitPeriodMs"],
        )

    def _create_gating_rule(self, request: NewGatingRuleTypeDef) -> SafetyRule:
        panel_arn = request["ControlPanelArn"]
        gates = self._require_known_controls(request["GatingControls"], panel_arn)
        return make_rule(
            self.state,
            request["Name"],
            panel_arn,
            "GATING",
            condition_controls=gates,
            config=_read_rule_config(request["RuleConfig"], len(gates)),
            targets=self._require_known_controls(request["TargetControls"], panel_arn),
            wait_period_ms=request["WaitPeriodMs"],
        )

    def _require_known_controls(self, arns: Sequence[str], panel_arn: str) -> list[str]:
        """Return `arns`. Raises ValidationException: the operation's model has no ResourceNotFoundException."""
        for arn in arns:
            control = self.state.controls.get(arn)
            if control is None or control.panel_arn != panel_arn:
                raise ValidationException(f"{arn} is not a routing control of {panel_arn}")
        return list(arns)

    def _rule_result(self, rule: SafetyRule) -> OperationResult:
        return {"AssertionRule" if rule.kind == "ASSERTION" else "GatingRule": self._rule_view(rule)}

    def _rule_view(self, rule: SafetyRule) -> dict[str, object]:
        common: dict[str, object] = {
            "SafetyRuleArn": rule.arn,
            "ControlPanelArn": rule.panel_arn,
            "Name": rule.name,
            "RuleConfig": {
                "Type": rule.config.kind,
                "Threshold": rule.config.threshold,
                "Inverted": rule.config.inverted,
            },
            "Status": rule.status(self.state.now()),
            "WaitPeriodMs": rule.wait_period_ms,
            "Owner": self.account_id,
        }
        if rule.kind == "ASSERTION":
            return {**common, "AssertedControls": list(rule.condition_controls)}
        return {**common, "GatingControls": list(rule.condition_controls), "TargetControls": list(rule.targets)}


def _read_rule_config(request: RuleConfigTypeDef, controls: int) -> SafetyRuleConfig:
    if request["Type"] == "ATLEAST" and not 0 < request["Threshold"] <= controls:
        raise ValidationException(f"Threshold {request['Threshold']} does not fit {controls} controls")
    return SafetyRuleConfig(request["Type"], request["Threshold"], request["Inverted"])

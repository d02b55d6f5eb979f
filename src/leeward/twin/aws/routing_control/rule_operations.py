"""Operations on safety rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer, ValidationException
from leeward.twin.aws.routing_control.config_state import ConfigState
from leeward.twin.aws.routing_control.make import make_rule
from leeward.twin.aws.routing_control.model import RuleConfig, SafetyRule

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


class RuleOperations(ConfigState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def create_safety_rule(self, params: CreateSafetyRuleRequestTypeDef) -> Answer:
        """CreateSafetyRule: an assertion or a gating rule, exactly one."""
        assertion, gating = params.get("AssertionRule"), params.get("GatingRule")
        if assertion is not None and gating is None:
            rule = self._assertion(assertion)
        elif gating is not None and assertion is None:
            rule = self._gating(gating)
        else:
            raise ValidationException("exactly one of AssertionRule and GatingRule is needed")
        self.state.tags[rule.arn] = dict(params.get("Tags", {}))
        return self._answer(rule)

    def describe_safety_rule(self, params: DescribeSafetyRuleRequestTypeDef) -> Answer:
        """DescribeSafetyRule."""
        return self._answer(self.rule(params["SafetyRuleArn"]))

    def list_safety_rules(self, params: ListSafetyRulesRequestTypeDef) -> Answer:
        """ListSafetyRules of a control panel."""
        panel = self.panel(params["ControlPanelArn"])
        found = [r for r in self.state.rules.values() if r.panel_arn == panel.arn]
        part, token = page(found, lambda r: r.arn, params.get("NextToken"), params.get("MaxResults"))
        items = [{rule.kind: self._shown(rule)} for rule in part]
        return {"SafetyRules": items, "NextToken": token} if token else {"SafetyRules": items}

    def update_safety_rule(self, params: UpdateSafetyRuleRequestTypeDef) -> Answer:
        """UpdateSafetyRule: name and wait period."""
        update = params.get("AssertionRuleUpdate") or params.get("GatingRuleUpdate")
        if update is None:
            raise ValidationException("one of AssertionRuleUpdate and GatingRuleUpdate is needed")
        rule = self.rule(update["SafetyRuleArn"])
        rule.name, rule.wait_period_ms = update["Name"], update["WaitPeriodMs"]
        return self._answer(rule)

    def delete_safety_rule(self, params: DeleteSafetyRuleRequestTypeDef) -> Answer:
        """DeleteSafetyRule."""
        del self.state.rules[self.rule(params["SafetyRuleArn"]).arn]
        return {}

    def _assertion(self, wanted: NewAssertionRuleTypeDef) -> SafetyRule:
        panel_arn = wanted["ControlPanelArn"]
        asserted = self._known(wanted["AssertedControls"], panel_arn)
        return make_rule(
            self.state,
            wanted["Name"],
            panel_arn,
            "ASSERTION",
            judged=asserted,
            config=_config(wanted["RuleConfig"], len(asserted)),
            wait_period_ms=wanted["WaitPeriodMs"],
        )

    def _gating(self, wanted: NewGatingRuleTypeDef) -> SafetyRule:
        panel_arn = wanted["ControlPanelArn"]
        gates = self._known(wanted["GatingControls"], panel_arn)
        return make_rule(
            self.state,
            wanted["Name"],
            panel_arn,
            "GATING",
            judged=gates,
            config=_config(wanted["RuleConfig"], len(gates)),
            targets=self._known(wanted["TargetControls"], panel_arn),
            wait_period_ms=wanted["WaitPeriodMs"],
        )

    def _known(self, arns: Sequence[str], panel_arn: str) -> list[str]:
        """CreateSafetyRule's model lists no ResourceNotFoundException."""
        for arn in arns:
            control = self.state.controls.get(arn)
            if control is None or control.panel_arn != panel_arn:
                raise ValidationException(f"{arn} is not a routing control of {panel_arn}")
        return list(arns)

    def _answer(self, rule: SafetyRule) -> Answer:
        return {"AssertionRule" if rule.kind == "ASSERTION" else "GatingRule": self._shown(rule)}

    def _shown(self, rule: SafetyRule) -> dict[str, object]:
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
            return {**common, "AssertedControls": list(rule.judged)}
        return {**common, "GatingControls": list(rule.judged), "TargetControls": list(rule.targets)}


def _config(wanted: RuleConfigTypeDef, controls: int) -> RuleConfig:
    if wanted["Type"] == "ATLEAST" and not 0 < wanted["Threshold"] <= controls:
        raise ValidationException(f"Threshold {wanted['Threshold']} does not fit {controls} controls")
    return RuleConfig(wanted["Type"], wanted["Threshold"], wanted["Inverted"])

"""Templates as CDK writes them, read back: every value plain, and what is not known is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leeward.twin.templates.cloud_assembly import CloudAssembly, TemplatesNotFound
from leeward.twin.templates.resource_names import UnresolvableValue
from leeward.twin.templates.template_deployment import TemplateDeployment

HOME = ("111122223333", "us-west-2")


def assembly(resources: dict[str, Any], **more: Any) -> CloudAssembly:
    return CloudAssembly([("engine", HOME, {"Resources": resources} | more)])


QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "team"}}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"FunctionName": "leeward-website-start", "Handler": "leeward.lambdas.start.handler"},
}
VERSION = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"Ref": "Q"}, "https://sqs.us-west-2.amazonaws.com/111122223333/dead"),
        ({"Fn::GetAtt": ["Q", "Arn"]}, "arn:aws:sqs:us-west-2:111122223333:dead"),
        ({"Fn::GetAtt": "Q.QueueName"}, "dead"),
        ({"Ref": "T"}, "arn:aws:sns:us-west-2:111122223333:team"),
        ({"Ref": "F"}, "leeward-website-start"),
        ({"Ref": "V"}, "arn:aws:lambda:us-west-2:111122223333:function:leeward-website-start:1"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":x:", {"Ref": "AWS::Region"}]]}, "arn:aws:x:us-west-2"),
        ({"Fn::Sub": "${AWS::AccountId}/${F}/${F.Arn}/${!kept}"},
         "111122223333/leeward-website-start/arn:aws:lambda:us-west-2:111122223333:function:leeward-website-start/${kept}"),
        ({"Fn::Sub": ["${own}", {"own": {"Ref": "AWS::StackName"}}]}, "engine"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "F"}]}]}, "website"),
        ({"a": [{"Ref": "F"}]}, {"a": ["leeward-website-start"]}),
    ],
)  # fmt: skip
def test_intrinsic_functions_are_resolved(value: Any, plain: Any) -> None:
    stack = assembly({"Q": QUEUE, "T": TOPIC, "F": FUNCTION, "V": VERSION}).stacks[0]
    assert stack.resolve(value) == plain


@pytest.mark.parametrize(
    "value",
    [{"Ref": "Nothing"}, {"Fn::GetAtt": ["F", "Size"]}, {"Fn::Cidr": ["10.0.0.0/8", 1, 8]}, {"Ref": "Odd"},
     {"Fn::ImportValue": "nobody"}],
)  # fmt: skip
def test_unknown_intrinsic_is_rejected(value: Any) -> None:
    stack = assembly({"F": FUNCTION, "Odd": {"Type": "AWS::New::Thing"}}).stacks[0]
    with pytest.raises(UnresolvableValue):
        stack.resolve(value)


def test_unused_unknown_values_are_allowed() -> None:
    odd = {"Type": "AWS::New::Thing", "Properties": {"X": {"Fn::Cidr": []}}}
    assert [r.name for r in assembly({"Odd": odd, "Q": QUEUE}).resources("AWS::SQS::Queue")] == ["dead"]


def test_stack_resolves_import_from_export() -> None:
    exporting = {"Resources": {"T": TOPIC}, "Outputs": {"O": {"Value": {"Ref": "T"}, "Export": {"Name": "team-topic"}}}}
    found = CloudAssembly([("a", HOME, exporting), ("b", HOME, {"Resources": {}})])
    assert found.stacks[1].resolve({"Fn::ImportValue": "team-topic"}) == "arn:aws:sns:us-west-2:111122223333:team"


def test_folder_without_templates_names_make_synth(tmp_path: Path) -> None:
    with pytest.raises(
        TemplatesNotFound, match=r"contains no synthesized templates .*: synthesize it first: `make synth`"
    ):
        CloudAssembly.load(tmp_path)


def test_cdk_output_folder_is_read(tmp_path: Path) -> None:
    artifacts = {
        "engine-us-west-2": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/us-west-2",
            "properties": {"templateFile": "engine.template.json", "stackName": "leeward-website-engine"},
        },
        "assets": {"type": "cdk:asset-manifest", "properties": {}},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    (tmp_path / "engine.template.json").write_text(json.dumps({"Resources": {"Q": QUEUE}}))
    (stack,) = CloudAssembly.load(tmp_path).stacks
    assert (stack.name, stack.region, stack.account) == ("leeward-website-engine", "us-west-2", "111122223333")


def test_definition_substitutions_are_applied() -> None:
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": "website-failover",
            "DefinitionString": '{"FunctionName":"${Start}","Left":"${Other}"}',
            "DefinitionSubstitutions": {"Start": {"Ref": "V"}},
        },
    }
    found = TemplateDeployment(assembly({"M": machine, "F": FUNCTION, "V": VERSION})).find_state_machine(
        "website-failover"
    )
    arn = "arn:aws:lambda:us-west-2:111122223333:function:leeward-website-start:1"
    assert found == ("us-west-2", f'{{"FunctionName":"{arn}","Left":"${{Other}}"}}')

"""Defects to plant into a healthy world, each with what takes it out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from leeward.control.locking import lock_records
from leeward.twin.aws.moto_fixes import service_quotas
from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG
from leeward.twin.aws.service_framework.service_plugin import GLOBAL
from leeward.twin.interception import FaultKind
from leeward.twin.policies import policy_simulation
from tests.readiness.healthy_worlds import HealthyWorld
from tests.support.website_session import EAST, WEST

Defect = Callable[[HealthyWorld], Any]


@contextmanager
def _set(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _without_item(mapping: Any, key: Any) -> Iterator[None]:
    before = mapping.pop(key)
    try:
        yield
    finally:
        mapping[key] = before


@contextmanager
def _with_item(mapping: Any, key: Any, value: Any) -> Iterator[None]:
    had, before = key in mapping, mapping.get(key)
    mapping[key] = value
    try:
        yield
    finally:
        if had:
            mapping[key] = before
        else:
            del mapping[key]


@contextmanager
def stalled(day: HealthyWorld) -> Iterator[None]:
    server = day.server().server_id
    day.world.drs.stall_replication(server)
    yield
    day.world.drs.resume_replication(server)
    day.stage.wait_until(day.stage.engine.clock.now() + timedelta(minutes=30))


@contextmanager
def lagging(day: HealthyWorld) -> Iterator[None]:
    server = day.server().server_id
    day.world.drs.set_lag(server, 900)
    yield
    day.world.drs.set_lag(server, 5)


def untagged(day: HealthyWorld) -> Any:
    return _set(day.server("home-page"), "tags", {"Name": "somebody else's"})


@contextmanager
def endpoints_down(day: HealthyWorld, number: int) -> Iterator[None]:
    hosts = sorted(day.world.cluster_endpoint_hosts.values())[:number]
    for host in hosts:
        day.stage.engine.interceptor.take_endpoint_down(host)
    yield
    for host in hosts:
        day.stage.engine.interceptor.bring_endpoint_up(host)


def template_of(day: HealthyWorld) -> Any:
    return ec2_backends[day.account][WEST].launch_templates[day.server().launch.ec2_launch_template_id]


def template_with(key: str, value: Any) -> Defect:
    return lambda day: _with_item(template_of(day).default_version().data, key, value)


def no_template(day: HealthyWorld) -> Any:
    templates = ec2_backends[day.account][WEST].launch_templates
    return _without_item(templates, day.server().launch.ec2_launch_template_id)


@contextmanager
def full_subnet(day: HealthyWorld) -> Iterator[None]:
    subnet = next(iter(ec2_backends[day.account][WEST].get_default_subnets().values()))
    data = template_of(day).default_version().data
    into = [{"DeviceIndex": 0, "SubnetId": subnet.id}]
    with _with_item(data, "NetworkInterfaces", into), _set(subnet, "_available_ip_addresses", 0):
        yield


@contextmanager
def small_quota(day: HealthyWorld) -> Iterator[None]:
    service_quotas.set_vcpu_quota(day.account, WEST, 5)
    yield
    service_quotas.set_vcpu_quota(day.account, WEST, None)


def launch_stays_stopped(day: HealthyWorld) -> Any:
    return _set(day.server().launch, "disposition", "STOPPED")


@contextmanager
def all_controls_off(day: HealthyWorld) -> Iterator[None]:
    with ExitStack() as changed:
        for control in ROUTING_CONFIG.region(day.account, GLOBAL).own_state.controls.values():
            changed.enter_context(_set(control, "state", "Off"))
        yield


@contextmanager
def certificate(day: HealthyWorld, days: int) -> Iterator[None]:
    """The load balancer listens with a certificate that ends in so many days."""
    arn = day.client("acm").request_certificate(DomainName="www.website.example.com")["CertificateArn"]
    found = acm_backends[day.account][WEST]._certificates[arn]
    found.status = "ISSUED"
    now = day.stage.engine.clock.now().replace(tzinfo=None)
    listener = next(iter(next(iter(elbv2_backends[day.account][WEST].load_balancers.values())).listeners.values()))
    kind = type(found)
    described = kind.describe

    def describe(self: Any) -> Any:
        output = described(self)
        output["Certificate"] |= {"Status": "ISSUED", "NotAfter": (now + timedelta(days=days)).timestamp()}
        return output

    kind.describe = describe
    with _set(listener, "certificates", [arn]):
        yield
    kind.describe = described


@contextmanager
def origin_unavailable(day: HealthyWorld) -> Iterator[None]:
    day.stage.engine.interceptor.schedule_outage(EAST, day.stage.engine.clock.now())
    yield
    day.stage.engine.interceptor.end_outage(EAST)


@contextmanager
def denied(day: HealthyWorld) -> Iterator[None]:
    rule = day.stage.engine.interceptor.inject_fault("drs:DescribeSourceServers", FaultKind.ACCESS_DENIED, times=None)
    yield
    day.stage.engine.interceptor._fault_rules.remove(rule)


@contextmanager
def role_narrowed(day: HealthyWorld, action: str) -> Iterator[None]:
    """Somebody has taken the action from every role, by a policy of the organization perhaps."""
    policy_simulation.set_simulator(lambda _role, asked, _resource, _context: asked != action)
    yield
    policy_simulation.set_simulator(day.stage.guard.simulate)


@contextmanager
def iam_unavailable(day: HealthyWorld) -> Iterator[None]:
    rule = day.stage.engine.interceptor.inject_fault(
        "iam:SimulatePrincipalPolicy", FaultKind.CONNECTION_REFUSED, times=None
    )
    yield
    day.stage.engine.interceptor._fault_rules.remove(rule)


def health_checks(day: HealthyWorld) -> Any:
    return route53_backends[day.account]["aws"].health_checks


def no_health_check(day: HealthyWorld) -> Any:
    return _without_item(health_checks(day), sorted(health_checks(day))[0])


def inverted_health_check(day: HealthyWorld) -> Any:
    return _set(health_checks(day)[sorted(health_checks(day))[0]], "inverted", True)


@contextmanager
def no_record(day: HealthyWorld) -> Iterator[None]:
    zone = next(iter(route53_backends[day.account]["aws"].zones.values()))
    gone = next(r for r in zone.rrsets if getattr(r, "set_identifier", None) == WEST)
    zone.rrsets.remove(gone)
    yield
    zone.rrsets.append(gone)


def target_groups(day: HealthyWorld) -> Any:
    return elbv2_backends[day.account][WEST].target_groups


def no_target_group(day: HealthyWorld) -> Any:
    return _without_item(target_groups(day), sorted(target_groups(day))[0])


def target_group_alone(day: HealthyWorld) -> Any:
    return _set(target_groups(day)[sorted(target_groups(day))[0]], "load_balancer_arns", [])


def balancer_failed(day: HealthyWorld) -> Any:
    return _set(next(iter(elbv2_backends[day.account][WEST].load_balancers.values())), "state", "failed")


def state_machine(day: HealthyWorld) -> Any:
    backend = stepfunctions_parser_backends[day.account][WEST]
    return next(m for m in backend.state_machines if m.name == "website-failover")


@contextmanager
def no_state_machine(day: HealthyWorld) -> Iterator[None]:
    backend, gone = stepfunctions_parser_backends[day.account][WEST], state_machine(day)
    backend.state_machines.remove(gone)
    yield
    backend.state_machines.append(gone)


def drifted_state_machine(day: HealthyWorld) -> Any:
    return _set(state_machine(day), "definition", state_machine(day).definition.replace("stop", "go on", 1))


@contextmanager
def no_function(day: HealthyWorld) -> Iterator[None]:
    functions = day.stage.engine.functions
    gone = functions.find("leeward-website-drs-recover", EAST)
    functions.remove(EAST, gone.name)
    yield
    _restore(day, gone)


@contextmanager
def outdated_function_code(day: HealthyWorld) -> Iterator[None]:
    functions = day.stage.engine.functions
    before = functions.find("leeward-website-drs-recover", EAST)
    functions.register(EAST, before.name, functions.find("leeward-notify", EAST).handler)
    yield
    _restore(day, before)


def _restore(day: HealthyWorld, function: Any) -> None:
    day.stage.engine.functions.register(
        function.region, function.name, function.handler, environment=function.environment
    )


@contextmanager
def topic_without_subscriber(day: HealthyWorld) -> Iterator[None]:
    sns = day.client("sns", EAST)
    one = sns.list_subscriptions()["Subscriptions"][0]
    sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    yield
    sns.subscribe(TopicArn=one["TopicArn"], Protocol="email", Endpoint="on-call@example.com")


@contextmanager
def no_backup(day: HealthyWorld) -> Iterator[None]:
    dynamodb = day.client("dynamodb", WEST)
    for on in (False, True):
        dynamodb.update_continuous_backups(
            TableName=day.table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )
        if not on:
            yield


@contextmanager
def lock_left_behind(day: HealthyWorld) -> Iterator[None]:
    held = lock_records.LockHolder("website.failover.long-ago", day.stage.engine.clock.now())
    pk = lock_records.lock_partition_key("website")
    day.table.put(lock_records.item_from_holder(pk, lock_records.LOCK_KEY, held))
    yield
    day.client("dynamodb").delete_item(
        TableName=day.table.name, Key={"pk": {"S": pk}, "sk": {"S": lock_records.LOCK_KEY}}
    )

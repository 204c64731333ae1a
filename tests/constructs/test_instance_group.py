"""An Auto Scaling group: uses the latest version of the template, starts after its access exists, and is refreshed."""

from __future__ import annotations

import pytest

from access_constructs.workloads.auto_scaling_group import InstanceGroup
from tests.constructs.test_instance import launched

SUBNETS = ("subnet-0abcdef1234567890", "subnet-0abcdef1234567891")


def grouped(stack, **arguments):
    given = {"minimum": 1, "maximum": 3, "subnets": SUBNETS} | arguments
    InstanceGroup(stack, "group", name="report-service", launch=launched(stack, "template"), **given)


@pytest.fixture
def group(stack, resources):
    """Return the group as it is in the template."""

    def made(**arguments):
        grouped(stack, **arguments)
        return resources()["InstanceGroup0reportX2dservice"]

    return made


def test_follows_the_latest_version_so_that_an_edit_of_the_template_replaces_its_instances(group):
    template = "LaunchTemplate0reportX2dservice"
    made = group()
    assert made["Properties"]["LaunchTemplate"] == {
        "LaunchTemplateId": {"Ref": template},
        "Version": {"Fn::GetAtt": [template, "LatestVersionNumber"]},
    }
    assert made["UpdatePolicy"]["AutoScalingInstanceRefresh"] == {
        "Strategy": "Rolling",
        "Preferences": {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 110},
    }


@pytest.mark.parametrize(("in_service", "most"), [(0, 100), (9, 100), (10, 110), (100, 110)])
def test_the_update_policy_percentages_differ_by_at_most_a_hundred(group, in_service, most):
    policy = group(in_service=in_service)["UpdatePolicy"]["AutoScalingInstanceRefresh"]
    assert policy["Preferences"] == {"MinHealthyPercentage": in_service, "MaxHealthyPercentage": most}


def test_no_instance_starts_before_its_access_exists(group, resources):
    group()
    waiting = resources()["LaunchTemplate0reportX2dservice"]["DependsOn"]
    assert waiting == ["InstanceProfile0reportX2dservice", "InstanceRole0reportX2dservice"]


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        pytest.param({}, {"MinSize": "1", "MaxSize": "3"}, id="scaling decides"),
        pytest.param({"desired": 2}, {"MinSize": "1", "MaxSize": "3", "DesiredCapacity": "2"}, id="desired"),
        pytest.param({"minimum": 0, "maximum": 0}, {"MinSize": "0", "MaxSize": "0"}, id="empty"),
    ],
)
def test_has_the_declared_size(group, arguments, size):
    properties = group(**arguments)["Properties"]
    assert {
        key: properties[key] for key in ("MinSize", "MaxSize", "DesiredCapacity") if key in properties
    } == size


def test_keeps_a_size_that_scaling_has_changed(group):
    policy = group()["UpdatePolicy"]["AutoScalingScheduledAction"]
    assert policy == {"IgnoreUnmodifiedGroupSizeProperties": True}


def test_tags_of_the_group_do_not_propagate_to_instances(group):
    assert group(tags={"team": "a"})["Properties"]["Tags"] == [
        {"Key": "team", "Value": "a", "PropagateAtLaunch": False}
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"minimum": 4}, "found 4 to 3; accepted:", id="fewest above most"),
        pytest.param({"minimum": -1}, "found -1 to 3; accepted:", id="below none"),
        pytest.param({"desired": 4}, "found 1 to 3, 4 desired; accepted:", id="more than most"),
        pytest.param({"in_service": 101}, "found 101; accepted: 0 to 100 percent", id="more than all"),
        pytest.param({"subnets": ()}, "has no subnet; found none; accepted: at least one", id="nowhere"),
    ],
)
def test_refuses(stack, arguments, message):
    with pytest.raises(ValueError, match=message):
        grouped(stack, **arguments)

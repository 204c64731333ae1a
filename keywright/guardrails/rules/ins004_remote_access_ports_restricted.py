"""INS004: remote access ports are not open to the internet.

What it checks
    No ingress rule of an AWS::EC2::SecurityGroup, and no AWS::EC2::SecurityGroupIngress, opens port 22 (SSH) or 3389
    (Remote Desktop) to every address, or to a network with a prefix shorter than /8: neither by itself nor as part of
    a port range or of all protocols.

Why it matters
    Whoever gets onto an instance acts with its role. An open port is scanned within minutes, and a key pair has
    neither MFA nor an expiry. Session Manager needs no open port, and IAM decides who can start a session.

Refused
    Group:
      Type: AWS::EC2::SecurityGroup
      Properties:
        GroupDescription: web
        SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
    ---
    Rule:
      Type: AWS::EC2::SecurityGroupIngress
      Properties: {GroupId: sg-0abcdef1234567890, IpProtocol: "-1", CidrIpv6: "::/0"}

Accepted
    Group:
      Type: AWS::EC2::SecurityGroup
      Properties:
        GroupDescription: web
        SecurityGroupIngress:
          - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
          - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/16}

Blind to
    Other ports that accept remote access, prefix lists, network ACLs and routes that make an open group unreachable,
    and rules that are added outside the assembly.

See
    CIS AWS Foundations Benchmark, "Ensure no security groups allow ingress from 0.0.0.0/0 to remote server administration
    ports"; AWS Systems Manager User Guide, "AWS Systems Manager Session Manager".
"""

from collections.abc import Iterator

from keywright.assembly.sources.source import Step
from keywright.assembly.templates.template import Resource
from keywright.assembly.templates.value import Absent, Value, as_text, value_at
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.policy.conditions import network
from keywright.policy.matching.context import MAYBE, NO, YES, Truth, truth
from keywright.reporting.finding import Finding, Severity

CODE = "INS004"
SEVERITY = Severity.ERROR

PORTS = {22: "SSH", 3389: "Remote Desktop"}
_RULES = "SecurityGroupIngress"
_SHORTEST_PREFIX = 8
"""A network with a shorter prefix counts as the internet: it has more than a 256th of all IPv4 addresses."""
_TCP, _ALL = frozenset({"tcp", "6"}), frozenset({"-1", "all"})


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report each rule that opens one of these ports to the internet."""
    for path, rule in _ingress(setting.resource):
        address, is_public = _widest(rule)
        opened = {port: min(is_public, _covers_port(rule, port)) for port in PORTS}
        worst = max(opened.values())
        ports = " and ".join(f"{PORTS[port]}, port {port}," for port in opened if opened[port] is worst)
        yield from setting.place.below(*path).answer(
            worst,
            CODE,
            f"`{setting.resource.label}` opens {ports} to the internet",
            found=f"`{address}`",
            accepted="Session Manager instead of an open port, or the addresses that need access",
        )


def _ingress(resource: Resource) -> Iterator[tuple[tuple[Step, ...], Value]]:
    if resource.type == "AWS::EC2::SecurityGroupIngress":
        yield ("Properties",), resource.properties
    elif resource.type == "AWS::EC2::SecurityGroup":
        for rules in resource.possible_values(_RULES):
            for number, rule in enumerate(rules if isinstance(rules, tuple) else (rules,)):
                yield ("Properties", _RULES, *((number,) if isinstance(rules, tuple) else ())), rule


def _widest(rule: Value) -> tuple[str, Truth]:
    """Return the widest address range of a rule, and whether it is public."""
    values = [value_at(rule, key) for key in ("CidrIp", "CidrIpv6")]
    widest = max(values, key=_is_public)
    return str(as_text(widest)), _is_public(widest)


def _is_public(value: Value) -> Truth:
    if isinstance(value, Absent):
        return NO
    literal = as_text(value).literal
    if literal is None:
        return MAYBE
    block = network(literal)
    return truth(block is not None and block.prefixlen < _SHORTEST_PREFIX)


def _covers_port(rule: Value, port: int) -> Truth:
    protocol = as_text(value_at(rule, "IpProtocol")).literal
    if protocol is None:
        return MAYBE
    # `-1` opens all protocols, and ignores the ports.
    if protocol in _ALL:
        return YES
    if protocol not in _TCP:
        return NO
    first, last = (_number(value_at(rule, key)) for key in ("FromPort", "ToPort"))
    if first is None or last is None:
        return MAYBE
    return truth(first <= port <= last)


def _number(value: Value) -> int | None:
    literal = as_text(value).literal
    return int(literal) if literal is not None and literal.lstrip("-").isdecimal() else None

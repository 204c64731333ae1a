"""The emulator's internals that the patches use; no other module imports the emulator.

Importing this module loads the emulator, which reads its settings from the environment at that moment, so only the
emulator's own process does so. Every name is bound here: an upgrade that removes one fails at the start and names it.
"""

# ruff: noqa: SLF001 - the one place that knows the emulator's internals

from __future__ import annotations

from importlib import import_module
from typing import Any

application: Any = import_module("ministack.app")
iam: Any = import_module("ministack.services.iam")
sts: Any = import_module("ministack.services.sts")
s3: Any = import_module("ministack.services.s3")
secretsmanager: Any = import_module("ministack.services.secretsmanager")
lambda_service: Any = import_module("ministack.services.lambda_svc")
ec2: Any = import_module("ministack.services.ec2")
auto_scaling: Any = import_module("ministack.services.autoscaling")
evaluator: Any = import_module("ministack.core.iam_evaluator")
actions: Any = import_module("ministack.core.iam_actions")
router: Any = import_module("ministack.core.router")
responses: Any = import_module("ministack.core.responses")
cloudformation: Any = import_module("ministack.services.cloudformation")
provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
stacks: Any = import_module("ministack.services.cloudformation.stacks")
handlers: Any = import_module("ministack.services.cloudformation.handlers")
changesets: Any = import_module("ministack.services.cloudformation.changesets")
engine: Any = import_module("ministack.services.cloudformation.engine")
concurrency: Any = import_module("ministack.core.concurrency")

users: Any = iam._users
roles: Any = iam._roles
groups: Any = iam._groups
managed_policies: Any = iam._policies
access_keys: Any = iam._access_keys
user_inline_policies: Any = iam._user_inline_policies
group_inline_policies: Any = iam._group_inline_policies
instance_profiles: Any = iam._instance_profiles
mfa_devices: Any = iam._mfa_devices
login_profiles: Any = iam._login_profiles
oidc_providers: Any = iam._oidc_providers
instances: Any = ec2._instances
auto_scaling_groups: Any = auto_scaling._asgs
auto_scaling_handlers: Any = auto_scaling._ACTION_MAP
launch_template_data: Any = ec2._resolve_launch_template_data
now: Any = iam._now
known_policy: Any = iam._lookup_policy
aws_managed_policies: Any = iam._aws_managed_policies
make_aws_managed_policy: Any = iam._make_aws_managed_record
bucket_encryption: Any = s3._bucket_default_sse_headers
password_policies: Any = iam._account_password_policy
account_aliases: Any = iam._account_aliases
request_scope: Any = responses.request_scope
iam_error: Any = iam._error
sessions: Any = sts._sessions
register_session: Any = sts.register_session
sts_request: Any = sts.handle_request
session_policies: Any = sts._session_policies
enforce: Any = evaluator.enforce
principal_keys: Any = evaluator._principal_keys
is_anonymous: Any = evaluator._anonymous
served_unsigned: Any = evaluator._served_unsigned
policy_of_resource: Any = evaluator._resource_policy
key_record: Any = import_module("ministack.services.kms")._resolve_key
condition_key: Any = evaluator._resolve_condition_key
parse_policy: Any = evaluator.parse_policy_document
access_key_of: Any = router.extract_access_key_id
dispatch: Any = application._dispatch_service_request
iam_action: Any = actions.extract_iam_action
resource_arn: Any = actions.extract_resource_arn
ec2_error: Any = ec2._error
resolve_instance_profile: Any = ec2._resolve_iam_instance_profile
lambda_create_function: Any = lambda_service._create_function
lambda_update_configuration: Any = lambda_service._update_config
request_conditions: Any = actions.request_tag_context
buckets: Any = s3._buckets
log_groups: Any = import_module("ministack.services.cloudwatch_logs")._log_groups
functions: Any = lambda_service._functions
launch_templates: Any = ec2._launch_templates
put_bucket_policy: Any = s3._put_bucket_policy
put_secret_policy: Any = secretsmanager._put_resource_policy
json_error: Any = responses.error_response_json
bucket_encryptions: Any = s3._bucket_encryption
bucket_versioning: Any = s3._bucket_versioning
s3_apply_configurations: Any = provisioners._s3_apply_configurations
s3_create_bucket: Any = s3._create_bucket
s3_error: Any = s3._error
validate_template_limits: Any = engine._validate_template_limits
secret_records: Any = secretsmanager._secrets
secret_policies: Any = secretsmanager._resource_policies
copy_policy: Any = secretsmanager._sync_replica_resource_policy
random_password: Any = secretsmanager._get_random_password
stack_records: Any = cloudformation._stacks
cloudformation_request: Any = cloudformation.handle_request
cloudformation_error: Any = import_module("ministack.services.cloudformation.helpers")._error
custom_resource_handlers: dict[str, Any] = {
    name: getattr(provisioners, name)
    for name in ("_custom_resource_create", "_custom_resource_update", "_custom_resource_delete")
}
deploy_stack: Any = stacks._deploy_stack_async
delete_resource: Any = stacks._delete_resource
update_resource: Any = stacks._update_resource
provision_resource: Any = stacks._provision_resource
add_event: Any = stacks._add_event
dependency_order: Any = stacks._topological_sort
runs_on_worker_thread: Any = stacks._runs_on_worker_thread
iam_handlers: Any = iam._IAM_HANDLERS
iam_response: Any = iam._xml
ec2_handlers: Any = ec2._ACTION_MAP
resource_handlers: Any = provisioners._RESOURCE_HANDLERS
import_lookups: Any = changesets._IMPORT_LOOKUPS
import_error: Any = changesets._sdk_error
replacing_properties: Any = provisioners._REPLACING_PROPERTIES
custom_names: Any = provisioners._CUSTOM_NAME_REPLACEMENT
stack_tag_properties: Any = provisioners._STACK_TAG_PROPERTY
physical_name: Any = provisioners._physical_name
forget_everything: Any = application._reset_all_state
account_scoped_store: Any = responses.AccountScopedDict
current_account: Any = responses.get_account_id
current_region: Any = responses.get_region

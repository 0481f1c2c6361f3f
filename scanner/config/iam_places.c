/* Resource types that hold policy documents, and where. SPEC: Terraform AWS provider and
 * CloudFormation resource references */
#include "scanner/config/iam_places.h"

#include <string.h>

/* Sorted by type. */
static const struct iam_place places[] = {
    {"AWS::ApiGateway::DomainName", "Policy", IAM_RESOURCE},
    {"AWS::ApiGateway::DomainNameV2", "Policy", IAM_RESOURCE},
    {"AWS::ApiGateway::RestApi", "Policy", IAM_RESOURCE},
    {"AWS::Backup::BackupVault", "AccessPolicy", IAM_RESOURCE},
    {"AWS::Backup::LogicallyAirGappedBackupVault", "AccessPolicy", IAM_RESOURCE},
    {"AWS::CloudTrail::ResourcePolicy", "ResourcePolicy", IAM_RESOURCE},
    {"AWS::CodeArtifact::Domain", "PermissionsPolicyDocument", IAM_RESOURCE},
    {"AWS::CodeArtifact::Repository", "PermissionsPolicyDocument", IAM_RESOURCE},
    {"AWS::DynamoDB::GlobalTable", "Replicas.*.ResourcePolicy.PolicyDocument", IAM_RESOURCE},
    {"AWS::DynamoDB::GlobalTable",
     "Replicas.*.ReplicaStreamSpecification.ResourcePolicy.PolicyDocument", IAM_RESOURCE},
    {"AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument", IAM_RESOURCE},
    {"AWS::DynamoDB::Table", "StreamSpecification.ResourcePolicy.PolicyDocument", IAM_RESOURCE},
    {"AWS::EC2::VPCEndpoint", "PolicyDocument", IAM_RESOURCE},
    {"AWS::ECR::PublicRepository", "RepositoryPolicyText", IAM_RESOURCE},
    {"AWS::ECR::RegistryPolicy", "PolicyText", IAM_RESOURCE},
    {"AWS::ECR::Repository", "RepositoryPolicyText", IAM_RESOURCE},
    {"AWS::ECR::RepositoryCreationTemplate", "RepositoryPolicy", IAM_RESOURCE},
    {"AWS::EFS::FileSystem", "FileSystemPolicy", IAM_RESOURCE},
    {"AWS::Elasticsearch::Domain", "AccessPolicies", IAM_RESOURCE},
    {"AWS::EventSchemas::RegistryPolicy", "Policy", IAM_RESOURCE},
    {"AWS::Events::EventBus", "Policy", IAM_RESOURCE},
    {"AWS::IAM::Group", "Policies.*.PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::GroupPolicy", "PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::ManagedPolicy", "PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::Policy", "PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::Role", "AssumeRolePolicyDocument", IAM_TRUST},
    {"AWS::IAM::Role", "Policies.*.PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::RolePolicy", "PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::User", "Policies.*.PolicyDocument", IAM_IDENTITY},
    {"AWS::IAM::UserPolicy", "PolicyDocument", IAM_IDENTITY},
    {"AWS::KMS::Key", "KeyPolicy", IAM_RESOURCE},
    {"AWS::KMS::ReplicaKey", "KeyPolicy", IAM_RESOURCE},
    {"AWS::Kinesis::ResourcePolicy", "ResourcePolicy", IAM_RESOURCE},
    {"AWS::Lex::ResourcePolicy", "Policy", IAM_RESOURCE},
    {"AWS::Logs::Destination", "DestinationPolicy", IAM_RESOURCE},
    {"AWS::Logs::LogGroup", "ResourcePolicyDocument", IAM_RESOURCE},
    {"AWS::Logs::ResourcePolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::MSK::ClusterPolicy", "Policy", IAM_RESOURCE},
    {"AWS::MediaStore::Container", "Policy", IAM_RESOURCE},
    {"AWS::OpenSearchService::Domain", "AccessPolicies", IAM_RESOURCE},
    {"AWS::Organizations::Policy", "Content", IAM_SCP},
    {"AWS::Organizations::ResourcePolicy", "Content", IAM_RESOURCE},
    {"AWS::Redshift::Cluster", "NamespaceResourcePolicy", IAM_RESOURCE},
    {"AWS::RedshiftServerless::Namespace", "NamespaceResourcePolicy", IAM_RESOURCE},
    {"AWS::S3::AccessPoint", "Policy", IAM_RESOURCE},
    {"AWS::S3::BucketPolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::S3::MultiRegionAccessPointPolicy", "Policy", IAM_RESOURCE},
    {"AWS::S3Express::AccessPoint", "Policy", IAM_RESOURCE},
    {"AWS::S3Express::BucketPolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::S3ObjectLambda::AccessPointPolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::S3Outposts::AccessPoint", "Policy", IAM_RESOURCE},
    {"AWS::S3Outposts::BucketPolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::S3Tables::TableBucketPolicy", "ResourcePolicy", IAM_RESOURCE},
    {"AWS::S3Tables::TablePolicy", "ResourcePolicy", IAM_RESOURCE},
    {"AWS::S3Vectors::VectorBucketPolicy", "Policy", IAM_RESOURCE},
    {"AWS::SNS::TopicInlinePolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::SNS::TopicPolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::SQS::QueueInlinePolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::SQS::QueuePolicy", "PolicyDocument", IAM_RESOURCE},
    {"AWS::SSM::ResourcePolicy", "Policy", IAM_RESOURCE},
    {"AWS::SSO::PermissionSet", "InlinePolicy", IAM_IDENTITY},
    {"AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupPolicy", IAM_RESOURCE},
    {"AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", IAM_RESOURCE},
    {"AWS::VpcLattice::AuthPolicy", "Policy", IAM_RESOURCE},
    {"AWS::VpcLattice::ResourcePolicy", "Policy", IAM_RESOURCE},
    {"AWS::XRay::ResourcePolicy", "PolicyDocument", IAM_RESOURCE},
    {"aws.iam.group", "GroupPolicyList.*.PolicyDocument", IAM_IDENTITY},
    {"aws.iam.policy", "Document", IAM_IDENTITY},
    {"aws.iam.role", "AssumeRolePolicyDocument", IAM_TRUST},
    {"aws.iam.role", "RolePolicyList.*.PolicyDocument", IAM_IDENTITY},
    {"aws.iam.user", "UserPolicyList.*.PolicyDocument", IAM_IDENTITY},
    {"aws_acmpca_policy", "policy", IAM_RESOURCE},
    {"aws_api_gateway_domain_name", "policy", IAM_RESOURCE},
    {"aws_api_gateway_rest_api", "policy", IAM_RESOURCE},
    {"aws_api_gateway_rest_api_policy", "policy", IAM_RESOURCE},
    {"aws_backup_vault_policy", "policy", IAM_RESOURCE},
    {"aws_cloudsearch_domain_service_access_policy", "access_policy", IAM_RESOURCE},
    {"aws_cloudwatch_event_bus_policy", "policy", IAM_RESOURCE},
    {"aws_cloudwatch_log_delivery_destination_policy", "delivery_destination_policy", IAM_RESOURCE},
    {"aws_cloudwatch_log_destination_policy", "access_policy", IAM_RESOURCE},
    {"aws_cloudwatch_log_resource_policy", "policy_document", IAM_RESOURCE},
    {"aws_codeartifact_domain_permissions_policy", "policy_document", IAM_RESOURCE},
    {"aws_codeartifact_repository_permissions_policy", "policy_document", IAM_RESOURCE},
    {"aws_codebuild_resource_policy", "policy", IAM_RESOURCE},
    {"aws_dynamodb_resource_policy", "policy", IAM_RESOURCE},
    {"aws_ecr_registry_policy", "policy", IAM_RESOURCE},
    {"aws_ecr_repository_creation_template", "repository_policy", IAM_RESOURCE},
    {"aws_ecr_repository_policy", "policy", IAM_RESOURCE},
    {"aws_ecrpublic_repository_policy", "policy", IAM_RESOURCE},
    {"aws_efs_file_system_policy", "policy", IAM_RESOURCE},
    {"aws_elasticsearch_domain", "access_policies", IAM_RESOURCE},
    {"aws_elasticsearch_domain_policy", "access_policies", IAM_RESOURCE},
    {"aws_glacier_vault", "access_policy", IAM_RESOURCE},
    {"aws_glacier_vault_lock", "policy", IAM_RESOURCE},
    {"aws_glue_resource_policy", "policy", IAM_RESOURCE},
    {"aws_iam_group_policy", "policy", IAM_IDENTITY},
    {"aws_iam_policy", "policy", IAM_IDENTITY},
    {"aws_iam_role", "assume_role_policy", IAM_TRUST},
    {"aws_iam_role", "inline_policy.*.policy", IAM_IDENTITY},
    {"aws_iam_role_policy", "policy", IAM_IDENTITY},
    {"aws_iam_user_policy", "policy", IAM_IDENTITY},
    {"aws_kinesis_resource_policy", "policy", IAM_RESOURCE},
    {"aws_kms_external_key", "policy", IAM_RESOURCE},
    {"aws_kms_key", "policy", IAM_RESOURCE},
    {"aws_kms_key_policy", "policy", IAM_RESOURCE},
    {"aws_kms_replica_external_key", "policy", IAM_RESOURCE},
    {"aws_kms_replica_key", "policy", IAM_RESOURCE},
    {"aws_media_store_container_policy", "policy", IAM_RESOURCE},
    {"aws_msk_cluster_policy", "policy", IAM_RESOURCE},
    {"aws_networkfirewall_resource_policy", "policy", IAM_RESOURCE},
    {"aws_opensearch_domain", "access_policies", IAM_RESOURCE},
    {"aws_opensearch_domain_policy", "access_policies", IAM_RESOURCE},
    {"aws_organizations_policy", "content", IAM_SCP},
    {"aws_organizations_resource_policy", "content", IAM_RESOURCE},
    {"aws_prometheus_resource_policy", "policy_document", IAM_RESOURCE},
    {"aws_redshift_resource_policy", "policy", IAM_RESOURCE},
    {"aws_redshiftserverless_resource_policy", "policy", IAM_RESOURCE},
    {"aws_s3_access_point", "policy", IAM_RESOURCE},
    {"aws_s3_bucket", "policy", IAM_RESOURCE},
    {"aws_s3_bucket_policy", "policy", IAM_RESOURCE},
    {"aws_s3control_access_point_policy", "policy", IAM_RESOURCE},
    {"aws_s3control_bucket_policy", "policy", IAM_RESOURCE},
    {"aws_s3control_multi_region_access_point_policy", "details.*.policy", IAM_RESOURCE},
    {"aws_s3control_object_lambda_access_point_policy", "policy", IAM_RESOURCE},
    {"aws_s3tables_table_bucket_policy", "resource_policy", IAM_RESOURCE},
    {"aws_s3tables_table_policy", "resource_policy", IAM_RESOURCE},
    {"aws_s3vectors_vector_bucket_policy", "policy", IAM_RESOURCE},
    {"aws_sagemaker_model_package_group_policy", "resource_policy", IAM_RESOURCE},
    {"aws_schemas_registry_policy", "policy", IAM_RESOURCE},
    {"aws_secretsmanager_secret", "policy", IAM_RESOURCE},
    {"aws_secretsmanager_secret_policy", "policy", IAM_RESOURCE},
    {"aws_ses_identity_policy", "policy", IAM_RESOURCE},
    {"aws_sesv2_email_identity_policy", "policy", IAM_RESOURCE},
    {"aws_sns_topic", "policy", IAM_RESOURCE},
    {"aws_sns_topic_policy", "policy", IAM_RESOURCE},
    {"aws_sqs_queue", "policy", IAM_RESOURCE},
    {"aws_sqs_queue_policy", "policy", IAM_RESOURCE},
    {"aws_ssoadmin_permission_set_inline_policy", "inline_policy", IAM_IDENTITY},
    {"aws_vpc_endpoint", "policy", IAM_RESOURCE},
    {"aws_vpc_endpoint_policy", "policy", IAM_RESOURCE},
    {"aws_vpclattice_auth_policy", "policy", IAM_RESOURCE},
    {"aws_vpclattice_resource_policy", "policy", IAM_RESOURCE},
    {"aws_xray_resource_policy", "policy_document", IAM_RESOURCE},
};

/* The first row whose type is not before `type`. */
static size_t lower_bound(const char *type)
{
    size_t lo = 0, hi = ARRAY_LEN(places);

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (strcmp(places[mid].type, type) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct iam_place *iam_places_of(const char *type, size_t i)
{
    const size_t at = lower_bound(type);

    if (at >= ARRAY_LEN(places) || i >= ARRAY_LEN(places) - at)
        return NULL;
    return strcmp(places[at + i].type, type) == 0 ? &places[at + i] : NULL;
}

/* One step of a path: the text up to the next dot; `*path` moves behind it. */
static struct slice step(const char **path)
{
    const char *dot = strchr(*path, '.');
    const size_t n = dot != NULL ? (size_t)(dot - *path) : strlen(*path);
    const struct slice out = {(const uint8_t *)*path, n};

    *path += dot != NULL ? n + 1 : n;
    return out;
}

struct walk {
    struct doc *d;
    const struct iam_owner *owner;
    const struct iam_place *place;
    enum iam_kind kind;
};

static void found(const struct walk *w, const struct value *v, const char *where)
{
    const bool text = value_is(v, VALUE_STRING);
    struct iam_policy p = {
        .document = v,
        .kind = w->kind,
        .address = arena_printf(w->d->arena, "%s#%s", w->owner->address, where),
        .resource = w->owner->address,
        .resource_type = w->owner->type,
    };

    if (v == NULL || v->kind == VALUE_NULL || (text && value_text(v).len == 0))
        return;
    if (v->kind == VALUE_UNKNOWN && w->owner->unset != NULL && strchr(where, '.') == NULL &&
        w->owner->unset(w->owner->ctx, where))
        return;
    if (v->kind == VALUE_UNKNOWN && w->owner->document != NULL)
        p.document = w->owner->document(w->owner->ctx, v);
    if (p.document == NULL)
        p.document = v;
    iam_policy_embedded(w->d, &p);
}

/* Follows the path from `v`; depth is that of the table's paths. An unknown on the way is an
 * unknown policy. */
static void follow(const struct walk *w, const struct value *v, const char *path, const char *where)
{
    struct slice key;

    if (v == NULL || path[0] == '\0' || v->kind == VALUE_UNKNOWN) {
        found(w, v, where);
        return;
    }
    key = step(&path);
    if (!slice_is(key, "*")) {
        follow(w, value_get_slice(v, key), path,
               arena_printf(w->d->arena, "%s%s%.*s", where, where[0] != '\0' ? "." : "",
                            (int)key.len, (const char *)key.data));
        return;
    }
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++)
        follow(w, value_item(v, i), path, arena_printf(w->d->arena, "%s.%zu", where, i));
}

/* Policies of an organisation are of many types, of which two are in the language of IAM. false:
 * another, or nobody knows which. */
static bool kind_of(struct walk *w)
{
    const struct value *a = w->owner->attributes;
    const struct value *type =
        value_get(a, "type") != NULL ? value_get(a, "type") : value_get(a, "Type");
    const struct slice name = value_text(type);

    w->kind = w->place->kind;
    if (w->kind != IAM_SCP || type == NULL || slice_is(name, "SERVICE_CONTROL_POLICY"))
        return true; /* Terraform's default */
    w->kind = IAM_RCP;
    return slice_is(name, "RESOURCE_CONTROL_POLICY");
}

void iam_places_tell(struct doc *d, const struct iam_owner *owner)
{
    struct walk w = {.d = d, .owner = owner};

    for (size_t i = 0; (w.place = iam_places_of(owner->type, i)) != NULL; i++)
        if (kind_of(&w))
            follow(&w, owner->attributes, w.place->path, "");
}

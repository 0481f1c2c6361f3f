#include "policies/iam/account/iam_runner.h"

#include "base/limits.h"
#include "policies/host_index.h"

/* A type of such things. */
struct row {
    const char *type;
    const char *object; /* as rules/iam/escalations.yaml calls it */
    const char *name;   /* attribute that ends its ARN; NULL: AWS chooses one */
    const char *behind; /* what follows the name in the ARN */
    const char *role;   /* attribute, or a path to it */
    bool profile;       /* that is an instance profile */
};

static const struct row rows[] = {
    {"aws_lambda_function", "function", "function_name", "", "role", false},
    {"aws_sagemaker_notebook_instance", "notebook", "name", "", "role_arn", false},
    {"aws_sagemaker_pipeline", "pipeline", "pipeline_name", "", "role_arn", false},
    {"aws_sagemaker_domain", "domain", NULL, "", "default_user_settings.0.execution_role", false},
    {"aws_sagemaker_user_profile", "user-profile", NULL, "", "user_settings.0.execution_role",
     false},
    {"aws_codebuild_project", "build-project", "name", "", "service_role", false},
    {"aws_glue_dev_endpoint", "dev-endpoint", "name", "", "role_arn", false},
    {"aws_instance", "instance", NULL, "", "iam_instance_profile", true},
    {"aws_emr_cluster", "emr-cluster", NULL, "", "ec2_attributes.0.instance_profile", true},
    {"aws_cloudformation_stack", "stack", "name", "/*", "iam_role_arn", false},
    {"aws_sfn_state_machine", "state-machine", "name", "", "role_arn", false},
    {"aws_ecs_task_definition", "task-definition", "family", ":*", "task_role_arn", false},
    {"aws_kinesisanalyticsv2_application", "kinesis-application", "name", "",
     "service_execution_role", false},
    {"aws_mwaa_environment", "airflow-environment", "name", "", "execution_role_arn", false},
    {"aws_apprunner_service", "apprunner-service", "service_name", "/*",
     "instance_configuration.0.instance_role_arn", false},

    {"AWS::Lambda::Function", "function", "FunctionName", "", "Role", false},
    {"AWS::SageMaker::NotebookInstance", "notebook", "NotebookInstanceName", "", "RoleArn", false},
    {"AWS::SageMaker::Pipeline", "pipeline", "PipelineName", "", "RoleArn", false},
    {"AWS::SageMaker::Domain", "domain", NULL, "", "DefaultUserSettings.ExecutionRole", false},
    {"AWS::SageMaker::UserProfile", "user-profile", NULL, "", "UserSettings.ExecutionRole", false},
    {"AWS::CodeBuild::Project", "build-project", "Name", "", "ServiceRole", false},
    {"AWS::Glue::DevEndpoint", "dev-endpoint", "EndpointName", "", "RoleArn", false},
    {"AWS::EC2::Instance", "instance", NULL, "", "IamInstanceProfile", true},
    {"AWS::StepFunctions::StateMachine", "state-machine", "StateMachineName", "", "RoleArn", false},
    {"AWS::ECS::TaskDefinition", "task-definition", "Family", ":*", "TaskRoleArn", false},
    {"AWS::KinesisAnalyticsV2::Application", "kinesis-application", "ApplicationName", "",
     "ServiceExecutionRole", false},
    {"AWS::MWAA::Environment", "airflow-environment", "Name", "", "ExecutionRoleArn", false},
    {"AWS::AppRunner::Service", "apprunner-service", "ServiceName", "/*",
     "InstanceConfiguration.InstanceRoleArn", false},
};

static const struct {
    const char *type, *name, *role;
} profiles[] = {
    {"aws_iam_instance_profile", "name", "role"},
    {"AWS::IAM::InstanceProfile", "InstanceProfileName", "Roles.0"},
};

/* The instance profile that a name or a reference means; `*row`: which of the types it is. */
static const struct fact *profile_of(const struct iam_parties *p, const struct fact *from,
                                     const struct value *v, size_t *row)
{
    const struct fact *f =
        value_is(v, VALUE_UNKNOWN) ? iam_party_refs(p->ix, from, v->as.gap) : NULL;

    for (*row = 0; *row < ARRAY_LEN(profiles); (*row)++) {
        size_t n;
        const struct host_group *g = host_index_groups(p->ix, slice_str(profiles[*row].type), &n);

        if (f != NULL && slice_is(slice_str(f->type), profiles[*row].type))
            return f;
        for (size_t i = 0; value_is(v, VALUE_STRING) && i < n; i++)
            for (size_t k = 0; k < g[i].n; k++)
                if (slice_is(slice_str(g[i].facts[k]->subject), from->subject) &&
                    slice_eq(value_text(value_get(g[i].facts[k]->attributes, profiles[*row].name)),
                             value_text(v)))
                    return g[i].facts[k];
    }
    return NULL;
}

static const struct iam_party *role_of(const struct iam_parties *p, const struct iam_account *acc,
                                       const struct row *row, const struct fact *f)
{
    const struct value *v = value_path(f->attributes, row->role);
    struct iam_party_hits hits;
    size_t at;

    if (row->profile) {
        f = profile_of(p, f, v, &at);
        v = f != NULL ? value_path(f->attributes, profiles[at].role) : NULL;
    }
    if (v == NULL)
        return NULL;
    hits = iam_party_resolve(p, f, v, IAM_ENTITY_ROLE);
    return hits.one != NULL ? iam_account_find(acc, hits.one->party.fact) : NULL;
}

void iam_runner_collect(const struct iam_parties *p, struct iam_account *out)
{
    struct iam_runner *items = NULL;

    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        size_t n;
        const struct host_group *g = host_index_groups(p->ix, slice_str(rows[r].type), &n);

        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < g[i].n && out->nrunners < LIMIT_IAM_RUNNERS; k++) {
                const struct fact *f = g[i].facts[k];
                const struct iam_party *role = role_of(p, out, &rows[r], f);
                const struct value *name =
                    rows[r].name != NULL ? value_get(f->attributes, rows[r].name) : NULL;

                if (role != NULL)
                    *(struct iam_runner *)ARENA_PUSH(p->arena, &items, &out->nrunners) =
                        (struct iam_runner){rows[r].object, f, role, value_text(name),
                                            rows[r].behind};
            }
    }
    out->runners = items;
}

struct slice iam_runner_arn(const struct iam_runner *r, struct slice all, struct arena *a)
{
    const struct slice name = r->name.len > 0 ? r->name : SLICE_LIT("(unnamed)");

    if (slice_ends(all, "*"))
        all.len--;
    return slice_str(arena_printf(a, "%.*s%.*s%s", (int)all.len, (const char *)all.data,
                                  (int)name.len, (const char *)name.data, r->behind));
}

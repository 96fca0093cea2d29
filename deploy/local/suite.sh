# shellcheck shell=bash disable=SC2034
# What the local installation consists of. Sourced by up, down and demo, after lib.sh; docker-compose.yml must say the same.

root=$(readlink --canonicalize "${BASH_SOURCE[0]%/*}/../..")
state=$root/.local

# For a second checkout beside a running one.
offset=${GOVERNANCE_PORT_OFFSET:-0}
amqp_port=$((17672 + offset))
management_port=$((17673 + offset))
dist_port=$((17674 + offset))
epmd_port=$((17675 + offset))
prometheus_port=$((17676 + offset))
postgres_port=$((17432 + offset))
target_port=$((17433 + offset))
virtual_host=governance

services=(policy lifecycle issuance expiry intake)
declare -A http_port=(
    [intake]=$((17110 + offset))
    [lifecycle]=$((17120 + offset))
    [policy]=$((17130 + offset))
    [issuance]=$((17140 + offset))
    [expiry]=$((17150 + offset))
)
declare -A grpc_port=([lifecycle]=$((17121 + offset)) [policy]=$((17131 + offset)))

# Passwords and secrets that up generates once, each kept in .local/secrets.env under this name.
secret_names=(
    GOVERNANCE_DATABASE_PASSWORD
    GOVERNANCE_ITSM_PASSWORD
    GOVERNANCE_SIEM_PASSWORD
    GOVERNANCE_CONNECTOR_PASSWORD
    GOVERNANCE_ISSUANCE_SECRET
    GOVERNANCE_TARGET_SVC_REPORTING_PASSWORD
    GOVERNANCE_TARGET_SVC_BILLING_PASSWORD
    GOVERNANCE_TARGET_AGENT_TRIAGE_PASSWORD
    GOVERNANCE_TARGET_OMAR_PASSWORD
)

project_of() { printf 'Governance.%s\n' "${1^}"; }

# service_environment NAME: the variables of one service, one a line.
service_environment() {
    local service=$1
    cat <<VARIABLES
DOTNET_ENVIRONMENT=Development
ASPNETCORE_ENVIRONMENT=Development
MASSTRANSIT_USAGE_TELEMETRY=false
Governance__Tenant=local
Bus__Url=amqp://governance:${RABBITMQ_PASSWORD}@127.0.0.1:${amqp_port}/${virtual_host}
ConnectionStrings__Database=Host=127.0.0.1;Port=${postgres_port};Database=governance_${service};Username=governance;Password=${GOVERNANCE_DATABASE_PASSWORD}
Kestrel__Endpoints__Http__Url=http://127.0.0.1:${http_port[$service]}
Kestrel__Endpoints__Http__Protocols=Http1
VARIABLES
    if [[ -n ${grpc_port[$service]:-} ]]; then
        cat <<VARIABLES
Kestrel__Endpoints__Grpc__Url=http://127.0.0.1:${grpc_port[$service]}
Kestrel__Endpoints__Grpc__Protocols=Http2
VARIABLES
    fi
    case $service in
        intake)
            printf 'Intake__LifecycleUrl=http://127.0.0.1:%s\n' "${grpc_port[lifecycle]}"
            printf 'Intake__PublicLifecycleUrl=http://127.0.0.1:%s\n' "${http_port[lifecycle]}"
            ;;
        lifecycle)
            printf 'Lifecycle__CatalogDirectory=%s/deploy/catalog\n' "$root"
            printf 'Lifecycle__IssuanceUrl=http://127.0.0.1:%s\n' "${http_port[issuance]}"
            printf 'Lifecycle__IssuanceSecret=%s\n' "$GOVERNANCE_ISSUANCE_SECRET"
            ;;
        policy)
            printf 'Policy__BundleDirectory=%s/deploy/policies\n' "$root"
            printf 'Policy__LifecycleUrl=http://127.0.0.1:%s\n' "${grpc_port[lifecycle]}"
            ;;
        issuance)
            local index=0 database
            printf 'Issuance__LifecycleSecret=%s\n' "$GOVERNANCE_ISSUANCE_SECRET"
            for database in orders ledger; do
                cat <<VARIABLES
Issuance__Targets__${index}__Id=${database}-db
Issuance__Targets__${index}__Kind=postgresql
Issuance__Targets__${index}__ConnectionString=Host=127.0.0.1;Port=${target_port};Database=${database};Username=governance_connector;Password=${GOVERNANCE_CONNECTOR_PASSWORD}
VARIABLES
                index=$((index + 1))
            done
            ;;
    esac
}

servers() { "$root/deploy/local/servers" "$@" --dir "$state/servers"; }

service_running() { remembered_process "$state/run/$1.pid" >/dev/null; }

# One call of up or down at a time. Descriptor 9 holds the lock: close it in everything that stays.
lock_state() {
    mkdir --parents "$state"
    exec 9>"$state/.lock"
    flock --timeout 300 9 || die "another up or down is still busy"
}

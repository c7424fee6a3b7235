# The stack of docker-compose.yaml under a name, secrets and ports of its own. Sourced by scripts/test-compose.
#
# start_stack        starts it and waits until everything is healthy
# stack …            docker compose for it
# wait_healthy NAME… waits until containers are healthy
# take_down          shows the logs if something failed, and removes all of it

stack() {
    compose --project-name "$project" --env-file "$state/project/.env" --file docker-compose.yaml "$@"
}

start_stack() {
    local healthy_seconds=180
    mkdir -p "$state/project"
    chmod 0755 "$state/project"
    scripts/compose-secrets "$state/project" >/dev/null
    export ADMIN_KEY_FILE=$state/project/.secrets/admin-key
    export MODEL_SERVING_PORT MODEL_MANAGEMENT_PORT RESOURCE_MANAGEMENT_PORT GATEWAY_PORT GATEWAY_URL
    MODEL_SERVING_PORT=$(free_port 20000)
    MODEL_MANAGEMENT_PORT=$(free_port 22000)
    RESOURCE_MANAGEMENT_PORT=$(free_port 24000)
    GATEWAY_PORT=$(free_port 26000)
    GATEWAY_URL=http://127.0.0.1:$GATEWAY_PORT
    stack down --volumes --remove-orphans >"$state/down.log" 2>&1 || true
    note 'starting the stack'
    stack up --detach >"$state/up.log" 2>&1 || { tail -n 20 "$state/up.log" >&2; stop_with 'the stack does not start'; }
    wait_healthy "$healthy_seconds" state-database model-management resource-management model-serving gateway \
        || stop_with 'the stack does not get healthy'
}

# The first port from $1 upwards that nothing listens on.
free_port() {
    local port=$1
    while beside_engine bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}

container() {
    docker ps --all --quiet --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False
}

inspect() { docker inspect --format "$2" "$(container "$1")"; }

# usage: wait_healthy SECONDS NAME…
wait_healthy() {
    local seconds=$1 name
    shift
    for name in "$@"; do
        until [[ $(inspect "$name" '{{.State.Health.Status}}' 2>/dev/null) == healthy ]]; do
            if ((seconds-- == 0)); then
                printf '%s is not healthy: %s\n' "$name" "$(inspect "$name" '{{json .State}}' 2>&1)" >&2
                return 1
            fi
            sleep 1
        done
    done
    note "healthy: $*"
}

take_down() {
    docker info >/dev/null 2>&1 && [[ -e $state/project/.env ]] || return 0
    if [[ $failed -gt 0 ]]; then
        stack ps --all >&2
        stack logs --no-color --tail 40 >&2
    fi
    note 'taking the stack down'
    stack --profile tools down --volumes --remove-orphans --timeout 40 >"$state/down.log" 2>&1
    check 'nothing is left of it: no container, volume or network' nothing_is_left
}

nothing_is_left() {
    local label="label=com.docker.compose.project=$project" rest
    rest=$(docker ps --all --quiet --filter "$label" && docker volume ls --quiet --filter "$label" \
        && docker network ls --quiet --filter "$label")
    [[ -z $rest ]] || { echo "$rest"; return 1; }
}

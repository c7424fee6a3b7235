# What must hold of the stack, as a user would see it. Sourced by scripts/test-compose.

readonly demo=/opt/slipway/demo/tiny-chat
readonly introduction='I am tiny-llama, served by a real engine.'
readonly containers=(
    state-database gateway
    model-management-pod model-management model-management-dapr
    resource-management-pod resource-management resource-management-dapr
    model-serving-pod model-serving model-serving-dapr
)

# usage: check SENTENCE COMMAND…    the sentence holds if the command succeeds; what it says is shown if it does not
check() {
    local sentence=$1 output status options=$-
    shift
    # Not as a condition: in one, a command that fails within a function would not end it.
    set +e
    output=$(set -e; "$@" 2>&1)
    status=$?
    [[ $options != *e* ]] || set -e
    if [[ $status -eq 0 ]]; then
        passed=$((passed + 1))
        printf '✓ %s (%s s)\n' "$sentence" "$((SECONDS - started))"
    else
        failed=$((failed + 1))
        printf '✗ %s\n%s\n' "$sentence" "$(sed 's/^/    /' <<<"$output" | tail -n 30)"
    fi
}

run_main_job() {
    check 'no container runs as root' no_container_is_root
    check 'every root file system is read-only, without capabilities or a way to gain some' every_container_is_confined
    check 'nothing listens beyond 127.0.0.1' only_loopback_is_published
    check 'the admin key belongs to its reader alone' admin_key_is_private
    check 'without the admin key a service refuses' refuses_without_key
    check 'the sidecars answer in their pods only' sidecars_are_private

    check 'an idle server takes less than 30 MiB' servers_are_small

    check 'resources are offered' offer_resources
    check 'a model is registered with its digest' register_model
    check 'a service comes to run' create_service
    check 'the engine answers through the gateway' answers 'who are you' "$introduction"
    check 'another question gets another answer' answers 'what is dapr' 'Dapr is a runtime that runs as a sidecar'
    check 'an answer streams' streams 'who are you'
    check 'a private service refuses a caller without a token' refuses_without_token
    check 'the state is in the database' state_is_in_database

    check 'a service restarts and keeps its state' survives_restart model-management
    check 'a service that is killed is started again' survives_crash model-management
    check 'a sidecar restarts and is found again' survives_restart model-management-dapr
    check 'the database restarts and keeps its state' survives_restart state-database
    check 'the gateway answers while the control plane is down' answers_without_control_plane
    check 'engines run again after their container restarts' engines_come_back
    check 'all of it goes down, comes up again, and knows everything' survives_down_and_up
    check 'a deleted service gives its resources back' delete_service
}

no_container_is_root() {
    local name user status=0
    for name in "${containers[@]}"; do
        # Seen from inside: what the image and the file say may differ.
        user=$(docker top "$(container "$name")" -o pid,uid | awk 'NR > 1 { print $2 }' | sort -u | tr '\n' ' ')
        [[ " $user " != *' 0 '* ]] || { echo "$name: uid $user"; status=1; }
    done
    return $status
}

every_container_is_confined() {
    local name facts status=0
    for name in "${containers[@]}"; do
        facts=$(inspect "$name" \
            '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}} {{.HostConfig.SecurityOpt}}')
        [[ $facts == 'true [ALL] [] [no-new-privileges:true]' ]] || { echo "$name: $facts"; status=1; }
        [[ $(inspect "$name" '{{.HostConfig.Memory}}') -gt 0 ]] || { echo "$name: no memory limit"; status=1; }
    done
    return $status
}

only_loopback_is_published() {
    local addresses
    addresses=$(for name in "${containers[@]}"; do
        inspect "$name" '{{range .NetworkSettings.Ports}}{{range .}}{{println .HostIp}}{{end}}{{end}}'
    done | sort -u | tr -d '\n')
    echo "$addresses"
    [[ $addresses == 127.0.0.1 ]]
}

admin_key_is_private() {
    local facts
    facts=$(stack exec -T model-serving stat --format '%a %u' /run/slipway/admin-key)
    echo "$facts"
    [[ $facts == '400 10001' ]]
}

status_of() { beside_engine curl --silent --max-time 20 --output "$state/body" --write-out '%{http_code}' "$@"; }

admin_key() { cat "$ADMIN_KEY_FILE"; }

refuses_without_key() {
    local url status=0
    for url in "$MODEL_SERVING_PORT/model_services" "$MODEL_MANAGEMENT_PORT/models" \
        "$RESOURCE_MANAGEMENT_PORT/resource_pools"; do
        url=http://127.0.0.1:$url
        [[ $(status_of "$url") == 401 ]] || { echo "$url without a key: $(cat "$state/body")"; status=1; }
        [[ $(status_of --header "Authorization: Bearer $(admin_key)" "$url") == 200 ]] \
            || { echo "$url with the key: $(cat "$state/body")"; status=1; }
    done
    return $status
}

# From another container of the same network, only the sidecars' own port for each other is open.
sidecars_are_private() {
    stack run --rm --no-deps -T --entrypoint bash slipway -c '
        for server in model-management:8081 resource-management:8082 model-serving:8080; do
            (exec 3<>"/dev/tcp/${server/://}") || exit 1
            if (exec 3<>"/dev/tcp/${server%:*}/3500") 2>/dev/null; then exit 2; fi
        done'
}

servers_are_small() {
    local name bytes status=0
    for name in model-management resource-management model-serving gateway; do
        # Without the page cache, which the kernel takes back when it likes.
        bytes=$(stack exec -T "$name" awk '/^Rss:/ { sum += $2 } END { print sum * 1024 }' \
            "/proc/$(server_process "$name")/smaps_rollup")
        echo "$name: $bytes bytes"
        [[ $bytes -gt 0 && $bytes -lt $((30 << 20)) ]] || status=1
    done
    return $status
}

# The server's process number as its container counts: the child of the container's init.
server_process() { stack exec -T "$1" cat /proc/1/task/1/children | tr -d ' '; }

slipway() { stack run --rm --no-deps -T slipway "$@"; }

offer_resources() {
    slipway pools create cpu --type CPU --capacity 4000
    slipway pools create memory --type Memory --capacity 4096
}

register_model() {
    slipway models register "$demo/tiny-chat.gguf" --name tiny-chat --definition "$demo/model-definition.yaml"
    slipway models get tiny-chat
}

create_service() {
    slipway services create tiny-chat --model tiny-chat --cpu 500m --memory 512Mi --visibility public --wait
}

# usage: ask QUESTION [JSON MEMBERS]
ask() {
    beside_engine curl --silent --show-error --max-time 30 --fail-with-body "$GATEWAY_URL/v1/chat/completions" \
        --header 'Content-Type: application/json' \
        --data "{\"model\": \"tiny-chat\", \"messages\": [{\"role\": \"user\", \"content\": \"$1\"}]${2:+, $2}}"
}

# usage: answers QUESTION WORDS    what the answer must begin with: the words that this model was taught
answers() {
    local answer
    answer=$(ask "$1") || { echo "$answer"; return 1; }
    echo "$answer"
    grep --quiet --fixed-strings "\"content\":\"$2" <<<"$answer"
}

streams() {
    local answer
    answer=$(ask "$1" '"stream": true') || { echo "$answer"; return 1; }
    echo "$answer"
    [[ $(grep --count '^data: ' <<<"$answer") -gt 3 ]] && grep --quiet '^data: \[DONE\]' <<<"$answer"
}

refuses_without_token() {
    slipway services create private-chat --model tiny-chat --cpu 500m --memory 512Mi --wait
    local status
    status=$(status_of "$GATEWAY_URL/services/private-chat/v1/models")
    cat "$state/body"
    slipway services delete private-chat
    [[ $status == 401 ]]
}

state_is_in_database() {
    local rows
    rows=$(stack exec -T state-database psql --username slipway --dbname slipway --tuples-only --no-align \
        --command "select count(*) from slipway_state where key like '%||%'")
    echo "$rows rows"
    [[ $rows -gt 5 ]]
}

survives_restart() {
    stack restart --timeout 40 "$1"
    wait_healthy 90 state-database model-management model-serving
    eventually 60 slipway models get tiny-chat
    eventually 30 answers 'who are you' "$introduction"
}

survives_crash() {
    local before
    before=$(inspect "$1" '{{.RestartCount}}')
    stack exec -T "$1" bash -c "kill -KILL $(server_process "$1")"
    eventually 60 restarted_since "$before" "$1"
    wait_healthy 60 "$1"
    slipway models get tiny-chat
}

restarted_since() { [[ $(inspect "$2" '{{.RestartCount}}') -gt $1 ]]; }

# usage: eventually SECONDS COMMAND…
eventually() {
    local seconds=$1
    shift
    until "$@"; do
        if ((seconds-- <= 0)); then return 1; fi
        sleep 1
    done
}

answers_without_control_plane() {
    local status=0
    stack stop --timeout 40 model-management resource-management model-serving-dapr
    answers 'who are you' "$introduction" || status=1
    stack start model-management resource-management model-serving-dapr
    wait_healthy 90 model-management resource-management model-serving || status=1
    return $status
}

engines_come_back() {
    stack restart --timeout 40 model-serving
    wait_healthy 90 model-serving
    eventually 90 answers 'who are you' "$introduction"
}

survives_down_and_up() {
    stack down --timeout 40
    stack up --detach
    wait_healthy 120 state-database model-management resource-management model-serving gateway
    slipway models get tiny-chat
    eventually 90 answers 'who are you' "$introduction"
}

delete_service() {
    slipway services delete tiny-chat
    eventually 60 nothing_is_held
}

nothing_is_held() {
    local pools
    pools=$(slipway pools list --output json)
    echo "$pools"
    python3 -c '
import json, sys
pools = json.load(sys.stdin)
sys.exit(0 if pools and all(p["total_capacity"] == p["available_capacity"] for p in pools) else 1)' <<<"$pools"
}

# A Docker Engine to test with: the one that answers, or one of Debian's package that is started for the test and
# stopped after it. Sourced by scripts/test-compose.
#
# start_engine   leaves DOCKER_HOST pointing to an engine that answers, or ends the script
# stop_engine    stops the engine if it was started here
# compose …      runs Docker Compose, whichever form of it is installed
# beside_engine COMMAND…   runs a command where the engine publishes ports

engine_process=
network_process=
engine_folder=

start_engine() {
    if docker info >/dev/null 2>&1 && compose_is_installed; then
        note "Docker Engine $(docker version --format '{{.Server.Version}}') answers"
        return
    fi
    install_packages docker.io docker-compose iptables iproute2 slirp4netns
    if ! docker info >/dev/null 2>&1; then run_engine; fi
}

compose_is_installed() {
    docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null
}

compose() {
    if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

# Installs what is missing of Debian's packages; without root it says what to install, and ends the script.
install_packages() {
    local package missing=()
    for package in "$@"; do
        dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep --quiet '^installed$' \
            || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
        stop_with "no Docker Engine answers. Start one, or: sudo apt-get install --yes ${missing[*]}"
    fi
    note "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get install --yes --no-install-recommends "${missing[@]}" \
        || { apt-get update && apt-get install --yes --no-install-recommends "${missing[@]}"; }; } \
        >"$state/apt.log" 2>&1 || stop_with "apt-get failed: $state/apt.log"
}

# Starts an engine with all of its state in this project's folder and in a network of its own, which reaches the world
# through a process without privileges: images, bridges and firewall rules of this machine stay as they are.
run_engine() {
    local seconds=60
    [[ $(id -u) -eq 0 ]] || stop_with 'no Docker Engine answers, and only root can start one'
    engine_folder=$(mktemp --directory)
    write_engine_configuration >"$engine_folder/daemon.json"
    # The engine waits until it has a network.
    setsid unshare --net --mount bash -c 'until ip link show tap0 >/dev/null 2>&1; do sleep 0.1; done; exec "$@"' engine \
        dockerd --config-file "$engine_folder/daemon.json" --data-root "$state/engine" \
        --exec-root "$engine_folder/run" --pidfile "$engine_folder/dockerd.pid" \
        --host "unix://$engine_folder/docker.sock" >"$state/dockerd.log" 2>&1 &
    engine_process=$!
    until [[ $(readlink "/proc/$engine_process/ns/net") != "$(readlink "/proc/$$/ns/net")" ]]; do
        kill -0 "$engine_process" 2>/dev/null || stop_with "no network for the engine: $state/dockerd.log"
        sleep 0.1
    done
    slirp4netns --configure --mtu 65520 --disable-host-loopback "$engine_process" tap0 >"$state/slirp.log" 2>&1 &
    network_process=$!
    export DOCKER_HOST=unix://$engine_folder/docker.sock
    until docker info >/dev/null 2>&1; do
        kill -0 "$engine_process" 2>/dev/null || stop_with "the Docker Engine ended: $state/dockerd.log"
        ((seconds-- > 0)) || stop_with "the Docker Engine does not answer: $state/dockerd.log"
        sleep 1
    done
    note "started Docker Engine $(docker version --format '{{.Server.Version}}')"
}

# Runs a command where the engine publishes ports.
beside_engine() {
    if [[ -n $engine_process ]]; then nsenter --target "$engine_process" --net "$@"; else "$@"; fi
}

# Without the capability to raise limits (bit 24), containers can only get those that this shell has.
write_engine_configuration() {
    local capabilities
    capabilities=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
    if (((0x$capabilities >> 24) & 1)); then
        echo '{}'
        return
    fi
    local files processes
    files=$(ulimit -Hn)
    processes=$(ulimit -Hu)
    printf '{"default-ulimits": {"nofile": {"Name": "nofile", "Hard": %s, "Soft": %s},' "$files" "$files"
    printf ' "nproc": {"Name": "nproc", "Hard": %s, "Soft": %s}}}\n' "$processes" "$processes"
}

stop_engine() {
    [[ -n $engine_process ]] || return 0
    local seconds=30
    # Images of earlier builds that no name points to any more.
    docker image prune --force >/dev/null
    kill -TERM "$engine_process"
    while kill -0 "$engine_process" 2>/dev/null; do
        if ((seconds-- == 0)); then kill -KILL "$engine_process"; fi
        sleep 1
    done
    kill "$network_process" 2>/dev/null
    wait "$engine_process" "$network_process" 2>/dev/null
    engine_process=
    rm -rf "$engine_folder"
    note 'stopped the Docker Engine'
}

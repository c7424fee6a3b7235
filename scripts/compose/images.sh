# The images that docker-compose.yaml names: public ones where a registry answers, stand-ins where none does.
# Sourced by scripts/test-compose.
#
# build_images   exports SLIPWAY_IMAGE, SLIPWAY_ENGINE_IMAGE, POSTGRES_IMAGE and DAPRD_IMAGE

readonly public_base=debian:bookworm-slim
readonly public_builder=swift:6.3-bookworm
registry_answers=yes

build_images() {
    local base=slipway-standin/debian:bookworm builder=slipway-standin/builder:latest
    # The builder that needs nothing but the engine: the one that runs where buildx is not installed.
    docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0

    if has_image "$public_base"; then base=$public_base; else make_base_image "$base"; fi
    if [[ ${BINARIES:-host} == host ]] || ! has_image "$public_builder"; then
        make_builder_image "$builder" "$base"
    else
        builder=$public_builder
    fi
    export SLIPWAY_IMAGE=slipway-test:latest SLIPWAY_ENGINE_IMAGE=slipway-test-engine:latest
    local arguments=(--build-arg "BUILDER_IMAGE=$builder" --build-arg "RUNTIME_IMAGE=$base")
    build_image "$SLIPWAY_IMAGE" . "${arguments[@]}" --target runtime
    build_image "$SLIPWAY_ENGINE_IMAGE" . "${arguments[@]}" --target engine

    export POSTGRES_IMAGE=postgres:15-bookworm DAPRD_IMAGE=daprio/daprd:1.17.13
    if ! has_image "$POSTGRES_IMAGE"; then
        POSTGRES_IMAGE=slipway-standin/postgres:15
        build_image "$POSTGRES_IMAGE" scripts/compose/postgres --build-arg "BASE=$base"
    fi
    if ! has_image "$DAPRD_IMAGE"; then
        DAPRD_IMAGE=slipway-standin/daprd:latest
        build_image "$DAPRD_IMAGE" scripts/compose/sidecar --build-arg "SLIPWAY=$SLIPWAY_IMAGE"
    fi
}

has_image() {
    if docker image inspect "$1" >/dev/null 2>&1; then return; fi
    [[ $registry_answers == yes ]] || return 1
    if timeout 600 docker pull --quiet "$1" >"$state/pull.log" 2>&1; then return; fi
    registry_answers=no
    note 'no image registry answers: stand-ins are made from Debian packages'
    return 1
}

# Debian as small as its installer makes it. It trusts the certificate authorities that this machine trusts.
make_base_image() {
    local archive=$state/debian-bookworm.tar
    if docker image inspect "$1" >/dev/null 2>&1; then return; fi
    if [[ ! -s $archive ]]; then
        install_packages debootstrap
        [[ $(id -u) -eq 0 ]] || stop_with 'only root can make a base image with debootstrap'
        note 'making a Debian base image'
        local root
        root=$(mktemp --directory)
        chmod 0755 "$root"
        debootstrap --variant=minbase bookworm "$root" >"$state/debootstrap.log" 2>&1 \
            || stop_with "debootstrap failed: $state/debootstrap.log"
        rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
        mkdir -p "$root/usr/local/share/ca-certificates"
        cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
        tar --directory "$root" --numeric-owner --create --file "$archive.new" .
        mv "$archive.new" "$archive"
        rm -rf "$root"
    fi
    docker import --change 'CMD ["bash"]' "$archive" "$1" >/dev/null
}

# An image with nothing but release programs from this machine's compiler, which bring the Swift runtime with them.
make_builder_image() {
    local folder=$state/builder
    command -v swift >/dev/null || stop_with "neither Swift nor the image $public_builder can be had"
    note 'building release programs'
    rm -rf "$folder"
    scripts/build-release "$folder/bin" >"$state/swift-build.log" 2>&1 \
        || { tail -n 20 "$state/swift-build.log" >&2; stop_with 'the programs do not build'; }
    printf 'FROM %s\nCOPY bin /out/bin\n' "$2" >"$folder/Dockerfile"
    build_image "$1" "$folder"
}

build_image() {
    local name=$1 context=$2
    shift 2
    note "building the image $name"
    docker build --tag "$name" "$@" "$context" >"$state/image-build.log" 2>&1 \
        || { tail -n 20 "$state/image-build.log" >&2; stop_with "the image $name does not build"; }
}

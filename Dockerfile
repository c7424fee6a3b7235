# The images of Slipway; `docker-compose.yaml` chooses which program runs.
#
#   runtime   every program of the platform and the shared libraries that they need
#   engine    the same with llama.cpp's server and the demo model, for containers in which engines run
#
#   docker build --target runtime --tag slipway:latest .
#   docker build --target engine --tag slipway-engine:latest .
#
# BUILDER_IMAGE compiles. One that brings the programs already, in /out/bin, compiles nothing: that is how a machine
# that cannot pull the public Swift image still builds and runs the stages that ship.
ARG BUILDER_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILDER_IMAGE} AS builder
WORKDIR /source
COPY . .
RUN scripts/build-release /out/bin

FROM ${RUNTIME_IMAGE} AS runtime
# The user's numbers are fixed, so that they can be named from outside: in volumes, in Kubernetes' runAsUser. Volumes take
# over owner and mode of the folders that they are mounted on.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates libcurl4 libpq5 libsqlite3-0 libssl3 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 slipway \
    && useradd --no-log-init --uid 10001 --gid slipway --home-dir /var/lib/slipway --shell /usr/sbin/nologin slipway \
    && install --directory --owner slipway --group slipway --mode 0700 \
        /run/slipway /var/lib/slipway /var/lib/slipway/data
COPY deploy/image/healthcheck /usr/local/bin/
COPY config/access_model.conf config/access_policy.csv /etc/slipway/
COPY --from=builder /out/bin/ /usr/local/bin/
ENV SLIPWAY_HOST=0.0.0.0 SLIPWAY_DATA_DIR=/var/lib/slipway/data SLIPWAY_LOG_FORMAT=json \
    SLIPWAY_ACCESS_MODEL_FILE=/etc/slipway/access_model.conf SLIPWAY_ACCESS_POLICY_FILE=/etc/slipway/access_policy.csv
WORKDIR /var/lib/slipway
USER 10001
CMD ["slipway", "--help"]

FROM runtime AS engine
USER 0
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY demo/ /opt/slipway/demo/
RUN /opt/slipway/demo/install-engine /opt/engines && rm -rf /opt/slipway/demo/wheels
# Last, so that the environment's programs hide none of the system's.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/engines/bin
USER 10001

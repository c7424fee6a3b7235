# One image with every program of Slipway; `docker-compose.yaml` chooses which one runs.
#
# BUILDER_IMAGE compiles. One that brings the programs already, in /out/bin, compiles nothing: that is how a machine
# that cannot pull the public Swift image still builds and runs the stages that ship.
ARG BUILDER_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILDER_IMAGE} AS builder
WORKDIR /source
COPY Package.swift Package.resolved* ./
COPY Shared Shared
COPY Services Services
COPY Tools Tools
COPY Tests Tests
COPY scripts/build-release scripts/install-dependencies scripts/
RUN scripts/build-release /out/bin

FROM ${RUNTIME_IMAGE} AS runtime
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libcurl4 libsqlite3-0 libssl3 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/slipway --create-home slipway \
    && install --directory --owner slipway --group slipway --mode 0700 /run/slipway /var/lib/slipway/data
COPY --from=builder /out/bin/ /usr/local/bin/
ENV SLIPWAY_DATA_DIR=/var/lib/slipway/data SLIPWAY_LOG_FORMAT=json
WORKDIR /var/lib/slipway
USER slipway
CMD ["slipway", "--help"]

# With the engine of the demo model beside ModelServing: llama.cpp's server, from a Python wheel.
FROM runtime AS engine
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY demo/ /opt/slipway/demo/
RUN /opt/slipway/demo/install-engine /opt/engines && rm -rf /opt/slipway/demo/wheels
ENV PATH=/opt/engines/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER slipway

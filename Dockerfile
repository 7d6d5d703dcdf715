# lakelint as the image of a CI job: a static program with git and a shell, and no entry point, so that GitLab and GitHub can run scripts.
# docs/install.md says how to use it.
FROM rust:1.95-alpine AS build
# Packages have no version: Alpine keeps only the newest of a release.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /lakelint
COPY . .
ARG TARGETARCH
# The folder is named after the processor: a release puts programs that are built already in the place of this stage.
RUN RUSTFLAGS="-C force-unwind-tables=no" cargo build --release --locked && install -D target/release/lakelint "/programs/$TARGETARCH/lakelint"

FROM alpine:3.23
# A repository is mounted by whoever runs the image, seldom by the user in it, and git would refuse to read it. 1001 is the user of
# GitHub's runners.
# hadolint ignore=DL3018
RUN apk add --no-cache ca-certificates git \
    && git config --system --add safe.directory '*' \
    && adduser -D -u 1001 lakelint
ARG TARGETARCH
COPY --from=build "/programs/$TARGETARCH/lakelint" /usr/local/bin/lakelint
USER 1001
WORKDIR /work
CMD ["lakelint", "--help"]

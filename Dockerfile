# Ringback in a container: docs/deploying.md says how to build and run it.
# Each step is a script of scripts/, which the tests run as well.

FROM node:20-bookworm-slim AS pages
WORKDIR /source
COPY scripts/build-pages scripts/
COPY web web
RUN scripts/build-pages

FROM python:3.11-slim-bookworm AS program
WORKDIR /source
COPY . .
COPY --from=pages /source/web/dist web/dist
RUN scripts/build-wheel /wheel && scripts/install-wheel /wheel/*.whl /opt/ringback

FROM python:3.11-slim-bookworm
COPY scripts/system-packages /tmp/
# What speaks the texts of the settings.
RUN /tmp/system-packages espeak-ng:espeak-ng && rm -rf /var/lib/apt/lists/* /tmp/system-packages \
    && useradd --uid 10001 --shell /usr/sbin/nologin --home-dir /var/lib/ringback --create-home ringback
COPY --from=program /opt/ringback /opt/ringback
ENV PATH=/opt/ringback/bin:$PATH RINGBACK_CONFIG=/etc/ringback/ringback.yaml
USER ringback
WORKDIR /var/lib/ringback
VOLUME /var/lib/ringback
# server.listen_address of the settings, where it is not the default.
ENV RINGBACK_HEALTH=http://127.0.0.1:8080/healthz
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python3", "-c", "import os, urllib.request; urllib.request.urlopen(os.environ['RINGBACK_HEALTH'], timeout=4)"]
# SIGTERM lets live calls end, up to server.drain_timeout.
STOPSIGNAL SIGTERM
ENTRYPOINT ["ringback"]
CMD ["serve"]

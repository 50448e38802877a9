FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build

# Dependencies first: this layer is made again only when a lock changes.
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv tools \
 && tools/bin/pip install --only-binary :all: --require-hashes --requirement requirements-build.lock \
 && python3 -m venv --without-pip /opt/bff \
 && tools/bin/pip --python /opt/bff/bin/python install --no-compile --only-binary :all: --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY app ./app
# Bytecode is compiled here once and never compared with file times: the image may be read-only.
RUN tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && tools/bin/pip --python /opt/bff/bin/python install --no-compile --no-deps dist/*.whl \
 && /opt/bff/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/bff/lib \
 && mkdir -p /var/lib/bff


FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="ads-bff" \
      org.opencontainers.image.description="A backend-for-frontend gateway between first-party frontends and a third-party ads platform." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/bff/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BFF_ENV=production \
    BFF_LEDGER__PATH=/var/lib/bff/bff.db

COPY --from=build /opt/bff /opt/bff
# The ledger is all that the gateway writes; everything else may be mounted read-only.
COPY --from=build --chown=10001:10001 /var/lib/bff /var/lib/bff
VOLUME ["/var/lib/bff"]
WORKDIR /var/lib/bff

USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import http.client, os; port = int(os.environ.get('BFF_OPERATIONS__PORT') or 8000); c = http.client.HTTPConnection('127.0.0.1', port, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["bff", "serve", "--host", "0.0.0.0", "--port", "8000"]

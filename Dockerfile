# An image of Taskloom for a MongoDB elsewhere: it contains no mongod (see NOTICE).

FROM node:22-slim AS web
WORKDIR /src/platform/web
COPY platform/web/package.json platform/web/package-lock.json platform/web/.npmrc ./
RUN npm ci && npm run build

FROM python:3.12-slim AS wheel
WORKDIR /src
COPY requirements/build.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY workflow_schemas workflow_schemas
COPY platform/taskloom platform/taskloom
COPY --from=web /src/platform/taskloom/static platform/taskloom/static
RUN hatchling build -t wheel -d /dist

FROM python:3.12-slim
COPY requirements/base.txt /tmp/requirements.txt
COPY --from=wheel /dist/*.whl /tmp/
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements.txt \
  && pip install --no-cache-dir --no-deps /tmp/taskloom-*.whl \
  && rm /tmp/taskloom-*.whl /tmp/requirements.txt \
  && useradd --system --uid 10001 --home-dir /var/lib/taskloom --create-home taskloom
USER taskloom
WORKDIR /var/lib/taskloom
ENV PYTHONUNBUFFERED=1 \
  TASKLOOM_HOST=0.0.0.0 \
  TASKLOOM_PORT=8080 \
  TASKLOOM_DATA_DIR=/var/lib/taskloom
VOLUME /var/lib/taskloom
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['TASKLOOM_PORT'] + '/readyz', timeout=4)"]
ENTRYPOINT ["taskloom"]
CMD ["serve"]

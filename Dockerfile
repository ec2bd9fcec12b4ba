# The site as one image: daphne serves pages, sockets and static files. See docker-compose.yml.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/lobby/.venv/bin:$PATH
WORKDIR /lobby

RUN python -m venv .venv
COPY requirements.txt ./
RUN .venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY manage.py ./
COPY bin/docker-entry bin/docker_health.py bin/
COPY mysite mysite
COPY chat chat
COPY templates templates
RUN SECRET_KEY=only-for-the-build python manage.py collectstatic --noinput -v 0 \
    && useradd --system --uid 1000 --home-dir /lobby lobby \
    && mkdir -p data && chown lobby data

USER lobby
VOLUME /lobby/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["bin/docker_health.py"]
ENTRYPOINT ["bin/docker-entry"]

# Sightline in a container. One process serves everything, since the embedded store of observations allows one.
#   docker build -t sightline .                       (with SmolVLM's engine, some minutes: --build-arg ENGINE=1)
#   docker run -p 8080:8080 -v sightline:/data -e APP_USERNAME=asha -e APP_PASSWORD=... sightline
FROM python:3.12-slim

ARG ENGINE=0
WORKDIR /app
COPY requirements-core.txt requirements.txt ./
RUN pip install --no-cache-dir -r requirements-core.txt
RUN if [ "$ENGINE" = 1 ]; then \
      apt-get update && apt-get install -y --no-install-recommends build-essential cmake \
      && pip install --no-cache-dir -r requirements.txt \
      && apt-get purge -y --auto-remove build-essential cmake && rm -rf /var/lib/apt/lists/*; \
    fi
COPY . .
RUN useradd --system --home-dir /data sightline && install -d -o sightline -g sightline -m 700 /data

USER sightline
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/data PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=4)"]
CMD ["python", "flask_app.py"]

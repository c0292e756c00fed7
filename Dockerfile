# One image for web, worker and migrate; the command is ./carevan's.
FROM debian:12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv osm2pgsql npm ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home carevan \
    && install -d -o carevan -g carevan /home/carevan/data /home/carevan/data/keys /home/carevan/data/roads

WORKDIR /app
COPY --chown=root:root . /app
USER carevan
# The environment is made into the image; keys and roads live in volumes.
ENV CAREVAN_HOME=/home/carevan/data
RUN CAREVAN_DATABASE_URL=postgresql://elsewhere/carevan ./carevan setup
ENTRYPOINT ["/app/carevan"]
CMD ["serve"]

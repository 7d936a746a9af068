"""create_app() and main(): wiring, serving, stopping. Nothing else is decided here.

What is slow is imported and opened by :func:`open_stores`, in a thread beside the serving ones: the page comes first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask
from flask.cli import ScriptInfo, run_command

from config import Settings, misspelt, write_pages
from core.bus import Bus
from core.clock import Clock, SystemClock
from core.errors import SightlineError
from core.redaction import Redactor
from core.web_address import Reach
from storage.holdings import Holdings
from storage.ownership import Ownership
from storage.room import Room
from storage.thumbnails import Thumbnails
from web.audit import start_audit
from web.classic.in_force import IN_FORCE, in_force
from web.commands.group import Commands
from web.control import Command, ControlSocket
from web.furnishing import Entrance, furnish
from web.logs import start_logging
from web.map_ground import MapGround
from web.opening import Opening
from web.seats import Seats
from web.security import refuse_guessable_key, refuse_open_door
from web.server import serve, share_heaps
from web.services import CLOUD, EXTENSION, HOLDINGS, OPENER, Door, Limits, Media, Services, SourceState, Stores
from web.services import Site as SiteCard
from web.throttle import Throttle

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from analyzer.leaving import Leaving
    from analyzer.models.catalogue import Catalogue
    from analyzer.models.model import VisionModel
    from analyzer.run import RunMeans
    from sessions.conversations import Conversations
    from sessions.export.exports import Exports
    from sessions.export.importing import Imports
    from sessions.housekeeping import Housekeeper
    from sessions.registers import Registers
    from sessions.site import Sites
    from storage.database import Database
    from storage.figures import FigureStore
    from storage.google_cloud import Access
    from storage.sources import Pictures

VERSION = "0.1.0"
ROOT = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None, models: Sequence[VisionModel] | None = None) -> Flask:
    """The app. Opens no database and writes nothing: that waits for the first request, or for :func:`main`.

    ``models`` take the place of this machine's, for tests, benches and people who develop against the seam.
    """
    if settings is None:
        _refuse_development_server()
        settings = _settings()
    held = Holdings(settings.data_dir, settings.database_url)
    state = Opening(held.open_state, lambda engine: engine.dispose())
    ground = Ground(SystemClock(), Bus(), Ownership(settings.data_dir), held, state)
    house = Services(
        site=SiteCard(settings.site_name, str(settings.site_timezone)),
        clock=ground.clock,
        bus=ground.bus,
        limits=Limits(upload_bytes=settings.max_sheet_bytes, workers=settings.max_workers),
        seats=Seats(settings.max_streams, settings.max_streams_each),
        version=VERSION,
        map_ground=MapGround(settings.google_maps_api_key, dict(settings.map_tiles), settings.map_credit),
        started_at=ground.clock.now(),
        room=Room(settings.data_dir),
        door=Opening(lambda: open_door(settings, ground), lambda _: None),
        opening=Opening(lambda: open_stores(settings, ground, models), lambda stores: stores.close()),
        pictures_elsewhere=_named_pictures(settings).startswith(("gs://", "sheet://")),
    )
    app = Flask(__name__)
    entrance = Entrance(
        trusted_hosts=settings.trusted_hosts,
        key_folder=settings.data_dir,
        secret_key=settings.secret_key or None,
        port=settings.port,
        sign_in_days=settings.sign_in_days,
        trusted_proxies=settings.trusted_proxies,
        secure_cookies=settings.secure_cookies,
        cors_origins=settings.cors_origins,
    )
    furnish(app, house, entrance)
    app.extensions["sightline.ground"] = ground
    app.extensions[HOLDINGS] = held  # what backup and restore go by
    app.extensions[IN_FORCE] = in_force(settings, ROOT / ".env")
    app.extensions[OPENER] = lambda **named: open_stores(replace(settings, **named), ground, models)
    app.config["SIGHTLINE_VERSION"] = VERSION
    app.config["EXCEL_FILE"] = settings.excel_file  # what the plan command goes by
    app.extensions[CLOUD] = (settings.gcs_bucket_name, settings.gcs_prefix, _access(settings))
    app.config.update(DATA_DIR=settings.data_dir, MODELS_DIR=settings.models_dir, SITE_TIMEZONE=house.site.timezone)
    app.cli = Commands(name=app.name)
    app.cli.add_command(write_docs)
    return app


def main() -> None:
    """Serve until told to stop; ``python flask_app.py COMMAND`` runs a command instead."""
    try:
        settings = _settings()
        if sys.argv[1:]:
            app = create_app(settings)
            app.cli.main(args=sys.argv[1:], prog_name="flask_app.py", obj=ScriptInfo(create_app=lambda: app))
        else:
            run_server(settings)
    except SightlineError as error:
        sys.exit(f"Sightline can't start. {error.sentence} {error.hint}".rstrip())


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything stands on, closed after everything; the state opens first, since it says who is let in."""

    clock: Clock
    bus: Bus
    ownership: Ownership
    held: Holdings
    state: Opening[Engine]


def open_stores(settings: Settings, ground: Ground, models: Sequence[VisionModel] | None = None) -> Stores:
    """Open what takes time, from the ground up; what was opened before a failure is closed again."""
    from analyzer.run import RunMeans
    from core.ids import Ids
    from sessions.conversations import Conversations
    from sessions.links import Links
    from sessions.outgoing import Outgoing
    from sessions.site import Sites, SourceInForce
    from sessions.uploads import Uploads, matched_so_far
    from storage.belongings import Belongings
    from storage.census import Census
    from storage.conversations import ConversationStore
    from storage.event_log import EventLog
    from storage.figures import FigureStore
    from storage.links import LinkStore
    from storage.observations import ObservationStore
    from storage.picture_index import PictureIndex

    with ExitStack() as opened:
        data, clock = settings.data_dir, ground.clock
        engine, database = _databases(opened, ground)
        registers, pictures = _open_registers(settings, engine, clock)
        sites = Sites(registers.open(), registers.earlier)
        source, sample = SourceInForce(sites), not _named_pictures(settings)
        catalogue = _models(settings, models)
        opened.callback(catalogue.close)
        store, index, seen = ConversationStore(engine), PictureIndex(engine), ObservationStore(database)
        figures, workers, reuse_s = FigureStore(database), settings.max_workers, settings.reuse_observations_s
        leaving = _leaving(settings, clock)
        means = RunMeans(seen, index, store, clock, workers, reuse_s, Room(data).check, leaving, lambda: census.latest)
        opened.callback(leaving.close)
        conversations = Conversations(sites, catalogue, store, figures, EventLog(engine), ground.bus, means, Ids(clock))
        opened.callback(conversations.close)
        conversations.resume()
        census = opened.enter_context(Census(source, clock, lambda: bool(conversations.under_way)))
        housekeeper = _housekeeper(settings, conversations, means)
        opened.callback(housekeeper.close)
        housekeeper.start()
        exports, imports = _files(settings, conversations, means, figures, sites)
        links = Links(conversations, LinkStore(engine, clock, Ids(clock)), seen)
        match = partial(matched_so_far, index, pictures.under)
        uploads = Uploads(registers, data / "tmp", match, conversations.settle, Ids(clock), clock)
        return Stores(
            conversations=conversations,
            media=Media(index.picture, source, Thumbnails(data / "thumbnails", max_pixels=settings.max_picture_pixels)),
            source=lambda: SourceState.of(census, source.name, None if sample else pictures.label),
            register=lambda: registers.register if registers.register.name else None,
            uploads=uploads,
            exports=exports,
            imports=imports,
            links=links,
            outgoing=Outgoing(data / "logs", Belongings(engine), settings.site_timezone),
            models=catalogue.states,
            try_pictures=pictures.tried,
            catalogue=catalogue,
            commands=_commands(ground, engine, database, housekeeper),
            warnings=lambda: [housekeeper.warning] if housekeeper.warning else [],
            close=opened.pop_all().close,
        )


def _databases(opened: ExitStack, ground: Ground) -> tuple[Engine, Database]:
    """State and observations, open and ours alone until ``opened`` is closed."""
    from storage.engine import claimed

    ground.ownership.start()
    opened.callback(ground.ownership.close)
    engine = ground.state.get()
    opened.callback(engine.dispose)
    opened.enter_context(claimed(engine))
    database = ground.held.observations()
    opened.callback(database.close)
    database.open()
    return engine, database


def _leaving(settings: Settings, clock: Clock) -> Leaving:
    """What holds for every picture that leaves this machine."""
    from analyzer.leaving import Spending, open_leaving

    spending = Spending(settings.max_usd_per_run, settings.max_usd_per_day, settings.confirm_above_usd)
    return open_leaving(settings.data_dir, settings.inline_images, spending, clock, settings.site_timezone)


def _housekeeper(settings: Settings, conversations: Conversations, means: RunMeans) -> Housekeeper:
    from sessions.housekeeping import Housekeeper, Keeping

    keeping = Keeping(settings.keep_bin_days, settings.keep_sessions_days, settings.keep_sights_days)
    book = settings.data_dir / "housekeeping.json"
    return Housekeeper(conversations, means.observations, keeping, book, means.clock)


def _commands(ground: Ground, engine: Engine, database: Database, housekeeper: Housekeeper) -> Mapping[str, Command]:
    """What the control socket offers."""
    from web.commands.backup import backup_on_request
    from web.commands.housekeeping import housekeeping_on_request

    return {
        "backup": backup_on_request(engine, database, ground.held, VERSION),
        "housekeeping": housekeeping_on_request(housekeeper),
    }


def _models(settings: Settings, models: Sequence[VisionModel] | None) -> Catalogue:
    """This machine's models, or the ``models`` that take their place."""
    from analyzer.models.catalogue import Catalogue
    from analyzer.models.openai.client import Server
    from analyzer.models.openai.supply import configured
    from analyzer.models.opening import open_catalogue
    from analyzer.models.smolvlm.supply import Keeping
    from analyzer.models.smolvlm.tiles import Splitting

    if models:
        return Catalogue(models)
    keeping = Keeping(
        threads=settings.smolvlm_threads,
        self_test=settings.smolvlm_self_test,
        at_once=settings.model == "smolvlm",
        splitting=Splitting(settings.smolvlm_tiles),
        tiles_limit_bytes=settings.smolvlm_store_bytes,
        states_limit_bytes=settings.smolvlm_memory_bytes,
    )
    where = (settings.openai_base_url, settings.openai_api_key, settings.openai_model, float(settings.openai_timeout_s))
    cloud = configured(Server(*where), settings.data_dir, settings.plan_with_model, settings.report_with_model)
    at, named, most = (settings.models_dir, settings.data_dir), settings.smolvlm_model, settings.max_picture_pixels
    return open_catalogue(*at, settings.model, smolvlm=named, cloud=cloud, keeping=keeping, max_pixels=most)


def _files(
    settings: Settings, conversations: Conversations, means: RunMeans, figures: FigureStore, sites: Sites
) -> tuple[Exports, Imports]:
    """What goes out as files, and what comes in."""
    from sessions.export.exports import Exports
    from sessions.export.importing import Imports

    seen, clock, folder = means.observations, means.clock, settings.data_dir / "tmp" / "exports"
    zone = settings.site_timezone
    exports = Exports(conversations, seen, figures, lambda: sites.now.register, zone, clock, folder)
    return exports, Imports(conversations, means.conversations, seen, sites, clock)


def open_door(settings: Settings, ground: Ground) -> Door:
    """What decides who is let in; the person whom the settings name is there from now on."""
    from core.ids import Ids
    from sessions.audience import Audience
    from storage.belongings import Belongings
    from storage.passwords import Passwords
    from storage.people import PeopleStore, ensure

    clock, engine = ground.clock, ground.state.get()
    people = PeopleStore(engine, Passwords(), clock, Ids(clock))
    if settings.app_username or settings.app_password:
        ensure(people, settings.app_username, settings.app_password)
    return Door(people, Audience(Belongings(engine), clock), Throttle(clock))


def _open_registers(settings: Settings, engine: Engine, clock: Clock) -> tuple[Registers, Pictures]:
    """The registers, and the pictures that are listed under one of them."""
    from sessions.registers import GivenSheet, Origin, Registers
    from sessions.site import Site
    from storage.register_shelf import RegisterShelf

    pictures, is_sample = _pictures(settings), not _named_pictures(settings)
    sheet = settings.excel_file or pictures.sheet or (pictures.beside("cameras.xlsx") if is_sample else None)
    origin = Origin.SAMPLE if is_sample and settings.excel_file is None else Origin.SETTINGS
    shelf = RegisterShelf(Holdings(settings.data_dir).registers_folder, engine, clock)
    zone = settings.site_timezone
    return Registers(shelf, GivenSheet(sheet, origin), lambda one: Site(pictures.under(one), one, zone)), pictures


def _named_pictures(settings: Settings) -> str:
    """The address that the settings name; none for the sample city."""
    if settings.pictures_from:
        return settings.pictures_from
    if settings.use_gcs_storage:
        return f"gs://{settings.gcs_bucket_name}/{settings.gcs_prefix}"
    return f"file://{settings.images_dir}" if settings.images_dir else ""


def _pictures(settings: Settings) -> Pictures:
    """The person's pictures, or the sample city's."""
    from storage.sources import Pictures

    address = _named_pictures(settings)
    if not address:
        sample = settings.data_dir / "sample"
        if not (sample / "pictures").is_dir():
            from examples.sample_city import draw_city

            # As if taken today, so that questions about yesterday find something.
            draw_city(sample, now=datetime.now(settings.site_timezone).replace(tzinfo=None))
        address = f"file://{sample / 'pictures'}"
    reach = Reach(settings.fetch_networks, settings.fetch_ports)
    return Pictures(address, settings.site_timezone, settings.max_picture_bytes, reach, _access(settings))


def _access(settings: Settings) -> Access:
    """How buckets are reached."""
    from storage.google_cloud import Access

    key, endpoint = settings.google_application_credentials, settings.storage_emulator_host
    return Access(settings.gcs_project_id, key, endpoint, settings.signed_url_minutes)


def run_server(settings: Settings, models: Sequence[VisionModel] | None = None) -> None:
    """Serve until a signal says to stop; everything is closed when this returns."""
    share_heaps()
    app = create_app(settings, models)
    house: Services = app.extensions[EXTENSION]
    ground: Ground = app.extensions["sightline.ground"]
    control = ControlSocket(settings.data_dir, lambda name: house.stores.commands.get(name))
    with ExitStack() as started:
        # Before anything is served: a second Sightline on these data ends here, with the first one's process id.
        ground.ownership.start()
        for close in (ground.ownership.close, ground.state.close, house.door.close, house.opening.close):
            started.callback(close)
        if settings.app_username or settings.app_password:
            house.door.get()  # what is wrong with them stops the start
        refuse_open_door(settings.host, settings.trusted_proxies, lambda: house.door.get().people.anybody())
        refuse_guessable_key(settings.host, settings.secret_key)
        redact, logs = Redactor(settings.secrets), settings.data_dir / "logs"
        start_logging(redact, logs, settings.log_level, settings.log_format)
        start_audit(redact, logs)
        house.opening.start()
        control.start()
        started.callback(control.close)
        serve(app, settings.host, settings.port, settings.max_streams, settings.max_sheet_bytes, house.bus.close)


def _settings() -> Settings:
    """Read beside this file. A command that is told wrong settings says so in a line, without a traceback."""
    for told in misspelt(os.environ):
        click.echo(told, err=True)
    try:
        return Settings.load(os.environ, ROOT / ".env")
    except SightlineError as error:
        if click.get_current_context(silent=True) is None:
            raise
        raise click.ClickException(f"{error.sentence} {error.hint}".rstrip()) from error


def _refuse_development_server() -> None:
    """``flask run`` would serve without what :func:`run_server` looks after: who is let in, the log, a clean stop."""
    context = click.get_current_context(silent=True)
    if context is not None and context.command is run_command:
        raise click.ClickException("`flask run` is for developing and has no guard. Serve with: python flask_app.py")


@click.command("docs")
def write_docs() -> None:
    """Write .env.example and docs/ref/config.md anew."""
    for path in write_pages(ROOT):
        click.echo(path)


if __name__ == "__main__":
    main()

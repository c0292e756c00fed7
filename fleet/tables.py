"""The tables as SQLAlchemy Core sees them. The migrations own their making; a test holds the two together."""

from __future__ import annotations

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = sa.MetaData()
_INSTANT = sa.DateTime(timezone=True)
# As the migration computes it, in the words of pg_get_expr.
_CLOSED_BY = """
COALESCE(closed_by_own,
CASE channel
    WHEN 'call'::text THEN ARRAY['call'::text, 'grid'::text, 'check'::text, 'visit'::text, 'monthly'::text]
    WHEN 'check'::text THEN ARRAY['grid'::text, 'check'::text, 'visit'::text, 'monthly'::text]
    WHEN 'visit'::text THEN ARRAY['visit'::text, 'monthly'::text]
    ELSE ARRAY['monthly'::text]
END)
"""


def _geometry(kind: str) -> Geometry:
    return Geometry(kind, srid=4326, spatial_index=False)


district = sa.Table(
    "district",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("timezone", sa.Text, nullable=False, server_default=sa.text("'Asia/Shanghai'::text")),
    sa.Column("centre", _geometry("POINT"), nullable=False),
    sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.text("false")),
)

district_phone = sa.Table(
    "district_phone",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("number", sa.Text, nullable=False),
)

district_state = sa.Table(
    "district_state",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("state", sa.BigInteger, nullable=False, server_default=sa.text("0")),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("state", sa.BigInteger, primary_key=True),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
)

site = sa.Table(
    "site",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("geom", _geometry("POINT"), nullable=False),
    sa.Column("is_depot", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("is_kitchen", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("opens", sa.Time, nullable=False, server_default=sa.text("'08:00:00'::time without time zone")),
    sa.Column(
        "closes", sa.Time, nullable=False, server_default=sa.text("'18:00:00'::time without time zone")
    ),
)

crew = sa.Table(
    "crew",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("skills", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]")),
)

van = sa.Table(
    "van",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("plate", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("colour", sa.Text, nullable=False, server_default=sa.text("'#2fb7c9'::text")),
    sa.Column("features", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]")),
    sa.Column("hot_cups", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("cold_cups", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("depot_id", sa.Integer, sa.ForeignKey("site.id")),
)

shift = sa.Table(
    "shift",
    metadata,
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("crew_id", sa.Integer, sa.ForeignKey("crew.id"), nullable=False),
    sa.Column("starts", _INSTANT, nullable=False),
    sa.Column("ends", _INSTANT, nullable=False),
)

terminal = sa.Table(
    "terminal",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("'screen'::text")),
    sa.Column("is_primary", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("datum", sa.Text, nullable=False, server_default=sa.text("'wgs84'::text")),
    sa.Column("token_hash", sa.LargeBinary),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("revoked_at", _INSTANT),
    sa.Column("hardware_id", sa.Text),
    sa.Column("enrol_until", _INSTANT),
)

terminal_heard = sa.Table(
    "terminal_heard",
    metadata,
    sa.Column("terminal_id", sa.Integer, sa.ForeignKey("terminal.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("heard_at", _INSTANT, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("fix_t", _INSTANT),
    sa.Column("lag_s", sa.REAL),
    sa.Column("offset_s", sa.REAL),
    sa.Column("fixes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("refused", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("offset_told", sa.Boolean, nullable=False, server_default=sa.text("false")),
)

terminal_alarm = sa.Table(
    "terminal_alarm",
    metadata,
    sa.Column("terminal_id", sa.Integer, sa.ForeignKey("terminal.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("t", _INSTANT, primary_key=True),
    sa.Column("bits", sa.BigInteger, nullable=False),
)

terminal_seen = sa.Table(
    "terminal_seen",
    metadata,
    sa.Column("terminal_id", sa.Integer, sa.ForeignKey("terminal.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("plan", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("seq", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("state", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("app", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("at", _INSTANT, nullable=False),
)

pairing = sa.Table(
    "pairing",
    metadata,
    sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    sa.Column("terminal_id", sa.Integer, sa.ForeignKey("terminal.id", ondelete="CASCADE"), nullable=False),
    sa.Column("expires_at", _INSTANT, nullable=False),
    sa.Column("used_at", _INSTANT),
)

recipient = sa.Table(
    "recipient",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("birth_year", sa.Integer, nullable=False),
    sa.Column("home_id", sa.Integer, sa.ForeignKey("site.id"), nullable=False),
    sa.Column("stop_id", sa.Integer, sa.ForeignKey("site.id")),
    sa.Column("risk", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("sugar_free", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column(
        "nap_from", sa.Time, nullable=False, server_default=sa.text("'12:00:00'::time without time zone")
    ),
    sa.Column(
        "nap_to", sa.Time, nullable=False, server_default=sa.text("'14:00:00'::time without time zone")
    ),
)

cadence = sa.Table(
    "cadence",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("recipient_id", sa.Integer, sa.ForeignKey("recipient.id", ondelete="CASCADE"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("target_days", sa.REAL, nullable=False),
    sa.Column("min_days", sa.REAL, nullable=False),
    sa.Column("max_days", sa.REAL, nullable=False),
    sa.Column("service_s", sa.Integer, nullable=False),
    sa.Column("skills", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]")),
    sa.Column("mandatory", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("own", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("day_from", sa.Date),
    sa.Column("day_to", sa.Date),
    sa.Column("closed_by_own", ARRAY(sa.Text)),
    sa.Column("closed_by", ARRAY(sa.Text), sa.Computed(_CLOSED_BY, persisted=True)),
)

beat = sa.Table(
    "beat",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("dedicated", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("geom", _geometry("MULTIPOLYGON"), nullable=False),
)

beat_cell = sa.Table(
    "beat_cell",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("beat_id", sa.Integer, sa.ForeignKey("beat.id", ondelete="CASCADE"), nullable=False),
    sa.Column("geom", _geometry("POINT"), nullable=False),
    sa.Column("passes", sa.Integer, nullable=False, server_default=sa.text("2")),
)

beat_assignment = sa.Table(
    "beat_assignment",
    metadata,
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("beat_id", sa.Integer, sa.ForeignKey("beat.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day_from", sa.Date, primary_key=True),
    sa.Column("day_to", sa.Date),
)

menu_item = sa.Table(
    "menu_item",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("season", sa.Text, nullable=False),
    sa.Column("container", sa.Text, nullable=False),
    sa.Column("hold_s", sa.Integer, nullable=False),
    sa.Column("sugary", sa.Boolean, nullable=False, server_default=sa.text("false")),
)

season_override = sa.Table(
    "season_override",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day_from", sa.Date, primary_key=True),
    sa.Column("day_to", sa.Date, nullable=False),
    sa.Column("season", sa.Text, nullable=False),
)

season_rule = sa.Table(
    "season_rule",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("season", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("begins", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("ends", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("limit_c", sa.REAL),
)

day_temperature = sa.Table(
    "day_temperature",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("max_c", sa.REAL),
    sa.Column("min_c", sa.REAL),
    sa.Column("noted_at", _INSTANT, nullable=False),
    sa.Column("noted_by", sa.Text, nullable=False),
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("display", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("locked_until", _INSTANT),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("disabled_at", _INSTANT),
)

membership = sa.Table(
    "membership",
    metadata,
    sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("seen_at", _INSTANT, nullable=False),
    sa.Column("expires_at", _INSTANT, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("district_id", sa.Integer),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
)

outbox_head = sa.Table(
    "outbox_head",
    metadata,
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False, server_default=sa.text("0")),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("created_at", _INSTANT, nullable=False),
)


def _known_van() -> sa.Column[int]:
    """The van of the registry. What a scenario adds has a `van_id` below 0, and none."""
    known = sa.Computed("CASE WHEN van_id > 0 THEN van_id END", persisted=True)
    return sa.Column("known_van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), known)


plan = sa.Table(
    "plan",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("version", sa.Integer),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("levels", JSONB, nullable=False),
    sa.Column("violations", sa.Integer, nullable=False),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("published_at", _INSTANT),
    sa.Column("published_by", sa.Text),
    sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("scenario", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("edits", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
)

plan_route = sa.Table(
    "plan_route",
    metadata,
    sa.Column("plan_id", sa.BigInteger, sa.ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("van_id", sa.Integer, primary_key=True),
    sa.Column("starts", _INSTANT, nullable=False),
    sa.Column("ends", _INSTANT, nullable=False),
    sa.Column("patrol_s", sa.Integer, nullable=False),
    sa.Column("drive_s", sa.Integer, nullable=False),
    sa.Column("drive_m", sa.Integer, nullable=False),
    sa.Column("geom", _geometry("LINESTRING")),
    _known_van(),
)

plan_stop = sa.Table(
    "plan_stop",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("plan_id", sa.BigInteger, sa.ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    sa.Column("van_id", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("site_id", sa.Integer, sa.ForeignKey("site.id")),
    sa.Column("geom", _geometry("POINT"), nullable=False),
    sa.Column("recipient_id", sa.Integer, sa.ForeignKey("recipient.id")),
    sa.Column("cadence_id", sa.Integer, sa.ForeignKey("cadence.id", ondelete="SET NULL")),
    sa.Column("beat_id", sa.Integer, sa.ForeignKey("beat.id")),
    sa.Column("arrives", _INSTANT, nullable=False),
    sa.Column("begins", _INSTANT, nullable=False),
    sa.Column("leaves", _INSTANT, nullable=False),
    sa.Column("window_from", _INSTANT),
    sa.Column("window_to", _INSTANT),
    sa.Column("promised", _INSTANT),
    sa.Column("items", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    _known_van(),
)

plan_unserved = sa.Table(
    "plan_unserved",
    metadata,
    sa.Column("plan_id", sa.BigInteger, sa.ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("site_id", sa.Integer, sa.ForeignKey("site.id"), nullable=False),
    sa.Column("recipient_id", sa.Integer, sa.ForeignKey("recipient.id")),
    sa.Column("cadence_id", sa.Integer, sa.ForeignKey("cadence.id", ondelete="SET NULL")),
    sa.Column("mandatory", sa.Boolean, nullable=False),
    sa.Column("prize", sa.Integer, nullable=False),
    sa.Column("reasons", JSONB, nullable=False),
)

plan_job = sa.Table(
    "plan_job",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("seconds", sa.REAL, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("share_done", sa.REAL, nullable=False, server_default=sa.text("0")),
    sa.Column("stage", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("served", sa.Integer),
    sa.Column("unserved", sa.Integer),
    sa.Column("cancel", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("why", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("plan_id", sa.BigInteger, sa.ForeignKey("plan.id", ondelete="SET NULL")),
    sa.Column("queued_at", _INSTANT, nullable=False),
    sa.Column("ended_at", _INSTANT),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("deaths", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("keep", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("spent_s", sa.REAL, nullable=False, server_default=sa.text("0")),
    sa.Column("levels", JSONB),
    sa.Column("started_at", _INSTANT),
    sa.Column("variant", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
)

plan_job_best = sa.Table(
    "plan_job_best",
    metadata,
    sa.Column("job_id", sa.BigInteger, sa.ForeignKey("plan_job.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("curve", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("orders", JSONB),
    sa.Column("levels", JSONB),
    sa.Column("found_s", sa.REAL),
)

plan_schedule = sa.Table(
    "plan_schedule",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("at", sa.Time, nullable=False, server_default=sa.text("'04:30:00'::time without time zone")),
    sa.Column("days_ahead", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("seconds", sa.REAL, nullable=False, server_default=sa.text("120")),
    sa.Column("last_day", sa.Date),
)

day_rule = sa.Table(
    "day_rule",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("span_s", sa.Integer),
    sa.Column("overtime_s", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("waits_s", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("patrol_s", sa.Integer, nullable=False, server_default=sa.text("21600")),
    sa.Column("pace", ARRAY(sa.SmallInteger), nullable=False, server_default=sa.text("'{}'::smallint[]")),
    sa.Column("batches", ARRAY(sa.Time), nullable=False, server_default=sa.text("'{12:00:00}'::time[]")),
)
equipment = sa.Table(
    "equipment",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("units", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
)
tile_provider = sa.Table(
    "tile_provider",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("urls", ARRAY(sa.Text), nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("datum", sa.Text, nullable=False),
    sa.Column("min_zoom", sa.SmallInteger, nullable=False),
    sa.Column("max_zoom", sa.SmallInteger, nullable=False),
    sa.Column("attribution", sa.Text, nullable=False),
    sa.Column("attribution_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("approval", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("keep_h", sa.Integer, nullable=False),
    sa.Column("guests", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.text("false")),
)
visit = sa.Table(
    "visit",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("recipient_id", sa.Integer, sa.ForeignKey("recipient.id", ondelete="CASCADE"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("began", _INSTANT, nullable=False),
    sa.Column("service_s", sa.Integer, nullable=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id")),
    sa.Column("stop_id", sa.BigInteger, sa.ForeignKey("plan_stop.id", ondelete="SET NULL")),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("grade", sa.Text),
    sa.Column("undone_at", _INSTANT),
    sa.Column("undone_by", sa.Text),
    sa.Column("recorded_at", _INSTANT),
    sa.Column("recorded_by", sa.Text),
)

webhook = sa.Table(
    "webhook",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("revoked_at", _INSTANT),
)

sos = sa.Table(
    "sos",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_key", sa.Text, nullable=False),
    sa.Column("recipient_id", sa.Integer, sa.ForeignKey("recipient.id")),
    sa.Column("place", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("geom", _geometry("POINT"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id")),
    sa.Column("called_at", _INSTANT, nullable=False),
    sa.Column("seen_at", _INSTANT),
    sa.Column("seen_by", sa.Integer, sa.ForeignKey("account.id")),
    sa.Column("offered_at", _INSTANT),
    sa.Column("accepted_at", _INSTANT),
    sa.Column("arrived_at", _INSTANT),
    sa.Column("closed_at", _INSTANT),
    sa.Column("outcome", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("receipt", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
)

share = sa.Table(
    "share",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("vans", ARRAY(sa.Integer)),
    sa.Column("delay_s", sa.Integer, nullable=False, server_default=sa.text("60")),
    sa.Column("created_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("expires_at", _INSTANT, nullable=False),
    sa.Column("revoked_at", _INSTANT),
    sa.Column("views", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("beats", ARRAY(sa.Integer)),
    sa.Column("day", sa.Date),
    sa.Column("hour_from", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("hour_to", sa.SmallInteger, nullable=False, server_default=sa.text("24")),
    sa.Column("password_hash", sa.Text),
)

share_try = sa.Table(
    "share_try",
    metadata,
    sa.Column("share_id", sa.Integer, sa.ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("address", sa.LargeBinary, primary_key=True),
    sa.Column("tries", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("since", _INSTANT, nullable=False),
)

guest = sa.Table(
    "guest",
    metadata,
    sa.Column("cookie_hash", sa.LargeBinary, primary_key=True),
    sa.Column("share_id", sa.Integer, sa.ForeignKey("share.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", _INSTANT, nullable=False),
)

fix = sa.Table(
    "fix",
    metadata,
    sa.Column("van_id", sa.Integer, primary_key=True),
    sa.Column("t", _INSTANT, primary_key=True),
    sa.Column("terminal_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.BigInteger, primary_key=True),
    sa.Column("geom", _geometry("POINT"), nullable=False),
    sa.Column("speed_mps", sa.REAL),
    sa.Column("heading_deg", sa.REAL),
    sa.Column("altitude_m", sa.REAL),
    sa.Column("accuracy_m", sa.REAL),
    sa.Column("hdop", sa.REAL),
    sa.Column("satellites", sa.SmallInteger),
    sa.Column("battery", sa.REAL),
    sa.Column("flags", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("received_at", _INSTANT, nullable=False),
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("terminal_id", sa.Integer, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("district_id", sa.Integer, nullable=False),
    sa.Column("van_id", sa.Integer, nullable=False),
    sa.Column("t", _INSTANT, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("stop_id", sa.BigInteger),
    sa.Column("body", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("received_at", _INSTANT, nullable=False),
    sa.Column("followed_at", _INSTANT),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("terminal_id", sa.Integer, nullable=False),
    sa.Column("van_id", sa.Integer, nullable=False),
    sa.Column("received_at", _INSTANT, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("index", sa.Integer),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)

van_state = sa.Table(
    "van_state",
    metadata,
    sa.Column("van_id", sa.Integer, primary_key=True),
    sa.Column("district_id", sa.Integer, nullable=False),
    sa.Column("t", _INSTANT, nullable=False),
    sa.Column("terminal_id", sa.Integer, nullable=False),
    sa.Column("digest", sa.BigInteger, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("speed_mps", sa.REAL),
    sa.Column("heading_deg", sa.REAL),
    sa.Column("battery", sa.REAL),
    sa.Column("received_at", _INSTANT, nullable=False),
)

blob = sa.Table(
    "blob",
    metadata,
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("terminal_id", sa.Integer, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("received_at", _INSTANT, nullable=False),
)

fence = sa.Table(
    "fence",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False, server_default=sa.text("''::text")),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("geom", _geometry("GEOMETRY"), nullable=False),
    sa.Column("radius_m", sa.Double),
    sa.Column("van_ids", ARRAY(sa.Integer)),
    sa.Column("valid_from", _INSTANT),
    sa.Column("valid_to", _INSTANT),
    sa.Column("hour_from", sa.Time),
    sa.Column("hour_to", sa.Time),
    sa.Column("tells", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]")),
    sa.Column("dwell_s", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("created_at", _INSTANT, nullable=False),
    sa.Column("retired_at", _INSTANT),
)

alert_rule = sa.Table(
    "alert_rule",
    metadata,
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("threshold", sa.Double, nullable=False),
    sa.Column("on_delay_s", sa.Integer, nullable=False),
    sa.Column("updated_at", _INSTANT, nullable=False),
    sa.Column("updated_by", sa.Text, nullable=False),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE")),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("began", _INSTANT, nullable=False),
    sa.Column("ended", _INSTANT),
    sa.Column("raised_at", _INSTANT, nullable=False),
    sa.Column("historical", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("body", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("acked_at", _INSTANT),
    sa.Column("acked_by", sa.Text),
    sa.Column("shelved_until", _INSTANT),
    sa.Column("shelved_by", sa.Text),
    sa.Column("withdrawn_at", _INSTANT),
)

alert_step = sa.Table(
    "alert_step",
    metadata,
    sa.Column("alert_id", sa.BigInteger, sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
)

van_day = sa.Table(
    "van_day",
    metadata,
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("proved_s", sa.Integer, nullable=False),
    sa.Column("claimed_s", sa.Integer, nullable=False),
    sa.Column("sos_s", sa.Integer, nullable=False),
    sa.Column("distance_m", sa.Double, nullable=False),
    sa.Column("fixes", sa.Integer, nullable=False),
    sa.Column("flagged", sa.Integer, nullable=False),
    sa.Column("spans", JSONB, nullable=False),
    sa.Column("cells_seen", sa.Integer, nullable=False),
    sa.Column("cells", sa.Integer, nullable=False),
    sa.Column("longest_unseen_s", sa.Integer, nullable=False),
    sa.Column("received_until", _INSTANT),
    sa.Column("computed_at", _INSTANT, nullable=False),
)

van_day_beat = sa.Table(
    "van_day_beat",
    metadata,
    sa.Column("van_id", sa.Integer, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("beat_id", sa.Integer, sa.ForeignKey("beat.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("cells", sa.Integer, nullable=False),
    sa.Column("cells_seen", sa.Integer, nullable=False),
    sa.Column("passes", sa.Integer, nullable=False),
    sa.Column("longest_unseen_s", sa.Integer, nullable=False),
    sa.Column("longest_revisit_s", sa.Integer),
    sa.Column("median_revisit_s", sa.Integer),
    sa.ForeignKeyConstraint(["van_id", "day"], ["van_day.van_id", "van_day.day"], ondelete="CASCADE"),
)

stop_evidence = sa.Table(
    "stop_evidence",
    metadata,
    sa.Column("stop_id", sa.BigInteger, sa.ForeignKey("plan_stop.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("district_id", sa.Integer, sa.ForeignKey("district.id", ondelete="CASCADE"), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("arrived", _INSTANT),
    sa.Column("departed", _INSTANT),
    sa.Column("tapped", _INSTANT),
    sa.Column("dwell_s", sa.Integer, nullable=False),
    sa.Column("sharers", sa.Integer, nullable=False),
    sa.Column("distance_m", sa.REAL),
    sa.Column("late_s", sa.Integer, nullable=False),
    sa.Column("window_late_s", sa.Integer, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("in_order", sa.Boolean),
    sa.Column("grade", sa.Text),
    sa.Column("score", sa.Integer),
    sa.Column("parts", JSONB, nullable=False),
    sa.Column("computed_at", _INSTANT, nullable=False),
)

van_day_due = sa.Table(
    "van_day_due",
    metadata,
    sa.Column("van_id", sa.Integer, sa.ForeignKey("van.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("since", _INSTANT),
)

van_day_watermark = sa.Table(
    "van_day_watermark",
    metadata,
    sa.Column("is_the_one", sa.Boolean, primary_key=True, server_default=sa.text("true")),
    sa.Column("marked_until", _INSTANT, nullable=False),
)

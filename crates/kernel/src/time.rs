//! Instants, business dates and time zones over `jiff`, at PostgreSQL's precision.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

/// An instant, to the microsecond (what `timestamptz` keeps). On the wire RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = DateTime)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Cuts `at` to the microsecond, so that a value read back equals the value written.
    pub fn from_jiff(at: jiff::Timestamp) -> Self {
        Self(jiff::Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at))
    }

    /// The instant as `jiff` knows it.
    pub fn jiff(self) -> jiff::Timestamp {
        self.0
    }

    /// `self + duration`, held at the ends of representable time.
    #[must_use]
    pub fn plus(self, duration: SignedDuration) -> Self {
        Self(self.0.saturating_add(duration).unwrap_or(self.0))
    }

    /// `self - duration`, held at the ends of representable time.
    #[must_use]
    pub fn minus(self, duration: SignedDuration) -> Self {
        self.plus(-duration)
    }

    /// `self - days × 24 h`.
    #[must_use]
    pub fn minus_days(self, days: i64) -> Self {
        self.minus(SignedDuration::from_hours(days.saturating_mul(24)))
    }

    /// The time that passed from `earlier` to `self`; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }

    /// The business date of this instant in `zone`.
    pub fn date_in(self, zone: &Zone) -> Date {
        Date(self.0.to_zoned(zone.0.clone()).date())
    }

    /// A UUID version 7 whose time part is this instant. Of two made by one process for the same millisecond the
    /// later is the greater (RFC 9562 §6.2, a counter before the random bits): whoever reads by identifier reads in
    /// the order of making.
    pub(crate) fn new_uuid(self) -> uuid::Uuid {
        const COUNTER_BITS: u8 = 40;
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let ms = self.0.as_millisecond().max(0).unsigned_abs();
        let (secs, nanos) = (ms / 1000, u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed) % (1 << COUNTER_BITS);
        uuid::Uuid::new_v7(uuid::Timestamp::from_unix_time(secs, nanos, count.into(), COUNTER_BITS))
    }

    /// The smallest UUID version 7 of this instant: the lower bound of a time-partition.
    pub fn first_uuid(self) -> uuid::Uuid {
        let ms = self.0.as_millisecond().max(0).unsigned_abs();
        uuid::Uuid::from_u128((u128::from(ms) & 0xffff_ffff_ffff) << 80)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::from_jiff)
    }
}

/// A calendar date without a time; which instants it covers depends on a [`Zone`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Date)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Wraps a civil date.
    pub const fn from_jiff(date: jiff::civil::Date) -> Self {
        Self(date)
    }

    /// The date as `jiff` knows it.
    pub const fn jiff(self) -> jiff::civil::Date {
        self.0
    }

    /// `self + days`, held at the ends of representable time.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(i64::from(days).days()))
    }

    /// The same day `months` earlier, or the last of a shorter month; the earliest date there is at worst.
    #[must_use]
    pub fn minus_months(self, months: u16) -> Self {
        Self(self.0.saturating_sub(jiff::Span::new().months(months)))
    }

    /// 0 = Monday … 6 = Sunday.
    pub fn weekday(self) -> u8 {
        u8::try_from(self.0.weekday().to_monday_zero_offset()).unwrap_or(0)
    }

    /// The first instant of this date in `zone`.
    pub fn start_in(self, zone: &Zone) -> Timestamp {
        self.at_in(0, 0, zone)
    }

    /// The instant of `hour:minute` on this date in `zone`; a time skipped by daylight saving moves forward.
    pub fn at_in(self, hour: i8, minute: i8, zone: &Zone) -> Timestamp {
        let civil = self.0.at(hour, minute, 0, 0);
        zone.0.to_ambiguous_timestamp(civil).compatible().map_or(Timestamp(jiff::Timestamp::MAX), Timestamp::from_jiff)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = jiff::Error;

    /// Accepts exactly `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        jiff::civil::Date::strptime("%Y-%m-%d", text).map(Self)
    }
}

/// An IANA time zone, such as `Europe/Paris`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Looks `name` up in the time zone database.
    pub fn named(name: &str) -> Result<Self, jiff::Error> {
        TimeZone::get(name).map(Self)
    }

    /// The zone as `jiff` knows it.
    pub const fn jiff(&self) -> &TimeZone {
        &self.0
    }

    /// The zone's IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

macro_rules! sqlx_through {
    ($word:ty, $wire:ty, $unwrap:expr, $wrap:expr) => {
        impl Type<Postgres> for $word {
            fn type_info() -> PgTypeInfo {
                <$wire as Type<Postgres>>::type_info()
            }
        }

        impl PgHasArrayType for $word {
            fn array_type_info() -> PgTypeInfo {
                <$wire as PgHasArrayType>::array_type_info()
            }
        }

        impl Encode<'_, Postgres> for $word {
            fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let wire: $wire = $unwrap(self.0);
                <$wire as Encode<'_, Postgres>>::encode_by_ref(&wire, buf)
            }
        }

        impl<'r> Decode<'r, Postgres> for $word {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                <$wire as Decode<'r, Postgres>>::decode(value).map($wrap)
            }
        }
    };
}

sqlx_through!(Timestamp, jiff_sqlx::Timestamp, jiff_sqlx::Timestamp::from, |wire| Timestamp::from_jiff(wire.to_jiff()));
sqlx_through!(Date, jiff_sqlx::Date, jiff_sqlx::Date::from, |wire| Date(wire.to_jiff()));

//! Moments, spans and time zones.
//!
//! A moment is a count of milliseconds in UTC; only a [`Zone`] knows calendars. `jiff` stays behind these types.

mod text;

use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;
use thiserror::Error;

/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A half-open span of time: `start <= t < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeSpan {
    /// The first moment inside.
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

/// A time zone by its IANA name, from the database that is built into the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// How something comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recurrence {
    /// It does not.
    Once,
    /// Every day at the same time.
    Daily,
    /// Every week on the same day.
    Weekly,
    /// Every month on the same day; on the last one where a month is shorter.
    Monthly,
    /// Every year on the same date.
    Yearly,
}

/// More repetitions than this lie outside of any history: every day of a thousand years.
const AGAIN_MAX: i32 = 366_000;

/// What a wall clock in a [`Zone`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalTime {
    /// Days since Monday: 0 is Monday, 6 is Sunday.
    pub weekday: u8,
    /// Minutes since local midnight, 0..1440.
    pub minute_of_day: u16,
    /// Days since 1970-01-01 in the local calendar.
    pub day: i32,
}

/// A text that names no moment or no time zone.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TimeError {
    /// The text is not RFC 3339.
    #[error("cannot read `{0}` as a time; write it like `2026-11-20T08:00:00Z`")]
    Moment(String),
    /// The zone is not in the database.
    #[error("unknown time zone `{0}`; use an IANA name like `Europe/Paris`")]
    Zone(String),
}

impl Timestamp {
    /// A moment from milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// A moment from whole seconds since the epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs * 1000)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads RFC 3339 (`2026-11-20T08:00:00Z`), `2026-11-20 08:00:00` or `2026-11-20` (both as UTC).
    ///
    /// # Errors
    /// [`TimeError::Moment`] if the text is none of these.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        if let Some(secs) = text::read(text.as_bytes()) {
            return Ok(Self::from_secs(secs));
        }
        let zoned = text.parse::<jiff::Timestamp>().ok();
        let civil = || {
            let plain = text.parse::<jiff::civil::DateTime>().ok()?;
            TimeZone::UTC.to_timestamp(plain).ok()
        };
        let moment = zoned.or_else(civil).ok_or_else(|| TimeError::Moment(text.to_owned()))?;
        Ok(Self(moment.as_millisecond()))
    }

    /// The start of the window of length `step_ms` that holds this moment; windows are aligned to the epoch.
    pub const fn align_down(self, step_ms: i64) -> Self {
        Self(self.0.div_euclid(step_ms) * step_ms)
    }

    /// This moment moved by `millis`, which may be negative.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0 + millis)
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration.as_millis() as i64)
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0 - duration.as_millis() as i64)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = (self.0 % 1000 == 0).then(|| text::write(self.as_secs())).flatten();
        if let Some(text) = plain {
            return f.write_str(str::from_utf8(&text).expect("digits and dashes are text"));
        }
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl TimeSpan {
    /// How long the span is, in milliseconds; negative if it ends before it starts.
    pub const fn millis(self) -> i64 {
        self.end.0 - self.start.0
    }

    /// How long the span is, in days.
    pub fn days(self) -> f64 {
        self.millis() as f64 / 86_400_000.0
    }

    /// Whether the moment lies inside.
    pub fn contains(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of an IANA name such as `Europe/Paris`.
    ///
    /// # Errors
    /// [`TimeError::Zone`] if the database has no such zone.
    pub fn named(name: &str) -> Result<Self, TimeError> {
        if name.eq_ignore_ascii_case("utc") {
            return Ok(Self::utc());
        }
        let bundled = jiff::tz::TimeZoneDatabase::bundled();
        bundled.get(name).map(Self).map_err(|_| TimeError::Zone(name.to_owned()))
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What a wall clock in this zone shows at `moment`.
    pub fn local(&self, moment: Timestamp) -> LocalTime {
        let civil = self.civil(moment);
        let epoch = jiff::civil::date(1970, 1, 1);
        let day = (civil.date() - epoch).get_days();
        LocalTime {
            weekday: civil.weekday().to_monday_zero_offset() as u8,
            minute_of_day: civil.hour() as u16 * 60 + civil.minute() as u16,
            day,
        }
    }

    /// `2026-11-20 09:00 CET`: the moment as a person in this zone writes it.
    pub fn format(&self, moment: Timestamp) -> String {
        self.strftime(moment, "%Y-%m-%d %H:%M %Z")
    }

    /// The moment by a `strftime` pattern.
    pub fn strftime(&self, moment: Timestamp, pattern: &str) -> String {
        let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
        moment.to_zoned(self.0.clone()).strftime(pattern).to_string()
    }

    /// The moment at which local midnight of `day` (days since 1970-01-01) falls; in a spring gap, the first moment after it.
    pub fn midnight(&self, day: i32) -> Timestamp {
        let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
        let moment = self.0.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible();
        moment.map_or(Timestamp(i64::from(day) * 86_400_000), |m| Timestamp(m.as_millisecond()))
    }

    fn civil(&self, moment: Timestamp) -> jiff::civil::DateTime {
        let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
        self.0.to_datetime(moment)
    }
}

impl Zone {
    /// The moment that a text names: with an offset that very one, else what this zone's wall clock shows then. A time
    /// that a spring night leaves out is the one an hour later, one that an autumn night has twice is the first.
    ///
    /// # Errors
    /// [`TimeError::Moment`] if the text is no moment, no local time and no date.
    pub fn parse(&self, text: &str) -> Result<Timestamp, TimeError> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Timestamp(moment.as_millisecond()));
        }
        let local = text.parse::<jiff::civil::DateTime>().ok();
        let moment = local.and_then(|local| self.0.to_ambiguous_timestamp(local).compatible().ok());
        let moment = moment.ok_or_else(|| TimeError::Moment(text.to_owned()))?;
        Ok(Timestamp(moment.as_millisecond()))
    }

    /// The `n`th time that something comes which came first at `first`, by this zone's wall clock; the 31st of a short
    /// month is its last day.
    pub fn again(&self, first: Timestamp, recurrence: Recurrence, n: i32) -> Timestamp {
        let n = n.clamp(0, AGAIN_MAX);
        let span = match recurrence {
            Recurrence::Once => return first,
            Recurrence::Daily => jiff::Span::new().days(n),
            Recurrence::Weekly => jiff::Span::new().weeks(n),
            Recurrence::Monthly => jiff::Span::new().months(n),
            Recurrence::Yearly => jiff::Span::new().years(n),
        };
        let moment = jiff::Timestamp::from_millisecond(first.0).unwrap_or_default();
        let again = moment.to_zoned(self.0.clone()).saturating_add(span);
        Timestamp(again.timestamp().as_millisecond())
    }
}

impl Recurrence {
    /// All of them with their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Once, "once"),
        (Self::Daily, "daily"),
        (Self::Weekly, "weekly"),
        (Self::Monthly, "monthly"),
        (Self::Yearly, "yearly"),
    ];

    /// The name in a configuration file.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(each, _)| *each == self).map_or("once", |(_, name)| name)
    }

    /// A number of repetitions that surely lie before `moment`, not many short of it.
    pub(crate) fn count_before(self, first: Timestamp, moment: Timestamp) -> i32 {
        let days = match self {
            Self::Once => return 0,
            Self::Daily => 1,
            Self::Weekly => 7,
            Self::Monthly => 31,
            Self::Yearly => 366,
        };
        let passed = (moment.0 - first.0).div_euclid(days * 86_400_000);
        i32::try_from(passed).unwrap_or(AGAIN_MAX).saturating_sub(2).max(0)
    }
}

impl LocalTime {
    /// Whether it is Saturday or Sunday.
    pub const fn is_weekend(self) -> bool {
        self.weekday >= 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_as_it_was_written() {
        let moment = Timestamp::parse("2026-11-20T08:00:00Z").unwrap();
        assert_eq!(moment.to_string(), "2026-11-20T08:00:00Z");
        assert_eq!(Timestamp::parse("2026-11-20 08:00:00").unwrap(), moment);
        assert_eq!(Timestamp::parse("2026-11-20").unwrap().to_string(), "2026-11-20T00:00:00Z");
        assert!(Timestamp::parse("yesterday").is_err());
    }

    #[test]
    fn windows_are_aligned_to_the_epoch_also_before_it() {
        assert_eq!(Timestamp::from_secs(61).align_down(60_000), Timestamp::from_secs(60));
        assert_eq!(Timestamp::from_secs(-1).align_down(60_000), Timestamp::from_secs(-60));
    }

    #[test]
    fn a_zone_knows_its_summer_time() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let summer = paris.local(Timestamp::parse("2026-07-04T22:30:00Z").unwrap());
        assert_eq!((summer.weekday, summer.minute_of_day), (6, 30));
        assert_eq!(
            paris.format(Timestamp::parse("2026-07-04T22:30:00Z").unwrap()),
            "2026-07-05 00:30 CEST"
        );
        assert_eq!(paris.midnight(summer.day), Timestamp::parse("2026-07-04T22:00:00Z").unwrap());
        assert_eq!(Zone::named("Mars/Olympus"), Err(TimeError::Zone("Mars/Olympus".to_owned())));
    }

    #[test]
    fn a_zone_reads_its_own_wall_clock_unless_an_offset_is_written() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let read = |text: &str| paris.parse(text).unwrap().to_string();
        assert_eq!(read("2026-07-04 00:30"), "2026-07-03T22:30:00Z");
        assert_eq!(read("2026-11-27"), "2026-11-26T23:00:00Z");
        assert_eq!(read("2026-11-27T00:00:00Z"), "2026-11-27T00:00:00Z");
        // 02:30 does not exist on the night of the spring change, and comes twice on that of autumn.
        assert_eq!(read("2026-03-29 02:30"), "2026-03-29T01:30:00Z");
        assert_eq!(read("2026-10-25 02:30"), "2026-10-25T00:30:00Z");
        assert!(paris.parse("friday").is_err());
    }
}

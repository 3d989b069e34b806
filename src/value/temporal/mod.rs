//! Dates, times, durations (being laid).

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    pub days: i64,
}

/// Nanoseconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalTime {
    /// Nanoseconds since midnight.
    pub nanos: i64,
}

/// A time of day with an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    /// Local nanoseconds since midnight.
    pub nanos: i64,
    /// Seconds east of UTC.
    pub offset: i32,
}

/// A date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalDateTime {
    /// Seconds since 1970-01-01T00:00:00 local.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanos: u32,
}

/// An instant with its zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Local date and time.
    pub local: LocalDateTime,
    /// Seconds east of UTC.
    pub offset: i32,
    /// IANA name, when one was given.
    pub zone: Option<std::sync::Arc<str>>,
}

/// Months, days, seconds and nanoseconds, each kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    /// Months.
    pub months: i64,
    /// Days.
    pub days: i64,
    /// Seconds.
    pub seconds: i64,
    /// Nanoseconds, 0..1e9 (floor of the sub-second part).
    pub nanos: i32,
}

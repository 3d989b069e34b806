//! Times, sizes and counts as people type them, and the limits they make.

use std::time::Duration;

use super::args::LimitArgs;
use crate::engine::Limits;

/// Memory a statement may hold unless the command line says otherwise.
const MEMORY: usize = 1 << 30;

/// The limits of a command: what was typed, else the default. `timeout` is the command's own default.
pub(super) fn limits(args: &LimitArgs, timeout: Option<Duration>) -> Limits {
    Limits {
        time: args.timeout.or(timeout).filter(|t| !t.is_zero()),
        memory: Some(args.memory.unwrap_or(MEMORY)).filter(|m| *m > 0),
        rows: args.max_rows.filter(|n| *n > 0),
        csv_folder: args.csv_folder.clone(),
        ..Limits::default()
    }
}

/// `500ms`, `1.5s`, `2m`, `1h`; a bare number is seconds.
pub(super) fn read_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let scale = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("a time is written like 500ms, 10s, 2m or 1h".to_owned()),
    };
    let seconds: f64 = number.parse().map_err(|_| "a time is written like 500ms, 10s, 2m or 1h")?;
    Duration::try_from_secs_f64(seconds * scale).map_err(|_| "a time between 0 and many years".to_owned())
}

/// `4096`, `256MiB`, `2GB`: bytes.
pub(super) fn read_bytes(text: &str) -> Result<usize, String> {
    let wrong = || "a size is written like 512KiB, 256MiB or 2GiB".to_owned();
    let (number, unit) = split(text);
    let scale: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "kb" => 1_000,
        "m" | "mib" => 1 << 20,
        "mb" => 1_000_000,
        "g" | "gib" => 1 << 30,
        "gb" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(scale).ok_or_else(wrong)?;
    usize::try_from(bytes).map_err(|_| wrong())
}

/// A count of rows.
pub(super) fn read_rows(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| "a number of rows".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood_and_nonsense_is_refused() {
        assert_eq!(read_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(read_duration("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(read_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(read_bytes("256MiB"), Ok(256 << 20));
        assert_eq!(read_bytes("2GB"), Ok(2_000_000_000));
        for text in ["", "-1s", "10 parsecs", "1e999s", "999999999999999999999h"] {
            assert!(read_duration(text).is_err(), "{text}");
        }
        assert!(read_bytes("99999999999GiB").is_err() && read_bytes("1.5MiB").is_err());
    }

    #[test]
    fn zero_means_no_limit() {
        let args = LimitArgs { timeout: Some(Duration::ZERO), memory: Some(0), max_rows: Some(0), csv_folder: None };
        let limits = limits(&args, Some(Duration::from_secs(9)));
        assert!(limits.time.is_none() && limits.memory.is_none() && limits.rows.is_none());
    }
}

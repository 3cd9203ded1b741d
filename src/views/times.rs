//! Times as they are read in Việt Nam.

use jiff::Timestamp;
use lienthong_core::tables::VIETNAM;

/// A time as it is read in Việt Nam.
pub(crate) fn local(at: Timestamp) -> String {
    VIETNAM.to_datetime(at).strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// A time that may be missing.
pub(crate) fn local_or_dash(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "–".to_owned(), local)
}

/// How long ago, in the largest two units.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(then).as_mins().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} phút"),
        (0, hours, minutes) => format!("{hours} giờ {minutes} phút"),
        (days, hours, _) => format!("{days} ngày {hours} giờ"),
    }
}

/// The same in the language of a page.
pub(crate) fn lasted(then: Timestamp, now: Timestamp, in_vietnamese: bool) -> String {
    if in_vietnamese {
        return ago(then, now);
    }
    let minutes = now.duration_since(then).as_mins().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_vietnamese() {
        assert_eq!(local("2022-09-15T03:12:00Z".parse().unwrap()), "15/09/2022 10:12:00");
        let (then, now) = ("2022-09-15T03:12:00Z".parse().unwrap(), "2022-09-16T05:12:00Z".parse().unwrap());
        assert_eq!(ago(then, now), "1 ngày 2 giờ");
        assert_eq!(lasted(then, now, false), "1 d 2 h");
    }
}

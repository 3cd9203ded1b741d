//! How long a token is used.
//!
//! The token of an account is kept by `lienthong_http::credential`; only its life is the post's business.

use std::time::Duration;

/// How long before its end a token is given up: a call and the difference of two clocks fit in.
const MARGIN: Duration = Duration::from_secs(60);

/// Life of a token whose answer does not say it. RFC 6749 asks servers to say it, or to document it elsewhere.
const ASSUMED_LIFE: Duration = Duration::from_secs(5 * 60);

/// How long a token is used. One that lives hardly longer than the margin is used for half its life, so that not every
/// call asks for one. A life beyond a day is taken for a day: it costs one request.
pub(crate) fn good_for(expires_in: Option<u64>) -> Duration {
    let day = Duration::from_secs(24 * 60 * 60);
    let life = expires_in.map_or(ASSUMED_LIFE, Duration::from_secs).min(day);
    life.saturating_sub(MARGIN).max(life / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_until_a_minute_before_its_end() {
        fn check(expires_in: Option<u64>, expected: u64) {
            assert_eq!(good_for(expires_in), Duration::from_secs(expected), "{expires_in:?}");
        }
        check(Some(3600), 3540);
        check(Some(100), 50);
        check(Some(30), 15);
        check(None, 240);
        check(Some(u64::MAX), 86_340);
    }
}

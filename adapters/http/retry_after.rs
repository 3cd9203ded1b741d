//! `Retry-After` as a wait.

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::{Duration, SystemTime};

/// Reads `Retry-After`: whole seconds, or an HTTP date, which counts from the answer's own `Date`. The partner's clock
/// stands on both sides then, so that neither ours nor the difference between the two matters. A date in an answer
/// without `Date` is not a wait.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(date(headers)?).unwrap_or(Duration::ZERO))
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn both_forms_become_a_wait() {
        fn check(retry_after: &'static str, date: Option<&'static str>, expected: Option<u64>) {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            assert_eq!(wait(&headers), expected.map(Duration::from_secs), "{retry_after} {date:?}");
        }
        let noon = Some("Thu, 15 Sep 2022 05:00:00 GMT");
        check("120", noon, Some(120));
        check(" 7 ", None, Some(7));
        check("Thu, 15 Sep 2022 05:02:00 GMT", noon, Some(120));
        check("Thu, 15 Sep 2022 04:59:00 GMT", noon, Some(0));
        check("Thu, 15 Sep 2022 05:02:00 GMT", None, None);
        check("soon", noon, None);
        check("-5", noon, None);
        assert_eq!(wait(&HeaderMap::new()), None);
    }
}

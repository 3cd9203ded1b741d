//! Contexts: which trace, which span, and whether it is recorded. Pure.
//!
//! Ids that the gateway gives are derived, never drawn (`docs/decisions/0013-spans-are-derived.md`). Whether a trace that
//! the gateway begins is recorded follows from its id by the rule of OpenTelemetry's `TraceIdRatioBased`, so that
//! other programs with the same share decide alike; in a trace that came from outside, its beginner has decided.

use sha2::{Digest as _, Sha256};

/// The flag of a trace that is recorded.
const SAMPLED: u8 = 0x01;

/// A span within its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    /// Id of the trace.
    pub(super) trace: [u8; 16],
    /// Id of the span.
    pub(super) span: [u8; 8],
    /// W3C trace flags.
    pub(super) flags: u8,
}

impl Context {
    /// Reads a W3C `traceparent` of version 00; ids of zeros are no ids.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = parts.next()?;
        let (trace, span) = (bytes::<16>(parts.next()?)?, bytes::<8>(parts.next()?)?);
        let [flags] = bytes::<1>(parts.next()?)?;
        let good = version == "00" && parts.next().is_none() && trace != [0; 16] && span != [0; 8];
        good.then_some(Self { trace, span, flags })
    }

    /// Begins the trace of what these words name; of a hundred such traces `percent` are recorded.
    pub(super) fn begun(words: &[&str], percent: u8) -> Self {
        let trace = hashed(&[&["trace"], words].concat());
        let flags = if is_chosen(&trace, percent) { SAMPLED } else { 0 };
        Self { trace, span: span_id(words), flags }
    }

    /// Another span of the same trace.
    pub(super) fn at(self, span: [u8; 8]) -> Self {
        Self { span, ..self }
    }

    /// Whether its spans are recorded.
    pub(super) fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// As a W3C `traceparent`.
    pub(super) fn written(self) -> String {
        format!("00-{}-{}-{:02x}", hex(&self.trace), hex(&self.span), self.flags)
    }
}

/// The id of the span that these words name.
pub(super) fn span_id(words: &[&str]) -> [u8; 8] {
    hashed(&[&["span"], words].concat())
}

fn hashed<const N: usize>(words: &[&str]) -> [u8; N] {
    let mut hasher = Sha256::new();
    for word in words {
        hasher.update(word.len().to_be_bytes());
        hasher.update(word.as_bytes());
    }
    let hash = hasher.finalize();
    let mut id = [0; N];
    for (byte, hashed) in id.iter_mut().zip(hash) {
        *byte = hashed;
    }
    id
}

fn is_chosen(trace: &[u8; 16], percent: u8) -> bool {
    let low = trace.iter().skip(8).fold(0_u64, |low, byte| (low << 8) | u64::from(*byte));
    // 63 bits of the id against the share of 2^63.
    u128::from(low >> 1) * 100 < u128::from(percent) << 63
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.bytes().map(|digit| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    });
    let digits = digits.collect::<Option<Vec<u8>>>().filter(|digits| digits.len() == 2 * N)?;
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |byte, digit| (byte << 4) | digit);
    }
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_and_written_back() {
        fn check(text: &str, good: bool) {
            assert_eq!(Context::read(text).map(Context::written).as_deref(), good.then_some(text), "{text}");
        }
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", true);
        check("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false);
        check("00-00000000000000000000000000000000-b7ad6b7169203331-01", false);
        check("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false);
        check("00-0af7651916cd43dd8448eb211c80319C-b7ad6b7169203331-01", false);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01", false);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", false);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false);
        check("", false);
    }

    #[test]
    fn ids_follow_from_the_words_and_keep_them_apart() {
        fn check(words: &[&str], span: &str, trace: &str) {
            let begun = Context::begun(words, 100);
            assert_eq!(
                (hex(&begun.span), hex(&begun.trace)),
                (span.to_owned(), trace.to_owned()),
                "{words:?}"
            );
            assert_eq!(begun.span, span_id(words), "{words:?}");
        }
        // Computed with Python's hashlib over the same words: each its length in eight bytes, and itself.
        check(&["attempt", "0a1b2c", "1"], "8aa94f865370beb9", "b5fd632308a3e31d49a120dcb8b55f30");
        check(&["attempt", "0a1b2c", "2"], "17be762755318f3a", "1c3486a7d3cb0e55202b303f25a17acc");
        check(&["attempt", "0a1b2", "c1"], "3fc4aec272e3e529", "2d768cbd8f8f5470fb6ef9d9ed87064b");
        check(&["receive", "urn:a", "1"], "3a84d76cc1073607", "6104811470e3d7d86379258210de39be");
    }

    #[test]
    fn the_share_of_recorded_traces_follows_from_their_ids() {
        fn check(low: u64, percent: u8, chosen: bool) {
            let mut trace = [0xff; 16];
            for (byte, at) in trace.iter_mut().skip(8).zip(low.to_be_bytes()) {
                *byte = at;
            }
            assert_eq!(is_chosen(&trace, percent), chosen, "{low:x} of {percent} %");
        }
        check(0, 0, false);
        check(0, 1, true);
        check(u64::MAX, 99, false);
        check(u64::MAX, 100, true);
        check(u64::MAX / 2, 50, true);
        check(u64::MAX / 2 + 2, 50, false);
        let recorded = |percent| {
            (0..1000).filter(|n: &u32| Context::begun(&[&n.to_string()], percent).is_sampled()).count()
        };
        assert_eq!((recorded(0), recorded(100)), (0, 1000));
        assert!((200..300).contains(&recorded(25)), "{}", recorded(25));
    }
}

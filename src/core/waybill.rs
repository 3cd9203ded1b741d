//! Waybills (mã vận đơn) that the post gives beforehand, in ranges: their shape, and what may become of one.
//!
//! Where an interface wants to be told which waybill an order has, the account holds a pool of them. One is bound to an
//! order number before that order's first attempt leaves, and stays with it. It goes back to the pool only when it is
//! *unused* beyond doubt ([`is_unused`]): every attempt of the order is known not to have been taken. When the partner
//! says that a waybill cannot be used, [`after_unusable`] decides whether the order may have another.
//!
//! ```text
//! imported ─▶ free ─claim─▶ bound ─order ended, provably unused─▶ free
//!              │              └─the partner cannot use it─▶ retired
//!              └─a person─▶ retired
//! ```

use crate::ids::AccountName;
use crate::port::PoolRules;
use crate::watch::{Found, Watchdog};
use jiff::Timestamp;
use std::fmt;

/// Waybills in one range at most: a province's need of years, and a typing error caught.
pub const MOST_IN_RANGE: u32 = 100_000;

/// Waybills that the post may refuse for one order: three in a row are a fault of the range or of the order.
pub const MOST_REFUSED: u32 = 3;

/// A waybill in the form of UPU S10: two letters, eight digits, a check digit, two letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Waybill(String);

/// Why a text is no waybill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWaybill {
    /// It has another form.
    #[error("is not two letters, nine digits and two letters")]
    Form,
    /// Its check digit is another.
    #[error("has a wrong check digit: {expected} would be right")]
    CheckDigit {
        /// The right one.
        expected: u8,
    },
}

/// Why two texts are no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRange {
    /// An end is neither a waybill nor one without its check digit.
    #[error("an end {0}")]
    End(NoWaybill),
    /// The letters of the ends differ.
    #[error("the letters of both ends differ")]
    Letters,
    /// The last comes before the first.
    #[error("the last comes before the first")]
    Backwards,
    /// It is longer than any range that is given.
    #[error("it holds {0} waybills, more than {MOST_IN_RANGE}")]
    TooLong(u32),
}

impl Waybill {
    /// Reads a waybill; small letters and surrounding blanks are forgiven.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, NoWaybill> {
        let parts = Parts::read(text)?;
        let expected = check_digit(parts.serial);
        match parts.check {
            Some(check) if check == expected => Ok(parts.waybill()),
            Some(_) => Err(NoWaybill::CheckDigit { expected }),
            None => Err(NoWaybill::Form),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Waybill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The waybills from one to another, both included. An end may be written without its check digit, as ranges are given.
///
/// # Errors
/// Why there is no such range.
pub fn range(from: &str, to: &str) -> Result<Vec<Waybill>, NoRange> {
    let end = |text| {
        let parts = Parts::read(text).map_err(NoRange::End)?;
        let expected = check_digit(parts.serial);
        match parts.check {
            Some(check) if check != expected => Err(NoRange::End(NoWaybill::CheckDigit { expected })),
            Some(_) | None => Ok(parts),
        }
    };
    let (from, to) = (end(from)?, end(to)?);
    if (&from.service, &from.country) != (&to.service, &to.country) {
        return Err(NoRange::Letters);
    }
    let more = to.serial.checked_sub(from.serial).ok_or(NoRange::Backwards)?;
    if more >= MOST_IN_RANGE {
        return Err(NoRange::TooLong(more.saturating_add(1)));
    }
    Ok((from.serial..=to.serial).map(|serial| Parts { serial, ..from.clone() }.waybill()).collect())
}

/// Reads a list: one waybill a line; empty lines and those that begin with `#` are passed by. Every line that is none is
/// reported with its number.
///
/// # Errors
/// The lines that are no waybills.
pub fn list(text: &str) -> Result<Vec<Waybill>, Vec<(usize, NoWaybill)>> {
    let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let (mut waybills, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        match Waybill::read(line) {
            Ok(waybill) => waybills.push(waybill),
            Err(problem) => problems.push((number, problem)),
        }
    }
    if problems.is_empty() { Ok(waybills) } else { Err(problems) }
}

/// A waybill taken apart.
#[derive(Clone)]
struct Parts {
    service: String,
    serial: u32,
    check: Option<u8>,
    country: String,
}

impl Parts {
    fn read(text: &str) -> Result<Self, NoWaybill> {
        let text = text.trim().to_ascii_uppercase();
        let letters = |part: &str| part.chars().all(|c| c.is_ascii_uppercase()).then(|| part.to_owned());
        let parts = || {
            let (service, rest) = text.split_at_checked(2)?;
            let (serial, rest) = rest.split_at_checked(8)?;
            let (check, country) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
            let digits = serial.chars().chain(check.chars()).all(|c| c.is_ascii_digit());
            let check = match check.len() {
                0 => None,
                1 => Some(check.parse().ok()?),
                _longer => return None,
            };
            let (service, country) = (letters(service)?, letters(country)?);
            let serial = serial.parse().ok().filter(|_| digits)?;
            Some(Self { service, serial, check, country })
        };
        parts().ok_or(NoWaybill::Form)
    }

    fn waybill(&self) -> Waybill {
        let Self { service, serial, country, .. } = self;
        Waybill(format!("{service}{serial:08}{}{country}", check_digit(*serial)))
    }
}

/// The check digit of a serial number (UPU S10: weights 8 6 4 2 3 5 9 7, eleven minus the rest; 10 is 0, 11 is 5).
fn check_digit(serial: u32) -> u8 {
    let weights = [8, 6, 4, 2, 3, 5, 9, 7];
    let digits = (0..8_u32).rev().map(|place| serial / 10_u32.pow(place) % 10);
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        rest => u8::try_from(rest).unwrap_or(0),
    }
}

/// An attempt of an order as it is remembered: the outcome's name, `None` while it is open, and the reason's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Name of the outcome.
    pub outcome: Option<String>,
    /// Code of its reason.
    pub code: String,
}

/// Whether no attempt of an order can have used its waybill: each provably never left, or was refused in a way that says
/// that nothing was taken. What is open, uncertain or accepted may have; so may a refusal that does not say so, and an
/// account that was blocked by an answer.
pub fn is_unused(trials: &[Trial], rules: PoolRules) -> bool {
    trials.iter().all(|trial| match trial.outcome.as_deref() {
        Some("unavailable") => true,
        // What the gateway itself refuses was not sent.
        Some("rejected") => {
            trial.code.starts_with("GATEWAY-") || rules.not_taken.contains(&trial.code.as_str())
        }
        Some(_) | None => false,
    })
}

/// What becomes of an order whose waybill the partner cannot use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterUnusable {
    /// It takes another.
    Another,
    /// An earlier attempt may have been taken, with this very waybill: a person must ask.
    InDoubt,
    /// Enough were refused: a person must find the fault.
    Enough,
}

/// Decides it: from whether every attempt of the order proves that nothing was taken, and from how many waybills were
/// refused for it, this one included.
pub fn after_unusable(unused: bool, refused: u32) -> AfterUnusable {
    match (unused, refused) {
        (false, _) => AfterUnusable::InDoubt,
        (true, refused) if refused >= MOST_REFUSED => AfterUnusable::Enough,
        (true, _) => AfterUnusable::Another,
    }
}

/// Whether fewer waybills are free than there should be. It counts what is missing, so that it is said again as it grows.
pub fn low(account: &AccountName, free: u32, least: u32, now: Timestamp) -> Option<Found> {
    let missing = least.checked_sub(free).filter(|missing| *missing > 0)?;
    Some(Found {
        watchdog: Watchdog::WaybillsLow,
        scope: account.to_string(),
        since: now,
        count: missing,
        mark: None,
    })
}

#[cfg(test)]
#[path = "waybill_tests.rs"]
mod tests;

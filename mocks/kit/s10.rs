//! Waybills in the form S10 of the Universal Postal Union: two letters, eight digits, check digit, country.

/// The check digit of eight digits.
fn check_digit(digits: &str) -> u32 {
    let weights = [8_u32, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    }
}

/// The waybill of a serial number of Việt Nam; of a longer number the last eight digits count.
#[must_use]
pub fn waybill(service: &str, serial: u32) -> String {
    let digits = format!("{:08}", serial % 100_000_000);
    format!("{service}{digits}{}VN", check_digit(&digits))
}

/// Whether the text is a waybill of Việt Nam with the right check digit.
#[must_use]
pub fn is_waybill(text: &str) -> bool {
    serial_of(text).is_some_and(|(service, serial)| waybill(service, serial) == text)
}

/// Service letters and serial number of a waybill; its check digit is not looked at.
#[must_use]
pub fn serial_of(text: &str) -> Option<(&str, u32)> {
    let (service, rest) = text.split_at_checked(2)?;
    let (digits, _) = rest.split_at_checked(8)?;
    let shaped = text.len() == 13
        && service.bytes().all(|byte| byte.is_ascii_uppercase())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    shaped.then(|| digits.parse().ok().map(|serial| (service, serial))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waybill_has_its_check_digit() {
        // The example of the standard: 47312482 has the check digit 9.
        assert_eq!(waybill("RR", 47_312_482), "RR473124829VN");
        let check = |text: &str, expected: bool| assert_eq!(is_waybill(text), expected, "{text}");
        check("RR473124829VN", true);
        check("RR473124828VN", false);
        check("rr473124829VN", false);
        check("RR473124829US", false);
        check("RR47312482VN", false);
        check("RR47312482 9VN", false);
        check("ĐR473124829VN", false);
        check("", false);
        assert_eq!(serial_of("CH100200305VN"), Some(("CH", 10_020_030)));
    }
}

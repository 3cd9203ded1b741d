//! Who acts: the user of the system, and the name given with `--as` beside it.

use std::fs;

/// The accounts of this machine. A user of a directory service is known by the number.
const ACCOUNTS: &str = "/etc/passwd";

/// Who runs this process, as the audit shows it. The user of the system always stands in it: a name alone proves nothing.
pub(super) fn who(acting_as: Option<&str>) -> String {
    let number = rustix::process::getuid().as_raw().to_string();
    let accounts = fs::read_to_string(ACCOUNTS).unwrap_or_default();
    let user = user_of(&accounts, &number).map_or_else(|| format!("uid {number}"), str::to_owned);
    match acting_as.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({user})"),
        None => user,
    }
}

fn user_of<'a>(accounts: &'a str, number: &str) -> Option<&'a str> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbad\ncanbo:x:1001:1001::/home/canbo:/bin/sh\n";
        assert_eq!(user_of(accounts, "1001"), Some("canbo"));
        assert_eq!(user_of(accounts, "7"), None);
        assert!(who(Some("Tổ trực")).starts_with("Tổ trực ("));
    }
}

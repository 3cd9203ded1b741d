//! Passwords, as argon2id hashes; and tokens, as SHA-256.
//!
//! A password is composed (NFC) before it is hashed: keyboards write Vietnamese letters both ways. A token is 256 random
//! bits, so that a plain hash of it says nothing.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use lienthong_core::text;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Characters of a password at least, where one is made here.
pub const SHORTEST: usize = 10;

/// Bytes of a password at most: more is no password.
const LONGEST: usize = 512;

/// Memory that the check of one password may take, in KiB; the default takes 19 MiB.
const MOST_MEMORY: u32 = 64 << 10;

/// Rounds of a check at most.
const MOST_ROUNDS: u32 = 16;

/// What begins every token, so that it is found where it does not belong.
const TOKEN_MARK: &str = "lienthong-";

/// An argon2id hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Reads a PHC string; `None` unless it is an argon2id hash that can be checked in bounded time and memory.
    pub fn read(phc: &str) -> Option<Self> {
        let hash = Phc::new(phc).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let bounded =
            params.m_cost() <= MOST_MEMORY && params.t_cost() <= MOST_ROUNDS && params.p_cost() <= 4;
        let whole = hash.algorithm.as_str() == "argon2id" && hash.salt.is_some() && hash.hash.is_some();
        (bounded && whole).then(|| Self(phc.to_owned()))
    }

    /// Hashes a password with a salt of its own.
    pub fn of(password: &str) -> Self {
        let salt: [u8; 16] = random();
        let password = text::normalise(password);
        let hash = argon().hash_password_with_salt(password.as_bytes(), &salt);
        Self(hash.expect("salt and costs are within argon2's bounds").to_string())
    }

    /// Whether checking it takes as long as checking one that is made here.
    pub fn has_usual_costs(&self) -> bool {
        let params = Phc::new(&self.0).ok().and_then(|hash| Params::try_from(&hash).ok());
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        params.is_some_and(|params| costs(&params) == costs(&Params::DEFAULT))
    }

    /// Whether it is the hash of this password. Takes tens of milliseconds and 19 MiB.
    pub fn is_of(&self, password: &str) -> bool {
        let Ok(hash) = Phc::new(&self.0) else { return false };
        password.len() <= LONGEST
            && argon().verify_password(text::normalise(password).as_bytes(), &hash).is_ok()
    }

    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn argon() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// The SHA-256 of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Reads 64 hexadecimal digits.
    pub fn read(hex: &str) -> Option<Self> {
        let digits = hex.chars().map(|c| c.to_digit(16)).collect::<Option<Vec<u32>>>()?;
        let bytes = digits.chunks(2).map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        });
        Some(Self(bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()?))
    }

    /// Hashes a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// As the configuration writes it.
    pub fn hex(self) -> String {
        hex(&self.0)
    }
}

/// A new token.
pub fn new_token() -> String {
    format!("{TOKEN_MARK}{}", new_secret())
}

/// 256 random bits, as 64 hexadecimal digits.
pub(super) fn new_secret() -> String {
    hex(&random::<32>())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).expect("the system gives random bytes");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_however_it_was_typed() {
        let hash = PasswordHash::of("mật khẩu của Lan");
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_phc());
        assert!(hash.has_usual_costs());
        assert!(PasswordHash::read(hash.as_phc()).unwrap().is_of("mật khẩu của Lan"));
        let decomposed: String =
            unicode_normalization::UnicodeNormalization::nfd("mật khẩu của Lan").collect();
        assert!(hash.is_of(&decomposed));
        assert!(!hash.is_of("mật khẩu của Lam"));
        assert!(!hash.is_of(&"x".repeat(LONGEST + 1)));
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
    }

    #[test]
    fn only_what_can_be_checked_within_bounds_is_a_hash() {
        let good = PasswordHash::of("một mật khẩu");
        let costly = good.as_phc().replace("m=19456", "m=1048576");
        let patient = good.as_phc().replace("t=2", "t=99");
        let other = good.as_phc().replace("argon2id", "argon2i");
        let bare = "$argon2id$v=19$m=19456,t=2,p=1";
        for bad in [costly.as_str(), &patient, &other, bare, "bi-mat", ""] {
            assert!(PasswordHash::read(bad).is_none(), "{bad}");
        }
        let cheap = good.as_phc().replace("m=19456", "m=8192");
        assert!(!PasswordHash::read(&cheap).unwrap().has_usual_costs());
    }

    #[test]
    fn a_token_is_known_by_its_hash() {
        let token = new_token();
        assert_eq!(token.len(), TOKEN_MARK.len() + 64);
        assert_ne!(token, new_token());
        let hash = TokenHash::of(&token);
        assert_eq!(TokenHash::read(&hash.hex()), Some(hash));
        for bad in ["", "abc", &"g".repeat(64), &"0".repeat(63)] {
            assert_eq!(TokenHash::read(bad), None, "{bad}");
        }
    }
}

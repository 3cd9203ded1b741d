//! Who may use the operator's desk, and what for: named users from the configuration, their passwords, tokens and sessions.
//!
//! ```text
//! name + password ─▶ Users::log_in ─▶ session id ─▶ Users::of_session ─┐
//! bearer token ───────────────────────────────────▶ Users::of_token ───┴▶ Actor: may(Right), sees(agency)
//! ```
//!
//! An [`Actor`] is what the page, the API and the views ask: a right is a matter of the role, and everything shown, exported
//! or done is of an agency that the actor sees. There is no HTTP here. Passwords and tokens are kept as hashes; sessions
//! live in memory and end with the process.
//!
//! Guarantee: a wrong password and an unknown name cost the same work and get the same answer
//! (`a_wrong_password_and_an_unknown_name_are_refused_alike`). Non-guarantee: users whose hashes were made elsewhere with other
//! costs can be told apart by a clock; `check` warns of them.

mod agencies;
mod limits;
mod password;
mod role;
mod sessions;

pub use agencies::Agencies;
pub(crate) use agencies::matches;
pub use password::{PasswordHash, SHORTEST, TokenHash, new_token};
pub use role::{Right, Role};
pub use sessions::{Begun, SessionRules};

use jiff::{SignedDuration, Timestamp};
use limits::Attempts;
use sessions::Sessions;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failed logins under one name at once, and until one is forgotten: a person who errs is not locked out for long, and
/// nobody guesses more than 120 passwords an hour.
const BY_NAME: (u32, SignedDuration) = (5, SignedDuration::from_secs(30));

/// The same from one address: an office, or a proxy in front.
const BY_ADDRESS: (u32, SignedDuration) = (30, SignedDuration::from_secs(10));

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user's name.
    pub name: String,
    /// What the user is here for.
    pub role: Role,
    /// The agencies that the user is bound to.
    pub agencies: Agencies,
}

impl Actor {
    /// Whether the actor may.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Goes on only when the actor may.
    ///
    /// # Errors
    /// When the actor may not.
    pub fn need(&self, right: Right) -> Result<(), NotAllowed> {
        if self.may(right) { Ok(()) } else { Err(NotAllowed) }
    }

    /// Whether what belongs to this agency is shown to the actor.
    pub fn sees(&self, agency: &str) -> bool {
        self.agencies.has(agency)
    }

    /// Whether the actor sees what belongs to no agency, such as messages that could not be read.
    pub fn sees_all(&self) -> bool {
        self.agencies.is_all()
    }

    /// The actor as the audit shows it: a name that was logged in with, which no user of the system can pass for.
    pub fn signature(&self) -> String {
        format!("{} (web)", self.name)
    }
}

/// The actor's role does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the role does not allow it")]
pub struct NotAllowed;

/// A user of the desk, as configured.
#[derive(Clone, Debug)]
pub struct User {
    /// Name, role and agencies.
    pub actor: Actor,
    /// What the user logs in with at the page.
    pub password: Option<PasswordHash>,
    /// What the user's programs show to the API.
    pub token: Option<TokenHash>,
}

/// Why a login was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such user, or the password is another one.
    Wrong,
    /// Too many failures under this name or from this address; after this time it may be tried again.
    TooMany(SignedDuration),
}

/// A session with its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Whose it is.
    pub actor: Actor,
    /// What its forms carry.
    pub csrf: String,
}

/// All users, and who of them is there.
pub struct Users {
    by_name: BTreeMap<String, User>,
    by_token: HashMap<TokenHash, String>,
    /// Checked where there is no hash to check.
    stand_in: PasswordHash,
    sessions: Mutex<Sessions>,
    names: Mutex<Attempts>,
    addresses: Mutex<Attempts>,
}

impl Users {
    /// These users.
    pub fn new(users: impl IntoIterator<Item = User>, rules: SessionRules) -> Self {
        let by_name: BTreeMap<String, User> =
            users.into_iter().map(|user| (user.actor.name.clone(), user)).collect();
        let tokens = by_name.iter().filter_map(|(name, user)| Some((user.token?, name.clone())));
        Self {
            by_token: tokens.collect(),
            stand_in: PasswordHash::of(&new_token()),
            sessions: Mutex::new(Sessions::new(rules)),
            names: Mutex::new(Attempts::new(BY_NAME.0, BY_NAME.1)),
            addresses: Mutex::new(Attempts::new(BY_ADDRESS.0, BY_ADDRESS.1)),
            by_name,
        }
    }

    /// Whether a user of this name is configured.
    pub fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Begins a session, if the password is right. Takes tens of milliseconds: not for a thread that others wait for.
    ///
    /// # Errors
    /// When it is not, or when it was tried too often.
    pub fn log_in(
        &self,
        name: &str,
        password: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Begun, Refused> {
        let address = origin(address);
        // Both are taken before anything is checked, so that attempts at once are counted, too.
        guard(&self.addresses).take(&address, now).map_err(Refused::TooMany)?;
        guard(&self.names).take(name, now).map_err(Refused::TooMany)?;
        let hash = self.by_name.get(name).and_then(|user| user.password.as_ref());
        let is_right = hash.unwrap_or(&self.stand_in).is_of(password) && hash.is_some();
        if !is_right {
            return Err(Refused::Wrong);
        }
        guard(&self.addresses).give_back(&address);
        guard(&self.names).give_back(name);
        Ok(guard(&self.sessions).begin(name, now))
    }

    /// The session of an id; `used` by a person, or only looked at by a page that keeps itself up to date.
    pub fn of_session(&self, id: &str, used: bool, now: Timestamp) -> Option<Present> {
        let session = guard(&self.sessions).find(id, used, now)?;
        let actor = self.by_name.get(&session.user)?.actor.clone();
        Some(Present { actor, csrf: session.csrf })
    }

    /// The user whose token this is.
    pub fn of_token(&self, token: &str) -> Option<Actor> {
        let name = self.by_token.get(&TokenHash::of(token))?;
        self.by_name.get(name).map(|user| user.actor.clone())
    }

    /// Ends a session; says whose it was.
    pub fn log_out(&self, id: &str) -> Option<String> {
        guard(&self.sessions).end(id)
    }

    /// Has the next page of a session say something, once.
    pub fn tell(&self, id: &str, notice: String) {
        guard(&self.sessions).tell(id, notice);
    }

    /// What a page of this session is to say.
    pub fn told(&self, id: &str) -> Option<String> {
        guard(&self.sessions).told(id)
    }
}

/// Where somebody comes from: an address, or the network that one customer of IPv6 has.
fn origin(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// A panic elsewhere leaves whole values here: each change is done before the next begins.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn user(name: &str, password: Option<&str>, token: Option<&str>) -> User {
        User {
            actor: Actor {
                name: name.to_owned(),
                role: Role::Clerk,
                agencies: Agencies::of(["H11.01.07"]).unwrap(),
            },
            password: password.map(PasswordHash::of),
            token: token.map(TokenHash::of),
        }
    }

    fn users() -> Users {
        let users = [user("lan", Some("mật khẩu"), None), user("máy", None, Some("lienthong-1"))];
        Users::new(users, SessionRules::default())
    }

    #[test]
    fn who_logs_in_is_known_by_the_session() {
        let users = users();
        let begun = users.log_in("lan", "mật khẩu", HERE, at(0)).ok().unwrap();
        let present = users.of_session(&begun.id, true, at(1)).unwrap();
        assert_eq!((present.actor.name.as_str(), present.csrf), ("lan", begun.csrf));
        assert_eq!(present.actor.signature(), "lan (web)");
        assert_eq!(users.log_out(&begun.id).as_deref(), Some("lan"));
        assert_eq!(users.of_session(&begun.id, true, at(1)), None);
        assert_eq!(users.of_session("", true, at(1)), None);
    }

    #[test]
    fn a_wrong_password_and_an_unknown_name_are_refused_alike() {
        let users = users();
        for (name, password) in [("lan", "mat khau"), ("lan", ""), ("minh", "mật khẩu"), ("máy", "x")] {
            assert_eq!(users.log_in(name, password, HERE, at(0)).err(), Some(Refused::Wrong), "{name}");
        }
        assert!(users.stand_in.has_usual_costs(), "an unknown name costs the same work");
        for name in ["lan", "minh"] {
            while users.log_in(name, "x", HERE, at(0)).err() == Some(Refused::Wrong) {}
            let refused = users.log_in(name, "mật khẩu", HERE, at(0)).err();
            assert_eq!(refused, Some(Refused::TooMany(SignedDuration::from_secs(30))), "{name}");
        }
        assert!(users.log_in("lan", "mật khẩu", HERE, at(30)).is_ok());
    }

    #[test]
    fn an_address_is_counted_whatever_names_it_tries() {
        let users = users();
        for number in 0..BY_ADDRESS.0 {
            let tried = users.log_in(&format!("tên {number}"), "x", HERE, at(0));
            assert_eq!(tried.err(), Some(Refused::Wrong));
        }
        let wait = Refused::TooMany(BY_ADDRESS.1);
        assert_eq!(users.log_in("lan", "mật khẩu", HERE, at(0)).err(), Some(wait));
        let elsewhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        assert!(users.log_in("lan", "mật khẩu", elsewhere, at(0)).is_ok());
    }

    #[test]
    fn an_address_of_a_network_stands_for_the_network() {
        let network = |last| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
        assert_eq!(origin(network(1)), origin(network(2)));
        assert_eq!(origin(IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped())), origin(HERE));
    }

    #[test]
    fn a_program_is_known_by_its_token_and_cannot_log_in() {
        let users = users();
        assert_eq!(users.of_token("lienthong-1").map(|actor| actor.name).as_deref(), Some("máy"));
        assert_eq!(users.of_token("lienthong-2"), None);
        assert_eq!(users.of_token(""), None);
    }
}

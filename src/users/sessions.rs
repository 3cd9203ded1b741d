//! Who is logged in: sessions in memory, found by the hash of a random id.
//!
//! A restart ends them all. A session ends when nobody used it for a while, when it is old, or when its user logs out;
//! their number is bounded, by user and altogether: the one that was unused longest makes room.

use super::password::{TokenHash, new_secret};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Sessions of one user at most: some machines, some browsers.
const OF_ONE_USER: usize = 10;

/// Sessions at most; users times sessions of each is far below in a province.
const ALTOGETHER: usize = 2_000;

/// When a session ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// Unused for so long.
    pub idle: SignedDuration,
    /// So long after the login, however much it is used.
    pub longest: SignedDuration,
}

impl Default for SessionRules {
    /// Half an hour away from the desk, and a long working day.
    fn default() -> Self {
        Self { idle: SignedDuration::from_mins(30), longest: SignedDuration::from_hours(12) }
    }
}

/// What a login gives: the id for the browser, and the token that its forms carry.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Known to the browser alone.
    pub id: String,
    /// Shows that a form came from a page of ours.
    pub csrf: String,
}

/// A session that is open.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) user: String,
    pub(super) csrf: String,
    begun: Timestamp,
    used: Timestamp,
    /// What the next page is to say, once.
    notice: Option<String>,
}

/// All sessions that are open.
pub(super) struct Sessions {
    rules: SessionRules,
    open: HashMap<TokenHash, Session>,
}

impl Sessions {
    pub(super) fn new(rules: SessionRules) -> Self {
        Self { rules, open: HashMap::new() }
    }

    /// Begins one.
    pub(super) fn begin(&mut self, user: &str, now: Timestamp) -> Begun {
        let rules = self.rules;
        self.open.retain(|_, session| session.lasts(rules, now));
        while self.open.values().filter(|session| session.user == user).count() >= OF_ONE_USER {
            self.end_unused(|session| session.user == user);
        }
        while self.open.len() >= ALTOGETHER {
            self.end_unused(|_| true);
        }
        let begun = Begun { id: new_secret(), csrf: new_secret() };
        let session =
            Session { user: user.to_owned(), csrf: begun.csrf.clone(), begun: now, used: now, notice: None };
        self.open.insert(TokenHash::of(&begun.id), session);
        begun
    }

    /// The session of an id. A page that keeps itself up to date does not use it.
    pub(super) fn find(&mut self, id: &str, used: bool, now: Timestamp) -> Option<Session> {
        let key = TokenHash::of(id);
        let session = self.open.get_mut(&key)?;
        if !session.lasts(self.rules, now) {
            self.open.remove(&key);
            return None;
        }
        if used {
            session.used = now;
        }
        Some(session.clone())
    }

    /// Ends one; says whose it was.
    pub(super) fn end(&mut self, id: &str) -> Option<String> {
        self.open.remove(&TokenHash::of(id)).map(|session| session.user)
    }

    /// Has the next page say something.
    pub(super) fn tell(&mut self, id: &str, notice: String) {
        if let Some(session) = self.open.get_mut(&TokenHash::of(id)) {
            session.notice = Some(notice);
        }
    }

    /// What this page is to say.
    pub(super) fn told(&mut self, id: &str) -> Option<String> {
        self.open.get_mut(&TokenHash::of(id))?.notice.take()
    }

    /// Ends the one that was unused longest.
    fn end_unused(&mut self, which: impl Fn(&Session) -> bool) {
        let of_them = self.open.iter().filter(|(_, session)| which(session));
        let unused = of_them.min_by_key(|(_, session)| session.used).map(|(key, _)| *key);
        if let Some(key) = unused {
            self.open.remove(&key);
        }
    }
}

impl Session {
    fn lasts(&self, rules: SessionRules, now: Timestamp) -> bool {
        now.duration_since(self.used) < rules.idle && now.duration_since(self.begun) < rules.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(60 * minute).unwrap()
    }

    fn sessions() -> Sessions {
        Sessions::new(SessionRules {
            idle: SignedDuration::from_mins(30),
            longest: SignedDuration::from_mins(100),
        })
    }

    #[test]
    fn a_session_ends_unused_or_old() {
        let mut sessions = sessions();
        let id = sessions.begin("lan", at(0)).id;
        assert!(sessions.find(&id, true, at(29)).is_some());
        assert!(sessions.find(&id, false, at(58)).is_some(), "looked at, and not used");
        assert!(sessions.find(&id, true, at(59)).is_none(), "30 minutes unused");
        assert!(sessions.find(&id, true, at(59)).is_none());
        let id = sessions.begin("lan", at(0)).id;
        for minute in [20, 40, 60, 80, 99] {
            assert!(sessions.find(&id, true, at(minute)).is_some(), "{minute}");
        }
        assert!(sessions.find(&id, true, at(100)).is_none(), "however much it is used");
    }

    #[test]
    fn a_session_ends_when_its_user_leaves() {
        let mut sessions = sessions();
        let begun = sessions.begin("lan", at(0));
        assert_ne!(begun.id, begun.csrf);
        assert_eq!(sessions.end(&begun.id).as_deref(), Some("lan"));
        assert!(sessions.find(&begun.id, true, at(0)).is_none());
        assert_eq!(sessions.end(&begun.id), None);
    }

    #[test]
    fn a_notice_is_said_once() {
        let mut sessions = sessions();
        let id = sessions.begin("lan", at(0)).id;
        sessions.tell(&id, "Đã tạm dừng.".to_owned());
        assert_eq!(sessions.told(&id).as_deref(), Some("Đã tạm dừng."));
        assert_eq!(sessions.told(&id), None);
    }

    #[test]
    fn the_session_that_was_unused_longest_makes_room() {
        let mut sessions = sessions();
        let ids: Vec<String> = (0..10).map(|minute| sessions.begin("lan", at(minute)).id).collect();
        let other = sessions.begin("minh", at(0)).id;
        assert!(sessions.find(&ids[0], true, at(11)).is_some());
        sessions.begin("lan", at(12));
        let stand: Vec<bool> = ids.iter().map(|id| sessions.find(id, false, at(12)).is_some()).collect();
        assert_eq!(stand, [true, false, true, true, true, true, true, true, true, true]);
        assert!(sessions.find(&other, true, at(12)).is_some());
    }
}

//! What partners answer: truly, politely wrong, late, not at all. Whether a handoff was taken and what was said about it
//! are drawn apart, as the network does it.

use super::life::{Broken, Life};
use super::partners::Verdict;
use crate::journal::{Call, Question};
use lienthong_core::handoff::{Content, HandoffKind, Partner};
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::port::{LookUp, LookUpAbility, Sent};
use lienthong_core::receipt::Receipt;
use rand::Rng as _;
use rand::rngs::SmallRng;
use std::time::Duration;

/// How an account's partner feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// It answers, and sometimes refuses.
    Fine,
    /// Anything may happen.
    Flaky,
    /// It is not there, or times out before it takes anything.
    Down,
    /// It takes everything and its answers are lost.
    Deaf,
    /// It refuses everything in the same friendly words.
    Polite,
}

impl Mood {
    pub(super) fn draw(chance: &mut SmallRng) -> Self {
        match chance.random_range(0..10) {
            0..3 => Self::Fine,
            3..6 => Self::Flaky,
            6 => Self::Down,
            7 => Self::Deaf,
            _ => Self::Polite,
        }
    }
}

/// What happens to one call.
enum Fate {
    Answered,
    Refused(Reason),
    /// A part was taken before the rest was refused.
    HalfRefused(Reason),
    Unavailable {
        wait: Option<Duration>,
        unsent: bool,
    },
    LostAnswer,
    LostRequest,
    Blocked,
}

fn because(code: &'static str) -> Reason {
    Reason::new(ReasonCode::known(code))
}

impl Life<'_> {
    /// The partner gets a call, or not, and answers.
    pub(super) fn answer(&mut self, call: &Call) -> Result<Sent, Broken> {
        let fate = self.fate_of(call);
        let outcome = match fate {
            Fate::Answered => self.take(call, call.handoffs.len())?,
            Fate::Refused(reason) => Outcome::Rejected(reason),
            Fate::HalfRefused(reason) => {
                self.take(call, call.handoffs.len() / 2)?;
                Outcome::Rejected(reason)
            }
            Fate::Unavailable { wait, unsent } => {
                self.tally.count(if unsent { "unavailable, unsent" } else { "unavailable, sent" });
                Outcome::Unavailable { reason: because("TEST-DOWN"), wait, unsent }
            }
            Fate::LostAnswer => {
                self.take(call, call.handoffs.len())?;
                self.tally.count("uncertain, taken");
                Outcome::Uncertain(because("TEST-TIMEOUT"))
            }
            Fate::LostRequest => {
                self.tally.count("uncertain, not taken");
                Outcome::Uncertain(because("TEST-TIMEOUT"))
            }
            Fate::Blocked => {
                self.tally.count("blocked");
                Outcome::Blocked(because("TEST-PASSWORD"))
            }
        };
        if matches!(outcome, Outcome::Rejected(_)) {
            self.tally.count("rejected");
        }
        Ok(Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() })
    }

    /// A login: it says little of what follows.
    pub(super) fn probe(&mut self) -> Outcome {
        self.tally.count("probes");
        match self.chance.random_range(0..10) {
            _ if !self.faults => Outcome::Accepted(because("TEST-OK")),
            0..6 => Outcome::Accepted(because("TEST-OK")),
            6..9 => Outcome::Unavailable { reason: because("TEST-DOWN"), wait: None, unsent: false },
            _ => Outcome::Blocked(because("TEST-PASSWORD")),
        }
    }

    fn fate_of(&mut self, call: &Call) -> Fate {
        let mood = if self.faults { self.moods[Self::index(&call.handoffs[0].account)] } else { Mood::Fine };
        let lot = self.chance.random_range(0..100);
        let fate = match mood {
            Mood::Fine if !self.faults || lot >= 6 => Fate::Answered,
            Mood::Fine => Fate::Refused(self.objection(call)),
            Mood::Flaky => match lot {
                0..30 => Fate::Answered,
                30..48 => Fate::Refused(self.objection(call)),
                48..52 => Fate::HalfRefused(because("TEST-ROW")),
                52..66 => self.unavailable(),
                66..82 => Fate::LostAnswer,
                82..96 => Fate::LostRequest,
                _ => Fate::Blocked,
            },
            Mood::Down if lot < 80 => self.unavailable(),
            Mood::Down => Fate::LostRequest,
            Mood::Deaf => Fate::LostAnswer,
            Mood::Polite => Fate::Refused(because("TEST-SORRY")),
        };
        // A partner that has an order does not say that it refuses it.
        let known = matches!(fate, Fate::Refused(_) | Fate::HalfRefused(_)) && self.is_there(call);
        if known { Fate::Unavailable { wait: None, unsent: false } } else { fate }
    }

    fn objection(&mut self, call: &Call) -> Reason {
        let field = match &call.handoffs[0].content {
            Content::Record(_) => "dossier.subject",
            Content::Order(_) => "postal.return.phone",
            Content::Row(_) | Content::Status(_) | Content::Cancel(_) | Content::News(_) => {
                return because("TEST-REFUSED");
            }
        };
        match self.chance.random_range(0..3) {
            0 => because("TEST-REFUSED"),
            _ => because("TEST-FIELD").at(field),
        }
    }

    fn unavailable(&mut self) -> Fate {
        let wait =
            self.chance.random_bool(0.3).then(|| Duration::from_secs(self.chance.random_range(0..9000)));
        Fate::Unavailable { wait, unsent: wait.is_none() && self.chance.random_bool(0.5) }
    }

    fn is_there(&self, call: &Call) -> bool {
        let handoff = &call.handoffs[0];
        match &handoff.content {
            Content::Order(order) => self.post(&handoff.account).parcels.contains_key(order.number.as_str()),
            Content::Record(_)
            | Content::Row(_)
            | Content::Status(_)
            | Content::Cancel(_)
            | Content::News(_) => false,
        }
    }

    pub(super) fn post(&self, account: &lienthong_core::ids::AccountName) -> &super::partners::Post {
        &self.posts[Self::index(account) - 2]
    }

    /// The first `most` handoffs of the call reach the partner.
    fn take(&mut self, call: &Call, most: usize) -> Result<Outcome, Broken> {
        let mut outcome = Outcome::Accepted(because("TEST-OK"));
        for handoff in call.handoffs.iter().take(most) {
            let index = Self::index(&handoff.account);
            let verdict = match handoff.kind().partner() {
                Partner::Portal => self.portals[index].take(handoff),
                Partner::Post => self.posts[index - 2].take(handoff, self.now, &mut self.chance),
                Partner::Commune => self.communes[index - 4].take(handoff),
            };
            match verdict {
                Verdict::Taken => {}
                Verdict::NoSuchOrder => outcome = Outcome::Rejected(because("POST-103")),
                Verdict::Collected => outcome = Outcome::Rejected(because("POST-104")),
                Verdict::NoRecord if self.book.by_hand.contains(handoff.dossier.as_str()) => {
                    outcome = Outcome::Rejected(because("TEST-NO-RECORD"));
                }
                Verdict::NoRecord => return Err(format!("the row {} came before any record", handoff.id)),
            }
        }
        Ok(outcome)
    }

    /// What a look-up says.
    pub(super) fn look_up(&mut self, question: &Question) -> LookUp {
        let handoff = &question.handoff;
        let Content::Order(order) = &handoff.content else {
            return LookUp::CouldNotAsk(because("TEST-DOWN"));
        };
        let shown = self.post(&handoff.account).shows(order.number.as_str(), self.now);
        let lot = if self.faults { self.chance.random_range(0..100) } else { 99 };
        let could_not = lot < 15;
        let said = match self.town.abilities(&handoff.account).look_up {
            _ if could_not => LookUp::CouldNotAsk(because("TEST-DOWN")),
            LookUpAbility::None => LookUp::AskTheFeed,
            LookUpAbility::PositiveOnly if lot % 2 == 0 => LookUp::AskTheFeed,
            LookUpAbility::Authoritative | LookUpAbility::PositiveOnly if shown => LookUp::found(lot != 20),
            LookUpAbility::Authoritative | LookUpAbility::PositiveOnly => LookUp::Absent,
        };
        self.tally.count(match &said {
            LookUp::Found { same: true, .. } => "look-up: found",
            LookUp::Found { same: false, .. } => "look-up: another's",
            LookUp::Absent => "look-up: absent",
            LookUp::CouldNotAsk(_) => "look-up: could not ask",
            LookUp::AskTheFeed => "look-up: ask the feed",
        });
        assert_eq!(handoff.kind(), HandoffKind::PostOrder, "only orders are asked about");
        said
    }
}

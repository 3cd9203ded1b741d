//! Five lamps: queue, store, post, portal, clock. Each has a state, since when, why, and what to do.

use super::Sentence;
use super::overview::Around;
use crate::admin::{Dependency, Readiness};
use crate::journal::report::Times;
use crate::partners::Partners;
use crate::reasons;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::Partner;
use lienthong_core::outcome::ReasonCode;
use serde::Serialize;
use utoipa::ToSchema;

/// How far our own times may lie ahead of the clock: a second is written before it is over.
const BACK: SignedDuration = SignedDuration::from_secs(2);

/// How far the time of an event may lie ahead of its arrival: desks' clocks are set by hand.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// A lamp's colour, and its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// All is well.
    Good,
    /// Something is held up, by somebody's will or in part.
    Warn,
    /// It does not work.
    Bad,
    /// Nothing is known, or nothing is configured.
    Off,
}

/// A lamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Lamp {
    /// `queue`, `store`, `post`, `portal` or `clock`.
    pub name: &'static str,
    /// Its colour.
    pub light: Light,
    /// Since when; `None` when that is not known.
    pub since: Option<Timestamp>,
    /// Reason code, where there is one.
    pub code: Option<String>,
    /// What is so.
    pub says: Sentence,
    /// What to do; `None` when nothing is.
    pub todo: Option<Sentence>,
}

/// All five.
pub(super) fn lamps(around: Around<'_>, times: &Times) -> Vec<Lamp> {
    vec![
        essential(
            around,
            "queue",
            "broker",
            "RabbitMQ đã nối; cổng kết nối đang nhận sự kiện.",
            "The broker is connected; events are taken in.",
        ),
        essential(
            around,
            "store",
            "journal",
            "Cơ sở dữ liệu ghi được; mọi sự kiện được lưu trước khi xác nhận.",
            "The journal can be written; every event is stored before it is acknowledged.",
        ),
        partner(around, Partner::Post),
        partner(around, Partner::Portal),
        clock(times, around.now),
    ]
}

/// Broker or journal, which the gateway cannot work without.
fn essential(around: Around<'_>, name: &'static str, dependency: &str, vi: &str, en: &str) -> Lamp {
    let found = around.readiness.dependencies.get(dependency);
    let off = Lamp { name, light: Light::Off, since: None, code: None, says: nothing_heard(), todo: None };
    let Some(found) = found else { return off };
    let Some(code) = &found.reason else {
        return Lamp { light: Light::Good, since: found.since, says: Sentence::new(vi, en), ..off };
    };
    let light = if code == reasons::STARTING { Light::Off } else { Light::Bad };
    let todo = Sentence::new(
        "Sự kiện chưa nhận vẫn nằm an toàn ở RabbitMQ; xử lý xong thì cổng kết nối tự nhận tiếp.",
        "Events not taken in are safe at the broker; once it is mended the gateway goes on by itself.",
    );
    Lamp {
        light,
        since: found.since,
        code: Some(code.clone()),
        says: says(around.partners, code),
        todo: (light == Light::Bad).then_some(todo),
        ..off
    }
}

fn nothing_heard() -> Sentence {
    Sentence::new("Chưa có tin.", "Nothing is known yet.")
}

/// What keeps an account from being called by somebody's will, or for the day.
fn is_meant(code: &str) -> bool {
    [reasons::PAUSED, reasons::MAINTENANCE, reasons::QUOTA_SPENT].contains(&code)
}

/// The accounts of a partner together: what is worst of them, and how many they are.
fn partner(around: Around<'_>, partner: Partner) -> Lamp {
    let accounts = around.settings.accounts.values().filter(|account| account.partner() == partner);
    let accounts: Vec<_> =
        accounts.map(|account| dependency(around.readiness, account.name.as_str())).collect();
    together(partner.name(), &accounts, around.partners)
}

fn together(name: &'static str, accounts: &[Option<&Dependency>], partners: &Partners) -> Lamp {
    let all = accounts.len();
    let mut lamp = Lamp {
        name,
        light: Light::Off,
        since: None,
        code: None,
        says: Sentence::new("Không có tài khoản nào trong cấu hình.", "No account is configured."),
        todo: None,
    };
    if all == 0 {
        return lamp;
    }
    let troubled: Vec<(&str, Option<Timestamp>)> = accounts
        .iter()
        .filter_map(|found| {
            Some((found.and_then(|found| found.reason.as_deref())?, found.and_then(|found| found.since)))
        })
        .collect();
    let worst = troubled.iter().find(|(code, _)| !is_meant(code)).or_else(|| troubled.first());
    let Some((code, _)) = worst else {
        if accounts.iter().all(Option::is_none) {
            lamp.says = nothing_heard();
            return lamp;
        }
        lamp.light = Light::Good;
        lamp.since = accounts.iter().flatten().filter_map(|found| found.since).max();
        lamp.says = Sentence::new(
            format!("Cả {all} tài khoản đều gọi được."),
            format!("All {all} accounts are open."),
        );
        return lamp;
    };
    let some = troubled.len();
    let all_away = some == all && !is_meant(code);
    let reason = says(partners, code);
    Lamp {
        light: if all_away { Light::Bad } else { Light::Warn },
        since: troubled.iter().filter_map(|(_, since)| *since).min(),
        code: Some((*code).to_owned()),
        says: Sentence::new(
            format!("{some} trên {all} tài khoản không gọi được. {}", reason.vi),
            format!("{some} of {all} accounts are not called. {}", reason.en),
        ),
        todo: Some(Sentence::new(
            "Mở trang Đối tác để xem từng tài khoản; các việc chờ được giữ nguyên thứ tự và không mất.",
            "The page of partners shows each account; what waits is kept in order and is not lost.",
        )),
        ..lamp
    }
}

fn dependency<'a>(readiness: &'a Readiness, account: &str) -> Option<&'a Dependency> {
    readiness.dependencies.get(&format!("account:{account}"))
}

/// No time server is asked: what the journal wrote, and what the desks say, is compared with the clock of this machine.
fn clock(times: &Times, now: Timestamp) -> Lamp {
    let newest = times.arrived_at.max(times.attempted_at);
    let mut lamp = Lamp {
        name: "clock",
        light: Light::Off,
        since: None,
        code: None,
        says: Sentence::new(
            "Chưa có sự kiện nào để so đồng hồ.",
            "There is no event yet to compare the clock with.",
        ),
        todo: None,
    };
    let Some(newest) = newest else { return lamp };
    let ahead = newest.duration_since(now);
    if ahead > BACK {
        lamp.light = Light::Bad;
        let seconds = ahead.as_secs();
        lamp.says = Sentence::new(
            format!("Đồng hồ máy này chậm hơn giờ đã ghi trong sổ {seconds} giây: đồng hồ đã bị chỉnh lùi."),
            format!(
                "The clock of this machine is {seconds} s behind what the journal has written: it went back."
            ),
        );
        lamp.todo = Some(Sentence::new(
            "Bật đồng bộ giờ (NTP) trên máy chủ; lịch gửi lại và thời hạn đang tính sai cho đến khi giờ đúng.",
            "Have the machine's clock kept by NTP; schedules and deadlines are wrong until it is right.",
        ));
        return lamp;
    }
    let early =
        times.ahead.as_ref().filter(|(_, happened, arrived)| happened.duration_since(*arrived) > AHEAD);
    if let Some((source, happened, arrived)) = early {
        let minutes = happened.duration_since(*arrived).as_mins();
        lamp.light = Light::Warn;
        lamp.since = Some(*arrived);
        lamp.says = Sentence::new(
            format!(
                "Sự kiện của {source} ghi giờ sớm hơn lúc đến {minutes} phút: đồng hồ nơi đó nhanh, hoặc máy này chậm."
            ),
            format!(
                "An event of {source} says a time {minutes} min after its arrival: their clock is fast, or ours slow."
            ),
        );
        lamp.todo = Some(Sentence::new(
            "So giờ máy này với giờ chuẩn; nếu đúng thì báo đơn vị vận hành phần mềm một cửa chỉnh giờ.",
            "Compare this machine's time with a reference; if it is right, tell whoever runs the one-stop system.",
        ));
        return lamp;
    }
    lamp.light = Light::Good;
    lamp.says = Sentence::new(
        "Giờ máy này khớp với sổ và với 1000 sự kiện mới nhất (không hỏi máy chủ giờ).",
        "The clock agrees with the journal and the newest 1000 events (no time server is asked).",
    );
    lamp
}

/// The sentences of a reason.
fn says(partners: &Partners, code: &str) -> Sentence {
    let code = ReasonCode::stored(code.to_owned());
    partners
        .reason_text(&code)
        .map_or_else(|| Sentence::new(code.as_str(), code.as_str()), |text| Sentence::from(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn account(reason: Option<&str>, since: i64) -> Dependency {
        let reason = reason.map(str::to_owned);
        Dependency { ready: reason.is_none(), reason, runbook: None, since: Some(at(since)) }
    }

    #[test]
    fn a_partner_is_as_its_accounts_are() {
        let check = |reasons: &[Option<&str>], light, code: Option<&str>| {
            let accounts: Vec<Dependency> =
                (1..).zip(reasons).map(|(n, reason)| account(*reason, n)).collect();
            let accounts: Vec<Option<&Dependency>> = accounts.iter().map(Some).collect();
            let lamp = together("post", &accounts, &Partners::default());
            assert_eq!((lamp.light, lamp.code.as_deref()), (light, code), "{reasons:?}");
            assert_eq!(lamp.todo.is_some(), code.is_some(), "{reasons:?}");
        };
        let (blocked, paused, quota) =
            (Some("POST-LOGIN"), Some(reasons::PAUSED), Some(reasons::QUOTA_SPENT));
        check(&[], Light::Off, None);
        check(&[None, None], Light::Good, None);
        check(&[None, blocked], Light::Warn, blocked);
        check(&[paused, blocked], Light::Bad, blocked);
        check(&[paused, quota], Light::Warn, paused);
        check(&[Some(reasons::PARTNER_AWAY)], Light::Bad, Some(reasons::PARTNER_AWAY));
        let unheard = together("post", &[None], &Partners::default());
        assert_eq!(
            (unheard.light, unheard.says),
            (Light::Off, nothing_heard()),
            "nothing was heard of it yet"
        );
        let (fine, bad) = (account(None, 1), account(blocked, 7));
        assert_eq!(together("post", &[Some(&fine), Some(&bad)], &Partners::default()).since, Some(at(7)));
    }

    #[test]
    fn the_clock_is_compared_with_the_journal_and_with_the_desks() {
        let now = at(100_000);
        let check = |arrived: Option<i64>, attempted: Option<i64>, ahead: i64, light| {
            let ahead = arrived.map(|arrived| ("urn:desk".to_owned(), at(arrived + ahead), at(arrived)));
            let times = Times { arrived_at: arrived.map(at), attempted_at: attempted.map(at), ahead };
            let lamp = clock(&times, now);
            assert_eq!(lamp.light, light, "{times:?}");
            assert_eq!(lamp.todo.is_some(), matches!(light, Light::Warn | Light::Bad), "{times:?}");
        };
        check(None, None, 0, Light::Off);
        check(Some(99_999), None, -60, Light::Good);
        check(Some(100_002), Some(100_001), 0, Light::Good);
        check(Some(100_003), None, 0, Light::Bad);
        check(Some(99_000), Some(100_100), 0, Light::Bad);
        check(Some(99_000), None, 300, Light::Good);
        check(Some(99_000), None, 301, Light::Warn);
    }

    #[test]
    fn queue_and_store_say_why_and_since_when() {
        let health = crate::admin::Health::new();
        health.down("broker", reasons::BROKER_LOST, at(5));
        health.up("journal", at(6));
        let readiness = health.readiness();
        let folder = tempfile::tempdir().unwrap();
        let settings = crate::journal::tests::world::settings(folder.path());
        let partners = Partners::default();
        let around = Around { settings: &settings, partners: &partners, readiness: &readiness, now: at(10) };
        let lamps = lamps(around, &Times::default());
        let seen: Vec<_> = lamps.iter().map(|lamp| (lamp.name, lamp.light, lamp.since)).collect();
        assert_eq!(seen[0], ("queue", Light::Bad, Some(at(5))));
        assert_eq!(seen[1], ("store", Light::Good, Some(at(6))));
        assert_eq!(seen[2..].iter().map(|lamp| lamp.0).collect::<Vec<_>>(), ["post", "portal", "clock"]);
        assert!(lamps[0].says.vi.starts_with("Mất kết nối tới RabbitMQ"), "{:?}", lamps[0].says);
    }
}

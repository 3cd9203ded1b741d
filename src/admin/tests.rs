//! The listener as a browser and a program see it. [`Stage`] is for the tests of page and API, too.

mod browser;
mod faces;
mod logins;
mod open;
mod secure;

pub(crate) use browser::{Answer, Browser};

use super::*;
use crate::config::settings::{AccountSettings, InterfaceSettings, OutcomesSettings, Settings};
use crate::journal::tests::world::{World, partners};
use crate::users::{Actor, Agencies, PasswordHash, Role, TokenHash, User};
use lienthong_core::breaker::BreakerRules;
use lienthong_core::ids::{AccountName, AgencyCode};
use lienthong_core::schedule::Schedule;
use std::time::Duration;
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "mật khẩu thử";

/// A running listener over a journal of its own, with users of each role: `lan`, a clerk of H11.01.07, and `tho`, its operator;
/// `binh`, a clerk of H11.01.08, and `hoa`, its operator; `tam`, a viewer, `minh`, an operator, and `quan`, an admin of all.
/// Their tokens are `token-` and their names. H11.01.08 has the account `commune-8`, and no other agency has it.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) address: SocketAddr,
    _stop: DropGuard,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::changed(partners(), |settings| {
            settings.users = users();
            neighbour(settings);
        });
        Self::over(world).await
    }

    /// The same over another journal.
    pub(crate) async fn over(mut world: World) -> Self {
        world.settings.users = users();
        let health = Arc::new(Health::new());
        let desk = Desk::where_configured(&world.settings, &partners(), &health);
        assert!(desk.is_some());
        let bound = listen(([127, 0, 0, 1], 0).into(), None).await.unwrap();
        let (address, stop) = (bound.address().unwrap(), CancellationToken::new());
        TaskTracker::new().spawn(serve(bound, health, desk, stop.clone()));
        Self { world, address, _stop: stop.drop_guard() }
    }

    /// A browser in which nobody is logged in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser in which this user is logged in.
    pub(crate) async fn logged_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.posts("/login", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
        browser
    }

    /// Asks the API with the user's token.
    pub(crate) async fn asks(&self, name: &str, path: &str) -> (u16, serde_json::Value) {
        self.tells(name, "GET", path, &serde_json::Value::Null).await
    }

    /// Sends JSON to the API with the user's token.
    pub(crate) async fn tells(
        &self,
        name: &str,
        method: &str,
        path: &str,
        body: &serde_json::Value,
    ) -> (u16, serde_json::Value) {
        let token = format!("Bearer token-{name}");
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let answer = self.browser().sends(method, path, &headers, &body.to_string()).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }
}

/// Another agency, with an account that only it uses.
fn neighbour(settings: &mut Settings) {
    let tables = Arc::make_mut(&mut settings.tables);
    let mut agency = tables.agencies.values().next().unwrap().clone();
    let name = AccountName::new("commune-8");
    agency.code = AgencyCode::new("H11.01.08");
    (agency.portal_account, agency.post_account) = (None, None);
    agency.commune_account = Some(name.clone().into());
    tables.agencies.insert(agency.code.clone(), agency);
    let outcomes = OutcomesSettings {
        connection: settings.broker.connection.clone(),
        exchange: String::new(),
        declare: false,
        connection_name: String::new(),
        deadline: Duration::from_secs(1),
    };
    let account = AccountSettings {
        name: name.clone(),
        concurrency: 3,
        rate: 5,
        quota_per_day: Some(40),
        breaker: BreakerRules::default(),
        schedule: Schedule::default(),
        feed_busy: Duration::from_secs(60),
        feed_idle: Duration::from_secs(900),
        interface: InterfaceSettings::CommuneAmqp(Box::new(outcomes)),
    };
    settings.accounts.insert(name, account);
}

pub(crate) fn users() -> Vec<User> {
    // Hashed once: it takes its time.
    let password = PasswordHash::of(PASSWORD);
    let user = |name: &str, role, agencies: &[&str]| User {
        actor: Actor { name: name.to_owned(), role, agencies: Agencies::of(agencies).unwrap() },
        password: Some(password.clone()),
        token: Some(TokenHash::of(&format!("token-{name}"))),
    };
    vec![
        user("lan", Role::Clerk, &["H11.01.07"]),
        user("binh", Role::Clerk, &["H11.01.08"]),
        user("tho", Role::Operator, &["H11.01.07"]),
        user("tam", Role::Viewer, &["*"]),
        user("hoa", Role::Operator, &["H11.01.08"]),
        user("minh", Role::Operator, &["*"]),
        user("quan", Role::Admin, &["*"]),
    ]
}

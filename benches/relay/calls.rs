//! The relay's calls: one session, one token, and a body each.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong::config::Settings;
use lienthong::config::settings::{AccountSettings, InterfaceSettings};
use lienthong_core::event::Event;
use lienthong_core::handoff::{Content, HandoffKind};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Problem;
use lienthong_core::plan::{Born, Cause, Known, Planned, plan};
use lienthong_core::port::{Port as _, Translate};
use lienthong_core::tables::Tables;
use lienthong_portal::axis::AxisPort;
use lienthong_portal::axis::config::AxisSettings;
use lienthong_post::ngsp::NgspPort;
use lienthong_post::ngsp::config::NgspSettings;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// One half of the pair create/update, the other half, and the first again: somebody else was faster in between.
const MOST_WRITES: usize = 3;

/// Both partners, logged in.
pub(super) struct Partners {
    http: Client,
    tables: Arc<Tables>,
    portal: AxisSettings,
    portal_words: AxisPort,
    portal_room: Semaphore,
    session: Value,
    post: NgspSettings,
    post_words: NgspPort,
    post_room: Semaphore,
    authorization: String,
}

/// Nothing is checked before it is sent.
struct Unchecked;

impl Translate for Unchecked {
    fn check(&self, _account: &AccountName, _content: &Content) -> Result<(), Vec<Problem>> {
        Ok(())
    }
}

impl Partners {
    /// Logs in at both.
    pub(super) async fn reach(settings: &Settings) -> Result<Self> {
        let (mut portal, mut post) = (None, None);
        for account in settings.accounts.values() {
            if let InterfaceSettings::PortalAdapter(own) = &account.interface {
                portal = Some((own.as_ref(), account));
            } else if let InterfaceSettings::PostNgsp(own) = &account.interface {
                post = Some((own.as_ref(), account));
            }
        }
        let (portal, portal_account) = portal.context("there is no account at the portal")?;
        let (post, post_account) = post.context("there is no account at the post")?;
        #[expect(clippy::disallowed_methods, reason = "the yardstick is a plain client, not the gateway's")]
        let http = Client::builder().no_proxy().build()?;
        Ok(Self {
            session: log_in(&http, portal).await?,
            authorization: ask_for_token(&http, post).await?,
            http,
            tables: Arc::clone(&settings.tables),
            portal_words: AxisPort::build(portal.clone())?,
            portal_room: room(portal_account),
            portal: portal.clone(),
            post_words: NgspPort::build(post.clone())?,
            post_room: room(post_account),
            post: post.clone(),
        })
    }

    /// Makes the calls of one event: at the portal one after the other, at the post beside them.
    pub(super) async fn tell(&self, event: &Event) -> Result<()> {
        let now = lienthong::clock::now();
        let planned = plan(Cause::Desk(event), &Known::default(), &self.tables, &Unchecked, now);
        if let Some(dead) = planned.handoffs.iter().find(|handoff| handoff.born != Born::Due) {
            bail!("an event cannot be told: {:?}", dead.born);
        }
        let is_first = event.sequence.is_none_or(|sequence| sequence == 1);
        let (to_portal, to_post): (Vec<Planned>, Vec<Planned>) =
            planned.handoffs.into_iter().partition(|handoff| at_portal(handoff.content.kind()));
        let portal = async {
            for handoff in &to_portal {
                self.tell_portal(&handoff.content, is_first).await?;
            }
            Ok(())
        };
        let post = async {
            for handoff in &to_post {
                self.tell_post(&handoff.content).await?;
            }
            Ok(())
        };
        tokio::try_join!(portal, post).map(drop)
    }

    async fn tell_portal(&self, content: &Content, is_first: bool) -> Result<()> {
        let mut body = self.portal_words.translate(&[content]).map_err(refused)?;
        body["session"] = self.session.clone();
        if content.kind() == HandoffKind::PortalRecord {
            body["isUpdating"] = if is_first { "False".into() } else { "True".into() };
        }
        for _ in 0..MOST_WRITES {
            let answer = self.ask_portal(&body).await?;
            // Without order, a later event may be the first that the portal hears of.
            body["isUpdating"] = match (answer["error_code"].as_str(), answer["message"].as_str()) {
                (Some("0"), _) => return Ok(()),
                (_, Some(said)) if said.contains("đã tồn tại") => "True".into(),
                (_, Some(said)) if said.contains("không tồn tại") => "False".into(),
                (_, _) => bail!("the portal refused: {answer}"),
            };
        }
        bail!("the portal refused both halves")
    }

    async fn ask_portal(&self, body: &Value) -> Result<Value> {
        let _room = self.portal_room.acquire().await?;
        let url = format!("{}{}", self.portal.adapter_url, self.portal.integration_endpoint);
        let request = self.http.post(url).header("Charset", "utf-8").header("dstcode", &self.portal.dstcode);
        answer(request.header(CONTENT_TYPE, "application/json").body(serde_json::to_vec(body)?)).await
    }

    async fn tell_post(&self, content: &Content) -> Result<()> {
        let body = self.post_words.translate(&[content]).map_err(refused)?;
        let _room = self.post_room.acquire().await?;
        let request = self.http.post(&self.post.order_url).header(AUTHORIZATION, &self.authorization);
        let request = request.header(CONTENT_TYPE, "application/json").header("Accept-Charset", "UTF-8");
        let answer = answer(request.body(serde_json::to_vec(&body)?)).await?;
        if answer["Status"] != 100 {
            bail!("the post refused: {answer}");
        }
        Ok(())
    }
}

fn room(account: &AccountSettings) -> Semaphore {
    Semaphore::new(account.concurrency)
}

fn at_portal(kind: HandoffKind) -> bool {
    match kind {
        HandoffKind::PortalRecord | HandoffKind::PortalProgress | HandoffKind::PortalStatus => true,
        // The measure tells no commune anything: there is no account for it.
        HandoffKind::PostOrder | HandoffKind::PostCancel | HandoffKind::CommuneEvent => false,
    }
}

fn refused(problems: Vec<Problem>) -> anyhow::Error {
    anyhow::anyhow!("an event cannot be translated: {problems:?}")
}

async fn log_in(http: &Client, portal: &AxisSettings) -> Result<Value> {
    let url = format!("{}{}", portal.adapter_url, portal.auth_endpoint);
    let body =
        serde_json::json!({ "username": portal.username, "password": portal.password.expose_secret() });
    let request = http.post(url).header("dstcode", &portal.dstcode);
    let answer = answer(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await?;
    answer.get("session").cloned().context("the portal gave no session")
}

async fn ask_for_token(http: &Client, post: &NgspSettings) -> Result<String> {
    let credential = format!("{}:{}", post.customer_key, post.customer_secret.expose_secret());
    let request =
        http.post(&post.token_url).header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(credential)));
    let form = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = answer(form.body("grant_type=client_credentials")).await?;
    let token = answer["access_token"].as_str().context("the post gave no token")?;
    Ok(format!("Bearer {token}"))
}

async fn answer(request: RequestBuilder) -> Result<Value> {
    let mut response = request.header(ACCEPT, "application/json").send().await?.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).context("an answer is no JSON")
}

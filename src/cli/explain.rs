//! `explain`: one event in; what it is, whether it is known, what it would cause, and the exact payloads, masked.
//!
//! It sends nothing and writes nothing. With a journal it explains against what is known of the dossier, otherwise as if
//! the dossier were new.

use super::arguments::ExplainOptions;
use super::output::{Output, local, table};
use super::{Exit, report_if_any};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::JournalReport;
use crate::partners::{self, Partners};
use crate::views::mask::Mask;
use jiff::Timestamp;
use lienthong_commune::{Dialect, Family, Headers, Refusal};
use lienthong_core::event::Event;
use lienthong_core::handoff::Content;
use lienthong_core::identity::EventHash;
use lienthong_core::outcome::Reason;
use lienthong_core::plan::{self, Born, Cause, Change, Known, Plan, Planned};
use lienthong_core::tables::Mode;
use serde::Serialize;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// What is said about an event.
#[derive(Debug, Serialize)]
struct Explained {
    dialect: String,
    event: String,
    source: String,
    kind: &'static str,
    dossier: String,
    agency: String,
    happened_at: Timestamp,
    sequence: Option<u64>,
    routing_key: String,
    hash: String,
    verdict: Verdict,
    mode: &'static str,
    handoffs: Vec<HandoffPlan>,
    changes: Vec<ChangePlan>,
    flags: Vec<String>,
}

/// What intake would do with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    New,
    Duplicate,
    Conflict,
    SourceUnknown,
    AgencyNotAllowed,
}

impl Verdict {
    fn vi(self) -> &'static str {
        match self {
            Self::New => "mới",
            Self::Duplicate => "trùng: đã có trong sổ, sẽ bỏ qua",
            Self::Conflict => "xung đột: cùng mã sự kiện nhưng khác nội dung, sẽ cách ly",
            Self::SourceUnknown => "nguồn chưa được cấu hình, sẽ cách ly",
            Self::AgencyNotAllowed => "nguồn không được gửi thay cơ quan này, sẽ cách ly",
        }
    }
}

#[derive(Debug, Serialize)]
struct HandoffPlan {
    handoff: String,
    kind: &'static str,
    account: String,
    lane: String,
    key: String,
    born: &'static str,
    /// When it may be sent, once nothing is ahead of it.
    due_at: Option<Timestamp>,
    /// Handoffs of its lane that go before it.
    ahead: usize,
    reason: Option<String>,
    field: Option<String>,
    wire: Option<Value>,
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ChangePlan {
    handoff: String,
    change: &'static str,
}

pub(super) fn explain(settings: &Settings, options: &ExplainOptions, output: Output) -> anyhow::Result<Exit> {
    let body = read(&options.file)?;
    let family = options.dialect.dialect.unwrap_or(settings.reader.unnamed);
    let content_type = options.content_type.as_deref().unwrap_or_else(|| match family {
        Family::CloudEvents => content_type_of(&options.file, &body),
        Family::OpenCps => Dialect::OpenCps.content_type(),
    });
    let headers = Headers {
        content_type: Some(content_type),
        dialect: (family == Family::OpenCps).then_some("opencps"),
        source: options.dialect.source.as_deref(),
    };
    let event = match settings.reader.read(&headers, &body) {
        Ok(event) => event,
        Err(refusal) => return refused(&refusal, output),
    };
    let dialect = settings.reader.dialect_of(&headers);
    let dialect = dialect.map_or_else(|_| String::new(), |dialect| dialect.name().to_owned());
    let explaining = Explaining::of(settings, &event, options.personal)?;
    let explained = explaining.explain(&event, dialect)?;
    output.show(&explained, text)?;
    Ok(if explained.verdict == Verdict::New || explained.verdict == Verdict::Duplicate {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// What is said about a message that is no event.
#[derive(Debug, Serialize)]
struct Refused<'a> {
    verdict: &'static str,
    reason: &'a str,
    field: Option<&'a str>,
    detail: &'a str,
    vi: &'static str,
}

fn refused(refusal: &Refusal, output: Output) -> anyhow::Result<Exit> {
    let reason = refusal.reason.as_str();
    let text = lienthong_commune::REASONS.iter().find(|text| text.code == reason);
    let refused = Refused {
        verdict: "unreadable",
        reason,
        field: refusal.field.as_deref(),
        detail: &refusal.detail,
        vi: text.map_or("", |text| text.vi),
    };
    output.show(&refused, |refused| {
        let field = refused.field.map(|field| format!(" ({field})")).unwrap_or_default();
        format!(
            "Kết luận khi nhận: sẽ cách ly, {reason}{field}\n{}\nChi tiết: {}",
            refused.vi, refused.detail
        )
    })?;
    Ok(Exit::Refused)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        std::io::stdin().lock().read_to_end(&mut body)?;
        return Ok(body);
    }
    std::fs::read(file).map_err(|error| anyhow::anyhow!("failed to read {}: {error}", file.display()))
}

/// The content type by the file's name, else by its first character.
fn content_type_of(file: &Path, body: &[u8]) -> &'static str {
    let extension = file.extension().and_then(|extension| extension.to_str());
    let begins_with_tag = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    let xml = match extension {
        Some("xml") => true,
        Some("json") => false,
        Some(_) | None => begins_with_tag,
    };
    if xml { Dialect::Xml.content_type() } else { Dialect::Json.content_type() }
}

struct Explaining<'a> {
    settings: &'a Settings,
    partners: Partners,
    journal: Option<JournalReport>,
    known: Known,
    mask: Mask,
    now: Timestamp,
}

impl<'a> Explaining<'a> {
    fn of(settings: &'a Settings, event: &Event, personal: bool) -> anyhow::Result<Self> {
        let journal = report_if_any(settings)?;
        let known = match &journal {
            Some(journal) => journal.known(event)?,
            None => Known::default(),
        };
        let mask = Mask::of(std::iter::once(&event.snapshot).chain(&known.basis));
        Ok(Self {
            settings,
            partners: partners::build(&settings.accounts)?,
            journal,
            known,
            mask: if personal { Mask::default() } else { mask },
            now: clock::now(),
        })
    }

    fn explain(&self, event: &Event, dialect: String) -> anyhow::Result<Explained> {
        let hash = EventHash::of(event);
        let verdict = self.verdict(event, &hash)?;
        let plan = match verdict {
            Verdict::New => plan::plan(
                Cause::Desk(event),
                &self.known,
                &self.settings.tables,
                &self.partners,
                clock::now(),
            ),
            Verdict::Duplicate | Verdict::Conflict | Verdict::SourceUnknown | Verdict::AgencyNotAllowed => {
                Plan::default()
            }
        };
        let agency = &event.snapshot.agency.code;
        let routing_key = format!("{agency}.{}", event.kind.type_name());
        Ok(Explained {
            dialect,
            event: event.id.to_string(),
            source: event.source.to_string(),
            kind: event.kind.name(),
            dossier: event.dossier_key().to_string(),
            agency: agency.to_string(),
            happened_at: event.time,
            sequence: event.sequence,
            routing_key,
            hash: hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
            verdict,
            mode: self.mode(event),
            handoffs: (0..plan.handoffs.len()).map(|place| self.handoff(event, &plan, place)).collect(),
            changes: plan.changes.iter().map(change).collect(),
            flags: plan.flags.iter().map(|flag| flag.code.to_string()).collect(),
        })
    }

    fn verdict(&self, event: &Event, hash: &EventHash) -> anyhow::Result<Verdict> {
        let seen = match &self.journal {
            Some(journal) => journal.seen(event)?,
            None => None,
        };
        if let Some(seen) = seen {
            return Ok(if seen == hash.as_bytes() { Verdict::Duplicate } else { Verdict::Conflict });
        }
        Ok(match self.settings.tables.source(&event.source) {
            None => Verdict::SourceUnknown,
            Some(rules) if !rules.agencies.contains(&event.snapshot.agency.code) => Verdict::AgencyNotAllowed,
            Some(_) => Verdict::New,
        })
    }

    fn mode(&self, event: &Event) -> &'static str {
        let agency = self.settings.tables.agency(&event.snapshot.agency.code).map(|agency| agency.mode);
        let observed = self.settings.mode == Mode::Observe || agency == Some(Mode::Observe);
        if observed { "observe" } else { "live" }
    }

    fn handoff(&self, event: &Event, plan: &Plan, place: usize) -> HandoffPlan {
        let planned = &plan.handoffs[place];
        let kind = planned.content.kind();
        let ahead = self.ahead(plan, place);
        let (born, due_at, reason) = match &planned.born {
            Born::Due => ("due", Some(self.now), None),
            Born::Dead(reason) => ("dead", None, Some(reason)),
            Born::Held(reason) => ("held", None, Some(reason)),
        };
        let translated = match self.partners.get(&planned.account) {
            Some(account) => account.port.translate(&[&planned.content]),
            None => Ok(Value::Null),
        };
        let (wire, problems) = match translated {
            Ok(wire) => (Some(self.mask.value(&wire)), Vec::new()),
            Err(problems) => (
                None,
                problems.iter().map(|problem| format!("{} ({})", problem.code, problem.field)).collect(),
            ),
        };
        HandoffPlan {
            handoff: planned.id.to_string(),
            kind: kind.name(),
            account: planned.account.to_string(),
            lane: format!("{}/{}", kind.partner().name(), event.dossier_key()),
            key: key(planned),
            born,
            due_at,
            ahead,
            reason: reason.map(|reason: &Reason| reason.code.to_string()),
            field: reason.and_then(|reason| reason.field.clone()),
            wire,
            problems,
        }
    }

    /// Counts what goes before: what is open in the lane and not ended by this plan, and what the plan itself puts first.
    fn ahead(&self, plan: &Plan, place: usize) -> usize {
        let partner = plan.handoffs[place].content.kind().partner();
        let ends = |id| {
            plan.changes.iter().any(|change| match change {
                Change::Supersede { id: ended } | Change::Annihilate { id: ended } => ended == id,
                Change::Replan { .. } => false,
            })
        };
        let open = self.known.open.iter().filter(|open| open.kind.partner() == partner && !ends(&open.id));
        let first =
            plan.handoffs.iter().take(place).filter(|first| first.content.kind().partner() == partner);
        open.count() + first.count()
    }
}

/// What makes the handoff the same one when it is sent again.
fn key(planned: &Planned) -> String {
    match &planned.content {
        Content::Record(record) => {
            let code = record.snapshot.dossier.code.as_ref();
            format!("{}/{}", planned.account, code.map_or("–", lienthong_core::ids::DossierCode::as_str))
        }
        Content::Status(standing) => format!("{}/{}", planned.account, standing.portal_code),
        Content::Row(_) | Content::News(_) => planned.id.to_string(),
        Content::Order(order) => order.number.to_string(),
        Content::Cancel(cancel) => cancel.number.to_string(),
    }
}

fn change(change: &Change) -> ChangePlan {
    let (id, change) = match change {
        Change::Supersede { id } => (id, "supersede"),
        Change::Annihilate { id } => (id, "annihilate"),
        Change::Replan { id, .. } => (id, "replan"),
    };
    ChangePlan { handoff: id.to_string(), change }
}

fn text(explained: &Explained) -> String {
    let mut text = format!(
        "Sự kiện {} ({}), nguồn {}\nHồ sơ {}, cơ quan {}, {} lúc {}\nKhóa định tuyến {}\nKết luận khi nhận: {}\nChế độ: {}\n",
        explained.event,
        explained.dialect,
        explained.source,
        explained.dossier,
        explained.agency,
        super::words::event(explained.kind),
        local(explained.happened_at),
        explained.routing_key,
        explained.verdict.vi(),
        if explained.mode == "live" { "gửi thật" } else { "chỉ theo dõi, không gửi" },
    );
    let rows: Vec<Vec<String>> = explained.handoffs.iter().map(row).collect();
    if rows.is_empty() {
        text.push_str("\nKhông lập việc nào.\n");
    } else {
        text.push_str(&format!("\n{}\n", table(&["Việc", "Tài khoản", "Khóa", "Gửi", "Lý do"], &rows)));
    }
    for change in &explained.changes {
        text.push_str(&format!("\nThay đổi việc trước: {} {}", change.change, change.handoff));
    }
    for flag in &explained.flags {
        text.push_str(&format!("\nLưu ý cho một cửa: {flag}"));
    }
    for handoff in &explained.handoffs {
        if let Some(wire) = &handoff.wire {
            let wire = serde_json::to_string_pretty(wire).unwrap_or_default();
            text.push_str(&format!("\n\n{} {}\n{wire}", super::words::kind(handoff.kind), handoff.key));
        }
        for problem in &handoff.problems {
            text.push_str(&format!("\n\n{} {}: {problem}", super::words::kind(handoff.kind), handoff.key));
        }
    }
    text
}

fn row(handoff: &HandoffPlan) -> Vec<String> {
    let reason = handoff.reason.clone().unwrap_or_else(|| "–".to_owned());
    let field = handoff.field.as_ref().map(|field| format!(" ({field})")).unwrap_or_default();
    vec![
        super::words::kind(handoff.kind).to_owned(),
        handoff.account.clone(),
        handoff.key.clone(),
        match (handoff.due_at, handoff.ahead) {
            (None, _) => "không gửi".to_owned(),
            (Some(_), 0) => "ngay".to_owned(),
            (Some(_), ahead) => format!("sau {ahead} việc"),
        },
        format!("{reason}{field}"),
    ]
}

#[cfg(test)]
mod tests;

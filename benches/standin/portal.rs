//! The portal's adapter, as its contract has it: login, `DongBoHoSoMC`, `CapNhatTienDoHoSoMC`.
//!
//! Refused, in the portal's envelope: another session, another agency, an unknown service, a record whose half of the pair
//! create/update does not fit, rows of a dossier that has no record, more than ten rows, what the contract requires and is
//! missing. What no envelope can say (another path, method, destination or content type) ends in a status.

use super::State;
use super::http::{Answer, Request};
use super::ledger::What;
use serde::Deserialize;

/// Where the adapter listens; the runner writes it into the gateway's configuration.
pub(crate) const FORWARD: &str = "/XrdAdapter/RestService/forward";
pub(crate) const LOGIN: &str = "/mapi/login";
pub(crate) const WRITE: &str = "/mapi/g";
/// Destination on the exchange axis.
pub(crate) const DESTINATION: &str = "VN:GOV:000.00.00.G22:vpcpdvcprovider";

/// Rows in one call at most.
const ROWS: usize = 10;

#[derive(Deserialize)]
struct Login<'a> {
    username: &'a str,
    password: &'a str,
}

/// An envelope, as far as the ledger needs it.
#[derive(Deserialize)]
struct Envelope<'a> {
    session: &'a str,
    madonvi: &'a str,
    service: &'a str,
    #[serde(rename = "isUpdating")]
    is_updating: Option<&'a str>,
    #[serde(borrow)]
    data: Vec<Item<'a>>,
}

/// A record or a row.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item<'a> {
    ma_ho_so: &'a str,
    #[serde(rename = "MaTTHC")]
    ma_tthc: Option<&'a str>,
    trang_thai_ho_so: Option<&'a str>,
    trang_thai: Option<&'a str>,
    thoi_diem_xu_ly: Option<&'a str>,
}

type Refusal = (&'static str, &'static str);

const MALFORMED: Refusal = (r#"{"error_code":"2","message":"Dữ liệu không hợp lệ"}"#, "portal: malformed");
const CREDENTIALS: Refusal =
    (r#"{"error_code":1,"message":"Tài khoản hoặc mật khẩu không đúng"}"#, "portal: wrong credentials");
const SESSION: Refusal = (
    r#"{"error_code":"-1","message":"Phiên đăng nhập đã hết hạn, vui lòng đăng nhập lại"}"#,
    "portal: wrong session",
);
const AGENCY: Refusal = (r#"{"error_code":"-5","message":"Mã đơn vị không hợp lệ"}"#, "portal: wrong agency");
const SERVICE: Refusal =
    (r#"{"error_code":"-6","message":"Dịch vụ không hợp lệ"}"#, "portal: unknown service");
const EXISTS: Refusal = (r#"{"error_code":"3","message":"Hồ sơ đã tồn tại"}"#, "portal: the dossier exists");
const ABSENT: Refusal = (r#"{"error_code":"-4","message":"Hồ sơ không tồn tại"}"#, "portal: no such dossier");

const WRITTEN: &str = r#"{"error_code":"0","message":"Đồng bộ hồ sơ thành công"}"#;
const APPENDED: &str = r#"{"error_code":"0","message":"Cập nhật tiến độ thành công"}"#;

/// Takes a call.
pub(crate) fn take(state: &mut State, request: &Request<'_>) -> Answer {
    let endpoint = request.path.strip_prefix(FORWARD).unwrap_or_default();
    let json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let refused = match endpoint {
        LOGIN | WRITE if request.method != "POST" => Some(405),
        LOGIN | WRITE if request.header("dstcode") != Some(DESTINATION) => Some(404),
        LOGIN | WRITE if !json => Some(415),
        LOGIN | WRITE => None,
        _ => Some(404),
    };
    if let Some(status) = refused {
        state.refuse("portal: wrong address");
        return Answer::fixed(status, "{}");
    }
    let taken = if endpoint == LOGIN { log_in(state, request.body) } else { serve(state, request.body) };
    taken.unwrap_or_else(|(body, reason)| {
        state.refuse(reason);
        Answer::fixed(200, body)
    })
}

fn log_in(state: &mut State, body: &[u8]) -> Result<Answer, Refusal> {
    let login: Login<'_> = serde_json::from_slice(body).map_err(|_unread| MALFORMED)?;
    if (login.username, login.password) != (state.accounts.username.as_str(), state.accounts.secret.as_str())
    {
        return Err(CREDENTIALS);
    }
    let entry = state.ledger.open();
    state.ledger.note(&entry, What::Login, "", 0, 0);
    let session = crate::load::random_name();
    let answer = format!(r#"{{"session":"{session}","error_code":0}}"#);
    state.sessions.insert(session);
    Ok(Answer::made(200, answer))
}

fn serve(state: &mut State, body: &[u8]) -> Result<Answer, Refusal> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|_unread| MALFORMED)?;
    if !state.sessions.contains(envelope.session) {
        return Err(SESSION);
    }
    if envelope.madonvi != state.accounts.username {
        return Err(AGENCY);
    }
    let mut answer = match envelope.service {
        "DongBoHoSoMC" => write_records(state, &envelope),
        "CapNhatTienDoHoSoMC" => append_rows(state, &envelope),
        _ => Err(SERVICE),
    }?;
    answer.after = state.delay;
    Ok(answer)
}

fn write_records(state: &mut State, envelope: &Envelope<'_>) -> Result<Answer, Refusal> {
    let is_update = match envelope.is_updating {
        Some("True") => true,
        Some("False") => false,
        _ => return Err(MALFORMED),
    };
    let [record] = envelope.data.as_slice() else { return Err(MALFORMED) };
    let status = status(record.trang_thai_ho_so)?;
    if record.ma_ho_so.is_empty() || record.ma_tthc.is_none_or(str::is_empty) {
        return Err(MALFORMED);
    }
    match (is_update, state.dossiers.contains(record.ma_ho_so)) {
        (true, false) => return Err(ABSENT),
        (false, true) => return Err(EXISTS),
        (false, false) => {
            state.dossiers.insert(record.ma_ho_so.to_owned());
        }
        (true, true) => {}
    }
    let entry = state.ledger.open();
    state.note(&entry, What::Record, record.ma_ho_so, status, 0);
    Ok(Answer::fixed(200, WRITTEN))
}

fn append_rows(state: &mut State, envelope: &Envelope<'_>) -> Result<Answer, Refusal> {
    if envelope.is_updating.is_some() || envelope.data.is_empty() || envelope.data.len() > ROWS {
        return Err(MALFORMED);
    }
    let mut rows = Vec::with_capacity(envelope.data.len());
    for row in &envelope.data {
        let moment =
            row.thoi_diem_xu_ly.filter(|moment| moment.len() == 14).and_then(|moment| moment.parse().ok());
        rows.push((row.ma_ho_so, status(row.trang_thai)?, moment.ok_or(MALFORMED)?));
    }
    if rows.iter().any(|(code, ..)| !state.dossiers.contains(*code)) {
        return Err(ABSENT);
    }
    let entry = state.ledger.open();
    for (code, status, moment) in rows {
        state.note(&entry, What::Row, code, status, moment);
    }
    Ok(Answer::fixed(200, APPENDED))
}

fn status(text: Option<&str>) -> Result<u8, Refusal> {
    let status = text.and_then(|text| text.parse().ok());
    status.filter(|status| (1..=10).contains(status)).ok_or(MALFORMED)
}

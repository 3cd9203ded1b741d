//! The portal's answers.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mock_kit::{Answer, Call, Field, Line, Partner, Reply, Request, check, obey, text};
use serde_json::{Value, json};

use crate::codes;
use crate::config::{Config, DstcodePlace, FieldSet, SuccessCode};
use crate::fields::{
    BORN_CALL_FIELDS, LOGIN_FIELDS, LOOK_UP_CALL_FIELDS, PROCEDURE_CALL_FIELDS, PROGRESS_CALL_FIELDS,
    RECORD_CALL_FIELDS, RECORD_CALL_FIELDS_2020,
};
use crate::store::{Refusal, Store};
use crate::wrapper;

/// The services of the two endpoints.
const INTEGRATION_SERVICES: [&str; 3] = ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "DongBoTrangThaiHoSo"];
const SHARE_SERVICES: [&str; 2] = ["TraCuuHoSo", "LayThuTuc"];

/// The portal.
pub struct Portal {
    pub(crate) config: Config,
    store: Mutex<Store>,
}

impl Portal {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, store: Mutex::default() }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn success(&self) -> Value {
        match self.config.success {
            SuccessCode::Text => json!("0"),
            SuccessCode::TwoZeros => json!("00"),
            SuccessCode::Number => json!(0),
        }
    }

    fn destination_is_named(&self, request: &Request) -> bool {
        let wanted = Some(self.config.dstcode.value.as_str());
        let (header, query) = (request.header("dstcode"), request.parameter("dstcode"));
        match self.config.dstcode.place {
            DstcodePlace::Header => header == wanted,
            DstcodePlace::Query => query == wanted,
            DstcodePlace::Either => header.or(query) == wanted,
            DstcodePlace::Off => true,
        }
    }

    /// What the X-Road adapter refuses before the portal sees it.
    fn transport_problem(&self, request: &Request) -> Option<Answer> {
        if self.endpoint(request) == "unknown" {
            return Some(Answer::text(404, "Not Found"));
        }
        if request.method != "POST" {
            return Some(Answer::text(405, "Method Not Allowed").and_header("Allow", "POST"));
        }
        let direct = matches!(self.endpoint(request), "login" | "integration" | "share");
        if direct && !self.destination_is_named(request) {
            return Some(Answer::text(404, "Unknown destination"));
        }
        let json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        (!json).then(|| Answer::text(415, "Unsupported Media Type"))
    }

    fn log_in(&self, body: &Value, now: Timestamp) -> Reply {
        if let Err(problem) = check(&LOGIN_FIELDS, body, "") {
            return refuse(json!(2), &problem);
        }
        let (username, password) = (text(body, "username"), text(body, "password"));
        let known = self
            .config
            .agencies
            .iter()
            .find(|agency| agency.username == username && agency.password == password);
        let Some(agency) = known else {
            return refuse(json!(codes::WRONG_CREDENTIALS), codes::WRONG_CREDENTIALS_TEXT);
        };
        let session = self.store().sessions().open(&agency.code, now, self.config.session_life);
        Reply::accepted(Answer::json(200, &json!({ "session": session, "error_code": 0 })))
    }

    /// The field table of a service.
    fn table(&self, service: &str) -> &'static [Field] {
        match (service, self.config.field_set) {
            ("DongBoHoSoMC", FieldSet::Set2023) => &RECORD_CALL_FIELDS,
            ("DongBoHoSoMC", FieldSet::Set2020) => &RECORD_CALL_FIELDS_2020,
            ("CapNhatTienDoHoSoMC", _) => &PROGRESS_CALL_FIELDS,
            ("DongBoTrangThaiHoSo", _) => &BORN_CALL_FIELDS,
            ("TraCuuHoSo", _) => &LOOK_UP_CALL_FIELDS,
            (_, _) => &PROCEDURE_CALL_FIELDS,
        }
    }

    fn serve(&self, endpoint: &str, body: &Value, now: Timestamp) -> Reply {
        let service = text(body, "service");
        let offered: &[_] = if endpoint == "share" { &SHARE_SERVICES } else { &INTEGRATION_SERVICES };
        if !offered.contains(&service) {
            return refuse(json!(codes::SERVICE), codes::SERVICE_TEXT);
        }
        if let Err(problem) =
            check(self.table(service), body, "").and_then(|()| check_identities(items(body)))
        {
            return refuse(json!(codes::MALFORMED), &problem);
        }
        let mut store = self.store();
        let agency = text(body, "madonvi");
        match store.sessions().account_of(text(body, "session"), now) {
            None => return refuse(json!(codes::SESSION), codes::SESSION_TEXT),
            Some(owner) if owner != agency => return refuse(json!(codes::AGENCY), codes::AGENCY_TEXT),
            Some(_) => {}
        }
        let data = items(body);
        let written = match service {
            "DongBoHoSoMC" => store
                .write_records(agency, text(body, "isUpdating") == "True", data, now)
                .map(|()| "Đồng bộ hồ sơ"),
            "CapNhatTienDoHoSoMC" => store.append_rows(data).map(|()| "Cập nhật tiến độ"),
            "DongBoTrangThaiHoSo" => {
                let data = body.get("data").unwrap_or(&Value::Null);
                store.births.update(agency, data, now).map(|()| "Đồng bộ trạng thái hồ sơ")
            }
            "TraCuuHoSo" => return look_up(&store, text(body, "mahoso")),
            _ => return describe_procedure(text(body, "maTTHC")),
        };
        match written {
            Ok(done) => Reply::accepted(envelope(&self.success(), &format!("{done} thành công"))),
            Err(refusal) => {
                let (code, message) = self.words(refusal);
                refuse(json!(code), message)
            }
        }
    }

    /// Code and sentence of a refusal.
    pub(crate) fn words(&self, refusal: Refusal) -> (&str, &'static str) {
        match refusal {
            Refusal::Exists => (&self.config.exists_code, codes::EXISTS_TEXT),
            Refusal::Absent => (codes::ABSENT, codes::ABSENT_TEXT),
            Refusal::OtherLocal => (codes::LOCAL, codes::LOCAL_TEXT),
        }
    }
}

/// `data`, if it is a list.
fn items(body: &Value) -> &[Value] {
    body.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn envelope(code: &Value, message: &str) -> Answer {
    Answer::json(200, &json!({ "error_code": code, "message": message }))
}

fn refuse(code: Value, message: &str) -> Reply {
    Reply::refused(envelope(&code, message), message)
}

/// CCCD has twelve digits, CMND nine.
pub(crate) fn check_identities(records: &[Value]) -> Result<(), String> {
    let identities = records.iter().filter_map(|record| record.get("DinhDanhCHS")?.as_array()).flatten();
    for identity in identities {
        let expected = if text(identity, "LoaiDinhDanh") == "1" { 12 } else { 9 };
        if text(identity, "SoDinhDanh").len() != expected {
            return Err(format!("DinhDanhCHS.SoDinhDanh: phải có {expected} chữ số với loại đã chọn"));
        }
    }
    Ok(())
}

fn look_up(store: &Store, code: &str) -> Reply {
    let found: Vec<Value> = store
        .dossiers()
        .get(code)
        .map(|dossier| {
            let status = dossier.versions.last().map(|version| version.status.as_str());
            vec![json!({ "MAHOSO": code, "TRANGTHAI": status }); dossier.times]
        })
        .unwrap_or_default();
    Reply::accepted(Answer::json(200, &json!({ "error_code": 0, "message": "", "result": found })))
}

fn describe_procedure(code: &str) -> Reply {
    let result = json!([{
        "MATTHC": code, "TENTTHC": format!("Thủ tục {code}"),
        "LINHVUCTHUCHIEN": [{ "MALINHVUC": "G15-TP03", "TENLINHVUC": "Hộ tịch" }],
    }]);
    Reply::accepted(Answer::json(200, &json!({ "error_code": 0, "message": "", "result": result })))
}

/// The service as a word that lives for ever, so that the ledger need not copy it.
fn known_service(service: &str) -> Option<&'static str> {
    INTEGRATION_SERVICES.into_iter().chain(SHARE_SERVICES).find(|known| *known == service)
}

/// The dossiers that a message is about; of one born on the portal, both its numbers.
fn keys(body: &Value) -> Vec<String> {
    let data = body.get("data");
    let listed = items(body).iter().chain(body.as_array().into_iter().flatten());
    let mut keys: Vec<String> = listed
        .chain(data.filter(|data| data.is_object()))
        .flat_map(|item| [text(item, "MaHoSo"), text(item, "MaHoSoDonVi")])
        .chain([text(body, "mahoso")])
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect();
    keys.dedup();
    keys
}

impl Partner for Portal {
    fn name(&self) -> &'static str {
        "mock-portal"
    }

    fn endpoint(&self, head: &Request) -> &'static str {
        match head.path.as_str() {
            path if path == self.config.login_path => "login",
            path if path == self.config.integration_path => "integration",
            path if path == self.config.share_path => "share",
            _ => wrapper::endpoint(&self.config.wrapper, head),
        }
    }

    fn read(&self, request: &Request) -> Call {
        let endpoint = self.endpoint(request);
        let json = serde_json::from_slice::<Value>(&request.body).map_err(|error| error.to_string());
        let Ok(body) = &json else {
            return Call { json, ..Call::unread(endpoint) };
        };
        let operation = known_service(text(body, "service")).unwrap_or(endpoint);
        let account = match endpoint {
            "ThemMoi" | "CapNhat" | "DongBoTienTrinh" => {
                Some(wrapper::agency(&self.config.wrapper, request).to_owned())
            }
            "login" => {
                let username = text(body, "username");
                self.config
                    .agencies
                    .iter()
                    .find(|agency| agency.username == username)
                    .map(|agency| agency.code.clone())
            }
            _ => body.get("madonvi").and_then(Value::as_str).map(str::to_owned),
        };
        Call { operation: Cow::Borrowed(operation), account, keys: keys(body), json }
    }

    fn take(&self, request: &Request, call: &Call, now: Timestamp) -> Reply {
        if let Some(answer) = self.transport_problem(request) {
            let reason = String::from_utf8_lossy(&answer.body).into_owned();
            return Reply::refused(answer, reason);
        }
        match (&call.json, self.endpoint(request)) {
            (json, endpoint @ ("ThemMoi" | "CapNhat" | "DongBoTienTrinh")) => {
                self.take_wrapped(request, endpoint, json, now)
            }
            (Err(error), _) => refuse(json!(codes::MALFORMED), &format!("body: không phải JSON ({error})")),
            (Ok(body), "login") => self.log_in(body, now),
            (Ok(body), endpoint) => self.serve(endpoint, body, now),
        }
    }

    fn speak(&self, line: &Line, call: &Call, request: &Request) -> Answer {
        if let endpoint @ ("ThemMoi" | "CapNhat" | "DongBoTienTrinh") = self.endpoint(request) {
            return self.speak_wrapped(line, endpoint);
        }
        match line {
            Line::SessionExpired => {
                if let Ok(body) = &call.json {
                    self.store().sessions().close(text(body, "session"));
                }
                envelope(&json!(codes::SESSION), codes::SESSION_TEXT)
            }
            Line::WrongCredentials => {
                envelope(&json!(codes::WRONG_CREDENTIALS), codes::WRONG_CREDENTIALS_TEXT)
            }
            Line::AlreadyExists => envelope(&json!(self.config.exists_code), codes::EXISTS_TEXT),
            Line::Refusal { code, message } => envelope(&json!(code), message),
        }
    }

    fn state(&self) -> Value {
        self.store().show()
    }

    fn duplicates(&self) -> Value {
        let rows: Vec<Value> = self
            .doubled_rows()
            .into_iter()
            .map(|row| {
                json!({ "MaHoSo": row.dossier, "ThoiDiemXuLy": row.time, "TrangThai": row.status,
                        "NoiDungXuLy": row.text, "times": row.times })
            })
            .collect();
        json!({ "rows": rows })
    }

    fn reset(&self) {
        *self.store() = Store::default();
    }

    fn command(&self, request: &Request, _now: Timestamp) -> Option<Answer> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/_mock/expire") => {
                self.expire_sessions(request.parameter("madonvi"));
                Some(Answer::json(200, &json!({ "done": true })))
            }
            ("POST", "/_mock/bear") => Some(obey(request, |born: Born| {
                self.bear(&born.agency, &born.number);
                json!({ "done": true })
            })),
            (_, _) => None,
        }
    }

    fn tick(&self, _now: Timestamp) {}
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Born {
    agency: String,
    number: String,
}

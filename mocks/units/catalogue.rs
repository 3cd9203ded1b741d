//! The catalogue's answers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use mock_kit::{Answer, Call, Line, Partner, Reply, Request};
use serde_json::{Value, json};

use crate::answer::{self, Row};
use crate::config::{Config, Unit};
use crate::question::{self, Question, Version};

/// The catalogue.
#[derive(Debug)]
pub struct Catalogue {
    config: Config,
    units: Mutex<Vec<Unit>>,
}

impl Catalogue {
    pub(crate) fn new(config: Config) -> Self {
        Self { units: Mutex::new(config.units.clone()), config }
    }

    /// Lists these units from now on.
    pub fn list(&self, units: Vec<Unit>) {
        *self.units() = units;
    }

    fn units(&self) -> MutexGuard<'_, Vec<Unit>> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows that a question asks for.
    fn rows(&self, question: &Question, day: Date) -> (&'static [&'static str], Vec<Row>) {
        let units = self.units();
        let in_force = || units.iter().filter(|unit| unit.in_force(day));
        let name_of = |code: Option<&String>| {
            let province = in_force().find(|unit| unit.province.is_none() && Some(&unit.code) == code);
            province.map(|province| self.written(&province.name)).unwrap_or_default()
        };
        let asked =
            |parameter: &str, value: &str| question.parameter(parameter).is_none_or(|asked| asked == value);
        match question.operation {
            "DanhMucTinh" => {
                let provinces = in_force().filter(|unit| unit.province.is_none());
                let rows = provinces.map(|unit| answer::province(&self.untidied(unit))).collect();
                (&["MaTinh", "TenTinh", "LoaiHinh"], rows)
            }
            "DanhMucPhuongXa" if asked("QuanHuyen", "") && asked("TenQuanHuyen", "") => {
                let communes = in_force().filter(|unit| {
                    unit.province.as_deref().is_some_and(|code| asked("Tinh", code))
                        && asked("TenTinh", &name_of(unit.province.as_ref()))
                });
                let rows = communes
                    .map(|unit| answer::commune(&self.untidied(unit), &name_of(unit.province.as_ref())))
                    .collect();
                (&["MaTinh", "TenTinh", "MaPhuongXa", "TenPhuongXa", "LoaiHinh"], rows)
            }
            // There are no districts.
            _ => (&["MaTinh", "TenTinh", "MaQuanHuyen", "TenQuanHuyen", "LoaiHinh"], Vec::new()),
        }
    }

    fn untidied(&self, unit: &Unit) -> Unit {
        Unit { name: self.written(&unit.name), ..unit.clone() }
    }

    /// A name as the catalogue has it.
    fn written(&self, name: &str) -> String {
        if !self.config.untidy {
            return name.to_owned();
        }
        let words: Vec<String> = name.split(' ').map(capitalised).collect();
        format!("{} ", words.join("  "))
    }

    fn refuse(version: Version, sentence: &str) -> Reply {
        let fault = Answer::with_body(500, version.content_type(), answer::fault(version, sentence));
        Reply::refused(fault, sentence)
    }

    fn answer(&self, request: &Request, version: Version, now: Timestamp) -> Reply {
        let question = match question::read(&request.body, version) {
            Ok(question) => question,
            Err(problem) => return Self::refuse(version, &problem),
        };
        let action = request.header("soapaction").and_then(question::of_action);
        if version == Version::Soap11 && action != Some(question.operation) {
            return Self::refuse(version, "SOAPAction: không khớp với thao tác");
        }
        let day = match question.day() {
            Ok(day) => day.unwrap_or_else(|| jiff::tz::Offset::constant(7).to_datetime(now).date()),
            Err(problem) => return Self::refuse(version, &problem),
        };
        let (members, rows) = self.rows(&question, day);
        let body = answer::data_set(version, question.operation, &self.config.root, members, &rows);
        Reply::accepted(Answer::with_body(200, version.content_type(), body))
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Which SOAP the content type speaks; both are UTF-8 here.
fn version(request: &Request) -> Option<Version> {
    let mut parts = request.header("content-type")?.split(';').map(str::trim);
    let version = match parts.next()? {
        "text/xml" => Version::Soap11,
        "application/soap+xml" => Version::Soap12,
        _ => return None,
    };
    let utf8 = parts
        .filter_map(|part| part.strip_prefix("charset="))
        .all(|charset| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    utf8.then_some(version)
}

fn refuse_transport(http: u16, reason: &str) -> Reply {
    Reply::refused(Answer::text(http, reason.to_owned()), reason)
}

impl Partner for Catalogue {
    fn name(&self) -> &'static str {
        "mock-units"
    }

    fn endpoint(&self, head: &Request) -> &'static str {
        if head.path == self.config.path { "catalogue" } else { "unknown" }
    }

    fn read(&self, request: &Request) -> Call {
        let read = version(request).and_then(|version| question::read(&request.body, version).ok());
        let Some(question) = read else { return Call::unread(self.endpoint(request)) };
        let keys = question.parameter("DenNgay").map(str::to_owned).into_iter().collect();
        Call { operation: question.operation.into(), keys, ..Call::unread("catalogue") }
    }

    fn take(&self, request: &Request, _call: &Call, now: Timestamp) -> Reply {
        if self.endpoint(request) == "unknown" {
            return refuse_transport(404, "Not Found");
        }
        if request.method != "POST" {
            return refuse_transport(405, "Method Not Allowed");
        }
        match version(request) {
            Some(version) => self.answer(request, version, now),
            None => refuse_transport(415, "Unsupported Media Type"),
        }
    }

    fn speak(&self, line: &Line, _call: &Call, request: &Request) -> Answer {
        let sentence = match line {
            Line::Refusal { message, .. } => message,
            Line::SessionExpired | Line::WrongCredentials | Line::AlreadyExists => "Lỗi hệ thống",
        };
        Self::refuse(version(request).unwrap_or(Version::Soap11), sentence).answer
    }

    fn state(&self) -> Value {
        let units = self.units();
        let provinces = units.iter().filter(|unit| unit.province.is_none()).count();
        json!({ "provinces": provinces, "communes": units.len() - provinces })
    }

    fn duplicates(&self) -> Value {
        json!({})
    }

    fn reset(&self) {
        self.list(self.config.units.clone());
    }

    fn command(&self, _request: &Request, _now: Timestamp) -> Option<Answer> {
        None
    }

    fn tick(&self, _now: Timestamp) {}
}

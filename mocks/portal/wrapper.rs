//! Variant B: a province's wrapper before the portal.
//!
//! It logs in by itself, takes bare lists, and answers records with codes that are texts, rows with a plain text. What it
//! writes goes where the direct variant writes.

use jiff::Timestamp;
use mock_kit::{Answer, Field, Line, Reply, Request, check};
use serde_json::{Value, json};

use crate::codes;
use crate::config::{FieldSet, Wrapper};
use crate::fields::{ASSUMED_DOSSIERS, PROGRESS_FIELDS, RECORD_FIELDS, RECORD_FIELDS_2020, ROWS_PER_CALL};
use crate::portal::{Portal, check_identities, envelope};

/// The call that a request's head asks for.
pub(crate) fn endpoint(wrapper: &Wrapper, head: &Request) -> &'static str {
    match (head.path.as_str(), head.parameter("isUpdating")) {
        (path, _) if path == wrapper.add_path => "ThemMoi",
        (path, _) if path == wrapper.update_path => "CapNhat",
        (path, _) if path == wrapper.progress_path => "DongBoTienTrinh",
        (path, Some("False")) if path == wrapper.one_path => "ThemMoi",
        (path, Some("True")) if path == wrapper.one_path => "CapNhat",
        (_, _) => "unknown",
    }
}

/// The agency that the wrapper speaks for.
pub(crate) fn agency<'a>(wrapper: &'a Wrapper, request: &'a Request) -> &'a str {
    match request.parameter("MaDinhDanhDV") {
        Some(named) if request.path == wrapper.one_path => named,
        _ if request.path == wrapper.one_path => "",
        _ => &wrapper.agency,
    }
}

/// Checks a bare list of items.
fn check_list<'a>(table: &[Field], body: &'a Value, max: usize) -> Result<&'a [Value], String> {
    let items = body.as_array().ok_or("body: phải là danh sách")?;
    if items.is_empty() || items.len() > max {
        return Err(format!("body: có {} phần tử, phải từ 1 đến {max}", items.len()));
    }
    items.iter().enumerate().try_for_each(|(index, item)| check(table, item, &format!("[{index}]")))?;
    Ok(items)
}

impl Portal {
    /// Answers a call of the wrapper.
    pub(crate) fn take_wrapped(
        &self,
        request: &Request,
        endpoint: &str,
        json: &Result<Value, String>,
        now: Timestamp,
    ) -> Reply {
        let agency = agency(&self.config.wrapper, request);
        let (table, max): (&[Field], _) = match (endpoint, self.config.field_set) {
            ("DongBoTienTrinh", _) => (&PROGRESS_FIELDS, ROWS_PER_CALL),
            (_, FieldSet::Set2023) => (&RECORD_FIELDS, ASSUMED_DOSSIERS),
            (_, FieldSet::Set2020) => (&RECORD_FIELDS_2020, ASSUMED_DOSSIERS),
        };
        let items = json
            .as_ref()
            .map_err(|error| format!("body: không phải JSON ({error})"))
            .and_then(|body| check_list(table, body, max))
            .and_then(|items| check_identities(items).map(|()| items));
        let items = match items {
            Ok(items) => items,
            Err(problem) => return self.refuse_wrapped(endpoint, codes::MALFORMED, &problem),
        };
        if !self.config.agencies.iter().any(|known| known.code == agency) {
            return self.refuse_wrapped(endpoint, codes::AGENCY, codes::AGENCY_TEXT);
        }
        let mut store = self.store();
        let written = match endpoint {
            "DongBoTienTrinh" => store.append_rows(items),
            _ => store.write_records(agency, endpoint == "CapNhat", items, now),
        };
        drop(store);
        match (written, endpoint) {
            (Ok(()), "DongBoTienTrinh") => Reply::accepted(self.plain("Đồng bộ tiến trình thành công")),
            (Ok(()), _) => {
                let done = self.success();
                let code = done.as_str().map_or_else(|| done.to_string(), str::to_owned);
                Reply::accepted(envelope(&json!(code), "Đồng bộ hồ sơ thành công"))
            }
            (Err(refusal), _) => {
                let (code, message) = self.words(refusal);
                self.refuse_wrapped(endpoint, code, message)
            }
        }
    }

    /// Says `line` as the wrapper does, which has no codes for rows.
    pub(crate) fn speak_wrapped(&self, line: &Line, endpoint: &str) -> Answer {
        let wrong_credentials = codes::WRONG_CREDENTIALS.to_string();
        let (code, message) = match line {
            Line::SessionExpired => (codes::SESSION, codes::SESSION_TEXT),
            Line::WrongCredentials => (wrong_credentials.as_str(), codes::WRONG_CREDENTIALS_TEXT),
            Line::AlreadyExists => (self.config.exists_code.as_str(), codes::EXISTS_TEXT),
            Line::Refusal { code, message } => (code.as_str(), message.as_str()),
        };
        self.refuse_wrapped(endpoint, code, message).answer
    }

    fn refuse_wrapped(&self, endpoint: &str, code: &str, message: &str) -> Reply {
        let answer = match endpoint {
            "DongBoTienTrinh" if self.config.wrapper.says_unsuccessful => {
                self.plain(&format!("Đồng bộ tiến trình không thành công: {message}"))
            }
            "DongBoTienTrinh" => self.plain(message),
            _ => envelope(&json!(code), message),
        };
        Reply::refused(answer, message)
    }

    fn plain(&self, text: &str) -> Answer {
        if self.config.wrapper.quotes_text {
            Answer::json(200, &json!(text))
        } else {
            Answer::text(200, text.to_owned())
        }
    }
}

//! Reads a question strictly: envelope, body, one operation, its parameters in their order, and nothing else.

use jiff::civil::Date;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

const SERVICE: &str = "http://tempuri.org/";
const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// The operations with their parameters, all of them optional strings.
const OPERATIONS: [(&str, &[&str]); 3] = [
    ("DanhMucTinh", &["DenNgay"]),
    ("DanhMucQuanHuyen", &["DenNgay", "Tinh", "TenTinh"]),
    ("DanhMucPhuongXa", &["DenNgay", "Tinh", "TenTinh", "QuanHuyen", "TenQuanHuyen"]),
];

/// Which SOAP a question speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Soap11,
    Soap12,
}

impl Version {
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Soap11 => SOAP_11,
            Self::Soap12 => SOAP_12,
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml; charset=utf-8",
            Self::Soap12 => "application/soap+xml; charset=utf-8",
        }
    }
}

/// A question that keeps the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) operation: &'static str,
    parameters: Vec<(&'static str, String)>,
}

impl Question {
    /// A parameter that is there and not empty.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The day asked for.
    pub(crate) fn day(&self) -> Result<Option<Date>, String> {
        self.parameter("DenNgay").map(day).transpose()
    }
}

/// `dd/MM/yyyy`, each part with its zeros.
fn day(text: &str) -> Result<Date, String> {
    let parsed = Date::strptime("%d/%m/%Y", text).ok();
    let parsed = parsed.filter(|day| day.strftime("%d/%m/%Y").to_string() == text);
    parsed.ok_or_else(|| "DenNgay: phải là dd/MM/yyyy".to_owned())
}

/// The operation that the header names, in quotes or without.
pub(crate) fn of_action(action: &str) -> Option<&'static str> {
    let action = action.trim();
    let bare = action.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(action);
    let name = bare.strip_prefix(SERVICE)?;
    OPERATIONS.into_iter().map(|(known, _)| known).find(|known| *known == name)
}

/// Reads the body of a request.
pub(crate) fn read(body: &[u8], version: Version) -> Result<Question, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("body: không phải UTF-8 ({error})"))?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut way = Way::default();
    loop {
        let (namespace, event) =
            reader.read_resolved_event().map_err(|error| format!("body: không phải XML ({error})"))?;
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let namespace = match namespace {
                    ResolveResult::Bound(Namespace(namespace)) => namespace,
                    ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
                };
                way.open(namespace, &start, version)?;
            }
            Event::End(_) => way.depth = way.depth.saturating_sub(1),
            Event::Text(text) => way.text(&text.xml10_content())?,
            Event::CData(_) | Event::GeneralRef(_) => return Err("body: ký tự không mong đợi".to_owned()),
            Event::DocType(_) => return Err("body: không nhận DTD".to_owned()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return way.finish(),
        }
    }
}

/// How far the reader has come.
#[derive(Default)]
struct Way {
    depth: usize,
    question: Option<Question>,
    /// Parameters of the operation that may still follow.
    ahead: &'static [&'static str],
}

impl Way {
    fn open(&mut self, namespace: &str, start: &BytesStart<'_>, version: Version) -> Result<(), String> {
        let (name, wanted) = (start.local_name().into_inner(), version.namespace());
        match self.depth {
            0 => expect(namespace == wanted && name == "Envelope", "Envelope")?,
            1 => expect(namespace == wanted && name == "Body", "Body")?,
            2 => self.begin(namespace, name)?,
            3 => self.parameter(namespace, name)?,
            _ => return Err(format!("{name}: không được có phần tử con")),
        }
        self.depth += 1;
        Ok(())
    }

    fn begin(&mut self, namespace: &str, name: &str) -> Result<(), String> {
        expect(self.question.is_none(), "Body")?;
        let known = OPERATIONS.into_iter().find(|(known, _)| namespace == SERVICE && *known == name);
        let (operation, parameters) = known.ok_or_else(|| format!("{name}: không có thao tác này"))?;
        self.question = Some(Question { operation, parameters: Vec::new() });
        self.ahead = parameters;
        Ok(())
    }

    fn parameter(&mut self, namespace: &str, name: &str) -> Result<(), String> {
        let place = self.ahead.iter().position(|known| namespace == SERVICE && *known == name);
        let (Some(place), Some(question)) = (place, self.question.as_mut()) else {
            return Err(format!("{name}: tham số lạ, lặp lại hoặc sai thứ tự"));
        };
        let (gone, ahead) = self.ahead.split_at(place + 1);
        self.ahead = ahead;
        question.parameters.extend(gone.last().map(|known| (*known, String::new())));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let value = self.question.as_mut().and_then(|question| question.parameters.last_mut());
        match value {
            Some((_, value)) if self.depth == 4 => {
                value.push_str(text);
                Ok(())
            }
            Some(_) | None => expect(text.trim().is_empty(), "body"),
        }
    }

    fn finish(self) -> Result<Question, String> {
        expect(self.depth == 0, "Envelope")?;
        self.question.ok_or_else(|| "Body: trống".to_owned())
    }
}

fn expect(kept: bool, field: &str) -> Result<(), String> {
    if kept { Ok(()) } else { Err(format!("{field}: sai phần tử hoặc không gian tên")) }
}

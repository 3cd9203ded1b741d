//! Events as a commune's system publishes them, written by hand from the description of the event.

use serde_json::{Value, json};

/// UBND xã Tiến Thành.
pub(crate) const AGENCY: &str = "H11.01.07";
/// A neighbour with accounts of its own.
pub(crate) const AGENCY_2: &str = "H11.01.08";

/// Minutes between two events of a dossier.
const STEP_MINUTES: u64 = 7;

/// One event in CloudEvents JSON.
#[derive(Clone, Debug)]
pub(crate) struct Event(pub(crate) Value);

/// A progress row as the portal should hold it: `ThoiDiemXuLy`, `TrangThai`, `NoiDungXuLy`.
pub(crate) type Row = (String, String, String);

impl Event {
    /// The same event with another value at a JSON pointer.
    pub(crate) fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        *self.0.pointer_mut(pointer).unwrap() = value.into();
        self
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    /// Its dossier.
    pub(crate) fn dossier(&self) -> &str {
        self.text("/subject")
    }

    /// Where it is published: `<agency>.<type>`.
    pub(crate) fn routing_key(&self) -> String {
        format!("{}.{}", self.text("/data/agency/code"), self.text("/type"))
    }

    /// Its bytes.
    pub(crate) fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).unwrap()
    }

    /// The progress row that a change of status leads to.
    pub(crate) fn row(&self) -> Row {
        let moment = self.text("/time").chars().take(19).filter(char::is_ascii_digit).collect();
        let status = self.0.pointer("/data/dossier/status").and_then(Value::as_u64).unwrap();
        (moment, status.to_string(), self.text("/data/step/text").to_owned())
    }
}

/// A dossier at the desk; each event is its next one.
#[derive(Clone, Debug)]
pub(crate) struct Dossier {
    agency: &'static str,
    /// Its code.
    pub(crate) code: String,
    /// The result goes home by post.
    pub(crate) by_post: bool,
    /// The papers are collected at home.
    pub(crate) pickup: bool,
    sequence: u64,
}

impl Dossier {
    /// A dossier of Tiến Thành whose result is handed over at the desk.
    pub(crate) fn new(number: usize) -> Self {
        Self::of(AGENCY, number)
    }

    /// A dossier of an agency.
    pub(crate) fn of(agency: &'static str, number: usize) -> Self {
        Self {
            agency,
            code: format!("{agency}-220915-{number:04}"),
            by_post: false,
            pickup: false,
            sequence: 0,
        }
    }

    /// The same dossier, its result returned by post.
    pub(crate) fn by_post(mut self) -> Self {
        self.by_post = true;
        self
    }

    /// Number of the first order of a leg.
    pub(crate) fn order(&self, leg: &str) -> String {
        format!("{}-{leg}-1", self.code)
    }

    /// The next event: a change of status.
    pub(crate) fn status(&mut self, status: u8) -> Event {
        self.event("status-changed", status)
    }

    /// The next events: changes of status.
    pub(crate) fn statuses(&mut self, statuses: &[u8]) -> Vec<Event> {
        statuses.iter().map(|status| self.status(*status)).collect()
    }

    /// The next event of any type, with the status as it then is.
    pub(crate) fn event(&mut self, kind: &str, status: u8) -> Event {
        self.sequence += 1;
        let (code, sequence) = (&self.code, self.sequence);
        let address = json!({
            "name": "Lò Thị Bưởi", "phone": "0510000111", "address": "12 Lạc Long Quân", "province_code": "60",
            "district_code": "593", "commune_code": "22966", "note": null,
        });
        let minutes = sequence * STEP_MINUTES;
        Event(json!({
            "specversion": "1.0", "id": format!("{code}/{sequence}"),
            "source": format!("urn:lienthong:commune:{}", self.agency), "type": format!("vn.dossier.{kind}"),
            "subject": code, "time": format!("2022-09-15T{:02}:{:02}:00+07:00", 8 + minutes / 60, minutes % 60),
            "sequence": sequence.to_string(), "datacontenttype": "application/json",
            "dataschema": "urn:lienthong:schema:dossier-event:1",
            "data": {
                "agency": { "code": self.agency, "name": "UBND xã Ví Dụ" },
                "dossier": {
                    "code": code, "slip": null, "procedure_code": "1.004873",
                    "procedure_name": "Cấp giấy xác nhận tình trạng hôn nhân", "field_code": "G15-TP03",
                    "field_name": "Hộ tịch", "subject": "Xác nhận tình trạng hôn nhân", "status": status,
                    "channel": "direct", "return_by_post": self.by_post, "submitted_at": null,
                    "received_at": "2022-09-15T08:00:00+07:00", "due_at": "2022-09-19T17:00:00+07:00",
                    "finished_at": null, "returned_at": null, "documents": null, "results": null, "supplements": [],
                },
                "applicant": { "kind": "citizen", "name": "Lò Thị Bưởi", "id_number": "999199000124",
                               "phone": "0510000111", "email": null },
                "step": { "officer": "Hà Văn Mẫu", "position": "Công chức Văn phòng - Thống kê",
                          "department": "Bộ phận Một cửa", "text": format!("Bước {sequence}: trạng thái {status}"),
                          "started_at": null, "due_at": null },
                "postal": { "pickup": self.pickup.then(|| address.clone()), "forward": null,
                            "return": self.by_post.then_some(address) },
                "fees": [{ "code": "LP01", "name": "Lệ phí", "amount": 8000, "paid": true }],
            },
        }))
    }
}

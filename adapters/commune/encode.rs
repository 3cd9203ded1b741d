//! Writes events: for `publish`, the demo and the tests that read them back.
//!
//! One wire form for both dialects, as when reading. What was read and is written again reads as the same event
//! (`checks::roundtrip`); instants are written in UTC.

use crate::leaf::{Code, Filled, Instant, Object};
use crate::shape::{self, Field, Shape};
use crate::wire::{
    WireAddress, WireAgency, WireApplicant, WireData, WireDocument, WireDossier, WireEvent, WireFee,
    WireForward, WirePostal, WireResultPaper, WireStep, WireSupplement,
};
use crate::words::{self, DATASCHEMA, SLIP_PREFIX, SPECVERSION};
use jiff::Timestamp;
use lienthong_core::event::{
    Agency, Applicant, Document, Dossier, Event, Fee, ForwardAddress, Postal, PostalAddress, ResultPaper,
    Snapshot, Step, Subject, Supplement,
};
use quick_xml::escape::escape;
use serde_json::{Number, Value};

/// Writes an event as CloudEvents JSON.
pub fn encode_json(event: &Event) -> Vec<u8> {
    serde_json::to_vec(&wire(event, "application/json")).expect("an event has string keys only")
}

/// Writes an event as XML.
pub fn encode_xml(event: &Event) -> Vec<u8> {
    let value = serde_json::to_value(wire(event, "application/xml")).expect("an event has string keys only");
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<event xmlns=\"{DATASCHEMA}\" specversion=\"{SPECVERSION}\">"
    );
    write_record(&mut xml, shape::EVENT, &value);
    xml.push_str("</event>\n");
    xml.into_bytes()
}

fn write_record(xml: &mut String, fields: &[Field], record: &Value) {
    for (name, shape) in fields {
        match record.get(name) {
            None | Some(Value::Null) => {}
            Some(value) => write_element(xml, name, *shape, value),
        }
    }
}

fn write_element(xml: &mut String, name: &str, shape: Shape, value: &Value) {
    xml.extend(["<", name, ">"]);
    match (shape, value) {
        (Shape::Record(fields), record) => write_record(xml, fields, record),
        (Shape::List(fields), Value::Array(items)) => {
            items.iter().for_each(|item| write_element(xml, "item", Shape::Record(fields), item));
        }
        (_, Value::String(text)) => xml.push_str(&escape(text)),
        (_, number_or_flag) => xml.push_str(&number_or_flag.to_string()),
    }
    xml.extend(["</", name, ">"]);
}

fn wire(event: &Event, datacontenttype: &str) -> WireEvent<WireData> {
    let subject = match &event.subject {
        Subject::Dossier(code) => code.as_str().to_owned(),
        Subject::Slip(slip) => format!("{SLIP_PREFIX}{slip}"),
    };
    WireEvent {
        specversion: filled(SPECVERSION),
        id: filled(event.id.as_str()),
        source: filled(event.source.as_str()),
        kind: filled(&words::type_of(event.kind)),
        subject: filled(&subject),
        time: instant(Some(event.time)),
        sequence: event.sequence.map(|sequence| sequence.to_string()),
        datacontenttype: Some(datacontenttype.to_owned()),
        dataschema: Some(DATASCHEMA.to_owned()),
        data: Some(Object(data(&event.snapshot))),
    }
}

fn data(snapshot: &Snapshot) -> WireData {
    WireData {
        agency: Some(Object(agency(&snapshot.agency))),
        dossier: Some(Object(dossier(&snapshot.dossier))),
        applicant: Some(Object(applicant(&snapshot.applicant))),
        step: Some(Object(step(&snapshot.step))),
        postal: Some(Object(postal(&snapshot.postal))),
        fees: list(snapshot.fees.as_ref(), fee),
    }
}

fn agency(agency: &Agency) -> WireAgency {
    WireAgency { code: code(agency.code.as_str()), name: filled(&agency.name) }
}

fn dossier(dossier: &Dossier) -> WireDossier {
    WireDossier {
        code: dossier.code.as_ref().and_then(|known| code(known.as_str())),
        slip: dossier.slip.as_ref().and_then(|known| code(known.as_str())),
        portal_code: dossier.portal_code.as_ref().and_then(|known| code(known.as_str())),
        procedure_code: code(dossier.procedure_code.as_str()),
        procedure_name: filled(&dossier.procedure_name),
        field_code: code(&dossier.field_code),
        field_name: filled(&dossier.field_name),
        subject: filled(&dossier.subject),
        status: dossier.status.map(|status| Number::from(status.code())),
        channel: filled(words::word(&words::CHANNELS, &dossier.channel)),
        return_by_post: Some(dossier.return_by_post),
        submitted_at: instant(dossier.submitted_at),
        received_at: instant(dossier.received_at),
        due_at: instant(dossier.due_at),
        finished_at: instant(dossier.finished_at),
        returned_at: instant(dossier.returned_at),
        documents: list(dossier.documents.as_ref(), document),
        results: list(dossier.results.as_ref(), result),
        supplements: list(dossier.supplements.as_ref(), supplement),
    }
}

fn document(document: &Document) -> WireDocument {
    WireDocument {
        id: filled(&document.id),
        name: filled(&document.name),
        part_code: document.part_code.clone(),
        url: document.url.clone(),
        digitised: Some(document.digitised),
        reused: Some(Number::from(document.reused)),
        from_store: Some(document.from_store),
    }
}

fn result(result: &ResultPaper) -> WireResultPaper {
    WireResultPaper {
        code: filled(&result.code),
        name: filled(&result.name),
        part_code: result.part_code.clone(),
        url: result.url.clone(),
    }
}

fn supplement(supplement: &Supplement) -> WireSupplement {
    WireSupplement {
        id: filled(&supplement.id),
        asked_at: instant(Some(supplement.asked_at)),
        asked_by: supplement.asked_by.clone(),
        text: supplement.text.clone(),
        received_at: instant(supplement.received_at),
        due_before: instant(supplement.due_before),
        due_after: instant(supplement.due_after),
    }
}

fn applicant(applicant: &Applicant) -> WireApplicant {
    WireApplicant {
        kind: filled(words::word(&words::APPLICANT_KINDS, &applicant.kind)),
        name: filled(&applicant.name),
        id_number: applicant.id_number.clone(),
        portal_id: applicant.portal_id.as_ref().and_then(|known| code(known.as_str())),
        phone: applicant.phone.clone(),
        email: applicant.email.clone(),
    }
}

fn step(step: &Step) -> WireStep {
    WireStep {
        officer: filled(&step.officer),
        position: step.position.clone(),
        department: step.department.clone(),
        text: filled(&step.text),
        started_at: instant(step.started_at),
        due_at: instant(step.due_at),
    }
}

fn postal(postal: &Postal) -> WirePostal {
    WirePostal {
        pickup: postal.pickup.as_ref().map(|known| Object(address(known))),
        forward: postal.forward.as_ref().map(|known| Object(forward(known))),
        return_to: postal.return_to.as_ref().map(|known| Object(address(known))),
    }
}

fn address(address: &PostalAddress) -> WireAddress {
    WireAddress {
        name: filled(&address.name),
        phone: address.phone.clone(),
        address: filled(&address.address),
        province_code: code(address.province_code.as_str()),
        district_code: address.district_code.as_ref().and_then(|known| code(known.as_str())),
        commune_code: code(address.commune_code.as_str()),
        note: address.note.clone(),
    }
}

fn forward(forward: &ForwardAddress) -> WireForward {
    let block = address(&forward.address);
    WireForward {
        agency_code: code(forward.agency_code.as_str()),
        name: block.name,
        phone: block.phone,
        address: block.address,
        province_code: block.province_code,
        district_code: block.district_code,
        commune_code: block.commune_code,
        note: block.note,
    }
}

fn fee(fee: &Fee) -> WireFee {
    WireFee {
        code: filled(&fee.code),
        name: filled(&fee.name),
        amount: Some(Number::from(fee.amount)),
        paid: Some(fee.paid),
    }
}

fn list<T, W>(items: Option<&Vec<T>>, write: impl Fn(&T) -> W) -> Option<Vec<Object<W>>> {
    items.map(|items| items.iter().map(|item| Object(write(item))).collect())
}

fn filled(text: &str) -> Option<Filled> {
    Some(Filled::from(text))
}

fn code(text: &str) -> Option<Code> {
    Some(Code::from(text))
}

fn instant(instant: Option<Timestamp>) -> Option<Instant> {
    instant.map(|instant| Instant::from(instant.to_string().as_str()))
}

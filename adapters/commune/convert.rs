//! From the wire form to the core's event: one way for both dialects.
//!
//! Pure. The first problem ends the reading; which field and what was expected go with it. What is refused here is what
//! no reader could use: a missing field, a word outside its list, a status that does not exist, an event of no dossier.
//! Whether a change of status makes sense, an area is known or a phone is usable is for the plan to say.

use crate::leaf::{Filled, Object};
use crate::refusal::{BAD_VALUE, CONTENT_TYPE, Fault, NO_DOSSIER, UNKNOWN_TYPE, UNKNOWN_VERSION, quoted};
use crate::rules::{ID_CHARS, Place, Rules, SOURCE_CHARS, money, required, small};
use crate::wire::{
    WireAddress, WireAgency, WireApplicant, WireData, WireDocument, WireDossier, WireEvent, WireFee,
    WireForward, WirePostal, WireResultPaper, WireStep, WireSupplement,
};
use crate::{Dialect, Limits, media_type, words};
use lienthong_core::event::{
    Agency, Applicant, Document, Dossier, Event, EventKind, Fee, ForwardAddress, Postal, PostalAddress,
    ResultPaper, Snapshot, Step, Subject, Supplement,
};
use lienthong_core::ids::{
    AgencyCode, EventId, PortalAccountId, PortalCode, ProcedureCode, SlipNumber, Source, UnitCode,
};
use lienthong_core::status::Status;

/// Turns the wire form into an event.
pub(crate) fn event(wire: WireEvent<WireData>, dialect: Dialect, limits: &Limits) -> Result<Event, Fault> {
    let kind = check_envelope(&wire, dialect)?;
    let rules = Rules { limits };
    let root = Place::ROOT;
    let at = root.name("data");
    let id = required(rules.token(wire.id, ID_CHARS, &root.name("id"))?, &root.name("id"))?;
    let source =
        required(rules.token(wire.source, SOURCE_CHARS, &root.name("source"))?, &root.name("source"))?;
    let Object(data) = required(wire.data, &at)?;
    let Object(dossier) = required(data.dossier, &at.name("dossier"))?;
    let mut dossier = rules.dossier(dossier, &at.name("dossier"))?;
    let subject = rules.subject(wire.subject.map(String::from), &dossier)?;
    match &subject {
        Subject::Slip(slip) => join_slip(kind, slip, &mut dossier)?,
        Subject::Dossier(_) => {
            required(dossier.status, &at.name("dossier").name("status"))?;
        }
    }
    Ok(Event {
        source: Source::new(source),
        id: EventId::new(id),
        kind,
        subject,
        time: rules.instant(wire.time, &root.name("time"))?,
        sequence: rules.sequence(wire.sequence, &root.name("sequence"))?,
        snapshot: Snapshot {
            agency: rules.agency(data.agency, &at.name("agency"))?,
            dossier,
            applicant: rules.applicant(data.applicant, &at.name("applicant"))?,
            step: rules.step(data.step, &at.name("step"))?,
            postal: rules.postal(data.postal, &at.name("postal"))?,
            fees: rules.list(data.fees, &at.name("fees"), Rules::fee)?,
        },
    })
}

/// What must hold before `data` is worth a look: versions, type, content type of the data.
pub(crate) fn check_envelope<D>(wire: &WireEvent<D>, dialect: Dialect) -> Result<EventKind, Fault> {
    let root = Place::ROOT;
    let given = |value: &Option<Filled>| {
        value.as_ref().map(|text| text.as_ref().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let specversion = required(given(&wire.specversion), &root.name("specversion"))?;
    if specversion != words::SPECVERSION {
        let detail = format!("{} is not the CloudEvents version 1.0", quoted(&specversion));
        return Err(root.name("specversion").fault(UNKNOWN_VERSION, detail));
    }
    let dataschema = wire.dataschema.as_deref().map(str::trim).filter(|schema| !schema.is_empty());
    if let Some(schema) = dataschema.filter(|schema| *schema != words::DATASCHEMA) {
        let detail = format!("{} is not {}", quoted(schema), words::DATASCHEMA);
        return Err(root.name("dataschema").fault(UNKNOWN_VERSION, detail));
    }
    let content = wire.datacontenttype.as_deref().map(str::trim).filter(|content| !content.is_empty());
    if let Some(content) = content.filter(|content| !dialect.carries(media_type(content).as_str())) {
        let detail = format!("{} is not the type of the data in this message", quoted(content));
        return Err(root.name("datacontenttype").fault(CONTENT_TYPE, detail));
    }
    let event_type = required(given(&wire.kind), &root.name("type"))?;
    words::kind_of(&event_type).ok_or_else(|| {
        let detail = format!("{} is none of: {}", quoted(&event_type), words::types().join(", "));
        root.name("type").fault(UNKNOWN_TYPE, detail)
    })
}

/// An event of a slip: no code, no status, and about the collection alone.
fn join_slip(kind: EventKind, slip: &SlipNumber, dossier: &mut Dossier) -> Result<(), Fault> {
    let root = Place::ROOT;
    let at = root.name("dossier");
    match kind {
        EventKind::PickupRequested | EventKind::PickupCancelled => {}
        EventKind::StatusChanged
        | EventKind::ReturnRegistered
        | EventKind::ReturnWithdrawn
        | EventKind::PapersForwarded
        | EventKind::FeesChanged
        | EventKind::ReorderRequested => {
            let detail = "a sending slip without a dossier is only collected or called off";
            return Err(root.name("type").fault(BAD_VALUE, detail));
        }
    }
    if dossier.code.is_some() {
        let detail = "the subject is a slip, so there is no code yet; with a code, the code is the subject";
        return Err(at.name("code").fault(BAD_VALUE, detail));
    }
    if dossier.status.is_some() {
        return Err(at.name("status").fault(BAD_VALUE, "a slip has no status; expected null"));
    }
    match &dossier.slip {
        Some(named) if named != slip => {
            Err(at.name("slip").fault(BAD_VALUE, "this is another slip than the one in the subject"))
        }
        Some(_) | None => {
            dossier.slip = Some(slip.clone());
            Ok(())
        }
    }
}

impl Rules<'_> {
    fn subject(&self, subject: Option<String>, dossier: &Dossier) -> Result<Subject, Fault> {
        let root = Place::ROOT;
        let at = root.name("subject");
        let trimmed = subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
        let Some(subject) = trimmed else {
            let detail = "neither the subject nor the dossier names a code or a sending slip";
            let nameless = dossier.code.is_none() && dossier.slip.is_none();
            return Err(if nameless { at.fault(NO_DOSSIER, detail) } else { at.missing() });
        };
        if let Some(slip) = subject.strip_prefix(words::SLIP_PREFIX) {
            let slip = self.optional_code(Some(slip), &at)?;
            let slip = slip.ok_or_else(|| at.fault(NO_DOSSIER, "expected the slip's number after phieu:"))?;
            return Ok(Subject::Slip(SlipNumber::new(slip)));
        }
        let code = required(self.dossier_code(Some(subject), &at)?, &at)?;
        match &dossier.code {
            None => {
                let detail = "expected the dossier code, or phieu:<slip> as the subject while there is none";
                Err(root.name("dossier").name("code").fault(NO_DOSSIER, detail))
            }
            Some(own) if *own != code => {
                let (own, subject) = (quoted(own.as_str()), quoted(code.as_str()));
                Err(at.fault(BAD_VALUE, format!("the subject {subject} is not the dossier code {own}")))
            }
            Some(_) => Ok(Subject::Dossier(code)),
        }
    }

    fn sequence(&self, value: Option<String>, at: &Place<'_>) -> Result<Option<u64>, Fault> {
        let Some(digits) = self.text(value, at)? else { return Ok(None) };
        let only_digits = digits.bytes().all(|c| c.is_ascii_digit());
        let number = only_digits.then(|| digits.parse().ok()).flatten();
        number.map(Some).ok_or_else(|| at.fault(BAD_VALUE, "expected a string of digits, such as \"5\""))
    }

    fn agency(&self, wire: Option<Object<WireAgency>>, at: &Place<'_>) -> Result<Agency, Fault> {
        let Object(wire) = required(wire, at)?;
        Ok(Agency {
            code: AgencyCode::new(self.code(wire.code, &at.name("code"))?),
            name: self.filled(wire.name, &at.name("name"))?,
        })
    }

    fn dossier(&self, wire: WireDossier, at: &Place<'_>) -> Result<Dossier, Fault> {
        Ok(Dossier {
            code: self.dossier_code(wire.code, &at.name("code"))?,
            slip: self.optional_code(wire.slip, &at.name("slip"))?.map(SlipNumber::new),
            portal_code: self.optional_code(wire.portal_code, &at.name("portal_code"))?.map(PortalCode::new),
            procedure_code: ProcedureCode::new(self.code(wire.procedure_code, &at.name("procedure_code"))?),
            procedure_name: self.filled(wire.procedure_name, &at.name("procedure_name"))?,
            field_code: self.code(wire.field_code, &at.name("field_code"))?,
            field_name: self.filled(wire.field_name, &at.name("field_name"))?,
            subject: self.filled(wire.subject, &at.name("subject"))?,
            status: wire.status.map(|status| read_status(&status, &at.name("status"))).transpose()?,
            channel: self.word(wire.channel, &words::CHANNELS, &at.name("channel"))?,
            return_by_post: required(wire.return_by_post, &at.name("return_by_post"))?,
            submitted_at: self.optional_instant(wire.submitted_at, &at.name("submitted_at"))?,
            received_at: self.optional_instant(wire.received_at, &at.name("received_at"))?,
            due_at: self.optional_instant(wire.due_at, &at.name("due_at"))?,
            finished_at: self.optional_instant(wire.finished_at, &at.name("finished_at"))?,
            returned_at: self.optional_instant(wire.returned_at, &at.name("returned_at"))?,
            documents: self.list(wire.documents, &at.name("documents"), Self::document)?,
            results: self.list(wire.results, &at.name("results"), Self::result)?,
            supplements: self.list(wire.supplements, &at.name("supplements"), Self::supplement)?,
        })
    }

    fn document(&self, wire: WireDocument, at: &Place<'_>) -> Result<Document, Fault> {
        let at_reused = at.name("reused");
        let reused = wire.reused.map_or(Some(0), |number| small(&number).filter(|way| *way <= 2));
        Ok(Document {
            id: self.filled(wire.id, &at.name("id"))?,
            name: self.filled(wire.name, &at.name("name"))?,
            part_code: self.text(wire.part_code, &at.name("part_code"))?,
            url: self.text(wire.url, &at.name("url"))?,
            digitised: wire.digitised.unwrap_or(false),
            reused: reused.ok_or_else(|| at_reused.fault(BAD_VALUE, "expected 0, 1 or 2"))?,
            from_store: wire.from_store.unwrap_or(false),
        })
    }

    fn result(&self, wire: WireResultPaper, at: &Place<'_>) -> Result<ResultPaper, Fault> {
        Ok(ResultPaper {
            code: self.filled(wire.code, &at.name("code"))?,
            name: self.filled(wire.name, &at.name("name"))?,
            part_code: self.text(wire.part_code, &at.name("part_code"))?,
            url: self.text(wire.url, &at.name("url"))?,
        })
    }

    fn supplement(&self, wire: WireSupplement, at: &Place<'_>) -> Result<Supplement, Fault> {
        Ok(Supplement {
            id: self.filled(wire.id, &at.name("id"))?,
            asked_at: self.instant(wire.asked_at, &at.name("asked_at"))?,
            asked_by: self.text(wire.asked_by, &at.name("asked_by"))?,
            text: self.text(wire.text, &at.name("text"))?,
            received_at: self.optional_instant(wire.received_at, &at.name("received_at"))?,
            due_before: self.optional_instant(wire.due_before, &at.name("due_before"))?,
            due_after: self.optional_instant(wire.due_after, &at.name("due_after"))?,
        })
    }

    fn applicant(&self, wire: Option<Object<WireApplicant>>, at: &Place<'_>) -> Result<Applicant, Fault> {
        let Object(wire) = required(wire, at)?;
        Ok(Applicant {
            kind: self.word(wire.kind, &words::APPLICANT_KINDS, &at.name("kind"))?,
            name: self.filled(wire.name, &at.name("name"))?,
            id_number: self.id_number(wire.id_number, &at.name("id_number"))?,
            phone: self.text(wire.phone, &at.name("phone"))?,
            email: self.text(wire.email, &at.name("email"))?,
            portal_id: self.optional_code(wire.portal_id, &at.name("portal_id"))?.map(PortalAccountId::new),
        })
    }

    fn step(&self, wire: Option<Object<WireStep>>, at: &Place<'_>) -> Result<Step, Fault> {
        let Object(wire) = required(wire, at)?;
        Ok(Step {
            officer: self.filled(wire.officer, &at.name("officer"))?,
            position: self.text(wire.position, &at.name("position"))?,
            department: self.text(wire.department, &at.name("department"))?,
            text: self.filled(wire.text, &at.name("text"))?,
            started_at: self.optional_instant(wire.started_at, &at.name("started_at"))?,
            due_at: self.optional_instant(wire.due_at, &at.name("due_at"))?,
        })
    }

    fn postal(&self, wire: Option<Object<WirePostal>>, at: &Place<'_>) -> Result<Postal, Fault> {
        let Some(Object(wire)) = wire else { return Ok(Postal::default()) };
        let address = |wire: Option<Object<WireAddress>>, name| {
            wire.map(|Object(wire)| self.address(wire, &at.name(name))).transpose()
        };
        Ok(Postal {
            pickup: address(wire.pickup, "pickup")?,
            forward: wire.forward.map(|Object(wire)| self.forward(wire, &at.name("forward"))).transpose()?,
            return_to: address(wire.return_to, "return")?,
            told: None,
        })
    }

    fn forward(&self, wire: WireForward, at: &Place<'_>) -> Result<ForwardAddress, Fault> {
        let address = WireAddress {
            name: wire.name,
            phone: wire.phone,
            address: wire.address,
            province_code: wire.province_code,
            district_code: wire.district_code,
            commune_code: wire.commune_code,
            note: wire.note,
        };
        Ok(ForwardAddress {
            agency_code: AgencyCode::new(self.code(wire.agency_code, &at.name("agency_code"))?),
            address: self.address(address, at)?,
        })
    }

    fn address(&self, wire: WireAddress, at: &Place<'_>) -> Result<PostalAddress, Fault> {
        let district = self.optional_code(wire.district_code, &at.name("district_code"))?;
        Ok(PostalAddress {
            name: self.filled(wire.name, &at.name("name"))?,
            phone: self.text(wire.phone, &at.name("phone"))?,
            address: self.filled(wire.address, &at.name("address"))?,
            province_code: UnitCode::new(self.code(wire.province_code, &at.name("province_code"))?),
            district_code: district.map(UnitCode::new),
            commune_code: UnitCode::new(self.code(wire.commune_code, &at.name("commune_code"))?),
            note: self.text(wire.note, &at.name("note"))?,
        })
    }

    fn fee(&self, wire: WireFee, at: &Place<'_>) -> Result<Fee, Fault> {
        Ok(Fee {
            code: self.filled(wire.code, &at.name("code"))?,
            name: self.filled(wire.name, &at.name("name"))?,
            amount: money(wire.amount, &at.name("amount"))?,
            paid: required(wire.paid, &at.name("paid"))?,
        })
    }
}

fn read_status(number: &serde_json::Number, at: &Place<'_>) -> Result<Status, Fault> {
    small(number).and_then(|code| Status::try_from(code).ok()).ok_or_else(|| {
        let detail = format!("{} is none of the portal's statuses 1 to 10", quoted(&number.to_string()));
        at.fault(BAD_VALUE, detail)
    })
}

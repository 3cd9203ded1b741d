//! From OpenCPS's columns to the event, by the rules of `crate::rules`.
//!
//! **Time.** The object has none of its own. A status that ends the desk's work has its date, which OpenCPS clears when
//! the dossier is taken up again: `releaseDate` of `releasing`, `finishDate` of `done`, `denied`, `unresolved` and
//! `cancelled`. For all others it is `modifiedDate`, when the row was written; without one, the newest date of the
//! desk's steps. Nothing is ordered by it: the sequence orders.
//!
//! **Not known.** Papers, results, supplements and fees are not among the columns: `None`, never an empty list. The
//! field of administration is empty: the table of procedures has it. There is no officer either: the agency stands for
//! it in the progress.
//!
//! **Addresses.** A desk may leave parts of them out. They stay empty here, so that the postal order stops at its
//! planning, with the field to correct, and the portal is told all the same.

use super::wire::{WireDossier, WireProfile};
use super::{Sites, statuses};
use crate::refusal::{BAD_VALUE, Fault, NO_DOSSIER};
use crate::rules::{Place, Rules, required};
use crate::{Limits, json};
use jiff::Timestamp;
use lienthong_core::event::{
    Agency, Applicant, ApplicantKind, Channel, Dossier, Event, EventKind, PickupTold, PostTold, Postal,
    PostalAddress, Snapshot, Step, Subject,
};
use lienthong_core::ids::{AgencyCode, EventId, ProcedureCode, UnitCode};
use lienthong_core::status::Status;
use serde_json::Number;

/// Words of `applicantIdType`.
const KINDS: [(&str, ApplicantKind); 3] = [
    ("citizen", ApplicantKind::Citizen),
    ("business", ApplicantKind::Business),
    ("organization", ApplicantKind::Organisation),
];

/// Milliseconds of 2000 and 2100: what lies outside was counted in seconds or microseconds.
const DATES: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

const ROOT: Place<'static> = Place::ROOT;

/// Turns a dossier into an event.
pub(super) fn event(
    wire: &WireDossier,
    source: Option<&str>,
    sites: &Sites,
    limits: &Limits,
) -> Result<Event, Fault> {
    let columns = Columns { wire, rules: Rules { limits } };
    let rules = &columns.rules;
    let word = required(wire.dossier_status.as_deref(), &ROOT.name("dossierStatus"))?;
    if word.trim().is_empty() {
        // Drafts are told first: nothing else of them need be filled in.
        statuses::judge("", None, &std::collections::BTreeMap::new())?;
    }
    let code = rules.dossier_code(wire.dossier_no.as_deref(), &ROOT.name("dossierNo"))?;
    let code = code.ok_or_else(|| {
        let detail = "the dossier has no number yet; the first message that has one tells all of it";
        ROOT.name("dossierNo").fault(NO_DOSSIER, detail)
    })?;
    let agency_code = rules.code(wire.gov_agency_code.as_deref(), &ROOT.name("govAgencyCode"))?;
    let agency = Agency {
        code: AgencyCode::new(agency_code),
        name: rules.filled(wire.gov_agency_name.as_deref(), &ROOT.name("govAgencyName"))?,
    };
    let (source, own) = sites.of(source, &agency.code)?;
    let sub_status =
        rules.optional_code(wire.dossier_sub_status.as_deref(), &ROOT.name("dossierSubStatus"))?;
    let status = statuses::judge(word.trim(), sub_status.as_deref(), own)?;
    let dossier_id = identifier(wire.dossier_id.as_ref(), &ROOT.name("dossierId"))?;
    let action = identifier(wire.dossier_action_id.as_ref(), &ROOT.name("dossierActionId"))?;
    let dates = Dates::of(wire)?;
    let time = dates.of_event(word.trim()).ok_or_else(|| ROOT.name("modifiedDate").missing())?;
    let post = Post::of(wire)?;
    Ok(Event {
        source: source.clone(),
        // The action alone is unique in one database; the dossier keeps those of several behind one source apart.
        id: EventId::new(format!("{dossier_id}-{action}")),
        kind: EventKind::StatusChanged,
        subject: Subject::Dossier(code.clone()),
        time,
        sequence: Some(action),
        snapshot: Snapshot {
            step: columns.step(&agency)?,
            applicant: columns.applicant()?,
            postal: columns.postal(&post)?,
            dossier: Dossier { code: Some(code), ..columns.dossier(status, &dates, &post)? },
            agency,
            fees: None,
        },
    })
}

/// What the columns about the post say.
struct Post {
    by_post: bool,
    told: PostTold,
    lodged_by_post: bool,
}

impl Post {
    fn of(wire: &WireDossier) -> Result<Self, Fault> {
        let via = required(wire.via_postal.as_ref(), &ROOT.name("viaPostal"))?;
        let via = small(via, 4, &ROOT.name("viaPostal"))?;
        let at = ROOT.name("vnpostalStatus");
        let collection = wire.vnpostal_status.as_ref().map(|number| small(number, 4, &at)).transpose()?;
        let at = ROOT.name("fromViaPostal");
        let lodged = wire.from_via_postal.as_ref().map(|number| small(number, u8::MAX, &at)).transpose()?;
        let pickup = collection.map(|stage| match stage {
            1 => PickupTold::Wanted,
            2 | 3 => PickupTold::UnderWay,
            // 0 not used, 4 cancelled.
            _ => PickupTold::NotWanted,
        });
        let collected = matches!(pickup, Some(PickupTold::Wanted | PickupTold::UnderWay));
        Ok(Self {
            // 0 not offered, 1 not chosen, 2 chosen, 3 ordered, 4 delivered.
            by_post: via >= 2,
            told: PostTold { pickup, return_ordered: via >= 3 },
            lodged_by_post: collected || lodged.is_some_and(|lodged| lodged > 0),
        })
    }
}

/// The dates that mean something here.
struct Dates {
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
    submitted: Option<Timestamp>,
    received: Option<Timestamp>,
    taken_up: Option<Timestamp>,
    due: Option<Timestamp>,
    released: Option<Timestamp>,
    finished: Option<Timestamp>,
}

impl Dates {
    fn of(wire: &WireDossier) -> Result<Self, Fault> {
        Ok(Self {
            created: date(wire.create_date.as_ref(), "createDate")?,
            modified: date(wire.modified_date.as_ref(), "modifiedDate")?,
            submitted: date(wire.submit_date.as_ref(), "submitDate")?,
            received: date(wire.receive_date.as_ref(), "receiveDate")?,
            taken_up: date(wire.process_date.as_ref(), "processDate")?,
            due: date(wire.due_date.as_ref(), "dueDate")?,
            released: date(wire.release_date.as_ref(), "releaseDate")?,
            finished: date(wire.finish_date.as_ref(), "finishDate")?,
        })
    }

    /// When it happened, as the module says.
    fn of_event(&self, status: &str) -> Option<Timestamp> {
        let own = match status {
            "releasing" => self.released,
            "done" | "denied" | "unresolved" | "cancelled" => self.finished,
            _ => None,
        };
        let steps =
            [self.created, self.submitted, self.received, self.taken_up, self.released, self.finished];
        own.or(self.modified).or_else(|| steps.into_iter().flatten().max())
    }
}

/// A dossier's columns, with the rules they are read by.
struct Columns<'a> {
    wire: &'a WireDossier,
    rules: Rules<'a>,
}

impl Columns<'_> {
    fn dossier(&self, status: Status, dates: &Dates, post: &Post) -> Result<Dossier, Fault> {
        let wire = self.wire;
        let procedure = self.rules.code(wire.service_code.as_deref(), &ROOT.name("serviceCode"))?;
        let procedure_name = self.rules.filled(wire.service_name.as_deref(), &ROOT.name("serviceName"))?;
        let subject = self.rules.text(wire.dossier_name.as_deref(), &ROOT.name("dossierName"))?;
        let channel = match (required(wire.online, &ROOT.name("online"))?, post.lodged_by_post) {
            (true, _) => Channel::Online,
            (false, true) => Channel::Post,
            (false, false) => Channel::Direct,
        };
        Ok(Dossier {
            code: None,
            slip: None,
            portal_code: None,
            procedure_code: ProcedureCode::new(procedure),
            subject: subject.unwrap_or_else(|| procedure_name.clone()),
            procedure_name,
            field_code: String::new(),
            field_name: String::new(),
            status: Some(status),
            channel,
            return_by_post: post.by_post,
            submitted_at: dates.submitted,
            received_at: dates.received,
            due_at: dates.due,
            finished_at: dates.released.or(dates.finished),
            // `finishDate` of other ends is no handing over.
            returned_at: dates.finished.filter(|_| status == Status::Returned),
            documents: None,
            results: None,
            supplements: None,
        })
    }

    fn applicant(&self) -> Result<Applicant, Fault> {
        let wire = self.wire;
        Ok(Applicant {
            kind: self.rules.word(
                wire.applicant_id_type.as_deref(),
                &KINDS,
                &ROOT.name("applicantIdType"),
            )?,
            name: self.rules.filled(wire.applicant_name.as_deref(), &ROOT.name("applicantName"))?,
            id_number: self.rules.id_number(wire.applicant_id_no.clone(), &ROOT.name("applicantIdNo"))?,
            phone: self.rules.text(wire.contact_tel_no.as_deref(), &ROOT.name("contactTelNo"))?,
            email: self.rules.text(wire.contact_email.as_deref(), &ROOT.name("contactEmail"))?,
            portal_id: None,
        })
    }

    fn step(&self, agency: &Agency) -> Result<Step, Fault> {
        let wire = self.wire;
        let at = ROOT.name("dossierStatusText");
        let own =
            self.rules.text(wire.dossier_sub_status_text.as_deref(), &ROOT.name("dossierSubStatusText"))?;
        let text = match own {
            Some(text) => text,
            None => self.rules.filled(wire.dossier_status_text.as_deref(), &at)?,
        };
        Ok(Step {
            officer: agency.name.clone(),
            position: None,
            department: None,
            text,
            started_at: None,
            due_at: None,
        })
    }

    fn postal(&self, post: &Post) -> Result<Postal, Fault> {
        let wire = self.wire;
        let name = self.rules.filled(wire.applicant_name.as_deref(), &ROOT.name("applicantName"))?;
        let back = WireProfile {
            postal_address: wire.postal_address.clone(),
            postal_city_code: wire.postal_city_code.clone(),
            postal_district_code: wire.postal_district_code.clone(),
            postal_ward_code: wire.postal_ward_code.clone(),
            postal_tel_no: wire.postal_tel_no.clone(),
        };
        let wanted = post.told.pickup == Some(PickupTold::Wanted);
        let at = ROOT.name("vnpostalProfile");
        let profile = if wanted { self.profile(wire.vnpostal_profile.as_deref(), &at)? } else { None };
        Ok(Postal {
            pickup: profile.map(|profile| self.address(&name, profile, &at)).transpose()?.flatten(),
            forward: None,
            return_to: if post.by_post { self.address(&name, back, &ROOT)? } else { None },
            told: Some(post.told),
        })
    }

    /// The JSON within the JSON.
    fn profile(&self, text: Option<&str>, at: &Place<'_>) -> Result<Option<WireProfile>, Fault> {
        let Some(text) = self.rules.text(text, at)? else { return Ok(None) };
        json::object(&text, self.rules.limits).map(Some).map_err(|fault| fault.within("vnpostalProfile"))
    }

    /// The owner's address; `None` when nothing of it is filled in.
    fn address(&self, name: &str, wire: WireProfile, at: &Place<'_>) -> Result<Option<PostalAddress>, Fault> {
        let address = self.rules.text(wire.postal_address, &at.name("postalAddress"))?;
        let province = self.rules.optional_code(wire.postal_city_code, &at.name("postalCityCode"))?;
        let district = self.rules.optional_code(wire.postal_district_code, &at.name("postalDistrictCode"))?;
        let commune = self.rules.optional_code(wire.postal_ward_code, &at.name("postalWardCode"))?;
        let phone = self.rules.text(wire.postal_tel_no, &at.name("postalTelNo"))?;
        if [&address, &province, &commune].iter().all(|part| part.is_none()) {
            return Ok(None);
        }
        Ok(Some(PostalAddress {
            name: name.to_owned(),
            phone,
            address: address.unwrap_or_default(),
            province_code: UnitCode::new(province.unwrap_or_default()),
            district_code: district.map(UnitCode::new),
            commune_code: UnitCode::new(commune.unwrap_or_default()),
            note: None,
        }))
    }
}

/// A number that names something: whole, above zero, and no larger than OpenCPS can count.
fn identifier(number: Option<&Number>, at: &Place<'_>) -> Result<u64, Fault> {
    let number = required(number, at)?;
    let whole = number.as_i64().and_then(|number| u64::try_from(number).ok()).filter(|number| *number > 0);
    whole.ok_or_else(|| at.fault(BAD_VALUE, "expected a whole number above 0"))
}

/// A code that is a number, up to `last`.
fn small(number: &Number, last: u8, at: &Place<'_>) -> Result<u8, Fault> {
    let code = crate::rules::small(number).filter(|code| *code <= last);
    code.ok_or_else(|| at.fault(BAD_VALUE, format!("expected a whole number from 0 to {last}")))
}

/// Milliseconds since 1970; 0 means that there is no date.
fn date(number: Option<&Number>, name: &'static str) -> Result<Option<Timestamp>, Fault> {
    let Some(number) = number else { return Ok(None) };
    let millis = number.as_i64().filter(|millis| *millis == 0 || DATES.contains(millis));
    match millis.map(Timestamp::from_millisecond) {
        Some(Ok(at)) => Ok((at != Timestamp::UNIX_EPOCH).then_some(at)),
        Some(Err(_)) | None => {
            let detail = "expected milliseconds since 1970, of the years 2000 to 2099, or 0 for none";
            Err(ROOT.name(name).fault(BAD_VALUE, detail))
        }
    }
}

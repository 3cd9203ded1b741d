//! Takes persons out of what is shown.
//!
//! The wire belongs to the partners and its fields are not known here, so masking goes by value: whatever the event says
//! of a person is masked wherever it turns up, whole, within a longer text, or cut at the end as partners' limits cut it.

use lienthong_core::event::{PostalAddress, Snapshot};
use lienthong_core::handoff::{Content, Leg, Order, Party};
use lienthong_core::text::{mask_number, mask_phone, mask_words, phone};
use serde_json::Value;

/// Shorter texts are masked only where they stand alone: "An" is a name and a part of many words.
const DISTINCT: usize = 5;

/// What is masked, with its mask.
#[derive(Debug, Default)]
pub(crate) struct Mask {
    words: Vec<(String, String)>,
}

impl Mask {
    /// Everything that the snapshots say of persons.
    pub(crate) fn of<'a>(snapshots: impl IntoIterator<Item = &'a Snapshot>) -> Self {
        let mut mask = Self::default();
        snapshots.into_iter().for_each(|snapshot| mask.persons(snapshot));
        mask.sort();
        mask
    }

    /// Everything that a content says of persons.
    pub(crate) fn of_content(content: &Content) -> Self {
        let mut mask = match content {
            Content::Record(record) => return Self::of([&record.snapshot]),
            Content::Row(row) => Self::of_words([Some(&row.officer), Some(&row.text)]),
            Content::Status(standing) => Self::of_words([Some(&standing.text)]),
            Content::Order(order) => {
                let citizen = citizen(order);
                let mut mask =
                    Self::of_words([Some(&citizen.name), Some(&citizen.address), order.note.as_ref()]);
                mask.phone(&citizen.phone);
                citizen.email.iter().for_each(|email| mask.name(email));
                mask
            }
            Content::Cancel(_) | Content::News(_) => Self::default(),
        };
        mask.sort();
        mask
    }

    fn of_words<'a>(words: impl IntoIterator<Item = Option<&'a String>>) -> Self {
        let mut mask = Self::default();
        words.into_iter().flatten().for_each(|text| mask.name(text));
        mask
    }

    /// Longer first, so that a name within an address does not spoil the address.
    fn sort(&mut self) {
        self.words.sort_by_key(|(word, _)| std::cmp::Reverse(word.chars().count()));
    }

    fn persons(&mut self, snapshot: &Snapshot) {
        let applicant = &snapshot.applicant;
        self.name(&applicant.name);
        applicant.id_number.iter().for_each(|number| self.number(number));
        applicant.phone.iter().for_each(|number| self.phone(number));
        applicant.email.iter().for_each(|email| self.name(email));
        let postal = &snapshot.postal;
        let forward = postal.forward.iter().map(|forward| &forward.address);
        for address in postal.pickup.iter().chain(&postal.return_to).chain(forward) {
            self.address(address);
        }
        self.name(&snapshot.step.officer);
        self.name(&snapshot.step.text);
        let dossier = &snapshot.dossier;
        // "Đăng ký khai sinh cho …": what it is about is often who.
        self.name(&dossier.subject);
        dossier.results.iter().flatten().for_each(|result| self.name(&result.name));
        for supplement in dossier.supplements.iter().flatten() {
            supplement.asked_by.iter().chain(&supplement.text).for_each(|text| self.name(text));
        }
        // The name of a file is often its owner's.
        dossier.documents.iter().flatten().for_each(|document| self.name(&document.name));
        let documents = dossier.documents.iter().flatten().filter_map(|document| document.url.as_ref());
        let results = dossier.results.iter().flatten().filter_map(|result| result.url.as_ref());
        documents.chain(results).for_each(|url| self.add(url, "https://***".to_owned()));
    }

    /// Masks every text within a JSON value.
    pub(crate) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(values) => values.iter().map(|value| self.value(value)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.clone(), self.value(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for (word, mask) in &self.words {
            let cut = text.chars().count() >= DISTINCT && word.starts_with(text);
            if text == word || cut {
                return mask.clone();
            }
            if word.chars().count() >= DISTINCT {
                masked = masked.replace(word.as_str(), mask);
            }
        }
        masked
    }

    fn address(&mut self, address: &PostalAddress) {
        self.name(&address.name);
        address.phone.iter().for_each(|number| self.phone(number));
        self.name(&address.address);
        address.note.iter().for_each(|note| self.name(note));
    }

    fn name(&mut self, text: &str) {
        self.add(text, mask_words(text));
    }

    fn number(&mut self, text: &str) {
        self.add(text, mask_number(text));
    }

    fn phone(&mut self, text: &str) {
        self.add(text, mask_phone(text));
        phone(text).iter().for_each(|national| self.add(national, mask_phone(national)));
    }

    fn add(&mut self, text: &str, mask: String) {
        if !text.is_empty() {
            self.words.push((text.to_owned(), mask));
        }
    }
}

/// The end of an order's way that is a citizen's, not the desk's own.
pub(crate) fn citizen(order: &Order) -> &Party {
    match order.leg {
        Leg::Pickup => &order.from,
        Leg::Return | Leg::PapersBack | Leg::Forward => &order.to,
    }
}

/// Fields whose text may look like a code and still name somebody: a name of one word, a file called after its owner.
const PERSONAL: [&str; 7] = ["name", "officer", "asked_by", "address", "note", "text", "subject"];

/// Masks every text of a value whose persons are not known: all but what looks like a code, a number or a time.
pub(crate) fn strict(value: &Value) -> Value {
    match value {
        Value::String(text) if is_code(text) => value.clone(),
        Value::String(text) if text.chars().any(char::is_alphabetic) => Value::String(mask_words(text)),
        Value::String(text) => Value::String(mask_phone(text)),
        Value::Array(values) => values.iter().map(strict).collect(),
        Value::Object(fields) => {
            let masked = fields.iter().map(|(name, value)| match value {
                Value::String(text) if PERSONAL.contains(&name.as_str()) => {
                    (name.clone(), Value::String(mask_words(text)))
                }
                Value::String(_)
                | Value::Array(_)
                | Value::Object(_)
                | Value::Null
                | Value::Bool(_)
                | Value::Number(_) => (name.clone(), strict(value)),
            });
            masked.collect::<serde_json::Map<_, _>>().into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A code has no blank and a letter, or a few digits only: phones and identity numbers have nine digits and more.
fn is_code(text: &str) -> bool {
    let codelike =
        text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_' | '+'));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().any(|c| c.is_ascii_alphabetic());
    codelike && (letters || digits < 7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mask() -> Mask {
        let mut mask = Mask::default();
        mask.name("Lò Thị Bưởi");
        mask.phone("+84 510 000 111");
        mask.number("999199000124");
        mask.name("12 Lạc Long Quân");
        mask
    }

    #[test]
    fn persons_are_masked_wherever_they_turn_up() {
        let wire = json!({
            "MaHoSo": "H11.01.07-220915-0041", "ChuHoSo": "Lò Thị Bưởi", "SoDienThoai": "0510000111",
            "Trich": "Xác nhận cho Lò Thị Bưởi", "SoGiayTo": ["999199000124"], "DiaChi": "12 Lạc Long Q", "TrangThai": 9
        });
        let expected = json!({
            "MaHoSo": "H11.01.07-220915-0041", "ChuHoSo": "L** T** B**", "SoDienThoai": "05x…111",
            "Trich": "Xác nhận cho L** T** B**", "SoGiayTo": ["*********124"], "DiaChi": "1** L** L** Q**", "TrangThai": 9
        });
        assert_eq!(mask().value(&wire), expected);
    }

    #[test]
    fn without_knowing_the_persons_only_codes_stay() {
        let said = json!({
            "Ma": "H11.01.07-220915-0041", "At": "2022-09-15T10:12:00Z", "Ten": "Lò Thị Bưởi", "So": "0510000111", "Tinh": "60",
            "name": "An"
        });
        let expected = json!({
            "Ma": "H11.01.07-220915-0041", "At": "2022-09-15T10:12:00Z", "Ten": "L** T** B**", "So": "05x…111", "Tinh": "60",
            "name": "A**"
        });
        assert_eq!(strict(&said), expected);
    }
}

//! The questions: SOAP 1.1 envelopes.

use bytes::Bytes;
use jiff::civil::Date;

/// Namespace of the service's own elements; it is .NET's placeholder, which the service never changed.
pub(crate) const SERVICE: &str = "http://tempuri.org/";

/// The questions in use. The catalogue's third, about districts, is of no use since 01/07/2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// All provinces.
    Provinces,
    /// All communes, with the codes of their provinces.
    Communes,
}

impl Operation {
    /// Its name at the service.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provinces => "DanhMucTinh",
            Self::Communes => "DanhMucPhuongXa",
        }
    }

    /// Value of the header `SOAPAction`: a URI in quotes (SOAP 1.1, section 6.1.1).
    pub(crate) fn action(self) -> String {
        format!("\"{SERVICE}{}\"", self.name())
    }

    /// The question for the units of a day. All other parameters are filters and stay away.
    pub(crate) fn question(self, day: Date) -> Bytes {
        let (name, day) = (self.name(), day.strftime("%d/%m/%Y"));
        let envelope = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\
             <soap:Body><{name} xmlns=\"{SERVICE}\"><DenNgay>{day}</DenNgay></{name}></soap:Body>\
             </soap:Envelope>"
        );
        envelope.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_the_one_of_the_contract() {
        let question = Operation::Communes.question(jiff::civil::date(2026, 11, 1));
        let expected = include_str!("fixtures/question-communes.xml");
        assert_eq!(std::str::from_utf8(&question).unwrap(), expected.trim_end());
        assert_eq!(Operation::Provinces.action(), "\"http://tempuri.org/DanhMucTinh\"");
    }
}

use super::*;
use proptest::prelude::*;

const PROVINCES: &str = include_str!("fixtures/answer-provinces.xml");
const COMMUNES: &str = include_str!("fixtures/answer-communes.xml");

fn unit(code: &str, name: &str, province: Option<&str>) -> Listed {
    Listed { code: UnitCode::new(code), name: name.to_owned(), province_code: province.map(UnitCode::new) }
}

fn refused(answer: &str) -> Unreadable {
    units(answer.as_bytes(), Operation::Communes).unwrap_err()
}

/// An answer about communes with these rows.
fn answer(rows: &str) -> String {
    let (front, rest) = COMMUNES.split_once("<NewDataSet xmlns=\"\">").unwrap();
    let (_, back) = rest.split_once("</NewDataSet>").unwrap();
    format!("{front}<NewDataSet xmlns=\"\">{rows}</NewDataSet>{back}")
}

#[test]
fn the_rows_of_the_diffgram_are_units_and_the_schema_is_none() {
    assert_eq!(
        units(PROVINCES.as_bytes(), Operation::Provinces).unwrap(),
        [unit("15", "Tỉnh Lào Cai", None), unit("01", "Thành Phố Hà Nội", None)]
    );
    assert_eq!(
        units(COMMUNES.as_bytes(), Operation::Communes).unwrap(),
        [
            unit("04375", "Xã Yên Bình", Some("15")),
            unit("00196", "Phường Văn Miếu - Quốc Tử Giám", Some("01"))
        ]
    );
}

#[test]
fn letters_come_composed_and_references_are_resolved() {
    let row = "<TABLE><MaTinh>15</MaTinh><MaPhuongXa>04375</MaPhuongXa>\
               <TenPhuongXa><![CDATA[Xa\u{303}]]> Y\u{ea}n &amp; B&#236;nh</TenPhuongXa></TABLE>";
    let list = units(answer(row).as_bytes(), Operation::Communes).unwrap();
    assert_eq!(list, [unit("04375", "Xã Yên & Bình", Some("15"))]);
    let with_mark = format!("\u{feff}{COMMUNES}");
    assert_eq!(units(with_mark.as_bytes(), Operation::Communes).unwrap().len(), 2);
}

#[test]
fn an_empty_data_set_is_a_list_without_units() {
    assert_eq!(units(answer("").as_bytes(), Operation::Communes), Ok(Vec::new()));
}

#[test]
fn a_fault_is_told_in_the_words_of_the_service() {
    let fault = |inner: &str, soap: &str| {
        format!("<s:Envelope xmlns:s=\"{soap}\"><s:Body><s:Fault>{inner}</s:Fault></s:Body></s:Envelope>")
    };
    let old = fault("<faultcode>s:Server</faultcode><faultstring>DenNgay\n sai</faultstring>", SOAP_11);
    assert_eq!(refused(&old), Unreadable::Fault("DenNgay sai".to_owned()));
    let new = fault("<s:Reason><s:Text>DenNgay sai</s:Text></s:Reason>", SOAP_12);
    assert_eq!(refused(&new), Unreadable::Fault("DenNgay sai".to_owned()));
}

#[test]
fn what_is_no_answer_to_the_question_is_refused() {
    assert_eq!(refused(PROVINCES), Unreadable::Lacks("data set"), "the answer to another question");
    assert_eq!(refused("<html><body>Bảo trì</body></html>"), Unreadable::Lacks("SOAP envelope"));
    assert_eq!(refused("<Envelope/>"), Unreadable::Lacks("SOAP envelope"));
    assert_eq!(refused(""), Unreadable::NotXml);
    assert_eq!(refused("Service Unavailable"), Unreadable::NotXml);
    let elsewhere = COMMUNES.replace("urn:schemas-microsoft-com:xml-diffgram-v1", "urn:khac");
    assert_eq!(refused(&elsewhere), Unreadable::Lacks("data set"));
    assert_eq!(units(b"\xff\xfe<\0", Operation::Communes), Err(Unreadable::NotUtf8));
    let doubled = format!("{COMMUNES}{}", COMMUNES.split_once("?>").unwrap().1);
    assert_eq!(refused(&doubled), Unreadable::NotXml);
}

#[test]
fn a_row_without_a_code_or_name_refuses_the_whole_list() {
    let good =
        "<TABLE><MaTinh>15</MaTinh><MaPhuongXa>04375</MaPhuongXa><TenPhuongXa>Xã A</TenPhuongXa></TABLE>";
    for (value, field) in [
        ("<MaTinh>15</MaTinh>", "MaTinh"),
        ("<MaPhuongXa>04375</MaPhuongXa>", "MaPhuongXa"),
        ("<TenPhuongXa>Xã A</TenPhuongXa>", "TenPhuongXa"),
    ] {
        let rows = format!("{good}{}", good.replace(value, ""));
        assert_eq!(refused(&answer(&rows)), Unreadable::Row { row: 2, field });
    }
    let blank = answer(&good.replace("04375", " \n "));
    assert_eq!(refused(&blank), Unreadable::Row { row: 1, field: "MaPhuongXa" });
}

#[test]
fn hostile_answers_are_refused() {
    let with_type = COMMUNES.replace("?>", "?><!DOCTYPE a [<!ENTITY x \"y\">]>");
    assert_eq!(refused(&with_type), Unreadable::NotAllowed("a document type"));
    let entity = COMMUNES.replace("Xã Yên Bình", "Xã &yen;");
    assert_eq!(refused(&entity), Unreadable::NotAllowed("an entity of its own"));
    let deep = answer(&"<a>".repeat(DEPTH));
    assert_eq!(refused(&deep), Unreadable::NotAllowed("too many levels"));
    let long = COMMUNES.replace("Xã Yên Bình", &"x".repeat(TEXT + 1));
    assert_eq!(refused(&long), Unreadable::NotAllowed("a text that is too long"));
    let row = "<TABLE><MaTinh>1</MaTinh><MaPhuongXa>2</MaPhuongXa><TenPhuongXa>x</TenPhuongXa></TABLE>";
    assert_eq!(units(answer(&row.repeat(ROWS)).as_bytes(), Operation::Communes).unwrap().len(), ROWS);
    assert_eq!(refused(&answer(&row.repeat(ROWS + 1))), Unreadable::NotAllowed("too many rows"));
    let twice = row.replace("</TABLE>", "<MaTinh>5</MaTinh></TABLE>");
    assert_eq!(refused(&answer(&twice)), Unreadable::NotAllowed("a value twice in one row"));
    let other = COMMUNES.replace("encoding=\"utf-8\"", "encoding=\"utf-16\"");
    assert_eq!(refused(&other), Unreadable::NotAllowed("another encoding than UTF-8"));
}

#[test]
fn an_answer_that_is_cut_anywhere_is_refused() {
    let body = COMMUNES.trim_end().as_bytes();
    for length in 0..body.len() {
        let cut = body.get(..length).unwrap();
        assert!(units(cut, Operation::Communes).is_err(), "cut to {length} bytes");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200), at in 0..1500_usize) {
        let mut spoilt = COMMUNES.as_bytes().to_vec();
        let at = at.min(spoilt.len());
        spoilt.splice(at..at, body.iter().copied());
        drop(units(&spoilt, Operation::Communes));
        drop(units(&body, Operation::Provinces));
    }
}

//! Writes the answers: data sets and faults.

use quick_xml::escape::escape;

use crate::config::Unit;
use crate::question::Version;

const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const MSDATA: &str = "urn:schemas-microsoft-com:xml-msdata";
const DIFFGRAM: &str = "urn:schemas-microsoft-com:xml-diffgram-v1";

/// A row: members with their values, in order.
pub(crate) type Row = Vec<(&'static str, String)>;

/// The row of a province.
pub(crate) fn province(unit: &Unit) -> Row {
    let kind = if unit.name.to_lowercase().starts_with("thành phố") {
        "Thành phố Trung ương"
    } else {
        "Tỉnh"
    };
    vec![("MaTinh", unit.code.clone()), ("TenTinh", unit.name.clone()), ("LoaiHinh", kind.to_owned())]
}

/// The row of a commune in a province of that name.
pub(crate) fn commune(unit: &Unit, province: &str) -> Row {
    let kind = unit.name.split_whitespace().next().unwrap_or_default();
    vec![
        ("MaTinh", unit.province.clone().unwrap_or_default()),
        ("TenTinh", province.to_owned()),
        ("MaPhuongXa", unit.code.clone()),
        ("TenPhuongXa", unit.name.clone()),
        ("LoaiHinh", kind.to_owned()),
    ]
}

/// A data set.
pub(crate) fn data_set(
    version: Version,
    operation: &str,
    root: &str,
    members: &[&str],
    rows: &[Row],
) -> String {
    let schema: String = members
        .iter()
        .map(|member| format!("<xs:element name=\"{member}\" type=\"xs:string\" minOccurs=\"0\" />"))
        .collect();
    let rows: String = rows.iter().enumerate().map(|(place, row)| table(place, row)).collect();
    envelope(
        version,
        &format!(
            "<{operation}Response xmlns=\"http://tempuri.org/\"><{operation}Result>\
             <xs:schema id=\"NewDataSet\" xmlns=\"\" xmlns:xs=\"{SCHEMA}\" xmlns:msdata=\"{MSDATA}\">\
             <xs:element name=\"NewDataSet\" msdata:IsDataSet=\"true\" msdata:UseCurrentLocale=\"true\"><xs:complexType>\
             <xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\"><xs:element name=\"TABLE\"><xs:complexType><xs:sequence>\
             {schema}</xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element></xs:schema>\
             <diffgr:diffgram xmlns:msdata=\"{MSDATA}\" xmlns:diffgr=\"{DIFFGRAM}\"><{root} xmlns=\"\">\n{rows}</{root}>\
             </diffgr:diffgram></{operation}Result></{operation}Response>"
        ),
    )
}

fn table(place: usize, row: &Row) -> String {
    let members: String =
        row.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value.as_str()))).collect();
    format!("<TABLE diffgr:id=\"TABLE{}\" msdata:rowOrder=\"{place}\">\n  {members}\n</TABLE>\n", place + 1)
}

/// A fault with the service's sentence.
pub(crate) fn fault(version: Version, sentence: &str) -> String {
    let sentence = escape(sentence);
    let inner = match version {
        Version::Soap11 => {
            format!("<faultcode>soap:Client</faultcode><faultstring>{sentence}</faultstring><detail />")
        }
        Version::Soap12 => format!(
            "<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>\
             <soap:Reason><soap:Text xml:lang=\"vi\">{sentence}</soap:Text></soap:Reason>"
        ),
    };
    envelope(version, &format!("<soap:Fault>{inner}</soap:Fault>"))
}

fn envelope(version: Version, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{}\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"{SCHEMA}\"><soap:Body>{body}</soap:Body></soap:Envelope>",
        version.namespace()
    )
}

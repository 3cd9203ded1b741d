use super::strategy::event;
use super::{decode_file, files};
use crate::{encode_json, encode_xml};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_as_the_same_event(event in event()) {
        prop_assert_eq!(&decode_file("a.json", &encode_json(&event)).unwrap(), &event);
        prop_assert_eq!(&decode_file("a.xml", &encode_xml(&event)).unwrap(), &event);
    }
}

#[test]
fn the_examples_read_and_written_again_are_the_same() {
    for (name, body) in files("valid") {
        let event = decode_file(&name, &body).unwrap();
        assert_eq!(decode_file("a.json", &encode_json(&event)).unwrap(), event, "{name}");
        assert_eq!(decode_file("a.xml", &encode_xml(&event)).unwrap(), event, "{name}");
    }
}

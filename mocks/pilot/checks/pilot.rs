use crate::{At, CashEnd, Condition, Dialect, END, Group, Pilot, Publication, Script, What, expect};
use std::collections::{BTreeMap, BTreeSet};

const SEED: u64 = 2022;

fn pilot() -> Pilot {
    Pilot::new(SEED)
}

#[test]
fn a_seed_gives_one_pilot() {
    assert_eq!(format!("{:?}", pilot()), format!("{:?}", pilot()));
    assert_ne!(format!("{:?}", pilot()), format!("{:?}", Pilot::new(SEED + 1)));
}

#[test]
fn the_pilot_has_the_counts_of_2022() {
    let scripts = pilot().scripts;
    let count = |group| scripts.iter().filter(|script| script.group == group).count();
    assert_eq!([count(Group::Post), count(Group::Online), count(Group::Direct)], [185, 162, 140]);
    let codes: BTreeSet<&str> = scripts.iter().map(|script| script.code.as_str()).collect();
    assert_eq!(codes.len(), 487);
    let silent = scripts.iter().find(|script| script.events().next().is_none());
    assert!(silent.is_none(), "{silent:?}");
    let late = |script: &&Script| script.events().any(|event| event.time > END);
    assert!(!scripts.iter().any(|script| late(&script)));
    let online = scripts.iter().filter(|script| script.group == Group::Online);
    assert!(online.map(|script| script.code.as_str()).all(|code| code < "H11.01.07-220901"));
}

#[test]
fn a_minority_asks_for_the_result_by_post() {
    let scripts = pilot().scripts;
    let post: Vec<_> = scripts.iter().filter(|script| script.group == Group::Post).collect();
    let ordered = |leg: &str| {
        post.iter().filter(|script| expect(script).orders.keys().any(|n| n.contains(leg))).count()
    };
    assert!((40..92).contains(&ordered("-TRA-")), "{}", ordered("-TRA-"));
    assert!((10..20).contains(&ordered("-GOM-")), "{}", ordered("-GOM-"));
}

#[test]
fn every_subject_counts_from_one_without_gaps() {
    for seed in 0..20 {
        for script in Pilot::new(seed).scripts {
            let mut numbers: BTreeMap<&str, Vec<(u64, At)>> = BTreeMap::new();
            for event in script.events() {
                numbers.entry(&event.subject).or_default().push((event.sequence, event.time));
            }
            for (subject, mut heard) in numbers {
                heard.sort_by_key(|(number, _)| *number);
                let counted: Vec<u64> = heard.iter().map(|(number, _)| *number).collect();
                assert_eq!(counted, (1..).take(heard.len()).collect::<Vec<u64>>(), "{subject}");
                assert!(heard.is_sorted_by(|one, other| one.1 < other.1), "{subject}: {heard:?}");
            }
        }
    }
}

#[test]
fn steps_never_go_back_in_time() {
    for script in pilot().scripts {
        assert!(script.steps.is_sorted_by_key(|step| step.at), "{}: {}", script.code, script.about);
    }
}

#[test]
fn statuses_follow_one_another_as_the_domain_has_it() {
    let legal: BTreeSet<(u8, u8)> = [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 2),
        (1, 3),
        (2, 3),
        (2, 4),
        (2, 9),
        (4, 5),
        (4, 6),
        (4, 7),
        (4, 9),
        (4, 8),
        (5, 4),
        (6, 4),
        (9, 4),
        (9, 10),
        (10, 4),
        (10, 1),
    ]
    .into();
    for script in pilot().scripts {
        let mut before = 0;
        let mut events: Vec<_> =
            script.events().filter(|event| event.kind == crate::Kind::StatusChanged).collect();
        events.sort_by_key(|event| event.sequence);
        for status in events.iter().filter_map(|event| event.data.dossier.status) {
            assert!(
                legal.contains(&(before, status)),
                "{} ({}): {before} -> {status}",
                script.code,
                script.about
            );
            before = status;
        }
    }
}

#[test]
fn every_kind_of_incident_occurs() {
    let pilot = pilot();
    let mut seen: BTreeMap<Publication, usize> = BTreeMap::new();
    let (mut xml, mut swapped) = (0, 0);
    for script in &pilot.scripts {
        let mut last: BTreeMap<&str, u64> = BTreeMap::new();
        for step in &script.steps {
            let What::Publish { event, dialect, publication } = &step.what else { continue };
            *seen.entry(*publication).or_default() += 1;
            xml += usize::from(*dialect == Dialect::Xml);
            if *publication == Publication::First {
                let before = last.insert(&event.subject, event.sequence).unwrap_or_default();
                swapped += usize::from(event.sequence < before);
            }
        }
    }
    assert!(seen[&Publication::First] > 1800, "{seen:?}");
    assert_eq!((seen[&Publication::Again], seen[&Publication::Conflict], swapped), (40, 6, 8));
    assert!(xml > 100, "{xml}");
    let reasons: BTreeSet<&str> = pilot.strays.iter().map(|stray| stray.reason).collect();
    assert_eq!((pilot.strays.len(), reasons.len()), (14, 13));
}

#[test]
fn chosen_lives_reach_their_end() {
    let expected: Vec<_> = pilot().scripts.iter().map(expect).collect();
    let dead: Vec<_> = expected.iter().flat_map(|expected| &expected.dead).copied().collect();
    let mut sorted = dead.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["GATEWAY-NO-PHONE", "GATEWAY-STATUS-JUMP", "GATEWAY-UNKNOWN-PROCEDURE"]);
    let orders = |part: &str| {
        expected.iter().flat_map(|expected| expected.orders.keys()).filter(|n| n.contains(part)).count()
    };
    assert!(orders("-TRA-2") >= 9, "{}", orders("-TRA-2"));
    assert_eq!((orders("-HOAN-1"), orders("-CHUYEN-2")), (5, 1));
    assert!(orders("-GOM-1") >= 16);
}

#[test]
fn waits_are_for_what_the_table_expects() {
    for script in pilot().scripts {
        let expected = expect(&script);
        for step in &script.steps {
            let What::Wait(condition) = &step.what else { continue };
            let known = match condition {
                Condition::Taken(order) | Condition::Cancelled(order) => expected.orders.contains_key(order),
                Condition::Row(_, at) => expected.rows.iter().any(|row| row.time == at.compact()),
                Condition::CashTold(order) => expected.orders[order].cash_end == CashEnd::Settled,
            };
            assert!(known, "{} ({}): {condition:?}", script.code, script.about);
        }
    }
}

#[test]
fn rows_of_a_dossier_differ() {
    for script in pilot().scripts {
        let rows = expect(&script).rows;
        let different: BTreeSet<_> = rows.iter().collect();
        assert_eq!(different.len(), rows.len(), "{}", script.code);
    }
}

#[test]
fn nobody_in_it_exists() {
    for script in pilot().scripts {
        for event in script.events() {
            let text = String::from_utf8(event.written(Dialect::Json)).unwrap();
            let phones =
                [&event.data.applicant.phone, &event.data.postal.back.clone().and_then(|back| back.phone)];
            for phone in phones.into_iter().flatten() {
                let plain = phone.replace(' ', "").replace("+84", "0");
                assert!(plain.starts_with("0510") || phone == "không có", "{phone}");
            }
            assert!(event.data.applicant.id_number.iter().all(|number| number.starts_with("999")));
            assert!(!text.contains("http") || text.contains(".example/"));
        }
    }
}

#[test]
fn both_dialects_say_the_same() {
    let scripts = pilot().scripts;
    let event =
        scripts.iter().flat_map(Script::events).find(|event| event.data.postal.forward.is_some()).unwrap();
    let xml = String::from_utf8(event.written(Dialect::Xml)).unwrap();
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut depth, mut names) = (0_i32, BTreeSet::new());
    loop {
        let event = reader.read_event().unwrap();
        if let quick_xml::events::Event::Start(start) = &event {
            depth += 1;
            names.insert(start.name().as_ref().to_owned());
        } else if matches!(event, quick_xml::events::Event::End(_)) {
            depth -= 1;
        } else if event == quick_xml::events::Event::Eof {
            break;
        }
    }
    assert_eq!(depth, 0);
    for name in ["event", "subject", "sequence", "agency_code", "commune_code", "item", "return_by_post"] {
        assert!(names.contains(name), "{name} in {xml}");
    }
    assert!(xml.contains(&format!("<sequence>{}</sequence>", event.sequence)));
    assert!(!xml.contains("null"));
}

#[test]
fn rounds_share_no_dossier_event_or_applicant() {
    let rounds = [Pilot::round(7, 0), Pilot::round(8, 1), Pilot::round(9, 20)];
    let scripts = || rounds.iter().flat_map(|round| &round.scripts);
    let codes: BTreeSet<&str> = scripts().map(|script| script.code.as_str()).collect();
    let slips: BTreeSet<&str> = scripts().filter_map(|script| script.slip.as_deref()).collect();
    let events: BTreeSet<&str> = scripts().flat_map(Script::events).map(|event| event.id.as_str()).collect();
    let phones: BTreeSet<&str> = scripts()
        .filter_map(|script| script.events().next())
        .filter_map(|event| event.data.applicant.phone.as_deref())
        .collect();
    assert_eq!(codes.len(), scripts().count());
    assert_eq!(slips.len(), scripts().filter(|script| script.slip.is_some()).count());
    assert_eq!(events.len(), scripts().map(|script| script.events().count()).sum::<usize>());
    assert!(phones.len() > 3 * 400, "{}", phones.len());
}

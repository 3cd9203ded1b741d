//! Persons who are shown because somebody asked for them with a reason: written down before they are.

use super::arguments::PersonsOptions;
use super::command_journal;
use crate::clock;
use crate::config::Settings;
use crate::views::post::Persons;
use std::collections::BTreeSet;

impl PersonsOptions {
    /// Whether persons are shown.
    pub(super) fn persons(&self) -> Persons {
        if self.personal { Persons::Shown } else { Persons::Masked }
    }
}

/// Writes into the audit of each dossier that its persons were seen, where they were asked for.
pub(super) fn note(
    settings: &Settings,
    who: &str,
    subject: &str,
    dossiers: &BTreeSet<String>,
    options: &PersonsOptions,
) -> anyhow::Result<()> {
    let Some(reason) = options.reason.as_deref().filter(|_| options.personal) else { return Ok(()) };
    command_journal(settings, who)?.unmasked_all(subject, dossiers, reason, clock::now())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::acts::tests::{asides, dead};
    use crate::cli::output::Output;
    use crate::cli::{Arguments, Command};
    use crate::cli::{Exit, dead_letters, dossier, orders, quarantine, slip};
    use crate::journal::tests::world::{World, at, code, event};
    use clap::Parser as _;

    /// What a command line does to the journal of this world, as `root`.
    fn types(world: &World, line: &str) -> Exit {
        let arguments = Arguments::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{error}"));
        let (settings, output) = (&world.settings, Output { json: true });
        let exit = if let Command::Dossier { code, persons } = &arguments.command {
            dossier::show(settings, code, persons, "root", output)
        } else if let Command::Orders(options) = &arguments.command {
            orders::show(settings, options, "root", output)
        } else if let Command::Slip(options) = &arguments.command {
            slip::show(settings, options, "root", output)
        } else if let Command::DeadLetters { command } = &arguments.command {
            dead_letters::dead_letters(settings, command, "root", output)
        } else if let Command::Quarantine { command } = &arguments.command {
            quarantine::quarantine(settings, command, "root", output)
        } else {
            panic!("{line} shows nobody")
        };
        exit.unwrap()
    }

    fn unmasked(world: &World) -> Vec<String> {
        let file = world.file();
        let sql = "SELECT who || ' ' || subject || ' ' || ifnull(dossier, '-') || ' ' || ifnull(reason, '-') FROM audit
                   WHERE act = 'unmasked' ORDER BY id";
        let mut statement = file.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[tokio::test]
    async fn whoever_sees_persons_stands_in_the_audit_and_who_does_not_leaves_nothing() {
        let world = World::open();
        dead(&world, 1, 2).await;
        asides(&world);
        let order = "SELECT handoff_id FROM handoff WHERE kind = 'post.order' ORDER BY id LIMIT 1";
        let order: String = world.file().query_row(order, [], |row| row.get(0)).unwrap();
        let dossier = code(1);
        for (line, reasoned, noted) in [
            (format!("dossier {dossier}"), true, vec![format!("root {dossier} {dossier} why")]),
            (
                "orders --state unsent --from 2022-09-01 --to 2022-09-30".to_owned(),
                true,
                [1, 2].map(|n| format!("root orders unsent {} why", code(n))).into(),
            ),
            (format!("dead-letters show {order}"), false, vec![format!("root {order} {dossier} -")]),
            ("quarantine show 1".to_owned(), false, vec!["root quarantine 1 - -".to_owned()]),
        ] {
            let before = unmasked(&world).len();
            assert_eq!(types(&world, &format!("lienthong {line}")), Exit::Done, "{line}");
            assert_eq!(unmasked(&world).len(), before, "{line}");
            let why = if reasoned { " --reason why" } else { "" };
            assert_eq!(types(&world, &format!("lienthong {line} --personal{why}")), Exit::Done, "{line}");
            assert_eq!(unmasked(&world)[before..], noted, "{line}");
        }
    }

    #[test]
    fn nobody_sees_persons_without_a_reason() {
        for line in ["dossier X", "orders", "dead-letters uncertain"] {
            for switch in ["--personal", "--reason why"] {
                let line = format!("lienthong {line} {switch}");
                assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
            }
        }
        assert!(Arguments::try_parse_from("lienthong slip --agency H11.01.07".split(' ')).is_err());
    }

    #[tokio::test]
    async fn a_slip_is_made_of_what_the_post_takes_over_and_stands_in_the_audit_of_each_dossier() {
        let world = World::open();
        world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
        world.accept_all(at(1)).await;
        let line = "lienthong slip --agency H11.01.07 --from 2022-09-01 --to 2022-09-30 --reason why";
        assert_eq!(types(&world, line), Exit::Done);
        assert_eq!(unmasked(&world), [1, 2].map(|n| format!("root slip desk {} why", code(n))));
    }

    #[tokio::test]
    async fn what_partners_may_have_and_a_slip_name_persons_only_where_there_are_some() {
        let world = World::open();
        dead(&world, 1, 1).await;
        assert_eq!(types(&world, "lienthong dead-letters uncertain --personal --reason why"), Exit::Done);
        // The order was refused: nothing is to be handed over.
        assert_eq!(types(&world, "lienthong slip --agency H11.01.07 --reason why"), Exit::Refused);
        assert_eq!(unmasked(&world), Vec::<String>::new());
        let sql = "UPDATE handoff SET state = 'uncertain', uncertain_since = 1, dead_at = NULL WHERE kind = 'post.order'";
        world.file().execute(sql, []).unwrap();
        assert_eq!(types(&world, "lienthong dead-letters uncertain --personal --reason why"), Exit::Done);
        assert_eq!(unmasked(&world), [format!("root uncertain {} why", code(1))]);
    }
}

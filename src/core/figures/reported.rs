//! Counts of the national report, as an operator exports them: agency, period, received.

use super::Period;
use crate::ids::AgencyCode;
use crate::text;
use std::collections::BTreeSet;
use std::fmt;

/// Rows in one file at most: every commune of the country, with some months to spare.
const MOST: usize = 50_000;

/// The columns, in the file's own order.
const COLUMNS: [&str; 3] = ["agency", "period", "received"];

/// How many dossiers an agency received in a period, according to the national report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The agency.
    pub agency: AgencyCode,
    /// A month, quarter or year.
    pub period: Period,
    /// Received.
    pub received: u32,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It has no rows.
    Empty,
    /// It has too many.
    TooMany,
    /// A column is missing.
    NoColumn(&'static str),
    /// The agency is not one of ours.
    NoAgency(usize, String),
    /// The period is no month, quarter or year.
    NoPeriod(usize, String),
    /// The count is no whole number.
    NoCount(usize, String),
    /// An earlier row has the same agency and period.
    Repeated(usize),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file has no rows"),
            Self::TooMany => write!(f, "the file has more than {MOST} rows"),
            Self::NoColumn(column) => {
                write!(f, "column {column} is missing; the first line names agency, period, received")
            }
            Self::NoAgency(line, text) => {
                write!(f, "line {line}, agency: {text:?} is not in the table of agencies")
            }
            Self::NoPeriod(line, text) => {
                write!(f, "line {line}, period: {text:?} is none; write 2026-11, 2026-Q4 or 2026")
            }
            Self::NoCount(line, text) => {
                write!(f, "line {line}, received: {text:?} is no whole number; write digits only, as in 1250")
            }
            Self::Repeated(line) => write!(f, "line {line}: an earlier line has the same agency and period"),
        }
    }
}

/// Reads a file; every problem is found in one run. `known` says which agencies there are.
///
/// # Errors
/// All that is wrong with it; nothing of it may be used then.
pub fn read(text: &str, known: impl Fn(&AgencyCode) -> bool) -> Result<Vec<Reported>, Vec<Problem>> {
    let mut lines = (1..)
        .zip(text.trim_start_matches('\u{feff}').lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let heads = lines.next().map(|(_, line)| text::cells(line)).unwrap_or_default();
    let place = |column: &'static str| {
        heads.iter().position(|head| head.eq_ignore_ascii_case(column)).ok_or(Problem::NoColumn(column))
    };
    let missing: Vec<Problem> = COLUMNS.into_iter().filter_map(|column| place(column).err()).collect();
    let [Ok(agency), Ok(period), Ok(received)] = COLUMNS.map(place) else { return Err(missing) };
    let (mut rows, mut problems, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (number, line) in lines {
        if rows.len() + problems.len() >= MOST {
            problems.push(Problem::TooMany);
            break;
        }
        let cells = text::cells(line);
        let cell = |place: usize| cells.get(place).cloned().unwrap_or_default();
        match row(number, [cell(agency), cell(period), cell(received)], &known) {
            Ok(row) if seen.insert((row.agency.clone(), row.period.to_string())) => rows.push(row),
            Ok(_again) => problems.push(Problem::Repeated(number)),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push(Problem::Empty);
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

fn row(
    line: usize,
    [agency, period, received]: [String; 3],
    known: &impl Fn(&AgencyCode) -> bool,
) -> Result<Reported, Vec<Problem>> {
    let code = AgencyCode::new(agency.as_str());
    let agency = if known(&code) { Ok(code) } else { Err(Problem::NoAgency(line, agency)) };
    let period = Period::read(&period).ok_or(Problem::NoPeriod(line, period));
    let is_number = !received.is_empty() && received.bytes().all(|byte| byte.is_ascii_digit());
    let count = received.parse().ok().filter(|_| is_number).ok_or(Problem::NoCount(line, received));
    match (agency, period, count) {
        (Ok(agency), Ok(period), Ok(received)) => Ok(Reported { agency, period, received }),
        (agency, period, count) => {
            Err([agency.err(), period.err(), count.err()].into_iter().flatten().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(agency: &AgencyCode) -> bool {
        agency.as_str().starts_with("H11.")
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all_with_every_problem() {
        fn check(text: &str, expected: Result<&[(&str, &str, u32)], &[Problem]>) {
            let read = read(text, known);
            let seen = read.map(|rows| {
                let row = |row: Reported| (row.agency.to_string(), row.period.to_string(), row.received);
                rows.into_iter().map(row).collect::<Vec<_>>()
            });
            let rows = |rows: &[(&str, &str, u32)]| {
                rows.iter().map(|(a, p, n)| ((*a).to_owned(), (*p).to_owned(), *n)).collect()
            };
            assert_eq!(seen, expected.map(rows).map_err(<[Problem]>::to_vec), "{text}");
        }
        check("\u{feff}agency,period,received\r\nH11.01,2026-11,120\r\n", Ok(&[("H11.01", "2026-11", 120)]));
        check(
            "# xuất từ Hệ thống báo cáo\nReceived;Agency;Period\n\"7\";H11.01;2026-Q4\n0;H11.02;2026\n",
            Ok(&[("H11.01", "2026-Q4", 7), ("H11.02", "2026", 0)]),
        );
        check("agency,period\nH11.01,2026-11\n", Err(&[Problem::NoColumn("received")]));
        check(
            "",
            Err(&[Problem::NoColumn("agency"), Problem::NoColumn("period"), Problem::NoColumn("received")]),
        );
        check("agency,period,received\n\n", Err(&[Problem::Empty]));
        check(
            "agency,period,received\nX,2026-13,1.250\nH11.01,2026,5\nH11.01,2026,6\nH11.01\n",
            Err(&[
                Problem::NoAgency(2, "X".to_owned()),
                Problem::NoPeriod(2, "2026-13".to_owned()),
                Problem::NoCount(2, "1.250".to_owned()),
                Problem::Repeated(4),
                Problem::NoPeriod(5, String::new()),
                Problem::NoCount(5, String::new()),
            ]),
        );
        check("agency,period,received\nH11.01,2026,-5\n", Err(&[Problem::NoCount(2, "-5".to_owned())]));
        check(
            "agency,period,received\nH11.01,2026,99999999999\n",
            Err(&[Problem::NoCount(2, "99999999999".to_owned())]),
        );
    }
}

//! `orders`: postal orders by where their parcels are.

use super::arguments::{OrdersOptions, ParcelsOptions};
use super::output::{Output, local, or_dash, table};
use super::{Exit, persons, report, words};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::Tab;
use crate::views::post::{self, AgencyTally, OrderView, OrdersView, Question};
use anyhow::Context as _;
use jiff::Timestamp;
use std::collections::BTreeSet;

impl ParcelsOptions {
    /// What is asked for, at all agencies.
    pub(super) fn question(&self, now: Timestamp) -> anyhow::Result<Question> {
        let tab = Tab::from_name(&self.state).context("the command line knows no other state")?;
        Ok(Question { day: self.since, ..Question::new(tab, now).between(self.from, self.to) })
    }
}

pub(super) fn show(
    settings: &Settings,
    options: &OrdersOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let now = clock::now();
    let asked = options.parcels.question(now)?;
    let question = Question { agency: options.agency.clone(), page: options.page, ..asked };
    // Whoever may read the journal's file sees every agency.
    let persons = options.persons.persons();
    let orders = post::orders(&report(settings)?, settings, &question, |_| true, persons, now)?;
    let dossiers: BTreeSet<String> = orders.orders.iter().map(|order| order.dossier.clone()).collect();
    persons::note(settings, who, &format!("orders {}", question.tab.name()), &dossiers, &options.persons)?;
    output.show(&orders, text)?;
    Ok(Exit::Done)
}

fn text(orders: &OrdersView) -> String {
    let places: Vec<String> = orders
        .places
        .iter()
        .map(|place| format!("{}: {}", words::place(place.tab.name()), place.count))
        .collect();
    let heads = ["STT", "Hồ sơ", "Đơn", "Mã vận đơn", "Chặng", "Trạng thái", "Từ lúc", "Người dân", "Thu hộ"];
    let rows: Vec<Vec<String>> = orders.orders.iter().map(row).collect();
    let list = if rows.is_empty() { "Không có đơn nào.".to_owned() } else { table(&heads, &rows) };
    let tally = ["Cơ quan", "Tên", "Nhận qua bưu điện", "Trả qua bưu điện", "Đã đăng ký, chưa gửi"];
    let agencies: Vec<Vec<String>> = orders.agencies.iter().map(agency).collect();
    format!(
        "Đơn lập từ {} đến {}; {}\n\n{}: {} đơn, trang {}/{}\n{list}\n\n{}",
        words::day(orders.from),
        words::day(orders.to),
        places.join(", "),
        words::place(orders.tab.name()),
        orders.total,
        orders.page,
        orders.pages,
        table(&tally, &agencies),
    )
}

fn row(order: &OrderView) -> Vec<String> {
    let person = order.person.as_ref().map(|person| format!("{}, {}", person.name, person.phone));
    vec![
        order.n.to_string(),
        order.dossier.clone(),
        order.order.clone(),
        or_dash(order.waybill.as_deref()),
        words::leg(&order.leg).to_owned(),
        words::parcel(&order.state).to_owned(),
        local(order.since),
        person.unwrap_or_else(|| "đã xóa".to_owned()),
        order.cash.map_or_else(|| "–".to_owned(), words::money),
    ]
}

fn agency(tally: &AgencyTally) -> Vec<String> {
    let counts = [tally.received, tally.returned, tally.unsent].map(|count| count.to_string());
    [vec![tally.agency.clone(), tally.name.clone()], counts.to_vec()].concat()
}

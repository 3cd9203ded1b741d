use super::*;
use crate::standin::portal::{DESTINATION, FORWARD};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

struct Standin {
    addresses: Addresses,
    state: Rc<RefCell<State>>,
}

async fn with_standin<F: Future<Output = ()>>(test: impl FnOnce(Standin) -> F) {
    let local = LocalSet::new();
    let state = Rc::new(RefCell::new(State::default()));
    let addresses = listen(&state, &local).await.unwrap();
    local.run_until(test(Standin { addresses, state })).await;
}

/// Writes one request and reads its answer.
async fn ask(address: SocketAddr, head: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text = format!("{head}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

impl Standin {
    async fn portal(&self, endpoint: &str, body: Value) -> (u16, Value) {
        let head = format!(
            "POST {FORWARD}{endpoint} HTTP/1.1\r\nhost: p\r\ndstcode: {DESTINATION}\r\ncontent-type: application/json\r\n"
        );
        ask(self.addresses.portal, &head, &body.to_string()).await
    }

    async fn write(&self, session: &str, service: &str, updating: Option<&str>, item: Value) -> String {
        let mut body =
            json!({ "session": session, "madonvi": "H11.01.07", "service": service, "data": [item] });
        if let Some(updating) = updating {
            body["isUpdating"] = json!(updating);
        }
        let (_, answer) = self.portal("/mapi/g", body).await;
        answer["error_code"].as_str().unwrap().to_owned()
    }

    async fn log_in(&self) -> String {
        let login = json!({ "username": "H11.01.07", "password": "mat-khau-thu" });
        let (_, answer) = self.portal("/mapi/login", login).await;
        answer["session"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_portal_takes_rows_only_behind_their_record_and_each_half_of_the_pair_once() {
    with_standin(async |standin| {
        let session = standin.log_in().await;
        let record = json!({ "MaHoSo": "D-1", "MaTTHC": "1.004873", "TrangThaiHoSo": "2" });
        let row = json!({ "MaHoSo": "D-1", "TrangThai": "2", "ThoiDiemXuLy": "20220915080100" });
        let rows = "CapNhatTienDoHoSoMC";
        assert_eq!(standin.write(&session, rows, None, row.clone()).await, "-4");
        assert_eq!(standin.write(&session, "DongBoHoSoMC", Some("True"), record.clone()).await, "-4");
        assert_eq!(standin.write("another", "DongBoHoSoMC", Some("False"), record.clone()).await, "-1");
        assert_eq!(standin.write(&session, "DongBoHoSoMC", Some("False"), record.clone()).await, "0");
        assert_eq!(standin.write(&session, "DongBoHoSoMC", Some("False"), record).await, "3");
        assert_eq!(standin.write(&session, rows, None, row).await, "0");
        assert_eq!(standin.write(&session, "XoaHoSo", None, json!({ "MaHoSo": "D-1" })).await, "-6");
        let counts = standin.state.borrow().counts;
        assert_eq!((counts.records, counts.rows, counts.refused), (1, 1, 5));
    })
    .await;
}

#[tokio::test]
async fn the_post_takes_every_order_with_a_token_and_nothing_while_it_is_down() {
    with_standin(async |standin| {
        let post = standin.addresses.post;
        let basic = "POST /token HTTP/1.1\r\nauthorization: Basic dGllbi10aGFuaDptYXQta2hhdS10aHU=\r\n";
        let (_, token) = ask(post, basic, "grant_type=client_credentials").await;
        let token = token["access_token"].as_str().unwrap();
        let order = |token: &str| format!("POST /ngsp/orders HTTP/1.1\r\nauthorization: Bearer {token}\r\n");
        let body =
            json!({ "CustomerCode": "LC_XA_TIENTHANH", "OrderNumber": "D-1-TRA-1", "SenderTel": "0510000901",
                           "ReceiverTel": "0510000111", "SenderProvince": 80, "ReceiverProvince": 80 })
            .to_string();
        assert_eq!(ask(post, &order("another"), &body).await.0, 401);
        assert_eq!(ask(post, &order(token), &body).await.0, 201);
        assert_eq!(ask(post, &order(token), &body).await.0, 201);
        assert_eq!(ask(standin.addresses.admin, "POST /set?down=post HTTP/1.1\r\n", "").await.0, 200);
        assert_eq!(ask(post, &order(token), &body).await.0, 503);
        let (_, ledger) = ask(standin.addresses.admin, "GET /ledger HTTP/1.1\r\n", "").await;
        let ledger: Ledger = serde_json::from_value(ledger).unwrap();
        let orders = ledger.lines.iter().filter(|line| line.what == What::Order);
        assert_eq!(orders.map(|line| ledger.name(line)).collect::<Vec<_>>(), ["D-1-TRA-1", "D-1-TRA-1"]);
    })
    .await;
}

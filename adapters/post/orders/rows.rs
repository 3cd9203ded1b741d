//! The rows that the tables of the order service's interfaces have alike, each under its interface's prefix.

pub(crate) const ASSUMED: &str =
    "assumed: no public source lists the refusals of the service; the code is configuration";
pub(crate) const OAUTH: &str = "RFC 6749, section 5.2";
pub(crate) const PASETO: &str =
    "DichVuCong_KhoaLuan_PASETO, VNPostServices.cs, read 08/2026: 100 is success, 101 is treated as success";

/// The rows of a table: those of the service with the source of success, the interface's own, and those that every table
/// of the post has.
macro_rules! order_rows {
    ($prefix:literal, ok: $ok:expr; $($own:expr,)*) => {
        $crate::rows::post_rows!($prefix;
            lienthong_http::classify::Row::new(
                concat!($prefix, "-OK"),
                lienthong_http::classify::Ends::Accepted,
                $ok,
                "Bưu điện đã nhận.",
                "The post has it.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-101"),
                lienthong_http::classify::Ends::Accepted,
                $crate::orders::rows::PASETO,
                "Bưu điện báo đã có đơn mang số này: đơn của chúng ta đã được nhận từ trước.",
                "The post has an order with this number: ours was taken before.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-103"),
                lienthong_http::classify::Ends::Rejected,
                $crate::orders::rows::ASSUMED,
                "Bưu điện không có đơn mang số này nên không hủy được. Hãy gọi bưu cục với số đơn.",
                "The post knows no order with this number, so there is nothing to cancel. Phone the post office with the number.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-104"),
                lienthong_http::classify::Ends::Rejected,
                $crate::orders::rows::ASSUMED,
                "Bưu gửi đã được thu gom nên không hủy được nữa. Hãy liên hệ bưu cục nếu cần giữ bưu gửi lại.",
                "The parcel has been collected, so it is too late to cancel. Phone the post office to stop it.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-UNLISTED"),
                lienthong_http::classify::Ends::Rejected,
                $crate::rows::INFERRED,
                "Bưu điện từ chối với mã chưa có trong bảng mã. Hãy hỏi bưu điện ý nghĩa của mã và báo quản trị viên.",
                "The post refused with a code that no table knows. Ask the post what it means and tell the administrator.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-TOKEN-REFUSED"),
                lienthong_http::classify::Ends::Blocked,
                $crate::orders::rows::OAUTH,
                "Bưu điện từ chối tài khoản kết nối khi cấp mã truy cập. Hãy báo quản trị viên kiểm tra khóa và mật khẩu.",
                "The post refused the account's credentials when asked for a token. Check the key and the secret.",
            ),
            $($own,)*
        )
    };
}

/// What the interface calls the service's answers, by the rows above.
macro_rules! order_words {
    ($prefix:literal, $rows:expr; waybill_unusable: $unusable:expr, refused: $refused:expr) => {
        $crate::orders::classify::Words {
            table: lienthong_http::classify::Table { prefix: $prefix, rows: $rows },
            ok: concat!($prefix, "-OK"),
            already_there: concat!($prefix, "-101"),
            unknown_order: concat!($prefix, "-103"),
            already_collected: concat!($prefix, "-104"),
            token_refused: concat!($prefix, "-TOKEN-REFUSED"),
            waybill_unusable: $unusable,
            refused: $refused,
        }
    };
}

pub(crate) use {order_rows, order_words};

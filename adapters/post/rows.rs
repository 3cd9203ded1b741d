//! The rows that the tables of all interfaces have alike: what a status or a failed call says, in the post's name.
//!
//! An interface's own rows go before them, under its own prefix: `post_rows!("POST"; Row::new(…), …)`.

pub(crate) const INFERRED: &str = "inferred: no public source records the answer";
pub(crate) const HTTP: &str = "inferred: meaning of the HTTP status (RFC 9110, RFC 6585)";
pub(crate) const TRANSPORT: &str = "observed: the transport failed before there was an answer";

/// An interface's own rows and those that every table has.
macro_rules! post_rows {
    ($prefix:literal; $($own:expr,)*) => {
        &[
            $($own,)*
            lienthong_http::classify::Row::new(
                concat!($prefix, "-HTTP-401"),
                lienthong_http::classify::Ends::Blocked,
                $crate::rows::HTTP,
                "Bưu điện không chấp nhận mã truy cập, kể cả sau khi cấp lại. Hãy báo quản trị viên.",
                "The post does not take the token, not even a new one. Tell the administrator.",
            )
            .cured_by(lienthong_http::classify::Cure::Renew),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-HTTP-403"),
                lienthong_http::classify::Ends::Blocked,
                $crate::rows::HTTP,
                "Tài khoản không được phép dùng dịch vụ này của bưu điện. Hãy báo quản trị viên.",
                "The account may not use this service of the post. Tell the administrator.",
            )
            .cured_by(lienthong_http::classify::Cure::Renew),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-HTTP-429"),
                lienthong_http::classify::Ends::Unavailable,
                $crate::rows::HTTP,
                "Bưu điện yêu cầu gửi chậm lại. Cổng kết nối sẽ tự gửi lại.",
                "The post asked to slow down. The gateway sends again by itself.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-HTTP-503"),
                lienthong_http::classify::Ends::Unavailable,
                $crate::rows::HTTP,
                "Hệ thống bưu điện tạm ngừng phục vụ. Cổng kết nối sẽ tự gửi lại.",
                "The post's system is out of service for a while. The gateway sends again by itself.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-HTTP-5XX"),
                lienthong_http::classify::Ends::Uncertain,
                $crate::rows::HTTP,
                "Hệ thống bưu điện gặp lỗi; chưa rõ đơn đã được nhận hay chưa.",
                "The post's system failed; whether it took the order is not known.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-HTTP-3XX"),
                lienthong_http::classify::Ends::Blocked,
                $crate::rows::HTTP,
                "Địa chỉ dịch vụ của bưu điện bị chuyển hướng. Hãy báo quản trị viên kiểm tra cấu hình.",
                "The post's service answers with a redirect, which is not followed. Check the configured addresses.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-WRONG-ADDRESS"),
                lienthong_http::classify::Ends::Blocked,
                $crate::rows::HTTP,
                "Không có dịch vụ bưu điện tại địa chỉ đã cấu hình. Hãy báo quản trị viên kiểm tra cấu hình.",
                "There is no service of the post at the configured address. Check the configuration.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-UNREADABLE"),
                lienthong_http::classify::Ends::Uncertain,
                $crate::rows::INFERRED,
                "Không đọc được câu trả lời của bưu điện; chưa rõ đơn đã được nhận hay chưa.",
                "The post's answer cannot be read; whether it took the order is not known.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-UNREACHABLE"),
                lienthong_http::classify::Ends::Unavailable,
                $crate::rows::TRANSPORT,
                "Không kết nối được với bưu điện; chưa có gì được gửi đi. Cổng kết nối sẽ tự gửi lại.",
                "The post cannot be reached; nothing has left. The gateway sends again by itself.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-NO-ANSWER"),
                lienthong_http::classify::Ends::Uncertain,
                $crate::rows::TRANSPORT,
                "Bưu điện không trả lời kịp; chưa rõ đơn đã được nhận hay chưa.",
                "The post gave no complete answer in time; whether it took the order is not known.",
            ),
            lienthong_http::classify::Row::new(
                concat!($prefix, "-CERTIFICATE"),
                lienthong_http::classify::Ends::Blocked,
                $crate::rows::TRANSPORT,
                "Kết nối bảo mật với bưu điện bị từ chối (chứng thư). Hãy báo quản trị viên kiểm tra chứng thư.",
                "The secure connection to the post was refused. Check the certificates.",
            ),
        ]
    };
}
pub(crate) use post_rows;

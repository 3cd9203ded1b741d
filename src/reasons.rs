//! The reasons that the daemon itself gives, beside those of the core and of the adapters.

use lienthong_core::outcome::ReasonText;

/// An event id that was used before for other content.
pub const CONFLICT: &str = "COMMUNE-CONFLICT";
/// A source that may not speak for the agency.
pub const NOT_ALLOWED: &str = "COMMUNE-NOT-ALLOWED";
/// An order called off before it left.
pub const ANNIHILATED: &str = "GATEWAY-ANNIHILATED";
/// The broker blocks our connection.
pub const BROKER_BLOCKED: &str = "GATEWAY-BROKER-BLOCKED";
/// There is no connection to the broker.
pub const BROKER_LOST: &str = "GATEWAY-BROKER-LOST";
/// Too little room on the disk.
pub const DISK_FULL: &str = "GATEWAY-DISK-FULL";
/// The room on the disk cannot be told.
pub const DISK_UNKNOWN: &str = "GATEWAY-DISK-UNKNOWN";
/// An operator's pause.
pub const PAUSED: &str = "GATEWAY-PAUSED";
/// A part has not said anything yet.
pub const STARTING: &str = "GATEWAY-STARTING";
/// The journal cannot be written or read.
pub const STORE_FAILED: &str = "GATEWAY-STORE-FAILED";

/// What each says to people.
pub const REASONS: &[ReasonText] = &[
    ReasonText {
        code: CONFLICT,
        vi: "Mã sự kiện đã được dùng cho nội dung khác. Phần mềm một cửa phải đặt mã riêng cho từng sự kiện.",
        en: "The event's id was used before for other content. The one-stop system must give each event its own id.",
    },
    ReasonText {
        code: NOT_ALLOWED,
        vi: "Nguồn gửi không được phép gửi sự kiện thay cơ quan này. Hãy kiểm tra cấu hình nguồn và khóa định tuyến.",
        en: "The source may not speak for this agency. Check the configured sources and the routing key.",
    },
    ReasonText {
        code: ANNIHILATED,
        vi: "Đơn được hủy trước khi gửi đi; số đơn sẽ được dùng lại.",
        en: "The order was called off before it left; its number is used again.",
    },
    ReasonText {
        code: BROKER_BLOCKED,
        vi: "RabbitMQ đang chặn kết nối vì thiếu bộ nhớ hoặc đĩa. Hãy kiểm tra máy chủ RabbitMQ.",
        en: "RabbitMQ blocks the connection for lack of memory or disk. Check the broker.",
    },
    ReasonText {
        code: BROKER_LOST,
        vi: "Mất kết nối tới RabbitMQ; cổng kết nối đang tự nối lại.",
        en: "The connection to RabbitMQ is lost; the gateway is connecting again.",
    },
    ReasonText {
        code: DISK_FULL,
        vi: "Đĩa sắp đầy nên tạm ngừng nhận sự kiện; RabbitMQ đang giữ lại. Hãy giải phóng đĩa.",
        en: "The disk is nearly full, so intake has stopped; the broker keeps the backlog. Free some room.",
    },
    ReasonText {
        code: DISK_UNKNOWN,
        vi: "Không đọc được dung lượng đĩa còn trống nên tạm ngừng nhận sự kiện.",
        en: "The free room on the disk cannot be read, so intake has stopped.",
    },
    ReasonText {
        code: PAUSED,
        vi: "Người vận hành đã tạm dừng. Dùng lệnh resume để gửi tiếp.",
        en: "An operator has paused it. The command resume lets it go on.",
    },
    ReasonText { code: STARTING, vi: "Đang khởi động.", en: "Starting." },
    ReasonText {
        code: STORE_FAILED,
        vi: "Không ghi hoặc đọc được cơ sở dữ liệu của cổng kết nối. Hãy kiểm tra đĩa và quyền truy cập tệp.",
        en: "The journal cannot be written or read. Check the disk and the file's permissions.",
    },
];

//! The reasons that the daemon itself gives, beside those of the core and of the adapters.

use lienthong_core::outcome::ReasonText;

/// The commune's own system was told.
pub const TOLD: &str = "COMMUNE-TOLD";
/// The broker did not say whether it has an outcome.
pub const TOLD_UNCONFIRMED: &str = "COMMUNE-UNCONFIRMED";
/// The broker refused an outcome for now.
pub const TOLD_NACK: &str = "COMMUNE-NACK";
/// No queue is bound where an outcome was published.
pub const TOLD_NOBODY: &str = "COMMUNE-UNROUTED";
/// The exchange of outcomes is missing, or is another one than ours.
pub const TOLD_NOWHERE: &str = "COMMUNE-EXCHANGE";
/// There is no connection to the broker that outcomes go to.
pub const TOLD_AWAY: &str = "COMMUNE-AWAY";
/// The broker that outcomes go to does not let us in.
pub const TOLD_REFUSED: &str = "COMMUNE-REFUSED";
/// Something other than news for a commune's system: a mistake of ours.
pub const TOLD_OTHER: &str = "COMMUNE-OTHER-HANDOFF";
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
/// The broker's queue or exchange is missing, or is another one than ours.
pub const BROKER_QUEUE: &str = "GATEWAY-BROKER-QUEUE";
/// The broker does not let us in.
pub const BROKER_REFUSED: &str = "GATEWAY-BROKER-REFUSED";
/// Too little room on the disk.
pub const DISK_FULL: &str = "GATEWAY-DISK-FULL";
/// The room on the disk cannot be told.
pub const DISK_UNKNOWN: &str = "GATEWAY-DISK-UNKNOWN";
/// Announced maintenance.
pub const MAINTENANCE: &str = "GATEWAY-MAINTENANCE";
/// A partner does not answer, and is left alone.
pub const PARTNER_AWAY: &str = "GATEWAY-PARTNER-AWAY";
/// Too much memory is in use.
pub const MEMORY: &str = "GATEWAY-MEMORY";
/// An operator's pause.
pub const PAUSED: &str = "GATEWAY-PAUSED";
/// The day's calls are used up.
pub const QUOTA_SPENT: &str = "GATEWAY-QUOTA-SPENT";
/// A part has not said anything yet.
pub const STARTING: &str = "GATEWAY-STARTING";
/// The journal cannot be written or read.
pub const STORE_FAILED: &str = "GATEWAY-STORE-FAILED";
/// Commits to the journal take too long.
pub const STORE_SLOW: &str = "GATEWAY-STORE-SLOW";

/// What each says to people.
pub const REASONS: &[ReasonText] = &[
    ReasonText {
        code: TOLD,
        vi: "RabbitMQ đã xác nhận kết quả báo cho phần mềm của xã.",
        en: "The broker confirmed the outcome for the commune's system.",
    },
    ReasonText {
        code: TOLD_UNCONFIRMED,
        vi: "Chưa rõ RabbitMQ đã nhận kết quả báo cho xã hay chưa; cổng kết nối gửi lại với cùng mã tin.",
        en: "The broker may have the outcome; the gateway sends it again under the same message id.",
    },
    ReasonText {
        code: TOLD_NACK,
        vi: "RabbitMQ từ chối nhận kết quả báo cho xã; cổng kết nối sẽ gửi lại.",
        en: "The broker refused the outcome; the gateway sends it again.",
    },
    ReasonText {
        code: TOLD_NOBODY,
        vi: "Chưa có hàng đợi nào của xã gắn với exchange kết quả nên tin bị trả lại; hãy gắn hàng đợi, cổng kết nối tự gửi lại.",
        en: "No queue of the commune is bound to the exchange of outcomes, so the message came back; bind one, and the gateway sends it again by itself.",
    },
    ReasonText {
        code: TOLD_NOWHERE,
        vi: "Exchange kết quả không có, hoặc được khai báo khác với cấu hình; cổng kết nối đang thử lại.",
        en: "The exchange of outcomes is missing, or was declared otherwise; the gateway keeps trying.",
    },
    ReasonText {
        code: TOLD_AWAY,
        vi: "Không kết nối được tới RabbitMQ nhận kết quả của xã; cổng kết nối đang thử lại.",
        en: "The broker that outcomes go to cannot be reached; the gateway keeps trying.",
    },
    ReasonText {
        code: TOLD_REFUSED,
        vi: "RabbitMQ nhận kết quả của xã từ chối tài khoản hoặc quyền của cổng kết nối. Hãy sửa mật khẩu hoặc quyền rồi chạy lệnh resume.",
        en: "The broker that outcomes go to refuses the gateway's user or rights. Correct the password or the rights, then resume.",
    },
    ReasonText {
        code: TOLD_OTHER,
        vi: "Việc này không phải tin báo cho xã: lỗi của cổng kết nối, hãy báo quản trị viên.",
        en: "This handoff is no news for a commune: a mistake of the gateway, tell the administrator.",
    },
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
        code: BROKER_QUEUE,
        vi: "Hàng đợi hoặc exchange tại RabbitMQ không có, hoặc được khai báo khác với cấu hình; cổng kết nối đang thử lại.",
        en: "The queue or exchange at RabbitMQ is missing, or was declared otherwise; the gateway keeps trying.",
    },
    ReasonText {
        code: BROKER_REFUSED,
        vi: "RabbitMQ từ chối tài khoản, quyền hoặc virtual host của cổng kết nối; cổng kết nối đang thử lại.",
        en: "RabbitMQ refuses the gateway's user, rights or virtual host; the gateway keeps trying.",
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
        code: MAINTENANCE,
        vi: "Đang trong thời gian bảo trì đã báo trước; hết giờ cổng kết nối tự gửi tiếp.",
        en: "Announced maintenance is under way; the gateway goes on by itself when it ends.",
    },
    ReasonText {
        code: PARTNER_AWAY,
        vi: "Đối tác không trả lời nên tạm ngừng gửi loại việc này; cổng kết nối tự thử lại và không tính vào số lần thử.",
        en: "The partner does not answer, so this operation is left alone; the gateway tries again by itself and counts no attempt.",
    },
    ReasonText {
        code: MEMORY,
        vi: "Cổng kết nối dùng quá nhiều bộ nhớ nên tạm ngừng nhận sự kiện; RabbitMQ đang giữ lại.",
        en: "The gateway uses too much memory, so intake has stopped; the broker keeps the backlog.",
    },
    ReasonText {
        code: PAUSED,
        vi: "Người vận hành đã tạm dừng. Dùng lệnh resume để gửi tiếp.",
        en: "An operator has paused it. The command resume lets it go on.",
    },
    ReasonText {
        code: QUOTA_SPENT,
        vi: "Tài khoản đã dùng hết số lượt gọi của ngày; cổng kết nối tự gửi tiếp vào ngày mai.",
        en: "The account's calls of the day are used up; the gateway goes on by itself tomorrow.",
    },
    ReasonText { code: STARTING, vi: "Đang khởi động.", en: "Starting." },
    ReasonText {
        code: STORE_FAILED,
        vi: "Không ghi hoặc đọc được cơ sở dữ liệu của cổng kết nối. Hãy kiểm tra đĩa và quyền truy cập tệp.",
        en: "The journal cannot be written or read. Check the disk and the file's permissions.",
    },
    ReasonText {
        code: STORE_SLOW,
        vi: "Ghi cơ sở dữ liệu quá chậm nên tạm ngừng nhận sự kiện; RabbitMQ đang giữ lại. Hãy kiểm tra đĩa.",
        en: "The journal takes too long to write, so intake has stopped; the broker keeps the backlog. Check the disk.",
    },
    ReasonText {
        code: "WATCH-UNCLAIMED",
        vi: "Việc đã đến hạn và tài khoản vẫn mở nhưng cổng kết nối không lấy ra gửi. Hãy khởi động lại và báo quản trị viên.",
        en: "A handoff is due and its account is open, yet the gateway does not take it up. Restart it and tell the administrator.",
    },
    ReasonText {
        code: "WATCH-UNCERTAIN",
        vi: "Đã lâu mà chưa rõ đối tác đã nhận hay chưa. Cổng kết nối vẫn đang tự tra cứu.",
        en: "It has not been known for long whether the partner has it. The gateway is still finding out.",
    },
    ReasonText {
        code: "WATCH-UNANSWERED",
        vi: "Đang chờ người xác nhận đối tác đã nhận hay chưa mà quá lâu chưa có ai trả lời. Hãy gọi đối tác rồi chốt.",
        en: "A person was asked whether the partner has it and has not answered for long. Phone the partner and settle it.",
    },
    ReasonText {
        code: "WATCH-HANDOFF-OLD",
        vi: "Có việc chưa kết thúc dù đã quá số giờ làm việc cho phép. Hãy xem việc cũ nhất đang chờ điều gì.",
        en: "A handoff has not ended within the working hours allowed. See what the oldest one waits for.",
    },
    ReasonText {
        code: "WATCH-DUE-SOON",
        vi: "Sắp đến hạn trả kết quả mà Cổng chưa nhận đủ thông tin của hồ sơ. Hãy xử lý trước hạn.",
        en: "The date promised to the citizen is near, and the portal has not been told all of the dossier. Act before it.",
    },
    ReasonText {
        code: "WATCH-DEAD-LETTERS",
        vi: "Có việc đã dừng hoặc đang giữ lại vì cùng một lý do. Hãy xem danh sách và xử lý nguyên nhân.",
        en: "Handoffs have stopped or are held for one reason. See the list and mend the cause.",
    },
    ReasonText {
        code: "WATCH-QUARANTINE",
        vi: "Có thông điệp bị cách ly vì cùng một lý do. Hãy báo đơn vị vận hành phần mềm một cửa.",
        en: "Messages were set aside for one reason. Tell whoever runs the one-stop system.",
    },
    ReasonText {
        code: "WATCH-GAP",
        vi: "Sự kiện phải chờ sự kiện trước đó đã quá hạn chờ mà vẫn chưa được xử lý. Hãy báo quản trị viên.",
        en: "Events behind a gap were not released when its time was over. Tell the administrator.",
    },
    ReasonText {
        code: "WATCH-FEED-UNREAD",
        vi: "Đang có đơn bưu chính nhưng đã lâu không đọc được hành trình. Hãy kiểm tra đường truyền tới bưu điện.",
        en: "Orders are under way and the tracking feed has not been read for long. Check the connection to the post.",
    },
    ReasonText {
        code: "WATCH-FEED-STUCK",
        vi: "Bưu điện vẫn trả lời nhưng không đọc tiếp được hành trình: vẫn trang cũ, dòng không đọc được, hoặc con trỏ bị từ chối.",
        en: "The tracking feed answers and does not move on: the same page, rows that cannot be read, or a refused cursor.",
    },
    ReasonText {
        code: "WATCH-FEED-SILENT",
        vi: "Đang có đơn bưu chính nhưng nhiều giờ làm việc liền không có tin hành trình mới. Hãy hỏi bưu điện.",
        en: "Orders are under way and the tracking feed has brought nothing for many working hours. Ask the post.",
    },
    ReasonText {
        code: "WATCH-SOURCE-SILENT",
        vi: "Nguồn này đã nhiều giờ làm việc không gửi sự kiện. Hãy hỏi đơn vị vận hành phần mềm một cửa.",
        en: "This source has sent no event for many working hours. Ask whoever runs the one-stop system.",
    },
    ReasonText {
        code: "WATCH-CALENDAR-ENDS",
        vi: "Lịch làm việc sắp hết năm đã khai báo. Hãy bổ sung ngày nghỉ và ngày làm bù của năm sau.",
        en: "The working calendar ends soon. Add the next year's days off and swapped days.",
    },
    ReasonText {
        code: "WATCH-RECONCILE-UNFINISHED",
        vi: "Lần đối chiếu ban đêm chưa xong dù giờ thấp điểm đã hết.",
        en: "The nightly comparison has not ended although its off-peak hours are over.",
    },
    ReasonText {
        code: "WATCH-RECONCILE-FOUND",
        vi: "Lần đối chiếu ban đêm thấy khác biệt mà chưa ai xử lý.",
        en: "The nightly comparison found differences that nobody has dealt with.",
    },
    ReasonText {
        code: "WATCH-WAYBILLS-LOW",
        vi: "Kho mã vận đơn của tài khoản sắp hết. Hãy xin bưu điện dải mã mới và nhập vào kho trước khi hết.",
        en: "The account's pool of waybills runs low. Ask the post for a new range and import it before it is empty.",
    },
    ReasonText {
        code: "WATCH-WAYBILLS-OUT",
        vi: "Kho mã vận đơn đã hết và có đơn đang chờ mã. Hãy xin bưu điện dải mã mới và nhập vào kho ngay.",
        en: "The pool of waybills is empty and orders wait for one. Ask the post for a new range and import it now.",
    },
];

/// The section of the runbook about a code.
pub fn page(code: &str) -> String {
    format!("docs/runbook.md#{}", code.to_lowercase())
}

/// What a code of the daemon says to people.
pub fn text(code: &str) -> Option<&'static ReasonText> {
    REASONS.iter().find(|reason| reason.code == code)
}

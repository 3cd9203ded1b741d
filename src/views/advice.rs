//! What a person can do about a group of dead letters, in one sentence: with the commands' words, and with the page's.

use serde::Serialize;
use utoipa::ToSchema;

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Advice {
    /// For whoever types commands.
    #[serde(skip)]
    pub command: &'static str,
    /// For whoever has the page before them.
    pub vi: &'static str,
    /// The same in English.
    pub en: &'static str,
}

/// The advice for handoffs of a kind that stopped for a class of reason; `field`: the reason names what to correct.
pub fn advice(kind: &str, class: &str, field: bool) -> Advice {
    match (class, kind) {
        ("uncertain", "post.order") => ASK_THE_POST,
        ("uncertain", _) => LOOK_AT_THE_PORTAL,
        ("planning" | "rejected", _) if field => CORRECT_THE_FIELD,
        ("planning", _) => COMPLETE_THE_TABLES,
        ("rejected", _) => SEE_WHAT_THEY_SAY,
        ("unavailable", _) => IS_THE_PARTNER_BACK,
        ("held", _) => SEND_THE_WHOLE_LIST,
        _gateway => SEE_THE_RUNBOOK,
    }
}

/// The advice for a handoff that failed and goes on by itself, or waits for something that is ahead of it.
pub fn of_waiting(behind: bool) -> Advice {
    if behind { SEE_WHAT_IS_AHEAD } else { NOTHING_TO_DO }
}

const NOTHING_TO_DO: Advice = Advice {
    command: "Không phải làm gì: cổng kết nối tự gửi lại theo lịch.",
    vi: "Không phải làm gì: cổng kết nối tự gửi lại theo lịch.",
    en: "Nothing: the gateway tries again by its schedule.",
};

const SEE_WHAT_IS_AHEAD: Advice = Advice {
    command: "Xem việc đứng trước bằng `lane show`; xử lý xong việc đó, hoặc tiếp tục làn, thì việc này tự đi.",
    vi: "Mở hồ sơ để xem việc đứng trước; xử lý xong việc đó, hoặc tiếp tục hồ sơ, thì việc này tự đi.",
    en: "Open the dossier to see what is ahead of it; once that is settled, or the dossier released, this goes by itself.",
};

const ASK_THE_POST: Advice = Advice {
    command: "Gọi bưu cục, nêu số đơn. Đã nhận: `dead-letters resolve`. Chưa nhận: `dead-letters replay --not-there`. Không đoán.",
    vi: "Gọi bưu cục, nêu mã khách hàng và số đơn. Đã nhận: bấm “Xác nhận đã nhận”. Chưa nhận: đánh dấu đã hỏi rồi gửi lại. Không đoán.",
    en: "Phone the post office with customer code and order number. There: “Confirm received”. Not there: tick that you asked, then send again. Never guess.",
};

const LOOK_AT_THE_PORTAL: Advice = Advice {
    command: "Xem trên trang của Cổng. Đã có: `dead-letters resolve`. Chưa có: `dead-letters replay --not-there`.",
    vi: "Xem trên trang của Cổng Dịch vụ công. Đã có: bấm “Xác nhận đã nhận”. Chưa có: đánh dấu đã xem rồi gửi lại.",
    en: "Look at the portal's own page. There: “Confirm received”. Not there: tick that you looked, then send again.",
};

const CORRECT_THE_FIELD: Advice = Advice {
    command: "Báo một cửa sửa trường được nêu: sự kiện tiếp theo của hồ sơ tự lập lại việc. Sửa bảng mã thì `replay --replan`.",
    vi: "Sửa trường được nêu: tại phần mềm một cửa (việc tự lập lại khi hồ sơ gửi lên lần sau), hoặc sửa ngay tại đây rồi gửi lại.",
    en: "Correct the field named: in the one-stop system (its next event plans this anew by itself), or here, and send it again.",
};

const COMPLETE_THE_TABLES: Advice = Advice {
    command: "Bổ sung bảng mã hoặc cấu hình, khởi động lại, rồi `dead-letters replay --replan`.",
    vi: "Quản trị viên bổ sung bảng mã hoặc cấu hình, khởi động lại, rồi bấm “Lập lại từ hồ sơ mới nhất”.",
    en: "The administrator completes tables or configuration and restarts; then “Plan anew from the newest dossier”.",
};

const SEE_WHAT_THEY_SAY: Advice = Advice {
    command: "Xem đối tác nói gì: `dead-letters show --personal`. Sửa nguyên nhân rồi `dead-letters replay --group`.",
    vi: "Xem đối tác trả lời gì, xử lý nguyên nhân, rồi gửi lại cả nhóm.",
    en: "See what the partner answered, mend the cause, then send the whole group again.",
};

const IS_THE_PARTNER_BACK: Advice = Advice {
    command: "Kiểm tra đối tác đã hoạt động lại chưa, rồi `dead-letters replay --group`.",
    vi: "Kiểm tra đối tác đã hoạt động lại chưa, rồi gửi lại cả nhóm.",
    en: "See whether the partner is back, then send the whole group again.",
};

const SEND_THE_WHOLE_LIST: Advice = Advice {
    command: "Một cửa gửi lại hồ sơ với danh sách đầy đủ; nếu đúng là phải xóa danh sách trên Cổng thì `dead-letters replay`.",
    vi: "Một cửa gửi lại hồ sơ với danh sách đầy đủ; nếu đúng là phải xóa danh sách trên Cổng thì bấm “Gửi lại”.",
    en: "The desk sends the dossier with its whole list; if the list at the portal is really to be emptied, send this again.",
};

const SEE_THE_RUNBOOK: Advice = Advice {
    command: "Xem `docs/runbook.md` theo mã lý do và báo quản trị viên.",
    vi: "Báo quản trị viên, kèm mã lý do: cách xử lý có trong sổ tay vận hành.",
    en: "Tell the administrator the reason code: the runbook says what to do.",
};

//! What a person can do about a group of dead letters, in one sentence.

/// The advice for handoffs of a kind that stopped for a class of reason; `field`: the reason names what to correct.
pub(super) fn advice(kind: &str, class: &str, field: bool) -> &'static str {
    match (class, kind) {
        ("uncertain", "post.order") => {
            "Gọi bưu cục, nêu số đơn. Đã nhận: `dead-letters resolve`. Chưa nhận: `dead-letters replay --not-there`. Không đoán."
        }
        ("uncertain", _) => {
            "Xem trên trang của Cổng. Đã có: `dead-letters resolve`. Chưa có: `dead-letters replay --not-there`."
        }
        ("planning" | "rejected", _) if field => {
            "Báo một cửa sửa trường được nêu: sự kiện tiếp theo của hồ sơ tự lập lại việc. Sửa bảng mã thì `replay --replan`."
        }
        ("planning", _) => {
            "Bổ sung bảng mã hoặc cấu hình, khởi động lại, rồi `dead-letters replay --replan`."
        }
        ("rejected", _) => {
            "Xem đối tác nói gì: `dead-letters show --personal`. Sửa nguyên nhân rồi `dead-letters replay --group`."
        }
        ("unavailable", _) => "Kiểm tra đối tác đã hoạt động lại chưa, rồi `dead-letters replay --group`.",
        ("held", _) => {
            "Một cửa gửi lại hồ sơ với danh sách đầy đủ; nếu đúng là phải xóa danh sách trên Cổng thì `dead-letters replay`."
        }
        _gateway => "Xem `docs/runbook.md` theo mã lý do và báo quản trị viên.",
    }
}

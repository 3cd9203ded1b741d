//! What an act came to, in words.

use crate::cli::Exit;
use crate::journal::command::{Acted, Refusal};

/// Exit, name for programs, and sentence.
pub(super) fn told(acted: &Acted) -> (Exit, &'static str, String) {
    match acted {
        Acted::Done => (Exit::Done, "done", "đã thực hiện".to_owned()),
        Acted::DueLate => (
            Exit::Done,
            "done-late",
            "đã thực hiện: Cổng đã có các dòng sau đó, nên dòng này được ghi thêm muộn, kèm một bản ghi mới nhất".to_owned(),
        ),
        Acted::Found => (Exit::Done, "found", "tra cứu thấy đối tác đã nhận: đã ghi nhận".to_owned()),
        Acted::Refused(refusal) => {
            let exit = if *refusal == Refusal::Unknown { Exit::NotFound } else { Exit::Refused };
            (exit, refusal.name(), sentence(refusal))
        }
    }
}

/// Why nothing was done.
pub(super) fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnknownField(field) => format!("nội dung không có trường {field}"),
        Refusal::KeyChanged(field) => {
            format!("không được sửa {field}: đó sẽ là một việc khác; phần mềm một cửa phải gửi sự kiện mới")
        }
        Refusal::Problem(code, field) => format!("nội dung chưa gửi được: {code} {field}"),
        Refusal::OtherParcel(number) => format!("số này thuộc về đơn khác: {number}"),
        Refusal::TaskRuns(task) => format!("nhóm này đang được gửi lại: đợt số {task}"),
        Refusal::WaybillInUse(order) => format!("mã này đã gắn với đơn {order}"),
        Refusal::WaybillOfOther(waybill, account) => {
            format!("mã {waybill} đã thuộc kho của tài khoản {account}")
        }
        Refusal::Unknown
        | Refusal::NotDead
        | Refusal::MayBeThere
        | Refusal::Erased
        | Refusal::NoAccount
        | Refusal::NewerRecord
        | Refusal::NewerStatus
        | Refusal::LateSupplement
        | Refusal::OtherOrder
        | Refusal::UnderWay
        | Refusal::NotDismissed
        | Refusal::LaterWork
        | Refusal::NotHead
        | Refusal::NoSnapshot
        | Refusal::PatchDoesNotFit
        | Refusal::ChangedMeanwhile
        | Refusal::Absent
        | Refusal::Differs => fixed(refusal).to_owned(),
    }
}

fn fixed(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Unknown => "không có trong sổ, hoặc đã xong",
        Refusal::NotDead => "việc này không ở trạng thái đã dừng",
        Refusal::MayBeThere => {
            "đối tác có thể đã nhận: hãy hỏi đối tác; chưa nhận thì thêm --not-there, đã nhận thì dùng resolve"
        }
        Refusal::Erased => "nội dung đã xóa: phần mềm một cửa phải gửi lại hồ sơ",
        Refusal::NoAccount => {
            "tài khoản của việc này không có trong cấu hình: hãy khai báo lại tài khoản, hoặc chờ sự kiện mới của hồ sơ"
        }
        Refusal::NewerRecord => {
            "Cổng đã nhận bản ghi mới hơn: gửi bản ghi cũ sẽ làm hồ sơ lùi lại; hãy bỏ qua việc này (dismiss)"
        }
        Refusal::NewerStatus => {
            "Cổng đã nhận trạng thái mới hơn của hồ sơ này: gửi trạng thái cũ sẽ làm hồ sơ lùi lại; hãy bỏ qua việc này (dismiss)"
        }
        Refusal::LateSupplement => {
            "dòng 5 đến sau các dòng khác sẽ làm hồ sơ bị tính quá hạn: xem trên Cổng, rồi bỏ qua (dismiss)"
        }
        Refusal::OtherOrder => "chặng này đã có đơn khác: gửi lại sẽ thành hai bưu gửi; hãy bỏ qua (dismiss)",
        Refusal::UnderWay => "đang gửi: hãy chờ kết quả của lần gửi này",
        Refusal::NotDismissed => "việc này không phải là việc đã bỏ qua",
        Refusal::LaterWork => "đã có việc sau dựa vào kết quả này nên không mở lại được",
        Refusal::NotHead => "việc này đang chờ việc phía trước: xem `lane show`, và bỏ qua việc đứng đầu",
        Refusal::NoSnapshot => "không còn thông tin hồ sơ để lập lại: phần mềm một cửa phải gửi lại hồ sơ",
        Refusal::PatchDoesNotFit => "tệp sửa không khớp với nội dung (JSON merge patch hoặc JSON Patch)",
        Refusal::ChangedMeanwhile => "nội dung đã thay đổi sau khi hiển thị: hãy xem lại",
        Refusal::Absent => {
            "đối tác trả lời là không có: hãy kiểm tra lại; nếu vẫn chắc chắn, thêm --unchecked và --reason"
        }
        Refusal::Differs => {
            "đối tác đang giữ một bản khác dưới cùng mã: hãy đối chiếu; nếu vẫn chắc chắn, thêm --unchecked và --reason"
        }
        Refusal::UnknownField(_)
        | Refusal::KeyChanged(_)
        | Refusal::Problem(..)
        | Refusal::OtherParcel(_)
        | Refusal::TaskRuns(_)
        | Refusal::WaybillInUse(_)
        | Refusal::WaybillOfOther(..) => "bị từ chối",
    }
}

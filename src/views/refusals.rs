//! What an operator's act came to, in words.

use crate::journal::command::{Acted, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// What an act came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Told {
    /// Name for programs: `done`, `done-late`, `found`, or why nothing was done.
    pub result: &'static str,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// Tells it to whoever has the page before them, or a program.
pub fn told(acted: &Acted) -> Told {
    match acted {
        Acted::Refused(refusal) => refused(refusal),
        Acted::Done | Acted::DueLate | Acted::Found => {
            let (result, vi, en) = good(acted);
            Told { result, vi: vi.to_owned(), en: en.to_owned() }
        }
    }
}

/// Why nothing was done, and what to do on the page.
pub fn refused(refusal: &Refusal) -> Told {
    let result = refusal.name();
    match named(refusal) {
        Some((vi, en)) => Told { result, vi, en },
        None => {
            let words = words(refusal);
            let join = |why: &str, hint: &str| format!("{why}{hint}");
            Told { result, vi: join(words.vi, words.hint_vi), en: join(words.en, words.hint_en) }
        }
    }
}

/// The same for whoever types commands: name for programs, and sentence.
pub(crate) fn told_in_commands(acted: &Acted) -> (&'static str, String) {
    match acted {
        Acted::Refused(refusal) => (refusal.name(), sentence(refusal)),
        Acted::Done | Acted::DueLate | Acted::Found => {
            let (result, vi, _en) = good(acted);
            (result, vi.to_owned())
        }
    }
}

/// Why nothing was done, and which switch or command would.
pub(crate) fn sentence(refusal: &Refusal) -> String {
    let named = named(refusal).map(|(vi, _en)| vi);
    named.unwrap_or_else(|| {
        let words = words(refusal);
        format!("{}{}", words.vi, words.command)
    })
}

fn good(acted: &Acted) -> (&'static str, &'static str, &'static str) {
    match acted {
        Acted::Done | Acted::Refused(_) => ("done", "đã thực hiện", "done"),
        Acted::DueLate => (
            "done-late",
            "đã thực hiện: Cổng đã có các dòng sau đó, nên dòng này được ghi thêm muộn, kèm một bản ghi mới nhất",
            "done: the portal has later rows, so this one is added late, with a fresh record",
        ),
        Acted::Found => (
            "found",
            "tra cứu thấy đối tác đã nhận: đã ghi nhận",
            "the partner was asked and has it: it was taken as received",
        ),
    }
}

/// Vietnamese and English of a refusal that names something.
fn named(refusal: &Refusal) -> Option<(String, String)> {
    Some(match refusal {
        Refusal::UnknownField(field) => {
            (format!("nội dung không có trường {field}"), format!("the content has no field {field}"))
        }
        Refusal::KeyChanged(field) => (
            format!("không được sửa {field}: đó sẽ là một việc khác; phần mềm một cửa phải gửi sự kiện mới"),
            format!("{field} cannot be edited: it would be another handoff; the desk must send a new event"),
        ),
        Refusal::Problem(code, field) => (
            format!("nội dung chưa gửi được: {code} {field}"),
            format!("this cannot be sent yet: {code} {field}"),
        ),
        Refusal::OtherParcel(number) => (
            format!("số này thuộc về đơn khác: {number}"),
            format!("the number is another order's: {number}"),
        ),
        Refusal::TaskRuns(task) => (
            format!("nhóm này đang được gửi lại: đợt số {task}"),
            format!("the group is being sent again already: bulk replay {task}"),
        ),
        Refusal::WaybillInUse(order) => {
            (format!("mã này đã gắn với đơn {order}"), format!("the waybill is bound to order {order}"))
        }
        Refusal::WaybillOfOther(waybill, account) => (
            format!("mã {waybill} đã thuộc kho của tài khoản {account}"),
            format!("waybill {waybill} is in the pool of account {account}"),
        ),
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
        | Refusal::Differs => return None,
    })
}

/// The words of a refusal that names nothing.
struct Words {
    vi: &'static str,
    en: &'static str,
    /// What follows it where commands are typed.
    command: &'static str,
    /// What follows it on the page.
    hint_vi: &'static str,
    /// The same in English.
    hint_en: &'static str,
}

const fn plain(vi: &'static str, en: &'static str) -> Words {
    Words { vi, en, command: "", hint_vi: "", hint_en: "" }
}

/// Ends in dismissing it.
const fn to_dismiss(vi: &'static str, en: &'static str) -> Words {
    Words { command: " (dismiss)", ..plain(vi, en) }
}

/// The partner was asked, and a person may know better.
const fn unless_sure(vi: &'static str, en: &'static str) -> Words {
    Words {
        command: "; nếu vẫn chắc chắn, thêm --unchecked và --reason",
        hint_vi: "; nếu vẫn chắc chắn, đánh dấu “Vẫn xác nhận” và ghi lý do",
        hint_en: "; if you are sure all the same, tick “Confirm all the same” and say why",
        ..plain(vi, en)
    }
}

fn words(refusal: &Refusal) -> Words {
    match refusal {
        Refusal::Unknown => plain("không có trong sổ, hoặc đã xong", "not in the journal, or over"),
        Refusal::NotDead => plain("việc này không ở trạng thái đã dừng", "this handoff is not a dead letter"),
        Refusal::MayBeThere => MAY_BE_THERE,
        Refusal::Erased => plain(
            "nội dung đã xóa: phần mềm một cửa phải gửi lại hồ sơ",
            "the content was erased: the one-stop system must send the dossier again",
        ),
        Refusal::NoAccount => NO_ACCOUNT,
        Refusal::NewerRecord => NEWER_RECORD,
        Refusal::NewerStatus => NEWER_STATUS,
        Refusal::LateSupplement => LATE_SUPPLEMENT,
        Refusal::OtherOrder => OTHER_ORDER,
        Refusal::UnderWay => {
            plain("đang gửi: hãy chờ kết quả của lần gửi này", "under way: wait for the end of this attempt")
        }
        Refusal::NotDismissed => plain("việc này không phải là việc đã bỏ qua", "this was not dismissed"),
        Refusal::LaterWork => plain(
            "đã có việc sau dựa vào kết quả này nên không mở lại được",
            "later work rests on its end, so it cannot be reopened",
        ),
        Refusal::NotHead => NOT_HEAD,
        Refusal::NoSnapshot => plain(
            "không còn thông tin hồ sơ để lập lại: phần mềm một cửa phải gửi lại hồ sơ",
            "no snapshot is left to plan from: the one-stop system must send the dossier again",
        ),
        Refusal::PatchDoesNotFit => PATCH_DOES_NOT_FIT,
        Refusal::ChangedMeanwhile => plain(
            "nội dung đã thay đổi sau khi hiển thị: hãy xem lại",
            "the content has changed since it was shown: look again",
        ),
        Refusal::Absent => unless_sure(
            "đối tác trả lời là không có: hãy kiểm tra lại",
            "the partner says that it is not there: check",
        ),
        Refusal::Differs => unless_sure(
            "đối tác đang giữ một bản khác dưới cùng mã: hãy đối chiếu",
            "the partner holds something else under the same number: compare",
        ),
        Refusal::UnknownField(_)
        | Refusal::KeyChanged(_)
        | Refusal::Problem(..)
        | Refusal::OtherParcel(_)
        | Refusal::TaskRuns(_)
        | Refusal::WaybillInUse(_)
        | Refusal::WaybillOfOther(..) => plain("bị từ chối", "refused"),
    }
}

const MAY_BE_THERE: Words = Words {
    vi: "đối tác có thể đã nhận: hãy hỏi đối tác",
    en: "the partner may have it: ask them",
    command: "; chưa nhận thì thêm --not-there, đã nhận thì dùng resolve",
    hint_vi: "; chưa nhận thì đánh dấu đã hỏi rồi gửi lại, đã nhận thì bấm “Xác nhận đã nhận”",
    hint_en: "; not there: tick that you asked and send again; there: “Confirm received”",
};

const NO_ACCOUNT: Words = plain(
    "tài khoản của việc này không có trong cấu hình: hãy khai báo lại tài khoản, hoặc chờ sự kiện mới của hồ sơ",
    "its account is not configured: configure it again, or wait for the dossier's next event",
);

const NEWER_RECORD: Words = to_dismiss(
    "Cổng đã nhận bản ghi mới hơn: gửi bản ghi cũ sẽ làm hồ sơ lùi lại; hãy bỏ qua việc này",
    "the portal has a newer record: the old one would turn the dossier back; dismiss this",
);

const NEWER_STATUS: Words = to_dismiss(
    "Cổng đã nhận trạng thái mới hơn của hồ sơ này: gửi trạng thái cũ sẽ làm hồ sơ lùi lại; hãy bỏ qua việc này",
    "the portal has a newer status of this dossier: the old one would turn it back; dismiss this",
);

const LATE_SUPPLEMENT: Words = to_dismiss(
    "dòng 5 đến sau các dòng khác sẽ làm hồ sơ bị tính quá hạn: xem trên Cổng, rồi bỏ qua",
    "a row 5 behind later rows would make the dossier late: look at the portal, then dismiss this",
);

const OTHER_ORDER: Words = to_dismiss(
    "chặng này đã có đơn khác: gửi lại sẽ thành hai bưu gửi; hãy bỏ qua",
    "another order serves this leg: there would be two parcels; dismiss this",
);

const NOT_HEAD: Words = Words {
    command: ": xem `lane show`, và bỏ qua việc đứng đầu",
    hint_vi: ": hãy bỏ qua việc đứng đầu",
    hint_en: ": dismiss the one at its head",
    ..plain("việc này đang chờ việc phía trước", "this waits for what is ahead of it")
};

const PATCH_DOES_NOT_FIT: Words = plain(
    "tệp sửa không khớp với nội dung (JSON merge patch hoặc JSON Patch)",
    "the patch does not fit the content (JSON merge patch or JSON Patch)",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_of_switches_and_the_page_of_its_own_words() {
        fn check(refusal: &Refusal, command: &str, page: &str) {
            assert_eq!(sentence(refusal), command);
            assert_eq!(refused(refusal).vi, page);
        }
        check(
            &Refusal::MayBeThere,
            "đối tác có thể đã nhận: hãy hỏi đối tác; chưa nhận thì thêm --not-there, đã nhận thì dùng resolve",
            "đối tác có thể đã nhận: hãy hỏi đối tác; chưa nhận thì đánh dấu đã hỏi rồi gửi lại, đã nhận thì bấm “Xác nhận đã nhận”",
        );
        check(
            &Refusal::OtherOrder,
            "chặng này đã có đơn khác: gửi lại sẽ thành hai bưu gửi; hãy bỏ qua (dismiss)",
            "chặng này đã có đơn khác: gửi lại sẽ thành hai bưu gửi; hãy bỏ qua",
        );
        let runs = Refusal::TaskRuns(3);
        check(&runs, "nhóm này đang được gửi lại: đợt số 3", "nhóm này đang được gửi lại: đợt số 3");
        assert_eq!(told(&Acted::Refused(runs)).result, "task-runs");
    }
}

//! Reads a trace of system calls: what was written, what was synced, and what was sent, each with its begin and end.

use std::collections::BTreeMap;

/// One system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// Path of the file, or the addresses of the socket.
    pub(super) file: String,
    /// Bytes handed over, of all its buffers.
    pub(super) bytes: Vec<u8>,
    /// Line at which it began.
    pub(super) begin: usize,
    /// Line at which it had ended.
    pub(super) end: usize,
    /// What it gave back; negative for an error.
    pub(super) result: i64,
}

/// Reads all calls that ended, in the order in which they began.
pub(super) fn read(trace: &str) -> Vec<Call> {
    let mut open: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut calls = Vec::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, text)) = line.split_once(char::is_whitespace) else { continue };
        let text = text.trim_start();
        if let Some(begun) = text.strip_suffix("<unfinished ...>") {
            open.insert(thread, (number, begun.to_owned()));
        } else if text.starts_with("<... ") {
            let Some((begin, begun)) = open.remove(thread) else { continue };
            let rest = text.split_once("resumed>").map_or("", |(_, rest)| rest);
            calls.extend(call(&format!("{begun}{rest}"), begin, number));
        } else {
            calls.extend(call(text, number, number));
        }
    }
    calls.sort_by_key(|call| call.begin);
    calls
}

/// `name(descriptor<file>, "bytes", …) = result`; nothing for other lines.
fn call(text: &str, begin: usize, end: usize) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let result = result.split_whitespace().next()?.parse().ok()?;
    let (_, after) = arguments.split_once('<')?;
    // Addresses hold an arrow, and the bytes come after a comma.
    let file = after.split(">, ").next()?.trim_end_matches([' ', ')', '>']);
    let bytes = arguments.split('"').skip(1).step_by(2).flat_map(unescape).collect();
    let file = String::from_utf8_lossy(&unescape(file)).into_owned();
    Some(Call { name: name.to_owned(), file, bytes, begin, end, result })
}

/// Every byte stands as `\x41`; what else there is (addresses) stands as it is.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match rest {
            [b'\\', b'x', high, low, after @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0));
                rest = after;
            }
            _other => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// An acknowledgement that left for the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ack {
    /// Delivery tag.
    pub(super) tag: u64,
    /// Whether it covers all lower tags.
    pub(super) multiple: bool,
    /// Line at which the call began that carried its first byte.
    pub(super) at: usize,
}

/// The acknowledgements in what was sent over the connection that speaks AMQP 0-9-1.
///
/// # Panics
/// When the stream is no AMQP, or when there is more than one such connection: then tags would be ambiguous.
pub(super) fn acks(calls: &[Call]) -> Vec<Ack> {
    let mut streams: BTreeMap<&str, Vec<(usize, u8)>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.file.starts_with("TCP") && call.result > 0) {
        let sent = call.bytes.iter().take(usize::try_from(call.result).unwrap_or(0));
        streams.entry(&call.file).or_default().extend(sent.map(|byte| (call.begin, *byte)));
    }
    let greeting = b"AMQP\x00\x00\x09\x01";
    streams.retain(|_, stream| stream.iter().take(8).map(|(_, byte)| *byte).eq(greeting.iter().copied()));
    assert_eq!(streams.len(), 1, "connections that speak AMQP: {:?}", streams.keys());
    let stream = streams.into_values().next().unwrap_or_default();
    let mut acks = Vec::new();
    let mut rest = stream.get(greeting.len()..).unwrap_or_default();
    while let Some((frame, after)) = frame(rest) {
        acks.extend(ack(frame));
        rest = after;
    }
    acks
}

type Sent = [(usize, u8)];

/// The next frame: type, channel, size, payload, end mark. `None` at the end of the stream.
fn frame(stream: &Sent) -> Option<(&Sent, &Sent)> {
    let size = stream.get(3..7)?.iter().fold(0_usize, |size, (_, byte)| size * 256 + usize::from(*byte));
    let (frame, after) = stream.split_at_checked(7 + size + 1)?;
    assert_eq!(frame.last().map(|(_, byte)| *byte), Some(0xCE), "not a frame of AMQP");
    Some((frame, after))
}

/// `basic.ack`: method frame, class 60, method 80, delivery tag, bit *multiple*.
fn ack(frame: &Sent) -> Option<Ack> {
    let bytes: Vec<u8> = frame.iter().map(|(_, byte)| *byte).collect();
    match bytes.as_slice() {
        [1, _, _, 0, 0, 0, 13, 0, 60, 0, 80, tag @ .., bits, 0xCE] => {
            let tag = tag.iter().fold(0, |tag, byte| tag * 256 + u64::from(*byte));
            Some(Ack { tag, multiple: bits & 1 == 1, at: frame.first()?.0 })
        }
        _other => None,
    }
}

/// A message of which the host told when it launched the kernel.
enum LaunchedMessage {
    /// A call that describes the message.
    case call(Collective)
    /// A range whose name describes the message.
    case range(MessageRange)

    /// Whether the message is a call.
    var isCall: Bool { if case .call = self { true } else { false } }

    /// Whether the message is sent.
    var isSend: Bool {
        switch self {
        case .call(let message): message.isSend
        case .range(let message): message.isSend
        }
    }

    /// The number that the range gives its own rank in the process group; nil if it gives none.
    var own: Int? { if case .range(let message) = self { message.own } else { nil } }

    /// The size in bytes; -1 if it is not known.
    var bytes: Int64 { if case .call(let message) = self { message.bytes ?? -1 } else { -1 } }
}

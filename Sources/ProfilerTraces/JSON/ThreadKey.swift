/// A thread of a process.
struct ThreadKey: Hashable {
    var process: Int64
    var thread: Int64
}

extension ThreadKey {
    /// The thread of an event.
    @inline(__always) init(_ fields: borrowing EventFields) {
        self.init(process: fields.process, thread: fields.thread)
    }
}

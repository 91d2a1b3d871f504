/// A thread of a process.
struct ThreadKey: Hashable {
    var process: Int64
    var thread: Int64

    init(process: Int64, thread: Int64) {
        self.process = process
        self.thread = thread
    }

    /// The thread of an event.
    @inline(__always)
    init(_ fields: UnsafePointer<EventFields>) {
        process = fields.pointee.process
        thread = fields.pointee.thread
    }
}

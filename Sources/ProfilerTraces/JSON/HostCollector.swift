/// Collects the host's calls that launch work on the device, and the ranges that the program marked.
struct HostCollector {
    private(set) var launches: [KernelLaunch] = []
    private(set) var annotations: [TraceAnnotation] = []
    private(set) var messages: [MessageCall] = []
    private var threads = ThreadTable()
    private var callNames = NameTable()
    /// For each name of a call, whether the call launches work.
    private var isLaunch: [Bool] = []
    private var lastIsLaunch = false
    private var annotationNames = NameTable()
    private var annotationTexts: [String] = []

    /// Whether a runtime call of this name launches work on the device.
    @inline(__always) mutating func startsWork(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if callNames.isLast(name) { return lastIsLaunch }
        let (index, isNew) = callNames.index(of: name)
        if isNew {
            let text = KernelName(callNames.text(index))
            isLaunch.append(["Launch", "emcpy", "emset"].contains { text.contains($0) })
        }
        lastIsLaunch = isLaunch[Int(index)]
        return lastIsLaunch
    }

    mutating func addCall(_ fields: UnsafePointer<EventFields>) {
        guard let start = fields.pointee.time, let correlation = fields.pointee.correlation, start.magnitude < 1 << 61,
            startsWork(fields.pointee.name)
        else { return }
        launches.append(
            KernelLaunch(
                start: start, duration: UInt32(clamping: fields.pointee.duration ?? 0),
                correlation: UInt32(truncatingIfNeeded: correlation), thread: thread(fields)))
    }

    mutating func addAnnotation(_ fields: UnsafePointer<EventFields>) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, duration >= 0,
            start.magnitude < 1 << 61, duration < 1 << 60
        else { return }
        let (name, isNew) = annotationNames.index(of: fields.pointee.name)
        if isNew { annotationTexts.append(annotationNames.text(name)) }
        annotations.append(
            TraceAnnotation(name: annotationTexts[Int(name)], start: start, duration: duration, thread: thread(fields)))
    }

    /// Adds an operator that names a message to or from another rank.
    mutating func addMessage(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, duration >= 0,
            start.magnitude < 1 << 61, duration < 1 << 60, let arguments = fields.pointee.arguments, let end,
            let message = Collective(arguments: arguments, end), message.isSend || message.isReceive
        else { return }
        messages.append(MessageCall(message: message, interval: start..<start + duration, thread: thread(fields)))
    }

    @inline(__always) private mutating func thread(_ fields: UnsafePointer<EventFields>) -> Int32 {
        threads.index(of: ThreadKey(fields.pointee))
    }
}

/// Collects the host's calls that launch work on the device, and the ranges that the program marked.
struct HostCollector {
    private(set) var launches: [KernelLaunch] = []
    private(set) var annotations: [TraceAnnotation] = []
    private(set) var messages: [MessageCall] = []
    /// The launches of graphs, by process and correlation number.
    private(set) var graphLaunches: [Int64: Set<UInt32>] = [:]
    /// The threads of launches and annotations, by index.
    private(set) var threads = KeyTable<ThreadKey>()
    /// The texts of the processes that are not numbers.
    private(set) var processNames: [Int64: String] = [:]
    private var callNames = NameTable()
    /// For each name of a call, the kind of the call.
    private var kindOfName: [Kind] = []
    private var lastKind = Kind.other
    private var annotationNames = NameTable()
    private var annotationTexts: [String] = []

    /// The size of all distinct names.
    var nameBytes: Int { callNames.byteCount + annotationNames.byteCount }

    /// The kinds of runtime calls.
    private enum Kind {
        /// The call launches work on the device.
        case launch
        /// The call launches a graph of work.
        case graph
        case other
    }

    /// Whether a runtime call of this name launches work on the device.
    @inline(__always) mutating func startsWork(_ name: UnsafeBufferPointer<UInt8>) -> Bool { kind(name) != .other }

    @inline(__always) private mutating func kind(_ name: UnsafeBufferPointer<UInt8>) -> Kind {
        if callNames.isLast(name) { return lastKind }
        let (index, isNew) = callNames.index(of: name)
        if isNew {
            let text = KernelName(callNames.text(index))
            kindOfName.append(
                text.contains("GraphLaunch")
                    ? .graph : ["Launch", "emcpy", "emset"].contains { text.contains($0) } ? .launch : .other)
        }
        lastKind = kindOfName[Int(index)]
        return lastKind
    }

    /// Keeps the text of a call's process, if that is not a number.
    mutating func addProcessName(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?) {
        guard fields.pointee.processText != nil, processNames[fields.pointee.process] == nil else { return }
        processNames[fields.pointee.process] = fields.pointee.processName(end)
    }

    /// Adds a call of CUDA's runtime or driver, if it launches work.
    mutating func addCall(_ fields: UnsafePointer<EventFields>) {
        let kind = kind(fields.pointee.name)
        if kind != .other { addLaunch(fields, kind) }
    }

    /// Adds a call of another runtime. Its calls have many names, so each with a correlation number may launch work.
    mutating func addForeignCall(_ fields: UnsafePointer<EventFields>) { addLaunch(fields, kind(fields.pointee.name)) }

    private mutating func addLaunch(_ fields: UnsafePointer<EventFields>, _ kind: Kind) {
        guard let start = fields.pointee.time, let correlation = fields.pointee.correlation, start.magnitude < 1 << 61
        else { return }
        let number = UInt32(truncatingIfNeeded: correlation)
        if kind == .graph { graphLaunches[fields.pointee.process, default: []].insert(number) }
        launches.append(
            KernelLaunch(
                start: start, duration: UInt32(clamping: fields.pointee.duration ?? 0), correlation: number,
                thread: thread(fields)))
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

import CLibTorch

/// The steps of the streams of one or several threads, in the order in which the threads issued them.
package struct StreamTrace: Sendable {
    /// The kinds of steps.
    package enum Kind: Int32, Sendable {
        /// The stream records an event.
        case record = 0
        /// The stream waits for an event.
        case wait = 1
        /// The host waits for an event.
        case synchronize = 2
        /// The stream reads a block of memory.
        case read = 3
        /// The stream writes a block.
        case write = 4
        /// A block is allocated from the memory of the stream.
        case allocate = 5
        /// The memory of a block returns to the stream.
        case free = 6
        /// A block is not reused before the stream has done the work that it has when the block is freed.
        case keep = 7
    }

    /// A step of a stream.
    package struct Step: Sendable {
        package let kind: Kind
        /// The number of the thread that issued the step.
        package let thread: Int
        /// The number of the stream. 0 is the first stream of every thread.
        package let stream: Int
        /// The number of an event, or of a block of memory.
        package let object: Int
        /// The operation that reads or writes; empty for events.
        package let name: String

        package init(_ kind: Kind, thread: Int = 0, stream: Int, _ object: Int, _ name: String = "") {
            self.kind = kind
            self.thread = thread
            self.stream = stream
            self.object = object
            self.name = name
        }
    }

    package var steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    /// Runs `body` and returns its result with the steps of the thread's streams. Blocks of memory are known if they are
    /// allocated after ``TensorMemory/startCounting()``.
    package static func recording<Result>(_ body: () throws -> Result) throws -> (result: Result, trace: StreamTrace) {
        let recording = try StreamRecording()
        let result = try recording.adding(body)
        return (result, try recording.trace())
    }
}

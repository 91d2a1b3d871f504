import LibTorch
import PipelineRuntime
import Testing

@Suite("Stream checker") struct StreamCheckerTests {
    private typealias Step = StreamTrace.Step

    private func hazards(_ steps: Step...) -> [String] {
        StreamChecker.hazards(in: StreamTrace(steps)).map(\.description)
    }

    @Test("A read on another stream needs an event after the write") func readAfterWrite() {
        let write = Step(.write, stream: 0, 7, "mm")
        let (record, wait) = (Step(.record, stream: 0, 1), Step(.wait, stream: 1, 1))
        let read = Step(.read, stream: 1, 7, "send")
        #expect(hazards(write, record, wait, read) == [])
        #expect(hazards(write, read) == ["stream 1 does 'send' without waiting for 'mm' of stream 0"])
        #expect(hazards(write, record, read, wait).count == 1)
        #expect(hazards(record, write, wait, read).count == 1, "the event precedes the write")
        #expect(hazards(write, Step(.read, stream: 0, 7)) == [])
        #expect(hazards(write, Step(.read, stream: 1, 8)) == [])
    }

    @Test("A write needs events after all reads; reads need none between them") func writeAfterRead() {
        let reads = [Step(.read, stream: 0, 7, "a"), Step(.read, stream: 1, 7, "b")]
        #expect(StreamChecker.hazards(in: StreamTrace(reads)) == [])
        let write = Step(.write, stream: 0, 7, "c")
        #expect(hazards(reads[0], reads[1], write) == ["stream 0 does 'c' without waiting for 'b' of stream 1"])
        #expect(hazards(reads[0], reads[1], Step(.record, stream: 1, 1), Step(.wait, stream: 0, 1), write) == [])
    }

    @Test("Events order streams through a third one, and through the host") func transitive() {
        let write = Step(.write, stream: 0, 7)
        let read = Step(.read, stream: 2, 7)
        #expect(
            hazards(
                write, Step(.record, stream: 0, 1), Step(.wait, stream: 1, 1), Step(.record, stream: 1, 2),
                Step(.wait, stream: 2, 2), read) == [])
        #expect(hazards(write, Step(.record, stream: 0, 1), Step(.synchronize, stream: 0, 1), read) == [])
        #expect(
            hazards(write, Step(.record, stream: 0, 1), read, Step(.synchronize, stream: 0, 1)).count == 1)
    }

    @Test("Memory belongs to the stream of its allocation before its first and after its last use") func memory() {
        let allocate = Step(.allocate, stream: 0, 7, "allocation")
        let (record, wait) = (Step(.record, stream: 0, 1), Step(.wait, stream: 1, 1))
        let write = Step(.write, stream: 1, 7, "receive")
        let free = Step(.free, stream: 0, 7, "release")
        #expect(
            hazards(record, wait, allocate, write)
                == ["stream 1 does 'receive' without waiting for 'allocation' of stream 0"])
        #expect(
            hazards(allocate, record, wait, write, free)
                == ["stream 0 does 'release' without waiting for 'receive' of stream 1"])
        let (done, waited) = (Step(.record, stream: 1, 2), Step(.wait, stream: 0, 2))
        #expect(hazards(allocate, record, wait, write, done, waited, free) == [])
        // The allocator waits for the stream that keeps the memory.
        #expect(hazards(allocate, record, wait, write, Step(.keep, stream: 1, 7), free) == [])
        #expect(hazards(allocate, record, wait, write, Step(.keep, stream: 2, 7), free).count == 1)
        #expect(
            hazards(
                allocate, record, wait, write, done, Step(.wait, stream: 2, 2), Step(.keep, stream: 2, 7), free) == [])
    }

    @Test("A thread's operators, streams, events and memory are recorded in order") func recording() throws {
        try TensorMemory.startCounting()
        let other = try Stream()
        func trace(waits: Bool) throws -> StreamTrace {
            try StreamTrace.recording {
                let sum = try Tensor.full([4], .float64, 1).adding(Tensor.full([4], .float64, 2))
                let event = try Event.record()
                let product = try other.perform(after: waits ? event : nil) { try sum.times(sum) }
                try product.keep(for: .current)
                if waits { try sum.keep(for: other) }
                _ = try product.narrowed(0, 0..<2)
            }.trace
        }
        #expect(try StreamChecker.hazards(in: trace(waits: true)) == [])
        let found = try StreamChecker.hazards(in: trace(waits: false)).map(\.description)
        #expect(found.contains { $0.contains("'aten::mul' without waiting for 'aten::add' of stream 0") }, "\(found)")
        #expect(found.contains { $0.contains("stream 0 does 'release'") }, "\(found)")
    }
}

import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Messages whose kernels name no peer") struct MessageTests {
    private static let sendReceive = "ncclDevKernel_SendRecv(ncclDevComm*, unsigned long, ncclWork*)"

    /// Two ranks of which the first computes for 200 µs, sends, computes and sends again. `host` adds the host's
    /// ranges around or before a launch.
    private func ranks(
        _ numbers: [Int] = [0, 1], host: (_ events: inout KinetoEvents, _ isSend: Bool, _ launch: Int) -> Void
    ) throws -> [RankTrace] {
        var first = KinetoEvents(rank: numbers[0])
        for start in [1000, 1300] {
            first.launched("gemm", at: start - 5, start, 200, stream: 7)
            host(&first, true, start + 192)
            first.launched(Self.sendReceive, at: start + 192, start + 200, 20)
        }
        var second = KinetoEvents(rank: numbers[1])
        for (launch, start, end) in [(902, 1000, 1220), (1202, 1420, 1520)] {
            host(&second, false, launch)
            second.launched(Self.sendReceive, at: launch, start, end - start)
            second.launched("gemm", at: end - 5, end, 200, stream: 7)
        }
        return [try first.trace(), try second.trace()]
    }

    @Test("A range that sends or receives around the launch tells direction and peer", arguments: [[0, 1], [4, 9]])
    func launchingRanges(_ numbers: [Int]) throws {
        // The ranges count from 0 in their process group, whatever the ranks are.
        let run = RunAnalysis(
            try ranks(numbers) { events, isSend, launch in
                events.event("user_annotation", isSend ? "nccl:send 0->1" : "nccl:recv 1<-0", launch - 2, 8)
            })
        let pipeline = try #require(run.pipeline)
        #expect(pipeline.source == .messages && pipeline.window == 1_000_000..<1_720_000)
        #expect(pipeline.ranks.map(\.total.waiting) == [220_000, 280_000])
        #expect(pipeline.ranks.map(\.total.transfer) == [20_000, 40_000])
        #expect(run.notes.isEmpty && run.collectives.isEmpty)
    }

    @Test("A batch has the messages of the calls before its launch") func batches() throws {
        let run = RunAnalysis(
            try ranks { events, isSend, launch in
                // All other operators are dropped while the file is read.
                events.event("cpu_op", "aten::empty", launch - 30, 1)
                events.event(
                    "cpu_op", "record_param_comms", launch - 20, 5,
                    #""Collective name":"\#(isSend ? "send" : "recv")","dtype":"Float","In msg nelems":4,"#
                        + #""\#(isSend ? "Dst Rank" : "Src Rank")":\#(isSend ? 1 : 0)"#)
                events.event("user_annotation", "nccl:coalesced", launch - 2, 8)
            })
        #expect(run.pipeline?.ranks.map(\.total.waiting) == [220_000, 280_000])
        #expect(run.notes.isEmpty)
    }

    @Test("A kernel that sends and receives in one batch is both ends") func bothDirections() throws {
        let traces = try [0, 1].map { rank in
            var events = KinetoEvents(rank: rank)
            events.launched("gemm", at: 995, 1000, 100 + 100 * rank, stream: 7)
            for peer in [1 - rank] {
                events.event("user_annotation", "nccl:send \(rank)->\(peer)", 1010, 2)
                events.event("user_annotation", "nccl:recv \(rank)<-\(peer)", 1014, 2)
            }
            events.launched(Self.sendReceive, at: 1020, 1100 + 100 * rank, 120 - 100 * rank)
            return try events.trace()
        }
        let run = RunAnalysis(traces)
        // Rank 0 waits 100 µs until rank 1 starts its part.
        #expect(run.pipeline?.ranks.map(\.total.waiting) == [100_000, 0])
        #expect(run.clocks.map(\.offset) == [0, 0])
    }

    @Test("If nothing tells the peers, a note says why there is no pipeline") func unknownPeers() throws {
        let run = RunAnalysis(try ranks { _, _, _ in })
        #expect(run.pipeline == nil)
        #expect(
            run.notes.map(\.note.text) == [
                "no pipeline is derived from 4 kernels that send or receive and name neither peer nor process group"
            ])
        // One rank has no pipeline, so that its peers do not matter.
        #expect(RunAnalysis([try ranks { _, _, _ in }[0]]).notes.isEmpty)
    }

    @Test("An all-to-all that runs as sends and receives is no message") func allToAll() throws {
        let run = RunAnalysis(
            try ranks { events, _, launch in events.event("user_annotation", "nccl:all_to_all", launch - 2, 8) })
        #expect(run.pipeline == nil && run.notes.isEmpty && run.collectives.count == 2)
    }

    @Test("Numbers that several groups share tell no peer") func ambiguousNumbers() throws {
        let run = RunAnalysis(
            try ranks { events, isSend, launch in
                events.event("user_annotation", isSend ? "nccl:send 0->1" : "nccl:recv 0<-1", launch - 2, 8)
            })
        #expect(run.pipeline == nil && run.notes.map(\.note.kind) == [.messagesWithoutPeer])
    }

    @Test("Messages to a rank without a trace are counted") func absentPeers() throws {
        let run = RunAnalysis(
            try ranks { events, isSend, launch in
                events.event("user_annotation", isSend ? "nccl:send 0->5" : "nccl:recv 1<-7", launch - 2, 8)
            })
        #expect(run.pipeline == nil && run.notes.map(\.note.kind) == [.messagesWithoutCounterpart])
        #expect(run.notes.map(\.note.count) == [4])
    }

    @Test(
        "Names of ranges give direction and numbers",
        arguments: [
            ("nccl:send 0->1", true, 0, 1), ("nccl:recv 12<-3", false, 12, 3), ("nccl:send", true, nil, nil),
            ("c10d::recv_", false, nil, nil), ("ncclSend", true, nil, nil),
        ] as [(String, Bool, Int?, Int?)])
    func names(_ name: String, _ isSend: Bool, _ own: Int?, _ peer: Int?) throws {
        let range = try #require(MessageRange(name: name))
        #expect(range.isSend == isSend && range.own == own && range.peer == peer)
    }

    @Test("Other ranges are no messages", arguments: ["nccl:all_reduce", "send", "nccl:coalesced", ""])
    func otherNames(_ name: String) { #expect(MessageRange(name: name) == nil) }
}

import RankHeartbeats
import Testing

@Suite("Ages of heartbeats") struct ObserverTests {
    /// Ranks whose heartbeats and operations a test moves, and an observer that reads them four times per second.
    private struct Watched {
        var beats: [RankBeat]
        var stopped: Set<Int> = []
        var now = Duration.seconds(100)
        var observer: HeartbeatObserver

        init(_ size: Int, limits: HeartbeatLimits = HeartbeatLimits()) {
            beats = Array(repeating: RankBeat(), count: size)
            observer = HeartbeatObserver(limits)
            for rank in beats.indices {
                beats[rank].beats = 1
                beats[rank].phase = .training
            }
        }

        /// Reads for `seconds`, and lets the ranks in `alive` beat, and those in `working` work.
        mutating func run(_ seconds: Double, alive: [Int], working: [Int] = []) -> RankLoss? {
            for _ in 0..<Int(seconds * 4) {
                now += .milliseconds(250)
                for rank in alive { beats[rank].beats += 1 }
                for rank in working { beats[rank].operations += 1 }
                if let loss = read() { return loss }
            }
            return nil
        }

        mutating func read() -> RankLoss? {
            observer.loss(
                beats.enumerated().map { HeartbeatObserver.Reading($1, isStopped: stopped.contains($0)) }, at: now)
        }
    }

    @Test("A rank without heartbeats is lost after 15 s") func silence() {
        var watched = Watched(2)
        #expect(watched.run(30, alive: [0, 1]) == nil)
        #expect(watched.run(14.75, alive: [0]) == nil)
        let loss = watched.run(0.25, alive: [0])
        #expect(loss?.kind == .silent && loss?.rank == 1 && loss?.duration == .seconds(15))
    }

    @Test("A rank that has not sent its first heartbeat is lost only if its process is stopped") func loading() {
        var watched = Watched(2)
        watched.beats[1].beats = 0
        #expect(watched.run(1_000, alive: [0]) == nil)
        watched.stopped = [1]
        #expect(watched.run(14.75, alive: [0]) == nil)
        #expect(watched.run(0.5, alive: [0])?.rank == 1)
    }

    @Test("All ages start again after the observer was itself stopped") func clockJump() {
        var watched = Watched(2)
        #expect(watched.run(10, alive: [0]) == nil)
        watched.now += .seconds(1_000)
        #expect(watched.read() == nil)
        #expect(watched.run(14.75, alive: [0]) == nil)
        #expect(watched.run(0.25, alive: [0])?.rank == 1)
    }

    @Test("A delay of the observer that is short beside the limit changes no age") func shortDelay() {
        var watched = Watched(2)
        #expect(watched.run(10, alive: [0]) == nil)
        watched.now += .seconds(4)
        #expect(watched.read() == nil)
        #expect(watched.run(1.25, alive: [0])?.rank == 1)
    }

    @Test("A rank without progress is lost after 15 s, and an operation may take ten times as long as before")
    func progress() {
        var watched = Watched(2)
        watched.beats[0].wait = "receive"
        watched.beats[0].peers = [1]
        watched.beats[1].segment = "experts F"
        // The operation takes 3 s.
        #expect(watched.run(3, alive: [0, 1]) == nil)
        watched.beats[1].operations += 1
        watched.beats[1].segment = "attention F"
        #expect(watched.run(3, alive: [0, 1], working: [1]) == nil)
        #expect(watched.run(14.5, alive: [0, 1]) == nil)
        #expect(watched.run(1, alive: [0, 1])?.kind == .stuck)
        watched.beats[1].segment = "experts F"
        watched.beats[1].operations += 1
        #expect(watched.run(27, alive: [0, 1]) == nil)
        let loss = watched.run(4, alive: [0, 1])
        #expect(loss?.kind == .stuck && loss?.rank == 1 && loss?.waiting == [0])
    }

    @Test("The times of the first step count for later steps") func firstStep() {
        var watched = Watched(2)
        watched.beats[0].wait = "receive"
        watched.beats[0].peers = [1]
        watched.beats[1].segment = "experts F"
        watched.beats[1].phase = .firstStep
        #expect(watched.run(20, alive: [0, 1]) == nil)
        watched.beats[1].operations += 1
        watched.beats[1].phase = .training
        #expect(watched.run(190, alive: [0, 1]) == nil)
        #expect(watched.run(20, alive: [0, 1])?.kind == .stuck)
    }

    @Test("A long operation for which no rank waits is no loss") func unawaited() {
        var watched = Watched(2)
        #expect(watched.run(1_000, alive: [0, 1], working: [0]) == nil)
    }

    @Test(
        "CONTRAFLOW_HEARTBEAT_TIMEOUT sets the limit, and 0 removes it",
        arguments: [(nil, 15), ("2", 2), ("86400", 86_400), ("0", 1 << 32)] as [(String?, Int)])
    func limits(text: String?, seconds: Int) throws {
        let environment = text.map { ["CONTRAFLOW_HEARTBEAT_TIMEOUT": $0] } ?? [:]
        #expect(try HeartbeatLimits(environment: environment).age == .seconds(seconds))
    }

    @Test("A wrong CONTRAFLOW_HEARTBEAT_TIMEOUT is refused", arguments: ["", "-1", "86401", "1.5", "soon"])
    func wrongLimits(text: String) {
        let error = #expect(throws: HeartbeatError.self) {
            try HeartbeatLimits(environment: ["CONTRAFLOW_HEARTBEAT_TIMEOUT": text])
        }
        #expect(error?.description.hasPrefix("CONTRAFLOW_HEARTBEAT_TIMEOUT is '\(text)'") == true)
    }
}
